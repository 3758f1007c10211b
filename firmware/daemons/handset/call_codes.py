"""Codes that concern calls: override, intercom, paging, listening in, marks, recordings."""

from __future__ import annotations

from collections.abc import Mapping

from firmware.call.call import Call
from firmware.call.keeping import notice_of
from firmware.call.orders import Broadcast, GoOn, Join, PauseRecording, RecordNow
from firmware.core.log_entries import CallMarked
from firmware.daemons.handset.ask import Answer, Ask
from firmware.daemons.handset.bells import Bells
from firmware.daemons.handset.handsets import Handsets

MOST_TOGETHER = 3
"""Parties of a conversation that one more may still join."""


class CallCodes:
    """Each method carries out one code."""

    def __init__(self, handsets: Handsets, bells: Bells) -> None:
        self._handsets = handsets
        self._bells = bells

    def table(self) -> Mapping[str, Answer]:
        """Service to what carries it out."""
        return {
            "callback_on": self._callback_on,
            "callback_off": self._callback_off,
            "override": self._override,
            "intercom": self._intercom,
            "page": self._page,
            "room_open": self._room_open,
            "room_listen": self._room_listen,
            "malicious": self._malicious,
            "record": self._record,
            "last_recording": self._last_recording,
            "record_pause": self._record_pause,
            "escalate": self._escalate,
        }

    def _callback_on(self, ask: Ask) -> None:
        target = ask.extension_named(self._handsets.last_dialled.get(ask.port, ""))
        if target is None or target.number == ask.extension.number:
            ask.refuse("code-not-now")
            return
        self._bells.wait_for(ask.extension.number, target.number, ask.now_ms)
        ask.say("free-callback-on")

    def _callback_off(self, ask: Ask) -> None:
        self._bells.no_callbacks(ask.extension.number)
        ask.say("free-callback-off")

    def _override(self, ask: Ask) -> None:
        target = ask.extension_named(ask.order.arguments[0])
        if target is None:
            ask.refuse("extension-unknown")
            return
        found = ask.office.call_at(target.port)
        allowed = ask.extension.may_override and not target.private
        if not allowed or found is None or not _may_join(found, ask.port):
            ask.refuse("override-refused")
            return
        others = (ask.settings.extensions[at] for at in range(len(ask.settings.extensions)))
        if any(other.private and other.port in found.parties.legs for other in others):
            ask.refuse("override-refused")
            return
        ask.join(found, tone="music/beep")

    def _intercom(self, ask: Ask) -> None:
        if ask.extension_named(ask.order.arguments[0]) is None:
            ask.refuse("extension-unknown")
            return
        ask.tell(ask.call, GoOn(number=ask.order.arguments[0], cadence="intercom"))

    def _page(self, ask: Ask) -> None:
        wanted = ask.order.arguments[0]
        group = next((g for g in ask.settings.ring_groups if g.number == wanted), None)
        if group is None:
            ask.refuse("extension-unknown")
            return
        if any(call.state == "paging" for call in ask.office.calls_by_id.values()):
            ask.refuse("paging-busy")
            return
        idle = ask.office.idle_phones()
        members = tuple(
            e
            for e in ask.settings.extensions
            if e.number in group.members
            and e.port in idle
            and e.port != ask.port
            and not e.services.do_not_disturb
        )
        if not members:
            ask.refuse("paging-nobody")
            return
        ask.tell(ask.call, Broadcast(members=members, prompts=(f"{ask.language}/paging-begin",)))

    def _room_open(self, ask: Ask) -> None:
        ask.tell(ask.call, Broadcast(members=(), prompts=(f"{ask.language}/feature-on",)))

    def _room_listen(self, ask: Ask) -> None:
        target = ask.extension_named(ask.order.arguments[0])
        found = ask.office.call_at(target.port) if target is not None else None
        if found is None or found.state != "room":
            ask.refuse("code-not-now")
            return
        ask.join(found, hears_only=True)

    def _malicious(self, ask: Ask) -> None:
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        marked = held.call if held is not None else self._handsets.last_call.get(ask.port, "")
        if not marked:
            ask.refuse("malicious-none")
            return
        entry = CallMarked(
            call=marked, at_ms=ask.now_ms, mark="malicious", extension=ask.extension.number
        )
        ask.enter([entry])
        if held is not None and RecordNow in held.TABLE.states[held.state].on:
            ask.tell(held, RecordNow())  # evidence; whoever threatens is not told
        ask.say("malicious-marked")

    def _record(self, ask: Ask) -> None:
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        if held is None or RecordNow not in held.TABLE.states[held.state].on:
            ask.refuse("record-none")
            return
        ask.tell(held, RecordNow(prompts=notice_of(ask.settings)))
        ask.say("record-on")

    def _record_pause(self, ask: Ask) -> None:
        session = self._handsets.sessions.get(ask.port)
        held = session.held if session is not None else None
        if held is None or held.recording_paused is None:
            ask.refuse("record-none")
            return
        pause = not held.recording_paused
        ask.tell(held, PauseRecording(pause=pause))
        ask.say("record-off" if pause else "record-on")

    def _last_recording(self, ask: Ask) -> None:
        path = self._handsets.last_recording.get(ask.port, "")
        if not path:
            ask.refuse("last-recording-none")
            return
        ask.tell(ask.call, GoOn(number="", flow=f"recording:{path}"))

    def _escalate(self, ask: Ask) -> None:
        idle = ask.office.idle_phones()
        for number in ask.settings.escalation:
            superior = ask.extension_named(number)
            if (
                superior is not None
                and superior.port in idle
                and superior.port != ask.port
                and not superior.services.do_not_disturb
            ):
                ask.tell(ask.call, GoOn(number=number))
                return
        ask.refuse("escalate-nobody")


def _may_join(call: Call, port: str) -> bool:
    open_to_more = Join in call.TABLE.states[call.state].on and call.state == "talking"
    here = call.parties.here()
    return open_to_more and port not in call.parties.legs and len(here) < MOST_TOGETHER
