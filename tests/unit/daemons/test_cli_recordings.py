"""Recordings and consents on the command line, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.core.desk_entries import ConsentNoted
from firmware.core.log_entries import RecordingEnded, RecordingStarted
from firmware.core.menu_entries import ConsentRefused
from firmware.daemons.cli.__main__ import main
from firmware.daemons.cli.recordings import MAP, WORDS
from firmware.daemons.desks.archive import Archive
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, wall
from tests.unit.storage.test_vault import recorded


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A recording that is kept, one that is gone, and two people who were asked."""
    records = Records.open(tmp_path / "records.sqlite")
    for number in (1, 2):
        call = f"{number:08d}"
        wav = tmp_path / "recordings" / f"{call}-rec1.wav"
        recorded(wav, 3)
        story = inbound(call)
        at_ms = story[-1].at_ms
        story[-1:-1] = [
            ConsentNoted(
                call=call,
                at_ms=at_ms,
                party="fxo/1",
                notice="zh-CN/recorded-notice",
                language="zh-CN",
                heard_ms=3_400,
                of_ms=3_400,
                agreed=True,
            ),
            RecordingStarted(
                call=call, at_ms=at_ms, recording=wav.stem, port="fxo/1", path=str(wav)
            ),
            RecordingEnded(call=call, at_ms=at_ms, recording=wav.stem, duration_ms=3_000),
        ]
        records.append(story, boot=BOOT, wall=wall(at_ms), trusted=True, now_ms=at_ms)
    refused = ConsentRefused(
        call="00000002",
        at_ms=at_ms,
        prompts=("en/recorded-consent",),
        sha256="0" * 64,
        language="en",
        heard_ms=2_000,
        key="2",
    )
    records.append([refused], boot=BOOT, wall=wall(at_ms), trusted=True, now_ms=at_ms)
    records.close()
    archive = Archive(tmp_path / "recordings", tmp_path / "keys", tmp_path / "run", aside=False)
    archive.put_all_away(())
    archive.remove("00000002-rec1")
    return tmp_path


def test_the_list_says_what_is_there_and_what_is_gone(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, sealed, gone in (("en", "sealed", "gone"), ("zh-CN", "加密", "已删除")):
        assert main(["--lang", language, "--data", str(data), "recordings", "list"]) == 0
        rows = capsys.readouterr().out.splitlines()
        (first,) = [row for row in rows if "00000001-rec1" in row]
        (second,) = [row for row in rows if "00000002-rec1" in row]
        assert sealed in first
        assert "3 s" in first
        assert gone in second


def test_the_ledger_says_what_each_was_told_and_whether_he_agreed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", "--data", str(data), "privacy", "consents"]) == 0
    rows = capsys.readouterr().out.splitlines()
    agreed = [row for row in rows if "recorded-notice" in row]
    assert len(agreed) == 2
    assert all("3.4" in row and row.rstrip().endswith("yes") for row in agreed)
    (refused,) = [row for row in rows if "recorded-consent" in row]
    assert refused.split()[-2:] == ["2", "no"]


def test_every_word_has_both_languages() -> None:
    for key, words in WORDS.items():
        assert all(words), key
    for names, why, who, place in MAP:
        assert all((*names, *why, *who, place))
