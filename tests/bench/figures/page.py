"""The page as its owner meets it: how big, how soon, how live; the desk when somebody rings.

Chromium, its processor slowed down four times, at a whole box in real time. The first page is
opened with nothing kept from before. Live is from the handset's lifting in the town, so the hook's
debouncing in the chip is in it.
"""

from __future__ import annotations

import os

from tests.bench.figures.figure import Figure, of
from tests.bench.real_box import RealBox
from tests.bench.real_page import RealPage
from tests.bench.screen import CHROMIUM, Screen, person_at, wall_ms

SLOWER = 4.0
ROUNDS = 7
RINGS = 3
BUSY_LOAD = 2.5
MOST_KB = 300.0
OPEN_MS = 1_000.0
LIVE_MS = 500.0
POP_MS = 1_000.0
CALLER = "13912345678"
SHOWN = "139 1234 5678"
OFF_HOOK = "拨号音"
UP_S = 25


def figures() -> list[Figure]:
    """First page, a state that changes, a caller on the desk."""
    if not CHROMIUM:
        missing = "chromium is not on this machine"
        return [Figure("the page in Chromium", "ms", 0, 0, 0, "", None, missing)]
    with RealBox(wanted=("world", "lined", "calld", "webd")) as box:
        page = RealPage(box)
        box.change_settings(person_at("201"))
        with Screen(page, SLOWER) as screen:
            screen.opened("/")  # the server's templates are made once
            opened = [screen.opened("/") for _ in range(ROUNDS)]
            live = _live(box, screen)
            popped = _popped(box, screen)
    slow = f"on a processor {SLOWER:.0f} times slower"
    found = [
        of("first page", "kB", [one["bytes"] / 1000 for one in opened], "limit 300", MOST_KB),
        of(f"first page drawn, {slow}", "ms", [one["drawn"] for one in opened]),
        of(f"first page there, {slow}", "ms", [o["loaded"] for o in opened], "1000", OPEN_MS),
        of(f"handset lifted to screen, {slow}", "ms", live, "500", LIVE_MS),
        of(f"first ring to caller on the desk, {slow}", "ms", popped, "1000", POP_MS),
    ]
    load = os.getloadavg()[0]
    if load > BUSY_LOAD:
        shared = f"load {load:.1f}, others use the machine"
        found[1:] = [_unless_it_holds(one, shared) for one in found[1:]]
    return found


def _live(box: RealBox, screen: Screen) -> list[float]:
    page = screen.look("/")
    took = []
    for _ in range(ROUNDS):
        screen.watch(page, "[data-part=ports] .ports li", OFF_HOOK)
        began_ms = wall_ms()
        box.act("lift", "telephone 201")
        took.append(screen.seen_ms(page) - began_ms)
        box.act("replace", "telephone 201")
        box.wait(box.ready, UP_S)
        box.let_pass(0.5)
    page.context.close()
    return took


def _popped(box: RealBox, screen: Screen) -> list[float]:
    page = screen.look("/desk/")
    took = []
    for _ in range(RINGS):
        screen.watch(page, "[data-part=caller]", SHOWN)
        box.act("call", "line 1", number=CALLER)
        box.wait(lambda: box.party("telephone 201")["ringing"], UP_S)
        began_ms = wall_ms()
        took.append(screen.seen_ms(page) - began_ms)
        box.act("hang_up", "line 1")
        box.wait(lambda: box.ready() and not box.party("telephone 201")["ringing"], UP_S)
    page.context.close()
    return took


def _unless_it_holds(figure: Figure, why: str) -> Figure:
    if figure.holds is not False:
        return figure
    spread = (figure.median, figure.low, figure.high)
    return Figure(figure.name, figure.unit, *spread, figure.beside, None, why)
