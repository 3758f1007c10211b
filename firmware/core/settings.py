"""What an office sets: telephones, lines, groups and what happens to a call. One document.

The shape is checked by msgspec when a document is read; what a shape cannot say is checked by
:func:`validate`, which answers with a sentence per field, in the office's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from firmware.core.accounts import SENTENCES as ACCOUNT_SENTENCES
from firmware.core.accounts import Account, check_accounts
from firmware.core.acd_settings import SENTENCES as ACD_SENTENCES
from firmware.core.acd_settings import Acd, check_acd
from firmware.core.backup_settings import BACKUP_SENTENCES, Backups, check_backups
from firmware.core.case_settings import CASE_SENTENCES, CaseSettings, check_cases
from firmware.core.countries import COUNTRIES
from firmware.core.desk_settings import DESK_SENTENCES, Desk, check_desk
from firmware.core.fax_settings import FAX_SENTENCES, Fax, check_fax
from firmware.core.network_settings import NETWORK_SENTENCES, Network, check_network
from firmware.core.outbox_settings import OUTBOX_SENTENCES, Outbox, check_outbox
from firmware.core.outside_settings import (
    SENTENCES,
    CallClass,
    Limits,
    Reserve,
    Route,
    Trunk,
    check_callers,
    check_limits,
    check_prefixes,
    check_trunks,
)
from firmware.core.page_settings import PageSettings
from firmware.core.phone_numbers import DIGITS, KEYS, is_extension
from firmware.core.quality_settings import QUALITY_SENTENCES, Quality, check_quality
from firmware.core.recording_settings import SENTENCES as RECORDING_SENTENCES
from firmware.core.recording_settings import Recordings, check_recordings
from firmware.core.report_settings import REPORT_SENTENCES, Reports, check_reports
from firmware.core.sip_settings import MOST_LEGS, SIP_SENTENCES, Sip, check_sip
from firmware.core.site_settings import SENTENCES as SITE_SENTENCES
from firmware.core.site_settings import Disa, Door, Power, Watch, check_site
from firmware.core.timers import TIMERS, Times

SCHEMA = 1
EXTENSION_DIGITS = 3
SHIPPED_FLOWS = ("closed", "holiday", "disa")  # said to callers outside office hours
MOST_PORTS = 8  # of one kind; a card fits up to eight jacks
MOST_BURSTS = 10
MOST_MARKS = 4  # digits of a mark; three of them and a mobile number still fit a display

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
"""Of sentences for people; prompts have more."""

Recording = Literal["all", "none"]
Clear = Literal["loop_break", "reversal", "tone", "silence"]
Mode = Literal["day", "lunch", "night", "holiday"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Services(_Part, frozen=True, kw_only=True):
    """What a telephone's user has set for it; forward targets are numbers as they are dialled.

    ``hot_line`` is dialled as the handset is lifted, with ``hot_line_pause`` only when nothing is
    dialled for a while. ``speed_dials`` are the user's own short numbers, two digits each.
    ``wake_up`` and ``reminder`` are moments (``2026-11-23T07:30``, the office's clock),
    ``wake_daily`` is a time of day.
    """

    forward_all: str = ""
    forward_busy: str = ""
    forward_no_answer: str = ""
    do_not_disturb: bool = False
    call_waiting: bool = True
    hot_line: str = ""
    hot_line_pause: bool = False
    speed_dials: dict[str, str] = {}
    wake_up: str = ""
    wake_daily: str = ""
    reminder: str = ""


class Extension(_Part, frozen=True, kw_only=True):
    """One telephone. An empty ``language`` is the office's.

    With ``voicemail`` callers that nobody answers, or that find it busy, may leave a message; an
    empty ``voicemail_pin`` opens the mailbox from its own telephone without one. ``gain_db`` is
    applied to what the telephone says.
    """

    number: str
    port: str
    name: str = ""
    language: Language | Literal[""] = ""
    calls: CallClass = "national"  # what it may call outside
    allow: tuple[str, ...] = ()  # beginnings of numbers it may call besides
    deny: tuple[str, ...] = ()  # and those it may not
    locked: bool = False  # nothing goes out but emergency calls
    display: Literal["ascii", "chinese"] = "ascii"  # what its set can show
    blind_transfer: bool = True  # may hand a caller over before anybody has answered
    pin: str = ""  # unlocks it, and lets its user call from another's telephone
    account_needed: bool = False  # calls to the outside must be booked to an account
    may_override: bool = False  # may join conversations of others
    private: bool = False  # nobody joins its conversations
    may_transfer_again: bool = False  # the limit of transfers is not for this telephone
    forward_outside: bool = False  # whether its calls may be forwarded to the outside
    services: Services = Services()
    voicemail: bool = False
    voicemail_pin: str = ""
    gain_db: Annotated[float, msgspec.Meta(ge=-12, le=12)] = 0.0


class Line(_Part, frozen=True, kw_only=True):
    """One exchange line.

    Attributes:
        port: The jack, ``fxo/N``, or one call at a time of a SIP trunk, ``sip/N``.
        name: What people call it.
        number: Its own number, for people.
        dialling: How digits are sent.
        answer_after_bursts: An incoming call is answered when so many rings have ended.
        wait_for_dial_tone: Dial only when dial tone was heard; otherwise dial after
            ``dial_tone_wait`` all the same.
        outgoing: Whether calls to the outside may take it.
        reserve: ``outgoing``: callers on it are not answered, so that it is free for calls to the
            outside; ``emergency``: only emergency calls go out by it.
        answer_by_reversal: The exchange reverses the battery when the far side answers.
        clear: Which signs of the far side's clearing count.
        inbound: Where its callers go; empty is the office's ``inbound``. ``flow:NAME``, a group's
            or an extension's number.
        record: ``all`` or ``none``; empty is the office's.
        inbound_modes: Where its callers go at lunch, at night and on holidays; what is not named
            is the office's.
        gain_db: Applied to what comes from the line.
        raise_faint_db: How much louder telephones hear a faint caller by themselves at most;
            0 leaves every caller as he comes.
    """

    port: str
    name: str = ""
    number: str = ""
    dialling: Literal["dtmf", "pulse"] = "dtmf"
    answer_after_bursts: Annotated[int, msgspec.Meta(ge=1, le=MOST_BURSTS)] = 2
    wait_for_dial_tone: bool = False
    outgoing: bool = True
    reserve: Reserve = ""
    answer_by_reversal: bool = True
    clear: tuple[Clear, ...] = ("loop_break", "reversal", "tone")
    inbound: str = ""
    record: Recording | Literal[""] = ""
    inbound_modes: dict[Mode, str] = {}
    gain_db: Annotated[float, msgspec.Meta(ge=-12, le=12)] = 0.0
    raise_faint_db: Annotated[float, msgspec.Meta(ge=0, le=12)] = 6.0
    display_mark: str = ""  # digits before the number of its callers, on every display


class RingGroup(_Part, frozen=True, kw_only=True):
    """Telephones that answer for each other. ``members`` are extension numbers.

    They ring ``together``, or one after the other: ``in_order`` always from the first free one on,
    ``rotating`` from the one behind whoever was first the last time. With ``voicemail`` callers
    that none of them answers may leave a message for all.
    """

    number: str
    name: str = ""
    members: tuple[str, ...] = ()
    strategy: Literal["together", "in_order", "rotating"] = "together"
    voicemail: bool = False
    display_mark: str = ""  # digits before the caller's number when this group is rung


class Notice(_Part, frozen=True, kw_only=True):
    """A message that callers hear first for a while ("we have moved").

    ``prompt`` is a name in the prompt store or an absolute path, empty for none; ``since`` and
    ``until`` are ISO 8601, in the office's zone where they name none, empty for open.
    """

    prompt: str = ""
    since: str = ""
    until: str = ""


class Hours(_Part, frozen=True, kw_only=True):
    """When the office is open. Without a week it is always day.

    Attributes:
        week: Weekday to openings such as ``09:00-12:00``; a day without is closed.
        lunch: The lunch hour of days that open at all, ``12:00-13:00``; empty for none.
        statutory: Whether the country's holidays and made-up working days count.
        made_up_like: A made-up working day on a day that is usually closed opens like this one.
        days: The office's own days over the calendar: ``2026-06-01`` to ``closed`` or ``work``.
        zone: IANA time zone; empty is the country's.
        forced: The mode set from a handset, empty when the schedule counts.
        forced_until: When the schedule counts again (ISO 8601); empty is never.
        notice: A temporary message.
    """

    week: dict[Weekday, tuple[str, ...]] = {}
    lunch: str = ""
    statutory: bool = True
    made_up_like: Weekday = "mon"
    days: dict[str, Literal["closed", "work"]] = {}
    zone: str = ""
    forced: Mode | Literal[""] = ""
    forced_until: str = ""
    notice: Notice = Notice()


class Address(_Part, frozen=True, kw_only=True):
    """Where a menu may look something up: ``{key}`` in ``url`` stands for what is looked for.

    Only ``https`` outside; with ``lan`` also ``http`` and addresses of the office's own network.
    """

    url: str
    lan: bool = False


class Voicemail(_Part, frozen=True, kw_only=True):
    """What holds for every mailbox."""

    longest_ms: Annotated[int, msgspec.Meta(ge=10_000, le=600_000)] = 120_000
    shortest_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 1_500
    most_messages: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class Transfers(_Part, frozen=True, kw_only=True):
    """What happens around a transfer.

    Attributes:
        announce: Who is told: the caller and the receiver, the receiver alone, or nobody.
        most: How often a caller from outside is passed on; 0 is without limit.
        pin: Allows one more transfer; empty is never.
        absent_menu: A caller sent to somebody absent may choose callback or message by key.
    """

    announce: Literal["both", "receiver", "none"] = "both"
    most: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    pin: str = ""
    absent_menu: bool = False


class Settings(_Part, frozen=True, kw_only=True):
    """The whole document."""

    schema: Literal[1] = 1
    country: str = "CN"
    language: Language = "zh-CN"
    extensions: tuple[Extension, ...] = tuple(
        Extension(number=str(200 + n), port=f"fxs/{n}") for n in range(1, 5)
    )
    lines: tuple[Line, ...] = tuple(Line(port=f"fxo/{n}", name=f"line {n}") for n in range(1, 5))
    ring_groups: tuple[RingGroup, ...] = (
        RingGroup(number="200", name="all", members=("201", "202", "203", "204")),
    )
    outside_prefixes: tuple[str, ...] = ("0", "9")
    inbound: str = "flow:main"
    record: Recording = "none"
    timers: dict[str, int] = {}
    emergency_mode: bool = False  # every caller rings every telephone, no prompts
    power: Power = Power()
    doors: tuple[Door, ...] = ()
    disa: Disa = Disa()
    watch: Watch = Watch()
    sip: Sip = Sip()
    trunks: tuple[Trunk, ...] = ()  # none: all lines, in their order
    routes: tuple[Route, ...] = ()
    limits: Limits = Limits()
    caller_marks: dict[str, str] = {}  # beginnings of callers' numbers to digits shown before
    blocked_callers: tuple[str, ...] = ()
    allowed_callers: tuple[str, ...] = ()  # answered even if blocked_callers fits too
    feature_profile: Literal["", "CN", "international"] = ""  # empty follows the country
    feature_codes: dict[str, str] = {}  # service to pattern, where the office differs
    speed_dials: dict[str, str] = {}  # two digits to number, for every telephone
    inbound_modes: dict[Mode, str] = {}
    hours: Hours = Hours()
    voicemail: Voicemail = Voicemail()
    talk_tones: bool = False  # beeps after talk_reminder and talk_limit; no call is ended
    farewell: bool = False  # a caller hears goodbye when ours hang up first; his line waits for him
    silence_tone: bool = False  # a beep when nobody has spoken for talk_silence
    flows: dict[str, dict[str, object]] = {}  # menus of the office's own (``ivr.document``)
    tables: dict[str, dict[str, dict[str, str]]] = {}  # name to key to field to text, for menus
    addresses: dict[str, Address] = {}  # where menus may look things up
    account_codes: dict[str, str] = {}  # account (1 to 8 digits) to its name
    escalation: tuple[str, ...] = ()  # extensions, the next superior first
    transfers: Transfers = Transfers()
    record_notice: Literal["prompt", "tone", "none"] = "prompt"  # before anything is recorded
    recordings: Recordings = Recordings()
    accounts: tuple[Account, ...] = ()  # none: nobody has claimed the box yet
    acd: Acd = Acd()
    cases: CaseSettings = CaseSettings()
    page: PageSettings = PageSettings()
    desk: Desk = Desk()
    backups: Backups = Backups()
    reports: Reports = Reports()
    outbox: Outbox = Outbox()
    network: Network = Network()
    fax: Fax = Fax()
    quality: Quality = Quality()

    def times(self) -> Times:
        """The timers in force."""
        return Times(self.timers)


def extension_at(settings: Settings, port: str) -> Extension | None:
    """The extension of a telephone's jack."""
    return next((e for e in settings.extensions if e.port == port), None)


def line_at(settings: Settings, port: str) -> Line | None:
    """The exchange line of a jack."""
    return next((line for line in settings.lines if line.port == port), None)


# Per id the sentence in zh-CN and in en.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    **SENTENCES,
    **SITE_SENTENCES,
    **SIP_SENTENCES,
    **ACCOUNT_SENTENCES,
    **ACD_SENTENCES,
    **CASE_SENTENCES,
    **DESK_SENTENCES,
    **BACKUP_SENTENCES,
    **NETWORK_SENTENCES,
    **REPORT_SENTENCES,
    **OUTBOX_SENTENCES,
    **FAX_SENTENCES,
    **QUALITY_SENTENCES,
    **RECORDING_SENTENCES,
    "country": (
        "没有国家或地区 {value} 的资料；可选：{limit}",
        "There is no profile of {value}; there are {limit}.",
    ),
    "extension-form": (
        "分机号 {value} 须为 {limit} 位数字",
        "Extension {value}: a number of {limit} digits is needed.",
    ),
    "number-twice": ("号码 {value} 用了两次", "Number {value} is used twice."),
    "port-twice": ("端口 {value} 用了两次", "Port {value} is used twice."),
    "port-form": (
        "端口 {value} 的名称须为 {limit}/1 至 {limit}/8",
        "Port {value}: a name from {limit}/1 to {limit}/8 is needed.",
    ),
    "port-form-sip": (
        "SIP 线路 {value} 的名称须为 sip/1 至 sip/{limit}",
        "SIP line {value}: a name from sip/1 to sip/{limit} is needed.",
    ),
    "prefix-form": (
        "出局字冠 {value} 须为一位数字",
        "Outside prefix {value}: one digit is needed.",
    ),
    "prefix-clash": (
        "号码 {value} 以出局字冠 {limit} 开头，拨不通",
        "Number {value} begins with the outside prefix {limit} and could not be dialled.",
    ),
    "emergency-clash": (
        "号码 {value} 是紧急号码，不能用作内部号码",
        "Number {value} is an emergency number and cannot be an internal one.",
    ),
    "group-empty": ("振铃组 {value} 没有成员", "Ring group {value} has no members."),
    "member-unknown": (
        "成员 {value} 不是分机号",
        "Member {value} is not the number of an extension.",
    ),
    "inbound-unknown": (
        "来电去向 {value} 不存在",
        "Incoming calls cannot go to {value}: there is no such flow, group or extension.",
    ),
    "clear-empty": (
        "线路 {value} 须至少选一种挂机检测方式",
        "Line {value}: choose at least one way to notice that the far side has cleared.",
    ),
    "flow-name": (
        "流程名称 {value} 只能用小写字母、数字和连字符，最长 30 个",
        "Flow name {value}: small letters, digits and hyphens, at most 30 of them.",
    ),
    "address-form": (
        "查询地址 {value} 须以 https:// 开头；只有局域网地址可以用 http://",
        "Address {value}: it begins with https://, or with http:// within the office's network.",
    ),
    "mode-place": (
        "{limit} 时段的来电去向 {value} 不存在",
        "In mode {limit} calls cannot go to {value}: there is no such flow, group or extension.",
    ),
    "period-form": (
        "时间 {value} 须写成 09:00-18:00，结束须晚于开始",
        "Hours {value}: needed is a form such as 09:00-18:00, with the end after the beginning.",
    ),
    "date-form": (
        "日期 {value} 须写成 2026-10-01",
        "Date {value}: needed is a form such as 2026-10-01.",
    ),
    "moment-form": (
        "时刻 {value} 须写成 2026-10-01T18:00",
        "Time {value}: needed is a form such as 2026-10-01T18:00.",
    ),
    "zone-unknown": ("没有时区 {value}", "There is no time zone {value}."),
    "pin-form": (
        "信箱密码须为 4 至 8 位数字，不能是分机号 {value}",
        "The mailbox of {value}: its PIN is 4 to 8 digits and not the extension's number.",
    ),
    "service-number": (
        "业务号码 {value} 只能含数字、* 和 #",
        "Number {value} of a service: only digits, * and # can be dialled.",
    ),
    "short-number": (
        "缩位号码 {value} 须为两位数字",
        "Short number {value}: two digits are needed.",
    ),
    "forward-itself": (
        "分机 {value} 不能转移到自己",
        "Extension {value} cannot be forwarded to itself.",
    ),
    "mark-form": (
        "显示标记 {value} 须为 1 至 {limit} 位数字",
        "The mark {value} on displays has to be 1 to {limit} digits.",
    ),
    "code-unknown": ("没有业务 {value}", "There is no service {value}."),
    "code-clash": (
        "业务代码 {value} 与 {limit} 冲突",
        "The code {value} clashes with {limit}.",
    ),
    "own-pin-form": (
        "分机 {value} 的密码须为 4 至 8 位数字，不能是分机号",
        "The PIN of extension {value} is 4 to 8 digits and not the extension's number.",
    ),
    "transfer-pin-form": (
        "再次转接密码须为 4 至 8 位数字",
        "The PIN for another transfer is 4 to 8 digits.",
    ),
    "account-form": (
        "账号 {value} 须为 1 至 8 位数字",
        "Account {value}: 1 to 8 digits are needed.",
    ),
    "time-form": (
        "时间 {value} 须写成 07:30",
        "Time {value}: needed is a form such as 07:30.",
    ),
    "timer-unknown": ("没有计时器 {value}", "There is no timer {value}."),
    "timer-range": (
        "计时器 {value} 毫秒，范围为 {limit} 毫秒",
        "The timer is {value} ms, allowed are {limit} ms.",
    ),
}


