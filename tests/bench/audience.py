"""People from outside who listen to a party of the running town, or speak as it.

Sound travels in chunks, as signed 16-bit samples at 8 kHz in the machine's order. Nobody is waited
for: a listener who is slow loses chunks, a speaker who is far ahead is cut short.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.exchange_line import ALERTING, TALKING, ExchangeLine
from tests.bench.world.exchanges import tone_period
from tests.bench.world.level import samples_of
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

CHUNK_MS = 100.0
LEAD_MS = 60.0  # a speaker's first chunk waits so long, so that the next one comes in time
AHEAD_MS = 500.0  # what a speaker may have waiting; more only delays him
SEND_BUFFER = 8192  # the kernel's share: some five chunks, half a second


@dataclass(slots=True)
class Listener:
    """Somebody at a party's ear."""

    party: Party
    link: socket.socket
    heard: int  # up to this sample

    @classmethod
    def at(cls, party: Party, link: socket.socket) -> Listener:
        """Begin to listen now."""
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        link.setblocking(False)
        return cls(party, link, party.timeline.sample)

    def turn(self) -> bool:
        """Send a chunk if one is complete; False when the listener has gone."""
        start, stop = self.heard, self.party.timeline.sample
        if stop - start < samples_of(CHUNK_MS):
            return True
        self.heard = stop
        chunk = np.clip(ears(self.party, start, stop), -32768, 32767).astype(np.int16)
        try:
            self.link.send(chunk.tobytes(), socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return True  # this chunk is lost to him
        except OSError:
            return False
        return True


def ears(party: Party, start: int, stop: int) -> Samples:
    """What a person at that end hears between two samples.

    A caller whom the exchange has not connected yet hears its ringback, which never touches the
    pair to the box.
    """
    sound = party.ear.span(start, stop)
    if isinstance(party, ExchangeLine) and party.state == ALERTING:
        ringback = tone_period(party.exchange.ringback, party.exchange.level_dbm0)
        sound += ringback[np.arange(start, stop) % len(ringback)]
    return sound


def speak(party: Party, data: bytes) -> None:
    """Let the party say a chunk; where nobody could hear it, it is lost."""
    if isinstance(party, Telephone) and not party.off_hook:
        return
    if isinstance(party, ExchangeLine) and party.state != TALKING:
        return
    chunk = np.frombuffer(data[: len(data) // 2 * 2], np.int16).astype(np.float32)
    now, end = party.timeline.sample, party.mouth.end
    if end - now > samples_of(AHEAD_MS):
        return
    party.mouth.say(chunk, end if end > now else now + samples_of(LEAD_MS))
