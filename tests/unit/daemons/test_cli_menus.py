"""`tipring menus`: what callers did at every step, from the log alone."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware.core.acd_entries import WrapUpBy, WrapUpEnded
from firmware.core.menu_entries import NodePassed
from firmware.daemons.cli.__main__ import main
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, offered


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two callers: one heard a notice, pressed 1 after 4 s; the other hung up in the menu."""
    passed = [
        ("00000001", "announcement", "next", 1_000), ("00000001", "menu", "1", 4_000),
        ("00000002", "announcement", "next", 1_000), ("00000002", "menu", "hung_up", 8_000),
    ]  # fmt: skip
    records = Records.open(tmp_path / "records.sqlite")
    for call in ("00000001", "00000002"):
        records.append([offered(call)], boot=BOOT, wall=datetime.now(UTC), trusted=True)
        for of, node, way, stayed_ms in passed:
            if of == call:
                entry = NodePassed(
                    call=call, at_ms=20_000 + stayed_ms, entered_ms=20_000, flow="main",
                    edition="0a1b2c3d", node=node, exit=way,
                )  # fmt: skip
                records.append([entry], boot=BOOT, wall=datetime.now(UTC), trusted=True)
    records.close()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> str:
    assert main(["--data", str(data), *words]) in {0, None}
    return capsys.readouterr().out


def test_visits_ways_and_hang_ups_stand_in_a_table(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    rows = [
        [cell.strip() for cell in row.split("  ") if cell.strip()]
        for row in said(capsys, data, "--lang", "en", "menus").splitlines()
    ]
    assert rows[0] == ["menu", "edition", "step", "visits", "hung up", "mean stay", "ways taken"]
    assert ["main", "0a1b2c3d", "menu", "2", "1", "6 s", "1 1"] in rows
    assert rows[-1] == ["2 callers heard a notice first; 1 of them then hung up within the menu."]


def test_what_is_asked_often_is_proposed_for_a_key(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    """Twelve calls of a queue ended with a topic: nine with 11, three with 12. No page is open."""
    with closing(Records.open(data / "records.sqlite")) as records:
        for n in range(12):
            call = f"{n + 10:08}"
            ended = WrapUpEnded(
                call=call, at_ms=30_000, queue="300", visit=1, agent="1001", by=WrapUpBy.RESULT,
                topic="11" if n < 9 else "12",
            )  # fmt: skip
            for entry in (offered(call), ended):
                records.append([entry], boot=BOOT, wall=datetime.now(UTC), trusted=True)
    rows = said(capsys, data, "--lang", "en", "menus").splitlines()
    assert rows[-3:] == [
        "Most asked in 30 days, by the topic that agents keyed:",
        "  300 · 11: 9 calls, 75%; deserves a key of its own in the menu",
        "  300 · 12: 3 calls, 25%; deserves a key of its own in the menu",
    ]
    chinese = said(capsys, data, "--lang", "zh-CN", "menus")
    assert "300 · 11：9 次，75%，值得在菜单里设一个按键" in chinese
    assert json.loads(said(capsys, data, "--json", "menus"))["asked"][0]["calls"] == 9


def test_it_is_said_in_chinese_and_as_json(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    assert "其中 1 位随后在菜单里挂机" in said(capsys, data, "--lang", "zh-CN", "menus", "main")
    told = json.loads(said(capsys, data, "--json", "menus"))
    assert told["notice"] == {"heard": 2, "hung_up": 1}
    assert [(n["node"], n["visits"]) for n in told["nodes"]] == [("announcement", 2), ("menu", 2)]
    assert "No caller" in said(capsys, data, "--lang", "en", "menus", "other")
