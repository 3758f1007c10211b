"""One hour of one queue, worked out by hand, fed as events: the box's self-test of its figures.

Fourteen calls, two agents, T = 20 s, S = 5 s. ``EXPECTED`` holds what a person gets with a pencil;
:func:`check` feeds the events through the same steps as real ones and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from firmware.core.acd_entries import (
    AgentChanged,
    AgentHeld,
    AgentJoined,
    AgentLegEnded,
    AgentRetrieved,
    AgentState,
    CallTransferred,
    LeftBy,
    OfferEnded,
    OfferResult,
    OfferStarted,
    QueueAnswered,
    QueueEntered,
    QueueLeft,
    SurveyAnswered,
    SurveyOffered,
    SurveyWay,
    WrapUpBy,
    WrapUpEnded,
)
from firmware.core.log_entries import (
    AnyLogEntry,
    CallClosed,
    CallerKnown,
    CallOffered,
    Direction,
    Outcome,
)
from firmware.reports.facts import Facts
from firmware.reports.measures import Figure, figure
from firmware.reports.policy import Policy

QUEUE: Final = "example"
HOUR_MS: Final = 3_600_000
POLICY: Final = Policy(threshold_s=20, short_s=5, repeat_days=7)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the table; seconds after the hour."""

    call: int
    at_s: int
    wait_s: int
    talk_s: int = 0
    hold_s: int = 0
    wrap_s: int = 0
    agent: str = ""
    left: LeftBy | None = None
    callback: bool = False


ROWS: Final = (
    Row(call=1, at_s=0, wait_s=8, talk_s=150, wrap_s=40, agent="A"),
    Row(call=2, at_s=20, wait_s=15, talk_s=200, hold_s=30, wrap_s=60, agent="B"),
    Row(call=3, at_s=210, wait_s=3, left=LeftBy.ABANDONED),
    Row(call=4, at_s=300, wait_s=20, talk_s=95, wrap_s=25, agent="A"),
    Row(call=5, at_s=400, wait_s=42, talk_s=310, hold_s=55, wrap_s=120, agent="B"),
    Row(call=6, at_s=450, wait_s=18, left=LeftBy.ABANDONED),
    Row(call=7, at_s=500, wait_s=5, talk_s=60, wrap_s=20, agent="A"),
    Row(call=8, at_s=640, wait_s=65, left=LeftBy.ABANDONED),
    Row(call=9, at_s=700, wait_s=31, talk_s=180, wrap_s=45, agent="A"),
    Row(call=10, at_s=800, wait_s=90, left=LeftBy.TIMEOUT),
    Row(call=11, at_s=1100, wait_s=12, talk_s=120, hold_s=20, wrap_s=30, agent="B"),
    Row(call=12, at_s=1200, wait_s=25, left=LeftBy.CALLBACK),
    Row(call=13, at_s=1400, wait_s=17, talk_s=240, wrap_s=50, agent="B"),
    Row(call=14, at_s=1000, wait_s=9, talk_s=75, wrap_s=20, agent="A"),
    Row(call=15, at_s=1500, wait_s=0, talk_s=140, wrap_s=30, agent="A", callback=True),
)
"""Row 15 is the call back to the caller of row 12."""

PAUSE_S: Final = (3000, 3300)  # agent A
TRANSFERRED: Final = 5
UNSOLVED: Final = (5, 7)
NOT_SOLVABLE: Final = (5,)
SURVEY_KEYS: Final = {1: 1, 2: 1, 4: 1, 9: 1, 11: 2}  # offered after all nine


def _call(row: Row) -> str:
    return f"{row.call:08d}"


