"""A telephone on the bench: a hook, keys, a ringer, a display, a mouth and an ear.

It knows copper and nothing of the box: it rings when ring voltage reaches its terminals, and its
display shows what it decoded from the pair.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from tests.bench.world.copper import PairState, Samples, TerminalState
from tests.bench.world.display import Display
from tests.bench.world.exchanges import exchange_of
from tests.bench.world.identity import Identity
from tests.bench.world.keypad import key_sounds
from tests.bench.world.level import RATE_HZ
from tests.bench.world.party import Party, WorldError
from tests.bench.world.waiting import WaitingDisplay

BOUNCE_STEP_MS = 1.0


@dataclass(frozen=True, slots=True)
class Ringer:
    """What makes the bell sound: at least this voltage, within this band of frequency."""

    least_vrms: float = 35.0
    lowest_hz: float = 15.0
    highest_hz: float = 68.0
    silent_after_ms: float = 6500.0  # no burst for this long: the ringing is over


class Telephone(Party):
    """A copper terminal.

    Args:
        extension: its number, for people.
        country: fixes what wakes the display up (a set of GB waits for the alert tone).
        ringer: thresholds of the bell.
        return_loss_db: how much weaker the set's hybrid sends back what arrives; None is no echo.
        type_two: it shows who knocks while it is in a conversation.
        seed: for bounce and noise.
    """

    def __init__(
        self,
        extension: str,
        country: str = "CN",
        ringer: Ringer | None = None,
        return_loss_db: float | None = 18.0,
        seed: int = 0,
        *,
        type_two: bool = False,
    ) -> None:
        super().__init__(f"telephone {extension}", seed)
        self.extension = extension
        self.ringer = ringer or Ringer()
        exchange = exchange_of(country)
        needs = ""
        if exchange.caller_id == "fsk":
            needs = "alert" if exchange.place == "alert" else "ring"
        self.display = Display(needs)
        self.waiting = WaitingDisplay(self._answer_alert, self._shows) if type_two else None
        self.off_hook = False  # where the handset is
        self.bursts: list[list[int]] = []  # ring bursts: start and end in ms, end -1 while it lasts
        self.reversals: list[int] = []  # when the battery changed sides
        self.battery_breaks: list[int] = []  # when the battery went away while off-hook
        self.lifted_ms = -1
        self.voltage_v = 0.0
        self.current_ma = 0.0
        self._contact = False  # what the hook switch does, bounce and pulses included
        self._state = TerminalState()
        self._echo = 0.0 if return_loss_db is None else 10.0 ** (-return_loss_db / 20.0)
        self._random = random.Random(f"{extension}/{seed}")
        self._polarity = 0
        self._pulses_until = 0

    # --- a person ---

    def lift(self, bounce_ms: float = 0.0) -> None:
        """Take the handset up; the contact bounces for ``bounce_ms``."""
        if self.off_hook:
            raise WorldError(f"{self.name}: the handset is up already")
        self.display.decide()
        self.off_hook = True
        self.lifted_ms = self.now_ms
        self.note("lifts")
        self._move(closed=True, bounce_ms=bounce_ms)

    def replace(self, bounce_ms: float = 0.0) -> None:
        """Put the handset down."""
        if not self.off_hook:
            raise WorldError(f"{self.name}: the handset is down already")
        self.off_hook = False
        self.note("replaces")
        self.mouth.stop()
        self._move(closed=False, bounce_ms=bounce_ms)

    def flash(self, ms: float) -> None:
        """Press the recall key: the loop is open for ``ms``."""
        self.require_speech()
        self.note(f"flashes {ms:g} ms")
        self._set(closed=False)
        self.timeline.after(ms, lambda: self._set(closed=True), "hook")

    def dial_pulses(
        self, digits: str, pps: float = 10.0, break_ratio: float = 0.6, inter_digit_ms: float = 800
    ) -> None:
        """Turn the dial: each digit is as many breaks, 0 is ten.

        ``break_ratio`` is the share of the break in one pulse (0.6 Bell, 0.67 Europe).
        """
        self.require_speech()
        if not digits.isdecimal():
            raise WorldError(f"{self.name}: {digits!r} cannot be dialled by pulses, only 0 to 9")
        period = 1000.0 / pps
        at = max(0.0, (self._pulses_until - self.timeline.sample) * 1000.0 / RATE_HZ)
        for digit in digits:
            for _ in range(int(digit) or 10):
                self.timeline.after(at, lambda: self._set(closed=False), "hook")
                closing = at + period * break_ratio
                self.timeline.after(closing, lambda: self._set(closed=True), "hook")
                at += period
            at += inter_digit_ms
        self._pulses_until = self.timeline.sample + round(at * RATE_HZ / 1000.0)
        self.note(f"dials {digits} by pulses")

    def require_speech(self) -> None:
        """See ``Party``."""
        if not self.off_hook:
            raise WorldError(f"{self.name}: the handset is down; lift it first")

    # --- what a person notices ---

    @property
    def in_burst(self) -> bool:
        """The bell sounds at this moment."""
        return bool(self.bursts) and self.bursts[-1][1] < 0

    @property
    def ringing(self) -> bool:
        """The telephone rings: a burst, or the pause between two."""
        if not self.bursts or self.off_hook:
            return False
        start, end = self.bursts[-1]
        if start <= self.lifted_ms:
            return False
        return end < 0 or self.now_ms - end < self.ringer.silent_after_ms

    def ring_cadence_ms(self, since_ms: int = 0) -> list[int]:
        """On, off, on, off ... of the bursts since a time; only what is complete."""
        times: list[int] = []
        last_end = -1
        for start, end in self.bursts:
            if start < since_ms:
                continue
            if last_end >= 0:
                times.append(start - last_end)
            if end < 0:
                break
            times.append(end - start)
            last_end = end
        return times

    @property
    def shown(self) -> Identity | None:
        """What stands on the display."""
        return self.display.shown[-1] if self.display.shown else None

    # --- copper ---

    def leak(self, ohm: float) -> None:
        """Damp in the pair: so much between the wires from now on; 0 is dry."""
        self._state.leak_ohm = ohm

    def terminal(self, samples: int) -> TerminalState:
        """See ``copper.Terminal``."""
        timeline = self.timeline
        timeline.run()
        state = self._state
        if self._contact:
            state.closed = True
            state.echo_gain = self._echo
            state.sound = self.mouth.block(timeline.sample, samples)
        else:
            state.closed = False
            state.echo_gain = 0.0
            state.sound = None
        return state

    def terminal_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """See ``copper.Terminal``."""
        start = self.timeline.sample
        self.timeline.sample = start + samples
        self.current_ma = pair.current_ma
        if pair.voltage_v != self.voltage_v:
            self._battery(pair.voltage_v, start)
        if pair.ring_vrms or self.bursts:
            self._ring(pair, start)
        if self._contact:
            if sound is not None:
                self.ear.hear(start, sound)
            if self.waiting is not None:
                self.waiting.hear(sound, samples)
        elif not self.off_hook:
            self.display.hear(start, sound, samples)

    # --- inside ---

    def _answer_alert(self, key: str, after_ms: float) -> None:
        # The set falls silent while it answers and reads.
        self.mouth.stop()
        self.say(key_sounds(key, -8.0, 0.0, 60.0, 0.0, None, self.seed), after_ms)
        self.note(f"answers the alert with {key}")

    def _shows(self, identity: Identity) -> None:
        self.display.shown.append(replace(identity, at_ms=self.now_ms))

    def _set(self, *, closed: bool) -> None:
        self._contact = closed

    def _move(self, *, closed: bool, bounce_ms: float) -> None:
        self.timeline.cancel("hook")
        self._pulses_until = 0
        self._set(closed=closed)
        at = BOUNCE_STEP_MS
        while at < bounce_ms:
            state = self._random.random() < 0.5
            self.timeline.after(at, lambda state=state: self._set(closed=state), "hook")
            at += BOUNCE_STEP_MS
        if bounce_ms:
            self.timeline.after(bounce_ms, lambda: self._set(closed=closed), "hook")

    def _battery(self, voltage_v: float, start: int) -> None:
        at_ms = start * 1000 // RATE_HZ
        before, self.voltage_v = self.voltage_v, voltage_v
        if abs(voltage_v) < 1.0:
            if abs(before) >= 1.0 and self._contact:
                self.battery_breaks.append(at_ms)
            return
        polarity = 1 if voltage_v > 0.0 else -1
        if self._polarity and polarity != self._polarity:
            self.reversals.append(at_ms)
        self._polarity = polarity

    def _ring(self, pair: PairState, start: int) -> None:
        ringer = self.ringer
        sounding = (
            pair.ring_vrms >= ringer.least_vrms
            and ringer.lowest_hz <= pair.ring_hz <= ringer.highest_hz
            and not self._contact
        )
        if sounding == self.in_burst:
            return
        at_ms = start * 1000 // RATE_HZ
        if sounding:
            self.bursts.append([at_ms, -1])
        else:
            self.bursts[-1][1] = at_ms
        self.display.rang(at_ms)
