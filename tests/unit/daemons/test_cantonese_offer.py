"""The menus of a new box offer Cantonese as soon as the office has recorded the offer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from firmware.core.settings import Hours, Settings
from firmware.daemons.prompt_book import PromptBook
from firmware.daemons.what_if import what_if
from ivr.check import Office, problems
from ivr.owner import OwnPrompts
from ivr.polish import polish
from ivr.prompts import PromptStore
from ivr.shipped import SHIPPED, with_cantonese

OFFICE = Settings(hours=Hours(week={"mon": ("09:00-18:00",)}))
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOLIDAY = datetime(2026, 10, 1, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def _record(folder: Path, *keys: str) -> None:
    at = np.arange(8_000) / 8_000
    voice = (6_000 * ((at % 0.25) < 0.18) * np.sin(2 * np.pi * 500 * at)).astype(np.int16)
    for key in keys:
        OwnPrompts(folder).keep(
            "zh-HK", key, polish(voice, 8_000), source="handset", who="201", at=""
        )


def _heard(folder: Path, keys: str, at: datetime = MONDAY) -> list[str]:
    book = PromptBook(PromptStore(owner_folder=folder), folder)
    steps = what_if(OFFICE, number="13800138000", line="fxo/1", at=at, keys=keys, prompts=book)
    return [name for step in steps for name in step.prompts]


def test_without_a_recording_nobody_is_offered_cantonese(tmp_path: Path) -> None:
    heard = _heard(tmp_path, "9")
    assert not [name for name in heard if name.startswith("zh-HK/")]
    assert "zh-CN/wrong-choice" in heard


@pytest.mark.parametrize("at", [MONDAY, HOLIDAY])
def test_9_is_offered_in_cantonese_and_changes_to_it(tmp_path: Path, at: datetime) -> None:
    _record(tmp_path, "language-nine", "menu-main", "menu-closed")
    heard = _heard(tmp_path, "9", at)
    menu = "menu-main" if at == MONDAY else "menu-closed"
    offer = heard.index("zh-HK/language-nine")
    assert heard[offer - 2 : offer] == [f"zh-CN/{menu}", "en/language-eight"]
    assert f"zh-HK/{menu}" in heard[offer:]
    assert heard[-1].startswith(("zh-HK/", "zh-CN/")), "what is not recorded is said in Mandarin"


def test_8_leads_from_cantonese_to_english(tmp_path: Path) -> None:
    _record(tmp_path, "language-nine", "menu-main")
    heard = _heard(tmp_path, "98")
    assert heard.index("zh-HK/menu-main") < heard.index("en/menu-main")


def test_the_menus_with_cantonese_have_no_faults() -> None:
    flows = {name: with_cantonese(flow) for name, flow in SHIPPED.items()}
    office = Office(flows=flows, extensions={"201", "202"}, groups={"200"})
    for flow in flows.values():
        assert list(problems(flow, office)) == []
