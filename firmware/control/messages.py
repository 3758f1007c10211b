"""Everything that travels between the daemons, as JSON over Unix seqpacket sockets.

Three conversations: lined and calld (``ToCalld``, ``ToLined``), and anybody who asks calld
something (``Request``, ``Answer``). One message is one packet. The first message each way is
``Hello``; a peer with another protocol version is refused with a sentence, not guessed at.
"""

from __future__ import annotations

import msgspec

from drivers.line import AnyLineCommand, AnyLineEvent, Reading
from firmware.control.backup_messages import AnyBackupRequest, BackupsAnswer
from firmware.control.case_messages import AnyCaseAnswer, AnyCaseRequest
from firmware.control.fax_desk_messages import AnyFaxRequest, FaxAnswer
from firmware.control.floor_messages import AnyFloorAnswer, AnyFloorRequest, Floor
from firmware.control.office_messages import AnyOfficeAnswer, AnyOfficeRequest
from firmware.control.outbox_messages import AnyOutboxAnswer, AnyOutboxRequest, Channel
from firmware.control.prompt_messages import PromptAnswer, PromptRequest
from firmware.control.quality_messages import AnyQualityAnswer, AnyQualityRequest
from firmware.control.recording_messages import AnyRecordingRequest, RecordingDone
from firmware.control.trunk_messages import (
    AskTrunks,
    TrunksAnswer,
    TrunkTestAnswer,
    TryTrunk,
)
from firmware.control.update_messages import AnyUpdateRequest, LoopAnswer, UpdateAnswer
from firmware.core.commands import AnyMediaCommand, Party
from firmware.core.events import AnyMediaEvent, Heartbeat, LineMeasured

PROTOCOL = 1
MAX_MESSAGE_BYTES = 192_000


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """First message each way."""

    program: str
    protocol: int = PROTOCOL


# --- lined to calld -----------------------------------------------------------------------------


class PortSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What one port is doing, at the moment of connection."""

    port: str
    ready: bool
    chip: str = ""
    failed: str = ""
    off_hook: bool = False  # FXS: loop closed; FXO: seized by us
    ringing: bool = False  # FXS: we ring it; FXO: ring voltage is on it
    battery: bool = True
    reversed: bool = False
    tone: str = ""
    playing: str = ""


class BridgeSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that is up."""

    bridge: str
    call: str
    parties: tuple[Party, ...]


class RecordingSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that runs."""

    recording: str
    port: str
    path: str


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot"):
    """Second message of lined: the whole state, before any event.

    ``alone_ms`` is how long lined was without a call control; ``missed`` are the events it saw in
    that time, oldest first.
    """

    at_ms: int
    boot: str
    alone_ms: int
    ports: tuple[PortSnapshot, ...]
    bridges: tuple[BridgeSnapshot, ...] = ()
    recordings: tuple[RecordingSnapshot, ...] = ()
    missed: tuple[AnyLineEvent | AnyMediaEvent, ...] = ()


class PowerSigns(msgspec.Struct, frozen=True, kw_only=True, tag="power_signs"):
    """What the supply says on its lines; sent on every change and at the beginning."""

    at_ms: int
    mains: bool
    low: bool


class Readings(msgspec.Struct, frozen=True, kw_only=True, tag="readings"):
    """Answer to ``Measure``."""

    ask: int
    readings: tuple[Reading, ...]


class RegisterValue(msgspec.Struct, frozen=True, kw_only=True):
    """One register, decoded."""

    register: str
    address: int
    value: int
    reset: int | None
    fields: dict[str, str] = {}


class RegisterDump(msgspec.Struct, frozen=True, kw_only=True, tag="register_dump"):
    """Answer to ``DumpRegisters``: differences from reset first."""

    ask: int
    port: str
    chip: str = ""
    registers: tuple[RegisterValue, ...] = ()
    error: str = ""


ToCalld = (
    Hello
    | Snapshot
    | Heartbeat
    | PowerSigns
    | Readings
    | RegisterDump
    | AnyLineEvent
    | AnyMediaEvent
)


# --- calld to lined -----------------------------------------------------------------------------


class Measure(msgspec.Struct, frozen=True, kw_only=True, tag="measure"):
    """Ask for readings of all ports. ``ask`` comes back in the answer."""

    ask: int


class DumpRegisters(msgspec.Struct, frozen=True, kw_only=True, tag="dump_registers"):
    """Ask for one port's registers."""

    ask: int
    port: str


class KnowLines(msgspec.Struct, frozen=True, kw_only=True, tag="know_lines"):
    """What was learned of how each line clears, for the time when calld is away.

    ``profiles`` is by port, each as ``firmware.port.line_profile`` writes itself.
    """

    profiles: dict[str, dict[str, object]]


