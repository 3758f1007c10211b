"""How trunks are, for whoever asks call control, and from sipd to it."""

from __future__ import annotations

import msgspec


class AskTrunks(msgspec.Struct, frozen=True, kw_only=True, tag="ask_trunks"):
    """How each trunk is, which library runs, and who knocked unasked."""


class TrunkSeen(msgspec.Struct, frozen=True, kw_only=True):
    """How one trunk is: state of its machine, and why it cannot be used."""

    name: str
    state: str
    up: bool
    reason: str = ""
    calls: int = 0


class TrunksSeen(msgspec.Struct, frozen=True, kw_only=True, tag="trunks_seen"):
    """All trunks and the build of the library; sent by sipd after every change.

    ``problems`` are sentences about the build, for log and page.
    """

    at_ms: int
    library: str = ""
    problems: tuple[str, ...] = ()
    trunks: tuple[TrunkSeen, ...] = ()


class StrangerSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is no peer asked for something; ``ago_ms`` is how long that is past."""

    address: str
    asked: str
    count: int
    ago_ms: int


class TrunksAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="trunks_answer"):
    """Answer to ``AskTrunks``; strangers newest first. ``here`` says that sipd runs."""

    here: bool
    library: str = ""
    problems: tuple[str, ...] = ()
    trunks: tuple[TrunkSeen, ...] = ()
    strangers: tuple[StrangerSeen, ...] = ()
