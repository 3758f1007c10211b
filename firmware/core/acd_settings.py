"""Queues, agents and how callers are shared out. A part of the office's document.

Times are whole seconds where people set them. Numbers without a standard behind them are the
office practice named beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Final, Literal

import msgspec

Strategy = Literal[
    "ring_all",
    "longest_idle",
    "fewest_calls",
    "least_talk",
    "round_robin",
    "linear",
    "skill_first",
    "weighted_random",
]
CallerClass = Literal["vip", "high", "medium", "low"]
PauseReason = Literal["break", "lunch", "breather", "meeting", "training", "task", "other"]
OverflowWhen = Literal["length", "waited", "longest", "no_agent", "lines_busy", "closed"]

LEVELS: Final = range(1, 10)
"""Skill levels; 9 is best. Level 0 belongs to second-choice agents."""

Level = Annotated[int, msgspec.Meta(ge=0, le=9)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class FloorStep(_Part, frozen=True, kw_only=True):
    """From ``after_s`` of waiting on, agents of ``level`` and better are asked."""

    after_s: Seconds
    level: Level


class ShareStep(_Part, frozen=True, kw_only=True):
    """From a newcomer's ``week`` on he has ``percent`` of the callers that would be his.

    After the last step's week he is like everybody.
    """

    week: Annotated[int, msgspec.Meta(ge=1, le=52)]
    percent: Annotated[int, msgspec.Meta(ge=1, le=100)]


class Overflow(_Part, frozen=True, kw_only=True):
    """One rule that sends callers elsewhere.

    Attributes:
        when: ``length``: so many wait already (looked at on entry); ``waited``: this caller has
            waited so many seconds; ``longest``: somebody has waited so long (on entry);
            ``no_agent``: nobody is logged in; ``lines_busy``: at most so many lines are free (on
            entry); ``closed``: the office closed while he waited.
        limit: Callers, seconds or lines; without meaning for ``no_agent`` and ``closed``.
        to: Where to: a queue's number keeps the caller's waiting time; anything else ends it.
    """

    when: OverflowWhen
    limit: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0
    to: str = ""


class Queue(_Part, frozen=True, kw_only=True):
    """One queue: its callers, rules and times.

    Attributes:
        number: Dialled and transferred to like an extension; the queue's identity.
        weight: Waiting here counts so many times as much for an agent of several queues.
        rings: An offer ends after so many rings (3 by the usual courtesy rule, 2 by the strict).
        min_rings: A line whose callers come straight to this queue rings at least so often before
            it is answered, however soon its own settings would have it answered; 0 leaves it to
            the line. With 2 and ``rings`` 3 callers are answered after the second ring and before
            the fourth.
        ring_period_ms: One ring and its pause; 5 s by the mainland's cadence of 1 s on, 4 s off.
        wrap_up_s: Longest work after a call; 180 s, with the warning at ``wrap_up_tone_s``.
        recall_s: So long after a call the agent's telephone rings once, to ask for its result;
            it rings again with the warning. 0: only then.
        floors: How the wanted level sinks; empty asks everybody at once.
        join_empty: Whether a caller may enter while nobody is logged in.
        when_empty: Where he goes otherwise, and the fall-back that lets the last agent leave.
        vip_second_s: A VIP who waited so long is offered to second-choice agents too.
        vip_limit_s: The wait a VIP is promised: alarm, and ``vip_overflow`` if that is set.
        comfort_s: Between comfort prompts.
        announce_s: At least so long between position and wait.
        survey: Keys of the question put to a caller who stays when his agent hangs up: 2 or 5;
            0 asks nothing.
        message_box: The extension or group in whose mailbox a caller leaves a message with key 2;
            empty offers none.
        menu: Where key ``*`` leads, as ``flow:NAME``; empty offers no way out.
        callback_wait_s: An expected wait from which a callback is offered while lines are plenty.
        sticky_s: How long a caller waits for his own agent first.
        skills_s: So long the caller's own wishes (language, product) narrow the choice; 0: always.
        redial_s: Who calls again so soon after giving up has his old place.
        priority: What a caller is worth here unless he is known to be something else.
        short_s: A caller who gives up sooner counts as a short abandonment.
        level_s: The threshold of the service level.
        announce_agent: The caller hears the agent's number as they are connected.
        whisper: The agent hears who comes before they are connected; without both of these the
            voices are joined at once.
        reserve: So many agents stay free when tasks are handed out.
        satisfaction_h: So many hours after a call whose result is solved its caller is called and
            asked whether he is satisfied; 0: never.
        text_s: A caller at a mobile number who has waited so long gets a text message, once a day;
            0: never. It goes with the next comfort sentence.
        texts: The words of that message by language; empty for the usual ones. ``{place}`` is his
            place in the line.
    """

    number: str
    name: str = ""
    strategy: Strategy = "longest_idle"
    weight: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    rings: Annotated[int, msgspec.Meta(ge=1, le=6)] = 3
    min_rings: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    ring_period_ms: Annotated[int, msgspec.Meta(ge=2_000, le=8_000)] = 5_000
    wrap_up_s: Seconds = 180
    wrap_up_tone_s: Seconds = 150
    recall_s: Seconds = 12
    floors: tuple[FloorStep, ...] = ()
    join_empty: bool = False
    when_empty: str = ""
    vip_second_s: Seconds = 10
    vip_limit_s: Seconds = 15
    vip_overflow: str = ""
    comfort_s: Annotated[int, msgspec.Meta(ge=5, le=600)] = 20
    announce_s: Annotated[int, msgspec.Meta(ge=15, le=600)] = 30
    survey: Literal[0, 2, 5] = 0
    message_box: str = ""
    menu: str = ""
    callback: bool = True
    callback_wait_s: Seconds = 120
    sticky_s: Seconds = 20
    skills_s: Seconds = 60
    redial_s: Seconds = 300
    priority: CallerClass = "medium"
    short_s: Seconds = 5
    level_s: Seconds = 20
    announce_agent: bool = True
    whisper: bool = True
    reserve: Annotated[int, msgspec.Meta(ge=0, le=8)] = 0
    satisfaction_h: Annotated[int, msgspec.Meta(ge=0, le=168)] = 0
    text_s: Seconds = 0
    texts: dict[str, str] = {}
    overflow: tuple[Overflow, ...] = ()
    topics: dict[str, str] = {}  # two digits to a name, for wrap-up
    talk_s: Seconds = 180  # a tone 30 s before and at this time; never cut
    hold_s: Seconds = 60


class Membership(_Part, frozen=True, kw_only=True):
    """An agent's place in a queue. Level 0 is second choice."""

    queue: str
    level: Level = 5