def sentence(which: str, language: str, value: object = "", limit: object = "") -> str:
    """One of the module's sentences in Chinese (``zh``...) or English."""
    chinese, english = _SENTENCES[which]
    return (chinese if language.startswith("zh") else english).format(value=value, limit=limit)


_PIN = re.compile("[0-9]{4,8}")
_FLOW_NAME = re.compile("[a-z][a-z0-9-]{0,29}")
_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(?:/[!-~]*)?")
_ACCOUNT = re.compile("[0-9]{1,8}")
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_PERIOD = re.compile(f"({_CLOCK})-({_CLOCK}|24:00)")


def _wrong_hours(hours: Hours) -> Iterator[tuple[str, str, str]]:
    """What in the hours cannot be read: path, sentence, value."""
    periods = [(f"hours.week.{day}", text) for day, row in hours.week.items() for text in row]
    periods += [("hours.lunch", hours.lunch)] if hours.lunch else []
    for path, text in periods:
        if not _period_fits(text):
            yield path, "period-form", text
    for text in hours.days:
        if not _reads(date.fromisoformat, text):
            yield f"hours.days.{text}", "date-form", text
    for path, text in (
        ("hours.forced_until", hours.forced_until),
        ("hours.notice.since", hours.notice.since),
        ("hours.notice.until", hours.notice.until),
    ):
        if text and not _reads(datetime.fromisoformat, text):
            yield path, "moment-form", text
    if hours.zone and not _reads(ZoneInfo, hours.zone):
        yield "hours.zone", "zone-unknown", hours.zone


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (ValueError, KeyError, OSError):  # OSError: a zone that is a folder
        return False
    return True


