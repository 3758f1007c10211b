"""Tells a telephone in conversation who knocks: the Type II sequence of one port. Pure.

Told keys and time, it says when the talk path is to be muted, when the alert tone (CAS) and the
data are to be sent. The sequence begins behind the first burst of the call waiting tone:

=============  ==================================================================================
mute, CAS      80 ms of 2130 and 2750 Hz (GR-30-CORE: 75 to 85 ms)
answer         a set that can show it sends DTMF D within 100 ms, A if it is an ADSI set; waited
               for until 160 ms behind the CAS, since the key is only known when it has sounded
data           within 500 ms of the answer, as FSK without channel seizure
unmute         within 50 ms of the end of the data; at once when no answer came
=============  ==================================================================================
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

CAS_MS: Final = 80
ANSWER_MS: Final = 160
ANSWERS: Final = frozenset("DA")
ANSWER_TO_DATA_MS: Final = 100  # chosen: the set's key (55 to 65 ms) has ended, well within 500 ms


class WaitingStep(StrEnum):
    """What is to be done on the port now."""

    MUTE = "mute"  # nobody hears the telephone, it hears nobody, and its keys are listened for
    SEND_ALERT = "send_alert"
    SEND_DATA = "send_data"
    UNMUTE = "unmute"


class WaitingIdentity:
    """One try to show one caller.

    Args:
        tone_ms: The first burst of the call waiting tone, which comes before.
        data_ms: How long the data sounds.
    """

    __slots__ = ("_data_ms", "_deadline", "_state", "_tone_ms", "shown")

    def __init__(self, tone_ms: int, data_ms: int) -> None:
        self._tone_ms = tone_ms
        self._data_ms = data_ms
        self._deadline: int | None = None
        self._state = "new"
        self.shown = False

    @property
    def ended(self) -> bool:
        """Nothing more comes."""
        return self._state == "ended"

    @property
    def muted(self) -> bool:
        """The talk path is taken away."""
        return self._state in {"asking", "answered", "telling"}

    def start(self, now_ms: int) -> list[WaitingStep]:
        """The call waiting tone begins now."""
        return self._go("tone", now_ms + self._tone_ms)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        return self._deadline

    def key(self, key: str, now_ms: int) -> list[WaitingStep]:
        """A key of the telephone. Any other than the answer is a person's and changes nothing."""
        if self._state == "asking" and key in ANSWERS:
            return self._go("answered", now_ms + ANSWER_TO_DATA_MS)
        return []

    def advance(self, now_ms: int) -> list[WaitingStep]:
        """The steps that are due."""
        steps: list[WaitingStep] = []
        while self._deadline is not None and now_ms >= self._deadline:
            steps += self._next(self._deadline)
        return steps

    def stop(self) -> list[WaitingStep]:
        """The telephone took the call, or hung up, or nobody knocks any more."""
        muted = self.muted
        self._go("ended", None)
        return [WaitingStep.UNMUTE] if muted else []

    def _next(self, at_ms: int) -> list[WaitingStep]:
        match self._state:
            case "tone":
                self._go("asking", at_ms + CAS_MS + ANSWER_MS)
                return [WaitingStep.MUTE, WaitingStep.SEND_ALERT]
            case "answered":
                self.shown = True
                self._go("telling", at_ms + self._data_ms)
                return [WaitingStep.SEND_DATA]
            case _:
                self._go("ended", None)
                return [WaitingStep.UNMUTE]

    def _go(self, state: str, deadline: int | None) -> list[WaitingStep]:
        self._state = state
        self._deadline = deadline
        return []