class Agent(_Part, frozen=True, kw_only=True):
    """One person, by number, at whatever telephone he logs in.

    ``pin_hash`` is that of the PIN (``firmware.core.pin``); empty asks for none. ``weight`` is his
    share with ``weighted_random``. ``fixed`` is a telephone at which he is logged in by himself.
    """

    number: str
    name: str = ""
    pin_hash: str = ""
    queues: tuple[Membership, ...] = ()
    skills: dict[str, Level] = {}
    weight: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    supervisor: bool = False
    mentor: str = ""  # whose trainee he is
    mentor_calls: Annotated[int, msgspec.Meta(ge=0, le=500)] = 0  # first ones a day; 0: all
    practice_calls: Annotated[int, msgspec.Meta(ge=0, le=50)] = 0  # recorded callers a day
    first_day: str = ""  # of work, 2026-11-02: in his first weeks he has a share, which grows
    shift_starts: str = ""  # "09:00": who has not signed in by then is late, for the board
    shift_ends: str = ""  # "18:00": logged out then, with a warning, never in a call
    greeting: str = ""  # his own recorded greeting


class Pause(_Part, frozen=True, kw_only=True):
    """A reason for a pause and its key at the handset; ``budget_s`` per day, 0 for no budget."""

    key: Annotated[str, msgspec.Meta(pattern="^[1-9]$")]
    reason: PauseReason
    budget_s: Seconds = 0


