"""Callers who are attended to: by a menu, by telephones, or by a mailbox."""

from __future__ import annotations

from typing import Any

from firmware.call.ending import SPOKEN
from firmware.call.hours import place
from firmware.call.leg import LegEnd
from firmware.call.offering import Offering
from firmware.call.permission import Refusal
from firmware.call.routing import first_free_line, may_become_free, telephones
from firmware.core.commands import Listen
from firmware.core.destinations import (
    Destination,
    EndFlow,
    FlowHangsUp,
    FlowLearned,
    FlowResult,
    ReturnToFlow,
    StartFlow,
    ToExtension,
    ToFlow,
    ToGroup,
    ToOutside,
    named,
    spoken,
)
from firmware.core.fax_settings import machine_of, take_of
from firmware.core.fsm import STAY
from firmware.core.log_entries import ClearedBy, Direction, Outcome, Side
from firmware.core.port_events import AnswerDue, AnswerLine, Attend, Glare, LineRings, RingingCeased
from firmware.core.settings import line_at

OWN_FLOWS = {
    "beckoned", "queuealarm", "hurry", "practice", "told", "overagent", "standing",
    "mailbox", "greeting", "comfort", "alarm", "wake_up", "reminder", "ringtest", "selftest",
    "recording", "studio", "notice", "cockpit", "aftercall", "task", "tasks",
    "bulletin", "sentence", "fax",
}  # fmt: skip
"""Flows by which a handset of ours is served; nobody is called in them."""


