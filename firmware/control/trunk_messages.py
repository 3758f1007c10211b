"""How trunks are, for whoever asks call control, and from sipd to it."""

from __future__ import annotations

import msgspec

from firmware.sip.network import NetworkFound
from firmware.sip.why import Why


class AskTrunks(msgspec.Struct, frozen=True, kw_only=True, tag="ask_trunks"):
    """How each trunk is, which library runs, and who knocked unasked."""


class TryTrunk(msgspec.Struct, frozen=True, kw_only=True, tag="try_trunk"):
    """Whether the network to a trunk's far side carries speech; ``language`` is the reader's."""

    name: str
    language: str = "zh-CN"


class ProbeTrunk(msgspec.Struct, frozen=True, kw_only=True, tag="probe_trunk"):
    """Call control to sipd: test a trunk; ``ask`` comes back with what was found."""

    ask: int
    name: str


class TrunkProbed(msgspec.Struct, frozen=True, kw_only=True, tag="trunk_probed"):
    """sipd to call control: what a test found, None without such a trunk."""

    ask: int
    found: NetworkFound | None = None


class TrunkTestAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="trunk_test"):
    """Answer to ``TryTrunk``: what was found, and the verdict in the reader's language."""

    found: NetworkFound
    verdict: str


class TrunkSeen(msgspec.Struct, frozen=True, kw_only=True):
    """How one trunk is: state of its machine, and why it cannot be used, None if it can."""

    name: str
    state: str
    up: bool
    reason: Why | None = None
    calls: int = 0


class TrunksSeen(msgspec.Struct, frozen=True, kw_only=True, tag="trunks_seen"):
    """All trunks and the build of the library; sent by sipd after every change.

    ``problems`` are about the build and the machine. ``certificate`` is what the box
    shows at its TLS port (PEM, without the key), empty if no trunk uses TLS.
    """

    at_ms: int
    library: str = ""
    problems: tuple[Why, ...] = ()
    trunks: tuple[TrunkSeen, ...] = ()
    certificate: str = ""


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
    problems: tuple[Why, ...] = ()
    trunks: tuple[TrunkSeen, ...] = ()
    strangers: tuple[StrangerSeen, ...] = ()
    certificate: str = ""
