"""A flow that would lose a caller is refused when it is saved, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from firmware.control.messages import RestoreSettings, SaveSettings
from firmware.core.settings import Settings
from firmware.daemons.desks.claim import ClaimWindow
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.storage.settings import SettingsStore, mark_new

WALL = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "schema": 2,
    "name": "own",
    "start": "menu",
    "operator": "all",
    "exhausted": "bye",
    "nodes": {
        "menu": {
            "kind": "menu",
            "say": ["menu-main"],
            "choices": {"1": "all"},
            "no_input": "all",
            "failed": "bye",
        },
        "all": {"kind": "ring_group", "number": "200", "no_answer": "bye", "busy": "bye"},
        "bye": {"kind": "hang_up"},
    },
}


def _desk(folder: Path) -> SettingsDesk:
    mark_new(folder)
    window = ClaimWindow(lambda: "000000")
    return SettingsDesk(
        SettingsStore(folder), "CN", window, has_prompt=lambda name: "lost" not in name
    )


def _save(desk: SettingsDesk, language: str = "en", **menu: Any) -> Any:
    nodes = {**GOOD["nodes"], "menu": {**GOOD["nodes"]["menu"], **menu}}
    flow = {**GOOD, "nodes": nodes}
    settings = msgspec.structs.replace(Settings(), flows={"own": flow}, inbound="flow:own")
    document = msgspec.to_builtins(settings)
    request = SaveSettings(
        base=desk.version, who="owner", why="menu", settings=document, language=language
    )
    return desk.save(request, WALL)


def test_a_sound_flow_is_a_version_that_can_be_taken_back(tmp_path: Path) -> None:
    desk = _desk(tmp_path)
    assert _save(desk) is None
    assert _save(desk, choices={"2": "all"}) is None
    assert desk.version == 2
    back = RestoreSettings(version=1, who="owner", why="as before")
    assert desk.restore(back, WALL) is None
    flow: Any = desk.document["flows"]
    assert flow["own"]["nodes"]["menu"]["choices"] == {"1": "all"}
    assert desk.settings.inbound == "flow:own"


def test_a_way_that_leads_nowhere_is_told_in_both_languages(tmp_path: Path) -> None:
    desk = _desk(tmp_path)
    english = _save(desk, choices={"1": "sales"})
    assert english.fields == {
        "flows.own.nodes.menu.choices.1": (
            "The way “1” out of “menu” leads to “sales”, and there is no such step."
        )
    }
    chinese = _save(desk, "zh-CN", choices={"1": "sales"})
    assert "没有这个步骤" in chinese.fields["flows.own.nodes.menu.choices.1"]
    assert desk.version == 0, "nothing was saved"


def test_prompts_that_nobody_recorded_and_rounds_without_end_are_refused(tmp_path: Path) -> None:
    desk = _desk(tmp_path)
    lost = _save(desk, say=["lost"])
    assert "no recording in Mandarin" in lost.fields["flows.own.nodes.menu.say"]
    endless = _save(desk, no_input="menu")
    assert "goes round for ever" in endless.fields["flows.own.nodes.menu"]


def test_settings_without_flows_load_as_before(tmp_path: Path) -> None:
    document = msgspec.to_builtins(Settings())
    for field in ("flows", "tables", "addresses"):
        del document[field]
    assert msgspec.convert(document, Settings) == Settings()
    assert _desk(tmp_path).settings.flows == {}
