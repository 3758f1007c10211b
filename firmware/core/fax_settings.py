"""What an office sets about faxes: on which lines, what follows from one, how one is sent.

Part of the one document in :mod:`firmware.core.settings`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Final, Literal

import msgspec

from firmware.core.outbox_settings import ADDRESS

Say = Callable[..., None]
LineFax = Literal["", "no_fax", "listen", "only_fax"]
"""How a line takes faxes: as the office does, not at all, when a machine is heard, nothing else."""

STATION_LONGEST: Final = 20  # ITU-T T.30, 5.3.6.2.4
HEADER_LONGEST: Final = 30
MOST_TRIES: Final = 12


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class FaxLine(_Part, frozen=True, kw_only=True):
    """What is different on one line; empty is as for all.

    Attributes:
        port: The jack of the line.
        take: ``listen``: an ordinary line on which a fax machine is recognised by its tone;
            ``only_fax``: every call of it is a fax; ``no_fax``: none is.
        ticket: Kind of the ticket that a fax opens, ``none`` for no ticket.
        mail: Who gets its faxes.
        machine: The extension with a fax machine that rings for its faxes instead of the box
            taking them; empty is as for all.
    """

    port: str
    take: LineFax = ""
    ticket: str = ""
    mail: tuple[str, ...] = ()
    machine: str = ""


class Fax(_Part, frozen=True, kw_only=True):
    """Faxes.

    Attributes:
        on: The service: nothing is received or sent without.
        take: What lines do that say nothing else.
        lines: Lines that differ.
        ticket: Kind of the ticket that a received fax opens, empty for no ticket.
        mail: Who gets every received fax as PDF.
        station: Our own number as the other machine shows it; empty is the line's.
        header: Stands over each page beside time and number; Latin letters, empty is the number.
        correction: Damaged lines of a page are repeated (T.30 annex A).
        tries: So often at most one fax is sent.
        keep_days: How long a fax stays.
        budget_mb: All faxes together; beyond it the oldest go first.
        cover: A cover sheet is proposed.
        machine: The extension with a fax machine that rings for faxes; empty: the box takes them.
    """

    on: bool = False
    take: Literal["no_fax", "listen", "only_fax"] = "listen"
    lines: tuple[FaxLine, ...] = ()
    ticket: str = "request"
    mail: tuple[str, ...] = ()
    station: str = ""
    header: str = ""
    correction: bool = True
    tries: Annotated[int, msgspec.Meta(ge=1, le=MOST_TRIES)] = 5
    keep_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] = 365
    budget_mb: Annotated[int, msgspec.Meta(ge=10, le=100_000)] = 1_000
    cover: bool = True
    machine: str = ""


NO_TICKET: Final = "none"


def take_of(fax: Fax, port: str) -> Literal["no_fax", "listen", "only_fax"]:
    """How a line takes faxes."""
    if not fax.on:
        return "no_fax"
    own: LineFax = next((line.take for line in fax.lines if line.port == port), "")
    return fax.take if own == "" else own


def ticket_of(fax: Fax, port: str) -> str:
    """Kind of the ticket that a fax on this line opens, empty for none."""
    own = next((line.ticket for line in fax.lines if line.port == port), "")
    return "" if own == NO_TICKET else own or fax.ticket


def mail_of(fax: Fax, port: str) -> tuple[str, ...]:
    """Who gets a fax of this line, each once."""
    own = next((line.mail for line in fax.lines if line.port == port), ())
    return tuple(dict.fromkeys((*fax.mail, *own)))


def machine_of(fax: Fax, port: str) -> str:
    """The extension that rings for faxes on this line, empty where the box takes them itself."""
    own = next((line.machine for line in fax.lines if line.port == port), "")
    return own or fax.machine


FAX_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "fax-line": ("传真设置里的线路 {value} 不存在", "There is no line {value} for faxes."),
    "fax-twice": ("线路 {value} 在传真设置里有两次", "Line {value} is there twice for faxes."),
    "fax-kind": (
        "没有工单类型 {value}；可用：{limit}",
        "There is no kind of ticket {value}; there are {limit}.",
    ),
    "fax-machine": (
        "没有可接传真机的分机 {value}",
        "There is no extension {value} that could have a fax machine.",
    ),
    "fax-mail": ("{value} 不是邮件地址", "{value} is no mail address."),
    "fax-station": (
        "本机传真号码 {value} 只能含数字、空格和 +，最多 {limit} 个",
        "Our fax number {value}: digits, blanks and + only, at most {limit}.",
    ),
    "fax-header": (
        "页眉 {value} 只能含英文字母、数字和符号，最多 {limit} 个",
        "The header {value}: Latin letters, digits and signs only, at most {limit}.",
    ),
}


def check_fax(
    fax: Fax,
    lines: Collection[str],
    kinds: Collection[str],
    say: Say,
    extensions: Collection[str] = (),
) -> None:
    """What a shape cannot say.

    Args:
        fax: The part.
        lines: Jacks of the lines there are.
        kinds: Names of kinds of tickets.
        say: Told what is wrong: path, sentence, value, limit.
        extensions: Numbers of extensions.
    """
    if fax.machine and fax.machine not in extensions:
        say("fax.machine", "fax-machine", fax.machine)
    # While the service is off its default may name a kind that this office never had.
    if fax.on and fax.ticket and fax.ticket not in kinds:
        say("fax.ticket", "fax-kind", fax.ticket, ", ".join(kinds))
    seen: set[str] = set()
    for at, line in enumerate(fax.lines):
        if line.port not in lines:
            say(f"fax.lines.{at}.port", "fax-line", line.port)
        elif line.port in seen:
            say(f"fax.lines.{at}.port", "fax-twice", line.port)
        seen.add(line.port)
        if line.ticket and line.ticket not in {*kinds, NO_TICKET}:
            say(f"fax.lines.{at}.ticket", "fax-kind", line.ticket, ", ".join(kinds))
        if line.machine and line.machine not in extensions:
            say(f"fax.lines.{at}.machine", "fax-machine", line.machine)
        _check_mail(f"fax.lines.{at}.mail", line.mail, say)
    _check_mail("fax.mail", fax.mail, say)
    if len(fax.station) > STATION_LONGEST or set(fax.station) - set("0123456789+ "):
        say("fax.station", "fax-station", fax.station, STATION_LONGEST)
    if len(fax.header) > HEADER_LONGEST or not fax.header.isascii() or not _shows(fax.header):
        say("fax.header", "fax-header", fax.header, HEADER_LONGEST)


def _check_mail(path: str, addresses: tuple[str, ...], say: Say) -> None:
    for at, address in enumerate(addresses):
        if not ADDRESS.fullmatch(address):
            say(f"{path}.{at}", "fax-mail", address)


def _shows(text: str) -> bool:
    return text.isprintable()
