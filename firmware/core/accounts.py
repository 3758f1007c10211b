"""Who may use the page, and as what. Part of the settings document (``firmware.core.settings``).

A password is kept as an argon2id hash only; whoever writes the document hashes it first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Final, Literal

import msgspec

Role = Literal["owner", "supervisor", "reviewer", "agent", "installer"]
ROLES: Final[tuple[Role, ...]] = ("owner", "supervisor", "reviewer", "agent", "installer")

LONGEST_NAME: Final = 40
_NAME = re.compile(r"[\w.@-][\w .@-]*")
_HASH = re.compile(r"\$argon2id\$v=19\$m=\d{4,7},t=\d{1,2},p=\d{1,2}\$[\w+/]+\$[\w+/]+")


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person on the page.

    Attributes:
        name: What he signs in with; capitals do not matter.
        roles: What he may do; any combination.
        password: argon2id, in its usual text form; never the password itself.
        language: Of his pages; empty is what his browser asks for.
        extension: The telephone he sits at, if always the same.
        agent: His number at the queues, empty for nobody who serves callers.
        off: He cannot sign in; what he did stays his.
    """

    name: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
    roles: tuple[Role, ...] = ("agent",)
    password: str = ""
    language: Literal["", "zh-CN", "en"] = ""
    extension: str = ""
    agent: str = ""
    off: bool = False


# Per id the sentence in zh-CN and in en.
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "account-name": (
        "用户名“{value}”须为字母、数字或汉字，可含 . @ - _ 和空格，不超过 {limit} 个字",
        "Name {value!r}: letters and digits, also . @ - _ and spaces, at most {limit} in all.",
    ),
    "account-twice": ("用户名 {value} 用了两次", "Name {value} is used twice."),
    "account-password": (
        "用户 {value} 的密码没有以规定方式保存",
        "The password of {value} is not stored as it has to be.",
    ),
    "account-roles": ("用户 {value} 没有任何角色", "{value} has no role at all."),
    "account-extension": ("没有分机 {value}", "There is no extension {value}."),
    "account-agent": ("没有坐席 {value}", "There is no agent {value}."),
    "account-agent-twice": (
        "坐席 {value} 已属于另一位用户",
        "Agent {value} belongs to another account already.",
    ),
    "account-owner": (
        "至少要有一位能登录的负责人，否则无人能再更改设置",
        "One owner who can sign in has to remain, or nobody could change anything again.",
    ),
}

Say = Callable[..., None]


def check_accounts(
    accounts: tuple[Account, ...],
    extensions: set[str],
    say: Say,
    agents: Collection[str] = (),
) -> None:
    """What a shape cannot say: names differ, an owner remains, extensions and agents exist."""
    names: set[str] = set()
    taken: set[str] = set()
    for at, account in enumerate(accounts):
        path = f"accounts.{at}"
        if not _NAME.fullmatch(account.name):
            say(f"{path}.name", "account-name", account.name, LONGEST_NAME)
        if account.name.casefold() in names:
            say(f"{path}.name", "account-twice", account.name)
        names.add(account.name.casefold())
        if not account.roles:
            say(f"{path}.roles", "account-roles", account.name)
        if account.password and not _HASH.fullmatch(account.password):
            say(f"{path}.password", "account-password", account.name)
        if account.extension and account.extension not in extensions:
            say(f"{path}.extension", "account-extension", account.extension)
        if account.agent and account.agent not in agents:
            say(f"{path}.agent", "account-agent", account.agent)
        elif account.agent and account.agent in taken:
            say(f"{path}.agent", "account-agent-twice", account.agent)
        taken.add(account.agent)
    owners = [a for a in accounts if "owner" in a.roles and a.password and not a.off]
    if accounts and not owners:
        say("accounts", "account-owner")


def account_named(accounts: tuple[Account, ...], name: str) -> Account | None:
    """The account of a name, whatever its capitals."""
    wanted = name.strip().casefold()
    return next((a for a in accounts if a.name.casefold() == wanted), None)