def _entries(row: Row) -> Iterable[AnyLogEntry]:
    call, t2 = _call(row), row.at_s * 1000
    direction = Direction.OUTBOUND if row.callback else Direction.INBOUND
    # Calls 7 and 14 are of the same customer; 15 calls back the number of 12.
    number = f"1380000{ {14: 7, 15: 12}.get(row.call, row.call):04d}"
    yield CallOffered(call=call, at_ms=t2, direction=direction, origin="fxo/1")
    yield CallerKnown(call=call, at_ms=t2, kind="number", number=number)
    yield QueueEntered(call=call, at_ms=t2, queue=QUEUE, visit=1, callback=row.callback)
    end = t2 + row.wait_s * 1000
    if row.left is not None:
        yield QueueLeft(call=call, at_ms=end, queue=QUEUE, visit=1, reason=row.left)
        yield CallClosed(call=call, at_ms=end, outcome=Outcome.ABANDONED)
        return
    agent = row.agent
    yield OfferStarted(call=call, at_ms=t2, queue=QUEUE, visit=1, offer=1, agent=agent)
    yield OfferEnded(
        call=call,
        at_ms=end,
        queue=QUEUE,
        visit=1,
        offer=1,
        agent=agent,
        result=OfferResult.ANSWERED,
        bursts=1 + row.wait_s // 5,
    )
    yield QueueAnswered(call=call, at_ms=end, queue=QUEUE, visit=1, agent=agent)
    yield AgentJoined(call=call, at_ms=end, queue=QUEUE, visit=1, agent=agent)
    if row.hold_s:
        yield AgentHeld(call=call, at_ms=end + 10_000, queue=QUEUE, visit=1, agent=agent)
        back = end + 10_000 + row.hold_s * 1000
        yield AgentRetrieved(call=call, at_ms=back, queue=QUEUE, visit=1, agent=agent)
    t6 = end + (row.talk_s + row.hold_s) * 1000
    if row.call == TRANSFERRED:
        yield CallTransferred(
            call=call, at_ms=t6, queue=QUEUE, visit=1, agent=agent, to="300", attended=True
        )
    yield AgentLegEnded(call=call, at_ms=t6, queue=QUEUE, visit=1, agent=agent, first="customer")
    yield CallClosed(call=call, at_ms=t6, outcome=Outcome.ANSWERED)
    if not row.callback:
        yield SurveyOffered(
            call=call, at_ms=t6, way=SurveyWay.STAYED, scale=2, agent=agent, queue=QUEUE
        )
        if row.call in SURVEY_KEYS:
            key = SURVEY_KEYS[row.call]
            yield SurveyAnswered(
                call=call, at_ms=t6, way=SurveyWay.STAYED, scale=2, key=key, agent=agent
            )
    yield WrapUpEnded(
        call=call,
        at_ms=t6 + row.wrap_s * 1000,
        queue=QUEUE,
        visit=1,
        agent=agent,
        by=WrapUpBy.RESULT,
        result="1",
        solved=row.call not in UNSOLVED,
        solvable=row.call not in NOT_SOLVABLE,
    )


def _states() -> Iterable[AnyLogEntry]:
    """What the agents did, as the queue's own machine would tell."""
    for agent in ("A", "B"):
        changes = [(0, AgentState.READY, ""), (3600, AgentState.LOGGED_OUT, "")]
        if agent == "A":
            changes += [
                (PAUSE_S[0], AgentState.PAUSED, "lunch"),
                (PAUSE_S[1], AgentState.READY, ""),
            ]
        for row in ROWS:
            if row.agent != agent:
                continue
            t4 = row.at_s + row.wait_s
            if row.wait_s:
                changes.append((row.at_s, AgentState.RINGING, ""))
            changes.append((t4, AgentState.TALKING, ""))
            if row.hold_s:
                changes.append((t4 + 10, AgentState.HOLDING, ""))
                changes.append((t4 + 10 + row.hold_s, AgentState.TALKING, ""))
            t6 = t4 + row.talk_s + row.hold_s
            changes += [(t6, AgentState.WRAP_UP, ""), (t6 + row.wrap_s, AgentState.READY, "")]
        # A call at the very beginning rings at once: the order of adding decides between equals.
        for at_s, state, reason in sorted(changes, key=lambda change: change[0]):
            yield AgentChanged(at_ms=at_s * 1000, agent=agent, state=state, reason=reason)


