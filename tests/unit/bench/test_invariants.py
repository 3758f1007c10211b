"""The watch over invariants can fail: bugs are seeded in cores made for the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from firmware.core.commands import StopTone
from tests.bench.box import Box
from tests.bench.invariants import BrokenError, Sight, Watch
from tests.bench.scenario import from_document, held, play

TIMERS = {"parked": "park_return"}


@dataclass
class Leg:
    call: str
    ringing: bool = False
    knocking: bool = False


@dataclass
class Parties:
    legs: dict[str, Leg]
    away: set[str] = field(default_factory=set)
    bridge: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(name=""))

    def present(self) -> tuple[str, ...]:
        return tuple(port for port, leg in self.legs.items() if not leg.ringing)


class CoreCall:
    """A call as the watch sees it, of a core that does what the test says."""

    TABLE: ClassVar = SimpleNamespace(
        states={
            state: SimpleNamespace(timer=TIMERS.get(state))
            for state in ("talking", "held", "parked", "calling", "offering")
        }
    )
    times: ClassVar = {"park_return": 10_000}

    def __init__(self, call: str, state: str, *ports: str, **legs: Leg) -> None:
        self.call = call
        self.state = state
        found = {port: Leg(call) for port in ports} | legs
        self.parties = Parties(found)


def talk(state: str = "talking") -> CoreCall:
    return CoreCall("1", state, "fxs/1", "fxo/1")


def wrong(**seen: Any) -> list[str]:
    seen.setdefault("calls", [talk()])
    return list(Watch().wrong(Sight(now_ms=0, **seen)))


def test_a_conversation_as_it_should_be_is_in_order() -> None:
    assert not wrong(
        seized={"fxo/1"},
        phones={"fxs/1": "in_call"},
        bridges={"b": ("1", ("fxs/1", "fxo/1"))},
    )


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        ({"calls": [], "seized": {"fxo/1"}}, "fxo/1 is seized for no call"),
        ({"calls": [], "ringing": {"fxs/2"}}, "fxs/2 rings for no call"),
        ({"ringing": {"fxs/1"}}, "fxs/1 rings for no call"),
        ({"calls": [], "tones": {"fxs/1": "busy"}}, "busy tone on fxs/1 belongs to nobody"),
        ({"tones": {"fxo/1": "ringback"}}, "ringback tone on fxo/1 belongs to nobody"),
        ({"tones": {"fxs/1": "call_waiting"}}, "call_waiting tone on fxs/1 belongs to nobody"),
        ({"phones": {"fxs/3": "in_call"}}, "fxs/3 is in_call and in no call"),
        ({"bridges": {"b": ("7", ("fxs/1",))}}, "bridge b of fxs/1 belongs to no call"),
        (
            {"bridges": {"b": ("1", ("fxs/1", "fxs/4"))}},
            "the bridge of call 1 has strangers: fxs/4",
        ),
        (
            {"bridges": {"b": ("1", ("fxs/1", "fxo/1")), "c": ("1", ("fxs/1", "fxo/1"))}},
            "fxs/1 is in the bridges b and c at once",
        ),
        (
            {"bridges": {"b": ("1", ("fxo/1",))}},
            "fxo/1 is alone in the bridge of call 1 (talking)",
        ),
        ({"calls": [talk("held")]}, "call 1 is held by nobody"),
        (
            {"calls": [talk(), CoreCall("2", "talking", "fxs/1", "fxs/2")]},
            "fxs/1 is in call 1 and in call 2 at once",
        ),
        (
            {"calls": [CoreCall("1", "calling", "fxs/1", **{"fxs/2": Leg("9", ringing=True)})]},
            "the leg of fxs/2 in call 1 says it is of call 9",
        ),
        (
            {"sessions": {"fxs/1": SimpleNamespace(calls=(talk("held"),))}},
            "the session of fxs/1 has call 1, which is over",
        ),
    ],
)
def test_every_seeded_bug_has_its_sentence(seen: dict[str, object], sentence: str) -> None:
    assert sentence in wrong(**seen)


def test_one_party_may_be_alone_no_longer_than_the_timer() -> None:
    watch, call = Watch(), CoreCall("1", "parked", "fxo/1")
    for now_ms, known in ((0, True), (10_900, True), (11_100, False)):
        seen = Sight(now_ms=now_ms, calls=[call], bridges={"b": ("1", ("fxo/1",))})
        assert (not list(watch.wrong(seen))) == known, now_ms


def test_a_look_at_something_wrong_raises_every_sentence() -> None:
    with pytest.raises(BrokenError, match=r"fxo/1 is seized for no call.*at 5 ms"):
        Watch().look(Sight(now_ms=5, calls=[], seized={"fxo/1"}))


def test_a_scenario_on_a_box_with_a_bug_fails_with_the_sentence() -> None:
    """A tone is never stopped, which nobody would see in the states of the box."""
    (scenario,) = from_document(
        {
            "title": "201 calls 202",
            "telephones": {},
            "steps": [
                {"telephone 201": "lift"},
                {"within 1 s": "telephone 201 hears dial tone"},
                {"telephone 201": "dial 202"},
                {"within 3 s": "telephone 202 rings"},
                {"telephone 202": "lift"},
                "wait 500 ms",
                "port fxs/2 is in_call",
            ],
        },
        "a bug",
    )

    def lost(command: object) -> bool:
        return isinstance(command, StopTone) and command.port == "fxs/1"

    said: list[str] = []
    with Box("CN", lose=lost) as box:
        verdicts = play(scenario, box, said.append)
    assert not held(verdicts, scenario)
    assert "dial tone on fxs/1 belongs to nobody" in verdicts[-1].detail, said
