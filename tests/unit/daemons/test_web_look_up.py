"""Questions to other machines: by https, once, small, in time, never into the box itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from firmware.daemons.web_look_up import RefusedError, WebQuestion, allowed, fetch

FAR = "93.184.215.14"  # example.com: any public address
LAN = "192.168.1.20"


def _question(url: str = "http://shop.example/c/{key}", *, lan: bool = True) -> WebQuestion:
    return WebQuestion(id=1, url=url, key="138 0013/8000", lan=lan, limit_ms=1_000)


def _server(answer: bytes, seen: list[bytes]) -> Callable[[str, int, float], socket.socket]:
    """A machine that answers one question with these bytes."""

    def connect(_address: str, _port: int, timeout_s: float) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.settimeout(timeout_s)

        def serve() -> None:
            seen.append(theirs.recv(4_096))
            with theirs:
                theirs.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return ours

    return connect


def _http(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


@pytest.mark.parametrize(
    ("address", "lan", "may"),
    [
        (FAR, False, True),
        (LAN, False, False),
        (LAN, True, True),
        ("127.0.0.1", True, False),
        ("::1", True, False),
        ("169.254.169.254", True, False),  # where clouds keep their secrets
        ("fe80::1%eth0", True, False),
        ("::ffff:127.0.0.1", True, False),
        ("0.0.0.0", True, False),  # noqa: S104  # an address that must be refused
        ("224.0.0.1", True, False),
        ("100.64.0.1", False, False),
    ],
)
def test_which_addresses_may_be_asked(address: str, lan: bool, may: bool) -> None:
    assert allowed(address, lan=lan) is may


def test_an_answer_becomes_a_row_and_the_key_cannot_leave_its_place() -> None:
    seen: list[bytes] = []
    answer = _http(b'{"name": "Li Lei", "balance": 1250, "list": [1]}')
    row = fetch(_question(), addresses=lambda _h, _p: [LAN], connect=_server(answer, seen))
    assert row == {"name": "Li Lei", "balance": "1250"}
    assert seen[0].startswith(b"GET /c/138%200013%2F8000 HTTP/1.1\r\n")


def test_a_name_with_one_good_and_one_bad_address_is_not_asked() -> None:
    with pytest.raises(RefusedError, match="may not be asked"):
        fetch(_question(), addresses=lambda _h, _p: [LAN, "127.0.0.1"])


def test_plain_http_outside_the_lan_is_refused() -> None:
    with pytest.raises(RefusedError, match="http is not allowed"):
        fetch(_question(lan=False), addresses=lambda _h, _p: [FAR])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (_http(b"", "302 Found", "Location: http://127.0.0.1/\r\n"), "302"),
        (_http(b"x" * 70_000), "more than 65536 bytes"),
        (_http(b"<html>"), "not JSON"),
        (_http(b"[1, 2]"), "no JSON object"),
        (_http(b"oops", "500 Error"), "500"),
    ],
)
def test_what_cannot_be_used_is_refused(answer: bytes, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        fetch(_question(), addresses=lambda _h, _p: [LAN], connect=_server(answer, []))


@pytest.mark.parametrize("answer", [_http(b"", "404 Not Found"), _http(b"{}"), _http(b"null")])
def test_nothing_found(answer: bytes) -> None:
    server = _server(answer, [])
    assert fetch(_question(), addresses=lambda _h, _p: [LAN], connect=server) is None
