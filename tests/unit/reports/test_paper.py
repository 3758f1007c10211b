"""A report on paper: the hour worked out by hand, read back by a program that no one here wrote."""

from __future__ import annotations

import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest

from firmware.core.report_settings import ChangeNote, Reports, Target, target_of
from firmware.core.settings import Settings, validate
from firmware.reports.example import entries
from firmware.reports.live import facts_of
from firmware.reports.measures import MEASURES, Figure
from firmware.reports.paper import NoFontError, paper
from firmware.reports.report import Period
from firmware.reports.sheet import Sheet, as_csv, entry, sheet

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 3, 7, 30)  # noqa: DTZ001 - the office's own clock


def made(language: str) -> Sheet:
    return sheet(
        facts_of(entries()),
        period=Period.DAY,
        day=DAY,
        language=language,
        office="上海示例公司",
        targets=Reports().targets,
    )


def read(pdf: bytes, folder: Path) -> str:
    """What poppler reads, with the places of words kept."""
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", ("日报", "2026-03-02", "进入队列", "至少 80.0 %", "第 1 页，共", "统计口径")),
        ("en", ("Report of a day", "Offered", "at least 80.0 %", "Page 1 of", "By the hour")),
    ],
)
def test_paper_says_what_the_sheet_says(
    tmp_path: Path, language: str, said: tuple[str, ...]
) -> None:
    report = made(language)
    text = read(paper(report, AT), tmp_path)
    for words in (*said, "上海示例公司", "2026-03-03 07:30"):
        assert words in text
    lines = ["".join(line.split()) for line in text.splitlines()]  # gaps are poppler's guess
    for one in report.entries:
        row = "".join(f"{one.name}{one.value}{one.parts}{one.target}".split())
        assert any(line.startswith(row) for line in lines), row
    for name, formula in report.formulas:
        row = "".join(f"{name}{formula}".split())
        assert any(line.startswith(row[:40]) for line in lines), row


def test_the_letters_come_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.pdf"
    path.write_bytes(paper(made("zh-CN"), AT))
    assert path.stat().st_size < 200_000
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True)
    rows = fonts.stdout.splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)  # embedded, subset


def test_without_a_font_it_is_told_and_not_written(tmp_path: Path) -> None:
    with pytest.raises(NoFontError, match="fonts-wqy-microhei"):
        paper(made("en"), AT, tmp_path / "none.ttc")


def test_the_table_of_the_sheet_is_the_csv() -> None:
    text = "".join(as_csv(made("en")))
    assert "Service level" in text
    assert "By queue" in text


@pytest.mark.parametrize(
    ("value", "reach", "met"),
    [(0.80, "least", True), (0.79, "least", False), (0.80, "most", True), (0.81, "most", False)],
)
def test_a_target_is_met_at_its_own_value(value: float, reach: str, met: bool) -> None:
    found = Figure(value=value, top=value * 100, bottom=100)
    assert entry("sl", found, "en", Target(figure="sl", value=80, reach=reach)).met is met
    nothing = Figure(value=None, top=0, bottom=0)
    assert entry("sl", nothing, "en", Target(figure="sl", value=80, reach=reach)).met is None


def test_a_target_belongs_to_whom_it_names_until_its_last_day() -> None:
    targets = (
        Target(figure="sl", value=80),
        Target(figure="sl", value=90, whose="601", since="2026-03-01", until="2026-03-31"),
        Target(figure="sl", value=70, whose="601"),
    )
    last, after = date(2026, 3, 31), date(2026, 4, 1)
    assert target_of(targets, "sl", last).value == 80
    assert target_of(targets, "sl", last, "601").value == 90
    assert target_of(targets, "sl", after, "601").value == 70
    assert target_of(targets, "sl", last, "602") is None


def test_mistakes_in_targets_and_notes_are_said() -> None:
    settings = Settings(
        language="en",
        reports=Reports(
            targets=(
                Target(figure="sl", value=80, since="2026-03-02", until="2026-03-01"),
                Target(figure="sl", value=80, whose="999"),
            ),
            notes=(ChangeNote(day="soon", text=" "),),
        ),
    )
    said = validate(settings, "en")
    assert "is before its first, 2026-03-02" in said["reports.targets.0.until"]
    assert said["reports.targets.1.whose"] == "There is no queue or agent 999."
    assert "soon is no day" in said["reports.notes.0.day"]
    assert said["reports.notes.0.text"] == "A note must say something."


def test_the_target_of_a_day_is_the_one_that_began_last() -> None:
    targets = (
        Target(figure="sl", value=70),
        Target(figure="sl", value=90, since="2026-04-01"),
        Target(figure="sl", value=80, since="2026-03-02"),
        Target(figure="asa", value=20, reach="most"),
    )
    held = {
        day: target_of(targets, "sl", date.fromisoformat(day)).value
        for day in ("2026-03-01", "2026-03-02", "2026-03-31", "2026-04-01")
    }
    assert held == {"2026-03-01": 70, "2026-03-02": 80, "2026-03-31": 80, "2026-04-01": 90}
    assert target_of(targets, "aht", DAY) is None


def test_the_figures_of_the_defaults_are_figures() -> None:
    assert all(target.figure in MEASURES for target in Reports().targets)


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        (Reports(mail_to=("boss",)), "boss is no mail address."),
        (Reports(at="7:30"), "must be from 00:00 to 23:59"),
        (Reports(targets=(Target(figure="SL!", value=1),)), "There is no figure SL!"),
        (Reports(targets=(Target(figure="sl", value=1, since="soon"),)), "soon is no day"),
    ],
)
def test_bad_settings_are_told(reports: Reports, said: str) -> None:
    problems = validate(Settings(reports=reports), "en")
    assert any(said in sentence for sentence in problems.values()), problems
