"""Call control that dies again and again: telephones and lines go on. Virtual time.

The settings that served last are in force, without the menu that may be what kills it; the newest
stay kept, and an alarm says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from firmware.control.messages import AskSettings, SaveSettings
from firmware.daemons.compose import build_calld
from firmware.daemons.upkeep.starts import IN_ONE_BOOT, SERVED_MS
from tests.bench.box import Box
from tests.bench.through import passage

CALLER = "13800138000"


class Counted(Box):
    """A box whose starts are counted, as on the appliance."""

    def start_calld(self) -> None:
        self.calld = build_calld(
            self.machine, boot=self._boot, now_ms=self.now_ms, wall=self.wall, counted=True
        )

    def ask(self, message: Any) -> Any:
        answers: list[Any] = []
        assert self.calld is not None
        self.calld.request(message, answers.append, self.now_ms, self.wall)
        return answers[-1]

    def save(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
        """Save what ``change`` makes of the settings; the version they get."""
        now = self.ask(AskSettings())
        document = change(now.settings)
        said = self.ask(SaveSettings(base=now.version, who="owner", why="", settings=document))
        assert hasattr(said, "version"), said
        return int(said.version)


def renumbered(document: dict[str, Any]) -> dict[str, Any]:
    """Extension 201 becomes 209, wherever it is named."""
    renamed: dict[str, Any] = json.loads(json.dumps(document).replace('"201"', '"209"'))
    return renamed


def hears(box: Box, source: Any, sink: Any) -> bool:
    return passage(source, sink, lambda ms: box.run_for(int(ms))).heard


@pytest.mark.slow
def test_calls_between_ports_go_on_with_the_settings_that_served_last() -> None:
    with Counted(block_samples=160) as box:
        good = box.save(lambda document: dict(document, language="en"))
        box.run_for(SERVED_MS + 1_000)
        newest = box.save(renumbered)
        assert (good, newest) == (1, 2)
        for _ in range(IN_ONE_BOOT + 1):  # the change kills it as soon as it has been read
            box.kill_calld()
            box.run_for(1_000)
            box.start_calld()
        assert box.run_until(lambda: box.card_ready, 20_000)

        # From outside: no menu, every telephone, whoever lifts first has the caller.
        line = box.line(1)
        line.call(CALLER)
        telephones = [box.telephone(n) for n in ("201", "202", "203", "204")]
        assert box.run_until(lambda: all(t.ringing for t in telephones), 20_000)
        telephones[2].lift()
        assert box.run_until(lambda: line.state == "talking", 3_000)
        box.run_for(1_000)
        assert hears(box, line, telephones[2])
        assert hears(box, telephones[2], line)
        line.hang_up("busy tone")
        assert box.run_until(lambda: not line.seized, 6_000)
        telephones[2].replace()
        box.run_for(3_000)

        # Within: 201 is 201 again, the number that served.
        telephones[1].lift()
        box.run_for(1_000)
        telephones[1].press("201")
        assert box.run_until(lambda: telephones[0].ringing, 10_000)
        telephones[0].lift()
        box.run_for(1_000)
        assert hears(box, telephones[0], telephones[1])
        for telephone in telephones[:2]:
            telephone.replace()
        box.run_for(3_000)

        outcomes = [(record["direction"], record["outcome"]) for record in box.records()]
        assert outcomes == [("inbound", "answered"), ("internal", "answered")]
        status = box.status()
        assert status is not None
        assert any("安全模式" in alarm or "Safe mode" in alarm for alarm in status.alarms)
        kept = box.ask(AskSettings())
        assert kept.version == newest
        assert "209" in {one["number"] for one in kept.settings["extensions"]}
