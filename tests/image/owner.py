"""The owner of a box that was claimed by ``image.boottest.claimed``, at its page."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from image.boottest import PASSWORD
from image.stage import BuildError

PATIENCE_S: Final = 600
"""For one page of an emulated machine on a busy one."""
KEY: Final = re.compile(r'name="form_key" value="([^"]+)"')
LINK: Final = re.compile(r'href="(/[^"#?]*)')
ENDS: Final = ("/sign-out",)
MOST: Final = 200
"""Calls that are asked for at once."""


class Owner:
    """Signed in; asks and saves.

    Args:
        port: Of this machine, forwarded to the page.
        on: Whether the box has power; one that has none is not asked again and again.
    """

    def __init__(self, port: int, on: Callable[[], bool] = lambda: True) -> None:
        """Sign in.

        Raises:
            BuildError: the box does not know its owner.
        """
        self._port, self._on = port, on
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(cookies)
        self._browser.addheaders.append(("Accept-Language", "en"))
        found = KEY.search(self.text("sign-in"))
        typed = {"form_key": found[1] if found else "", "name": "owner", "password": PASSWORD}
        sent = urllib.parse.urlencode(typed).encode()
        self._browser.open(
            f"http://127.0.0.1:{self._port}/sign-in", sent, timeout=PATIENCE_S
        ).close()
        found = KEY.search(self.text("settings"))
        self._key = found[1] if found else ""

    def text(self, path: str) -> str:
        """One page.

        Raises:
            BuildError: the box asks who is there.
        """
        with self._browser.open(
            f"http://127.0.0.1:{self._port}/{path}", timeout=PATIENCE_S
        ) as answer:
            if path != "sign-in" and ("sign-in" in answer.url or "welcome" in answer.url):
                raise BuildError("the box does not know its owner any more")
            return str(answer.read().decode())

    def visit(self, path: str) -> tuple[int, str, bytes]:
        """One address as a browser gets it: status, media type, content."""
        try:
            with self._browser.open(
                f"http://127.0.0.1:{self._port}{path}", timeout=PATIENCE_S
            ) as answer:
                return answer.status, answer.headers.get_content_type(), answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers.get_content_type(), refused.read()

    def send(self, path: str, **typed: str) -> str:
        """Send a page's form off; the page that answers, refusals too."""
        sent = urllib.parse.urlencode(typed).encode()
        return self.post(path, sent, "application/x-www-form-urlencoded")

    def post(self, path: str, body: bytes, kind: str) -> str:
        """Send anything to a page; the page that answers, refusals too."""
        headers = {"Content-Type": kind, "X-Form-Key": self._key}
        asked = urllib.request.Request(f"http://127.0.0.1:{self._port}/{path}", body, headers)
        try:
            with self._browser.open(asked, timeout=PATIENCE_S) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            return refused.read().decode(errors="replace")

    def reasons(self) -> list[str]:
        """Why each version of the settings was saved that the box keeps."""
        return [one["why"] for one in self._asked("settings/history")["versions"]]

    def outcomes(self) -> dict[str, str]:
        """How each call ended that has ended, by its name."""
        calls = self._asked(f"calls?limit={MOST}")["calls"]
        return {one["call"]: one["outcome"] for one in calls if one.get("outcome")}

    def save(self, why: str, **changed: Any) -> str:
        """Save the settings, as they are or with some replaced; the reason, as it was given."""
        now = self._asked("settings")
        body = {"base": now["version"], "why": why, "settings": {**now["settings"], **changed}}
        self._asked("settings", json.dumps(body).encode())
        return why

    def _asked(self, what: str, body: bytes | None = None) -> Any:
        """An answer of the interface for programs; ``body`` is put there."""
        headers = {"Content-Type": "application/json", "X-Form-Key": self._key}
        method = "GET" if body is None else "PUT"
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/api/v1/{what}", body, headers=headers, method=method
        )
        began_s = time.monotonic()
        while True:
            try:
                with self._browser.open(asked, timeout=PATIENCE_S) as answer:
                    return json.loads(answer.read())
            except urllib.error.HTTPError as refused:
                said = refused.read().decode(errors="replace")
                raise BuildError(f"{method} {what}: {refused.code} {said[:300]}") from refused
            except (OSError, http.client.HTTPException) as problem:
                late = time.monotonic() - began_s > PATIENCE_S
                if body is not None or late or not self._on():
                    raise BuildError(f"{method} {what}: {problem}") from problem


def walked(owner: Owner, most: int = 250) -> tuple[list[str], list[str]]:
    """Every address that links lead to from the first page, each once, tables' variants left out.

    Returns:
        What was visited, and what did not answer as it should.
    """
    waiting, visited, wrong = deque(["/"]), {"/"}, []
    while waiting:
        path = waiting.popleft()
        status, kind, content = owner.visit(path)
        if status >= 400 or not content:
            wrong.append(f"{path}: {status}, {len(content)} bytes")
        if kind != "text/html":
            continue
        for link in LINK.findall(content.decode()):
            if link not in visited and link not in ENDS and len(visited) < most:
                visited.add(link)
                waiting.append(link)
    return sorted(visited), wrong


def calls_page(port: int) -> str:
    """Sign in and open the list of calls.

    Raises:
        BuildError: the box does not know its owner.
    """
    return Owner(port).text("calls")
