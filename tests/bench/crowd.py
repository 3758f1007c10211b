"""Everybody who looks at the page at once, and a neighbour who means no good.

Run as ``python -m tests.bench.crowd HOST:PORT SESSION[,SESSION]``, it is fifty pages that stay open
and live, five hundred connections that never finish what they ask (half of them say nothing, half
stop in the middle of a header; each is opened again as soon as it is closed), and somebody who
takes the call log away again and again. What it got stands on standard output as one JSON object a
second. With ``--secure`` it comes by the encrypted door. They come from many addresses of the
loopback network, since no neighbour may hold so many connections alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

LIVE = 50
HALF_OPEN = 500
PAGES = ("/live", "/board/live", "/desk/live")
EXPORT = "/calls?as=csv"
HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
FROM_EACH = 20  # connections of one address
AGAIN_S = 0.2
TELL_S = 1.0


@dataclass
class Got:
    """What the crowd has and had so far."""

    live: int = 0
    events: int = 0
    half_open: int = 0
    turned_away: int = 0
    exports: int = 0
    export_bytes: int = 0


class Crowd:
    """All of them, while the block lasts, as a program of its own."""

    def __init__(self, address: str, sessions: Sequence[str], *, secure: bool = False) -> None:
        """``address``: of the page, ``host:port``; ``sessions``: keys of people signed in."""
        keys = ",".join(sessions)
        wanted = [*["--secure"] * secure, "--", address, keys]  # a key may begin with a dash
        self._command = [sys.executable, "-m", __name__, *wanted]
        self._process: subprocess.Popen[str] | None = None
        self.got = Got()
        """What it told last."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.got = Got(**json.loads(line))


class Visitors:
    """The crowd from inside."""

    def __init__(self, address: str, sessions: Sequence[str], *, secure: bool) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._asking = [
            f"Host: localhost:{port}\r\nCookie: session={session}\r\n\r\n".encode()
            for session in sessions
        ]
        self._context: ssl.SSLContext | None = None
        if secure:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE
        self.got = Got()
        self._come = 0

    async def come(self) -> None:
        """Until the program ends."""
        watching = [lambda n=n: self._watch(n) for n in range(LIVE)]
        holding = [lambda n=n: self._hold(HALF if n % 2 else b"") for n in range(HALF_OPEN)]
        everybody = [*watching, *holding, self._take_away]
        await asyncio.gather(self._tell(), *map(self._again, everybody))

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            print(json.dumps(asdict(self.got)), flush=True)

    async def _again(self, what) -> None:  # type: ignore[no-untyped-def]  # a coroutine's maker
        while True:
            with contextlib.suppress(OSError, EOFError):
                await what()
            await asyncio.sleep(AGAIN_S)

    async def _open(
        self, context: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._come += 1
        house = 1 + self._come % ((LIVE + HALF_OPEN) // FROM_EACH)
        own = (f"127.0.1.{house}", 0)
        return await asyncio.open_connection(self._host, self._port, ssl=context, local_addr=own)

    async def _ask(
        self, path: str, who: int = 0
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await self._open(self._context)
        writer.write(f"GET {path} HTTP/1.1\r\n".encode() + self._asking[who % len(self._asking)])
        return reader, writer

    async def _watch(self, nth: int) -> None:
        reader, writer = await self._ask(PAGES[nth % len(PAGES)], nth // len(PAGES))
        try:
            if b"200" not in await reader.readline():
                self.got.turned_away += 1
                return
            self.got.live += 1
            try:
                while line := await reader.readline():
                    self.got.events += line.startswith(b"event:")
            finally:
                self.got.live -= 1
        finally:
            writer.close()

    async def _hold(self, said: bytes) -> None:
        # At the encrypted door one half does not even shake hands.
        context = self._context if said else None
        reader, writer = await self._open(context)
        self.got.half_open += 1
        try:
            writer.write(said)
            await reader.read()
        finally:
            self.got.half_open -= 1
            writer.close()

    async def _take_away(self) -> None:
        reader, writer = await self._ask(EXPORT)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            if " 200 " not in head.splitlines()[0]:
                self.got.turned_away += 1
                return
            if "transfer-encoding: chunked" not in head:
                self.got.turned_away += 1
                return
            # RFC 9112, 7.1: each part with its length before it, the last one is empty.
            while length := int(await reader.readline(), 16):
                await reader.readexactly(length + len(b"\r\n"))
                self.got.export_bytes += length
            self.got.exports += 1
        finally:
            writer.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("sessions", help="keys of people signed in, parted by commas")
    parser.add_argument("--secure", action="store_true")
    given = parser.parse_args()
    keys = given.sessions.split(",")
    asyncio.run(Visitors(given.address, keys, secure=given.secure).come())
