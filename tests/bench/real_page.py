"""The page of a real box as its owner has it: a key of his, and how long his requests take."""

from __future__ import annotations

import http.client
import ssl
import sys
import time
from datetime import UTC, datetime

from firmware.config import load
from firmware.control.messages import AskSettings, Claim, OpenClaim, SaveSettings
from firmware.storage.visitors import Visitors
from tests.bench.real_box import RealBox
from web.gate import SESSION_COOKIE
from web.passwords import hashed
from web.serve import SECURE_PORT

OWNER = "owner"
OTHERS = ("second", "third", "fourth", "fifth", "sixth")
"""People whose pages lie open; nobody may take all the places there are."""
PASSWORD = "three rings at most"  # noqa: S105  # of a box that lives for one run
UP_S = 25.0
PATIENCE_S = 30.0


class RealPage:
    """webd of a box that runs, seen by its owner."""

    def __init__(self, box: RealBox, secure: str = "") -> None:
        """``box`` runs with webd and belongs to nobody; ``secure``: see :func:`with_a_door`."""
        self._box, self._secure = box, bool(secure)
        self.address = secure or load(box.folder / "machine.toml").page_address
        told = box.ask(OpenClaim())
        assert hasattr(told, "code"), told
        password = hashed(PASSWORD)
        box.ask(Claim(code=told.code, name=OWNER, password=password, language="en"))
        now = box.ask(AskSettings())
        others = [{"name": name, "roles": ["owner"], "password": password} for name in OTHERS]
        document = dict(now.settings, accounts=[*now.settings["accounts"], *others])
        box.ask(SaveSettings(base=now.version, who=OWNER, why="", settings=document))
        visitors = Visitors(box.folder / "data" / "page")
        self.session, *self.others = (
            visitors.begin(name, datetime.now(UTC))[0] for name in (OWNER, *OTHERS)
        )
        """Keys of the owner's session, and of those of others."""
        visitors.close()
        box.wait(lambda: self._answers("/"), UP_S)

    def _answers(self, path: str) -> bool:
        try:
            return self.ask_s(path)[0] == 200
        except OSError:
            return False

    def _connection(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self.address, timeout=PATIENCE_S)
        authority = self._box.folder / "data" / "page" / "tls" / "authority.crt"
        trusting = ssl.create_default_context(cafile=str(authority))
        trusting.check_hostname = False  # the certificate is for the box's own addresses
        return http.client.HTTPSConnection(self.address, timeout=PATIENCE_S, context=trusting)

    def ask_s(self, path: str) -> tuple[int, float]:
        """The owner's look at one address: status, and seconds until the last byte was there."""
        began_s = time.monotonic()
        asked = self._connection()
        try:
            asked.request("GET", path, headers={"Cookie": f"{SESSION_COOKIE}={self.session}"})
            answer = asked.getresponse()
            answer.read()
        finally:
            asked.close()
        return answer.status, time.monotonic() - began_s


def with_a_door(box: RealBox, host: str) -> str:
    """Give webd an encrypted door too, at port 443 of ``host``; its address. Before it starts.

    The manager's sockets are known by their port, so it has to be that one: on a loopback address
    of its own it is free.
    """
    webd = next(p for p in box.supervisor.programs if p.name == "webd")
    plain, secure = load(box.folder / "machine.toml").page_address, f"{host}:{SECURE_PORT}"
    webd.arguments = [
        sys.executable,
        "-m",
        "tests.bench.handed",
        f"{plain},{secure}",
        *webd.arguments,
    ]
    return secure
