"""What outboxd asks of call control and tells it, and what people do with what leaves the box."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from firmware.call.hours import zone_of
from firmware.control.messages import MAX_MESSAGE_BYTES, Refused
from firmware.control.office_messages import NotedAnswer, OfficeRequest
from firmware.control.outbox_messages import (
    AskBalance,
    AskMessages,
    AskOutbox,
    ChangeItem,
    Channel,
    ChannelNews,
    Item,
    LinesPrinted,
    MessagesAnswer,
    OutboxNews,
    OutboxNoted,
    OutboxRequest,
    OutboxTried,
    SendTestMail,
    SendText,
    TextArrived,
    TextReported,
)
from firmware.core.desk_entries import Audited, ItemEnded, MailWanted, ReportDue
from firmware.core.log_entries import AnyLogEntry, CallClosed
from firmware.core.menu_entries import SmsWanted
from firmware.core.settings import Settings
from firmware.daemons.desks.outbox_words import say
from firmware.daemons.desks.own_texts import asked_already
from firmware.daemons.desks.text_answers import TextAnswers
from firmware.outbox.rules import barred
from firmware.outbox.segments import cut
from firmware.outbox.wording import worded
from firmware.reports.moments import EPOCH, MS
from firmware.storage.outbox import (
    DELIVERED,
    DROPPED,
    ENDED,
    FAILED,
    OPEN,
    SENDING,
    SENT,
    OutboxItem,
)
from firmware.storage.outbox import WAITING as WAITS
from firmware.storage.records import Records

log = logging.getLogger(__name__)

DOCUMENT: Final = "outbox"
KINDS: Final = ("sms", "mail", "hook", "mqtt")
AT_ONCE: Final = 40
"""Items of one kind that outboxd is given at once; more would only wait there."""

MOST_BYTES: Final = MAX_MESSAGE_BYTES // 3
"""Of items in one answer; the settings go with them."""

AGAIN: Final = timedelta(seconds=5)
"""Before an answer that could not be put together is tried again."""

BAD_MS: Final = 300_000
"""So long a way out may be bad before it is told as an alarm: a modem restarts in one minute."""

SILENT_MS: Final = 150_000
"""outboxd tells how it is every 30 s; after so long without a word it is not there."""

GOOD: Final = frozenset({"ready", "off", "none", "starting"})
Reply = Callable[[msgspec.Struct], None]


class OutboxDesk:
    """Knows what waits, and who is told.

    Args:
        records: Open for writing.
        settings: Those in force, at any time.
        kept: What :meth:`document` gave before; empty for nothing.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings], kept: str) -> None:
        self._records = records
        self._settings = settings
        self._answers = TextAnswers(records, settings)
        self._printed = 0
        if kept:
            try:
                self._printed = msgspec.json.decode(kept, type=dict[str, int]).get("printed", 0)
            except msgspec.DecodeError as problem:
                log.error("which calls were printed cannot be read: %s", problem)
        self._change = 1
        self._held: tuple[AskOutbox, Reply] | None = None
        self._not_before = EPOCH
        self._channels: tuple[Channel, ...] = ()
        self._bad_since: dict[str, int] = {}
        self._heard_ms: int | None = None
        self._begun_ms: int | None = None
        self._balance = 0
        self.changed = False

    def document(self) -> str:
        """Which calls are on the printer's cable, to be kept."""
        return msgspec.json.encode({"printed": self._printed}).decode()

    # --- what happens in the office ---------------------------------------------------------------

    def told(self, entries: Iterable[AnyLogEntry], wall: datetime) -> None:
        """Entries that were just kept."""
        settings = self._settings().outbox
        wanted: tuple[type, ...] = (SmsWanted, MailWanted, ReportDue)
        texts = settings.texts
        if settings.call_lines.form != "nothing" or texts.missed_call or texts.survey:
            wanted = (*wanted, CallClosed)
        if (
            settings.hooks
            or settings.mqtt.server
            or any(isinstance(entry, wanted) for entry in entries)
        ):
            self.news(wall)

    def news(self, wall: datetime) -> None:
        """Something is to be sent, or the settings changed: whoever waits for it is told."""
        self._change += 1
        self.look(wall)

    @property
    def texts(self) -> Channel | None:
        """How the modem is; None where there is none."""
        found = next((channel for channel in self._channels if channel.name == "sms"), None)
        return found if found is not None and found.state not in {"off", "none"} else None

    def alarms(self, now_ms: int) -> tuple[str, ...]:
        """What people must know, in the office's language."""
        return self.alarms_in(self._settings().language, now_ms)

    def alarms_in(self, language: str, now_ms: int) -> tuple[str, ...]:
        """The same in another one."""
        self._begun_ms = now_ms if self._begun_ms is None else self._begun_ms
        heard = self._begun_ms if self._heard_ms is None else self._heard_ms
        if now_ms - heard >= SILENT_MS:
            waiting = sum(self._records.post.waiting().values())
            return (say("away", language, count=waiting),) if waiting else ()
        return tuple(
            say(f"bad-{channel.name}", language, state=say(channel.state, language))
            for channel in self._channels
            if now_ms - self._bad_since.get(channel.name, now_ms) >= BAD_MS
        )

    # --- outboxd ----------------------------------------------------------------------------------

    def ask(self, request: AskOutbox, reply: Reply, now_ms: int, wall: datetime) -> None:
        """What is to be sent: at once, or when there is something."""
        self._heard_ms = now_ms
        self._held = (request, reply)
        self.look(wall)

    def look(self, wall: datetime) -> None:
        """Answer who asks and knows less than there is; whoever cannot be answered goes on asking.

        What is compared is how much he knows, so no single event has to reach him.
        """
        if self._held is None or self._held[0].change == self._change or wall < self._not_before:
            return
        asked, reply = self._held
        try:
            news = self._news(asked, wall)
        except Exception:
            # A defect, or a card that cannot be read now: asked again below, by time.
            log.exception("what is to be sent could not be put together")
            self._not_before = wall + AGAIN
            return
        self._held = None
        reply(news)

    @contextlib.contextmanager
    def answering(self, request: OutboxRequest, reply: Reply) -> Iterator[Reply]:
        """A way to answer with the number of what was told, once, whatever happens to it."""
        answers: list[msgspec.Struct] = []
        try:
            yield answers.append
        finally:
            refused = "a defect" if not answers else ""
            refused = next((a.message for a in answers if isinstance(a, Refused)), refused)
            reply(OutboxNoted(tell=request.tell, refused=refused))

    def tell(
        self, request: msgspec.Struct, now_ms: int, wall: datetime
    ) -> tuple[msgspec.Struct, Sequence[AnyLogEntry]]:
        """Something that outboxd tells; the answer is given once the entries are kept.

        Raises:
            OSError: it could not be kept.
        """
        self._heard_ms = now_ms
        match request:
            case OutboxTried():
                return NotedAnswer(), self._tried(request, now_ms, wall)
            case TextReported():
                return NotedAnswer(), self._reported(request, now_ms, wall)
            case TextArrived():
                return NotedAnswer(), self._answers.arrived(request, now_ms, wall)
            case ChannelNews():
                self._know(request.channels, now_ms)
            case LinesPrinted():
                self._printed, self.changed = request.through, True
            case _:
                return Refused(id="unknown-request", message="this is not known here"), ()
        return NotedAnswer(), ()

    def _know(self, channels: tuple[Channel, ...], now_ms: int) -> None:
        self._channels = channels
        bad = {channel.name for channel in channels if channel.state not in GOOD}
        self._bad_since = {name: self._bad_since.get(name, now_ms) for name in bad}

    def _news(self, asked: AskOutbox, wall: datetime) -> OutboxNews:
        settings = self._settings()
        post = self._records.post
        if settings.outbox.call_lines.form != "nothing" and not self._printed:
            self._printed, self.changed = self._records.newest_seq, True  # from now on
        fresh: list[OutboxItem] = []
        more = False
        for kind in KINDS:
            # What waits for its next try in outboxd's hands holds up nobody behind it.
            found = post.open(AT_ONCE + 1 + len(asked.hands), kind)
            new = [item for item in found if asked.hands.get(item.item) != item.again]
            more = more or len(new) > AT_ONCE
            fresh += new[:AT_ONCE]
        made: list[Item] = []
        room = MOST_BYTES
        for item in fresh:
            ready = self._prepared(item, wall)
            if ready is None:
                continue
            room -= len(msgspec.json.encode(ready))
            if made and room < 0:
                more = True  # a packet has an end; the others are asked for when these are known
                break
            made.append(ready)
        known = [(number, again, post.item(number)) for number, again in asked.hands.items()]
        gone = [
            number
            for number, again, item in known
            if item is None or item.state not in OPEN or item.again != again
        ]
        return OutboxNews(
            change=self._change,
            settings=settings.outbox,
            language=settings.language,
            office=settings.reports.office,
            items=tuple(made),
            gone=tuple(gone),
            balance=self._balance,
            printed=self._printed,
            more=more,
            zone=str(zone_of(settings)),
            targets=settings.reports.targets,
        )

    def _prepared(self, item: OutboxItem, wall: datetime) -> Item | None:
        """An item with its words; None for one that must not be sent."""
        text, why = item.text, ""
        if item.kind == "sms":
            why = self._barred(item, wall)
            text = text or self._words(item)
            why = why or ("" if text else "no_words")
        if why or not item.number:
            self._end(item, DROPPED, why or "erased", wall)
            return None
        parts = msgspec.json.decode(item.parts, type=tuple[int, ...])
        return Item(
            item=item.item,
            kind=item.kind,
            to=item.number,
            language=item.language,
            template=item.template,
            text=text,
            data=item.data,
            call=item.call,
            age_ms=max(0, _wall_ms(wall) - item.created_ms),
            made_ms=item.created_ms,
            tries=item.tries,
            again=item.again,
            unsure=item.state == SENDING,
            parts=tuple(-1 - part if part < 0 else part for part in parts),
        )

    def _barred(self, item: OutboxItem, wall: datetime) -> str:
        settings = self._settings()
        if item.state == SENDING or item.again:
            return ""  # it began when it might, or a person wants it
        if asked_already(item, self._records):
            return "asked"
        midnight = wall.astimezone(zone_of(settings)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return barred(
            item.template,
            item.number,
            do_not_text=(*settings.outbox.texts.do_not_text, *settings.acd.do_not_call),
            earlier=self._records.post.texts_since(item.number, _wall_ms(midnight)),
        )

    def _words(self, item: OutboxItem) -> str:
        settings = self._settings()
        texts = settings.outbox.texts
        values = msgspec.json.decode(item.data, type=dict[str, str]) if item.data else {}
        common = {"page": texts.page, "office": settings.reports.office, "caller": item.number}
        language = item.language or settings.language
        return worded(item.template, language, texts.wordings, {**common, **values})

    def _end(self, item: OutboxItem, state: str, why: str, wall: datetime) -> None:
        """A state without an entry of the log; the caller is told by page and list."""
        try:
            with self._records.changing():
                self._records.post.change(
                    item.item, state=state, why=why, changed_ms=_wall_ms(wall)
                )
        except OSError as problem:
            log.warning("what became of item %d cannot be kept: %s", item.item, problem)

    def _tried(self, request: OutboxTried, now_ms: int, wall: datetime) -> list[AnyLogEntry]:
        item = self._records.post.item(request.item)
        if item is None or item.state in ENDED:
            return []  # a person dropped it meanwhile, or it was reported first
        # A part that was reported already stays so.
        arrived = {part for part in msgspec.json.decode(item.parts, type=list[int]) if part < 0}
        parts = [-1 - part if -1 - part in arrived else part for part in request.parts]
        state = request.state
        if state == SENT and parts and all(part < 0 for part in parts):
            state = DELIVERED
        with self._records.changing():
            self._records.post.change(
                item.item,
                state=state,
                tries=request.tries,
                why=request.why,
                parts=msgspec.json.encode(parts).decode(),
                changed_ms=_wall_ms(wall),
            )
        return self._ended(item, state, request.why, now_ms)

    def _ended(self, item: OutboxItem, state: str, why: str, now_ms: int) -> list[AnyLogEntry]:
        if item.kind not in {"sms", "mail"} or state not in ENDED:
            return []
        return [
            ItemEnded(
                call=item.call, at_ms=now_ms, item=item.item, kind=item.kind, state=state, why=why
            )
        ]

    def _reported(self, request: TextReported, now_ms: int, wall: datetime) -> list[AnyLogEntry]:
        """One part arrived or did not: the text has arrived when all of it has."""
        item = self._records.post.reported(request.reference, request.number, _wall_ms(wall))
        if item is None or not (request.arrived or request.final):
            return []
        parts = msgspec.json.decode(item.parts, type=list[int])
        parts[parts.index(request.reference)] = -1 - request.reference
        state, why = item.state, item.why
        if not request.arrived:
            state, why = FAILED, f"status {request.status}"
        elif item.state != SENDING and all(part < 0 for part in parts):
            state = DELIVERED
        with self._records.changing():
            self._records.post.change(
                item.item,
                state=state,
                why=why,
                parts=msgspec.json.encode(parts).decode(),
                changed_ms=_wall_ms(wall),
            )
        return self._ended(item, state, why, now_ms)

    # --- people -----------------------------------------------------------------------------------

    def people(
        self, request: msgspec.Struct, now_ms: int, wall: datetime
    ) -> tuple[msgspec.Struct, Sequence[AnyLogEntry]]:
        """What page and command line ask; a mistake is a sentence.

        Raises:
            OSError: it could not be kept.
        """
        language = getattr(request, "language", "") or self._settings().language
        match request:
            case AskMessages():
                return self._overview(), ()
            case AskBalance():
                if not self._settings().outbox.texts.balance:
                    return Refused(id="no-balance-code", message=say("no-code", language)), ()
                self._balance += 1
                self.news(wall)
                return self._overview(), ()
            case ChangeItem():
                return self._change_item(request, language, now_ms, wall)
            case SendText():
                return self._send(request, language, now_ms)
            case SendTestMail():
                if not self._settings().outbox.mail.server:
                    return Refused(id="no-mail", message=say("no-mail", language)), ()
                mail = MailWanted(at_ms=now_ms, template="test", to=request.to, language=language)
                return self._overview(), (mail, _audit(request, "mail/test", now_ms))
            case _:
                return Refused(id="unknown-request", message="this is not known here"), ()

    def _overview(self, item: int = 0) -> MessagesAnswer:
        waiting = self._records.post.waiting()
        return MessagesAnswer(channels=self._channels, waiting=waiting, item=item)

    def _change_item(
        self, request: ChangeItem, language: str, now_ms: int, wall: datetime
    ) -> tuple[msgspec.Struct, Sequence[AnyLogEntry]]:
        item = self._records.post.item(request.item)
        if item is None or not item.number:
            said = say("no-item", language, value=request.item)
            return Refused(id="no-item", message=said), ()
        if request.act == "drop" and item.state not in OPEN:
            said = say("not-open", language, value=request.item, state=say(item.state, language))
            return Refused(id="not-open", message=said), ()
        at = _wall_ms(wall)
        with self._records.changing():
            if request.act == "drop":
                self._records.post.change(
                    item.item, state=DROPPED, why=f"by {request.who}", changed_ms=at
                )
            else:
                fresh = {} if item.state == SENDING else {"parts": "[]", "state": WAITS}
                self._records.post.change(
                    item.item,
                    again=item.again + 1,
                    tries=0,
                    why="",
                    created_ms=at,
                    changed_ms=at,
                    **fresh,
                )
        self.news(wall)
        audit = _audit(request, f"message/{item.item} {request.act}", now_ms)
        ended = self._ended(item, DROPPED, "", now_ms) if request.act == "drop" else []
        return self._overview(item.item), (*ended, audit)

    def _send(
        self, request: SendText, language: str, now_ms: int
    ) -> tuple[msgspec.Struct, Sequence[AnyLogEntry]]:
        number = "".join(sign for sign in request.number if sign in "+0123456789")
        settings = self._settings()
        refused = ""
        if sum(sign.isdecimal() for sign in number) < 3:
            refused = say("number", language, value=request.number or "-")
        elif why := barred("", number, do_not_text=settings.outbox.texts.do_not_text):
            refused = say(why, language, value=number)
        elif not request.text.strip() and not request.wording:
            refused = say("no_words", language)
        if not refused:
            try:
                cut(request.text)
            except ValueError as problem:
                refused = str(problem)
        if refused:
            return Refused(id="text-refused", message=refused), ()
        wanted = SmsWanted(
            call=request.call,
            at_ms=now_ms,
            template=request.wording or "by_hand",
            number=number,
            language=language,
            text=request.text.strip(),
        )
        return self._overview(), (wanted, _audit(request, "text/by-hand", now_ms))


def _audit(request: OfficeRequest, what: str, now_ms: int) -> Audited:
    return Audited(at_ms=now_ms, who=request.who, action="change", what=what, origin=request.origin)


def _wall_ms(wall: datetime) -> int:
    return (wall - EPOCH) // MS
