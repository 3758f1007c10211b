"""Far sides of TLS trunks, trusted and not, against the library itself: one sipd for each.

``python -m tests.bench.sip_trust``; status 1 if one of them is not met as it should be. The far
side is a registrar on loopback by Python's own TLS.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import trustme

from firmware.control.link import Link, LinkError, connect
from firmware.control.messages import Hello
from firmware.control.sip_messages import FROM_SIPD, SOCKET_NAME, FromSipd, SetTrunks
from firmware.control.trunk_messages import TrunkSeen, TrunksSeen
from firmware.core.sip_settings import Sip, SipTrunk
from tests.bench.sip_box import MACHINE

WAIT_S: Final = 15.0
AUTHORITY: Final = trustme.CA()
STRANGER: Final = trustme.CA()
LONG_AGO: Final = {
    "not_before": datetime(2020, 1, 1, tzinfo=UTC),
    "not_after": datetime(2021, 1, 1, tzinfo=UTC),
}
CASES: Final = {
    # what it shows: certificate, whether it is checked, whether it is registered
    "of our own authority": (AUTHORITY.issue_cert("localhost"), True, True),
    "for another name": (AUTHORITY.issue_cert("other.example"), True, False),
    "expired": (AUTHORITY.issue_cert("localhost", **LONG_AGO), True, False),
    "of an authority we do not know": (STRANGER.issue_cert("localhost"), True, False),
    "of whoever, unchecked": (STRANGER.issue_cert("localhost"), False, True),
}


@contextlib.contextmanager
def registrar(leaf: trustme.LeafCert) -> Iterator[int]:
    """Answers every request with 200 over TLS; its port."""
    trusts = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(trusts)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    wire, _ = listener.accept()
                    wire.settimeout(2)
                    with trusts.wrap_socket(wire, server_side=True) as secured:
                        while not stop.is_set() and (packet := secured.recv(8_192)):
                            secured.send(granted(packet.decode()))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        thread.join(5)


def granted(request: str) -> bytes:
    """The answer of a registrar that asks nobody for a password."""
    kept = ("via:", "from:", "to:", "call-id:", "cseq:")
    lines = [line for line in request.split("\r\n") if line.lower().startswith(kept)]
    contact = next(
        (line for line in request.split("\r\n") if line.lower().startswith("contact:")), ""
    )
    lines = [f"{line};tag=1" if line.lower().startswith("to:") else line for line in lines]
    if contact:
        lines.append(f"{contact};expires=600")
    return "\r\n".join(["SIP/2.0 200 OK", *lines, "Content-Length: 0", "", ""]).encode()


def trunk_with(leaf: trustme.LeafCert, *, check: bool) -> TrunkSeen | None:
    """How a trunk to that far side is after it was tried; None if sipd did not say."""
    with tempfile.TemporaryDirectory(prefix="tipring-trust-") as text, registrar(leaf) as port:
        folder = Path(text)
        (folder / "machine.toml").write_text(MACHINE.format(run=folder, legs=1))
        start = [sys.executable, "-m", "firmware.daemons.start", "sipd"]
        process = subprocess.Popen(
            [*start, "--config", str(folder / "machine.toml")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return _seen(folder, port, check=check)
        finally:
            process.terminate()
            process.wait(10)


def _seen(folder: Path, port: int, *, check: bool) -> TrunkSeen | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        own = int(probe.getsockname()[1])
    trunk = SipTrunk(
        name="peer",
        lines=("sip/1",),
        host="localhost",
        port=port,
        transport="tls",
        user="021",
        check_certificate=check,
    )
    own_authority = tuple(AUTHORITY.cert_pem.bytes().decode().splitlines())
    sip = Sip(trunks=(trunk,), port=own, address="127.0.0.1", authority=own_authority)
    link: Link[FromSipd] | None = None
    end = time.monotonic() + WAIT_S
    last = None
    while time.monotonic() < end:
        if link is None:
            with contextlib.suppress(LinkError):
                link = connect(folder / SOCKET_NAME, FROM_SIPD, name="sipd")
                link.send(Hello(program="bench"))
                link.send(SetTrunks(sip=sip, country="CN"))
            time.sleep(0.05)  # noqa: TID251  # sipd is another process
            continue
        with contextlib.suppress(LinkError, TimeoutError):
            for message in link.wait(100):
                if isinstance(message, TrunksSeen) and message.trunks:
                    last = message.trunks[0]
        if last is not None and last.state in {"registered", "waiting"}:
            return last
    return last


def main() -> int:
    """Every case; how many were not met as they should be, as a status."""
    failed = 0
    for name, (leaf, check, wanted) in CASES.items():
        seen = trunk_with(leaf, check=check)
        held = seen is not None and seen.up == wanted and (wanted or bool(seen.reason))
        failed += not held
        said = f"{seen.state}: {seen.reason}" if seen else "sipd did not say"
        print(f"{'held  ' if held else 'FAILED'}  {name}: {said}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
