"""Whoever is attended to: flows and visits to mailboxes that run for calls, and their prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from drivers.line import AnyLineCommand, PortKind, port_kind
from firmware.call.call import Call
from firmware.call.orders import ChangeSettings
from firmware.core.acd_settings import queue_named
from firmware.core.commands import AnyMediaCommand, Play, StartRecording, StopPlay, StopRecording
from firmware.core.country import Country
from firmware.core.destinations import (
    EndFlow,
    FlowGoto,
    FlowHangsUp,
    FlowLearned,
    ReturnToFlow,
    StartFlow,
)
from firmware.core.events import PlayFinished, RecordingFinished
from firmware.core.ids import is_notice, play_id
from firmware.core.log_entries import AnyLogEntry, LogEntry
from firmware.core.settings import Mode, Settings
from firmware.daemons.handset.dialogs import shared_by
from firmware.daemons.jacks import Jacks
from firmware.daemons.lobby import Lobby, OutsideLookUp, Prompts
from firmware.daemons.visits import Visits
from firmware.dialogs.after_call import Parting
from firmware.dialogs.told import JudgeTake, StudioOrder, Told
from firmware.voicemail.mailbox import MailboxChange
from firmware.voicemail.session import Quiet, Record, StopRecord, Talk
from firmware.voicemail.session import Session as Visit
from ivr.document import FlowDocument
from ivr.flow import Flow
from ivr.orders import Hush, LookedUp, LookUpWanted, RecordEnds, RecordWanted, Say
from ivr.shipped import MAIN, announced, straight

Effect = (
    AnyLineCommand
    | AnyMediaCommand
    | AnyLogEntry
    | ChangeSettings
    | MailboxChange
    | OutsideLookUp
    | StudioOrder
)


RENDERED = ("zh-CN", "en")  # languages that mailboxes speak


class FlowRun:
    """A flow running for one call, and the name of what it plays."""

    __slots__ = ("flow", "play", "plays", "port")

    def __init__(self, flow: Flow | Visit, port: str) -> None:
        self.flow = flow
        self.port = port
        self.play = ""
        self.plays = 0


class Attendance(Jacks):
    """Flows and visits, by call.

    Args:
        settings: The office's settings, already validated.
        country: The profile of ``settings.country``.
        folder: Where recordings go, as lined shall name them.
        flows: Menu flows by name, besides those that ship and those of the settings.
        prompts: Which there are.
    """

    def __init__(
        self,
        settings: Settings,
        country: Country,
        folder: str,
        flows: Mapping[str, FlowDocument] | None = None,
        prompts: Prompts | None = None,
    ) -> None:
        super().__init__(settings, country)
        self._folder = folder
        self.lobby = Lobby(
            settings,
            wall=self.wall,
            mode=self.mode,
            recordings=folder,
            flows=flows,
            prompts=prompts,
        )
        self._calls: dict[str, Call] = {}
        self._runs: dict[str, FlowRun] = {}
        self._visits = Visits(folder)
        self._languages: dict[str, str] = {}  # that callers chose

    def carry_out(self, effects: Sequence[Any], now_ms: int, out: list[Any]) -> None:
        """Pass on what machines say to each other until only commands and entries are left."""
        raise NotImplementedError

    def wall(self, now_ms: int) -> datetime | None:
        """UTC at a monotonic time, None while nobody has told it."""
        raise NotImplementedError

    def mode(self, now_ms: int) -> Mode:
        """Day, lunch, night or holiday."""
        raise NotImplementedError

    def own_dialog(self, flow: str, call: Call) -> Visit | None:  # noqa: ARG002 - the seam
        """A dialog that needs more than the settings; None for any other flow."""
        return None

    def more_waits(self, port: str) -> bool:  # noqa: ARG002 - the seam
        """Whether something besides messages waits to be heard at this telephone."""
        return False

    def waiting_messages(self, extension: str) -> int:
        """Messages that an extension has not heard."""
        return self._visits.boxes.waiting(extension)

    def dialog_told(self, call_id: str, told: Told, now_ms: int, out: list[Any]) -> None:
        """What a dialog with a handset found out."""
        raise NotImplementedError

    def call_at(self, port: str) -> Call | None:
        """The call of a port; of two, the one that its user is in."""
        second: Call | None = None
        for call in self._calls.values():
            leg = call.parties.legs.get(port)
            if leg is None:
                continue
            if port not in call.parties.away and not leg.knocking:
                return call
            second = second or call
        return second

    def phone_idle(self, port: str) -> bool:
        """The telephone can ring now: no call is about to ring it in this very moment either."""
        return super().phone_idle(port) and self.call_at(port) is None

    def _flow_order(
        self, order: StartFlow | ReturnToFlow | EndFlow, now_ms: int, out: list[Effect]
    ) -> None:
        match order:
            case StartFlow():
                call = self._calls[order.call]
                visit = self.own_dialog(order.flow, call) or self._visits.begin(
                    order.flow, call, order.port, self._settings_of(order.call)
                )
                flow = visit or self.lobby.receive(self._document(order), call, order.port)
                run = FlowRun(flow, order.port)
                self._runs[order.call] = run
                self._flow_says(order.call, run.flow.start(now_ms), now_ms, out)
            case ReturnToFlow() if order.call in self._runs:
                said = self._runs[order.call].flow.returned(order.result, now_ms)
                self._flow_says(order.call, said, now_ms, out)
            case EndFlow():
                ended = self._runs.pop(order.call, None)
                if ended is not None and ended.play:
                    out.append(StopPlay(port=ended.port))
                if ended is not None and isinstance(ended.flow, Visit):
                    self._visit_says(ended.flow, ended.flow.left(now_ms), now_ms, out)
                elif ended is not None and isinstance(ended.flow, Flow):
                    self._flow_left(ended.flow, now_ms, out)

    def _settings_of(self, call: str) -> Settings:
        """The settings as the caller of this call meets them: in the language he chose."""
        chosen = self._languages.get(call)
        if chosen is None:
            return self._settings
        return msgspec.structs.replace(self._settings, language=chosen)

    def flow_ports(self) -> set[str]:
        """Lines and trunks whose callers are in a flow, a queue or a mailbox."""
        return {run.port for run in self._runs.values() if port_kind(run.port) is not PortKind.FXS}

    def waits_for_key(self) -> int | None:
        """Until when the one caller in a flow is waited for; None while he is not."""
        flows = [run.flow for run in self._runs.values() if not run.play]
        return next((flow.next_deadline() for flow in flows), None)

    def _flow_left(self, flow: Flow, now_ms: int, out: list[Effect]) -> None:
        """The caller is gone from a flow; what he said into a recorder is kept."""
        for effect in flow.left(now_ms):
            if isinstance(effect, LogEntry):
                self.carry_out([effect], now_ms, out)
            elif isinstance(effect, RecordEnds) and (name := self.lobby.recording_of(flow)):
                out.append(StopRecording(recording=name))

    def looked_up(self, call_id: str, answer: LookedUp, now_ms: int) -> list[Effect]:
        """The answer to an ``OutsideLookUp``; one that comes too late changes nothing."""
        out: list[Effect] = []
        run = self._runs.get(call_id)
        if run is not None and isinstance(run.flow, Flow):
            self._flow_says(call_id, run.flow.looked_up(answer, now_ms), now_ms, out)
        return out

    def _flow_recorded(self, event: RecordingFinished, now_ms: int, out: list[Effect]) -> bool:
        """A recording that a flow made is closed; whether it was one."""
        closed = self.lobby.closed(event, now_ms)
        if closed is None:
            return False
        call_id, flow, kept = closed
        if kept is not None:
            self._visits.apply(kept)
            self._show_waiting()
            out.append(kept)
        self._flow_says(call_id, flow.recorded(event.duration_ms, now_ms), now_ms, out)
        return True

    def _document(self, order: StartFlow) -> FlowDocument:
        """The flow of that name; ``announced:PLACE`` is a place with a message before it."""
        kind, _, place = order.flow.partition(":")
        if kind != "announced":
            return self.lobby.flows.get(order.flow, MAIN)
        if place.startswith("flow:"):
            document = self.lobby.flows.get(place.removeprefix("flow:"), MAIN)
        else:
            groups = {group.number for group in self._settings.ring_groups}
            queue = queue_named(self._settings.acd, place) is not None
            document = straight(place, group=place in groups, queue=queue)
        return announced(document, self._calls[order.call].announcement)

    def _flow_says(self, call_id: str, said: Sequence[Any], now_ms: int, out: list[Effect]) -> None:
        for effect in said:
            run = self._runs.get(call_id)
            if run is None:
                return
            match effect:
                case Say(prompts=prompts) | Talk(prompts=prompts):
                    run.plays += 1
                    run.play = play_id(call_id, run.plays)
                    # A line that was closed this moment does not carry sound yet.
                    settles = run.plays == 1 and port_kind(run.port) is PortKind.FXO
                    after_ms = self._times["answer_settle"] if settles else 0
                    out.append(
                        Play(port=run.port, play=run.play, prompts=prompts, after_ms=after_ms)
                    )
                case Hush() | Quiet():
                    run.play = ""
                    out.append(StopPlay(port=run.port))
                case FlowLearned():
                    if effect.language in RENDERED:
                        self._languages[call_id] = effect.language
                    call = self._calls[call_id]
                    self.carry_out(call.handle(effect, now_ms), now_ms, out)
                case LogEntry():
                    self.carry_out([effect], now_ms, out)
                case LookUpWanted():
                    out.append(OutsideLookUp(call=call_id, order=effect))
                case RecordWanted() if isinstance(run.flow, Flow):
                    name, path = self.lobby.record(call_id, run.flow, effect)
                    out.append(StartRecording(port=run.port, recording=name, path=path))
                case RecordEnds() if isinstance(run.flow, Flow):
                    out.append(StopRecording(recording=self.lobby.recording_of(run.flow)))
                case FlowGoto() | FlowHangsUp():
                    run.play = ""
                    call = self._calls[call_id]
                    self.carry_out(call.handle(effect, now_ms), now_ms, out)
                case Record() if isinstance(run.flow, Visit):
                    begun = self._visits.record(call_id, run.flow, self.wall(now_ms))
                    self._visit_says(run.flow, run.flow.begun(begun), now_ms, out)
                    out.append(StartRecording(port=run.port, recording=begun.name, path=begun.path))
                case Told():
                    self.dialog_told(call_id, effect, now_ms, out)
                case StopRecord() | MailboxChange() if isinstance(run.flow, Visit):
                    self._visit_says(run.flow, (effect,), now_ms, out)

    def _visit_says(
        self, visit: Visit, said: Sequence[Any], now_ms: int, out: list[Effect]
    ) -> None:
        """What a visit wants, whether its visitor is still there or not."""
        for effect in said:
            match effect:
                case StopRecord():
                    if recording := self._visits.stop(visit):
                        out.append(StopRecording(recording=recording))
                case MailboxChange():
                    self._visits.apply(effect)
                    self._show_waiting()
                    out.append(effect)
                case Parting() if visit.gone:
                    self.dialog_told("", effect, now_ms, out)
                case JudgeTake() if visit.gone:  # nobody waits; the desk clears its files away
                    out.append(StudioOrder(call="", extension="", order=effect))
                case _:
                    for call_id, run in list(self._runs.items()):
                        if run.flow is visit:
                            self._flow_says(call_id, (effect,), now_ms, out)

    def _played(self, play: str, now_ms: int, out: list[Effect], *, completed: bool = True) -> None:
        """A play-out has ended: the flow goes on, or a call that was saying something."""
        for call_id, run in self._runs.items():
            if run.play == play:
                run.play = ""
                self._flow_says(call_id, run.flow.played(now_ms), now_ms, out)
                return
        call = self._calls.get(play.rpartition("-")[0])
        if is_notice(play) and call is not None and call.state not in {"talking", "held"}:
            return  # it was said beside what moves the call on
        if call is not None and PlayFinished in call.TABLE.states[call.state].on:
            ended = PlayFinished(port=call.origin, at_ms=now_ms, play=play, completed=completed)
            self.carry_out(call.handle(ended, now_ms), now_ms, out)

    def _advance_flow(self, due_ms: int, out: list[Effect]) -> None:
        for call_id, run in list(self._runs.items()):
            if run.flow.next_deadline() == due_ms:
                self._flow_says(call_id, run.flow.advance(due_ms), due_ms, out)
                return

    def _show_waiting(self) -> None:
        """Telephones with new messages get another dial tone at the next lift."""
        for extension in self._settings.extensions:
            phone = self._phones.get(extension.port)
            if phone is not None:
                every = (extension.number, *shared_by(extension.number, self._settings))
                messages = any(self._visits.boxes.waiting(box) for box in every)
                phone.message_waits = messages or self.more_waits(extension.port)
                services = extension.services
                phone.calls_elsewhere = bool(services.forward_all) or services.do_not_disturb
