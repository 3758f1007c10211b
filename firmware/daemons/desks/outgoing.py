"""What entries of the log become for other programs and mail: hooks, voicemail."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from firmware.core.desk_entries import MailWanted, TextCame
from firmware.core.log_entries import AnyLogEntry, CallClosed, CallOffered, VoicesConnected
from firmware.core.settings import Settings
from firmware.storage.outbox import Outgoing
from firmware.storage.projection import CallRecord
from firmware.voicemail.mailbox import Keep, MailboxChange


def outgoing_of(settings: Callable[[], Settings]) -> Outgoing:
    """What other programs are told of an entry, by the settings in force at that moment."""

    def outgoing(entry: AnyLogEntry, record: CallRecord | None) -> Iterable[tuple[str, str, str]]:
        hooks = settings().outbox.hooks
        event = _event_of(entry)
        if not hooks or not event:
            return
        body = msgspec.json.encode(_told(entry, event, record)).decode()
        for hook in hooks:
            if event in hook.events:
                yield hook.name, event, body

    return outgoing


def _event_of(entry: AnyLogEntry) -> str:
    match entry:
        case CallOffered():
            return "call_offered"
        case VoicesConnected():
            return "call_answered"
        case CallClosed():
            return "call_ended"
        case TextCame():
            return "text_came"
        case _:
            return ""


def _told(entry: AnyLogEntry, event: str, record: CallRecord | None) -> dict[str, object]:
    told: dict[str, object] = {"event": event, "call": entry.call}
    if isinstance(entry, TextCame):
        return {**told, "caller": entry.number, "text": entry.text, "customer": entry.customer}
    if record is None:
        return told
    talked = record.talk_ms
    return {
        **told,
        "direction": str(record.direction),
        "begun": record.t0_wall,
        "caller": record.caller_number,
        "name": record.caller_name,
        "called": record.dialled or record.destination,
        "line": record.line,
        "extension": record.extension,
        "outcome": str(record.outcome or ""),
        "talked_s": round(talked / 1000) if talked is not None else 0,
    }


def voicemail_mail(change: MailboxChange, settings: Settings, now_ms: int) -> list[AnyLogEntry]:
    """A message that is whole goes to the address of its mailbox."""
    mail, message = settings.outbox.mail, change.message
    to = mail.voicemail.get(message.mailbox, "")
    whole = isinstance(change, Keep) and message.kind == "message" and message.duration_ms > 0
    if not mail.server or not to or not whole:
        return []
    language = next(
        (e.language for e in settings.extensions if e.number == message.mailbox and e.language),
        settings.language,
    )
    values = {
        "mailbox": message.mailbox,
        "path": message.path,
        "left_at": message.left_at,
        "seconds": str(round(message.duration_ms / 1000)),
        "caller": message.caller,
        "name": message.caller_name,
    }
    template = f"voicemail:{message.message}"
    return [MailWanted(at_ms=now_ms, template=template, to=to, language=language, values=values)]