class KeepAlive(msgspec.Struct, frozen=True, kw_only=True, tag="keep_alive"):
    """calld is well. Without one for 2 s lined takes the ports into its own care."""

    at_ms: int


ToLined = Hello | KeepAlive | KnowLines | Measure | DumpRegisters | AnyLineCommand | AnyMediaCommand


# --- anybody to calld ---------------------------------------------------------------------------


class AskStatus(msgspec.Struct, frozen=True, kw_only=True, tag="ask_status"):
    """The state of the box now."""


class WatchStatus(msgspec.Struct, frozen=True, kw_only=True, tag="watch_status"):
    """Status now and again after every change, at most ten times a second, until disconnected."""


class AskLines(msgspec.Struct, frozen=True, kw_only=True, tag="ask_lines"):
    """What the chips measure and what is made of it, in ``language``; empty is the office's."""

    language: str = ""


class MeasureNow(msgspec.Struct, frozen=True, kw_only=True, tag="measure_now"):
    """Measure a free exchange line, and fit its port to it; the answer takes some 8 s."""

    port: str


class AskChecklist(msgspec.Struct, frozen=True, kw_only=True, tag="ask_checklist"):
    """What each exchange line has been seen to do: the list before opening."""


class AskRegisters(msgspec.Struct, frozen=True, kw_only=True, tag="ask_registers"):
    """One port's registers."""

    port: str


class AskSettings(msgspec.Struct, frozen=True, kw_only=True, tag="ask_settings"):
    """The settings in force, or those of an earlier ``version``."""

    version: int = 0


class AskHistory(msgspec.Struct, frozen=True, kw_only=True, tag="ask_history"):
    """Versions of the settings, newest first."""

    language: str = ""  # of what was found damaged; empty is the office's


class SaveSettings(msgspec.Struct, frozen=True, kw_only=True, tag="save_settings"):
    """Replace the settings. ``base`` is the version the editor began with."""

    base: int
    who: str
    why: str
    settings: dict[str, object]
    language: str = ""  # of the sentences that refuse; empty is the office's
    trial_ms: int = 0  # a change of lines is taken back after so long unless it is confirmed


class EndTrial(msgspec.Struct, frozen=True, kw_only=True, tag="end_trial"):
    """The change on trial stays (``keep``), or is taken back at once."""

    keep: bool
    who: str


class OpenClaim(msgspec.Struct, frozen=True, kw_only=True, tag="open_claim"):
    """Let somebody take possession of a box without an owner; whoever asks stands at the box."""

    language: str = "zh-CN"


class Claim(msgspec.Struct, frozen=True, kw_only=True, tag="claim"):
    """Become the owner. ``password`` is its argon2id hash, ``language`` the reader's."""

    code: str
    name: str
    password: str
    language: str = "zh-CN"


class PlaceCall(msgspec.Struct, frozen=True, kw_only=True, tag="place_call"):
    """Ring an extension; when it is lifted it dials ``number``. Answered by the status."""

    extension: str
    number: str
    language: str = ""  # of the sentence that refuses; empty is the office's


class AskHours(msgspec.Struct, frozen=True, kw_only=True, tag="ask_hours"):
    """The modes of the next days by schedule and calendar."""

    language: str = "zh-CN"


class AskWhatIf(msgspec.Struct, frozen=True, kw_only=True, tag="ask_what_if"):
    """What would a caller hear? ``at`` is ISO 8601, in the office's zone where it names none.

    ``keys`` are pressed one after the other when he is waited for, ``-`` waits; ``lifted`` is the
    extension that answers, empty for nobody. ``settings`` are tried instead of those in force.
    """

    number: str = ""
    line: str = "fxo/1"
    at: str = ""
    keys: str = ""
    lifted: str = ""
    settings: dict[str, object] | None = None


class AskCard(msgspec.Struct, frozen=True, kw_only=True, tag="ask_card"):
    """The card beside the telephone, from the settings in force."""

    language: str = "zh-CN"


class RestoreSettings(msgspec.Struct, frozen=True, kw_only=True, tag="restore_settings"):
    """Make an earlier version the newest one."""

    version: int
    who: str
    why: str


class SeenDamage(msgspec.Struct, frozen=True, kw_only=True, tag="seen_damage"):
    """A person knows what was found damaged in the settings; it is no alarm any more."""

    who: str


Request = (
    Hello
    | AskStatus
    | WatchStatus
    | AskLines
    | MeasureNow
    | AskChecklist
    | AskTrunks
    | TryTrunk
    | AskRegisters
    | AskSettings
    | AskHistory
    | SeenDamage
    | SaveSettings
    | EndTrial
    | PlaceCall
    | AskHours
    | RestoreSettings
    | AskWhatIf
    | OpenClaim
    | AskCard
    | Claim
    | PromptRequest
    | AnyOfficeRequest
    | AnyRecordingRequest
    | AnyBackupRequest
    | AnyUpdateRequest
    | AnyCaseRequest
    | AnyQualityRequest
    | AnyOutboxRequest
    | AnyFaxRequest
    | AnyFloorRequest
)


class PortStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One port, for people."""

    port: str
    label: str  # the extension of a telephone, the name of a line
    state: str
    call: str = ""
    detail: str = ""  # in the office's language
    detail_in: dict[str, str] = {}  # and in others, where there is something to say


class CallStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One call that is up, for people."""

    call: str
    direction: str
    state: str
    caller: str
    destination: str
    since_ms: int
    parties: tuple[str, ...] = ()


class Status(msgspec.Struct, frozen=True, kw_only=True, tag="status"):
    """The state of the box."""

    at_ms: int
    lines_connected: bool
    no_card: str = ""  # the part of the line card that is missing: spi, pins or sound
    country: str
    ports: tuple[PortStatus, ...]
    calls: tuple[CallStatus, ...]
    counters: Heartbeat | None = None
    alarms: tuple[str, ...] = ()  # in the office's language
    alarms_in: dict[str, tuple[str, ...]] = {}  # and in others, where there are any
    settings_version: int = 0
    mode: str = "day"  # day, lunch, night or holiday
    claimed: bool = False  # somebody owns the box
    trial_left_ms: int = 0  # a change of lines waits so long to be confirmed
    claim_dial: str = ""  # what a telephone dials to hear the digits that claim it
    floor: Floor | None = None  # queues and agents; None for an office without queues
    texts: Channel | None = None  # the modem; None for a box without one


class LinesAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="lines"):
    """Answer to ``AskLines``; ``verdicts`` by port, where there is something to say."""

    readings: tuple[Reading, ...]
    verdicts: dict[str, str] = {}


class MeasuredAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="measured"):
    """Answer to ``MeasureNow``; ``name`` is what people call the line."""

    name: str
    measured: LineMeasured


class LineCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One line: per check how it was seen to work, empty when it was not yet."""

    port: str
    name: str
    checks: dict[str, str]


class ChecklistAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="checklist"):
    """Answer to ``AskChecklist``; ``all_busy`` is how often all lines were taken, and how long."""

    lines: tuple[LineCheck, ...]
    all_busy: int = 0
    all_busy_ms: int = 0


class SettingsAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="settings"):
    """Answer to ``AskSettings`` and to every successful change."""

    version: int
    settings: dict[str, object]


class HistoryItem(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the settings."""

    version: int
    written_at: str
    who: str
    why: str


class HistoryAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="history"):
    """Answer to ``AskHistory``."""

    versions: tuple[HistoryItem, ...]
    damage: tuple[str, ...] = ()  # found at a start and seen by nobody yet, as sentences


class CardAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="card"):
    """Answer to ``AskCard``: lines of text, a code and what it does with a tab between.

    ``codes`` is what is dialled for each service, by the service's name.
    """

    lines: tuple[str, ...]
    codes: dict[str, str] = {}


class HoursSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one mode: ``HH:MM`` in the office's zone; why, and the holiday's name."""

    begins: str
    ends: str
    mode: str
    reason: str
    holiday: str = ""


class HoursDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day, ``2026-10-01``, with its spans from midnight to midnight."""

    day: str
    spans: tuple[HoursSpan, ...]


class HoursAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="hours"):
    """Answer to ``AskHours``: thirty days from today on."""

    days: tuple[HoursDay, ...]


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="claim_open"):
    """Answer to ``OpenClaim``."""

    code: str
    open_ms: int


class RehearsalStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a call that never was; the words for ``what`` are in ``ivr.rehearsal``."""

    at_ms: int  # since the first ring
    what: str
    detail: str = ""
    prompts: tuple[str, ...] = ()


class WhatIfAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="what_if"):
    """Answer to ``AskWhatIf``."""

    steps: tuple[RehearsalStep, ...]


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """A request that was not carried out.

    ``id`` is stable and kebab-case, ``fields`` maps a settings path to a sentence.
    """

    id: str
    message: str
    fields: dict[str, str] = {}


Answer = (
    Hello
    | Status
    | LinesAnswer
    | RegisterDump
    | SettingsAnswer
    | HistoryAnswer
    | WhatIfAnswer
    | ClaimAnswer
    | CardAnswer
    | HoursAnswer
    | MeasuredAnswer
    | ChecklistAnswer
    | TrunksAnswer
    | TrunkTestAnswer
    | Refused
    | PromptAnswer
    | AnyOfficeAnswer
    | RecordingDone
    | BackupsAnswer
    | UpdateAnswer
    | LoopAnswer
    | AnyCaseAnswer
    | AnyQualityAnswer
    | AnyOutboxAnswer
    | FaxAnswer
    | AnyFloorAnswer
)
