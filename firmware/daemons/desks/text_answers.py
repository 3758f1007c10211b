"""Texts that customers send: whose they are, which call and ticket they answer, marks they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from firmware.control.outbox_messages import TextArrived
from firmware.core.acd_entries import QueueAnswered, SurveyAnswered, SurveyWay
from firmware.core.desk_entries import TextCame
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.daemons.floor.mobile import is_mobile
from firmware.outbox.wording import mark_of
from firmware.reports.moments import EPOCH, MS
from firmware.storage.records import Records
from firmware.tickets.ticket import ENDED

HOUR_MS: Final = 3_600_000
ANSWER_MS: Final = 72 * HOUR_MS
"""A text that comes so long after ours answers it; a mark of a survey too."""

SURVEY: Final = "survey"
SCALE: Final = 5


class TextAnswers:
    """Puts each text where it belongs.

    Args:
        records: The records.
        settings: Those in force, at any time.
    """

    def __init__(self, records: Records, settings: Callable[[], Settings]) -> None:
        self._records = records
        self._settings = settings

    def arrived(self, request: TextArrived, now_ms: int, wall: datetime) -> Sequence[AnyLogEntry]:
        """Entries of a text that came; none for one that was kept already."""
        if self._records.post.knows(request.key):
            return ()
        wall_ms = (wall - EPOCH) // MS
        ours = self._records.post.newest_to(request.number, wall_ms - ANSWER_MS)
        call = ours.call if ours is not None else ""
        key = self._records.follower.key_of
        try:
            number = key(request.number)
        except ValueError:
            number = request.number
        card = self._records.cases.customer_of(number)
        tickets = self._records.cases.tickets_of(card) if card is not None else []
        tickets = tickets or (self._records.cases.tickets_of_call(call) if call else [])
        tickets = tickets or self._records.cases.tickets_of_number(number)
        open_ = [ticket for ticket in tickets if ticket.state not in ENDED]
        mark = mark_of(request.text)
        answers = ours is not None and ours.template == SURVEY and mark is not None
        came = TextCame(
            call=call,
            at_ms=now_ms,
            key=request.key,
            number=request.number,
            text=request.text,
            customer=card.customer if card is not None else 0,
            ticket=max((ticket.ticket for ticket in open_), default=0),
            opens=not open_ and not answers and self._opens(request.number),
        )
        if not answers or mark is None or not call:
            return (came,)
        served = [e.entry for e in self._records.events(call) if isinstance(e.entry, QueueAnswered)]
        queue, agent = (served[-1].queue, served[-1].agent) if served else ("", "")
        answered = SurveyAnswered(
            call=call,
            at_ms=now_ms,
            way=SurveyWay.TEXT,
            scale=SCALE,
            key=mark,
            agent=agent,
            queue=queue,
            about=call,
        )
        return (came, answered)

    def _opens(self, number: str) -> bool:
        """Carriers and shops write too: their numbers are of no mobile."""
        settings = self._settings()
        return settings.outbox.texts.open_ticket and is_mobile(number, settings.country)