class Attending(Offering):
    """Callers who are attended to: by a menu, by telephones, or by a mailbox."""

    __slots__ = ()

    def _line_rings(self, event: LineRings | Glare, now_ms: int) -> str:
        self.journal.begin(event.port, event.at_ms)
        if isinstance(event, LineRings):
            self.called_place = event.to
        self.do(*self.parties.attach(event.port, "line", "", now_ms))
        self.do(*self.journal.offer(Direction.INBOUND))
        return "alerted"

    def _answered_by_glare(self, event: Glare, now_ms: int) -> str:
        self._line_rings(event, now_ms)
        self.do(self.journal.answered_line(event.port, event.at_ms))
        return self._send_inbound(now_ms)

    def _inbound(self) -> Destination:
        if take_of(self.settings.fax, self.origin) == "only_fax":
            machine = machine_of(self.settings.fax, self.origin)
            return ToExtension(number=machine) if machine else ToFlow(flow="fax")
        text = self.called_place or place(
            self.settings, line_at(self.settings, self.origin), self.mode
        )
        destination = named(text, self.settings) or ToFlow(flow="main")
        if self.announcement:
            return ToFlow(flow=f"announced:{text}")
        return destination

    def _answer_due(self, event: AnswerDue, now_ms: int) -> str:
        line = line_at(self.settings, self.origin)
        if line is not None and line.reserve == "outgoing":
            return STAY  # kept for calls to the outside: it rings until its caller gives up
        known = self.journal.caller
        if known is not None and self._outside.blocked(known.number, known.kind):
            self._answer_line(event.at_ms)
            return self._refuse(
                Refusal(reason="the caller is blocked", prompt="number-not-in-service"), now_ms
            )
        destination = self._inbound()
        if isinstance(destination, ToFlow):
            self._answer_line(event.at_ms)
            return self._send_inbound(now_ms)
        self.destination, hops = self._divert(destination)
        self.do(
            self.journal.left_menu(spoken(destination), "", event.at_ms),
            *self._forwarded(hops, now_ms),
        )
        if isinstance(self.destination, ToOutside):
            self._answer_line(event.at_ms)
            return self._seize(now_ms)
        if self._ring_phones(now_ms):
            return "offering"
        # All busy: the line goes on ringing until somebody is free.
        return self._leave_message("busy", now_ms) or STAY

    def _answer_line(self, at_ms: int) -> None:
        self.do(self.journal.answered_line(self.origin, at_ms), AnswerLine(port=self.origin))

    def _send_inbound(self, now_ms: int) -> str:
        """Where an answered line's caller goes first."""
        destination = self._inbound()
        if isinstance(destination, ToFlow):
            self._start_flow(destination)
            return "menu"
        return self._offer_to(destination, "", now_ms)

    def _start_flow(self, destination: ToFlow) -> None:
        self._flow = destination.flow
        self.do(StartFlow(call=self.call, port=self.origin, flow=destination.flow))

    def _learned(self, event: FlowLearned, _now_ms: int) -> str:
        """A flow knows more of its caller."""
        self._served_by_flow = self._served_by_flow or event.served
        self._consent = event.consent or self._consent
        if event.language in SPOKEN:
            self._language = event.language
        return STAY

    def _to_flow(self, destination: ToFlow, choice: str, now_ms: int) -> str:
        """From one flow into another; a mailbox is one."""
        if destination.flow.startswith("voicemail:"):
            self._last_result = self._last_result or "no_answer"
        self.do(EndFlow(call=self.call))
        kind, _, number = destination.flow.partition(":")
        words = f"{kind} {number}" if number else spoken(destination)
        self.do(self.journal.left_menu(words, choice, now_ms))
        self._start_flow(destination)
        return "menu"

    def _offer_to(self, destination: Destination, choice: str, now_ms: int) -> str:
        if isinstance(destination, ToFlow):
            return self._to_flow(destination, choice, now_ms)
        self.destination, hops = self._divert(destination)
        self.do(
            self.journal.left_menu(spoken(destination), choice, now_ms),
            *self._forwarded(hops, now_ms),
        )
        if isinstance(self.destination, ToOutside):
            number = self.destination.number
            outside = bool(self.forwarder)
            refusal = self._outside.refusal(self.payer, number, forwarded=outside)
            if self._flow and refusal is not None:
                # The caller knows nothing of classes and limits; the flow tells him something.
                self._note_limit(refusal, now_ms)
                return self._back_to_flow("busy", now_ms)
            if first_free_line(self.settings, self._ports) is not None:
                return self._seize(now_ms)
            return self._back_to_flow("busy", now_ms)
        if self._ring_phones(now_ms) or may_become_free(self.destination, self.settings):
            return "offering"
        known = bool(telephones(destination, self.settings))
        return self._back_to_flow("busy" if known else "unknown", now_ms)

    @property
    def _mailbox(self) -> str:
        """The extension or group whose mailbox takes a call that nobody takes, empty for none."""
        if isinstance(self.destination, ToGroup):
            number = self.destination.number
            groups = (g for g in self.settings.ring_groups if g.number == number)
            return number if any(group.voicemail for group in groups) else ""
        wanted = self.destination.number if isinstance(self.destination, ToExtension) else ""
        found = next((e for e in self.settings.extensions if e.number == wanted), None)
        return wanted if found is not None and found.voicemail else ""

    def _leave_message(self, result: FlowResult, now_ms: int) -> str | None:
        """Send the caller to the mailbox; the state to go to, None if there is none for him."""
        mailbox = self._mailbox
        if not mailbox or self._flow.startswith("voicemail:"):
            return None
        self._last_result = result
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        if self.journal.direction is Direction.INBOUND and not self.journal.line_answered:
            self._answer_line(now_ms)
        if self._flow:
            self.do(EndFlow(call=self.call))
        self.do(self.journal.left_menu(f"voicemail {mailbox}", "", now_ms))
        self._start_flow(ToFlow(flow=f"voicemail:{mailbox}"))
        return "menu"

    def _back_to_flow(self, result: FlowResult, now_ms: int) -> str:
        message = self._leave_message(result, now_ms)
        if message is not None:
            return message
        self._last_result = result
        if not self._flow:
            outcome = Outcome.NO_ANSWER if result == "no_answer" else Outcome.BUSY
            by = ClearedBy.TIMER if result == "no_answer" else ClearedBy.ROUTING
            return self._end(outcome, Side.SYSTEM, by, now_ms)
        self.do(ReturnToFlow(call=self.call, result=result))
        return "menu"

    def _nobody_answers(self, _event: Any, now_ms: int) -> str:
        if self._hunt_on(now_ms):
            return "offering"
        if self.journal.line_answered:
            onward = self._forward_unanswered(now_ms)
            if onward is not None:
                return onward
        if not self.journal.line_answered:
            # The caller has not been answered and pays nothing: the telephones ring on.
            return self._leave_message("no_answer", now_ms) or "offering"
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        return self._back_to_flow("no_answer", now_ms)

    def _colleague_silent(self, _event: Any, now_ms: int) -> str:
        if self._hunt_on(now_ms):
            return "calling"
        onward = self._forward_unanswered(now_ms)
        if onward is not None:
            return onward
        message = self._leave_message("no_answer", now_ms)
        if message is not None:
            return message
        return self._end(
            Outcome.NO_ANSWER,
            Side.SYSTEM,
            ClearedBy.TIMER,
            now_ms,
            tone=LegEnd.BUSY,
            ringing=LegEnd.NO_ANSWER,
        )

    def _enter_menu(self, now_ms: int) -> None:
        if self.parties.beside:
            self.do(*self.parties.dismiss_beside(now_ms))
            if self.parties.bridge.up:
                self.do(*self.parties.join())
        if self.parties.legs[self.origin].kind == "telephone":
            self.do(Listen(port=self.origin, digits=True))
            return
        self.do(Attend(port=self.origin, digits=True))

    def _leave_menu(self, _now_ms: int) -> None:
        leg = self.parties.legs.get(self.origin)
        if leg is not None and leg.kind == "telephone":
            self.do(Listen(port=self.origin))
        elif leg is not None:
            self.do(Attend(port=self.origin, digits=False))

    def _flow_hangs_up(self, event: FlowHangsUp, _now_ms: int) -> str:
        outcome = {"no_answer": Outcome.NO_ANSWER, "busy": Outcome.BUSY}.get(
            self._last_result or "", Outcome.REFUSED
        )
        if self._flow.partition(":")[0] in OWN_FLOWS or self._served_by_flow:
            outcome = Outcome.SERVICE
        self.goes_back = outcome is Outcome.SERVICE
        if self.journal.connected:
            outcome = Outcome.ANSWERED
        return self._end(outcome, Side.SYSTEM, ClearedBy.FLOW, event.at_ms)

    def _ringing_ceased(self, event: RingingCeased, _now_ms: int) -> str:
        return self._end(
            Outcome.ABANDONED,
            Side.CUSTOMER,
            ClearedBy.TIMER,
            event.at_ms,
            event.port,
            "the line stopped ringing",
            gone=event.port,
        )
