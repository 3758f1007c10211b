"""How an exchange announces a call: ring cadence, and the caller's identity where it belongs.

=============  ==================================================================================
after_ring     FSK in the first long pause of the ringing, 600 ms after the burst (GR-30: 0.5 to
               1.5 s after the first ring)
alert          reversal, 300 ms, DT-AS 100 ms, 150 ms, FSK, 400 ms, ring (BT SIN 227 / EN 300 659-1
               as access nodes send it)
dtmf           digits on the idle pair, then the first ring; India reverses the battery before
=============  ==================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.bench.world.copper import Samples
from tests.bench.world.identity import dtmf_keys, mdmf, sdmf
from tests.bench.world.keypad import key_sounds
from tests.bench.world.level import RATE_HZ, noise, sine
from tests.bench.world.modem import MODULATIONS, fsk_sound

if TYPE_CHECKING:
    from tests.bench.world.exchange_line import ExchangeLine

AFTER_BURST_MS = 600.0
LONG_PAUSE_MS = 1500.0  # a shorter pause between bursts has no room for data
REVERSAL_TO_ALERT_MS = 300.0
ALERT_MS = 100.0
ALERT_DBM0 = -13.0  # each tone
ALERT_TO_DATA_MS = 150.0
DATA_TO_RING_MS = 400.0
DTMF_AFTER_MS = 300.0  # from reversal, or from when the call reached the line
DTMF_MS = 70.0
DATE = "01020304"  # month, day, hour, minute: fixed, so that runs are alike


class Alerting:
    """One incoming call up to its answer."""

    def __init__(
        self,
        line: ExchangeLine,
        number: str,
        name: str,
        caller_id: str | None,
        kind: str,
        shape: dict[str, float],
    ) -> None:
        self._line = line
        exchange = line.exchange
        self._way = exchange.caller_id if caller_id is None else caller_id
        if self._way not in {"fsk", "dtmf", "none"}:
            raise ValueError(f"{line.name}: caller id by {self._way!r} is none of fsk, dtmf, none")
        if kind not in {"number", "private", "unavailable"}:
            raise ValueError(f"{line.name}: {kind!r} is none of number, private, unavailable")
        self._sound = self._render(number, name, kind, shape)
        self._sent = False
        self._cadence = exchange.ring_ms

    def _render(self, number: str, name: str, kind: str, shape: dict[str, float]) -> Samples:
        exchange = self._line.exchange
        noise_dbm0 = shape.pop("noise_dbm0", None)
        if self._way == "fsk":
            # A network without names sends the single form; both must be read.
            message = mdmf(number, name, DATE, kind) if name else sdmf(number, DATE, kind)
            sound = fsk_sound(message, MODULATIONS[exchange.modulation], **shape)
        elif self._way == "dtmf":
            keys = dtmf_keys(number, kind, exchange.dtmf_frame)
            sound = key_sounds(keys, tone_ms=DTMF_MS, pause_ms=DTMF_MS, **shape)
        else:
            return np.zeros(0, np.float32)
        if noise_dbm0 is not None:
            sound = sound + noise(noise_dbm0, len(sound), self._line.seed + 2)
        return sound

    def begin(self) -> None:
        """Start: data first where the country does so, else the first ring."""
        line = self._line
        exchange = line.exchange
        before = 0.0
        if self._way == "dtmf":
            if exchange.dtmf_reversal:
                line.reverse()
            before = DTMF_AFTER_MS
            self._after(before, self._send)
        elif self._way == "fsk" and exchange.place == "alert":
            line.reverse()
            tone = sine(2130.0, ALERT_DBM0, ALERT_MS) + sine(2750.0, ALERT_DBM0, ALERT_MS)
            self._after(REVERSAL_TO_ALERT_MS, lambda: line.mouth.say(tone, line.timeline.base))
            before = REVERSAL_TO_ALERT_MS + ALERT_MS + ALERT_TO_DATA_MS
            self._after(before, self._send)
        if before:
            before += len(self._sound) * 1000.0 / RATE_HZ + DATA_TO_RING_MS
        self._after(before, lambda: self._ring(0))

    def _after(self, ms: float, act) -> None:
        self._line.timeline.after(ms, act, "alerting")

    def _send(self) -> None:
        self._sent = True
        self._line.mouth.say(self._sound, self._line.timeline.base)

    def _ring(self, place: int) -> None:
        cadence = self._cadence
        on = place % 2 == 0
        self._line.ring(on=on)
        self._line.bursts_sent += on
        length = cadence[place]
        if not on and not self._sent and self._way == "fsk" and length >= LONG_PAUSE_MS:
            self._after(AFTER_BURST_MS, self._send)
        self._after(length, lambda: self._ring((place + 1) % len(cadence)))
