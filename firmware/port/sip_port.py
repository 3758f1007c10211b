"""One call at a time over a trunk: what sipd says becomes what calls understand of any line.

Where an exchange line is guessed at, a trunk says what it means: its answer is a fact, its end
has a code. Nothing above this file knows the difference but by the words of the record.
"""

from __future__ import annotations

from typing import Any, ClassVar

from drivers.line import PortFailed, PortReady, Release, Seize
from firmware.core.commands import Listen
from firmware.core.country import Country
from firmware.core.events import DigitHeard
from firmware.core.fsm import STAY, Machine, Table
from firmware.core.log_entries import AnsweredBy, ClearedBy
from firmware.core.port_events import (
    AnswerDue,
    Attend,
    CallerIdentified,
    Dial,
    Digit,
    DigitsOut,
    FarSideAnswers,
    FarSideBusy,
    FarSideCleared,
    LineRings,
    PortLost,
    ReadyToDial,
    RingingCeased,
    SeizureFailed,
)
from firmware.core.settings import Line
from firmware.core.sip_events import (
    Invite,
    SipAnswered,
    SipEnded,
    SipKey,
    SipOffered,
    SipRings,
)
from firmware.core.timers import Times
from firmware.port.line_doctor import LineDoctor
from firmware.port.sip_states import SIP_PORT
from firmware.sip.answers import meaning

TRYING = 100  # RFC 3261, clause 21.1.1: somebody has it; nobody is rung yet
METHOD = "sip"  # how the caller's identity came


