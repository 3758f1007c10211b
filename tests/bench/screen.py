"""Chromium at the page of a real box, as slow as a small computer, with a stop-watch."""

from __future__ import annotations

import shutil
import time
from typing import Any, Self

from playwright.sync_api import Page, sync_playwright

from tests.bench.real_page import RealPage
from web.gate import SESSION_COOKIE

CHROMIUM = shutil.which("chromium") or ""
PATIENT_MS = 60_000

# Notes when a text stands in an element for the first time from now on.
WATCH = """([where, text]) => {
  window.seenMs = 0;
  const look = () => {
    const found = document.querySelector(where);
    if (!window.seenMs && found && found.innerText.includes(text)) {
      window.seenMs = performance.timeOrigin + performance.now();
    }
  };
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, characterData: true });
}"""
# From the question to everything there and drawn; what came over the network.
TIMES = """() => {
  const all = performance.getEntriesByType("resource").map((one) => one.transferSize);
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return {
    drawn: paint ? paint.startTime : 0, loaded: page.loadEventEnd,
    bytes: all.reduce((sum, size) => sum + size, page.transferSize),
  };
}"""


class Screen:
    """A browser in which the owner is signed in."""

    def __init__(self, page: RealPage, slower: float = 1.0) -> None:
        """``slower``: how many times slower than this machine its processor is."""
        self._page, self._slower = page, slower
        self._playwright = sync_playwright()

    def __enter__(self) -> Self:
        playwright = self._playwright.start()
        self._browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.__exit__()

    def look(self, path: str) -> Page:
        """Open an address with nothing kept from before."""
        context = self._browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
        address = f"http://{self._page.address}"
        context.add_cookies([{"name": SESSION_COOKIE, "value": self._page.session, "url": address}])
        page = context.new_page()
        page.set_default_timeout(PATIENT_MS)
        speed = context.new_cdp_session(page)
        speed.send("Emulation.setCPUThrottlingRate", {"rate": self._slower})
        page.goto(address + path, wait_until="load")
        return page

    def opened(self, path: str) -> dict[str, float]:
        """Open it and leave: ms until it was ``drawn`` and ``loaded``, ``bytes`` that came."""
        page = self.look(path)
        page.wait_for_function(
            "() => performance.getEntriesByType('navigation')[0].loadEventEnd > 0"
        )
        times: dict[str, float] = page.evaluate(TIMES)
        page.context.close()
        return times

    @staticmethod
    def watch(page: Page, where: str, text: str) -> None:
        """From now on note when ``text`` first stands in ``where``."""
        page.evaluate(WATCH, [where, text])

    @staticmethod
    def seen_ms(page: Page) -> float:
        """When it did, by the wall clock."""
        page.wait_for_function("() => window.seenMs > 0")
        return float(page.evaluate("() => window.seenMs"))


def wall_ms() -> float:
    """The wall clock, as the browser's."""
    return time.time() * 1000


def person_at(extension: str) -> Any:
    """Settings: every line rings its own telephone, and the owner sits at ``extension``."""

    def change(document: dict[str, Any]) -> dict[str, Any]:
        lines = [dict(line, inbound=str(201 + n)) for n, line in enumerate(document["lines"])]
        owner = dict(document["accounts"][0], extension=extension)
        return dict(document, lines=lines, accounts=[owner])

    return change
