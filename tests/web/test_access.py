"""Every page as people with a screen reader, weak eyes or a telephone upright meet it, in Chromium.

axe-core looks for what stands in their way; a measure of our own finds text that leaves the screen
or its box. Both in light and dark, in both languages, at 360 px.
"""

import threading
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import waitress
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.web.desk import DeskBox, signed_in
from tests.web.test_setup_pages import NewBox, status
from tests.web.test_walker import LIVE, addresses
from web.app import create_app
from web.gate import SESSION_COOKIE
from web.manual.routes import TOPICS
from web.serve import bound
from web.settings.areas import areas
from web.setup.steps import STEPS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
GRAVE = ("serious", "critical")
INNER = (
    "/menus/flow/main",
    "/menus/flow/main?step=menu",
    "/settings/telephones/extensions/0",
    "/settings/lines/lines/0",
    *(f"/setup/{step}" for step in STEPS if step != "lines"),
    *(f"/manual/{topic}" for topic in TOPICS),
)
"""Pages whose part of the address has to be one that there is."""

FIRST_PAGE_BYTES = 300_000
NARROW = 360

OUTSIDE = """() => {
  const HIDDEN = ".unseen, .skip, .skip-label, .first-button, thead, option, svg, script";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.textContent.trim()) continue;
    const box = node.parentElement;
    if (!box.checkVisibility() || box.closest(HIDDEN)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    if (!text.width) continue;
    const rolled = box.closest("pre, [data-rolled], .rolled, .drawing");
    const words = node.textContent.trim().slice(0, 60);
    if (!rolled && (text.right > innerWidth + 1 || text.left < -1)) found.push(words);
    for (let up = box; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (!/hidden|clip/.test(style.overflowX)) continue;
      const frame = up.getBoundingClientRect();
      if (text.right > frame.right + 1) { found.push(words); break; }
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page itself");
  return found;
}"""


class Served:
    """A box's page at an address, with its owner's key."""

    def __init__(self, app: Flask, port: int) -> None:
        self.app, self.address = app, f"http://127.0.0.1:{port}"
        held = signed_in(app).get_cookie(SESSION_COOKIE)
        assert held is not None
        self.key = held.value

    def owner(self, browser: Browser, language: str, scheme: str) -> Page:
        context = browser.new_context(
            locale=language,
            color_scheme=scheme,
            viewport={"width": NARROW, "height": 800},
            reduced_motion="reduce",
        )
        context.add_cookies([{"name": SESSION_COOKIE, "value": self.key, "url": self.address}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        return page


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    box: DeskBox = NewBox(tmp_path)
    box.owned_by()
    status(box)
    logs = tmp_path / "log"
    logs.mkdir()
    (logs / "calld.log").write_text("2026-03-02 09:00:00,123 INFO calld: up\n" + "x" * 400 + "\n")
    app = create_app(box, tmp_path, logs=logs)
    inner = bound("127.0.0.1:0")
    server = waitress.create_server(app, sockets=[inner], threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    yield Served(app, inner.getsockname()[1])
    box.stop()
    server.close()


def pages(app: Flask) -> list[str]:
    """Addresses of every page that there is."""
    browser = signed_in(app)
    found = []
    for method, address in addresses(app):
        if method != "GET" or LIVE.search(address):
            continue
        answer = browser.get(address)
        whole = answer.status_code == 200 and answer.mimetype == "text/html"
        if whole and answer.text.lstrip().startswith("<!doctype html>"):
            found.append(address)
        answer.close()
    return [*found, *INNER, *(f"/settings/{area}" for area in areas())]


def violations(page: Page, only: tuple[str, ...] = ()) -> list[str]:
    """What axe finds that is serious or worse: its rule and where."""
    rules = f"runOnly: {list(only)}," if only else ""
    answer = page.evaluate(f"() => axe.run(document, {{{rules} resultTypes: ['violations']}})")
    wrong = []
    for found in answer["violations"]:
        if found["impact"] in GRAVE:
            where = [" ".join(node["html"].split())[:140] for node in found["nodes"][:3]]
            wrong.append(f"{found['id']}: {where}")
    return wrong


def test_the_measures_find_what_is_wrong(served: Served, chromium: Browser) -> None:
    page = served.owner(chromium, "en", "light")
    page.goto(f"{served.address}/box/updates", wait_until="domcontentloaded")
    page.evaluate(AXE)
    assert not violations(page)
    assert not page.evaluate(OUTSIDE)
    page.evaluate(
        "() => { document.querySelector('main').innerHTML += `<img src='/x'><p id='pale'>pale</p>"
        "<p id='cut'>${'w'.repeat(200)}</p>`; pale.style.color = '#eee'; cut.style.width = '9rem';"
        " cut.style.overflow = 'hidden'; cut.style.whiteSpace = 'nowrap'; }"
    )
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "color-contrast" in found
    assert page.evaluate(OUTSIDE)[0].startswith("www")
    page.context.close()


@pytest.mark.parametrize(
    ("language", "scheme", "whole"),
    [
        ("zh-CN", "light", True),
        ("en", "dark", False),
        pytest.param("zh-CN", "dark", True, marks=pytest.mark.soak),
        pytest.param("en", "light", True, marks=pytest.mark.soak),
    ],
)
def test_nothing_stands_in_anybody_s_way(
    served: Served, chromium: Browser, language: str, scheme: str, whole: bool
) -> None:
    page = served.owner(chromium, language, scheme)
    wrong: list[str] = []
    looked = pages(served.app)
    assert len(looked) > 40
    for address in looked:
        page.goto(served.address + address, wait_until="domcontentloaded")
        assert page.locator("html").get_attribute("lang") == language, address
        page.evaluate(AXE)
        found = violations(page, () if whole else ("color-contrast",))
        found += [f"cut off: {text}" for text in page.evaluate(OUTSIDE)]
        wrong += [f"{address}: {one}" for one in found]
    page.context.close()
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_head_of_a_page_is_one_row_and_used_by_keys(served: Served, chromium: Browser) -> None:
    page = served.owner(chromium, "en", "light")
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(f"{served.address}/tickets/", wait_until="load")
    tops = page.evaluate(
        "() => [...document.querySelectorAll('.top nav > *')].map((e) => e.offsetTop)"
    )
    assert len(tops) > 6
    assert max(tops) - min(tops) < 8, tops
    here = page.locator("details.way summary[aria-current]")
    assert here.inner_text() == "Customer care"
    here.focus()
    for key in ("Enter", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == "Tickets"
    page.evaluate(AXE)
    assert not violations(page)
    page.keyboard.press("Escape")
    assert page.locator("details.way[open]").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "Customer care"
    page.context.close()


def test_the_first_page_is_small(served: Served, chromium: Browser) -> None:
    page = served.owner(chromium, "zh-CN", "light")
    sizes: dict[str, int] = {}
    page.on("response", lambda r: sizes.update({r.url: int(r.headers.get("content-length", 0))}))
    page.goto(f"{served.address}/", wait_until="load")
    assert len(sizes) >= 4, sizes
    assert sum(sizes.values()) < FIRST_PAGE_BYTES, sizes
    page.context.close()
