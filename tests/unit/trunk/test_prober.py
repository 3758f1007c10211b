"""A trunk's network tested over real sockets of loopback; no time is measured here."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from firmware.core.sip_settings import SipTrunk
from firmware.daemons.trunk.prober import probe
from firmware.sip.network import NetworkFound

ANSWER = "SIP/2.0 200 OK\r\nCall-ID: {id}\r\nCSeq: {cseq}\r\nContent-Length: 0\r\n\r\n"


def answer_to(question: str) -> bytes:
    fields = dict(line.split(": ", 1) for line in question.splitlines()[1:] if ": " in line)
    return ANSWER.format(id=fields["Call-ID"], cseq=fields["CSeq"]).encode()


@contextmanager
def far_side(silent_at: int = 0) -> Iterator[int]:
    """Answers every question but one; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                packet, source = wire.recvfrom(4_096)
                if not packet.startswith(b"OPTIONS"):
                    return
                if f"CSeq: {silent_at} ".encode() not in packet:
                    wire.sendto(answer_to(packet.decode()), source)

        thread = threading.Thread(target=serve)
        thread.start()
        yield wire.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"end", wire.getsockname())
        thread.join()


@contextmanager
def tls_far_side(leaf: trustme.LeafCert) -> Iterator[int]:
    """Answers over TLS by a certificate; its port."""
    trusts = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(trusts)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            wire, _ = listener.accept()
            try:
                with trusts.wrap_socket(wire, server_side=True) as secured:
                    while packet := secured.recv(4_096):
                        secured.send(answer_to(packet.decode()))
            except (ssl.SSLError, OSError):
                return  # refused by whoever looked at the certificate

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def found_at(port: int, trusts: Path | None = None, **fields: object) -> NetworkFound:
    wanted = {"name": "peer", "host": "localhost", "port": port, "register": False, **fields}
    return probe(SipTrunk(**wanted), 3, trusts, time.monotonic)  # type: ignore[arg-type]  # by name


def test_every_question_is_answered() -> None:
    with far_side() as port:
        found = found_at(port, host="127.0.0.1")
    assert (found.sent, len(found.trips_ms), found.code) == (3, 3, 200)
    assert found.addresses == ("127.0.0.1",)
    assert found.problem == ""


def test_an_answer_that_does_not_come_is_a_loss() -> None:
    with far_side(silent_at=2) as port:
        found = found_at(port, host="127.0.0.1")
    assert (found.sent, len(found.trips_ms)) == (3, 2)
    assert found.loss_percent == pytest.approx(33.3)


def test_a_name_that_nobody_has() -> None:
    found = found_at(5_060, host="nobody.invalid")  # RFC 2606, clause 2: it never exists
    assert found.addresses == ()
    assert found.problem


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken and not listening: refused for sure
        found = found_at(taken.getsockname()[1], host="127.0.0.1", transport="tcp")
    assert "refused" in found.problem
    assert found.trips_ms == ()


AUTHORITY = trustme.CA()
STRANGER = trustme.CA()


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    path = tmp_path / "own.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return path


def test_a_far_side_of_an_own_authority_is_trusted(trusted: Path) -> None:
    with tls_far_side(AUTHORITY.issue_cert("localhost")) as port:
        found = found_at(port, trusted, transport="tls")
    assert (len(found.trips_ms), found.problem) == (3, "")


@pytest.mark.parametrize(
    ("leaf", "why"),
    [
        (AUTHORITY.issue_cert("other.example"), "mismatch"),
        (
            AUTHORITY.issue_cert(
                "localhost",
                not_before=datetime(2020, 1, 1, tzinfo=UTC),
                not_after=datetime(2021, 1, 1, tzinfo=UTC),
            ),
            "expired",
        ),
        (STRANGER.issue_cert("localhost"), "unable to get local issuer"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused_with_the_reason(
    trusted: Path, leaf: trustme.LeafCert, why: str
) -> None:
    with tls_far_side(leaf) as port:
        found = found_at(port, trusted, transport="tls")
    assert found.certificate
    assert why in found.problem
    assert found.sent == 0


def test_without_the_check_whoever_is_there_is_talked_to(trusted: Path) -> None:
    with tls_far_side(STRANGER.issue_cert("localhost")) as port:
        found = found_at(port, trusted, transport="tls", check_certificate=False)
    assert len(found.trips_ms) == 3
