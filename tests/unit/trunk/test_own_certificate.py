"""What the box shows at its TLS port, and who may connect there."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from pathlib import Path

from firmware.daemons.trunk.connections import named_in, only_peers, turned_away
from firmware.daemons.trunk.own_certificate import certificate_at


def test_it_is_made_once_kept_and_read_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "sip-certificate.pem"
    first = certificate_at(path, ["192.0.2.7"])
    assert certificate_at(path, ["192.0.2.7"]) == first
    assert path.stat().st_mode & 0o077 == 0
    assert set(named_in(first)) == {"tipring.local", "localhost", "192.0.2.7"}
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)  # certificate and key belong


def test_a_box_that_moved_has_another(tmp_path: Path) -> None:
    path = tmp_path / "sip-certificate.pem"
    first = certificate_at(path, ["192.0.2.7"])
    second = certificate_at(path, ["192.0.2.8"])
    assert first != second
    assert "192.0.2.8" in named_in(second)


def test_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "sip-certificate.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\nMII", encoding="ascii")
    assert named_in(certificate_at(path, ["192.0.2.7"]))


def test_whoever_is_no_peer_finds_no_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert only_peers([port], [ipaddress.ip_network("127.0.0.8/30")]) == 1
        with socket.socket() as peer:
            peer.bind(("127.0.0.10", 0))
            peer.connect(("127.0.0.1", port))
            taken, _ = listener.accept()
            peer.sendall(b"REGISTER")
            assert taken.recv(8) == b"REGISTER"
            taken.close()
        assert _dropped(port, "127.0.0.12")
        only_peers([port], [])
        assert _dropped(port, "127.0.0.10")


def _dropped(port: int, source: str) -> bool:
    """Whether the kernel counts a try of this address as turned away, in its own time."""
    before = turned_away([port])
    with socket.socket() as stranger:
        stranger.bind((source, 0))
        stranger.setblocking(False)
        assert stranger.connect_ex(("127.0.0.1", port)) != 0
        pause = threading.Event()
        return any(turned_away([port]) > before or pause.wait(0.01) for _ in range(1_000))