def _period_fits(text: str) -> bool:
    # Times of one form compare as texts.
    found = _PERIOD.fullmatch(text)
    return found is not None and found[1] < found[2]


def _service_problems(settings: Settings) -> Iterator[tuple[str, str, str]]:
    def short(path: str, numbers: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        for key, number in numbers.items():
            if not is_extension(key, 2):
                yield f"{path}.{key}", "short-number", key
            if not number or set(number) - KEYS:
                yield f"{path}.{key}", "service-number", number

    yield from short("speed_dials", settings.speed_dials)
    for at, extension in enumerate(settings.extensions):
        services, path = extension.services, f"extensions.{at}.services"
        for field in ("forward_all", "forward_busy", "forward_no_answer", "hot_line"):
            number: str = getattr(services, field)
            if set(number) - KEYS:
                yield f"{path}.{field}", "service-number", number
            elif number == extension.number:
                yield f"{path}.{field}", "forward-itself", number
        yield from short(f"{path}.speed_dials", services.speed_dials)
        for field in ("wake_up", "reminder"):
            if (text := getattr(services, field)) and not _reads(datetime.fromisoformat, text):
                yield f"{path}.{field}", "moment-form", text
        if services.wake_daily and not re.fullmatch(_CLOCK, services.wake_daily):
            yield f"{path}.wake_daily", "time-form", services.wake_daily


def check_marks(settings: Settings, say: Callable[..., None]) -> None:
    """Marks are digits that fit before a number on a display."""
    kept = {f"lines.{at}.display_mark": one.display_mark for at, one in enumerate(settings.lines)}
    for at, group in enumerate(settings.ring_groups):
        kept[f"ring_groups.{at}.display_mark"] = group.display_mark
    kept |= {f"caller_marks.{begin}": mark for begin, mark in settings.caller_marks.items()}
    for path, mark in kept.items():
        if (mark and not is_extension(mark, len(mark))) or len(mark) > MOST_MARKS:
            say(path, "mark-form", mark, MOST_MARKS)


def validate(
    settings: Settings, language: str = "zh-CN", flows: tuple[str, ...] = ("main",)
) -> dict[str, str]:
    """What is wrong, as path (``extensions.2.number``) to sentence; empty when all is well.

    Args:
        settings: The document.
        language: ``zh-CN`` or ``en``.
        flows: Names of the flows there are.
    """
    found: dict[str, str] = {}

    def say(path: str, which: str, value: object = "", limit: object = "") -> None:
        found.setdefault(path, sentence(which, language, value, limit))

    country = COUNTRIES.get(settings.country)
    if country is None:
        say("country", "country", settings.country, ", ".join(COUNTRIES))
    emergency = country.emergency if country else ()
    numbers: set[str] = set()
    ports: set[str] = set()

    def check_number(path: str, number: str) -> None:
        if not is_extension(number, EXTENSION_DIGITS):
            say(path, "extension-form", number, EXTENSION_DIGITS)
        elif number in numbers:
            say(path, "number-twice", number)
        elif number in emergency:
            say(path, "emergency-clash", number)
        elif number[0] in settings.outside_prefixes:
            say(path, "prefix-clash", number, number[0])
        numbers.add(number)

    def check_port(path: str, port: str, kind: str) -> None:
        if kind == "sip" and port not in {f"sip/{n}" for n in range(1, MOST_LEGS + 1)}:
            say(path, "port-form-sip", port, MOST_LEGS)
            return
        if kind != "sip" and port not in {f"{kind}/{n}" for n in range(1, MOST_PORTS + 1)}:
            say(path, "port-form", port, kind)
            return
        if port in ports:
            say(path, "port-twice", port)
        ports.add(port)

    for at, prefix in enumerate(settings.outside_prefixes):
        if len(prefix) != 1 or prefix not in DIGITS:
            say(f"outside_prefixes.{at}", "prefix-form", prefix)
    for at, extension in enumerate(settings.extensions):
        check_number(f"extensions.{at}.number", extension.number)
        check_port(f"extensions.{at}.port", extension.port, "fxs")
    for path, which, value in _service_problems(settings):
        say(path, which, value)
    check_marks(settings, say)
    extensions = {extension.number for extension in settings.extensions}
    for at, group in enumerate(settings.ring_groups):
        check_number(f"ring_groups.{at}.number", group.number)
        if not group.members:
            say(f"ring_groups.{at}.members", "group-empty", group.number)
        for member_at, member in enumerate(group.members):
            if member not in extensions:
                say(f"ring_groups.{at}.members.{member_at}", "member-unknown", member)
    for at, queue in enumerate(settings.acd.queues):
        check_number(f"acd.queues.{at}.number", queue.number)
    places = {f"flow:{flow}" for flow in (*flows, *SHIPPED_FLOWS, *settings.flows)} | numbers
    check_acd(settings.acd, places, say)
    people = {agent.number for agent in settings.acd.agents} | extensions
    check_cases(settings.cases, say, places, people)
    check_desk(settings.desk, settings.cases.grades, say)
    check_backups(settings.backups, say)
    check_network(settings.network, say)
    boxes = {e.number for e in settings.extensions} | {g.number for g in settings.ring_groups}
    check_outbox(settings.outbox, boxes, say)
    kinds = [kind.name for kind in settings.cases.kinds]
    jacks = [line.port for line in settings.lines]
    check_fax(settings.fax, jacks, kinds, say, [e.number for e in settings.extensions])
    agents = {agent.number for agent in settings.acd.agents}
    check_reports(settings.reports, say, agents | {q.number for q in settings.acd.queues})
    check_quality(settings.quality, say)
    for name in settings.flows:
        if not _FLOW_NAME.fullmatch(name):
            say(f"flows.{name}", "flow-name", name)
    for name, address in settings.addresses.items():
        if not _URL.fullmatch(address.url) or (address.url[4] != "s" and not address.lan):
            say(f"addresses.{name}.url", "address-form", address.url)
    if settings.inbound not in places:
        say("inbound", "inbound-unknown", settings.inbound)
    ways_out = 0
    for at, line in enumerate(settings.lines):
        kind = "sip" if line.port.startswith("sip/") else "fxo"
        check_port(f"lines.{at}.port", line.port, kind)
        if line.inbound and line.inbound not in places:
            say(f"lines.{at}.inbound", "inbound-unknown", line.inbound)
        if line.outgoing and line.reserve != "emergency":
            ways_out += 1
        if not line.clear:
            say(f"lines.{at}.clear", "clear-empty", line.name or line.port)
    modes = [("inbound_modes", settings.inbound_modes)]
    modes += [
        (f"lines.{at}.inbound_modes", line.inbound_modes) for at, line in enumerate(settings.lines)
    ]
    for path, table in modes:
        for mode, to in table.items():
            if to not in places:
                say(f"{path}.{mode}", "mode-place", to, mode)
    for path, which, value in _wrong_hours(settings.hours):
        say(path, which, value)
    for at, extension in enumerate(settings.extensions):
        pin = extension.voicemail_pin
        if pin and (not _PIN.fullmatch(pin) or pin == extension.number):
            say(f"extensions.{at}.voicemail_pin", "pin-form", extension.number)
        if extension.pin and (
            not _PIN.fullmatch(extension.pin) or extension.pin == extension.number
        ):
            say(f"extensions.{at}.pin", "own-pin-form", extension.number)
    if settings.transfers.pin and not _PIN.fullmatch(settings.transfers.pin):
        say("transfers.pin", "transfer-pin-form")
    for account in settings.account_codes:
        if not _ACCOUNT.fullmatch(account):
            say(f"account_codes.{account}", "account-form", account)
    for at, member in enumerate(settings.escalation):
        if member not in extensions:
            say(f"escalation.{at}", "member-unknown", member)
    if any(line.reserve == "emergency" for line in settings.lines) and not ways_out:
        say("lines", "no-line-out")
    for at, extension in enumerate(settings.extensions):
        check_prefixes(f"extensions.{at}.allow", extension.allow, say)
        check_prefixes(f"extensions.{at}.deny", extension.deny, say)
    check_trunks(settings.trunks, settings.routes, (line.port for line in settings.lines), say)
    taken_digits = (*settings.outside_prefixes, *emergency)
    check_sip(settings.sip, (line.port for line in settings.lines), places, say, taken_digits)
    check_limits(settings.limits, say)
    ring_numbers = [group.number for group in settings.ring_groups]
    check_site(
        settings.doors,
        settings.disa,
        settings.watch,
        extensions,
        ring_numbers,
        say,
        prefixes=settings.outside_prefixes,
        emergency=emergency,
    )
    agents = {agent.number for agent in settings.acd.agents}
    check_accounts(settings.accounts, extensions, say, agents)
    check_recordings(
        settings.recordings,
        lines={line.port for line in settings.lines},
        queues={queue.number for queue in settings.acd.queues},
        agents=agents,
        extensions=extensions,
        say=say,
    )
    check_callers("blocked_callers", settings.blocked_callers, say)
    check_callers("allowed_callers", settings.allowed_callers, say)
    for name, value_ms in settings.timers.items():
        timer = TIMERS.get(name)
        if timer is None:
            say(f"timers.{name}", "timer-unknown", name)
        elif not timer.low_ms <= value_ms <= timer.high_ms:
            say(f"timers.{name}", "timer-range", value_ms, f"{timer.low_ms} … {timer.high_ms}")
    return found


__all__ = [
    "SCHEMA",
    "Clear",
    "Extension",
    "Hours",
    "Language",
    "Line",
    "Mode",
    "Notice",
    "Recording",
    "RingGroup",
    "Services",
    "Settings",
    "Transfers",
    "Voicemail",
    "Weekday",
    "extension_at",
    "line_at",
    "sentence",
    "validate",
]
