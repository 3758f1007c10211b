"""A box under attack: a conversation goes on over its trunk while strangers do what they do.

The peer is at an address of its own on loopback, so that whoever comes from another one is a
stranger, as on an office's network. The peer says a tone; what the box hears it gives back, so a
conversation that suffers is heard to suffer.
"""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple, Self

import numpy as np

from firmware.media import g711
from tests.bench.process_health import look
from tests.bench.sip_box import SipBox
from tests.bench.sip_peer import PACKET_SAMPLES, PCMA, RTP, SipPeer, level_of
from tests.sip.torture import messages

PEER = "127.0.0.9"
PEERS = (PEER, *(f"127.0.9.{number}" for number in range(1, 50)))
"""Addresses of one provider: of each the gate passes so many calls a second and no more."""
HERE = "127.0.0.1"
TONE_HZ, FORGED_HZ = 1_004.0, 1_400.0
HEARD_DBM0 = -25.0
NOT_HEARD_DBM0 = -45.0
LEAST_S = 1.5  # the conversation is listened to for so long at least
LEAST_SHARE = 0.9  # of the sound that is due; what is missing a busy machine may have delayed
MOST_GROWTH_MB = 10.0


class Suffered(NamedTuple):
    """What the conversation had of an attack, and the process."""

    share: float  # of the sound that was due
    level_dbm0: float
    forged_dbm0: float
    growth_mb: float
    answers: int  # that strangers got

    def wrong(self, most_growth_mb: float = MOST_GROWTH_MB) -> str:
        """Which pass mark is missed; empty if none is."""
        found = []
        if self.share < LEAST_SHARE:
            found.append(f"only {self.share:.0%} of the sound came")
        if self.level_dbm0 < HEARD_DBM0:
            found.append(f"the tone came at {self.level_dbm0:.0f} dBm0")
        if self.forged_dbm0 > NOT_HEARD_DBM0:
            found.append(f"forged sound was heard at {self.forged_dbm0:.0f} dBm0")
        if self.growth_mb > most_growth_mb:
            found.append(f"memory grew by {self.growth_mb:.1f} MB")
        if self.answers:
            found.append(f"strangers got {self.answers} answers")
        return "; ".join(found)