class Acd(_Part, frozen=True, kw_only=True):
    """Everything about queues and agents.

    ``bulletin`` is when the owner's prompt ``office-bulletin`` was recorded, ISO 8601: agents hear
    it as they log in until they confirm it. Empty: there is none.
    """

    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    pauses: tuple[Pause, ...] = (
        Pause(key="1", reason="break", budget_s=1_800),
        Pause(key="2", reason="lunch", budget_s=3_600),
        Pause(key="3", reason="breather", budget_s=900),
        Pause(key="4", reason="meeting"),
        Pause(key="5", reason="training"),
        Pause(key="6", reason="task"),
        Pause(key="8", reason="other"),
    )
    newcomers: tuple[ShareStep, ...] = (
        ShareStep(week=1, percent=25),
        ShareStep(week=2, percent=50),
        ShareStep(week=3, percent=75),
    )
    practice: tuple[str, ...] = ()  # prompts of the owner that are callers for practice
    practice_quiet_s: Annotated[int, msgspec.Meta(ge=10, le=86_400)] = 600  # nobody came so long
    misses: Annotated[int, msgspec.Meta(ge=1, le=10)] = 2  # missed offers until a pause
    miss_rest_s: Seconds = 5  # an agent who missed one is left alone so long
    alarm_waiting: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    alarm_wait_s: Seconds = 60
    targets: dict[str, Seconds] = {}  # topic to how long such a call should take; others 180 s
    alarm_tone: bool = True  # idle agents of a queue hear three short rings when it alarms
    listen_tone: bool = False  # both hear a tone as a supervisor begins to listen
    call_hours: str = "09:00-20:00"  # tasks dial out within
    attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    do_not_call: tuple[str, ...] = ()
    bulletin: str = ""


def queue_named(acd: Acd, text: str) -> Queue | None:
    """The queue of a number or a name."""
    return next((queue for queue in acd.queues if text in {queue.number, queue.name}), None)


def agent_named(acd: Acd, number: str) -> Agent | None:
    """The agent of a number."""
    return next((agent for agent in acd.agents if agent.number == number), None)


SENTENCES: Mapping[str, tuple[str, str]] = {
    "agent-form": (
        "坐席工号 {value} 须为 {limit} 位数字",
        "Agent {value}: a number of {limit} digits is needed.",
    ),
    "agent-twice": ("坐席工号 {value} 用了两次", "Agent number {value} is used twice."),
    "queue-unknown": ("没有队列 {value}", "There is no queue {value}."),
    "queue-twice": ("队列 {value} 列了两次", "Queue {value} is named twice."),
    "overflow-nowhere": (
        "队列 {value} 的溢出规则没有去向",
        "An overflow rule of queue {value} does not say where to.",
    ),
    "overflow-itself": (
        "队列 {value} 不能溢出到自己",
        "Queue {value} cannot overflow to itself.",
    ),
    "place-unknown": (
        "去向 {value} 不存在",
        "Callers cannot go to {value}: there is no such queue, flow, group or extension.",
    ),
    "floors-order": (
        "队列 {value} 的技能要求须随等待时间降低",
        "Queue {value}: the wanted level has to sink as the wait grows.",
    ),
    "wrap-up-tone": (
        "提示音 {value} 秒须早于话后处理结束 {limit} 秒",
        "The warning at {value} s has to come before the wrap-up ends at {limit} s.",
    ),
    "vip-times": (
        "VIP 第二选择 {value} 秒不能晚于保证时间 {limit} 秒",
        "Second choice at {value} s may not come after the promised {limit} s.",
    ),
    "topic-form": ("主题 {value} 须为两位数字", "Topic {value}: two digits are needed."),
    "pause-twice": ("暂停按键 {value} 用了两次", "Pause key {value} is used twice."),
    "call-hours": (
        "外呼时段 {value} 须写成 09:00-20:00",
        "Calling hours {value}: needed is a form such as 09:00-20:00.",
    ),
    "shift-start": (
        "班次开始时间 {value} 须写成 09:00",
        "Beginning of shift {value}: needed is a form such as 09:00.",
    ),
    "shift-end": (
        "班次结束时间 {value} 须写成 18:00",
        "End of shift {value}: needed is a form such as 18:00.",
    ),
    "first-day": (
        "入职日期 {value} 须写成 2026-11-02",
        "First day of work {value}: needed is a form such as 2026-11-02.",
    ),
    "shares-grow": (
        "新人比例须逐周增加，第 {value} 周不符",
        "Shares of newcomers have to grow from week to week; week {value} does not fit.",
    ),
    "mentor-itself": (
        "坐席 {value} 不能做自己的师傅",
        "Agent {value} cannot be his own mentor.",
    ),
    "mentor-unknown": ("没有坐席 {value}", "There is no agent {value}."),
}

AGENT_DIGITS: Final = "2-6"
_AGENT = re.compile("[0-9]{2,6}")
_TOPIC = re.compile("[0-9]{2}")
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_CLOCK)
_PERIOD = re.compile(f"({_CLOCK})-({_CLOCK}|24:00)")
Say = Callable[[str, str, object, object], None]


