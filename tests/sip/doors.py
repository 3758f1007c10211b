"""The doors by TCP and TLS, and names that nobody answers for: ``python -m tests.sip.doors``.

A conversation goes on by UDP meanwhile. Strangers and the peer itself open 500 connections and say
nothing, or a byte now and then; callers come with certificates of every kind; a server of names is
silent. A real caller must get through within a second, connections that say nothing must be gone
after the stated time, and sipd must hold no more than before.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import ssl
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import trustme

from firmware.core.sip_events import SipEnded
from firmware.core.sip_settings import SipTrunk
from tests.sip.run import wait_for
from tests.sip.siege import HERE, MOST_GROWTH_MB, PEER, Siege, Suffered

CONNECTIONS: Final = 500
STRANGER: Final = "127.0.0.8"
GONE_S: Final = 12.0
"""Without a whole message: 10 s by TCP (image/pjproject/config_site.h), 5 s for the handshake of
TLS; two more until a look."""
TAKING_S: Final = 12
"""Five hundred connections are taken one by one, beside everything else that sipd does."""
HANDSHAKES_MB: Final = 40.0
"""Five hundred handshakes of TLS at once: 50 kB each, measured, and as much again to spare."""
CALLER_S: Final = 1.0
MOST_LEFT: Final = 8  # two pairs of sound, two of connections: of calls that ended a moment ago
HALF: Final = {
    "tcp": b"INVITE sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.9;branch=z9hG4bKslow\r\n",
    # The head of a ClientHello of 512 octets, and a part of it: RFC 8446, clause 5.1.
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5a" * 80,
}
AUTHORITY: Final = trustme.CA()
NOBODY: Final = trustme.CA()
LONG_AGO: Final = {
    "not_before": datetime(2020, 1, 1, tzinfo=UTC),
    "not_after": datetime(2021, 1, 1, tzinfo=UTC),
}
CALLERS: Final = {
    # what he shows: certificate, whether his call rings
    "the peer's own": (AUTHORITY.issue_cert(PEER), True),
    "for another name": (AUTHORITY.issue_cert("other.example"), False),
    "expired": (AUTHORITY.issue_cert(PEER, **LONG_AGO), False),
    "of an authority that we do not know": (NOBODY.issue_cert(PEER), False),
    "none": (None, False),
}
SILENT: Final = "127.1.2.3"  # a server of names that says nothing
NAMED: Final = SipTrunk(
    name="by name", lines=("sip/8",), host="sip.slow.example", register=False, user="021"
)
BY: Final = tuple(
    SipTrunk(
        name=f"by {kind}",
        lines=(line,),
        host=PEER,
        register=False,
        user="021",
        transport=kind,  # type: ignore[arg-type]  # from the row below
        numbers={"100": "flow:main"},
    )
    for kind, line in (("tcp", "sip/6"), ("tls", "sip/7"))
)


def invite(siege: Siege, kind: str, source: tuple[str, int]) -> str:
    """A call of the peer over a connection."""
    text = siege.request("INVITE", source, "100", 0).decode()
    return text.replace("SIP/2.0/UDP", f"SIP/2.0/{kind.upper()}")


def within(asked: str, method: str, number: int, to: str) -> bytes:
    """A request within the call that this INVITE began."""
    changed = {
        "Via": lambda line: f"{line}{method}",
        "To:": lambda _line: to,
        "CSe": lambda _line: f"CSeq: {number} {method}",
        "INV": lambda line: line.replace("INVITE", method, 1),
        "Con": lambda line: "" if line.startswith("Content") else line,
    }
    lines = asked.partition("\r\n\r\n")[0].split("\r\n")
    made = [changed.get(line[:3], str)(line) for line in lines]
    return "\r\n".join([*filter(None, made), "Content-Length: 0", "", ""]).encode()


def shown(leaf: trustme.LeafCert | None) -> ssl.SSLContext:
    """How a caller meets the box; what the box shows is not his concern here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if leaf is not None:
        leaf.configure_cert(context)
    return context


