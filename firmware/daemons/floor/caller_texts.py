"""Text messages to callers who wait long: where they can help themselves, once a day.

The message is an entry of the log; with it, in one commit, the item stands in the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from firmware.core.menu_entries import SmsWanted
from firmware.daemons.floor.mobile import is_mobile
from firmware.daemons.floor.queue_memory import day_of

if TYPE_CHECKING:
    from firmware.daemons.floor.queues import QueueDesk

TEMPLATE: Final = "queue_wait"
TEXTS: Final[Mapping[str, str]] = {
    "zh-CN": "您的来电正在排队，现在是第{place}位。您也可以挂机，我们会给您回电。",
    "zh-HK": "你嘅來電而家排緊隊，輪到第{place}位。你亦可以收線，我哋會打返俾你。",
    "en": "Your call is at place {place} in line. You may hang up, we will call you back.",
}
"""The usual words, each within one message (70 characters of Chinese, 160 of English); who gives up
is owed a call."""


class CallerTexts:
    """Who got a text, and when.

    Args:
        desk: Queues and agents.
    """

    def __init__(self, desk: QueueDesk) -> None:
        self._desk = desk
        self.sent: dict[str, str] = {}  # number to the day

    def look(self, visit_id: str, now_ms: int, out: list[Any]) -> None:
        """He is being comforted: whether he has waited long enough for a text."""
        visit = self._desk.acd.hall.visits.get(visit_id)
        wall = self._desk.office.wall(now_ms)
        if visit is None or wall is None or visit.kind != "caller" or not visit.number:
            return
        queue = self._desk.acd.hall.queues[visit.queue]
        after_s = queue.settings.text_s
        if not after_s or now_ms - visit.entered_ms < after_s * 1_000:
            return
        settings = self._desk.settings
        today = day_of(wall, settings)
        barred = visit.number in settings.acd.do_not_call
        if barred or self.sent.get(visit.number) == today:
            return
        if not is_mobile(visit.number, settings.country):
            return
        self.sent = {number: day for number, day in self.sent.items() if day == today}
        self.sent[visit.number] = today
        self._desk.changed = True
        language = visit.language or settings.language
        usual = TEXTS.get(language, TEXTS["en"])
        words = queue.settings.texts.get(language, "") or usual
        place = str(queue.ahead(visit) + 1)
        entry = SmsWanted(
            call=visit.id,
            at_ms=now_ms,
            template=TEMPLATE,
            number=visit.number,
            language=language,
            values={"place": place, "queue": visit.queue},
            text=words.replace("{place}", place),
        )
        self._desk.enter([entry], now_ms, out)
