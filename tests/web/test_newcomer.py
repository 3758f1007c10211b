"""A newcomer at an unclaimed box: first steps, own greeting, a call from a mobile that is served.

Whoever wants to see what he saw names a folder in TIPRING_SCREENSHOTS.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from scipy.signal import correlate

from ivr.wav import pcm_wav
from tests.bench.remote import SOCKET_NAME, RemoteEar
from tests.bench.voice import speech
from tests.bench.world.level import samples_of
from tests.web.conftest import RunningBox, a_box_in, claim_code

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.timeout(300)]

MOST_CLICKS = 40
LONGEST_S = 600.0
PATIENT_MS = 60_000
CALLER, WRITTEN = "13912345678", "139 1234 5678"
NAME = "Chen 陈"
PASSWORD = "three rings at most"  # noqa: S105  # of a box that lives for one test
LIKENESS = 0.5  # of the greeting with what the caller hears; other speech stays under 0.15
HEAR_S = 30.0


class Newcomer:
    """Somebody with a browser; every click of his is counted."""

    def __init__(self, context: BrowserContext, name: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENT_MS)
        self.clicks = 0
        self.seen = 0
        self._name = name
        self._began = time.monotonic()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def click(self, where: Locator) -> None:
        self.clicks += 1
        where.click()

    def press(self, zh: str, en: str, nth: int = 0) -> None:
        label = zh if self.page.locator("html").get_attribute("lang") == "zh-CN" else en
        self.click(self.page.get_by_role("button", name=label).nth(nth))

    def look(self) -> None:
        """Nothing is cut off sideways; a picture for whoever asked."""
        self.seen += 1
        self.page.wait_for_load_state("load")
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"
        if folder := os.environ.get("TIPRING_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = Path(folder) / f"{self._name}-{self.seen:02d}.png"
            self.page.screenshot(path=str(path), full_page=True)

    def passed_s(self) -> float:
        return time.monotonic() - self._began


@pytest.fixture
def new_box(tmp_path: Path) -> Iterator[RunningBox]:
    with a_box_in(tmp_path) as box:
        yield box


def likeness(heard: np.ndarray, greeting: np.ndarray) -> float:
    """The greatest correlation of a second of the greeting with what was heard, 0 to 1."""
    pattern = greeting[samples_of(500) : samples_of(1500)].astype(np.float64)
    pattern -= pattern.mean()
    sound = heard.astype(np.float64)
    if len(sound) < len(pattern):
        return 0.0
    match = correlate(sound, pattern, mode="valid")
    power = np.convolve(sound**2, np.ones(len(pattern)), mode="valid")
    return float(np.max(np.abs(match) / np.sqrt(np.maximum(power, 1e6) * np.sum(pattern**2))))


@pytest.mark.parametrize(
    ("language", "width"),
    [
        ("zh-CN", 360),
        pytest.param("en", 360, marks=pytest.mark.soak),
        pytest.param("zh-CN", 1280, marks=pytest.mark.soak),
        pytest.param("en", 1280, marks=pytest.mark.soak),
    ],
)
def test_from_an_unclaimed_box_to_a_call_that_is_served(
    new_box: RunningBox, chromium: Browser, tmp_path: Path, language: str, width: int
) -> None:
    context = chromium.new_context(locale=language, viewport={"width": width, "height": 800})
    office = Newcomer(context, f"{language}-{width}")
    page = office.page
    town = chromium.new_context(locale=language).new_page()
    town.set_default_timeout(PATIENT_MS)
    town.goto(new_box.phones)
    greeting = speech(3000.0, seed=7)
    file = tmp_path / "hello.wav"
    file.write_bytes(pcm_wav(greeting.astype(np.int16), 8000))

    take_possession(office, new_box)
    first_steps(office, town, file)

    # He calls from his mobile and hears himself; 1 leads to the first telephone.
    line, telephone = town.locator("#line-1"), town.locator("#telephone-201")
    line.locator("input[name=number]").fill(CALLER)
    ear = RemoteEar(new_box.folder / "run" / SOCKET_NAME, "line 1")
    try:
        office.click(line.locator("[data-call] button[type=submit]"))
        expect(page.locator("[data-part=test-call]")).to_contain_text(WRITTEN, timeout=PATIENT_MS)
        office.look()
        hears_the_greeting(ear, greeting)
    finally:
        ear.close()
    office.click(line.locator(".keypad [data-key='1']"))
    ringing = "正在振铃" if language == "zh-CN" else "Ringing"
    expect(telephone.locator(".state")).to_have_text(ringing, timeout=PATIENT_MS)
    office.click(telephone.locator("[data-do=lift]"))
    office.press("完成", "Finish")
    talking = "通话中" if language == "zh-CN" else "In a call"
    card = page.locator(".ports li").filter(has=page.get_by_text("201", exact=True))
    expect(card.locator(".state")).to_have_text(talking, timeout=PATIENT_MS)
    office.look()
    assert not office.complaints
    assert office.clicks <= MOST_CLICKS, f"{office.clicks} clicks"
    assert office.passed_s() <= LONGEST_S
    print(f"{language} at {width} px: {office.clicks} clicks, {office.passed_s():.0f} s")
    town.locator("#telephone-201 [data-do=replace]").click()


def take_possession(office: Newcomer, box: RunningBox) -> None:
    page = office.page
    page.goto(box.page)
    office.look()
    page.locator("#code").fill(claim_code(box))
    page.locator("#name").fill("chen")
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    office.press("成为负责人", "Become the owner")
    expect(page).to_have_url(f"{box.page}setup/office")


def first_steps(office: Newcomer, town: Page, file: Path) -> None:
    page = office.page
    language = page.locator("html").get_attribute("lang")
    office.look()
    office.clicks += 1
    page.locator("#spoken").select_option(language)
    office.press("下一步", "Next")
    # One line is tested; it has its verdict, and the others say what they are.
    office.look()
    office.press("测试", "Test")
    expect(page.locator("#tested [role=status]")).to_be_visible()
    office.look()
    office.press("下一步", "Next")
    # A handset is lifted; its field lights up and takes the cursor.
    expect(page.locator("#connection")).to_have_text("实时" if language == "zh-CN" else "Live")
    office.click(town.locator("#telephone-201 [data-do=lift]"))
    expect(page.locator("[data-lifted='fxs/1']")).to_be_visible()
    expect(page.locator("input[name='name-fxs/1']")).to_be_focused()
    page.keyboard.type(NAME)
    office.look()
    office.click(town.locator("#telephone-201 [data-do=replace]"))
    expect(page.locator("[data-lifted]")).to_have_count(0)
    office.press("下一步", "Next")
    office.look()
    office.click(page.locator("input[name=open][value=always]"))
    office.press("下一步", "Next")
    office.clicks += 1
    page.locator("#file").set_input_files(file)
    office.press("上传录音", "Upload a recording")
    expect(page.locator("audio")).to_be_visible()
    office.look()


def hears_the_greeting(ear: RemoteEar, greeting: np.ndarray) -> None:
    heard = np.zeros(0, np.int16)
    until = time.monotonic() + HEAR_S
    best = 0.0
    while best < LIKENESS and time.monotonic() < until:
        for _ in range(10):
            heard = np.concatenate([heard, np.frombuffer(ear.read(), np.int16)])
        best = max(best, likeness(heard[-samples_of(5000) :], greeting))
    assert best >= LIKENESS, f"the greeting was not heard; likeness {best:.2f}"
