"""Calls that are faxes: which is one, who takes it, and what became of it.

A line's caller who is heard to be a machine, or whose line takes nothing else, is lent to a fax
end, or rings the telephone jack that has a machine. A fax to be sent is a call of its own that a
fax end places, as from a handset of the extension in whose name it goes out.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from firmware.call.call import Call
from firmware.call.orders import Enquire
from firmware.control.fax_messages import (
    FaxdGone,
    FaxEnded,
    FaxEndsSeen,
    FaxProgress,
    FaxTaken,
    StartFax,
    StopFax,
)
from firmware.core.commands import AttachFax, HearFax, SetBridge
from firmware.core.destinations import FlowGoto, ToExtension, ToFlow
from firmware.core.events import FaxToneHeard
from firmware.core.fax_entries import FaxBegun, FaxFinished, FaxToneSeen
from firmware.core.fax_settings import machine_of, take_of
from firmware.core.log_entries import CallClosed, LogEntry, Outcome
from firmware.core.port_events import Digit, DismissPhone, OnHook, PortOrder
from firmware.core.settings import line_at
from firmware.dialogs.fax import FLOW, Fax, FaxWanted, Why
from firmware.fax.job import FaxJob, FaxOrder, FaxOutcome, station_id
from firmware.fax.outcome import (
    CALL_BUSY,
    CALL_FAILED,
    CALL_UNANSWERED,
    LOST,
    NO_END,
    Result,
    result_of,
)
from firmware.voicemail.session import Quiet

if TYPE_CHECKING:
    from firmware.daemons.office import Office

log = logging.getLogger(__name__)

PORT: Final = "fax/"

ORDER_WAITS_MS: Final = 480_000
"""So long an order waits for a fax end; then it has ended without one, and who ordered tries again.
That is before he gives it up for lost, after ten minutes."""

_CALL_CODES: Final = {
    Outcome.BUSY: CALL_BUSY,
    Outcome.NO_ANSWER: CALL_UNANSWERED,
    Outcome.ABANDONED: CALL_UNANSWERED,
    Outcome.REFUSED: CALL_FAILED,
    Outcome.FAILED: CALL_FAILED,
}


@dataclass(slots=True)
class _Running:
    """A fax end in use."""

    call: str
    job: FaxJob
    order: str  # name of the order, empty for one that is received
    port: str = ""  # that it is attached to
    begun: bool = False  # faxd was told
    over: bool = False  # its call is, as far as it goes for the fax
    stopped: bool = False  # and faxd knows that
    came_to: Outcome | None = None  # the call


class FaxCalls:
    """Fax ends and the calls they serve.

    Args:
        office: Whose calls they are.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._spool = ""  # folder of faxd's files, as it tells it
        self._ends = 0
        self._orders: list[tuple[FaxOrder, int]] = []  # that wait for an end, until when
        self._running: dict[str, _Running] = {}  # by fax end
        self._heard: set[str] = set()  # lines on which a machine is listened for
        self._known: dict[str, str] = {}  # calls with a machine in them, by what was heard

    @property
    def ends(self) -> int:
        """Fax ends that could be used; 0 while faxd is away."""
        return self._ends

    @property
    def free(self) -> int:
        """Of these, how many are idle."""
        return sum(self._is_free(n) for n in range(1, self._ends + 1))

    # --- what is heard ----------------------------------------------------------------------------

    def tone(self, event: FaxToneHeard, now_ms: int, out: list[Any]) -> None:
        """A machine sounds on a port."""
        office = self._office
        call = office.call_at(event.port)
        if call is None or call.call in self._known:
            return
        self._known[call.call] = event.kind
        seen = FaxToneSeen(call=call.call, at_ms=event.at_ms, port=event.port, tone=event.kind)
        office.carry_out([seen], now_ms, out)
        if event.kind != "cng" or event.port != call.origin or event.port not in self._heard:
            return
        goes = self._destination(event.port)
        if goes is not None:
            # A caller who waits for his menu, a queue or a telephone, and is none.
            said = FlowGoto(at_ms=event.at_ms, destination=goes, choice=FLOW)
            if FlowGoto in call.TABLE.states[call.state].on:
                office.dialog_says(call.call, [Quiet(), said], now_ms, out)

    def is_machine(self, call: Call) -> bool:
        """Whether a machine was heard in this call: it is left alone."""
        return call.call in self._known

    def _destination(self, port: str) -> ToExtension | ToFlow | None:
        settings = self._office.settings
        machine = machine_of(settings.fax, port)
        if machine:
            return ToExtension(number=machine)
        return ToFlow(flow=FLOW) if self._ends else None

    def dialog(self, flow: str, call: Call) -> Fax | None:
        """The visit of a caller who is a machine; None for any other flow."""
        if flow != FLOW:
            return None
        why: Why = "tone" if call.call in self._known else "setting"
        return Fax(why, self._office.settings.language)

    def told(self, call_id: str, told: object, now_ms: int, out: list[Any]) -> bool:
        """Whether a dialog wanted something of faxes."""
        if not isinstance(told, FaxWanted):
            return False
        self._receive(self._office.calls_by_id[call_id], told.why, now_ms, out)
        return True

    # --- receiving --------------------------------------------------------------------------------

    def _receive(self, call: Call, why: str, now_ms: int, out: list[Any]) -> None:
        office, settings = self._office, self._office.settings
        line = line_at(settings, call.origin)
        own = settings.fax.station or (line.number if line else "")
        caller = call.journal.caller
        fax = f"{call.call}-fax"
        job = FaxJob(
            fax=fax,
            direction="receive",
            tiff=f"{self._spool}/{fax}.tif",
            station=station_id(own),
            number=caller.number if caller else "",
            ecm=settings.fax.correction,
        )
        begun = FaxBegun(
            call=call.call, at_ms=now_ms, port=call.origin, fax=fax, direction="receive", why=why
        )
        end = self._free_end()
        office.carry_out([begun], now_ms, out)
        if not end:
            nothing = FaxOutcome(
                fax=fax, direction="receive", result=result_of(NO_END), code=NO_END
            )
            self._finish(call.call, "", nothing, now_ms, out)
            self._hang_up(call.call, now_ms, out)
            return
        self._running[end] = _Running(call.call, job, "", port=call.origin, begun=True)
        out += [AttachFax(port=call.origin, end=end), StartFax(port=end, job=job)]

    def _hang_up(self, call_id: str, now_ms: int, out: list[Any]) -> None:
        visit = self._office.dialog_of(call_id)
        if isinstance(visit, Fax):
            self._office.dialog_says(call_id, visit.over(now_ms), now_ms, out)

    # --- sending ----------------------------------------------------------------------------------

    def send(self, orders: Sequence[FaxOrder], now_ms: int) -> None:
        """Place a call for each with the next settling; one for which no end is free waits.

        What becomes of it stands in the log of the call.
        """
        self._orders += [(order, now_ms + ORDER_WAITS_MS) for order in orders]

    def _send(self, end: str, order: FaxOrder, now_ms: int, out: list[Any]) -> None:
        office = self._office
        settings = office.settings
        call = office.open_call(now_ms)
        first = settings.extensions[0].number if settings.extensions else ""
        call.walker = order.extension or first
        fax = f"{call.call}-fax"
        job = FaxJob(
            fax=fax,
            direction="send",
            tiff=order.tiff,
            calling=True,
            station=station_id(order.station or settings.fax.station),
            header=order.header,
            zone=order.zone,
            number=order.number,
            ecm=settings.fax.correction,
        )
        self._running[end] = _Running(call.call, job, order.job)
        office.carry_out(call.handle(Enquire(port=end, at_ms=now_ms), now_ms), now_ms, out)
        begun = FaxBegun(
            call=call.call,
            at_ms=now_ms,
            port=end,
            fax=fax,
            direction="send",
            why="sent",
            job=order.job,
        )
        prefix = next(iter(settings.outside_prefixes), "")
        for key in f"{prefix}{order.number}#":
            if call.state not in {"lifted", "collecting", "emergency_pause"}:
                break  # it is complete without the last key, or refused
            digit = Digit(port=end, at_ms=now_ms, digit=key)
            office.carry_out(call.handle(digit, now_ms), now_ms, out)
        office.carry_out([begun], now_ms, out)

    def ordered(self, order: PortOrder) -> bool:
        """Whether a call wants something of a fax end, as it would of a telephone."""
        running = self._running.get(order.port)
        if running is not None and isinstance(order, DismissPhone):
            running.over = True
        return order.port.startswith(PORT)

    def bridged(self, bridge: SetBridge, out: list[Any]) -> None:
        """A conversation begins to sound; one with a fax end is its fax."""
        for party in bridge.parties:
            running = self._running.get(party.port)
            if running is not None and not running.begun:
                running.begun = True
                out.append(StartFax(port=party.port, job=running.job))

    # --- faxd -------------------------------------------------------------------------------------

    def from_faxd(self, message: object, now_ms: int, out: list[Any]) -> None:
        """One message of faxd, or of the link to it."""
        match message:
            case FaxEndsSeen(ends=ends, spool=spool):
                self._ends, self._spool = ends, spool
            case FaxdGone():
                self._ends = 0
                for end in [end for end, r in self._running.items() if r.begun]:
                    self._lost(end, now_ms, out)
            case FaxProgress(phase="negotiated"):
                running = self._running.get(message.port)
                visit = self._office.dialog_of(running.call) if running else None
                if running is not None and isinstance(visit, Fax):
                    said = visit.agreed(now_ms)
                    self._office.dialog_says(running.call, said, now_ms, out)
            case FaxEnded(outcome=outcome):
                self._ended(message.port, outcome, now_ms, out)

    def _lost(self, end: str, now_ms: int, out: list[Any]) -> None:
        job = self._running[end].job
        lost = FaxOutcome(fax=job.fax, direction=job.direction, result=result_of(LOST), code=LOST)
        self._ended(end, lost, now_ms, out)

    def _ended(self, end: str, outcome: FaxOutcome, now_ms: int, out: list[Any]) -> None:
        running = self._running.get(end)
        if running is None or running.job.fax != outcome.fax:
            # Of a call control before this one: the call is closed, its pages are not lost.
            call_id = outcome.fax.removesuffix("-fax")
            self._finish(call_id, "", outcome, now_ms, out)
            return
        del self._running[end]
        outcome = _of_the_call(outcome, running.came_to)
        self._finish(running.call, running.order, outcome, now_ms, out)
        call = self._office.calls_by_id.get(running.call)
        if call is None:
            return
        if outcome.direction == "receive":
            out.append(AttachFax(port=running.port))
            self._hang_up(running.call, now_ms, out)
        elif not running.over:
            gone = OnHook(port=end, at_ms=now_ms)
            self._office.carry_out(call.handle(gone, now_ms), now_ms, out)

    def _finish(
        self, call_id: str, job: str, outcome: FaxOutcome, now_ms: int, out: list[Any]
    ) -> None:
        facts = msgspec.structs.asdict(outcome) | {"result": outcome.result.value}
        entry = FaxFinished(call=call_id, at_ms=now_ms, job=job, **facts)
        self._office.carry_out([entry], now_ms, out)
        if self._ends:
            out.append(FaxTaken(fax=outcome.fax))

    # --- always -----------------------------------------------------------------------------------

    def note(self, entry: LogEntry) -> None:
        """What happens to the calls of faxes."""
        if isinstance(entry, CallClosed):
            for running in self._running.values():
                if running.call == entry.call:
                    running.over, running.came_to = True, entry.outcome

    def settle(self, now_ms: int, out: list[Any]) -> None:
        """After anything happened: faxes whose call is over, lines to be listened to."""
        calls = self._office.calls_by_id
        self._known = {call: kind for call, kind in self._known.items() if call in calls}
        for end, running in list(self._running.items()):
            if running.stopped or not (running.over or running.call not in calls):
                continue
            running.stopped = True
            if running.port:
                out.append(AttachFax(port=running.port))
            if running.begun:
                out.append(StopFax(port=end))  # the end is free when it has said how it ended
            else:
                job = running.job
                nothing = FaxOutcome(
                    fax=job.fax, direction=job.direction, result=Result.NOT_PLACED, code=CALL_FAILED
                )
                self._ended(end, nothing, now_ms, out)
        waited = [order for order, until in self._orders if until <= now_ms]
        self._orders = [(order, until) for order, until in self._orders if until > now_ms]
        for order in waited:
            self._gave_up(order, now_ms, out)
        while self._orders and (free := self._free_end()):
            self._send(free, self._orders.pop(0)[0], now_ms, out)
        self._listen(out)

    def next_deadline(self) -> int | None:
        """When the first order that waits has waited too long."""
        return min((until for _, until in self._orders), default=None)

    def _gave_up(self, order: FaxOrder, now_ms: int, out: list[Any]) -> None:
        """No call was ever placed for it: all ends were in use, or faxd was away."""
        code = NO_END if self._ends else LOST
        nothing = FaxOutcome(
            fax=f"order-{order.job}", direction="send", result=result_of(code), code=code
        )
        self._finish("", order.job, nothing, now_ms, out)

    def _listen(self, out: list[Any]) -> None:
        wanted = {
            port
            for port in self._office.flow_ports()
            if take_of(self._office.settings.fax, port) == "listen"
        }
        out += [HearFax(port=port, wanted=False) for port in sorted(self._heard - wanted)]
        out += [HearFax(port=port, wanted=True) for port in sorted(wanted - self._heard)]
        self._heard = wanted

    def _is_free(self, number: int) -> bool:
        return f"{PORT}{number}" not in self._running

    def _free_end(self) -> str:
        for number in range(1, self._ends + 1):
            if self._is_free(number):
                return f"{PORT}{number}"
        return ""


def _of_the_call(outcome: FaxOutcome, came_to: Outcome | None) -> FaxOutcome:
    """The outcome of a fax whose machines never spoke is that of its call."""
    spoke = outcome.bit_rate or outcome.pages or outcome.remote_station
    if outcome.direction == "receive" or came_to is None or spoke:
        return outcome
    code = _CALL_CODES.get(came_to)
    if code is None or outcome.result not in {Result.CALL_DROPPED, Result.NOT_PLACED}:
        return outcome
    return msgspec.structs.replace(outcome, code=code, result=result_of(code))
