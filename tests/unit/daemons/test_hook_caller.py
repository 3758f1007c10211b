"""Hooks to genuine servers on loopback: signed, refused, redirected, stuck, leading to us."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme

from firmware.core.outbox_settings import Hook
from firmware.daemons.outbox.hook_caller import call
from firmware.outbox.hooks import request_of

BODY = json.dumps({"event": "call_ended", "call": "00000007", "caller": "13800138000"})
OFFICE = "192.168.1.5"  # where the name leads; the test connects to loopback instead


class Receiver(ThreadingHTTPServer):
    """A customer's machine that behaves as ``answer`` says."""

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")
        self.stuck = threading.Event()
        self.hold = False
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        self.server.got.append((self.path, dict(self.headers), self.rfile.read(size)))
        if self.server.hold:
            self.server.stuck.wait(60)
            return
        status, headers, body = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815  # the library's name

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, ssl.SSLContext]]:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("crm.example").configure_cert(serving)
    made = Receiver()
    made.socket = serving.wrap_socket(made.socket, server_side=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    believing = ssl.create_default_context()
    authority.configure_trust(believing)
    yield made, believing
    made.stuck.set()
    made.shutdown()
    made.server_close()


def told(
    receiver: tuple[Receiver, ssl.SSLContext], *, host: str = "crm.example", **more: Any
) -> tuple[str, str, int]:
    server, context = receiver
    connected: list[str] = []

    def connect(address: str, _port: int, within_s: float) -> socket.socket:
        connected.append(address)
        return socket.create_connection(("127.0.0.1", server.server_port), timeout=within_s)

    hook = Hook(name="crm", secret_url=f"https://{host}/in?k=1", secret="s", lan=True)  # noqa: S106  # of a test
    answers = iter([[OFFICE], ["127.0.0.1"]])  # a name that leads elsewhere the second time
    options = {
        "addresses": lambda _h, _p: next(answers),
        "connect": connect,
        "context": context,
        "within_s": 60.0,
    }
    result = call(hook, request_of(hook, 9, BODY, "en", 1_790_000_000), **{**options, **more})
    assert set(connected) <= {OFFICE}, "the address that was looked at is the one that is asked"
    return result


def test_it_arrives_signed_once(receiver: tuple[Receiver, ssl.SSLContext]) -> None:
    assert told(receiver) == ("", "item", 0)
    ((path, headers, body),) = receiver[0].got
    assert path == "/in?k=1"
    assert headers["X-Tipring-Delivery"] == "9"
    assert headers["X-Tipring-Signature"].startswith("sha256=")
    assert json.loads(body)["caller"] == "13800138000"


@pytest.mark.parametrize(
    ("answer", "why", "fault"),
    [
        ((302, {"Location": "http://127.0.0.1/"}, b""), "redirects are not followed", "lasting"),
        ((500, {}, b"x"), "500", "channel"),
        ((403, {}, b"x"), "403", "lasting"),
        ((200, {}, b"x" * 70_000), "more than 65536 bytes", "item"),
    ],
)
def test_bad_answers(
    receiver: tuple[Receiver, ssl.SSLContext],
    answer: tuple[int, dict[str, str], bytes],
    why: str,
    fault: str,
) -> None:
    receiver[0].answer = answer
    said, whose, _ = told(receiver)
    assert why in said
    assert whose == fault
    assert len(receiver[0].got) == 1, "a redirect is not followed"


def test_a_stuck_machine_takes_no_more_than_its_time(
    receiver: tuple[Receiver, ssl.SSLContext],
) -> None:
    receiver[0].hold = True
    assert told(receiver, within_s=1.0)[1] == "channel"


def test_a_strangers_certificate_is_not_believed(
    receiver: tuple[Receiver, ssl.SSLContext],
) -> None:
    why, fault, _ = told(receiver, host="other.example")
    assert "certificate" in why
    assert fault == "channel"
    assert not receiver[0].got


@pytest.mark.parametrize(
    ("url", "lan", "addresses"),
    [
        ("https://x.example/", False, ["127.0.0.1"]),
        ("https://x.example/", True, ["127.0.0.1"]),
        ("https://x.example/", True, ["169.254.169.254"]),
        ("https://x.example/", False, ["192.168.1.5"]),
        ("https://x.example/", False, ["8.8.8.8", "10.0.0.1"]),
        ("https://x.example/", True, ["::1"]),
        ("https://x.example/", True, ["::ffff:127.0.0.1"]),
        ("http://x.example/", False, ["8.8.8.8"]),
        ("ftp://x.example/", True, ["8.8.8.8"]),
        ("https://x.example/", False, []),
    ],
)
def test_what_is_never_asked(url: str, lan: bool, addresses: list[str]) -> None:
    def never(*_: Any) -> socket.socket:
        raise AssertionError("it was asked")

    hook = Hook(name="x", secret_url=url, lan=lan)
    request = request_of(hook, 1, BODY, "en", 0)
    why, fault, _ = call(hook, request, addresses=lambda _h, _p: addresses, connect=never)
    assert why
    assert fault == "lasting"
