"""Rings one telephone: bursts in the country's cadence, and the caller's identity where it belongs.

Pure sequencing: told the time, it says which state the pair shall have and when the identity is to
be sent. lined owns the pair and the sound; it drops the ringer when the handset is lifted.

==============================  =================================================================
scheme                          sequence
==============================  =================================================================
``..._between_rings``           first ring; on-hook transmission; 600 ms later data (GR-30-CORE:
                                500 to 1500 ms after the ring); at least 200 ms later second ring
``fsk_v23_before_ring``         reversal with on-hook transmission, 300 ms, alert tone and data,
                                400 ms, first ring (UK practice, BT SIN 227)
``dtmf_before_ring``            on-hook transmission, 250 ms, digits, 400 ms, first ring
``fsk_jclip_before_ring``       not sent: the set would have to be answered first; rings at once
==============================  =================================================================
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

import msgspec

from drivers.line import LineState
from firmware.core.commands import Caller
from firmware.core.country import CallerIdScheme, Country

AFTER_RING_MS: Final = 600
BEFORE_RING_MS: Final = 200
REVERSAL_TO_ALERT_MS: Final = 300
TRANSMISSION_TO_DIGITS_MS: Final = 250  # chosen: the pair has settled, the set's receiver listens
DATA_TO_RING_MS: Final = 400

CADENCES_MS: Final[Mapping[str, tuple[int, ...]]] = {
    "intercom": (200, 200, 200, 3_400),
    "page": (200, 200, 200, 200, 200, 3_000),
    "door": (200, 200, 800, 2_800),
    "callback": (1_000, 300, 300, 3_000),
    "alarm": (800, 400, 200, 2_800),
    "returned": (400, 200, 400, 200, 1_000, 3_000),
}
"""Chosen: rings that nobody takes for a caller's (GR-506 distinctive ringing: bursts of at least
200 ms, a pause of at least 2.7 s for the identity)."""

_IN_FLIGHT_MS: Final = 50  # what is sent waits for the device by a few blocks before it sounds
_ALERT_MS: Final = 250  # DT-AS 100 ms and 150 ms of pause, EN 300 659-1
_FRAME_BITS: Final = 300 + 180 + 10  # seizure, mark, trailing mark
_BAUD: Final = 1200
_DTMF_MS: Final = 140  # tone and pause; Denmark asks for 50 ms each, ours are 70
_LONGEST_FIELD: Final = 20


class PutState(msgspec.Struct, frozen=True, kw_only=True):
    """Put this on the pair now."""

    state: LineState


class SendCallerId(msgspec.Struct, frozen=True, kw_only=True):
    """Send the identity now; the pair is ready for it."""


Step = PutState | SendCallerId


def identity_ms(scheme: CallerIdScheme, caller: Caller) -> int:
    """How long the identity may sound at most, without the pauses around it."""
    number = 0 if caller.withheld else min(len(caller.number), _LONGEST_FIELD)
    if scheme == "dtmf_before_ring":
        return (max(number, 2) + 2) * _DTMF_MS
    name = min(len(caller.name), _LONGEST_FIELD)
    # Multiple data message: type, length, date, number or reason, name or reason, checksum.
    octets = 2 + 10 + 2 + max(number, 1) + 2 + max(name, 1) + 1
    data_ms = -(-(_FRAME_BITS + 10 * octets) * 1000 // _BAUD)
    return data_ms + (_ALERT_MS if scheme == "fsk_v23_before_ring" else 0)


class Ringer:
    """One telephone being rung.

    Args:
        country: Its ring cadence and the scheme by which identity is sent.
        cadence: ``normal``, the country's; others are in ``CADENCES_MS``.
        caller: Who calls; None sends nothing.

    Raises:
        ValueError: There is no cadence of that name.
    """

    __slots__ = ("_cadence_ms", "_caller", "_deadline", "_first", "_plan", "_scheme")

    def __init__(
        self, country: Country, cadence: str = "normal", caller: Caller | None = None
    ) -> None:
        if cadence != "normal" and cadence not in CADENCES_MS:
            known = ", ".join(("normal", *CADENCES_MS))
            raise ValueError(f"ring cadence {cadence!r}: there are {known}")
        self._cadence_ms = CADENCES_MS.get(cadence, country.ring_ms)
        self._scheme: CallerIdScheme = country.caller_id_out
        self._caller = caller if self._scheme != "fsk_jclip_before_ring" else None
        self._plan: deque[tuple[list[Step], int]] = deque()  # steps, and how long they last
        self._deadline: int | None = None
        self._first = True

    def start(self, now_ms: int) -> list[Step]:
        """Begin; the first steps come back."""
        self._plan.clear()
        self._first = True
        if self._caller is not None and self._scheme.endswith("before_ring"):
            self._plan_identity_before(self._caller)
        return self._next(now_ms)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return self._deadline

    def advance(self, now_ms: int) -> list[Step]:
        """The steps that are due, each at its own time; late steps are not caught up in length."""
        steps: list[Step] = []
        while self._deadline is not None and now_ms >= self._deadline:
            steps += self._next(self._deadline)
        return steps

    def stop(self) -> list[Step]:
        """Ring trip, or nobody is wanted any more: battery only."""
        self._plan.clear()
        self._deadline = None
        return [PutState(state=LineState.ACTIVE)]

    def _next(self, now_ms: int) -> list[Step]:
        if not self._plan:
            self._plan_ring()
        steps, lasts_ms = self._plan.popleft()
        self._deadline = now_ms + lasts_ms
        return steps

    def _plan_ring(self) -> None:
        """One cycle of the cadence; the first one has the identity in its last pause."""
        pairs = list(zip(self._cadence_ms[0::2], self._cadence_ms[1::2], strict=True))
        for at, (on_ms, off_ms) in enumerate(pairs):
            self._plan.append(([PutState(state=LineState.RINGING)], on_ms))
            last = at == len(pairs) - 1
            if last and self._first and self._caller and self._scheme.endswith("between_rings"):
                self._plan_identity_between(self._caller, off_ms)
            else:
                self._plan.append(([PutState(state=LineState.ACTIVE)], off_ms))
        self._first = False

    def _plan_identity_between(self, caller: Caller, pause_ms: int) -> None:
        data_ms = identity_ms(self._scheme, caller) + _IN_FLIGHT_MS
        rest_ms = max(pause_ms - AFTER_RING_MS - data_ms, BEFORE_RING_MS)
        self._plan += [
            ([PutState(state=LineState.ON_HOOK_TRANSMISSION)], AFTER_RING_MS),
            ([SendCallerId()], data_ms),
            ([PutState(state=LineState.ACTIVE)], rest_ms),
        ]

    def _plan_identity_before(self, caller: Caller) -> None:
        reversal = self._scheme == "fsk_v23_before_ring"
        state = (
            LineState.REVERSED_ON_HOOK_TRANSMISSION if reversal else LineState.ON_HOOK_TRANSMISSION
        )
        before_ms = REVERSAL_TO_ALERT_MS if reversal else TRANSMISSION_TO_DIGITS_MS
        data_ms = identity_ms(self._scheme, caller) + DATA_TO_RING_MS
        self._plan += [([PutState(state=state)], before_ms), ([SendCallerId()], data_ms)]
