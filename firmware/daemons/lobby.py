"""What running flows need of the office: hours, tables, prompts, and recordings into mailboxes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Protocol

import msgspec

from firmware.call.call import Call
from firmware.call.hours import zone_of
from firmware.core.events import RecordingFinished
from firmware.core.settings import Mode, Settings, extension_at, line_at
from firmware.customers.customer import Customer
from firmware.voicemail.mailbox import Keep, Message
from ivr.check import check_documents
from ivr.document import FlowDocument, FlowRefused, read_flow
from ivr.flow import Flow
from ivr.known import office_of
from ivr.orders import Caller, LookUpWanted, QueueFigures, RecordWanted
from ivr.shipped import CANTONESE_OFFER, SHIPPED, with_cantonese

log = logging.getLogger(__name__)

CUSTOMERS = "customers"  # the table whose rows are customers by their number
FOLDER = "voicemail"


class Prompts(Protocol):
    """Which prompts there are, and what they sound like to a proof."""

    def has(self, name: str) -> bool:
        """Whether ``language/key`` or the recording at an absolute path is there."""
        ...

    def fingerprint(self, prompts: tuple[str, ...]) -> str:
        """SHA-256 of their sound in this order."""
        ...

    def length_ms(self, name: str) -> int:
        """How long a prompt is; 0 for one that is not there."""
        ...


class EveryPrompt:
    """All prompts are there; for an office that is driven without sound."""

    def has(self, name: str) -> bool:
        """Always, but for what an office has to record itself before it is offered."""
        return name != CANTONESE_OFFER

    def fingerprint(self, prompts: tuple[str, ...]) -> str:
        """Of the names."""
        return hashlib.sha256("\n".join(prompts).encode()).hexdigest()

    def length_ms(self, name: str) -> int:  # noqa: ARG002 - as above
        """Two seconds."""
        return 2_000


class OutsideLookUp(msgspec.Struct, frozen=True, kw_only=True):
    """A flow wants to know something that the office does not; the shell answers."""

    call: str
    order: LookUpWanted


class _Recording(msgspec.Struct, kw_only=True):
    flow: Flow
    call: str
    order: RecordWanted
    caller: str
    caller_name: str


class Lobby:
    """The office as callers in flows meet it.

    Args:
        settings: In force.
        wall: Time of day, UTC, at a monotonic time.
        mode: Day, lunch, night or holiday, likewise.
        recordings: The folder of recordings; that of messages stands beside it.
        flows: Flows besides those that ship and those of the settings.
        prompts: Which there are.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        wall: Callable[[int], datetime | None],
        mode: Callable[[int], Mode],
        recordings: str,
        flows: Mapping[str, FlowDocument] | None = None,
        prompts: Prompts | None = None,
    ) -> None:
        self._wall = wall
        self._mode = mode
        self._folder = PurePosixPath(recordings).parent / FOLDER
        self._given = dict(flows or {})
        self.prompts = prompts or EveryPrompt()
        self.figures: Callable[[str], QueueFigures] = lambda _name: QueueFigures()
        self.customer_of: Callable[[str], Customer | None] = lambda _number: None
        self.patience_of: Callable[[str], int] = lambda _number: 100  # percent
        self._recordings: dict[str, _Recording] = {}
        self._made = 0
        self.retune(settings)

    def retune(self, settings: Settings) -> None:
        """New settings; callers who are within a flow stay in the one they came to."""
        self._settings = settings
        self.flows: dict[str, FlowDocument] = {**SHIPPED, **self._given}
        for name, document in settings.flows.items():
            try:
                flow = read_flow(dict(document))
            except FlowRefused as refused:
                log.error("flow %s cannot be used: %s", name, refused)
                continue
            self.flows[name] = msgspec.structs.replace(flow, name=name)

    # --- asked by flows ---------------------------------------------------------------------------

    def wall(self, now_ms: int) -> datetime | None:
        """Local time."""
        wall = self._wall(now_ms)
        return None if wall is None else wall.astimezone(zone_of(self._settings))

    def mode(self, now_ms: int) -> Mode:
        """Day, lunch, night or holiday."""
        return self._mode(now_ms)

    def grade(self, number: str) -> str:
        """From his card; without one from the table of customers."""
        card = self.customer_of(number)
        if card is not None and (card.grade or "vip" in card.tags):
            return card.grade or "vip"
        return self._settings.tables.get(CUSTOMERS, {}).get(number, {}).get("grade", "")

    def table(self, name: str) -> Mapping[str, Mapping[str, str]] | None:
        """A table of the settings; that of customers may be empty."""
        found = self._settings.tables.get(name)
        return {} if found is None and name == CUSTOMERS else found

    def extensions(self) -> tuple[str, ...]:
        """Numbers of telephones."""
        return tuple(extension.number for extension in self._settings.extensions)

    def queue(self, name: str) -> QueueFigures:
        """How it stands with a queue; nobody waits where there is none."""
        return self.figures(name)

    def has_prompt(self, name: str) -> bool:
        """Whether it can be heard."""
        return self.prompts.has(name)

    def fingerprint(self, prompts: tuple[str, ...]) -> str:
        """A proof of what was played."""
        return self.prompts.fingerprint(prompts)

    # --- for the office ---------------------------------------------------------------------------

    def receive(self, document: FlowDocument, call: Call, port: str) -> Flow:
        """A flow for a caller."""
        settings = self._settings
        flows = self.flows
        if self.prompts.has(CANTONESE_OFFER):
            theirs = {*settings.flows, *self._given}
            document = document if document.name in theirs else with_cantonese(document)
            flows = {n: f if n in theirs else with_cantonese(f) for n, f in flows.items()}
        line, extension = line_at(settings, port), extension_at(settings, port)
        known = call.journal.caller
        caller = Caller(
            call=call.call,
            number=known.number if known else (extension.number if extension else ""),
            name=known.name if known else (extension.name if extension else ""),
            line=port,
            line_name=line.name if line else "",
            called=line.number if line else "",
            language=settings.language,
        )
        return Flow(
            document,
            (settings.language,),
            caller=caller,
            office=self,
            flows=flows,
            patience=self.patience_of(caller.number) if line is not None else 100,
        )

    def record(self, call: str, flow: Flow, order: RecordWanted) -> tuple[str, str]:
        """Name and path of a recording that is to begin."""
        self._made += 1
        name = f"{call}-msg{self._made}"
        caller = flow.visitor.caller
        self._recordings[name] = _Recording(
            flow=flow, call=call, order=order, caller=caller.number, caller_name=caller.name
        )
        return name, str(self._folder / f"{name}.wav")

    def recording_of(self, flow: Flow) -> str:
        """The recording of a flow that runs, empty for none."""
        return next((name for name, r in self._recordings.items() if r.flow is flow), "")

    def closed(self, event: RecordingFinished, now_ms: int) -> tuple[str, Flow, Keep | None] | None:
        """Call and flow a closed recording belongs to, and what is to be kept of it."""
        recording = self._recordings.pop(event.recording, None)
        if recording is None:
            return None
        if event.duration_ms < recording.order.shortest_ms:
            return recording.call, recording.flow, None
        wall = self._wall(now_ms)
        message = Message(
            message=event.recording,
            mailbox=recording.order.mailbox,
            path=event.path,
            left_at="" if wall is None else wall.isoformat(timespec="seconds"),
            duration_ms=event.duration_ms,
            caller=recording.caller,
            caller_name=recording.caller_name,
        )
        return recording.call, recording.flow, Keep(message=message)


def flow_problems(
    settings: Settings,
    language: str,
    *,
    has_prompt: Callable[[str], bool] | None = None,
    today: date | None = None,
) -> dict[str, str]:
    """What is wrong with the flows of the settings, as path to sentence; empty when all is well."""
    known = office_of(settings, has_prompt=has_prompt, today=today)
    _, wrong = check_documents({n: dict(d) for n, d in settings.flows.items()}, known)
    found: dict[str, str] = {}
    for name, problems in wrong.items():
        for problem in problems:
            path = ".".join(part for part in ("flows", name, problem.path) if part)
            found.setdefault(path, problem.sentence(language))
    return found