def call_takes_s(siege: Siege, kind: str, leaf: trustme.LeafCert | None = None) -> float:
    """From the first packet of a connection to the answer of its call; 99 if none came."""
    begun = time.monotonic()
    wire = socket.socket()
    try:
        wire.bind((PEER, 0))
        wire.settimeout(4)
        wire.connect((HERE, siege.box.port + (kind == "tls")))
        if kind == "tls":
            wire = shown(leaf).wrap_socket(wire)
        asked = invite(siege, kind, wire.getsockname())
        wire.sendall(asked.encode())
        heard = b""
        while b"SIP/2.0 200" not in heard or b"m=audio" not in heard:
            packet = wire.recv(8_192)
            if not packet:
                return 99.0
            heard += packet
        took = time.monotonic() - begun
        to = next(x for x in heard.decode().split("\r\n")[::-1] if x.startswith("To:"))
        wire.sendall(within(asked, "ACK", 1, to) + within(asked, "BYE", 2, to))
        while b"CSeq: 2 BYE" not in heard:
            heard += wire.recv(8_192) or b"CSeq: 2 BYE"
    except (OSError, StopIteration):
        return 99.0
    finally:
        wire.close()
    return took


def descriptors(siege: Siege) -> int:
    """How many sipd holds."""
    return len(os.listdir(f"/proc/{siege.box.process.pid}/fd"))  # noqa: PTH208  # of the kernel


class HalfOpen:
    """Connections that never say anything whole; what came of them.

    Args:
        siege: Whom they are opened to.
        kind: ``tcp`` or ``tls``.
        host: From where.
    """

    def __init__(self, siege: Siege, kind: str, host: str) -> None:
        self._siege, self._kind, self._host = siege, kind, host
        self.taken = self.most = self.left = 0
        self.caller_s = self.alone_s = 99.0
        self.gone_s = 0.0

    def attack(self) -> int:
        """Open them, feed them, call meanwhile, wait until they are gone."""
        siege, text = self._siege, HALF[self._kind]
        self.alone_s = call_takes_s(siege, self._kind, CALLERS["the peer's own"][0])
        before = descriptors(siege)
        wires = []
        for _ in range(CONNECTIONS):
            wire = socket.socket()
            wire.bind((self._host, 0))
            wire.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                wire.connect((HERE, siege.box.port + (self._kind == "tls")))
            wires.append(wire)
        begun = time.monotonic()
        pause = siege.peer.wait
        for at in range(int(GONE_S) + TAKING_S):
            open_now = [wire for wire in wires if fed(wire, text[at * 8 : at * 8 + 8])]
            self.most = max(self.most, descriptors(siege) - before)
            if at == 1:
                self.taken = len(open_now)
                self.caller_s = call_takes_s(siege, self._kind, CALLERS["the peer's own"][0])
            if open_now:
                self.gone_s = time.monotonic() - begun
            elif at > 1:
                break
            pause(lambda: False, max(0.0, begun + at + 1 - time.monotonic()))
        self.left = descriptors(siege) - before
        for wire in wires:
            wire.close()
        return 0

    def wrong(self) -> str:
        """What of it is not as it should be."""
        found = []
        if self._host == STRANGER and self.taken:
            found.append(f"{self.taken} connections of strangers were taken")
        if self.caller_s > self.alone_s + CALLER_S:
            found.append(f"a caller waited {self.caller_s:.1f} s, alone {self.alone_s:.1f}")
        if self.left > MOST_LEFT:
            found.append(f"{self.left} descriptors are left")
        return "; ".join(found)

    def __str__(self) -> str:
        return (
            f"{self.taken} taken, {self.most} descriptors at most, {self.left} left, the last open "
            f"after {self.gone_s:.0f} s, a caller got through in {1_000 * self.caller_s:.0f} ms, "
            f"{1_000 * self.alone_s:.0f} before"
        )


