"""Names of calls and of what belongs to them.

A call's number only grows, across restarts and clock jumps; its text has leading zeros, so that
the order of texts is the order of numbers. Everything inside a call is named after it.
"""

from __future__ import annotations

from collections.abc import Callable

NextCallId = Callable[[], str]
"""Gives the next call's id; the records own it, since they know the last one."""

_DIGITS = 8


def call_id(number: int) -> str:
    """Text of the ``number``-th call, counted from 1."""
    if number < 1:
        raise ValueError(f"call {number}: calls are counted from 1")
    return f"{number:0{_DIGITS}d}"


def counting(after: int = 0) -> NextCallId:
    """Ids that count on from ``after``; for a bench and for tests."""
    last = after

    def next_id() -> str:
        nonlocal last
        last += 1
        return call_id(last)

    return next_id


def bridge_id(call: str) -> str:
    """The conversation of a call."""
    return f"{call}-bridge"


def recording_id(call: str, number: int) -> str:
    """The ``number``-th recording of a call, counted from 1."""
    return f"{call}-rec{number}"


def notice_id(call: str, number: int) -> str:
    """A play-out of the notice before a recording."""
    return f"{call}-notice{number}"


def is_notice(play: str) -> bool:
    """Whether a play-out is of such a notice."""
    return play.rpartition("-")[2].startswith("notice")


def play_id(call: str, number: int) -> str:
    """The ``number``-th play-out within a call, counted from 1."""
    return f"{call}-play{number}"
