"""Voicemail messages over restarts."""

from __future__ import annotations

from pathlib import Path

import msgspec

from firmware.storage.messages import MessageRow
from firmware.storage.records import Records


def _row(path: Path, name: str = "00000001-vm1") -> MessageRow:
    return MessageRow(
        message=name,
        mailbox="201",
        kind="message",
        path=str(path),
        left_at="2026-03-02T01:00:00+00:00",
        duration_ms=4_000,
        caller="13800138000",
        caller_name="李雷",
        heard=False,
    )


def test_a_message_is_there_after_a_restart_and_gone_with_its_file_when_erased(
    tmp_path: Path,
) -> None:
    sound = tmp_path / "a.wav"
    sound.write_bytes(b"x")
    records = Records.open(tmp_path / "records.sqlite")
    row = _row(sound)
    records.messages.keep(row)
    heard = msgspec.structs.replace(row, heard=True)
    records.messages.keep(heard)
    records.close()
    again = Records.open(tmp_path / "records.sqlite")
    assert again.messages.all() == [heard]
    again.messages.erase(heard)
    assert again.messages.all() == []
    assert not sound.exists()
    again.messages.erase(heard)
    again.close()