def check_acd(acd: Acd, places: Iterable[str], say: Say) -> None:
    """Say what cannot be, path by path (``acd.queues.0.when_empty``).

    Args:
        acd: The part of the document.
        places: Everywhere a call can go, queues included.
        say: Told path, id of the sentence, value and limit.
    """
    known = set(places)
    for topic in acd.targets:
        if not _TOPIC.fullmatch(topic):
            say(f"acd.targets.{topic}", "topic-form", topic, "")
    queues = {queue.number for queue in acd.queues}
    for at, queue in enumerate(acd.queues):
        _check_queue(f"acd.queues.{at}", queue, known, say)
    _check_agents(acd, queues, say)
    _check_shares(acd.newcomers, say)
    keys: set[str] = set()
    for at, pause in enumerate(acd.pauses):
        if pause.key in keys:
            say(f"acd.pauses.{at}.key", "pause-twice", pause.key, "")
        keys.add(pause.key)
    found = _PERIOD.fullmatch(acd.call_hours)
    if found is None or found[1] >= found[2]:
        say("acd.call_hours", "call-hours", acd.call_hours, "")


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _check_shares(steps: Sequence[ShareStep], say: Say) -> None:
    for at, (before, step) in enumerate(pairwise(steps), 1):
        if step.week <= before.week or step.percent <= before.percent:
            say(f"acd.newcomers.{at}", "shares-grow", step.week, "")


def _check_queue(path: str, queue: Queue, known: set[str], say: Say) -> None:
    for field in ("when_empty", "vip_overflow", "message_box", "menu"):
        to: str = getattr(queue, field)
        if to and to not in known:
            say(f"{path}.{field}", "place-unknown", to, "")
        if to == queue.number:
            say(f"{path}.{field}", "overflow-itself", to, "")
    for at, rule in enumerate(queue.overflow):
        if not rule.to:
            say(f"{path}.overflow.{at}.to", "overflow-nowhere", queue.number, "")
        elif rule.to not in known:
            say(f"{path}.overflow.{at}.to", "place-unknown", rule.to, "")
        elif rule.to == queue.number:
            say(f"{path}.overflow.{at}.to", "overflow-itself", queue.number, "")
    steps = queue.floors
    for at in range(1, len(steps)):
        before, step = steps[at - 1], steps[at]
        if step.after_s <= before.after_s or step.level >= before.level:
            say(f"{path}.floors.{at}", "floors-order", queue.number, "")
    if queue.wrap_up_s and queue.wrap_up_tone_s >= queue.wrap_up_s:
        say(f"{path}.wrap_up_tone_s", "wrap-up-tone", queue.wrap_up_tone_s, queue.wrap_up_s)
    if queue.vip_second_s > queue.vip_limit_s:
        say(f"{path}.vip_second_s", "vip-times", queue.vip_second_s, queue.vip_limit_s)
    for topic in queue.topics:
        if not _TOPIC.fullmatch(topic):
            say(f"{path}.topics.{topic}", "topic-form", topic, "")


def _check_agents(acd: Acd, queues: set[str], say: Say) -> None:
    numbers = {agent.number for agent in acd.agents}
    seen: set[str] = set()
    for at, agent in enumerate(acd.agents):
        path = f"acd.agents.{at}"
        if not _AGENT.fullmatch(agent.number):
            say(f"{path}.number", "agent-form", agent.number, AGENT_DIGITS)
        elif agent.number in seen:
            say(f"{path}.number", "agent-twice", agent.number, "")
        seen.add(agent.number)
        named: set[str] = set()
        for member_at, member in enumerate(agent.queues):
            if member.queue not in queues:
                say(f"{path}.queues.{member_at}", "queue-unknown", member.queue, "")
            elif member.queue in named:
                say(f"{path}.queues.{member_at}", "queue-twice", member.queue, "")
            named.add(member.queue)
        if agent.mentor and agent.mentor not in numbers:
            say(f"{path}.mentor", "mentor-unknown", agent.mentor, "")
        if agent.mentor == agent.number:
            say(f"{path}.mentor", "mentor-itself", agent.mentor, "")
        if agent.first_day and not _is_date(agent.first_day):
            say(f"{path}.first_day", "first-day", agent.first_day, "")
        if agent.shift_starts and not _MOMENT.fullmatch(agent.shift_starts):
            say(f"{path}.shift_starts", "shift-start", agent.shift_starts, "")
        if agent.shift_ends and not _MOMENT.fullmatch(agent.shift_ends):
            say(f"{path}.shift_ends", "shift-end", agent.shift_ends, "")
