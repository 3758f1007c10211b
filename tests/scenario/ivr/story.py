"""Stories of callers in menus, played on the whole of call control without sound.

A story is a short flow and what a caller does in it. Every story is also played with the caller
hanging up after each step, with his language missing, and with each of its prompts missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from drivers.line import LoopCurrentLost
from firmware.core.log_entries import CallClosed, LogEntry
from firmware.core.settings import Settings
from firmware.daemons.lobby import OutsideLookUp, flow_problems
from ivr.orders import LookedUp
from tests.bench.overrides import settings_document
from tests.unit.desk import Desk

FILE = Path(__file__).parent / "stories.yml"
LINE = "fxo/1"
CALLER = "13800138000"
STEP_MS = 100
PATIENCE_MS = 60_000
LONGEST_MS = 900_000
ALWAYS: dict[str, Any] = {
    "person": {"kind": "ring_group", "number": "200", "no_answer": "bye", "busy": "bye"},
    "bye": {"kind": "hang_up"},
}


@dataclass(frozen=True)
class Story:
    """One story. ``kind`` is the node it is about, ``case`` what happens there."""

    kind: str
    case: str
    title: str
    flow: dict[str, Any]
    settings: dict[str, Any]
    caller: str
    web: str
    calls: int
    clock: str
    missing: tuple[str, ...]
    proves: tuple[str, ...]
    steps: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.case}"


def stories() -> list[Story]:
    """All of the file."""
    return [_story(one) for one in yaml.safe_load(FILE.read_text("utf-8"))]


def _story(one: dict[str, Any]) -> Story:
    flow = {
        "schema": 2,
        "name": "story",
        "start": "start",
        "nodes": {**one["nodes"], **ALWAYS},
        "operator": one.get("operator", "person"),
        "exhausted": "bye",
        **one.get("flow", {}),
    }
    return Story(
        kind=one["kind"],
        case=one["case"],
        title=one["title"],
        flow=flow,
        settings=one.get("settings", {}),
        caller=one.get("caller", CALLER),
        web=one.get("web", ""),
        calls=one.get("calls", 0),
        clock=one.get("clock", "2026-03-02T01:00:00+00:00"),
        missing=tuple(one.get("missing", ())),
        proves=tuple(str(one.get("proves", "")).split()),
        steps=tuple(one["steps"]),
    )


class Prompts:
    """Every prompt is there but some."""

    def __init__(self, *missing: str) -> None:
        self.missing = missing

    def has(self, name: str) -> bool:
        return not any(name.startswith(part) or name.endswith(part) for part in self.missing)

    def fingerprint(self, prompts: tuple[str, ...]) -> str:
        return "+".join(prompts)


class Play:
    """One playing of a story."""

    def __init__(self, story: Story, *missing: str) -> None:
        self.story = story
        base = msgspec.to_builtins(Settings())
        document = settings_document(base, story.settings)
        document["flows"] = {**document["flows"], "story": story.flow}
        document["inbound"] = "flow:story"
        self.settings = msgspec.convert(document, Settings)
        refused = flow_problems(self.settings, "en")
        assert not refused, refused
        self.desk = Desk.ready(self.settings)
        self.desk.office.lobby.prompts = Prompts(*story.missing, *missing)
        self._heard = 0
        self._looked = 0
        self._due: list[tuple[int, str, LookedUp]] = []
        self.desk.office.tell_time(datetime.fromisoformat(story.clock), self.desk.now_ms)
        if story.caller:
            self.desk.call_in(number=story.caller)
        else:
            self.desk.burst(LINE)
            self.desk.burst(LINE, off_ms=700)

    def pass_time(self, ms: int) -> None:
        """Let time pass, with other machines answering."""
        end_ms = self.desk.now_ms + ms
        while self.desk.now_ms < end_ms:
            self.desk.wait(min(STEP_MS, end_ms - self.desk.now_ms))
            self._answer_web()

    def _answer_web(self) -> None:
        now_ms = self.desk.now_ms
        for effect in self.desk.effects[self._looked :]:
            if isinstance(effect, OutsideLookUp) and self.story.web != "slow":
                order = effect.order
                row = {"name": "Li Lei", "balance": "1250"} if self.story.web == "found" else None
                if order.source == "calls":
                    row = {"count": str(self.story.calls)} if self.story.calls else None
                failed = "500" if self.story.web == "broken" else ""
                answer = LookedUp(ask=order.ask, row=row, failed=failed)
                self._due.append((now_ms + 700, effect.call, answer))
        self._looked = len(self.desk.effects)
        for due in [due for due in self._due if due[0] <= now_ms]:
            self._due.remove(due)
            self.desk._take(self.desk.office.looked_up(due[1], due[2], now_ms))

    # --- steps ------------------------------------------------------------------------------------

    def step(self, step: dict[str, Any], language: str = "zh-CN") -> None:
        """One step; an expectation that does not come true says what was heard."""
        ((what, value),) = step.items()
        match what:
            case "hears":
                self._hears([value] if isinstance(value, str) else value, language)
            case "keys":
                for key in str(value):
                    self.desk.key(LINE, key, gap_ms=0)
                    self.pass_time(200)
            case "wait":
                self.pass_time(int(float(value) * 1000))
            case "rings":
                port = next(e.port for e in self.settings.extensions if e.number == str(value))
                assert self._until(lambda: port in self.desk.ringing), f"{value} does not ring"
            case "answers":
                port = next(e.port for e in self.settings.extensions if e.number == str(value))
                self.desk.lift(port)
                self.pass_time(1_000)
            case "clears":
                self.hang_up()
            case "ends":
                assert self._until(lambda: bool(self.desk.entries(CallClosed)), LONGEST_MS)
                assert self.desk.outcome == value, self.desk.outcome
            case "entry":
                self._entry(dict(value))
            case "no_entry":
                kinds = [type(entry).__name__ for entry in self.desk.log]
                assert value not in kinds
            case "recorded":
                recorded = any("rec" in name for name in self.desk.recordings)
                assert recorded is value, self.desk.recordings
            case _:
                raise ValueError(f"{what!r} is no step of a story")

    def _until(self, true: Any, ms: int = PATIENCE_MS) -> bool:
        end_ms = self.desk.now_ms + ms
        while not true():
            if self.desk.now_ms >= end_ms:
                return False
            self.pass_time(STEP_MS)
        return True

    def plays(self) -> list[tuple[str, ...]]:
        """What was played to the line, one tuple per play-out."""
        return [
            effect.prompts
            for effect in self.desk.effects
            if type(effect).__name__ == "Play" and effect.port == LINE
        ]

    def _hears(self, wanted: list[str], language: str) -> None:
        names = [name if "/" in name else f"{language}/{name}" for name in wanted]

        def there() -> bool:
            for at, prompts in enumerate(self.plays()[self._heard :], self._heard):
                places = [prompts.index(name) if name in prompts else -1 for name in names]
                if -1 not in places and places == sorted(places):
                    self._heard = at + 1
                    return True
            return False

        assert self._until(there), f"{names} not in {self.plays()[self._heard :]}"

    def _entry(self, wanted: dict[str, Any]) -> None:
        kind = wanted.pop("is")
        found = [e for e in self.desk.log if type(e).__name__ == kind]
        fields = [{k: getattr(e, k) for k in wanted} for e in found]
        assert wanted in fields, f"{kind}: {fields}"

    def hang_up(self) -> None:
        """The exchange opens the loop."""
        if LINE in self.desk.seized:
            self.desk.tell(LoopCurrentLost(port=LINE, at_ms=self.desk.now_ms))
        self.pass_time(20_000)

    def steps(self, count: int | None = None, language: str = "zh-CN") -> None:
        """The first ``count`` steps, or all."""
        for step in self.story.steps[:count]:
            self.step(step, language)

    def ended_well(self) -> None:
        """One record, closed; nothing runs and nothing is held."""
        closed = self.desk.entries(CallClosed)
        assert len(closed) == 1, closed
        assert not self.desk.office._runs
        assert LINE not in self.desk.seized
        assert not self.desk.recordings
        assert all(isinstance(entry, LogEntry) for entry in self.desk.log)
