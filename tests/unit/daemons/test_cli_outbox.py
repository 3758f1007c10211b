"""``tipring outbox``: listed, shown, given up, in both languages, from the records themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.core.menu_entries import SmsWanted
from firmware.daemons.cli.__main__ import main
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, offered, wall


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Records with one text that waits and one that was given up."""
    records = Records.open(tmp_path / "records.sqlite")
    wanted = [
        SmsWanted(call="00000001", at_ms=20_000, template="by_hand", number=number, text=text)
        for number, text in (("13800138001", "您好"), ("13800138002", "hello"))
    ]
    records.append([offered("00000001"), *wanted], boot=BOOT, wall=wall(20_000), trusted=True)
    with records.changing():
        records.post.change(2, state="failed", why="tries: +CMS ERROR: 38", tries=12)
    records.close()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> tuple[int, str]:
    code = main([*words, "--data", str(data)])
    out = capsys.readouterr()
    return code, out.out + out.err


def test_what_was_given_up_is_listed_alone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, listed = said(capsys, data, "--lang", "en", "outbox", "list")
    assert code == 0
    assert "13800138001" in listed
    assert "13800138002" in listed
    _, dead = said(capsys, data, "--lang", "en", "outbox", "dead")
    assert "13800138001" not in dead
    assert "tried too often; at last: +CMS ERROR: 38" in dead
    _, dead = said(capsys, data, "--lang", "zh-CN", "outbox", "dead")
    assert "未送达" in dead


def test_one_is_shown_with_all_that_is_known(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = said(capsys, data, "--lang", "en", "outbox", "show", "2")
    assert code == 0
    for line in ("to: 13800138002", "state: failed", "tries: 12", "words: hello"):
        assert line in shown, shown
    assert "call: 00000001" in shown
    code, shown = said(capsys, data, "--lang", "zh-CN", "outbox", "show", "99")
    assert code != 0
    assert "没有第 99 条消息" in shown
