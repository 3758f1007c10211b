"""Where the head of every page leads: a few ways, some of them to several pages.

What people open many times a day stands alone; the rest is gathered under a word, so that the head
stays one row on a desk and three on a telephone. Whoever may open one page of a group gets the page
and no group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

Page = tuple[str, str]
"""Endpoint and word."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "way.calls": ("call-log", "recordings"),
    "way.care": ("customers", "tickets", "faxes", "tasks", "knowledge"),
    "way.quality": ("reviews", "scores", "incidents"),
    "way.set-up": ("jacks", "menus", "prompts", "settings", "the-box"),
}
"""Words of the pages under a word; what is in none stands alone."""

BELONGS: Final[dict[str, str]] = {
    "stories": "status.calls",
    "comparing": "reports.show",
    "faxing": "fax.index",
    "casefigures": "tickets.index",
    "setup": "admin.index",
    "trunks": "jacks.show",
}
"""Areas without an entry of their own, and under which one they are found."""


class Way(msgspec.Struct, frozen=True):
    """One entry of the head: a page, or a word with several."""

    word: str
    pages: tuple[Page, ...]
    here: bool

    @property
    def alone(self) -> bool:
        """Whether it is a page and no group."""
        return len(self.pages) == 1


def ways(pages: Iterable[Page], endpoint: str) -> Sequence[Way]:
    """Gather pages, each group at the place of its first one.

    Args:
        pages: Those that whoever looks may open, in order.
        endpoint: Where he is.
    """
    gathered: dict[str, list[Page]] = {}
    for page in pages:
        group = next((group for group, words in GROUPS.items() if page[1] in words), page[1])
        gathered.setdefault(group, []).append(page)
    return [
        Way(
            word=found[0][1] if len(found) == 1 else word,
            pages=tuple(found),
            here=any(_leads_to(page, endpoint) for page, _ in found),
        )
        for word, found in gathered.items()
    ]


def _leads_to(page: str, endpoint: str) -> bool:
    """A page belongs to the entry of its area, as one customer's does to the customers."""
    area = endpoint.partition(".")[0]
    if area == "status":  # two entries in one area
        return page == endpoint
    return page == BELONGS.get(area) or page.partition(".")[0] == area
