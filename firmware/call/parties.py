"""The parties of one call: its legs and the bridge between them. The call owns them; ends end here.

Every method returns what is to be done, in order.
"""

from __future__ import annotations

from typing import Any, Literal

from firmware.call.bridge import Bridge
from firmware.call.display import shown
from firmware.call.leg import (
    AnswerLeg,
    AttachLeg,
    EndLeg,
    Kind,
    KnockLeg,
    Leg,
    LegEnd,
    OfferLeg,
    RingAfterAll,
)
from firmware.core.commands import Caller
from firmware.core.settings import Extension

Beside = Literal["listen", "whisper"]


class Parties:
    """Legs by port, and who is joined. ``away`` are telephones whose user talks elsewhere now.

    ``beside`` are supervisors' telephones that listen, or whisper to whoever serves the caller:
    they are in the bridge, and nobody counts them as parties of the conversation.
    """

    __slots__ = ("_call", "away", "beside", "bridge", "legs", "moves")

    def __init__(self, call: str) -> None:
        self._call = call
        self.legs: dict[str, Leg] = {}
        self.away: set[str] = set()
        self.beside: dict[str, Beside] = {}
        self.bridge = Bridge(call)
        self.moves: list[str] = []

    def attach(self, port: str, kind: Kind, extension: str, now_ms: int) -> list[Any]:
        """A party that is there already."""
        leg = Leg(self._call, port, kind, extension)
        self.legs[port] = leg
        return leg.handle(AttachLeg(), now_ms)

    def ring(
        self, extension: Extension, caller: Caller | None, now_ms: int, cadence: str = "normal"
    ) -> list[Any]:
        """A telephone that is to ring."""
        leg = Leg(self._call, extension.port, "telephone", extension.number)
        self.legs[extension.port] = leg
        return leg.handle(OfferLeg(caller=shown(caller, extension), cadence=cadence), now_ms)

    def knock(self, extension: Extension, caller: Caller | None, now_ms: int) -> list[Any]:
        """A telephone in conversation that is to hear that somebody waits."""
        leg = Leg(self._call, extension.port, "telephone", extension.number)
        self.legs[extension.port] = leg
        return leg.handle(KnockLeg(caller=shown(caller, extension)), now_ms)

    def ring_after_all(self, port: str, now_ms: int) -> list[Any]:
        """The telephone that was knocked at is on its hook."""
        return self.legs[port].handle(RingAfterAll(), now_ms)

    def give_away(self, port: str) -> Leg:
        """Let another call have the party; nothing happens to it."""
        self.away.discard(port)
        self.beside.pop(port, None)
        return self.legs.pop(port)

    def take(self, leg: Leg) -> None:
        """A party of another call is one of this call now."""
        leg.call = self._call
        self.legs[leg.port] = leg

    def answer(self, port: str, now_ms: int) -> list[Any]:
        """The telephone was lifted; the others stop ringing."""
        done = self.legs[port].handle(AnswerLeg(), now_ms)
        for other in self.ringing():
            done += self.end(other, LegEnd.WITHDRAWN, now_ms)
        return done

    def answer_alone(self, port: str, now_ms: int) -> list[Any]:
        """The telephone was lifted; the others ring on."""
        return self.legs[port].handle(AnswerLeg(), now_ms)

    def end(self, port: str, cause: LegEnd, now_ms: int) -> list[Any]:
        """One party's part is over; nothing happens if there is none."""
        leg = self.legs.pop(port, None)
        if leg is None:
            return []
        self.beside.pop(port, None)
        if port in self.away:
            self.away.discard(port)
            cause = LegEnd.GONE  # its user is elsewhere and hears nothing of it
        done = leg.handle(EndLeg(cause=cause), now_ms)
        self.moves += leg.take_moves()
        return done

    def end_all(self, now_ms: int, *, gone: str, present: LegEnd, ringing: LegEnd) -> list[Any]:
        """Everybody's part is over; ``gone`` is the party that left by itself."""
        done: list[Any] = []
        for port in tuple(self.legs):
            cause = ringing if self.legs[port].ringing else present
            done += self.end(port, LegEnd.GONE if port == gone else cause, now_ms)
        return done

    def line(self) -> Leg | None:
        """The exchange line of the call, if it has one."""
        return next((leg for leg in self.legs.values() if leg.kind == "line"), None)

    def present(self) -> tuple[str, ...]:
        """Those who are there."""
        return tuple(port for port, leg in self.legs.items() if leg.present)

    def here(self) -> tuple[str, ...]:
        """Those who are there and not in another call; who only listens or whispers is not."""
        apart = self.away | self.beside.keys()
        return tuple(port for port in self.present() if port not in apart)

    def ringing(self) -> tuple[str, ...]:
        """Telephones that ring for the call."""
        return tuple(port for port, leg in self.legs.items() if leg.ringing)

    def join(self, *muted: str) -> list[Any]:
        """Let everybody who is there hear each other, but nobody those in ``muted``."""
        here = self.here()
        if not here or not self.beside:
            return list(self.bridge.join(*here, muted=muted))
        sets = tuple(port for port in here if self.legs[port].kind == "telephone")
        serving = sets if self.line() is not None else sets[1:]  # the first one called
        silent = [port for port, how in self.beside.items() if how == "listen" or not serving]
        whispers = {port: serving for port in self.beside if port not in silent}
        return list(
            self.bridge.join(*here, *self.beside, muted=(*muted, *silent), whispers=whispers)
        )

    def dismiss_beside(self, now_ms: int) -> list[Any]:
        """The conversation is over for those who listened to it."""
        done: list[Any] = []
        for port in tuple(self.beside):
            done += self.end(port, LegEnd.CLEARED, now_ms)
        return done
