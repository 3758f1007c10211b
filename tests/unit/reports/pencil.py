"""Counting as a person would, from a table of calls: shares no code with the firmware's figures.

A day is a list of plain rows. ``tell`` writes the log that such a day leaves; ``count`` works out
the figures from the rows themselves, with nothing but sums and fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from firmware.core import acd_entries as acd
from firmware.core import log_entries as log


@dataclass
class Part:
    """One agent's part of a call: seconds."""

    agent: str
    talk: int
    wrap: int = 0
    holds: tuple[int, ...] = ()
    passed_on: str = ""  # blind or attended


@dataclass
class Stay:
    """One queue of a call: seconds of waiting, then parts of agents or a reason to leave."""

    queue: str
    wait: int
    parts: list[Part] = field(default_factory=list)
    left: str = ""
    vip: bool = False


@dataclass
class Day:
    """A call: seconds after the day's begin, its number, its stays one after the other."""

    call: int
    at: int
    number: str
    stays: list[Stay]
    called_back: bool = False
    first: str = "customer"


def name(row: Day) -> str:
    return f"{row.call:08d}"


def tell(rows: list[Day], *, shift_ms: int = 0) -> list[log.AnyLogEntry]:
    """The log of these calls, oldest first; ``shift_ms`` from the day's begin to the boot's."""
    found: list[log.AnyLogEntry] = []
    for row in rows:
        found += _tell_one(row, shift_ms)
    return sorted(found, key=lambda entry: entry.at_ms)


def _tell_one(row: Day, shift_ms: int) -> list[log.AnyLogEntry]:
    call, now = name(row), shift_ms + row.at * 1000
    direction = log.Direction.OUTBOUND if row.called_back else log.Direction.INBOUND
    out: list[log.AnyLogEntry] = [
        log.CallOffered(call=call, at_ms=now, direction=direction, origin="fxo/1"),
        log.CallerKnown(call=call, at_ms=now, kind="number", number=row.number),
        log.LineAnswered(call=call, at_ms=now, port="fxo/1"),
    ]
    wraps: list[log.AnyLogEntry] = []
    answered = False
    for visit, stay in enumerate(row.stays, start=1):
        head = {"call": call, "queue": stay.queue, "visit": visit}
        out.append(acd.QueueEntered(at_ms=now, vip=stay.vip, callback=row.called_back, **head))
        now += stay.wait * 1000
        if stay.left:
            out.append(acd.QueueLeft(at_ms=now, reason=acd.LeftBy(stay.left), **head))
            continue
        answered = True
        agent = stay.parts[0].agent
        out.append(acd.OfferStarted(at_ms=now - stay.wait * 1000, offer=1, agent=agent, **head))
        out.append(
            acd.OfferEnded(
                at_ms=now,
                offer=1,
                agent=agent,
                result=acd.OfferResult.ANSWERED,
                bursts=1 + stay.wait // 5,
                **head,
            )
        )
        out.append(acd.QueueAnswered(at_ms=now, agent=agent, **head))
        for part in stay.parts:
            out.append(acd.AgentJoined(at_ms=now, agent=part.agent, **head))
            now += 1000  # a word before the first hold
            for hold in part.holds:
                out.append(acd.AgentHeld(at_ms=now, agent=part.agent, **head))
                now += hold * 1000
                out.append(acd.AgentRetrieved(at_ms=now, agent=part.agent, **head))
            now += (part.talk - 1) * 1000
            if part.passed_on:
                out.append(
                    acd.CallTransferred(
                        at_ms=now,
                        agent=part.agent,
                        to="203",
                        attended=part.passed_on == "attended",
                        **head,
                    )
                )
            out.append(acd.AgentLegEnded(at_ms=now, agent=part.agent, first=row.first, **head))
            wraps.append(
                acd.WrapUpEnded(
                    at_ms=now + part.wrap * 1000,
                    agent=part.agent,
                    by=acd.WrapUpBy.RESULT,
                    result="1",
                    **head,
                )
            )
    outcome = log.Outcome.ANSWERED if answered else log.Outcome.ABANDONED
    out.append(log.CallClosed(call=call, at_ms=now, outcome=outcome))
    return out + wraps


def count(rows: list[Day], *, threshold: int = 20, short: int = 5) -> dict[str, Fraction | None]:
    """Figures of these rows by the letters of their formulas."""
    stays = [stay for row in rows if not row.called_back for stay in row.stays]
    taken = [stay for stay in stays if not stay.left]
    gone = [stay for stay in stays if stay.left == "abandoned"]
    other = [stay for stay in stays if stay.left not in {"", "abandoned"}]
    in_time = [stay for stay in taken if stay.wait <= threshold]
    early = [stay for stay in gone if stay.wait <= threshold]
    brief = [stay for stay in gone if stay.wait < short]
    parts = [part for stay in taken for part in stay.parts]
    back = [s for row in rows if row.called_back for s in row.stays if not s.left]
    back_parts = [part for stay in back for part in stay.parts]

    def over(top: int, bottom: int) -> Fraction | None:
        return Fraction(top, bottom) if bottom else None

    def work(of: list[Part]) -> int:
        return sum(part.talk + sum(part.holds) + part.wrap for part in of)

    a, b, n = len(taken), len(gone), len(stays)
    held = [stay for stay in taken if any(part.holds for part in stay.parts)]
    holds = [hold for part in parts for hold in part.holds]
    return {
        "n": Fraction(n),
        "a": Fraction(a),
        "b": Fraction(b),
        "f": Fraction(len(other)),
        "sl_a": over(len(in_time), a),
        "sl_b": over(len(in_time), a + b),
        "sl_c": over(len(in_time), a + b - len(early)),
        "sl_d": over(len(in_time) + len(early), a + b),
        "sl_g": over(len(in_time), n),
        "asa": over(sum(stay.wait for stay in taken), a),
        "wait_all": over(sum(stay.wait for stay in stays), n),
        "abandon": over(b - len(brief), n - len(brief)),
        "answer": over(a, n - len(brief)),
        "answer_callback": over(a + len(back), n),
        "talk": Fraction(sum(part.talk for part in parts)),
        "hold": Fraction(sum(holds)),
        "wrap": Fraction(sum(part.wrap for part in parts)),
        "aht": over(work(parts), a),
        "aht_callback": over(work(parts) + work(back_parts), a + len(back)),
        "held": over(len(held), a),
        "hold_ok": over(len([hold for hold in holds if hold <= 60]), len(holds)),
        "transfer": over(
            len([stay for stay in taken if any(part.passed_on for part in stay.parts)]), a
        ),
    }
