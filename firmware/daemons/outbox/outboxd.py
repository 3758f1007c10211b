"""outboxd without its sockets: items of calld are tried, and calld is told what became of them.

Told messages, bytes and the time, it answers with effects. calld alone keeps: before a part of a
text is typed calld has noted that it may go out, and before the next one, that the last is out; a
text leaves the card when calld has it. So this process may end at any moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import msgspec

from firmware.control.outbox_messages import (
    AskOutbox,
    Channel,
    ChannelNews,
    Item,
    LinesPrinted,
    OutboxNews,
    OutboxNoted,
    OutboxRequest,
    OutboxTried,
    TextArrived,
    TextReported,
)
from firmware.core.outbox_settings import Broker, Hook, Outbox
from firmware.outbox.delivery import HOUR, Delivery, Fault, GiveUp, Policy, Try
from firmware.outbox.modem import Modem
from firmware.outbox.modem_news import (
    Balance,
    Came,
    Condition,
    Effect,
    NotSent,
    PartSent,
    Reported,
    Sent,
    Write,
)
from firmware.outbox.segments import Part, Puzzle

AGAIN_MS: Final = 5_000  # before calld is told once more what it could not keep
NEWS_MS: Final = 30_000
EVENTS_PER_MINUTE: Final = 1_200  # three events a call, eight lines; a backlog is gone soon
FEW: Final = 20  # items in hand, when calld has more


class ToCalld(msgspec.Struct, frozen=True):
    """A message for calld."""

    message: OutboxRequest


class ToModem(msgspec.Struct, frozen=True):
    """Bytes for the modem's wire."""

    data: bytes


class SendMail(msgspec.Struct, frozen=True):
    """Have this mailed; :meth:`Outboxd.done` is told what came of it."""

    item: Item


class CallHook(msgspec.Struct, frozen=True):
    """Tell another program; :meth:`Outboxd.done` is told what came of it."""

    item: Item
    hook: Hook


class Publish(msgspec.Struct, frozen=True):
    """Hand this to the broker; :meth:`Outboxd.done` is told what came of it."""

    item: Item
    broker: Broker


Do = ToCalld | ToModem | SendMail | CallHook | Publish


class _Tell:
    """Something that calld is to keep, until it has; its number comes back with the answer."""

    def __init__(
        self, message: OutboxRequest, kept: Callable[[int], None] | None, *, gates: bool
    ) -> None:
        self.message, self.kept, self.gates = message, kept, gates


