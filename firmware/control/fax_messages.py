"""What travels between call control and faxd.

faxd greets, then tells how many ends it has (``FaxEndsSeen``) and the outcomes nobody has taken yet
(``FaxEnded``); each is told again to every call control that comes until ``FaxTaken`` names it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.control.messages import Hello
from firmware.core.commands import MediaCommand
from firmware.fax.job import FaxJob, FaxOutcome

SOCKET_NAME = "faxd.sock"

Phase = Literal["calling", "negotiated", "page"]


class StartFax(MediaCommand, frozen=True, tag="start_fax"):
    """Begin a session on a fax end (``fax/1``); what it says and hears is lined's bridge."""

    port: str
    job: FaxJob


class StopFax(MediaCommand, frozen=True, tag="stop_fax"):
    """End a session: the call is over, or somebody wants it so. ``FaxEnded`` follows.

    ``dropped``: the far side is gone; else it is wanted here.
    """

    port: str
    dropped: bool = True


class FaxTaken(MediaCommand, frozen=True, tag="fax_taken"):
    """The outcome of this fax is in the records; it need not be told again."""

    fax: str


class FaxEndsSeen(msgspec.Struct, frozen=True, kw_only=True, tag="fax_ends"):
    """How many ends there are, which faxes run now by name, and where files are written."""

    ends: int
    spool: str = ""
    running: tuple[str, ...] = ()


class FaxProgress(msgspec.Struct, frozen=True, kw_only=True, tag="fax_progress"):
    """How a session is doing: after the machines agreed, and after every page."""

    port: str
    fax: str
    at_ms: int
    phase: Phase
    pages: int = 0
    bit_rate: int = 0
    ecm: bool = False
    remote_station: str = ""


class FaxEnded(msgspec.Struct, frozen=True, kw_only=True, tag="fax_ended"):
    """A session is over."""

    port: str
    at_ms: int
    outcome: FaxOutcome


class FaxdGone(msgspec.Struct, frozen=True, kw_only=True, tag="faxd_gone"):
    """The link to faxd was lost, every session with it; told by the link itself."""

    at_ms: int


FromFaxd = Hello | FaxEndsSeen | FaxProgress | FaxEnded
ToFaxd = Hello | StartFax | StopFax | FaxTaken
FOR_FAXD = (StartFax, StopFax, FaxTaken)

FROM_FAXD: msgspec.json.Decoder[FromFaxd] = msgspec.json.Decoder(FromFaxd)
TO_FAXD: msgspec.json.Decoder[ToFaxd] = msgspec.json.Decoder(ToFaxd)


def for_faxd(message: object) -> bool:
    """Whether a command of call control goes to faxd instead of lined."""
    return isinstance(message, FOR_FAXD)
