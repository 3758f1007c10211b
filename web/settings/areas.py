"""Which settings stand on which page."""

from __future__ import annotations

from typing import Final

import msgspec

from firmware.core.accounts import Role
from web.settings.shape import Field, settings_fields


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """One page of settings.

    Attributes:
        name: In the address; ``area.NAME`` finds its words.
        fields: Names of settings, in the order shown.
        roles: Who may open it.
    """

    name: str
    fields: tuple[str, ...]
    roles: frozenset[Role] = frozenset({"owner", "installer"})


_OWNER: Final = frozenset[Role]({"owner"})

NAMED: Final[tuple[Area, ...]] = (
    Area(
        name="office",
        fields=(
            "country",
            "language",
            "record",
            "record_notice",
            "recordings",
            "transfers",
            "talk_tones",
            "silence_tone",
            "farewell",
            "caller_marks",
        ),
    ),
    Area(name="telephones", fields=("extensions",)),
    Area(name="lines", fields=("lines",)),
    Area(name="calls-in", fields=("inbound", "inbound_modes", "ring_groups", "escalation")),
    Area(name="agents", fields=("acd", "desk")),
    Area(name="cases", fields=("cases", "quality", "reports")),
    Area(name="menus", fields=("flows", "tables", "addresses")),
    Area(name="hours", fields=("hours",)),
    Area(
        name="calls-out",
        fields=(
            "outside_prefixes",
            "sip",
            "trunks",
            "routes",
            "limits",
            "account_codes",
            "blocked_callers",
            "allowed_callers",
        ),
    ),
    Area(name="codes", fields=("feature_profile", "feature_codes", "speed_dials")),
    Area(name="voicemail", fields=("voicemail",)),
    Area(name="site", fields=("backups", "doors", "power", "emergency_mode", "watch", "disa")),
    Area(name="messages", fields=("outbox",)),
    Area(name="fax", fields=("fax",)),
    Area(name="timers", fields=("timers",)),
    Area(name="people", fields=("accounts",), roles=_OWNER),
    Area(name="network", fields=("network",)),
    Area(name="page", fields=("page",), roles=_OWNER),
)

HIDDEN: Final = frozenset({"schema"})
"""What nobody sets."""


def areas() -> dict[str, Area]:
    """Every page; what no page names stands on the last one, so that nothing is out of reach."""
    named = {name for area in NAMED for name in area.fields}
    there = {field.name for field in settings_fields()}
    more = tuple(
        field.name
        for field in settings_fields()
        if field.name not in named and field.name not in HIDDEN
    )
    found = {
        area.name: msgspec.structs.replace(
            area, fields=tuple(name for name in area.fields if name in there)
        )
        for area in NAMED
    }
    if more:
        found["more"] = Area(name="more", fields=more)
    return found


def fields_in(area: Area) -> tuple[Field, ...]:
    """The settings of a page."""
    by_name = {field.name: field for field in settings_fields()}
    return tuple(by_name[name] for name in area.fields)
