"""What goes over an exchange line in an office's conversations, as sound of the far side.

Everything here is a call that is alive, and much of it sounds like one that is over: music, a
telephone ringing in the room, a third party that is called and is busy, long holds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.bench.clearings import tone_sound
from tests.bench.row_of_lines import RATE_HZ
from tests.bench.world.exchanges import EXCHANGES, CallTone
from tests.conformance import generator_a, talker

Sound = npt.NDArray[np.float32]
SEGMENT_S = 60.0

BELLS = (  # ringers of sets in the room: two notes in quick change, in the cadences of E.180
    ((400, 200, 400, 2000), 1000.0, 1300.0),
    ((1000, 4000), 450.0, 600.0),
    ((2000, 4000), 440.0, 480.0),
    ((1000, 2000), 420.0, 420.0),
)


def speech(rng: np.random.Generator, samples: int) -> Sound:
    """Somebody talks, loud or faint."""
    return talker.talk(rng, samples, float(rng.uniform(-32, -14)))


def music(rng: np.random.Generator, samples: int) -> Sound:
    """The far side holds us with its own music, of either of two players."""
    if rng.random() < 0.5:
        return talker.music(rng, samples)
    seed = int(rng.integers(1 << 30))
    return generator_a.music(seed, rows=1, seconds=samples / RATE_HZ)[0]


def ringing_behind(rng: np.random.Generator, samples: int) -> Sound:
    """A telephone rings in the far room while somebody talks, and while he listens."""
    cadence, low_hz, high_hz = BELLS[rng.integers(len(BELLS))]
    t = np.arange(samples) / RATE_HZ
    warble = np.where((t * 20) % 1 < 0.5, low_hz, high_hz)
    bell = np.sin(2 * np.pi * np.cumsum(warble) / RATE_HZ)
    place = (t * 1000) % sum(cadence)
    edges = np.cumsum((0, *cadence))
    on = np.zeros(samples, bool)
    for begin, end in zip(edges[0:-1:2], edges[1::2], strict=True):
        on |= (place >= begin) & (place < end)
    bell *= on * generator_a.peak(float(rng.uniform(-38, -24)))
    spoken = speech(rng, samples)
    # He listens for some seconds now and then, with the bell alone on the line.
    for _ in range(4):
        at = int(rng.integers(max(samples - 8 * RATE_HZ, 1)))
        spoken[at : at + int(rng.uniform(2, 8) * RATE_HZ)] = 0.0
    return (bell + spoken).astype(np.float32)


def three_way(rng: np.random.Generator, samples: int) -> Sound:
    """The far side adds a third party: rings, or is busy for up to 3.5 s; two people talk."""
    exchange = list(EXCHANGES.values())[rng.integers(len(EXCHANGES))]
    sound = speech(rng, samples) + 0.7 * speech(rng, samples)
    at = int(rng.uniform(2, 5) * RATE_HZ)
    while at < samples - 12 * RATE_HZ:
        busy = rng.random() < 0.5
        seconds = float(rng.uniform(1.5, 3.5) if busy else rng.uniform(4, 11))
        tone: CallTone = exchange.busy if busy else exchange.ringback
        part = tone_sound(tone, seconds, float(rng.uniform(-30, -14)))
        sound[at : at + part.size] = part  # nobody says a word while it sounds
        at += part.size
        # After a busy third party people speak at once; after ringing he answers.
        reply = speech(rng, 4 * RATE_HZ)
        first = int(np.argmax(np.abs(reply) > 200))
        sound[at : at + reply.size - first] = reply[first : first + max(samples - at, 0)]
        at += int(rng.uniform(10, 25) * RATE_HZ)
    return sound.astype(np.float32)


def held(rng: np.random.Generator, samples: int) -> Sound:
    """Ours holds the far side with music: he is silent, our music comes back faintly."""
    return (music(rng, samples) * 10 ** (float(rng.uniform(-40, -25)) / 20)).astype(np.float32)


KINDS = (speech, music, ringing_behind, three_way, held)


def minute(rng: np.random.Generator, rows: int) -> Sound:
    """A minute of conversation on each line, its kind drawn by lot."""
    samples = int(SEGMENT_S * RATE_HZ)
    sound = np.stack([KINDS[rng.integers(len(KINDS))](rng, samples) for _ in range(rows)])
    sound += rng.standard_normal(sound.shape, np.float32) * np.float32(generator_a.peak(-60))
    return np.clip(sound, -32000, 32000)
