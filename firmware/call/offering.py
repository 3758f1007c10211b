"""Telephones of the office that ring: which, for how long, and where the call goes then."""

from __future__ import annotations

from collections.abc import Sequence

from firmware.call.display import marked, marks
from firmware.call.forwarding import Hop, forwarded, target, unanswered
from firmware.call.hunting import Hunt
from firmware.call.leg import LegEnd
from firmware.call.orders import RingAgain
from firmware.call.outgoing import Outgoing
from firmware.call.routing import (
    absent,
    free_telephones,
    hunted,
    in_turn,
    may_become_free,
    waiting_telephone,
)
from firmware.core.commands import Caller, PlayTone, StopTone
from firmware.core.destinations import Destination, ToGroup, ToOutside
from firmware.core.fsm import STAY
from firmware.core.log_entries import AnyLogEntry, CallForwarded, Direction
from firmware.core.port_events import PhoneAnswered, PhoneFree
from firmware.core.settings import Extension, extension_at


class Offering(Outgoing):
    """Telephones of the office that ring: which, for how long, and where the call goes then."""

    __slots__ = ()

    @property
    def absent(self) -> str:
        """The extension this call is for, if its user wants no calls; empty otherwise."""
        if self.destination is None or self.journal.connected:
            return ""
        return absent(self.destination, self.settings)

    def _divert(self, destination: Destination) -> tuple[Destination, tuple[Hop, ...]]:
        caller = extension_at(self.settings, self.origin)
        number = caller.number if caller else ""
        return forwarded(destination, number, self.settings, self._ports, self._emergency)

    def _forwarded(self, hops: Sequence[Hop], at_ms: int) -> list[AnyLogEntry]:
        if hops:
            self.forwarder = hops[-1].extension
        return [
            CallForwarded(
                call=self.call,
                at_ms=at_ms,
                extension=hop.extension,
                target=hop.target,
                reason=hop.reason,
            )
            for hop in hops
        ]

    def _ring_phones(self, now_ms: int) -> bool:
        if self.destination is None:
            return False
        caller = self._shown_caller()
        free = free_telephones(self.destination, self.settings, self._ports)
        for extension in self._to_ring(free):
            if extension.port not in self.parties.legs:
                self.do(*self.parties.ring(extension, caller, now_ms, self._cadence))
        if not self.parties.ringing():
            waits_for = waiting_telephone(self.destination, self.settings, self._ports)
            if waits_for is not None and waits_for.port not in self.parties.legs:
                self.do(*self.parties.knock(waits_for, caller, now_ms))
        return bool(self.parties.ringing())

    def _to_ring(self, free: tuple[Extension, ...]) -> tuple[Extension, ...]:
        """Of those who could ring: all of them, or the next one of a group that is hunted."""
        group = hunted(self.destination, self.settings)
        if group is None:
            return free
        if self._hunt.group != group.number:
            self._hunt = Hunt(group.number, self._ports.turn(group.number))
        if self.parties.ringing():
            return ()
        return self._hunt.next(in_turn(free, group, self._hunt.turn))

    def _hunt_on(self, now_ms: int) -> bool:
        """Whether the next telephone of the group has its turn now."""
        if hunted(self.destination, self.settings) is None or self._hunt.over(now_ms):
            return False
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        self._ring_phones(now_ms)
        return True

    def _member_free(self, event: PhoneFree, now_ms: int) -> str:
        """A telephone that the caller waits for can ring now."""
        if self.destination is None or event.port in self.parties.legs:
            return STAY
        wanted = free_telephones(self.destination, self.settings, self._ports)
        if not any(extension.port == event.port for extension in wanted):
            return STAY
        self._ring_phones(now_ms)
        return "offering" if self.state == "alerted" else STAY

    def _ring_again(self, order: RingAgain, now_ms: int) -> str:
        leg = self.parties.legs.get(order.port)
        if leg is not None and leg.knocking:
            self.do(*self.parties.ring_after_all(order.port, now_ms))
        return STAY

    def _start_timer(self, now_ms: int) -> None:
        super()._start_timer(now_ms)
        if self.state not in {"calling", "offering"}:
            return
        if not self._sent_on and self._elsewhere() is not None:
            # The user's own number for calls nobody answers comes before the office's patience.
            forward_ms = now_ms + self.times["forward_no_answer"]
            self._deadline = min(forward_ms, self._deadline or forward_ms)
        if hunted(self.destination, self.settings) is not None:
            step_ms = now_ms + self.times["hunt_step"]
            self._deadline = min(step_ms, self._hunt.patience(self._deadline or step_ms, now_ms))

    def _elsewhere(self) -> tuple[Destination, Hop] | None:
        """Where the call goes that nobody answers, None if it stays."""
        sender, number = self._onward
        onward = target(number, self.settings, self._emergency) if number else None
        if onward is not None:
            return onward, Hop(extension=sender, target=number, reason="no_answer")
        return unanswered(self.destination, self.settings, self._emergency)

    def _forward_unanswered(self, now_ms: int) -> str | None:
        """Send the call on that nobody answered; the state to go to, or None."""
        onward = self._elsewhere()
        if onward is None or self._sent_on:
            return None
        self._sent_on = True
        destination, hop = onward
        self.destination, hops = self._divert(destination)
        self.do(*self._forwarded((hop, *hops), now_ms))
        for port in self.parties.ringing():
            self.do(*self.parties.end(port, LegEnd.NO_ANSWER, now_ms))
        if isinstance(self.destination, ToOutside):
            return self._seize(now_ms)
        inbound = self.journal.direction is Direction.INBOUND
        if self._ring_phones(now_ms) or may_become_free(self.destination, self.settings):
            return "offering" if inbound else "calling"
        return None

    def _shown_caller(self) -> Caller | None:
        known = self.journal.caller
        if known is not None:
            withheld = known.kind == "private"
            caller = Caller(number=known.number, name=known.name, withheld=withheld)
            wanted = self.destination
            group = wanted.number if isinstance(wanted, ToGroup) else ""
            return marked(caller, marks(self.settings, self.origin, known.number, group))
        extension = extension_at(self.settings, self.origin)
        return Caller(number=extension.number, name=extension.name) if extension else None

    @property
    def _caller_waits_here(self) -> bool:
        """Whoever calls hears us, and not the exchange's own ringback."""
        return self.journal.direction is not Direction.INBOUND or self.journal.line_answered

    def _sound_ringback(self, _now_ms: int) -> None:
        if self._caller_waits_here:
            self._sounding = self.parties.here()
            self.do(*(PlayTone(port=port, tone="ringback") for port in self._sounding))

    def _stop_ringback(self, _now_ms: int) -> None:
        self.do(*(StopTone(port=port) for port in self._sounding))
        self._sounding = ()

    def _phone_answered(self, event: PhoneAnswered, now_ms: int) -> str:
        extension = self.parties.legs[event.port].extension
        self.do(
            self.journal.telephone_answered(event.port, extension, event.at_ms),
            *self.parties.answer(event.port, now_ms),
        )
        return "talking"
