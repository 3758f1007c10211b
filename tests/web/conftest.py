"""A whole box on its bench, as `make run` starts it, for tests that look at it from a browser."""

from __future__ import annotations

import http.cookiejar
import json
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from web.gate import SESSION_COOKIE

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FAKE_MICROPHONE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
LOOK_S = 0.05
PASSWORD = "three rings at most"  # noqa: S105  # of a box that lives for one test


class Compiled(BytecodeCache):
    """Templates that are compiled once, not once for the application of every test."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, object]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """See ``BytecodeCache``; a template that was changed has another checksum."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See ``BytecodeCache``."""
        self._kept[bucket.key] = (bucket.checksum, bucket.code)


# What Flask hands to the environment of every application's templates.
Flask.jinja_options = {"bytecode_cache": Compiled()}


@dataclass
class RunningBox:
    """What `make run` printed, and its processes."""

    process: subprocess.Popen[str]
    folder: Path
    page: str
    phones: str
    session: str = ""  # of its owner

    def owner(self, browser: Browser, **look: Any) -> BrowserContext:
        """A browser in which the owner is signed in."""
        context = browser.new_context(**look)
        context.add_cookies([{"name": SESSION_COOKIE, "value": self.session, "url": self.page}])
        return context

    def pid_of(self, program: str) -> int:
        """Process of one of the programs; ``LookupError`` while it is not there."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text(encoding="ascii").split():
            arguments = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if program.encode() in arguments:
                return int(child)
        raise LookupError(f"{program} does not run")

    def logs(self) -> str:
        """The end of every log, for the message of a failure."""
        found = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(f"--- {f.name}\n{f.read_text(encoding='utf-8')[-1500:]}" for f in found)


def wait_for(true: Callable[[], bool], timeout_s: float, what: str) -> float:
    """Wait for other processes; how long it took, in seconds."""
    begin = time.monotonic()
    while not true():
        passed = time.monotonic() - begin
        assert passed < timeout_s, f"{what}: not within {timeout_s} s"
        time.sleep(LOOK_S)  # noqa: TID251  # other processes work meanwhile
    return time.monotonic() - begin


@pytest.fixture(scope="session")
def running_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBox]:
    with a_box_in(tmp_path_factory.mktemp("box")) as box:
        box.session = claim(box)
        yield box


@contextmanager
def a_box_in(folder: Path) -> Iterator[RunningBox]:
    """A whole box that nobody owns yet, until the end of the block."""
    command = [sys.executable, "-m", "tests.bench", "run", "--patient", "--folder", str(folder)]
    process = subprocess.Popen(
        [*command, "--ports", "0", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = process.stdout.readline()  # ends when the run gives up
    addresses = re.findall(r"http://\S+", told)
    box = RunningBox(process, folder, *(addresses if len(addresses) == 2 else ("", "")))
    try:
        assert box.page, f"the run said {told!r}\n{box.logs()}"
        yield box
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(15)


def claim_code(box: RunningBox) -> str:
    """The six digits that somebody at the box gets."""
    run = str(box.folder / "run")
    asked = subprocess.run(
        [sys.executable, "-m", "firmware.daemons.cli", "claim", "--json", "--run", run],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return str(json.loads(asked.stdout)["code"])


def claim(box: RunningBox) -> str:
    """Become the owner, as somebody at the box does; the key of his session."""
    code = claim_code(box)
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    with browser.open(f"{box.page}welcome", timeout=5) as answer:
        key = re.search(r'name="form_key" value="([^"]+)"', answer.read().decode())
    assert key is not None
    typed = {
        "form_key": key.group(1),
        "code": code,
        "name": "owner",
        "password": PASSWORD,
        "again": PASSWORD,
    }
    browser.open(f"{box.page}welcome", urllib.parse.urlencode(typed).encode(), timeout=5).close()
    return str(next(c.value for c in cookies if c.name == SESSION_COOKIE))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *FAKE_MICROPHONE]
        )
        yield browser
        browser.close()
