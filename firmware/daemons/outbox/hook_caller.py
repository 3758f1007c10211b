"""Other programs told by HTTP, by the rules of ``web_look_up``: never ourselves, no redirects.

The name is resolved once and the connection goes to that very address, so a name that answers
otherwise the second time changes nothing. An answer is read up to 64 kB and within the time.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from firmware.core.outbox_settings import Hook
from firmware.daemons.web_look_up import MOST_BYTES, Addresses, allowed, resolve
from firmware.outbox.delivery import Fault
from firmware.outbox.hooks import HookRequest, verdict

WITHIN_S: Final = 5.0
Connect = Callable[[str, int, float], socket.socket]


def connect_to(address: str, port: int, within_s: float) -> socket.socket:
    """A connection to this address."""
    return socket.create_connection((address, port), timeout=within_s)


def call(
    hook: Hook,
    request: HookRequest,
    *,
    addresses: Addresses = resolve,
    connect: Connect = connect_to,
    context: ssl.SSLContext | None = None,
    within_s: float = WITHIN_S,
) -> tuple[str, Fault, int]:
    """Make one request; never raises.

    Args:
        hook: Whom.
        request: What.
        addresses: Resolves a name.
        connect: Opens a connection to an address.
        context: For https; the system's authorities by default.
        within_s: For all of it.

    Returns:
        Why it was not taken (empty if it was), whose fault, how long to wait at least.
    """
    try:
        return _called(hook, request, addresses, connect, context, time.monotonic() + within_s)
    except PermissionError as refused:
        return str(refused), "lasting", 0
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return str(problem) or type(problem).__name__, "channel", 0


def _called(
    hook: Hook,
    request: HookRequest,
    addresses: Addresses,
    connect: Connect,
    context: ssl.SSLContext | None,
    ends: float,
) -> tuple[str, Fault, int]:
    parts = urlsplit(request.url)
    secure = parts.scheme == "https"
    if not secure and not (parts.scheme == "http" and hook.lan):
        raise PermissionError(f"{parts.scheme} is not allowed")
    host = parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    found = list(addresses(host, port))
    if not found or not all(allowed(address, lan=hook.lan) for address in found):
        raise PermissionError(f"{host} is at an address that may not be asked")
    with contextlib.ExitStack() as closing:
        opened = connect(found[0], port, _left(ends))
        closing.callback(opened.close)
        if secure:
            wrapping = context or ssl.create_default_context()
            opened = wrapping.wrap_socket(opened, server_hostname=host)
            closing.callback(opened.close)
        made = http.client.HTTPConnection(host, port)
        made.sock = opened
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        opened.settimeout(_left(ends))
        made.request(request.method, path, body=request.body or None, headers=request.headers)
        answer = made.getresponse()
        body = b""
        while piece := answer.read1(8192):
            body += piece
            if len(body) > MOST_BYTES:
                return f"{host} answered more than {MOST_BYTES} bytes", "item", 0
            opened.settimeout(_left(ends))
    return verdict(hook.form, answer.status, body, answer.getheader("Retry-After", ""))


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the answer took too long")
    return left
