"""What supervisors did, waits and handling on the command line, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.core.acd_entries import (
    AgentJoined,
    AgentLegEnded,
    HelpAsked,
    QueueAlarm,
    QueueAnswered,
    QueueEntered,
    SupervisorActed,
    WrapUpBy,
    WrapUpEnded,
)
from firmware.daemons.cli.__main__ import main
from firmware.daemons.cli.supervision import WORDS
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, wall


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A caller who waited 42 s and was listened to; an alarm; help that nobody could give."""
    records = Records.open(tmp_path / "records.sqlite")
    call = "00000001"
    story = inbound(call)
    at_ms = story[-1].at_ms
    visit = {"call": call, "queue": "300", "visit": 1}
    served = visit | {"agent": "1001"}
    story[-1:-1] = [
        QueueEntered(at_ms=at_ms, **visit),
        QueueAnswered(at_ms=at_ms + 42_000, **served),
        AgentJoined(at_ms=at_ms + 42_000, port="fxs/1", **served),
        SupervisorActed(
            call=call,
            at_ms=at_ms + 50_000,
            supervisor="1009",
            act="listen",
            agent="1001",
            queue="300",
            port="fxs/3",
        ),
        AgentLegEnded(at_ms=at_ms + 142_000, **served),
        WrapUpEnded(at_ms=at_ms + 172_000, by=WrapUpBy.RESULT, topic="11", **served),
    ]
    story += [
        HelpAsked(call=call, at_ms=at_ms, agent="1001"),
        QueueAlarm(
            call="", at_ms=at_ms, what="long_wait", about="300", advice=("recall:1008:break",)
        ),
    ]
    records.append(story, boot=BOOT, wall=wall(at_ms), trusted=True, now_ms=at_ms)
    records.close()
    return tmp_path


def shown(data: Path, capsys: pytest.CaptureFixture[str], *command: str, lang: str = "en") -> str:
    day = wall(0).astimezone().date().isoformat()
    assert main(["--lang", lang, "--data", str(data), *command, "--day", day]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "listened", "alarm", "help_"),
    [("en", "listened", "alarm", "asked for help"), ("zh-CN", "监听", "告警", "请求协助")],
)
def test_who_did_what_to_whom(
    data: Path,
    capsys: pytest.CaptureFixture[str],
    lang: str,
    listened: str,
    alarm: str,
    help_: str,
) -> None:
    rows = shown(data, capsys, "supervision", lang=lang).splitlines()
    (row,) = [row for row in rows if listened in row]
    assert row.split()[2] == "1009"
    assert "1001" in row
    assert "00000001" in row
    assert any(alarm in row and "recall:1008:break" in row for row in rows)
    assert any(help_ in row for row in rows)


def test_the_wait_stands_in_its_half_hour(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = shown(data, capsys, "waits").splitlines()
    cells = rows[1].split()
    assert cells[2:] == ["1", "1", "42", "42.0"]
    assert "not running" in rows[-1]


def test_handling_is_compared_with_its_target(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """100 s of talk and 30 s of work: 130 of the usual 180 s."""
    rows = shown(data, capsys, "handling").splitlines()
    assert rows[1].split() == ["11", "1", "130", "130", "180", "100", "%"]


def test_a_day_without_anything_and_a_word_that_is_no_day(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("supervision", "waits", "handling"):
        assert main(["--lang", "en", "--data", str(data), command, "--day", "2001-01-01"]) == 0
        assert "There is nothing of that time." in capsys.readouterr().out
        assert main(["--lang", "zh-CN", "--data", str(data), command, "--day", "lunch"]) == 1
        assert "lunch 不是日期" in capsys.readouterr().err


def test_every_word_has_both_languages() -> None:
    for key, (chinese, english) in WORDS.items():
        assert chinese, key
        assert english, key
