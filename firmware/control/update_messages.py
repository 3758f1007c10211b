"""An update: how it stands, what people may order, and what they are told."""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.control.office_messages import OfficeRequest

Step = Literal[
    "none", "checking", "refused", "offered", "installing", "installed", "trying", "done",
    "returned", "failed",
]  # fmt: skip
Act = Literal["check", "now", "tonight", "cancel", "drop", "restart"]


class UpdateState(msgspec.Struct, frozen=True, kw_only=True):
    """How the update stands: what the installing program leaves for call control and page.

    Attributes:
        step: Where it stands. ``returned``: the new version was tried and the old one is back.
        version: Of the bundle.
        notes: What is new, in the words of who made it.
        size: Bytes of the bundle.
        older: Whether it is older than what ran when it was looked at.
        slot: Which it was or is written to.
        ran: Version that ran before.
        percent: Of the writing.
        problem: A key of the words, empty if there is none.
        detail: What the key's sentence names.
        at: When, ISO 8601 in UTC.
        origin: ``upload`` or ``stick``.
    """

    step: Step = "none"
    version: str = ""
    notes: str = ""
    size: int = 0
    older: bool = False
    slot: str = ""
    ran: str = ""
    percent: int = 0
    problem: str = ""
    detail: str = ""
    at: str = ""
    origin: str = ""


class AskUpdate(OfficeRequest, frozen=True, kw_only=True, tag="ask_update"):
    """How the update stands."""

    language: str = ""


class OrderUpdate(OfficeRequest, frozen=True, kw_only=True, tag="order_update"):
    """Something to be done with it.

    Attributes:
        act: ``check`` what was uploaded; install ``now``, that is as soon as no call is up, or
            ``tonight``; ``cancel`` an order that waits; ``drop`` the bundle;
            ``restart`` the box as soon as no call is up.
        older: Whoever orders knows that it is older than what runs.
        language: Of the answer's sentences.
    """

    act: Act
    older: bool = False
    language: str = ""


class UpdateAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="update"):
    """Answer to both.

    Attributes:
        state: As the installing program left it.
        wanted: What was ordered and waits: ``now``, ``tonight`` or nothing.
        calls: Calls that are up and waited for.
        sentence: How it stands, for people.
        possible: Whether this machine has two slots at all.
    """

    state: UpdateState = UpdateState()
    wanted: str = ""
    calls: int = 0
    sentence: str = ""
    possible: bool = True


class AskLoop(OfficeRequest, frozen=True, kw_only=True, tag="ask_loop"):
    """A call through the box's own loop-back, which nobody outside hears."""


class LoopAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="loop"):
    """Answer to ``AskLoop``.

    Attributes:
        port: Whose chip gave the sound back.
        failed: What did not work, as a sentence; empty if all did.
    """

    port: str = ""
    failed: str = ""


AnyUpdateRequest = AskUpdate | OrderUpdate | AskLoop
