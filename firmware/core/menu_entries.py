"""What menus write into the log of a call; part of the event log, see ``log_entries``.

Keys that a flow calls secret are in no entry.
"""

from __future__ import annotations

import msgspec

from firmware.core.log_entry import LogEntry


class MenuEntry(LogEntry, frozen=True, kw_only=True):
    """Something that happened between a caller and a flow."""


class NodePassed(MenuEntry, frozen=True, kw_only=True, tag="node_passed"):
    """The caller left a node of a flow by ``exit``; ``hung_up`` when he cleared within it.

    ``edition`` names the flow's exact text, so that counts before and after a change stay apart.
    """

    flow: str
    edition: str
    node: str
    entered_ms: int
    exit: str


class ConsentGiven(MenuEntry, frozen=True, kw_only=True, tag="consent_given"):
    """The caller heard a notice and agreed, by ``key`` or by staying on (empty).

    ``sha256`` is of the sound that was played; ``heard_ms`` of it was heard, from its beginning.
    """

    prompts: tuple[str, ...]
    sha256: str
    language: str
    heard_ms: int
    key: str = ""


class ConsentRefused(MenuEntry, frozen=True, kw_only=True, tag="consent_refused"):
    """The same, but he refused by ``key``, or said nothing where an answer was needed."""

    prompts: tuple[str, ...]
    sha256: str
    language: str
    heard_ms: int
    key: str = ""


class ForgetAsked(MenuEntry, frozen=True, kw_only=True, tag="forget_asked"):
    """The caller wants the recordings of his calls before this one removed; he pressed ``key``."""

    number: str
    language: str
    key: str


class CallbackWanted(MenuEntry, frozen=True, kw_only=True, tag="callback_wanted"):
    """The caller was promised a call back to ``number`` within ``due_min``."""

    number: str
    due_min: int
    language: str = ""


class SmsWanted(MenuEntry, frozen=True, kw_only=True, tag="sms_wanted"):
    """A text is to be sent; ``values`` are those the template may use.

    ``text`` is what it says, where it needs no template any more.
    """

    template: str
    number: str
    language: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    text: str = ""


class CallTagged(MenuEntry, frozen=True, kw_only=True, tag="call_tagged"):
    """The call carries a mark for whoever answers it, and for reports."""

    label: str


class PriorityGiven(MenuEntry, frozen=True, kw_only=True, tag="priority_given"):
    """The caller waits with this priority from here on; 1 is served first."""

    priority: int


class LanguageChosen(MenuEntry, frozen=True, kw_only=True, tag="language_chosen"):
    """The caller is spoken to in this language from here on."""

    language: str


class EntryTaken(MenuEntry, frozen=True, kw_only=True, tag="entry_taken"):
    """The caller keyed something that fits. ``digits`` is empty when it is secret."""

    name: str
    digits: str = ""
    secret: bool = False


class LookUpEnded(MenuEntry, frozen=True, kw_only=True, tag="look_up_ended"):
    """Something was looked up for the caller: found, not_found or failed."""

    source: str
    name: str
    result: str
    took_ms: int


class PromptMissing(MenuEntry, frozen=True, kw_only=True, tag="prompt_missing"):
    """A prompt could not be said as it should; ``instead`` was, or nothing."""

    prompt: str
    instead: str = ""


AnyMenuEntry = (
    NodePassed
    | ConsentGiven
    | ConsentRefused
    | ForgetAsked
    | CallbackWanted
    | SmsWanted
    | CallTagged
    | PriorityGiven
    | LanguageChosen
    | EntryTaken
    | LookUpEnded
    | PromptMissing
)
