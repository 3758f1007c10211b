"""Questions of menus to other machines by HTTP: asked on a thread, by rules that protect the LAN.

The rules: https, or http where the owner marked the address as one of his own network. The name is
resolved once and the connection goes to that very address; loopback, link-local (where clouds keep
their secrets), multicast and reserved addresses are never asked, private ones only with the mark.
No redirect is followed. An answer has at most 64 kB, comes whole within the time, and is a flat
JSON object of texts and numbers.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

MOST_BYTES: Final = 64 * 1024
MOST_FIELDS: Final = 50
MOST_TEXT: Final = 200
MOST_AT_ONCE: Final = 8
"""One per line that a card may have."""

Addresses = Callable[[str, int], Sequence[str]]


class WebQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One question. ``id`` comes back with the answer."""

    id: int
    url: str
    key: str
    lan: bool
    limit_ms: int


class WebAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``row`` is None when nothing was found (404 or an empty answer)."""

    id: int
    row: dict[str, str] | None = None
    failed: str = ""


class RefusedError(Exception):
    """The question may not be asked, or its answer not be used; a sentence says why."""


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def allowed(address: str, *, lan: bool) -> bool:
    """Whether an address may be asked."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        ip = mapped
    if ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if ip.is_private:
        return lan and not ip.is_reserved
    return not ip.is_reserved and ip.is_global


def fetch(
    question: WebQuestion,
    *,
    addresses: Addresses = resolve,
    connect: Callable[[str, int, float], socket.socket] | None = None,
    context: ssl.SSLContext | None = None,
) -> dict[str, str] | None:
    """Ask once; None when there is no such thing.

    Args:
        question: What.
        addresses: Resolves a name.
        connect: Opens a connection to an address, port, within so many seconds.
        context: For https; the system's authorities by default.

    Raises:
        RefusedError: By the rules above.
        OSError: No connection, or too late.
    """
    parts = urlsplit(question.url.replace("{key}", quote(question.key, safe="")))
    secure = parts.scheme == "https"
    if not secure and not (parts.scheme == "http" and question.lan):
        raise RefusedError(f"{parts.scheme} is not allowed")
    host = parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    ends = time.monotonic() + question.limit_ms / 1000
    found = list(addresses(host, port))
    if not found or not all(allowed(address, lan=question.lan) for address in found):
        raise RefusedError(f"{host} is at an address that may not be asked")
    opened = (connect or _connect)(found[0], port, question.limit_ms / 1000)
    with contextlib.ExitStack() as closing:
        closing.callback(opened.close)
        if secure:
            opened = (context or ssl.create_default_context()).wrap_socket(
                opened, server_hostname=host
            )
            closing.callback(opened.close)
        request = http.client.HTTPConnection(host, port)
        request.sock = opened
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        _hurry(opened, ends)
        request.request("GET", path, headers={"Accept": "application/json"})
        answer = request.getresponse()
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise RefusedError(f"{host} answered {answer.status}")
        body = b""
        while piece := answer.read1(8192):
            body += piece
            if len(body) > MOST_BYTES:
                raise RefusedError(f"{host} answered more than {MOST_BYTES} bytes")
            _hurry(opened, ends)
    return row_of(body, host)


def _connect(address: str, port: int, timeout_s: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=timeout_s)


def _hurry(opened: socket.socket, ends: float) -> None:
    """Whoever sends a byte now and then gets no more time than others."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the answer took too long")
    opened.settimeout(left)


def row_of(body: bytes, host: str) -> dict[str, str] | None:
    """Fields of an answer as texts.

    Raises:
        RefusedError: It is no flat JSON object.
    """
    try:
        found = json.loads(body)
    except ValueError:
        raise RefusedError(f"{host} answered something that is not JSON") from None
    if found in (None, {}, []):
        return None
    if not isinstance(found, dict):
        raise RefusedError(f"{host} answered something that is no JSON object")
    flat = {k: str(v) for k, v in found.items() if isinstance(v, str | int | float)}
    return {k[:40]: v[:MOST_TEXT] for k, v in list(flat.items())[:MOST_FIELDS]}


class WebLookUps:
    """Asks on threads, so that call control never waits.

    Args:
        answer: Told each answer, on the thread that asked.
    """

    def __init__(self, answer: Callable[[WebAnswer], None]) -> None:
        self._answer = answer
        self._running = 0
        self._lock = threading.Lock()

    def ask(self, question: WebQuestion) -> None:
        """Ask; the answer comes later, and a refusal too."""
        with self._lock:
            full = self._running >= MOST_AT_ONCE
            self._running += not full
        if full:
            self._answer(WebAnswer(id=question.id, failed="too many questions at once"))
            return
        threading.Thread(target=self._work, args=(question,), daemon=True).start()

    def _work(self, question: WebQuestion) -> None:
        try:
            answer = WebAnswer(id=question.id, row=fetch(question))
        except (RefusedError, OSError, http.client.HTTPException, ValueError) as problem:
            answer = WebAnswer(id=question.id, failed=str(problem) or type(problem).__name__)
        with self._lock:
            self._running -= 1
        self._answer(answer)
