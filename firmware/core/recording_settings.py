"""What an office sets about recordings: which calls, with what notice, and for how long they stay.

Part of the one document in :mod:`firmware.core.settings`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Final, Literal

import msgspec

Say = Callable[..., None]
Kind = Literal["inbound", "outbound", "internal"]

LONGEST_DAYS: Final = 3_650
LEAST_BUDGET_MB: Final = 50
MOST_BUDGET_MB: Final = 1_000_000
Days = Annotated[int, msgspec.Meta(ge=0, le=LONGEST_DAYS)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class RecordRule(_Part, frozen=True, kw_only=True):
    """Calls that are recorded, or not. What is empty does not matter; the first that fits counts.

    Attributes:
        kinds: From outside, to the outside, or internal.
        lines: Jacks of exchange lines.
        queues: Numbers of queues the caller came by.
        agents: Numbers of agents.
        extensions: Numbers of telephones in the call.
        record: ``all`` or ``none``.
    """

    kinds: tuple[Kind, ...] = ()
    lines: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    record: Literal["all", "none"] = "all"


class Recordings(_Part, frozen=True, kw_only=True):
    """What holds for every recording.

    Attributes:
        rules: Before the line's own choice and the office's.
        pause_on_keys: Nothing is kept while anybody presses keys in the conversation.
        keep_days: How long a recording stays (GB/T 35273-2020, 6.1: the shortest that is needed).
        keep_days_inbound: Those of callers; 0 is as ``keep_days``, so with the others.
        keep_days_outbound: Those of calls to the outside.
        keep_days_internal: Those within the office.
        budget_mb: All recordings together; beyond it the oldest go first.
    """

    rules: tuple[RecordRule, ...] = ()
    pause_on_keys: bool = True
    keep_days: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_DAYS)] = 30
    keep_days_inbound: Days = 0
    keep_days_outbound: Days = 0
    keep_days_internal: Days = 0
    budget_mb: Annotated[int, msgspec.Meta(ge=LEAST_BUDGET_MB, le=MOST_BUDGET_MB)] = 4_000


def days_of(recordings: Recordings, kind: str) -> int:
    """How many days a recording of a call of this kind stays."""
    own = {
        "inbound": recordings.keep_days_inbound,
        "outbound": recordings.keep_days_outbound,
        "internal": recordings.keep_days_internal,
    }
    return own.get(kind, 0) or recordings.keep_days


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """What rules ask of a call; empty where there is none."""

    kind: str
    line: str = ""
    queue: str = ""
    agents: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()


def by_rule(rules: Iterable[RecordRule], talk: Talk) -> Literal["", "all", "none"]:
    """What the first rule that fits says; empty if none does."""
    for rule in rules:
        if (
            (not rule.kinds or talk.kind in rule.kinds)
            and (not rule.lines or talk.line in rule.lines)
            and (not rule.queues or talk.queue in rule.queues)
            and (not rule.agents or set(talk.agents) & set(rule.agents))
            and (not rule.extensions or set(talk.extensions) & set(rule.extensions))
        ):
            return rule.record
    return ""


SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "record-unknown": (
        "录音规则里的 {value} 不存在；可用：{limit}",
        "The rule of recordings names {value}, which is not there; there are {limit}.",
    ),
}


def check_recordings(
    recordings: Recordings,
    *,
    lines: Collection[str],
    queues: Collection[str],
    agents: Collection[str],
    extensions: Collection[str],
    say: Say,
) -> None:
    """Rules name what is there."""
    there = {"lines": lines, "queues": queues, "agents": agents, "extensions": extensions}
    for at, rule in enumerate(recordings.rules):
        for field, known in there.items():
            for name_at, name in enumerate(getattr(rule, field)):
                if name not in known:
                    path = f"recordings.rules.{at}.{field}.{name_at}"
                    say(path, "record-unknown", name, ", ".join(sorted(known)) or "-")