class Siege:
    """The box, its peer, their conversation.

    Args:
        seed: Of every draw.
        more: How the box differs, as :class:`SipBox` takes it.
    """

    def __init__(self, seed: int = 5, **more: Any) -> None:
        self.random = random.Random(seed)
        self.peer = SipPeer(PEER, answer=(180, 200))
        self.box = SipBox(self.peer.port, "udp", {"100": "flow:main"}, **more)

    def __enter__(self) -> Self:
        self.peer.__enter__()
        self.box.__enter__()
        self.box.set_trunk(host=PEER, port=self.peer.port, peers=PEERS)
        self.talk()
        return self

    def __exit__(self, *_: object) -> None:
        self.peer.bye()
        self.peer.wait(lambda: 200 in self.peer.answers("BYE"), 3)
        self.box.close()
        self.peer.__exit__()

    @property
    def at(self) -> tuple[str, int]:
        """Where the box listens."""
        return (HERE, self.box.port)

    def talk(self) -> None:
        """The peer calls and begins its tone."""
        self.peer.call(self.at, "100", "13800138000")
        if not self.peer.wait(lambda: 200 in self.peer.codes(), 10):
            raise RuntimeError(f"the peer's call was not answered: {self.peer.codes()}")

    def sound_port(self) -> int:
        """Where the box hears sound, from its own description."""
        answer = next(m for m in self.peer.seen if m.code == 200 and m.body)
        return int(answer.body.partition("m=audio ")[2].split()[0])

    def suffer(self, attack: Callable[[], int]) -> Suffered:
        """Let something be done to the box; ``attack`` says how many answers strangers got."""
        before = look(self.box.process.pid, 0)
        self.peer.tone(TONE_HZ, 120.0)
        self.peer.wait(lambda: level_of(self.peer.hear(), TONE_HZ) > HEARD_DBM0, 3)
        self.peer.hear()
        begin = time.monotonic()
        answers = attack()
        _until(begin + LEAST_S)
        heard = self.peer.hear()
        seconds = time.monotonic() - begin
        self.peer.say(np.zeros(0, np.float32))
        if self.box.process.poll() is not None:
            raise RuntimeError(f"sipd ended with {self.box.process.returncode}")
        after = look(self.box.process.pid, 0)
        pieces = [heard[n : n + 8_000] for n in range(0, max(1, heard.size - 7_999), 8_000)]
        return Suffered(
            share=heard.size / 8_000 / seconds,
            level_dbm0=float(np.median([level_of(piece, TONE_HZ) for piece in pieces])),
            forged_dbm0=max(level_of(piece, FORGED_HZ) for piece in pieces),
            growth_mb=(after.anonymous_kb - before.anonymous_kb) / 1_024,
            answers=answers,
        )

    # --- what is done to it -------------------------------------------------------------------

    def flood(self, method: str, rate: int, seconds: float, sources: list[str], to: str) -> int:
        """So many requests a second, from these addresses by turns; answers that came back."""
        sockets = []
        for host in sources:
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind((host, 0))
            made.setblocking(False)
            sockets.append(made)
        answers = 0
        due = time.monotonic()
        for number in range(int(rate * seconds)):
            one = sockets[number % len(sockets)]
            one.sendto(self.request(method, one.getsockname(), to, number), self.at)
            due += 1 / rate
            answers += _drain(one)
            _until(due)
        _until(time.monotonic() + 0.5)
        for one in sockets:
            answers += _drain(one)
            one.close()
        return answers

    def request(self, method: str, source: tuple[str, int], to: str, number: int) -> bytes:
        """A request as a stranger writes it."""
        host, port = source
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 8\r\n"
            if method == "INVITE"
            else ""
        )
        token = f"{number}x{self.random.getrandbits(48):x}"
        lines = [
            f"{method} sip:{to}@{HERE}:{self.box.port} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{token}",
            f"From: <sip:a@{host}>;tag={token}",
            f"To: <sip:{to}@{HERE}>",
            f"Call-ID: {token}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:a@{host}:{port}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def mutated(self, count: int, host: str, rate: int = 1_000) -> int:
        """Messages of RFC 4475 and requests, each with a few bytes changed, cut or doubled.

        The peer's come from all its addresses by turns, or the gate would keep most of them back.
        """
        seeds = [*messages().values(), self.request("INVITE", (host, 5_060), "100", 0)]
        answers = 0
        with ExitStack() as open_ones:
            sockets = []
            for source in PEERS if host == PEER else (host,):
                made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sockets.append(open_ones.enter_context(made))
                made.bind((source, 0))
                made.setblocking(False)
            due = time.monotonic()
            for number in range(count):
                one = sockets[number % len(sockets)]
                one.sendto(mutate(self.random.choice(seeds), self.random), self.at)
                answers += _drain(one)
                due += 1 / rate
                _until(due)
        return answers

    def forge_sound(self, rate: int, seconds: float) -> int:
        """Sound of a stranger into the conversation; packets of the box that he got."""
        at = (HERE, self.sound_port())
        codes = np.zeros(PACKET_SAMPLES, np.uint8)
        t = np.arange(PACKET_SAMPLES)
        tone = 12_000 * np.sin(2 * np.pi * FORGED_HZ * t / 8_000)
        g711.encode(tone.astype(np.float32), codes, "a")
        got = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.8", 0))
            one.setblocking(False)
            due = time.monotonic()
            for number in range(int(rate * seconds)):
                # Half with the source's number that the peer has (RFC 3550, clause 5.1), half not.
                source = 7 if number % 2 else 99
                head = RTP.pack(0x80, PCMA, number & 0xFFFF, number * PACKET_SAMPLES, source)
                one.sendto(head + codes.tobytes(), at)
                got += _drain(one)
                due += 1 / rate
                _until(due)
        return got

    def forge_reports(self, count: int) -> int:
        """Control packets that are short, long, compound, or say goodbye for the peer."""
        at = (HERE, self.sound_port() + 1)
        goodbye = struct.pack("!BBHI", 0x81, 203, 1, 7)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.8", 0))
            one.setblocking(False)
            for number in range(count):
                junk = self.random.randbytes(self.random.randrange(1, 1_400))
                one.sendto((goodbye, junk, goodbye * 40, b"\x81\xc8")[number % 4], at)
                _until(time.monotonic() + 0.002)
            return _drain(one)


def mutate(message: bytes, draw: random.Random) -> bytes:
    """The message with a few of its bytes changed, cut out, doubled, or much repeated."""
    text = bytearray(message)
    for _ in range(draw.randrange(1, 5)):
        at = draw.randrange(len(text)) if text else 0
        match draw.randrange(5):
            case 0:
                text[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del text[at : at + draw.randrange(1, 20)]
            case 2:
                text[at:at] = text[at : at + draw.randrange(1, 60)]
            case 3:
                text[at:at] = draw.choice([b"\0", b"\r\n", b"\xff\xfe", b"%00", b";", b'"', b"<"])
            case _:
                text[at:at] = draw.choice([b"A", b"9", b","]) * draw.randrange(1, 2_000)
    return bytes(text[:60_000])


def _drain(one: socket.socket) -> int:
    count = 0
    while True:
        try:
            one.recv(65_535)
        except (BlockingIOError, ConnectionError):
            return count
        count += 1


def _until(due: float) -> None:
    left = due - time.monotonic()
    if left > 0:
        time.sleep(left)  # noqa: TID251  # the rate of an attack on another process
