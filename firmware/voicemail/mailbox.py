"""What lies in the mailboxes, and what changes there. Sound is in files; here are their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, or the owner's greeting.

    Attributes:
        message: Its name, unique for ever.
        mailbox: The extension it is for.
        kind: A caller's ``message``, or the ``greeting`` callers hear.
        path: The recording.
        left_at: UTC, ISO 8601.
        duration_ms: Length; 0 while it is being spoken.
        caller: The caller's number, empty if it is not known.
        caller_name: His name, if it came along.
        heard: Whether it was listened to.
    """

    message: str
    mailbox: str
    kind: Literal["message", "greeting"] = "message"
    path: str
    left_at: str
    duration_ms: int
    caller: str = ""
    caller_name: str = ""
    heard: bool = False


class MailboxChange(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be kept in the records."""

    message: Message


class Keep(MailboxChange, frozen=True, kw_only=True):
    """A new message or greeting."""


class Mark(MailboxChange, frozen=True, kw_only=True):
    """The message was heard; it is given as it is now."""


class Erase(MailboxChange, frozen=True, kw_only=True):
    """The message goes, with its file."""


class Mailboxes:
    """All messages, oldest first. The owner applies every change that a session answers with."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._messages = {message.message: message for message in messages}

    def apply(self, change: MailboxChange) -> None:
        """Carry out one change."""
        if isinstance(change, Erase):
            self._messages.pop(change.message.message, None)
        else:
            self._messages[change.message.message] = change.message

    def messages(self, mailbox: str) -> tuple[Message, ...]:
        """Those of an extension: new ones first, each kind oldest first."""
        mine = [
            m
            for m in self._messages.values()
            if m.mailbox == mailbox and m.kind == "message" and m.duration_ms
        ]
        return tuple(sorted(mine, key=lambda m: (m.heard, m.left_at, m.message)))

    def being_spoken(self) -> tuple[Message, ...]:
        """Messages that have begun and are not closed."""
        return tuple(
            m for m in self._messages.values() if m.kind == "message" and not m.duration_ms
        )

    def waiting(self, mailbox: str) -> int:
        """How many nobody has heard."""
        return sum(not message.heard for message in self.messages(mailbox))

    def greeting(self, mailbox: str) -> Message | None:
        """The greeting that the owner recorded last."""
        found = [
            m for m in self._messages.values() if m.mailbox == mailbox and m.kind == "greeting"
        ]
        return max(found, key=lambda m: (m.left_at, m.message), default=None)
