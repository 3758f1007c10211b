"""Whom a far side's certificate names: who calls over TLS has to prove that he is the trunk's host.

That an authority signed it is not enough: anybody gets a certificate for a name of his own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable


def names(host: str, named: Iterable[str]) -> bool:
    """Whether one of a certificate's names stands for a host (RFC 5922, clause 7.2; RFC 6125).

    Args:
        host: Name or address that the trunk is set to.
        named: Names and addresses of the certificate; ``*`` stands for the first label alone.
    """
    wanted = _bare(host)
    if not wanted:
        return False
    for one in map(_bare, named):
        if one == wanted:
            return True
        if one.startswith("*.") and "." in one[2:] and not _is_address(wanted):
            label, dot, rest = wanted.partition(".")
            if label and dot and rest == one[2:]:
                return True
    return False


def _bare(text: str) -> str:
    text = text.strip().strip("[]").rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
