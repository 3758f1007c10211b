"""What a person may do to the town while it runs: one request in, one answer out, at once.

The town answers between two blocks of 5 ms, so nothing here may take a millisecond: a request
sets something going and returns, and what comes of it is seen in ``state``. Sound has doors of its
own (``tests.bench.audience``).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from firmware.core.countries import country as country_of
from tests.bench.town import RATE_HZ, Town
from tests.bench.voice import speech
from tests.bench.world.copper import Samples
from tests.bench.world.exchange_line import (
    ALERTING,
    CLEAR_BY,
    DIALLING,
    IDLE,
    PROCEEDING,
    TALKING,
    ExchangeLine,
    FarEnd,
)
from tests.bench.world.keypad import KEYS
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

Request = dict[str, Any]
Answer = dict[str, Any]

LONGEST_KEYS = 40
FULL_SCALE_PEAK, FULL_SCALE_DBM0 = 32124.0, 3.14  # copper's scale
CALLER_ID = ("fsk", "dtmf", "none")
KINDS = ("number", "private", "unavailable")


class NotNow(RuntimeError):  # noqa: N818  # what a person is told
    """It cannot be done as things stand; ``id`` is stable, the sentence is for the log."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.id = name


def control(town: Town, request: Request) -> Answer:
    """Carry out one request.

    Args:
        town: telephones and lines.
        request: ``do`` names the act (``ACTS``), ``who`` the party (``telephone 201``,
            ``line 1``), the rest belongs to the act.

    Returns:
        An empty answer, the state, or ``refused`` with a sentence and ``id`` with a stable name.
    """
    act = ACTS.get(str(request.get("do", "")))
    if act is None:
        known = ", ".join(sorted(ACTS))
        return {"refused": f"nobody can {request.get('do')!r}; there are {known}", "id": "unknown"}
    try:
        return act(town, request)
    except NotNow as problem:
        return {"refused": str(problem), "id": problem.id}
    except (LookupError, TypeError, ValueError) as problem:
        return {"refused": str(problem), "id": "unknown"}


def party_of(town: Town, name: str) -> Party:
    """A party by its full name; ``KeyError`` with a sentence if there is none."""
    for party in (*town.telephones, *town.lines):
        if party.name == name:
            return party
    known = ", ".join(party.name for party in (*town.telephones, *town.lines))
    raise KeyError(f"there is no {name!r}; there are {known}")


# --- state ----------------------------------------------------------------------------------------


def state(town: Town, _request: Request) -> Answer:
    """Everything a person could see by walking round the town."""
    return {
        "now_ms": town.now_ms,
        "country": town.country,
        "telephones": [_telephone_state(telephone) for telephone in town.telephones],
        "lines": [_line_state(town, line) for line in town.lines],
    }


def _telephone_state(telephone: Telephone) -> Answer:
    shown = telephone.shown
    return {
        "name": telephone.name,
        "extension": telephone.extension,
        "off_hook": telephone.off_hook,
        "ringing": telephone.ringing,
        "in_burst": telephone.in_burst,
        "shown": None
        if shown is None
        else {"kind": shown.kind, "number": shown.number, "name": shown.name, "at_ms": shown.at_ms},
        "bursts": len(telephone.bursts),
        "voltage_v": round(telephone.voltage_v, 1),
        "current_ma": round(telephone.current_ma, 1),
    }


def _line_state(town: Town, line: ExchangeLine) -> Answer:
    pair = next(pair for pair in town.pairs.values() if pair.feed_end is line)
    far = line.any_number or FarEnd(answer_after_ms=None)
    return {
        "name": line.name,
        "number": line.number,
        "state": line.state,
        "seized": line.seized,
        "ringing": bool(pair.state.ring_vrms),
        "caller": line.caller,
        "digits": line.digits if line.state == DIALLING or line.far else "",
        "dialled_by": line.dialled_by,
        "bursts": line.bursts_sent,
        "answers": len(line.answers),
        "reversed": line.reversed,
        "voltage_v": round(pair.state.voltage_v, 1),
        "current_ma": round(pair.state.current_ma, 1),
        "far": {
            "answer_after_ms": far.answer_after_ms,
            "reversal": far.reversal,
            "busy": far.busy,
        },
    }


# --- telephones -----------------------------------------------------------------------------------


def lift(town: Town, request: Request) -> Answer:
    """Take the handset up."""
    telephone = _telephone(town, request)
    if telephone.off_hook:
        raise NotNow("handset-up", f"{telephone.name}: the handset is up already")
    telephone.lift(bounce_ms=4.0)
    return {}


def replace(town: Town, request: Request) -> Answer:
    """Put the handset down."""
    telephone = _lifted(town, request)
    telephone.replace(bounce_ms=4.0)
    return {}


def flash(town: Town, request: Request) -> Answer:
    """Press the recall key; without ``ms`` as long as the country's telephones do."""
    telephone = _lifted(town, request)
    low, high = country_of(town.country).flash_ms
    telephone.flash(float(request.get("ms", (low + high) / 2)))
    return {}


def pulses(town: Town, request: Request) -> Answer:
    """Turn the dial: ``digits``."""
    telephone = _lifted(town, request)
    telephone.dial_pulses(_digits(request["digits"], "0123456789"))
    return {}


# --- lines ----------------------------------------------------------------------------------------


