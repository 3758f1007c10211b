"""One call, from the first ring or the lifted handset to its closed record.

A call is told what ports and menus say and answers with orders to ports and menus, with commands
for the sound path, and with the entries of its log. Entries come before what they announce, so
that the record says "answered" before voices are joined.

The office's telephone that calls is dismissed with a tone when nothing comes of it; from then on
the tone is the port's affair and the record is closed.

The handlers of the table in ``states`` stand in layers, each class built upon the one before it
and calling only what is below: ``ending``, ``refusing``, ``outgoing``, ``offering``,
``attending``, ``queueing``, ``dialling``, ``talking``, ``transferring``, ``announcing``,
``supervising``, ``summoning``, and this one, which knows who leaves and what a restart finds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from firmware.call.attending import OWN_FLOWS
from firmware.call.bridge import Bridge
from firmware.call.leg import Kind, LegEnd
from firmware.call.states import CALL
from firmware.call.summoning import Summoning
from firmware.core.acd_entries import SupervisorActed
from firmware.core.commands import Listen
from firmware.core.desk_entries import ConsentNoted
from firmware.core.destinations import ToFlow, ToOutside
from firmware.core.fsm import STAY, Table
from firmware.core.log_entries import (
    AnyLogEntry,
    CallDialled,
    CallForwarded,
    ClearedBy,
    Direction,
    Outcome,
    PartyLeft,
    Side,
)
from firmware.core.menu_entries import ConsentGiven, ConsentRefused
from firmware.core.port_events import FarSideCleared, OnHook
from firmware.core.settings import extension_at


class Call(Summoning):
    """One call: who leaves it, and how it is taken over after a restart."""

    __slots__ = ()
    TABLE: ClassVar[Table] = CALL

    def _on_hook(self, event: OnHook, now_ms: int) -> str:
        if self._others_go_on(event.port, now_ms, LegEnd.GONE):
            return STAY
        if self.journal.digits and not self.journal.offered:
            self._keep_half_dialled(event.at_ms)
        visited = {"voicemail": Outcome.NO_ANSWER, **dict.fromkeys(OWN_FLOWS, Outcome.SERVICE)}
        unconnected = visited.get(self._flow.partition(":")[0], Outcome.ABANDONED)
        if self._served_by_flow or self.state == "serving":
            unconnected = Outcome.SERVICE  # he heard enough of what came of his code
        return self._end(
            Outcome.ANSWERED if self.journal.connected else unconnected,
            self._side_of(event.port),
            ClearedBy.ON_HOOK,
            event.at_ms,
            event.port,
            gone=event.port,
        )

    def _far_side_cleared(self, event: FarSideCleared, now_ms: int) -> str:
        if self._others_go_on(event.port, now_ms, LegEnd.CLEARED):
            return STAY
        if self.journal.connected:
            outcome = Outcome.ANSWERED
        elif self._flow.startswith("voicemail:"):
            outcome = Outcome.NO_ANSWER  # he was served, if not by whom he wanted
        elif self._served_by_flow:
            outcome = Outcome.SERVICE
        elif self.journal.direction is Direction.INBOUND:
            outcome = Outcome.ABANDONED
        else:
            outcome = Outcome.NO_ANSWER if event.by is ClearedBy.TIMER else Outcome.FAILED
        return self._end(outcome, Side.CUSTOMER, event.by, event.at_ms, event.port, event.detail)

    def adopt(
        self,
        entries: Sequence[AnyLogEntry],
        present: tuple[str, ...],
        now_ms: int,
        *,
        recordings: Collection[str] = (),
        bridge: str = "",
        flow: str = "",
    ) -> list[Any]:
        """Take over a call whose log says so far ``entries``, with these parties present.

        ``bridge`` names the conversation that is up, empty if none is; ``recordings`` run.
        ``flow`` is where a caller who was answered and waits goes on, the beginning if empty.
        """
        journal = self.journal
        journal.read(entries)
        self._remember_way_out(entries)
        if journal.recording not in recordings:
            journal.recording = ""
        for port in present:
            extension = extension_at(self.settings, port)
            kind: Kind = "telephone" if port.startswith("fxs/") else "line"
            number = extension.number if extension else ""
            self.do(*self.parties.attach(port, kind, number, now_ms))
        self._remember_beside(entries, present)
        self.do(journal.adopted(present, now_ms))
        answered = journal.answered_by is not None or journal.direction is not Direction.OUTBOUND
        if bridge and flow:
            self.parties.bridge = Bridge(self.call, present, name=bridge)
            self.resume("menu", now_ms)
            self._enter_menu(now_ms)
            self._start_flow(ToFlow(flow=flow))
        elif bridge:
            self.parties.bridge = Bridge(self.call, present, name=bridge)
            self.resume("talking" if answered else "progress", now_ms)
            if len(self.parties.here()) == 1:
                # He was held, parked or on his way; whoever had him before gets him back.
                gone = [port for port in journal.talked if port not in present]
                self._sender = next((port for port in gone if port.startswith("fxs/")), "")
                self.resume("returning", now_ms)
                self._ring_sender(now_ms)
            else:
                self._hear_keys()
                if answered and not journal.connected:
                    self.do(journal.voices(present, now_ms))
        elif journal.line_answered:
            self.resume("menu", now_ms)
            self._enter_menu(now_ms)
            destination = self._inbound()
            main = ToFlow(flow="main")
            destination = ToFlow(flow=flow) if flow else destination
            self._start_flow(destination if isinstance(destination, ToFlow) else main)
        else:
            self.resume("alerted", now_ms)
        return self._taken()

    def _remember_beside(self, entries: Sequence[AnyLogEntry], present: Collection[str]) -> None:
        """Supervisors who only listened or whispered are not heard by more people than before."""
        for entry in entries:
            match entry:
                case SupervisorActed(act="listen" | "whisper" as act, port=port):
                    self.parties.beside[port] = "whisper" if act == "whisper" else "listen"
                case SupervisorActed(port=port) | PartyLeft(port=port):
                    self.parties.beside.pop(port, None)
                case _:
                    pass
        for port in tuple(self.parties.beside):
            if port in present:
                self.do(Listen(port=port, digits=True))
            else:
                del self.parties.beside[port]

    def _remember_way_out(self, entries: Sequence[AnyLogEntry]) -> None:
        """A call for help stays one over a restart, and a call outside is still watched."""
        for entry in entries:
            match entry:
                case CallDialled(destination=destination):
                    kind, _, number = destination.partition(" ")
                    if kind in {"emergency", "outside"}:
                        self.destination = ToOutside(number=number, emergency=kind == "emergency")
                        self._dial_out = number
                case CallForwarded(extension=extension):
                    self.forwarder = extension
                case ConsentGiven():
                    self._consent = "given"
                case ConsentRefused():
                    self._consent = "refused"
                case ConsentNoted(agreed=True):
                    self._noticed = True
                case _:
                    pass

    def recall(self, entries: Sequence[AnyLogEntry], now_ms: int) -> None:
        """Remember a call that is to be closed at once: what it was, without its parties."""
        self.journal.read(entries)
        self.journal.recording = ""
        if self.journal.cleared:
            self.resume("closing", now_ms)
        else:
            self.resume("talking" if self.journal.connected else "new", now_ms)
