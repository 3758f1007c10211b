"""How many messages a text is, as a browser counts it while it is typed, and as the box cuts it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import web
from firmware.outbox.alphabet import BASIC, ESCAPE, EXTENSION
from firmware.outbox.segments import coding_of, cut, weight

pytestmark = pytest.mark.slow

SCRIPT = Path(web.__file__).parent / "static" / "segments.js"
LETTERS = [c for n, c in enumerate(BASIC) if n != ESCAPE] + list(EXTENSION.values())
OTHERS = [*"您好，请稍候。", "😀", "👍🏽", "👨‍👩‍👧", "e\u0301", "\ufe0f", "कि", "…", "`"]


def texts() -> list[str]:
    """The limits by hand, and 300 by chance."""
    print("seed 20261122")
    chance = random.Random(20261122)
    known = ["", "a" * 160, "a" * 161, "a" * 306, "a" * 307, "€" * 80, "€" * 81, "好" * 70]
    known += ["好" * 71, "好" * 134, "好" * 135, "😀" * 35, "😀" * 36, "a" * 152 + "€" * 80]
    known += ["".join(LETTERS), "a\u0301" * 60, "\u200d" * 100, "好" + "\u0301" * 200]
    for _ in range(300):
        pool = LETTERS if chance.random() < 0.5 else [*LETTERS[:40], *OTHERS]
        known.append("".join(chance.choices(pool, k=chance.randrange(400))))
    return known


def test_the_page_counts_as_the_box_cuts(chromium: Browser) -> None:
    known = texts()
    page = chromium.new_page()
    page.set_content("<title>x</title>")
    page.add_script_tag(path=str(SCRIPT))
    counted = page.evaluate("texts => texts.map((t) => segments(t))", known)
    for text, found in zip(known, counted, strict=True):
        assert found == {"units": weight(text, coding_of(text)), "messages": len(cut(text))}, text
    page.close()


def test_what_is_typed_is_counted_beside_it(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(
        '<textarea id="t"></textarea><small data-segments-of="t" data-words="{units}:{n}">before'
        '</small><textarea id="rows">07；退款；Refunds</textarea>'
        '<small id="of" data-segments-of="rows" data-rows data-words="{n}"></small>'
    )
    page.add_script_tag(path=str(SCRIPT))
    assert page.inner_text("small >> nth=0") == "before"
    page.fill("#t", "好" * 71)
    assert page.inner_text("small >> nth=0") == "71:2"
    assert page.inner_text("#of") == "07: 1 / 1"
    page.fill("#rows", "07; " + "a" * 161 + "\nsurvey; 好; ")
    assert page.inner_text("#of") == "07: 2 · survey: 1"
    page.close()