class Outboxd:
    """All channels, and what calld knows of them.

    Args:
        has_modem: The machine has one.
    """

    def __init__(self, *, has_modem: bool) -> None:
        self._has_modem = has_modem
        self._delivery = Delivery()
        self._items: dict[int, Item] = {}
        self._news = OutboxNews(change=0, settings=Outbox())
        self._modem: Modem | None = None
        self._plugged = self._open = False
        self._parts: dict[int, list[int]] = {}
        self._tries: dict[int, int] = {}
        self._puzzle = Puzzle()
        self._places: dict[tuple[str, int, int], list[str]] = {}
        self._asked: dict[int, _Tell] = {}  # by number, in the order they were told
        self._number = 0
        self._again: list[tuple[int, _Tell]] = []
        self._gates = 0
        self._held: list[bytes] = []
        self._balance = ""
        self._failing: dict[str, str] = {}
        self._told: tuple[Channel, ...] = ()
        self._news_ms = 0
        self._connected = False
        self._out: list[Do] = []

    @property
    def news(self) -> OutboxNews:
        """What calld said last."""
        return self._news

    # --- calld ------------------------------------------------------------------------------------

    def connected(self, now_ms: int) -> list[Do]:
        """Calld is there; it is asked for everything anew."""
        self._connected = True
        self._told, self._news_ms = (), now_ms + NEWS_MS
        unkept, self._again = self._again, []
        for _, tell in unkept:
            self._say(tell)
        self._out.append(ToCalld(AskOutbox(hands=self._hands())))
        return self._done(now_ms)

    def calld_gone(self, now_ms: int) -> list[Do]:
        """Nobody keeps anything now: the modem is left alone until calld is back.

        Whatever calld has not confirmed is told again; an item that was on its way to the modem
        stays there, and the next dialogue proves whether it went out.
        """
        self._connected = False
        unkept = [
            tell for tell in self._asked.values() if not isinstance(tell.message, ChannelNews)
        ]
        self._asked.clear()
        self._again = [*((now_ms, tell) for tell in unkept), *self._again]
        self._held.clear()
        if self._modem is not None and self._open:
            self._open = False
            self._take(self._modem.closed(now_ms), now_ms)
        return self._done(now_ms)

    def from_calld(self, message: object, now_ms: int) -> list[Do]:
        """An answer of calld."""
        if isinstance(message, OutboxNews):
            self._follow(message, now_ms)
        elif isinstance(message, OutboxNoted) and message.tell in self._asked:
            tell = self._asked.pop(message.tell)
            if message.refused:
                self._again.append((now_ms + AGAIN_MS, tell))
            else:
                self._kept(tell, now_ms)
        return self._done(now_ms)

    def printed(self, through: int, now_ms: int) -> list[Do]:
        """Calls up to this entry are on the printer's cable."""
        self._tell(LinesPrinted(through=through))
        return self._done(now_ms)

    def _follow(self, news: OutboxNews, now_ms: int) -> None:
        before, self._news = self._news, news
        settings = news.settings
        hour = HOUR
        policies = {
            "sms": Policy(
                per_minute=settings.texts.per_minute, expire_ms=settings.texts.expire_hours * hour
            ),
            "mail": Policy(per_minute=settings.mail.per_minute),
            "mqtt": Policy(per_minute=EVENTS_PER_MINUTE, expire_ms=24 * hour),
        }
        # 20 a minute is what robots of WeCom and DingTalk take before they fall silent.
        policies |= {
            f"hook:{hook.name}": Policy(
                per_minute=20 if hook.form in {"wecom", "dingtalk", "feishu"} else 120,
                expire_ms=24 * hour,
            )
            for hook in settings.hooks
        }
        self._delivery.set_policies(policies)
        if self._has_modem and (
            self._modem is None or settings.texts.pin != before.settings.texts.pin
        ):
            self._new_modem(settings.texts.pin, now_ms)
        ready = self._modem is not None and self._modem.condition.state == "ready"
        self._delivery.ready("sms", now_ms, ready=ready)
        self._delivery.ready("mail", now_ms, ready=bool(settings.mail.server))
        self._delivery.ready("mqtt", now_ms, ready=bool(settings.mqtt.server))
        for number in news.gone:
            if self._delivery.withdraw(number):
                self._items.pop(number, None)
        for item in news.items:
            known = self._items.get(item.item)
            if known is not None and known.again == item.again:
                continue  # calld was asked twice before it answered
            self._items[item.item] = item
            begun = item.unsure and item.kind == "sms" and self._modem is not None
            self._delivery.offer(
                self._channel(item),
                item.item,
                now_ms,
                age_ms=item.age_ms,
                tries=item.tries,
                begun=begun,
            )
            if begun:
                # The modem has to know it before it reads the card: a report there may prove it.
                self._parts[item.item] = list(item.parts)
                self._type(item, now_ms)
        if self._plugged and not self._open:
            self._open_modem(now_ms)
        if news.balance > before.balance and self._modem is not None:
            self._take(self._modem.ask_balance(settings.texts.balance, now_ms), now_ms)
        self._out.append(ToCalld(AskOutbox(change=news.change, hands=self._hands())))

    def _channel(self, item: Item) -> str:
        return f"hook:{item.to}" if item.kind == "hook" else item.kind

    def _hands(self) -> dict[int, int]:
        return {number: item.again for number, item in self._items.items()}

    def _tell(
        self,
        message: OutboxRequest,
        kept: Callable[[int], None] | None = None,
        *,
        gates: bool = False,
    ) -> None:
        self._gates += gates
        self._say(_Tell(message, kept, gates=gates))

    def _say(self, tell: _Tell) -> None:
        self._number += 1
        self._asked[self._number] = tell
        self._out.append(ToCalld(msgspec.structs.replace(tell.message, tell=self._number)))

    def _kept(self, tell: _Tell, now_ms: int) -> None:
        if tell.gates:
            self._gates -= 1
        if tell.kept is not None:
            tell.kept(now_ms)
        if not self._gates:
            held, self._held = self._held, []
            self._out += [ToModem(data) for data in held]

    # --- the modem --------------------------------------------------------------------------------

    def modem_opened(self, now_ms: int) -> list[Do]:
        """Its device is there."""
        self._plugged = True
        if self._connected and self._news.change:
            self._open_modem(now_ms)
        return self._done(now_ms)

    def modem_gone(self, now_ms: int) -> list[Do]:
        """Its device is gone."""
        self._plugged = self._open = False
        self._held.clear()
        if self._modem is not None:
            self._take(self._modem.closed(now_ms), now_ms)
        return self._done(now_ms)

    def modem_heard(self, data: bytes, now_ms: int) -> list[Do]:
        """Bytes of its wire."""
        if self._modem is not None and self._open:
            self._take(self._modem.heard(data, now_ms), now_ms)
        return self._done(now_ms)

    def _new_modem(self, pin: str, now_ms: int) -> None:
        self._modem, self._open = Modem(pin=pin), False
        for number in self._delivery.under_way("sms"):
            self._delivery.failed(number, "the modem was set up anew", "channel", now_ms)

    def _open_modem(self, now_ms: int) -> None:
        if self._modem is not None:
            self._open = True
            self._puzzle, self._places = Puzzle(), {}
            self._take(self._modem.opened(now_ms), now_ms)

    def _take(self, effects: list[Effect], now_ms: int) -> None:
        # A report may prove the part that it is about: calld learns of the part first.
        for effect in sorted(effects, key=_rank):
            match effect:
                case Write(data):
                    if self._gates:
                        self._held.append(data)
                    else:
                        self._out.append(ToModem(data))
                case PartSent(number, reference):
                    self._parts.setdefault(number, []).append(reference)
                    self._progress(number, "sending", gates=True)
                case Sent(number, references):
                    self._parts[number] = list(references)
                    self._end(number, "sent", gates=True)
                case NotSent(number, why, again):
                    self._failed(number, why, "item" if again else "lasting", now_ms)
                case Came():
                    self._came(effect, now_ms)
                case Reported(report):
                    told = TextReported(
                        reference=report.reference,
                        number=report.recipient,
                        arrived=report.arrived,
                        final=report.final,
                        status=report.status,
                    )
                    self._tell(told, gates=True)
                case Balance(text):
                    self._balance = text
                case Condition():
                    pass
        if self._modem is not None:
            ready = self._modem.condition.state == "ready"
            self._delivery.ready("sms", now_ms, ready=ready)

    def _progress(self, number: int, state: str, *, why: str = "", gates: bool = False) -> None:
        parts = tuple(self._parts.get(number, ()))
        tries = self._tries[number] = self._delivery.tries(number)
        told = OutboxTried(item=number, state=state, tries=tries, why=why, parts=parts)
        self._tell(told, gates=gates)

    def _came(self, came: Came, now_ms: int) -> None:
        message = came.message
        key = (message.sender, message.reference, message.total)
        places = self._places.setdefault(key, [])
        places.append(came.place)
        part = Part(
            message.sender, message.reference, message.total, message.number, message.text, now_ms
        )
        whole = self._puzzle.add(part)
        if whole is not None:
            del self._places[key]
            named = f"{key}{message.at.isoformat()}{whole}{sorted(places)}"
            self._keep_text(message.sender, whole, named, places)

    def _keep_text(self, number: str, text: str, named: str, places: list[str]) -> None:
        key = hashlib.sha256(named.encode()).hexdigest()[:32]

        def kept(now_ms: int) -> None:
            if self._modem is not None:
                for place in places:
                    self._take(self._modem.kept(place, now_ms), now_ms)

        self._tell(TextArrived(key=key, number=number, text=text), kept)

    # --- trying -----------------------------------------------------------------------------------

    def done(
        self, number: int, now_ms: int, *, why: str = "", fault: Fault = "item", after_ms: int = 0
    ) -> list[Do]:
        """What came of a mail or a hook; ``why`` is empty where it was taken."""
        item = self._items.get(number)
        if item is None:
            return self._done(now_ms)
        channel = self._channel(item)
        if why:
            if fault == "channel":
                self._failing[channel] = why
            self._failed(number, why, fault, now_ms, after_ms=after_ms)
        else:
            self._failing.pop(channel, None)
            self._end(number, "delivered")
        return self._done(now_ms)

    def _failed(
        self, number: int, why: str, fault: Fault, now_ms: int, *, after_ms: int = 0
    ) -> None:
        given_up = self._delivery.failed(number, why, fault, now_ms, after_ms=after_ms)
        if given_up:
            self._give_up(given_up[0])
        elif number in self._items:
            self._progress(number, "waiting", why=why)

    def _give_up(self, what: GiveUp) -> None:
        self._end(what.item, "failed", why=what.why)

    def _end(self, number: int, state: str, *, why: str = "", gates: bool = False) -> None:
        """It is over for us; it stays in our hands until calld has kept that."""
        item = self._items.get(number)
        told = OutboxTried(
            item=number,
            state=state,
            tries=self._tries.pop(number, 0),
            why=why,
            parts=tuple(self._parts.pop(number, ())),
        )
        self._delivery.delivered(number)

        def kept(_now_ms: int) -> None:
            if self._items.get(number) is item:
                self._items.pop(number, None)
            if self._news.more and len(self._items) <= FEW:
                self._news = msgspec.structs.replace(self._news, more=False)
                self._out.append(ToCalld(AskOutbox(hands=self._hands())))

        self._tell(told, kept, gates=gates)

    def _try(self, what: Try) -> None:
        item = self._items[what.item]
        self._tries[item.item] = what.number
        if item.kind == "sms":
            self._parts[item.item] = list(item.parts) or self._parts.get(item.item, [])
            self._tell(
                OutboxTried(
                    item=item.item,
                    state="sending",
                    tries=what.number,
                    parts=tuple(self._parts[item.item]),
                ),
                lambda now_ms: self._type(item, now_ms),
            )
            return
        hook = next((h for h in self._news.settings.hooks if h.name == item.to), None)
        if item.kind == "mail":
            self._out.append(SendMail(item))
        elif item.kind == "mqtt":
            self._out.append(Publish(item, self._news.settings.mqtt))
        elif hook is not None:
            self._out.append(CallHook(item, hook))
        else:
            self._give_up(GiveUp(what.channel, item.item, "there is no such hook"))

    def _type(self, item: Item, now_ms: int) -> None:
        if self._modem is None or item.item not in self._delivery.under_way("sms"):
            return
        done = tuple(self._parts.get(item.item, ()))
        self._items[item.item] = msgspec.structs.replace(item, unsure=False, parts=())
        unsure = item.unsure
        number, text = item.to, item.text
        self._take(
            self._modem.send(item.item, number, text, now_ms, done=done, unsure=unsure), now_ms
        )

    # --- time -------------------------------------------------------------------------------------

    def advance(self, now_ms: int) -> list[Do]:
        """Time has passed."""
        if self._connected:
            if self._modem is not None and self._open:
                self._take(self._modem.advance(now_ms), now_ms)
            due = [tell for at, tell in self._again if at <= now_ms]
            self._again = [(at, tell) for at, tell in self._again if at > now_ms]
            for tell in due:
                self._say(tell)
            for sender, text in self._puzzle.overdue(now_ms):
                self._keep_overdue(sender, text)
        return self._done(now_ms)

    def _keep_overdue(self, sender: str, text: str) -> None:
        keys = [key for key in self._places if key[0] == sender]
        places = [place for key in keys for place in self._places.pop(key)]
        self._keep_text(sender, text, f"overdue {sender} {text} {places}", places)

    def next_deadline(self, now_ms: int) -> int:
        """When :meth:`advance` is wanted at the latest."""
        dates = [self._news_ms, *(at for at, _ in self._again)]
        if self._connected:
            if (due := self._delivery.next_deadline(now_ms)) is not None:
                dates.append(due)
            if self._modem is not None and (due := self._modem.next_deadline()) is not None:
                dates.append(due)
        return min(dates) if self._connected else now_ms + NEWS_MS

    def _done(self, now_ms: int) -> list[Do]:
        if self._connected:
            for what in self._delivery.advance(now_ms):
                if isinstance(what, Try):
                    self._try(what)
                else:
                    self._give_up(what)
            self._tell_channels(now_ms)
        out, self._out = self._out, []
        return [each for each in out if self._connected or not isinstance(each, ToCalld)]

    def _tell_channels(self, now_ms: int) -> None:
        channels = self._channels()
        if channels != self._told or now_ms >= self._news_ms:
            self._told = channels
            self._news_ms = now_ms + NEWS_MS
            self._tell(ChannelNews(channels=channels))

    def _channels(self) -> tuple[Channel, ...]:
        settings = self._news.settings
        told = self._modem.condition if self._modem is not None else Condition("off")
        texts = Channel(
            name="sms",
            state=told.state if self._has_modem else "off",
            detail=told.detail,
            signal_dbm=told.signal_dbm,
            operator=told.operator,
            balance=self._balance,
        )
        mail = Channel(name="mail", state="ready" if settings.mail.server else "off")
        if "mail" in self._failing and settings.mail.server:
            mail = Channel(name="mail", state="failing", detail=self._failing["mail"])
        mqtt = Channel(name="mqtt", state="ready" if settings.mqtt.server else "off")
        if "mqtt" in self._failing and settings.mqtt.server:
            mqtt = Channel(name="mqtt", state="failing", detail=self._failing["mqtt"])
        bad = {n: why for n, why in self._failing.items() if n.startswith("hook:")}
        hooks = Channel(name="hook", state="ready" if settings.hooks else "off")
        if bad:
            detail = "; ".join(f"{n.partition(':')[2]}: {why}" for n, why in bad.items())
            hooks = Channel(name="hook", state="failing", detail=detail)
        return (texts, mail, hooks, mqtt)


def _rank(effect: Effect) -> int:
    return 2 if isinstance(effect, Write) else int(isinstance(effect, Reported))