def fed(wire: socket.socket, piece: bytes) -> bool:
    """Give it some more; whether it is open."""
    try:
        wire.getpeername()
        wire.send(piece)
        return wire.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def certificates(siege: Siege) -> list[tuple[str, str]]:
    """Callers with certificates of every kind; whose call did not do what it should."""
    found = []
    for name, (leaf, rings) in CALLERS.items():
        begins = len(siege.box.words)
        got = call_takes_s(siege, "tls", leaf) < 99
        rang = any(word.startswith("rings") for word in siege.box.words[begins:])
        wrong = "" if got is rings and rang is rings else f"answered {got}, rang {rang}"
        found.append((f"a caller by TLS shows a certificate: {name}", wrong))
    return found


def silent_names(siege: Siege) -> tuple[float, float]:
    """Calls to a name that nobody answers for: when they are over, and how long others wait."""
    box = siege.box
    told = len(box.told)
    begun = time.monotonic()
    box.call("13900139000", "sip/8")

    def over() -> bool:
        return any(isinstance(e, SipEnded) and e.port == "sip/8" for e in box.told[told:])

    ended = wait_for(over, 8)
    ended_s = time.monotonic() - begun if ended else 99.0
    waits = []
    for _ in range(5):
        # The name is asked for at each of them anew.
        box.call("13900139000", "sip/8")
        waits.append(call_takes_s(siege, "tcp"))
        siege.peer.wait(lambda: False, 0.3)
    return ended_s, max(waits)


def _tell(
    name: str, had: Suffered | None, wrong: str, beside: str = "", most_mb: float = MOST_GROWTH_MB
) -> bool:
    sound = ""
    if had is not None:
        wrong = "; ".join(part for part in (wrong, had.wrong(most_mb)) if part)
        sound = f": sound {had.share:.1%}, memory {had.growth_mb:+.1f} MB"
    print(f"{'FAILED  ' if wrong else 'held    '}  {name}{sound} {beside} {wrong}", flush=True)
    return bool(wrong)


def main() -> int:
    """Every door; status 1 if a pass mark is missed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    own = os.environ.get("TIPRING_PJSUA2")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tipring-names-") as folder:
        resolv = Path(folder) / "resolv.conf"
        resolv.write_text(f"nameserver {SILENT}\n", encoding="ascii")
        apart = (
            (
                "unshare",
                "-m",
                "sh",
                "-c",
                f'mount --bind {resolv} /etc/resolv.conf && exec "$@"',
                "sh",
            )
            if os.geteuid() == 0
            else ()
        )
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if apart:
            silent.bind((SILENT, 53))
        trusted = AUTHORITY.cert_pem.bytes().decode()
        with silent, Siege(also=(*BY, NAMED), authority=trusted, within=apart) as siege:
            # Only now, so that sipd has no more than its unit gives it.
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
            for kind in ("tcp", "tls"):
                for who, host in (("strangers", STRANGER), ("the peer", PEER)):
                    if host == PEER and not own:
                        print("left out  the peer's own: the library for development has no limit")
                        continue
                    # What the first five hundred took the process keeps for the next.
                    for most_mb in (HANDSHAKES_MB, MOST_GROWTH_MB):
                        doors = HalfOpen(siege, kind, host)
                        had = siege.suffer(doors.attack)
                        name = f"{CONNECTIONS} half-open connections by {kind.upper()} of {who}"
                        failed += _tell(name, had, doors.wrong(), str(doors), most_mb)
            for name, wrong in certificates(siege):
                failed += _tell(name, None, wrong)
            if apart:
                times: list[float] = []

                def ask() -> int:
                    times.extend(silent_names(siege))
                    return 0

                had = siege.suffer(ask)
                over_s, waits_s = times
                wrong = f"over after {over_s:.1f} s" if over_s > 5 else ""
                wrong += f"; others waited {waits_s:.1f} s" if waits_s > CALLER_S else ""
                beside = f"over after {1_000 * over_s:.0f} ms, others {1_000 * waits_s:.0f} ms"
                failed += _tell("calls while the server of names is silent", had, wrong, beside)
            told = [word for word in siege.box.words if word.startswith("stranger")]
            print(f"security events: {', '.join(sorted(set(told)))}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