def entries() -> list[AnyLogEntry]:
    """The hour as the log would have it, oldest first."""
    found = [entry for row in ROWS for entry in _entries(row)]
    found += _states()
    return sorted(found, key=lambda entry: entry.at_ms)


EXPECTED: Final = (
    ("n", "", "14"),
    ("a", "", "9"),
    ("b", "", "3"),
    ("f", "", "2"),
    ("a_t", "", "7"),
    ("b_t", "", "2"),
    ("b_s", "", "1"),
    ("sl_a", "", "77.8%"),
    ("sl_b", "", "58.3%"),
    ("sl_c", "", "70.0%"),
    ("sl_d", "", "75.0%"),
    ("sl_e", "", "63.6%"),
    ("sl_f", "", "66.7%"),
    ("sl_g", "", "50.0%"),
    ("sl_h_ignored", "", "58.3%"),
    ("sl_h_negative", "", "50.0%"),
    ("sl_h_positive", "", "64.3%"),
    ("asa", "", "17.7 s"),
    ("wait_ab", "", "20.4 s"),
    ("wait_all", "", "25.7 s"),
    ("tta", "", "28.7 s"),
    ("tta_long", "", "41.5 s"),
    ("abandon_n", "", "21.4%"),
    ("abandon_ab", "", "25.0%"),
    ("abandon", "", "15.4%"),
    ("abandon_ab_long", "", "18.2%"),
    ("answer_n", "", "64.3%"),
    ("answer", "", "69.2%"),
    ("answer_callback", "", "71.4%"),
    ("talk", "", "1430 s"),
    ("hold", "", "105 s"),
    ("wrap", "", "410 s"),
    ("aht", "", "216.1 s"),
    ("aht_callback", "", "211.5 s"),
    ("hold_mean", "", "35.0 s"),
    ("held", "", "33.3%"),
    ("handling", "A", "880 s"),
    ("handling", "B", "1235 s"),
    ("occupancy", "A", "26.7%"),
    ("occupancy", "B", "34.3%"),
    ("occupancy", "", "30.7%"),
    ("utilisation_1", "A", "24.4%"),
    ("utilisation_1", "B", "34.3%"),
    ("utilisation_1", "", "29.4%"),
    ("utilisation_2", "A", "91.7%"),
    ("utilisation_2", "B", "100.0%"),
    ("transfer", "", "11.1%"),
    ("fcr_repeat", "", "88.9%"),
    ("fcr_key", "", "77.8%"),
    ("fcr_key_net", "", "87.5%"),
    ("csat_2", "", "80.0%"),
    ("survey_rate", "", "55.6%"),
)
"""(measure, agent or empty for all, result), as a pencil has it."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison of the self-test."""

    measure: str
    agent: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        """Whether the box counts as the pencil does."""
        return self.expected == self.found


def said(found: Figure, expected: str) -> str:
    """A figure in the form of the expectation."""
    if found.value is None:
        return "-"
    if expected.endswith("%"):
        return f"{100 * found.value:.1f}%"
    if expected.endswith(" s"):
        return f"{found.value:.1f} s" if "." in expected else f"{found.value:.0f} s"
    return f"{found.value:.0f}"


def check(facts_of: Callable[[list[AnyLogEntry]], Facts]) -> list[Line]:
    """Compare every line; ``facts_of`` turns the log into facts, as the box does."""
    facts = facts_of(entries())
    facts = msgspec.structs.replace(facts, paid_ms={"A": HOUR_MS, "B": HOUR_MS})
    lines = []
    for measure, agent, expected in EXPECTED:
        part = facts
        if agent:
            spans = tuple(span for span in facts.spans if span.agent == agent)
            part = msgspec.structs.replace(facts, spans=spans)
        found = said(figure(measure, part, POLICY), expected)
        lines.append(Line(measure=measure, agent=agent, expected=expected, found=found))
    return lines
