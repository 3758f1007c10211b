"""The page's doors: plain and encrypted, in front of its server.

waitress speaks no TLS and lets anybody hold as many connections as he likes. This thread takes
connections, asks the doorkeeper, shakes hands where the door is encrypted, and passes what is said
to the server over the loopback interface. Who really came, and by which door, the server is told by
the connection itself: the front notes under its own port number for whom it opened it, and
:class:`Behind` looks there. So nothing that a browser can send is believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
import time
from asyncio import sslproto
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from web.tls.doorkeeper import Doorkeeper, neighbour_of
from web.tls.keeper import Keeper

log = logging.getLogger(__name__)

BACKLOG: Final = 64
HANDSHAKE_S: Final = 10.0
LOOK_S: Final = 600.0
"""How often certificate and address are looked at."""
SWEEP_S: Final = 2.0
"""How often the doorkeeper looks for those who do not ask."""
TIRED_S: Final = 0.2
"""How long nobody is let in when the process has no descriptor left."""
PIECE: Final = 65_536
RECORD: Final = 32_768
"""Two records of TLS (RFC 8446, 5.1: 16 kB each). asyncio sets a quarter of a megabyte aside for
every connection as it comes, which six hundred of them would take from the telephones."""


class Origin(msgspec.Struct, frozen=True):
    """For whom a connection to the server was opened: his address, and by which door he came."""

    address: str
    secure: bool


Origins = dict[int, Origin]
"""By the port of the connection from here to the server. The last of a port stays: a request that
is still being answered when its connection ends is nobody else's for that."""


class Door(msgspec.Struct, frozen=True):
    """A socket that listens, and the TLS context of its connections; None for plain ones."""

    sock: socket.socket
    context: ssl.SSLContext | None = None


def context() -> ssl.SSLContext:
    """TLS 1.2 and later with the library's own choice of ciphers."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class Front(threading.Thread):
    """The doors.

    Args:
        plain: Listening sockets for plain connections; taken over.
        secure: The same for encrypted ones.
        keeper: Authority and certificate; None where no door is encrypted.
        server: Port of the page's server on 127.0.0.1.
        origins: Shared with :class:`Behind`.
    """

    def __init__(
        self,
        plain: Sequence[socket.socket],
        secure: Sequence[socket.socket],
        keeper: Keeper | None,
        server: int,
        origins: Origins,
    ) -> None:
        super().__init__(name="doors", daemon=True)
        self._keeper, self._server, self._origins = keeper, server, origins
        self._context = context()
        if keeper is not None:
            keeper.look(datetime.now(UTC))
            keeper.load_into(self._context)
        self._doors = [Door(sock) for sock in plain] + [Door(s, self._context) for s in secure]
        self._doorkeeper = Doorkeeper()
        self._visits: dict[int, asyncio.Task[None]] = {}
        self._visitors = 0
        for door in self._doors:
            door.sock.setblocking(False)
            door.sock.listen(BACKLOG)  # whoever comes before the thread runs waits for it

    def run(self) -> None:
        """Serve until the process ends."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        sslproto.SSLProtocol.max_size = RECORD
        asyncio.get_running_loop().set_exception_handler(_quiet)
        await asyncio.gather(self._renew(), self._sweep(), *map(self._watch, self._doors))

    async def _renew(self) -> None:
        while self._keeper is not None:
            await asyncio.sleep(LOOK_S)
            if self._keeper.look(datetime.now(UTC)):
                self._keeper.load_into(self._context)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self._send_away(self._doorkeeper.overdue(_now_ms()))

    async def _watch(self, door: Door) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(door.sock)
            except OSError as problem:
                log.warning("nobody can be let in: %s", problem)
                await asyncio.sleep(TIRED_S)
                continue
            number = self._visitors = self._visitors + 1
            leave = self._doorkeeper.come(number, str(address[0]), _now_ms())
            if leave is None:
                sock.close()
                continue
            self._send_away(leave)
            visit = self._visit(number, sock, neighbour_of(str(address[0])), door.context)
            self._visits[number] = asyncio.create_task(visit)

    def _send_away(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if visit := self._visits.get(number):
                visit.cancel()

    async def _visit(
        self, number: int, sock: socket.socket, address: str, encrypted: ssl.SSLContext | None
    ) -> None:
        """One connection from its beginning to its end."""
        ends: list[asyncio.StreamWriter] = []
        passing: list[asyncio.Task[None]] = []
        try:
            reader, writer = await _opened(sock, encrypted)
            ends.append(writer)
            inner = socket.socket()
            inner.setblocking(False)  # the library's own form
            inner.bind(("127.0.0.1", 0))
            self._origins[inner.getsockname()[1]] = Origin(address, encrypted is not None)
            await asyncio.get_running_loop().sock_connect(inner, ("127.0.0.1", self._server))
            back, forth = await asyncio.open_connection(sock=inner)
            ends.append(forth)

            def said(size: int) -> None:
                self._doorkeeper.heard(number, size, _now_ms())

            def answered(_size: int) -> None:
                self._doorkeeper.answered(number, _now_ms())

            ways: tuple[Coroutine[Any, Any, None], ...] = (
                _pass(reader, forth, said),
                _pass(back, writer, answered),
            )
            passing = [asyncio.create_task(way) for way in ways]
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        except OSError as problem:
            log.debug("a connection ended: %s", problem)
        finally:
            self._doorkeeper.left(number)
            self._visits.pop(number, None)
            for way in passing:
                way.cancel()
            for end in ends:
                with contextlib.suppress(OSError):
                    end.close()


async def _opened(
    sock: socket.socket, encrypted: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Streams of a connection that was let in; ``OSError`` when hands are not shaken in time."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=PIECE)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol,
        sock,
        ssl=encrypted,
        ssl_handshake_timeout=HANDSHAKE_S if encrypted else None,
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[int], None]
) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(PIECE):
            note(len(data))
            writer.write(data)
            await writer.drain()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _quiet(_loop: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
    log.debug("%s", what.get("message"))


class Behind:
    """The page's application, told by the front who came and by which door."""

    def __init__(self, application: Callable[..., Iterable[bytes]], origins: Origins) -> None:
        self._application = application
        self._origins = origins

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """One request (PEP 3333)."""
        port = str(environ.get("REMOTE_PORT", ""))
        origin = self._origins.get(int(port)) if port.isdigit() else None
        if origin is not None:
            environ["REMOTE_ADDR"] = origin.address
            environ["wsgi.url_scheme"] = "https" if origin.secure else "http"
        return self._application(environ, start_response)
