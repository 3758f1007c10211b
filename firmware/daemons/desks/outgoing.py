"""What entries of the log become outside: hooks, events for a broker, texts, voicemail by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from firmware.core.desk_entries import MailWanted, TextCame
from firmware.core.log_entries import AnyLogEntry, CallClosed, CallOffered, VoicesConnected
from firmware.core.settings import Settings
from firmware.daemons.desks.own_texts import own_texts
from firmware.storage.outbox import Outgoing
from firmware.storage.projection import CallRecord
from firmware.voicemail.mailbox import Keep, MailboxChange


def outgoing_of(settings: Callable[[], Settings]) -> Outgoing:
    """What follows from an entry by the settings in force at that moment."""

    def outgoing(entry: AnyLogEntry, record: CallRecord | None) -> Iterable[dict[str, str]]:
        now = settings()
        yield from own_texts(entry, record, now)
        outbox, event = now.outbox, _event_of(entry)
        hooks = [hook.name for hook in outbox.hooks if event in hook.events]
        broker = outbox.mqtt
        topics = [f"{broker.topic}/{event}"] if broker.server and event in broker.events else []
        if not hooks and not topics:
            return
        body = msgspec.json.encode(_told(entry, event, record)).decode()
        for kind, names in (("hook", hooks), ("mqtt", topics)):
            for name in names:
                yield {"kind": kind, "number": name, "template": event, "data": body}

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


def seconds_in(megabytes: int) -> int:
    """How long a message may be for its file to be no larger: 16,000 bytes are a second."""
    return megabytes * 1_000_000 // 16_000


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
    if message.mailbox in mail.without_sound:
        values |= {"sound": "here"}
    elif message.duration_ms > seconds_in(mail.sound_mb) * 1000:
        values |= {"sound": "large"}
    template = f"voicemail:{message.message}"
    return [MailWanted(at_ms=now_ms, template=template, to=to, language=language, values=values)]
