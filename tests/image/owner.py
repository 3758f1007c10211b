"""The owner of a box that was claimed by ``image.boottest.claimed``, at its page."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.parse
import urllib.request

from image.boottest import PASSWORD
from image.stage import BuildError

PATIENCE_S = 600
"""For one page of an emulated machine on a busy one."""


def calls_page(port: int) -> str:
    """Sign in and open the list of calls.

    Raises:
        BuildError: the box does not know its owner.
    """
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    page = f"http://127.0.0.1:{port}/"
    with browser.open(f"{page}sign-in", timeout=PATIENCE_S) as answer:
        key = re.search(r'name="form_key" value="([^"]+)"', answer.read().decode())
    typed = {"form_key": key[1] if key else "", "name": "owner", "password": PASSWORD}
    browser.open(
        f"{page}sign-in", urllib.parse.urlencode(typed).encode(), timeout=PATIENCE_S
    ).close()
    with browser.open(f"{page}calls", timeout=PATIENCE_S) as answer:
        if "sign-in" in answer.url or "welcome" in answer.url:
            raise BuildError("the box does not know its owner any more")
        return str(answer.read().decode())