def call(town: Town, request: Request) -> Answer:
    """Call the office from outside: ``number``, ``caller_name``, ``caller_id``, ``kind``."""
    line = _line(town, request)
    if line.state != IDLE or line.seized:
        raise NotNow("line-busy", f"{line.name}: the line is {line.state}; a caller hears busy")
    way = str(request.get("caller_id", "")) or None
    kind = str(request.get("kind", "number"))
    if way not in {None, *CALLER_ID} or kind not in KINDS:
        raise ValueError(f"caller ID {way!r} of {kind!r}: there are {CALLER_ID} of {KINDS}")
    number = _digits(str(request.get("number", "")), "0123456789", least=0)
    name = str(request.get("caller_name", ""))[:15]
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        raise NotNow("name-unknown", f"{name!r} has letters no exchange sends") from None
    if kind == "number" and not number:
        kind = "unavailable"
    line.call(number, name, way, kind)
    return {}


def hang_up(town: Town, request: Request) -> Answer:
    """The far person hangs up, in one of the ways of an exchange: ``by``."""
    line = _line(town, request)
    by = str(request.get("by", CLEAR_BY[0]))
    if by not in CLEAR_BY:
        raise ValueError(f"{line.name}: hang up by {by!r} is none of {', '.join(CLEAR_BY)}")
    if line.state not in {ALERTING, TALKING, PROCEEDING}:
        raise NotNow("nobody-there", f"{line.name}: the line is {line.state}; nobody is there")
    line.hang_up(by)
    if by == "battery removal":
        line.timeline.after(BATTERY_AWAY_MS, line.restore_battery)
    return {}


BATTERY_AWAY_MS = 1500.0  # chosen: longer than any break that is a signal


def far_end(town: Town, request: Request) -> Answer:
    """What the far end does when the box dials: ``answer_after_ms``, ``reversal``, ``busy``."""
    after = request.get("answer_after_ms")
    _line(town, request).any_number = FarEnd(
        answer_after_ms=None if after is None else max(0.0, float(after)),
        reversal=bool(request.get("reversal", False)),
        busy=bool(request.get("busy", False)),
    )
    return {}


def far_answers(town: Town, request: Request) -> Answer:
    """The called person lifts his handset now."""
    line = _line(town, request)
    if line.state != PROCEEDING or line.far is None:
        raise NotNow("nobody-there", f"{line.name}: the line is {line.state}; nothing rings there")
    line.timeline.cancel("far")  # he would answer a second time
    line.far_end_answers()
    return {}


# --- both -----------------------------------------------------------------------------------------


def press(town: Town, request: Request) -> Answer:
    """Press ``keys`` as real DTMF, at an ordinary telephone's level."""
    party = party_of(town, str(request.get("who", "")))
    if isinstance(party, Telephone):
        party = _lifted(town, request)
    elif isinstance(party, ExchangeLine) and party.state != TALKING:
        raise NotNow("nobody-there", f"{party.name}: the line is {party.state}; nobody talks on it")
    party.press(_digits(request["keys"], KEYS), noise_dbm0=None)
    return {}


# --- instruments of tests and figures -----------------------------------------------------------


def tone(town: Town, request: Request) -> Answer:
    """Sound ``hz`` at ``dbm0`` for ``ms`` into a party's mouth-piece."""
    party = party_of(town, str(request.get("who", "")))
    party.say_tone(float(request["hz"]), float(request["dbm0"]), float(request["ms"]))
    return {}


def talk(town: Town, request: Request) -> Answer:
    """Talk on and on, as people in a busy office do."""
    party = party_of(town, str(request.get("who", "")))
    party.mouth.loop(_talk(int(request.get("seed", 1))), party.timeline.sample)
    return {}


def hears(town: Town, request: Request) -> Answer:
    """Level of ``hz`` in the last ``ms`` that a party heard."""
    party = party_of(town, str(request.get("who", "")))
    count = min(int(request["ms"]), 500) * RATE_HZ // 1000
    end = party.timeline.base
    sound = party.ear.span(end - count, end)
    phase = np.exp(-2j * np.pi * float(request["hz"]) / RATE_HZ * np.arange(count))
    amplitude = 2.0 * abs(np.dot(sound, phase)) / count
    return {"dbm0": 20.0 * math.log10(max(amplitude, 1e-3) / FULL_SCALE_PEAK) + FULL_SCALE_DBM0}


@functools.cache
def _talk(seed: int) -> Samples:
    return speech(8000.0, seed=seed)


# --- inside ---------------------------------------------------------------------------------------


def _telephone(town: Town, request: Request) -> Telephone:
    party = party_of(town, str(request.get("who", "")))
    if not isinstance(party, Telephone):
        raise TypeError(f"{party.name} is no telephone")
    return party


def _lifted(town: Town, request: Request) -> Telephone:
    telephone = _telephone(town, request)
    if not telephone.off_hook:
        raise NotNow("handset-down", f"{telephone.name}: the handset is down; lift it first")
    return telephone


def _line(town: Town, request: Request) -> ExchangeLine:
    party = party_of(town, str(request.get("who", "")))
    if not isinstance(party, ExchangeLine):
        raise TypeError(f"{party.name} is no exchange line")
    return party


def _digits(text: Any, permitted: str, least: int = 1) -> str:
    digits = str(text)
    if not least <= len(digits) <= LONGEST_KEYS or not set(digits) <= set(permitted):
        raise ValueError(f"{digits!r}: {least} to {LONGEST_KEYS} of {permitted} are needed")
    return digits


ACTS: dict[str, Callable[[Town, Request], Answer]] = {
    "state": state,
    "lift": lift,
    "replace": replace,
    "flash": flash,
    "pulses": pulses,
    "press": press,
    "call": call,
    "hang_up": hang_up,
    "far_end": far_end,
    "far_answers": far_answers,
    "tone": tone,
    "talk": talk,
    "hears": hears,
}
