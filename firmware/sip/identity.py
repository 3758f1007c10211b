"""Who calls, from a request's header fields, and how we name ourselves in ours.

A peer we trust asserts its caller in P-Asserted-Identity (RFC 3325, clause 9.1); older ones say
Remote-Party-ID; what stands in From is whatever the caller's telephone wrote. Privacy (RFC 3323,
clause 4.2) hides the number from people and never from the record's own kind of entry.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from firmware.core.events import IdentityKind

LONGEST_NAME: Final = 64
"""Of a shown name, chosen: a display has 16 letters, a record does not need a novel."""
LONGEST_NUMBER: Final = 24

_HIDING: Final = frozenset({"id", "user", "header", "critical"})
_NAME_ADDR = re.compile(
    r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*))\s*<\s*(sips?|tel):([^>;?@\s]+)?(?:@([^>;?\s]+))?[^>]*>'
)
_BARE = re.compile(r"\s*(sips?|tel):([^;?@\s]+)?(?:@([^;?\s]+))?")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_NO_NUMBER = frozenset({"anonymous", "unavailable", "unknown", "restricted", "private"})


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A caller as a trunk tells of him."""

    kind: IdentityKind
    number: str = ""
    name: str = ""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One ``name-addr`` or ``addr-spec`` (RFC 3261, clause 25.1)."""

    user: str = ""
    host: str = ""
    name: str = ""


def parse_address(text: str) -> Address | None:
    """The first address of a header field's value, None if there is none in it."""
    found = _NAME_ADDR.match(text)
    if found is not None:
        quoted, plain, scheme, user, host = found.groups()
        name = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain.strip()
        user, host = _halves(scheme, user, host)
        return Address(user=_plain(user), host=host, name=_shown(name))
    bare = _BARE.match(text)
    if bare is None:
        return None
    user, host = _halves(*bare.groups())
    return Address(user=_plain(user), host=host)


def _halves(scheme: str, user: str | None, host: str | None) -> tuple[str, str]:
    """User and host; what stands alone is a host in a SIP address, a number in ``tel``."""
    if host is None and scheme != "tel":
        return "", (user or "").partition(":")[0]
    return user or "", host or ""


def fields(message: str) -> dict[str, list[str]]:
    """Header fields of a message by lower-case long name, folded lines joined (RFC 3261, 7.3.1)."""
    found: dict[str, list[str]] = {}
    head = re.split(r"\r?\n\r?\n", message, maxsplit=1)[0]
    lines = re.sub(r"\r?\n[ \t]+", " ", head).splitlines()
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            found.setdefault(_COMPACT.get(key, key), []).append(value.strip())
    return found


_COMPACT: Final = {"f": "from", "t": "to", "i": "call-id", "m": "contact", "v": "via"}


def caller(headers: dict[str, list[str]]) -> Identity:
    """Who calls, of a request from a peer that is trusted to assert it."""
    asserted = _first(headers, "p-asserted-identity") or _first(headers, "remote-party-id")
    address = asserted or _first(headers, "from") or Address()
    privacy = {
        word.strip().lower() for value in headers.get("privacy", ()) for word in value.split(";")
    }
    party = ";".join(headers.get("remote-party-id", ())).lower().replace(" ", "")
    hidden = bool(privacy & _HIDING) or "privacy=full" in party or "privacy=uri" in party
    written = _first(headers, "from") or Address()
    if written.user.lower() == "anonymous" or written.host.lower() == "anonymous.invalid":
        hidden = True  # RFC 3323, clause 4.1.1.3
    number = digits(address.user)
    if hidden:
        return Identity(kind=IdentityKind.PRIVATE)
    if not number:
        return Identity(kind=IdentityKind.UNAVAILABLE, name=address.name)
    return Identity(kind=IdentityKind.NUMBER, number=number, name=address.name)


def digits(user: str) -> str:
    """The telephone number in a user part; empty when it is a word or of no use.

    Visual separators are left out (RFC 3966, clause 5.1.1).
    """
    number = re.sub(r"[-.()\s]", "", user)
    if number.lower() in _NO_NUMBER or not re.fullmatch(r"\+?[0-9*#]{1,24}", number):
        return ""
    return number[:LONGEST_NUMBER]


def own_headers(number: str, host: str, *, withheld: bool) -> dict[str, str]:
    """Header fields of our call that say who calls; From itself is the account's.

    A hidden number is asserted to the provider, who needs it for emergency calls and bills, and
    marked for nobody else (RFC 3325, clause 9.3).
    """
    if not number:
        return {"Privacy": "id"} if withheld else {}
    found = {"P-Asserted-Identity": f"<sip:{number}@{host}>"}
    if withheld:
        found["Privacy"] = "id"
    return found


def own_from(number: str, host: str, *, withheld: bool) -> str:
    """The From of a call of ours (RFC 3323, clause 4.1.1.3 for the hidden one)."""
    if withheld or not number:
        return '"Anonymous" <sip:anonymous@anonymous.invalid>'
    return f"<sip:{number}@{host}>"


def realm_of(headers: dict[str, list[str]]) -> str:
    """The realm of a challenge (RFC 3261, clause 22), empty when there is none."""
    for name in ("www-authenticate", "proxy-authenticate"):
        for value in headers.get(name, ()):
            found = re.search(r'realm\s*=\s*"((?:[^"\\]|\\.)*)"', value, re.IGNORECASE)
            if found is not None:
                return found.group(1)
    return ""


def _first(headers: dict[str, list[str]], name: str) -> Address | None:
    for value in headers.get(name, ()):
        address = parse_address(value)
        if address is not None:
            return address
    return None


def _plain(user: str | None) -> str:
    """The user part with its escapes resolved; what no number has is left to :func:`digits`."""
    text = user or ""
    text = text.split(":", 1)[0]  # a password has no business here (RFC 3261, 19.1.1)
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)


def _shown(name: str) -> str:
    """A stranger's words as one line of printable text."""
    return "".join(c for c in name if c.isprintable())[:LONGEST_NAME].strip()
