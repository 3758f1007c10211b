"""Logs and settings for a stranger's eyes: no secrets, no telephone numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from web.settings.history import SECRET

LONGEST_SHOWN: Final = 4
"""Digits in a row that may stay: ports, extensions, years. Numbers of people are longer."""

KEPT: Final = 3
"""Digits of a masked number that stay, enough to see that two lines are of one network."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:\d\d)?|\d{4}-\d\d-\d\d"
)
_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){4,}")
_HASH = re.compile(r"(?i:bearer)\s+\S+|tipring_\S+|\$argon2\w*\$\S+|\b[0-9a-f]{32,}\b")
_NAMED = re.compile(
    r"(?i)((?:password|passphrase|pin|token|secret|code|authorization|bearer|cookie)\"?\s*[=: ]\s*)"
    r"(?:\"[^\"]*\"|[^\s,;}]+)"
)
_DOTS = "•••"


def masked(text: str) -> str:
    """A line without secrets; of a number its first digits and how long it is."""
    text = _NAMED.sub(lambda found: found[1] + _DOTS, _HASH.sub(_DOTS, text))
    made, at = [], 0
    for moment in _MOMENT.finditer(text):
        made += [_NUMBER.sub(_short, text[at : moment.start()]), moment[0]]
        at = moment.end()
    return "".join([*made, _NUMBER.sub(_short, text[at:])])


def masked_document(value: Any, name: str = "") -> Any:
    """Settings without secrets and numbers, in their shape."""
    if name in SECRET:
        return _DOTS if value else value
    if isinstance(value, Mapping):
        return {masked(str(key)): masked_document(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_document(inner) for inner in value]
    return masked(value) if isinstance(value, str) else value


def _short(found: re.Match[str]) -> str:
    digits = [c for c in found[0] if c.isdigit()]
    if len(digits) <= LONGEST_SHOWN:
        return found[0]
    return "".join(digits[:KEPT]) + "*" * (len(digits) - KEPT)
