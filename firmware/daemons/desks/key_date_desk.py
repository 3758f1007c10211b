"""Customers' days: each morning somebody owes a call, or a ticket where a call is not wanted.

Who is to be called is told the queues like any other call that is owed: his own agent's telephone
rings when calls may go out, says whom and why, and dials.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from firmware.acd import effects as said
from firmware.acd import events as told
from firmware.call.hours import zone_of
from firmware.core.countries import country as country_of
from firmware.core.settings import Settings
from firmware.customers.customer import dialled
from firmware.customers.occasions import MOST_DAYS, Occasion, days_since, month_days, occasions
from firmware.daemons.desks.case_keeper import CaseKeeper
from firmware.reports.moments import EPOCH, MS
from firmware.storage.records import Records
from firmware.tickets.ticket import TicketStep, opened

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

log = logging.getLogger(__name__)

DOCUMENT: Final = "key_dates"
KIND: Final = "key_date"
FIRST_MS: Final = 10_000
"""After a start queues and agents are taken over first."""

LOOK_MS: Final = 60_000
"""Chosen: whose day it is is known a minute after midnight, and a minute after it was written."""

BY_CALL: Final = ("", "call")
WORDS: Final[dict[str, tuple[str, str]]] = {
    "call": ("{what}（{day}），请联系客户", "{what} ({day}): reach the customer"),
    "text": ("{what}（{day}），客户希望收到短信", "{what} ({day}): he prefers a text message"),
    "mail": ("{what}（{day}），客户希望收到邮件", "{what} ({day}): he prefers a mail"),
    "birthday": ("生日", "birthday"),
}


class _Kept(msgspec.Struct, kw_only=True):
    """The last day that was looked at, and what was told of the days before."""

    day: str = ""
    told: list[str] = []


class KeyDateDesk(CaseKeeper):
    """Tells whose day it is, once.

    Args:
        records: With the cards.
        settings: Those in force.
        kept: Its document.
        now_ms: Monotonic time now.

    Attributes:
        at_ms: When :meth:`look` wants to be called.
    """

    def __init__(
        self, records: Records, settings: Callable[[], Settings], kept: str, now_ms: int
    ) -> None:
        super().__init__(records, settings)
        self.at_ms = now_ms + FIRST_MS
        self._kept = _Kept()
        if kept:
            try:
                self._kept = msgspec.json.decode(kept, type=_Kept)
            except msgspec.DecodeError as problem:
                log.error("which days were told cannot be read: %s", problem)
        self.changed = False

    def document(self) -> str:
        """What was told, to be kept."""
        return msgspec.json.encode(self._kept).decode()

    def look(self, now_ms: int, wall: datetime) -> list[Occasion]:
        """What has come and was not told; a card that was changed today counts too."""
        self.at_ms = now_ms + LOOK_MS
        today = wall.astimezone(zone_of(self._settings())).date()
        last = date.fromisoformat(self._kept.day) if self._kept.day else None
        days = days_since(last, today)
        cards = self._cases.dated_customers(month_days(days))
        found = occasions(cards, days, set(self._kept.told))
        if found or last != today:
            old = {key for key in self._kept.told if _day_of(key, today) > MOST_DAYS}
            told = [key for key in self._kept.told if key not in old]
            self._kept = _Kept(day=today.isoformat(), told=[*told, *(one.key for one in found)])
            self.changed = True
        return found

    def tell(
        self,
        desk: QueueDesk,
        found: Sequence[Occasion],
        wall: datetime,
        now_ms: int,
        out: list[Any],
    ) -> None:
        """Somebody owes each of them a call; where none is wanted or possible, there is a ticket.

        Args:
            desk: Queues and agents.
            found: What has come.
            wall: Now.
            now_ms: Monotonic time now.
            out: Grows by what is to be done.
        """
        for one in found:
            if not self._owed(desk, one, now_ms, out):
                self._ticket(one, wall)

    def _owed(self, desk: QueueDesk, one: Occasion, now_ms: int, out: list[Any]) -> bool:
        """Whether his agent, or a queue, owes him a call from now on."""
        settings = self._settings()
        if one.card.channel not in BY_CALL or not one.card.numbers or not settings.acd.queues:
            return False
        agents = {agent.number for agent in settings.acd.agents}
        number = dialled(one.card.numbers[0], country_of(settings.country))
        event = told.TaskOpened(
            kind="key_date",
            number=number,
            owner=one.card.agent if one.card.agent in agents else "",
            queue="" if one.card.agent in agents else settings.acd.queues[0].number,
            name=one.card.name or one.card.company,
            note=self._what(one),
            language=one.card.language,
        )
        effects = desk.tell(event, now_ms, out)
        return not any(isinstance(effect, said.Refused) for effect in effects)

    def _ticket(self, one: Occasion, wall: datetime) -> None:
        cases = self._settings().cases
        kind = next((kind for kind in cases.kinds if kind.name == KIND), cases.kinds[0])
        wall_ms = (wall - EPOCH) // MS
        way = one.card.channel if one.card.channel in WORDS else "call"
        words = WORDS[way][self._at].format(what=self._what(one), day=one.day)
        name = one.card.name or one.card.company
        ticket = opened(
            kind,
            wall_ms,
            owner=kind.owner or one.card.agent,
            customer=one.card.customer,
            number=one.card.numbers[0] if one.card.numbers else "",
            summary=f"{name}: {words}",
            origin="key date",
        )
        with self._records.changing():
            self._cases.open_ticket(ticket, TicketStep(at_ms=wall_ms, who="box", what="open"))

    @property
    def _at(self) -> int:
        return 0 if self._settings().language.startswith("zh") else 1

    def _what(self, one: Occasion) -> str:
        known = WORDS.get(one.what)
        return known[self._at] if known is not None else one.what


def _day_of(key: str, today: date) -> int:
    """How many days ago what has this key was."""
    return (today - date.fromisoformat(key.rpartition("/")[2])).days
