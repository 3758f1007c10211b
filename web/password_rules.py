"""What a new password must be, whose must be changed, and what was used before.

Kept beside the sessions, not in the settings: hashes of former passwords are nobody's business, and
an old version of the settings brings back neither them nor an old date.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from firmware.core.accounts import Account
from firmware.core.page_settings import PageSettings
from firmware.storage.visitors import Visitors
from web.passwords import matches, too_weak

HANDED: Final = "password-handed"
OLD: Final = "password-old-by-date"


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Of one account's passwords.

    Attributes:
        handed: Somebody else chose the present one.
        since: First day of the present one, or the day on which its age was first asked for.
        former: Hashes of those before it, the newest first.
    """

    handed: bool = False
    since: str = ""
    former: tuple[str, ...] = ()


def history(visitors: Visitors, name: str) -> History:
    """What is kept of an account's passwords."""
    kept = visitors.note(_note(name))
    try:
        return msgspec.json.decode(kept, type=History) if kept else History()
    except msgspec.DecodeError:
        return History()


def changed(
    visitors: Visitors, account: Account, rules: PageSettings, today: date, *, handed: bool
) -> None:
    """The account is about to get another password.

    Args:
        visitors: Where it is noted.
        account: As it was until now.
        rules: The office's.
        today: The day.
        handed: Whether somebody else chose it, who knows it therefore.
    """
    before = history(visitors, account.name)
    former = (account.password, *before.former) if account.password else before.former
    after = History(handed=handed, since=today.isoformat(), former=former[: rules.password_former])
    visitors.keep_note(_note(account.name), msgspec.json.encode(after).decode())


def wrong(
    visitors: Visitors, account: Account, password: str, rules: PageSettings
) -> tuple[str, int]:
    """The word that says what is wrong with a new password, with its number; empty if nothing.

    Raises:
        CrowdedError: too many passwords are being checked.
    """
    if weak := too_weak(password, account.name, rules.password_length):
        return weak, rules.password_length
    if rules.password_former:
        used = (account.password, *history(visitors, account.name).former)
        for kept in used[: rules.password_former]:
            if kept and matches(kept, password):
                return "password-used", rules.password_former
    return "", 0


def to_change(visitors: Visitors, account: Account, rules: PageSettings, today: date) -> str:
    """Why the account must choose another password before anything else; empty if it need not."""
    kept = history(visitors, account.name)
    if kept.handed:
        return HANDED
    if not rules.password_days:
        return ""
    if not kept.since:
        again = msgspec.structs.replace(kept, since=today.isoformat())
        visitors.keep_note(_note(account.name), msgspec.json.encode(again).decode())
        return ""
    age = today - date.fromisoformat(kept.since)
    return OLD if age.days >= rules.password_days else ""


def _note(name: str) -> str:
    return f"passwords of {name.strip().casefold()}"
