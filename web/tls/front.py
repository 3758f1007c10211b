"""TLS in front of the page's server.

waitress speaks none. This thread takes connections, shakes hands, and passes what it decrypts to
the server over the loopback interface. Who really came, and that he came encrypted, the server is
told by the connection itself: the front notes under its own port number for whom it opened it,
and :class:`Behind` looks there. So nothing that a browser can send is believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from web.tls.keeper import Keeper

log = logging.getLogger(__name__)

MOST: Final = 600
"""Connections at a time; more are closed at once."""
BACKLOG: Final = 64
HANDSHAKE_S: Final = 10.0
IDLE_S: Final = 120.0
"""Without a byte either way a connection ends; live pages send one every 15 s."""
LOOK_S: Final = 600.0
"""How often certificate and address are looked at."""
PIECE: Final = 65_536

Origins = dict[int, str]
"""Port of a connection from here to the server, and the address of whom it was opened for."""


def context() -> ssl.SSLContext:
    """TLS 1.2 and later with the library's own choice of ciphers."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class Front(threading.Thread):
    """The encrypted door.

    Args:
        sock: Listens; taken over.
        keeper: Authority and certificate.
        server: Port of the page's server on 127.0.0.1.
        origins: Shared with :class:`Behind`.
    """

    def __init__(self, sock: socket.socket, keeper: Keeper, server: int, origins: Origins) -> None:
        super().__init__(name="tls", daemon=True)
        self._sock, self._keeper, self._server = sock, keeper, server
        self._origins = origins
        self._context = context()
        self._keeper.look(datetime.now(UTC))
        self._keeper.load_into(self._context)
        self._open = 0
        sock.listen(BACKLOG)  # whoever comes before the thread runs waits for it

    def run(self) -> None:
        """Serve until the process ends."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(
            self._connected,
            sock=self._sock,
            ssl=self._context,
            ssl_handshake_timeout=HANDSHAKE_S,
            limit=PIECE,
        )
        asyncio.get_running_loop().set_exception_handler(_quiet)
        async with server:
            while True:
                await asyncio.sleep(LOOK_S)
                if self._keeper.look(datetime.now(UTC)):
                    self._keeper.load_into(self._context)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= MOST:
            writer.close()
            return
        self._open += 1
        port = 0
        inner: asyncio.StreamWriter | None = None
        try:
            sock = socket.socket()
            sock.setblocking(False)  # the library's own form
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
            self._origins[port] = str(writer.get_extra_info("peername")[0])
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._server))
            back, inner = await asyncio.open_connection(sock=sock)
            await asyncio.wait(
                (
                    asyncio.ensure_future(_pass(reader, inner)),
                    asyncio.ensure_future(_pass(back, writer)),
                ),
                return_when=asyncio.FIRST_COMPLETED,
            )
        except OSError as problem:
            log.debug("a connection ended: %s", problem)
        finally:
            self._open -= 1
            for end in (writer, inner):
                if end is not None:
                    with contextlib.suppress(OSError):
                        end.close()
            self._origins.pop(port, None)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        while data := await asyncio.wait_for(reader.read(PIECE), IDLE_S):
            writer.write(data)
            await writer.drain()


def _quiet(_loop: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
    log.debug("%s", what.get("message"))


class Behind:
    """The page's application, told by the front who came and that he came encrypted."""

    def __init__(self, application: Callable[..., Iterable[bytes]], origins: Origins) -> None:
        self._application = application
        self._origins = origins

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """One request (PEP 3333)."""
        if environ.get("REMOTE_ADDR") == "127.0.0.1":
            port = str(environ.get("REMOTE_PORT", ""))
            origin = self._origins.get(int(port)) if port.isdigit() else None
            if origin is not None:
                environ["REMOTE_ADDR"] = origin
                environ["wsgi.url_scheme"] = "https"
        return self._application(environ, start_response)
