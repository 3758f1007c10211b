"""The security check: what an owner should look at, each with where it is mended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from firmware.core.product import SUPPORT_UNTIL
from firmware.core.settings import Settings

Verdict = Literal["good", "advice", "bad"]

BACKUP_DAYS: Final = 30
UNUSED_DAYS: Final = 90
MOST_SESSIONS: Final = 5
"""Browsers of one person; more are seldom his."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings do not say.

    Attributes:
        today: Local date.
        secure: Whether the page that is read came encrypted.
        last_backup: When the newest backup was made on the page, None for never.
        sessions: Browsers signed in, by account.
        unused_tokens: Names of programs whose token nobody used for a long time.
        alarms: Sentences of the box.
    """

    today: date
    secure: bool = False
    last_backup: datetime | None = None
    sessions: dict[str, int] = {}
    unused_tokens: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One point.

    Attributes:
        name: ``security.NAME`` and ``security.NAME.fix`` find its words.
        verdict: Good, worth a thought, or to be mended.
        detail: What it is about: numbers, names.
        endpoint: Where it is mended.
        area: Of the settings, where the endpoint is theirs.
    """

    name: str
    verdict: Verdict
    detail: str = ""
    endpoint: str = "settings.show"
    area: str = ""


def checks(settings: Settings, facts: Facts) -> tuple[Check, ...]:
    """Every point, the worst first."""
    found = (
        *_people(settings, facts),
        *_page(settings, facts),
        *_outside(settings),
        *_telephones(settings),
        *_box(settings, facts),
    )
    order: dict[Verdict, int] = {"bad": 0, "advice": 1, "good": 2}
    return tuple(sorted(found, key=lambda check: order[check.verdict]))


def _people(settings: Settings, facts: Facts) -> Sequence[Check]:
    here = [a for a in settings.accounts if not a.off]
    owners = [a.name for a in here if "owner" in a.roles]
    installers = [a.name for a in here if "installer" in a.roles]
    many = [f"{name} ({n})" for name, n in facts.sessions.items() if n > MOST_SESSIONS]
    return (
        _check("second-owner", len(owners) >= 2, ", ".join(owners), area="people"),
        _check("installers", not installers, ", ".join(installers), area="people"),
        _check("sessions", not many, ", ".join(many), endpoint="admin.security"),
        _check(
            "unused-programs",
            not facts.unused_tokens,
            ", ".join(facts.unused_tokens),
            endpoint="admin.programs",
        ),
    )


def _page(settings: Settings, facts: Facts) -> Sequence[Check]:
    return (
        _check("secure", facts.secure, endpoint="admin.trust"),
        _check("secure-only", settings.page.secure_only, area="page"),
        _check("trial", settings.page.trial_min > 0, area="page"),
    )


def _outside(settings: Settings) -> Sequence[Check]:
    limits = settings.limits
    abroad = [e.number for e in settings.extensions if e.calls == "international"]
    forwarding = [e.number for e in settings.extensions if e.forward_outside]
    usable = [line for line in settings.lines if line.outgoing or line.reserve]
    return (
        _check("money", bool(limits.money_day and limits.money_month), bad=True, area="calls-out"),
        _check("minutes", bool(limits.minutes and limits.longest_min), area="calls-out"),
        _check("abroad", not abroad, ", ".join(abroad), area="telephones"),
        _check("forwarding", not forwarding, ", ".join(forwarding), area="telephones"),
        _check(
            "disa",
            not settings.disa.extension or bool(settings.disa.callers),
            settings.disa.extension,
            area="site",
        ),
        _check("emergency", bool(usable), bad=True, area="lines"),
        _check("night-watch", bool(settings.watch.night), area="site"),
    )


def _telephones(settings: Settings) -> Sequence[Check]:
    open_boxes = [e.number for e in settings.extensions if e.voicemail and not e.voicemail_pin]
    no_pin = [agent.number for agent in settings.acd.agents if not agent.pin_hash]
    return (
        _check("mailboxes", not open_boxes, ", ".join(open_boxes), area="telephones"),
        _check("agent-pins", not no_pin, ", ".join(no_pin), area="agents"),
    )


def _box(settings: Settings, facts: Facts) -> Sequence[Check]:
    records = settings.record == "all" or any(line.record == "all" for line in settings.lines)
    last = facts.last_backup
    fresh = last is not None and facts.today - last.date() <= timedelta(days=BACKUP_DAYS)
    supported = facts.today <= SUPPORT_UNTIL
    return (
        _check("notice", not records or settings.record_notice != "none", bad=True, area="office"),
        _check(
            "backup",
            fresh,
            last.date().isoformat() if last else "",
            bad=last is None,
            endpoint="admin.backups",
        ),
        _check("support", supported, SUPPORT_UNTIL.isoformat(), bad=True, endpoint="admin.updates"),
        _check("alarms", not facts.alarms, str(len(facts.alarms)), endpoint="status.overview"),
    )


def _check(
    name: str,
    good: bool,
    detail: str = "",
    *,
    bad: bool = False,
    area: str = "",
    endpoint: str = "settings.show",
) -> Check:
    verdict: Verdict = "good" if good else "bad" if bad else "advice"
    return Check(name=name, verdict=verdict, detail=detail, area=area, endpoint=endpoint)