class SipPort(Machine):
    """One leg of a trunk. ``line`` is how the office set it.

    ``doctor`` is kept for those who ask every line for one; a trunk has no wire to examine.
    """

    __slots__ = (
        "_attending",
        "_events_keys",
        "country",
        "doctor",
        "line",
        "lost_because",
        "port",
    )
    TABLE: ClassVar[Table] = SIP_PORT

    def __init__(
        self,
        line: Line,
        country: Country,
        times: Times | None = None,
        doctor: LineDoctor | None = None,
    ) -> None:
        super().__init__(times)
        self.port = line.port
        self.line = line
        self.country = country
        self.doctor = doctor or LineDoctor()
        self.lost_because = "its trunk has not reported yet"
        self._attending = False
        self._events_keys = True  # the far side's keys come as events, not as sound

    @property
    def label(self) -> str:
        """The leg's name."""
        return self.port

    @property
    def free(self) -> bool:
        """A call to the outside may take it now."""
        return self.state == "idle"

    def place(
        self,
        state: str,
        now_ms: int,
        *,
        outgoing: bool = False,  # noqa: ARG002 - what places an exchange line
        answered_by: AnsweredBy | None = None,  # noqa: ARG002 - the same
    ) -> list[Any]:
        """Put the leg into the state a snapshot shows."""
        known = state if state in self.TABLE.states else {"progress": "ringing"}.get(state, "idle")
        self._attending = False
        self.resume(known, now_ms)
        return self._taken()

    def rings_found(self, _now_ms: int) -> list[Any]:
        """A call that was offered to a call control that is gone is not known here."""
        return [Release(port=self.port)]

    # --- incoming ---------------------------------------------------------------------------------

    def _rest(self, _now_ms: int) -> None:
        self._attending = False

    def _stray(self, _event: SipAnswered, _now_ms: int) -> str:
        # A call that is up and belongs to no record of ours: nobody would ever end it.
        self.do(Release(port=self.port))
        return STAY

    def _offered(self, event: SipOffered, _now_ms: int) -> str:
        port, at_ms = self.port, event.at_ms
        self.do(
            LineRings(port=port, at_ms=at_ms, called=event.called, to=event.to),
            CallerIdentified(
                port=port,
                at_ms=at_ms,
                kind=event.kind.value,
                number=event.number,
                name=event.name,
                method=METHOD,
            ),
            AnswerDue(port=port, at_ms=at_ms),
        )
        return "offered"

    def _given_up(self, event: SipEnded, _now_ms: int) -> str:
        # Given back like any leg: sipd puts no other call on it before.
        self.do(Release(port=self.port), RingingCeased(port=self.port, at_ms=event.at_ms))
        return "idle"

    def _rang_too_long(self, _event: Any, now_ms: int) -> str:
        self.do(Release(port=self.port), RingingCeased(port=self.port, at_ms=now_ms))
        return "guarding"

    def _answer(self, _order: Any, _now_ms: int) -> str:
        self.do(Seize(port=self.port))
        return "answering"

    def _sound_flows(self, event: SipAnswered, now_ms: int) -> str:
        self._sound_changes(event, now_ms)
        return "connected"

    def _not_confirmed(self, _event: Any, now_ms: int) -> str:
        detail = f"the caller's side did not confirm within {self.times['sip_confirm']} ms"
        self.do(
            FarSideCleared(port=self.port, at_ms=now_ms, by=ClearedBy.TIMER, detail=detail),
        )
        return "cleared"

    # --- outgoing ---------------------------------------------------------------------------------

    def _take(self, _order: Any, _now_ms: int) -> str:
        return "taken"

    def _ready(self, _event: Any, now_ms: int) -> str:
        self.do(ReadyToDial(port=self.port, at_ms=now_ms))
        return "await_digits"

    def _dial(self, order: Dial, _now_ms: int) -> str:
        self.do(Invite(port=self.port, number=order.digits, caller=order.caller))
        return "inviting"

    def _rings(self, event: SipRings, _now_ms: int) -> str:
        if event.code == TRYING:
            return "trying" if self.state == "inviting" else STAY
        self.do(DigitsOut(port=self.port, at_ms=event.at_ms))
        return "ringing"

    def _answers_at_once(self, event: SipAnswered, now_ms: int) -> str:
        self.do(DigitsOut(port=self.port, at_ms=event.at_ms))
        return self._answers(event, now_ms)

    def _answers(self, event: SipAnswered, now_ms: int) -> str:
        self._sound_changes(event, now_ms)
        self.do(FarSideAnswers(port=self.port, at_ms=event.at_ms, by=AnsweredBy.SIGNAL))
        return "connected"

    def _refused(self, event: SipEnded, _now_ms: int) -> str:
        told = meaning(event.code)
        detail = f"{event.code} {event.reason}".strip()
        if told.another_way:
            reason = f"{self.port}: {detail}"
            self.do(
                SeizureFailed(port=self.port, at_ms=event.at_ms, reason=reason, another_way=True)
            )
        else:
            self.do(DigitsOut(port=self.port, at_ms=event.at_ms))
            self._busy(told.tone, detail, event.at_ms)
        return "refused"

    def _refused_late(self, event: SipEnded, _now_ms: int) -> str:
        detail = f"{event.code} {event.reason}".strip()
        self._busy(meaning(event.code).tone, detail, event.at_ms)
        return "refused"

    def _busy(self, tone: str, detail: str, at_ms: int) -> None:
        self.do(
            FarSideBusy(port=self.port, at_ms=at_ms, tone=tone, by=ClearedBy.SIGNAL, detail=detail)
        )

    def _no_word(self, _event: Any, now_ms: int) -> str:
        timer = "sip_setup" if self.state == "inviting" else "sip_progress"
        reason = f"{self.port}: no word from the far side within {self.times[timer]} ms"
        self.do(
            Release(port=self.port),
            SeizureFailed(port=self.port, at_ms=now_ms, reason=reason, another_way=True),
        )
        return "refused"

    def _nobody_answers(self, _event: Any, now_ms: int) -> str:
        self.do(
            Release(port=self.port),
            FarSideCleared(
                port=self.port, at_ms=now_ms, by=ClearedBy.TIMER, detail="nobody answered"
            ),
        )
        return "refused"

    # --- connected --------------------------------------------------------------------------------

    def _attend(self, order: Attend, _now_ms: int) -> str:
        self._attending = order.digits
        self._listen()
        return STAY

    def _listen(self) -> None:
        self.do(Listen(port=self.port, digits=self._attending and not self._events_keys))

    def _sound_changes(self, event: SipAnswered, _now_ms: int) -> str:
        if self._events_keys != event.keys:
            self._events_keys = event.keys
            if self._attending:
                self._listen()
        return STAY

    def _key(self, event: SipKey, _now_ms: int) -> str:
        if self._attending:
            self.do(Digit(port=self.port, at_ms=event.at_ms, digit=event.digit))
        return STAY

    def _sounded_key(self, event: DigitHeard, _now_ms: int) -> str:
        if not self._events_keys:  # otherwise it is the same key a second time
            self.do(Digit(port=self.port, at_ms=event.at_ms, digit=event.digit))
        return STAY

    # --- the end ----------------------------------------------------------------------------------

    def _cleared(self, event: SipEnded, _now_ms: int) -> str:
        detail = f"{event.code} {event.reason}".strip()
        self.do(
            FarSideCleared(port=self.port, at_ms=event.at_ms, by=ClearedBy.SIGNAL, detail=detail)
        )
        return "cleared"

    def _release(self, _order: Any, _now_ms: int) -> str:
        self.do(Release(port=self.port), Listen(port=self.port))
        return "guarding"

    def _still(self, _event: PortReady | SipRings, _now_ms: int) -> str:
        return STAY

    def _lost(self, event: PortFailed, _now_ms: int) -> str:
        self.lost_because = event.reason
        self.do(PortLost(port=self.port, at_ms=event.at_ms, reason=event.reason))
        return "out_of_service"
