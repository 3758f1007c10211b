"""The memory of the office asked through calld's desk and on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firmware.control.messages import Refused
from firmware.control.office_messages import (
    AskFigures,
    ErasedAnswer,
    ErasePerson,
    FiguresAnswer,
    NoteAudit,
)
from firmware.daemons.cli.__main__ import main
from firmware.daemons.clock_trust import ClockTrust
from firmware.daemons.desks.memory_desk import MemoryDesk
from firmware.reports import example
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    mark_new(tmp_path / "settings")
    return tmp_path


def hour(data: Path) -> tuple[MemoryDesk, Records]:
    """The hour worked out by hand, kept and told as calld does."""
    records = Records.open(data / "records.sqlite")
    settings = SettingsStore(data / "settings")
    desk = MemoryDesk(records, settings, data, boot="b", clock=ClockTrust(trusted=True))
    entries = example.entries()
    for first in range(0, len(entries), 10):
        batch = entries[first : first + 10]
        now_ms = batch[-1].at_ms
        wall = BEGIN + timedelta(milliseconds=now_ms)
        records.append(batch, boot="b", wall=wall, trusted=True, now_ms=now_ms)
        desk.told(batch, now_ms, wall)
    return desk, records


LATER = BEGIN + timedelta(hours=2)


def test_live_figures_of_today_are_those_of_the_pencil(data: Path) -> None:
    desk, _ = hour(data)
    answer, _ = desk.answer(AskFigures(codes=("n", "a", "sl_c", "asa")), 7_200_000, LATER)
    assert isinstance(answer, FiguresAnswer)
    found = answer.parts[""]
    assert (found["n"].value, found["a"].value) == (14, 9)
    assert (found["sl_c"].top, found["sl_c"].bottom) == (7, 10)
    assert found["asa"].value == pytest.approx(159 / 9)


def test_tomorrow_begins_with_nothing(data: Path) -> None:
    desk, _ = hour(data)
    tomorrow = BEGIN + timedelta(days=1)
    answer, _ = desk.answer(AskFigures(codes=("n",)), 90_000_000, tomorrow)
    assert answer.parts[""]["n"].value == 0


def test_an_unknown_figure_is_refused_by_name(data: Path) -> None:
    desk, _ = hour(data)
    answer, _ = desk.answer(AskFigures(codes=("magic",)), 0, LATER)
    assert answer == Refused(id="unknown-figure", message="there is no figure magic")


def test_who_looked_at_what_is_an_entry_of_the_log(data: Path) -> None:
    desk, _ = hour(data)
    asked = NoteAudit(who="ann", origin="page", action="play", what="00000001-rec1")
    _, (entry,) = desk.answer(asked, 7_200_000, LATER)
    assert (entry.who, entry.action, entry.what) == ("ann", "play", "00000001-rec1")


def test_erasing_through_the_desk(data: Path) -> None:
    desk, records = hour(data)
    answer, _ = desk.answer(ErasePerson(number="13800000007", who="ann"), 7_200_000, LATER)
    assert isinstance(answer, ErasedAnswer)
    assert (answer.calls, answer.remains) == (2, {})
    assert records.call("00000014").caller_number == ""
    refused, _ = desk.answer(ErasePerson(number="201", who="ann"), 7_200_000, LATER)
    assert refused.id == "number-too-short"


# --- the command line -----------------------------------------------------------------------------


def test_the_self_test_of_figures_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "selftest", "figures"]) == 0
    assert "All 52 hold." in capsys.readouterr().out
    assert main(["--lang", "zh-CN", "selftest", "figures"]) == 0
    assert "52 项全部一致" in capsys.readouterr().out


def test_a_report_prints_figures_with_formula_and_policy(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hour(data)[1].close()
    command = ["--lang", "en", "--data", str(data), "report", "--day", "2026-03-02"]
    assert main([*command, "--figure", "n", "--figure", "sl_c"]) == 0
    said = capsys.readouterr().out
    assert "70.0% (7/10)" in said
    assert "A(T) / (A + B - B(T))" in said
    assert "T = 20 s, S = 5 s" in said
    assert main([*command, "--by", "agent", "--figure", "talk", "--csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[1].startswith("A,talk,Talk,560,")  # 150 + 95 + 60 + 180 + 75
    assert main([*command, "--figure", "magic"]) == 1
    assert "there is no figure magic" in capsys.readouterr().err
    assert main([*command[:-1], "yesterday"]) == 1
    assert "yesterday is no day" in capsys.readouterr().err


def test_exports_and_the_chain_on_the_command_line(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hour(data)[1].close()
    at = ["--lang", "en", "--data", str(data)]
    assert main([*at, "export", "calls"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 16
    assert main([*at, "export", "queue-log", "--output", str(data / "queue_log")]) == 0
    assert "|ENTERQUEUE|" in (data / "queue_log").read_text()
    assert main([*at, "verify"]) == 0
    assert "is whole" in capsys.readouterr().out


def test_a_backup_is_made_checked_and_restored(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hour(data)[1].close()
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse battery\n")
    at = ["--lang", "en", "--data", str(data)]
    file = str(tmp_path / "box.tipring")
    options = ["--passphrase-file", str(phrase)]
    assert main([*at, "backup", "make", file, *options]) == 0
    assert "15 calls" in capsys.readouterr().out
    assert main([*at, "backup", "check", file, *options]) == 0
    other = tmp_path / "other"
    assert main(["--data", str(other), "backup", "restore", file, *options]) == 0
    assert (other / "records.sqlite").exists()
    assert main([*at, "backup", "restore", file, *options]) == 1
    assert "is not empty" in capsys.readouterr().err
