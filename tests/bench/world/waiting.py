"""What a telephone of Type II does in a conversation: hears the alert tone, answers, reads.

It falls silent when it hears 75 to 85 ms of 2130 and 2750 Hz, answers with DTMF D of 60 ms and
listens for FSK; nobody tells it a number.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.display import ALERT_HZ, identities_in
from tests.bench.world.identity import Identity
from tests.bench.world.level import RATE_HZ, rms_of, samples_of

FRAME_MS = 20
LEAST_MS = 60  # of frames that are nothing but the alert; 75 to 85 ms are sent
LEAST_DBM0 = -38.0
ANSWER_AFTER_MS = 20  # GR-30: the answer begins 0 to 100 ms behind the alert
LISTEN_MS = 1500


class WaitingDisplay:
    """``answer`` sends a key after some ms; ``show`` gets what was read."""

    def __init__(
        self, answer: Callable[[str, float], None], show: Callable[[Identity], None]
    ) -> None:
        self._answer = answer
        self._show = show
        self._parts: list[Samples] = []
        self._held = 0
        self._alert_ms = 0
        self._reading = 0  # samples still to be collected
        self.alerts = 0
        frame = samples_of(FRAME_MS)
        time = np.arange(frame) / RATE_HZ
        self._probe = np.exp(-2j * np.pi * np.outer(ALERT_HZ, time))

    def hear(self, sound: Samples | None, count: int) -> None:
        """One block of what the earpiece gets."""
        self._parts.append(np.zeros(count, np.float32) if sound is None else sound)
        self._held += count
        if self._reading:
            self._reading -= count
            if self._reading <= 0:
                self._read()
            return
        if self._held < samples_of(FRAME_MS):
            return
        frame = np.concatenate(self._parts)[-samples_of(FRAME_MS) :]
        self._parts, self._held = [], 0
        if self._is_alert(frame):
            self._alert_ms += FRAME_MS
        elif self._alert_ms >= LEAST_MS:
            self._alert_ms = 0
            self.alerts += 1
            self._answer("D", ANSWER_AFTER_MS)
            self._reading = samples_of(LISTEN_MS)
        else:
            self._alert_ms = 0

    def _is_alert(self, frame: Samples) -> bool:
        total = float(np.dot(frame, frame))
        if total < len(frame) * rms_of(LEAST_DBM0) ** 2:
            return False
        parts = np.abs(self._probe @ frame) ** 2 * 2.0 / len(frame)
        return bool((parts > 0.15 * total).all() and parts.sum() > 0.7 * total)

    def _read(self) -> None:
        sound = np.concatenate(self._parts)
        self._parts, self._held, self._reading = [], 0, 0
        for identity in identities_in(sound):
            self._show(identity)
