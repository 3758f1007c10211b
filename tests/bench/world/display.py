"""The caller-ID display of a telephone: listens to the idle pair and decodes what it hears.

Nobody tells it a number. It collects sound while the handset is down, and when the sound ends (or
ring voltage comes) looks for FSK messages with a right checksum and for DTMF identities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.dtmf_ear import decode_dtmf
from tests.bench.world.fsk_ear import decode_fsk, modulation_heard
from tests.bench.world.identity import Identity, read_keys, read_message
from tests.bench.world.level import RATE_HZ, rms_of, samples_of

DEAF_DBM0 = -48.0  # GR-30: a display must not react to -48.2 dBm and less
QUIET_MS = 250.0  # longer than the 150 ms between DT-AS and data
LONGEST_MS = 5000.0
KEPT_MS = 2500.0  # longer than any message, should sound never end
ALERT_HZ = (2130.0, 2750.0)
ALERT_LEAST_MS = 70.0  # BT SIN 227: 88 to 110 ms are sent; a set may ignore what is much shorter
RING_MEMORY_MS = 8000.0
ALERT_MEMORY_MS = 2000.0


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a finished span: alert signals (start, length in ms) and identities."""

    alerts: list[tuple[int, float]]
    identities: list[Identity]
    lamp: bool | None = None


def read_span(sound: Samples) -> Found:
    """Everything a display looks for; tens of milliseconds of work for a message."""
    return Found(alerts_in(sound), identities_in(sound), lamp_in(sound))


def read_at_once(sound: Samples, tell: Callable[[Found], None]) -> None:
    """Read and tell in the caller's time, as in virtual time nobody minds."""
    tell(read_span(sound))


class Display:
    """``shown`` grows by what was decoded. ``reader`` may read later and elsewhere.

    ``needs`` is what wakes the set up: "" for a set that always listens, "ring" for one that
    listens after a ring, "alert" for one that waits for the alert tone (DT-AS).
    """

    def __init__(self, needs: str = "") -> None:
        if needs not in {"", "ring", "alert"}:
            raise ValueError(f"display needs {needs!r}: nothing, ring or alert")
        self.needs = needs
        self.reader: Callable[[Samples, Callable[[Found], None]], None] = read_at_once
        self.shown: list[Identity] = []
        self.alerts: list[tuple[int, float]] = []  # DT-AS heard: when, how long in ms
        self.lamp = False  # the sign for waiting messages, as it was told last
        self.ignored: list[Identity] = []  # decoded, but the set was not awake
        self._parts: list[Samples] = []
        self._held = 0
        self._from = 0
        self._loud_until = 0
        self._rang_ms = -1_000_000

    def hear(self, start: int, sound: Samples | None, count: int) -> None:
        """One block of the idle pair, from sample ``start``."""
        if sound is not None and float(np.dot(sound, sound)) > count * rms_of(DEAF_DBM0) ** 2:
            if not self._parts:
                self._from = start
            self._loud_until = start + count
        elif not self._parts:
            return
        self._parts.append(np.zeros(count, np.float32) if sound is None else sound)
        self._held += count
        if start + count - self._loud_until > samples_of(QUIET_MS):
            self.decide()
        elif self._held > samples_of(LONGEST_MS):
            self.decide(keep=samples_of(KEPT_MS))

    def rang(self, at_ms: int) -> None:
        """Ring voltage came: what was heard up to now is complete."""
        self._rang_ms = at_ms
        self.decide()

    def decide(self, keep: int = 0) -> None:
        """Decode what was collected and forget it, except for the last ``keep`` samples."""
        if not self._parts:
            return
        sound = np.concatenate(self._parts)
        start_ms = self._from * 1000 // RATE_HZ
        end_ms = (self._from + len(sound)) * 1000 // RATE_HZ
        self._parts, self._held = [], 0
        if keep:
            self._parts, self._held = [sound[-keep:]], keep
            self._from += len(sound) - keep
        self.reader(sound, lambda found: self._found(found, start_ms, end_ms))

    def _found(self, found: Found, start_ms: int, end_ms: int) -> None:
        for at_ms, length_ms in found.alerts:
            self.alerts.append((start_ms + at_ms, length_ms))
        if found.lamp is not None:
            self.lamp = found.lamp
        for identity in found.identities:
            self._show(replace(identity, at_ms=end_ms), start_ms)

    def _show(self, identity: Identity, start_ms: int) -> None:
        if self.shown:
            last = self.shown[-1]
            again = replace(last, at_ms=identity.at_ms) == identity
            if again and identity.at_ms - last.at_ms < LONGEST_MS:
                return
        awake = (
            not self.needs
            or (self.needs == "ring" and start_ms - self._rang_ms < RING_MEMORY_MS)
            or (
                self.needs == "alert"
                and any(identity.at_ms - at < ALERT_MEMORY_MS + KEPT_MS for at, _ in self.alerts)
            )
        )
        (self.shown if awake else self.ignored).append(identity)


def identities_in(sound: Samples) -> list[Identity]:
    """Every identity in a finished span; the same message read by both demodulators is one."""
    found: list[Identity] = []
    messages = dict.fromkeys(message for _, message in decode_fsk(sound))
    for message in messages:
        identity = read_message(message, f"fsk_{modulation_heard(sound)}")
        if identity is not None:
            found.append(identity)
    if not found:
        by_keys = read_keys("".join(digit.key for digit in decode_dtmf(sound)))
        if by_keys is not None:
            found.append(by_keys)
    return found


def lamp_in(sound: Samples) -> bool | None:
    """What the last message about waiting messages in a span says; None if there is none.

    EN 300 659-3: type 82h, parameter 0Bh (visual indicator), FFh is on and 00h is off.
    """
    told: bool | None = None
    for _, message in decode_fsk(sound):
        body = message[2:-1] if message[0] == 0x82 else b""
        at = 0
        while at + 2 < len(body):
            if body[at] == 0x0B:
                told = {0xFF: True, 0x00: False}.get(body[at + 2], told)
            at += 2 + body[at + 1]
    return told


def alerts_in(sound: Samples) -> list[tuple[int, float]]:
    """Dual-tone alert signals: start and length in ms. Frames of 20 ms every 5 ms."""
    frame, hop = samples_of(20), samples_of(5)
    if len(sound) < frame:
        return []
    frames = np.lib.stride_tricks.sliding_window_view(sound, frame)[::hop]
    time = np.arange(frame) / RATE_HZ
    total = np.sum(np.square(frames), axis=1)
    floor = frame * rms_of(DEAF_DBM0) ** 2
    pure = total > floor
    both = np.zeros(len(frames))
    for hz in ALERT_HZ:
        part = np.abs(frames @ np.exp(-2j * np.pi * hz * time)) ** 2 * 2.0 / frame
        pure &= part > 0.15 * total
        both += part
    pure &= both > 0.7 * total
    edges = np.flatnonzero(np.diff(np.concatenate(([0], pure.astype(int), [0]))))
    found: list[tuple[int, float]] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        # A frame counts from when most of it is tone: half a frame is lost at both ends.
        length = float((last - first) * 5 + 10)
        if length >= ALERT_LEAST_MS:
            found.append((int(first * 5 + 5), length))
    return found
