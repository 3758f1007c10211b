"""Many far ends of trunks that talk at the same time, for little processor of their own.

Signalling is that of :class:`tests.bench.sip_peer.SipPeer`. Sound is sent by one thread for all of
them, coded beforehand; what comes is left in the sockets, where the first packets after
:meth:`Chorus.listen` wait until somebody asks how loud they were.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Sequence
from typing import Final, Self

import numpy as np

from firmware.media import g711
from tests.bench.sip_peer import PACKET_SAMPLES, PCMA, RTP, Message, SipPeer

PACKET_S: Final = PACKET_SAMPLES / 8_000
STOP_S: Final = 0.5  # a thread looks so often whether it is to end
LONGEST: Final = 2_048
LOOKED_AT: Final = 50  # packets: a second


class FarEnd(SipPeer):
    """One far end; its sound is the chorus's.

    Args:
        host: Own address.
        answer: See :class:`tests.bench.sip_peer.SipPeer`.
        rings_s: See there.
    """

    def __init__(
        self, host: str = "127.0.0.1", answer: Sequence[int] = (180, 200), rings_s: float = 0.2
    ) -> None:
        super().__init__(host, answer, rings_s)
        self._sound.setblocking(False)

    @staticmethod
    def _bound(host: str) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((host, 0))
        made.settimeout(STOP_S)
        return made

    def _sounding(self) -> None:
        """Nothing: :class:`Chorus` sends for all."""

    def speak_by(self, signals: socket.socket) -> None:
        """Be one of many behind a socket that somebody else reads."""
        self._signals.close()
        self._signals = signals
        self.port = int(signals.getsockname()[1])

    def silent(self) -> None:
        """The call is over."""
        self._far_sound = None
        self.seen.clear()

    def close_sound(self) -> None:
        """The end of one of many."""
        self._far_sound = None
        self._sound.close()

    def end(self) -> None:
        """Let the threads end; who waits for one waits for all."""
        self._stop.set()

    def send(self, packet: bytes) -> None:
        """A packet of sound, if somebody is there."""
        if self._far_sound is not None:
            with contextlib.suppress(OSError):
                self._sound.sendto(packet, self._far_sound)

    def forget(self) -> None:
        """Throw away what came so far."""
        self._packets(most=100_000)

    def loudness(self) -> float:
        """Root of the mean square of the first packets since, 0 where none came."""
        bodies = [p[RTP.size :] for p in self._packets(LOOKED_AT) if p[1] & 0x7F == PCMA]
        if not bodies:
            return 0.0
        codes = np.frombuffer(b"".join(bodies), np.uint8)
        linear = np.zeros(codes.size, np.float32)
        g711.decode(codes, linear, "a")
        return float(np.sqrt(np.square(linear).mean()))

    def _packets(self, most: int) -> list[bytes]:
        found: list[bytes] = []
        with contextlib.suppress(BlockingIOError):
            while len(found) < most:
                found.append(self._sound.recv(LONGEST))
        return [packet for packet in found if len(packet) > RTP.size]


class FarOffice:
    """A far side that takes any number of calls on one port, each with a far end of its own.

    Args:
        host: Own address.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.ends: list[FarEnd] = []
        self._calls: dict[str, FarEnd] = {}
        self._host = host
        self._signals = FarEnd._bound(host)
        self.port = int(self._signals.getsockname()[1])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2)
        self.forget_calls()
        self._signals.close()

    def forget_calls(self) -> None:
        """Nobody is in a call any more."""
        for end in self.ends:
            end.close_sound()
        self.ends = []
        self._calls.clear()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                packet, source = self._signals.recvfrom(65_535)
            except TimeoutError:
                continue
            except OSError:
                return
            if len(packet) < 8:
                continue
            message = Message(packet.decode(errors="replace"))
            name = message.get("call-id")
            end = self._calls.get(name)
            if end is None:
                end = FarEnd(self._host, answer=(200,), rings_s=0.0)
                end.speak_by(self._signals)
                if message.code or message.method != "INVITE":  # of a call that was forgotten
                    end.take(message, source)
                    end.close_sound()
                    continue
                self._calls[name] = end
                self.ends = [*self.ends, end]  # the chorus may be singing from the old one
            end.take(message, source)


class Chorus:
    """Far ends, all of which say the same.

    Args:
        ends: Who calls.
        office: Who is called.
        sound: What they say, again and again, 8 kHz, full scale 32767.
    """

    def __init__(self, ends: Sequence[FarEnd], office: FarOffice, sound: np.ndarray) -> None:
        self.ends = ends
        self.office = office
        whole = sound[: sound.size // PACKET_SAMPLES * PACKET_SAMPLES].astype(np.float32)
        codes = np.zeros(whole.size, np.uint8)
        g711.encode(whole, codes, "a")
        self._codes = [part.tobytes() for part in codes.reshape(-1, PACKET_SAMPLES)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)

    def __enter__(self) -> Self:
        for end in self.ends:
            end.__enter__()
        self.office.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2)
        for end in self.ends:
            end.end()
        for end in self.ends:
            end.__exit__()
        self.office.__exit__()

    def listen(self) -> None:
        """From now on it counts what each of them hears."""
        for end in (*self.ends, *self.office.ends):
            end.forget()

    def _talk(self) -> None:
        due = time.monotonic()
        number = 0
        while not self._stop.is_set():
            head = RTP.pack(0x80, PCMA, number & 0xFFFF, number * PACKET_SAMPLES & 0xFFFFFFFF, 7)
            packet = head + self._codes[number % len(self._codes)]
            for end in (*self.ends, *self.office.ends):
                end.send(packet)
            number += 1
            due = max(due + PACKET_S, time.monotonic() - 1.0)  # a stall is no flood behind it
            self._stop.wait(max(0.0, due - time.monotonic()))
