"""An exchange line on the bench: battery, ringing, tones, digit receivers.

A copper feed, with whoever is at the far end of it. It learns what the box does from the loop
current and the sound that comes back, and from nothing else. ``line.say`` and ``line.ear`` are the
mouth and the ear of the far person.
"""

from __future__ import annotations

import numpy as np

from tests.bench.world.alerting import Alerting
from tests.bench.world.copper import FeedState, PairState, Samples
from tests.bench.world.dtmf_ear import DtmfEar
from tests.bench.world.exchanges import CallTone, exchange_of, tone_period
from tests.bench.world.far_end import FarEnd
from tests.bench.world.level import RATE_HZ, noise, samples_of, sine
from tests.bench.world.mouth import Mouth
from tests.bench.world.party import Party, WorldError

OFF_HOOK_MA = 6.0  # between the leak of a wet line and the weakest loop that still talks
RING_TRIP_MS = 30.0
DIAL_TONE_AFTER_MS = 250.0
RELEASE_MS = 400.0  # an open loop of this length ends the call
PULSE_MS = (15, 120)  # a shorter or longer break is no dial pulse (8 pps at 80 % is 100 ms)
INTER_DIGIT_MS = 240.0  # BT: the shortest pause between two digits
FIRST_DIGIT_MS = 20_000.0
NEXT_DIGIT_MS = 5_000.0
POST_DIAL_MS = 800.0

IDLE, ALERTING, DIALLING, PROCEEDING, TALKING, CLEARING = (
    "idle", "alerting", "dialling", "proceeding", "talking", "clearing",
)  # fmt: skip
CLEAR_BY = ("busy tone", "congestion tone", "loop break", "reversal", "silence", "battery removal")


class ExchangeLine(Party):
    """One line of a public exchange.

    Args:
        number: the line's place on the box, for people (``line 1``).
        country: tones, ringing, caller ID; see ``exchanges``.
        directory_number: what one dials to reach it.
        dialling: "dtmf", "pulse" or "both": which digits the exchange takes.
        return_loss_db: how much weaker its hybrid sends back what arrives; None is no echo.
        noise_dbm0: white noise on the pair, always there, also while idle.
        hum_dbm0: mains hum (50 Hz and its third harmonic) likewise.
        impedance: the network its exchange ends the line with, one of ``impedance.NAMES``; with
            it the box hears echo by how well its own termination fits. Empty: none of that.
        km: of cable between.
        any_number: far end for numbers nobody announced; None: such a call gets congestion.
        seed: for noise.
    """

    def __init__(
        self,
        number: int,
        country: str = "CN",
        directory_number: str = "",
        dialling: str = "both",
        return_loss_db: float | None = 18.0,
        noise_dbm0: float | None = None,
        hum_dbm0: float | None = None,
        any_number: FarEnd | None = None,
        seed: int = 0,
        impedance: str = "",
        km: float = 1.0,
    ) -> None:
        super().__init__(f"line {number}", seed)
        if dialling not in {"dtmf", "pulse", "both"}:
            raise ValueError(f"line {number}: dialling {dialling!r} is none of dtmf, pulse, both")
        self.number = number
        self.exchange = exchange_of(country)
        self.directory_number = directory_number
        self.dialling = dialling
        self.any_number = any_number
        self.state = IDLE
        self.dialled: list[tuple[str, str, int]] = []  # digit, how, when: of the last seizure
        self.seizures: list[int] = []  # when the box closed the loop
        self.releases: list[int] = []  # when it opened it for good
        self.answers: list[int] = []  # when the box answered a call
        self.far_answers: list[int] = []  # when a far end answered the box
        self.flashes: list[tuple[int, int]] = []  # recalls by the box: when, how long
        self.caller = ""
        self.bursts_sent = 0  # of the present or last call from outside, begun ones
        self.ear_keys = DtmfEar()
        self.far: FarEnd | None = None
        self._far_ends: list[FarEnd] = []
        self._glare: Alerting | None = None
        self._alerting: Alerting | None = None
        self._feed = FeedState(impedance=(impedance, float(km)) if impedance else None)
        self._background = Mouth()
        self._echo = 0.0 if return_loss_db is None else 10.0 ** (-return_loss_db / 20.0)
        self._reversed = False
        self._open = False
        self._dead = False
        self._closed = False
        self._changed = 0  # sample of the last change of the loop
        self._pulses = 0
        self.disturb(noise_dbm0, hum_dbm0)

    # --- the line itself ---

    def disturb(self, noise_dbm0: float | None = None, hum_dbm0: float | None = None) -> None:
        """Put noise and hum on the pair from now on; None takes them away."""
        period = np.zeros(4 * RATE_HZ, np.float32)
        if noise_dbm0 is not None:
            period += noise(noise_dbm0, len(period), self.seed + 1)
        if hum_dbm0 is not None:
            period += sine(50.0, hum_dbm0, 4000.0) + sine(150.0, hum_dbm0 - 12.0, 4000.0)
        self._background.stop()
        if noise_dbm0 is not None or hum_dbm0 is not None:
            self._background.loop(period, self.timeline.sample)

    def restore_battery(self) -> None:
        """Battery is back after ``hang_up("battery removal")``."""
        self._dead = False

    @property
    def seized(self) -> bool:
        """The box holds the loop closed."""
        return self._closed

    @property
    def reversed(self) -> bool:
        """The battery is swapped at this moment."""
        return self._reversed

    @property
    def digits(self) -> str:
        """What the box dialled since it seized the line last."""
        return "".join(digit for digit, _, _ in self.dialled)

    @property
    def dialled_by(self) -> str:
        """How: dtmf, pulse, mixed, or empty."""
        ways = {way for _, way, _ in self.dialled}
        return ways.pop() if len(ways) == 1 else ("mixed" if ways else "")

    # --- a caller from outside ---

    def call(
        self,
        number: str = "",
        name: str = "",
        caller_id: str | None = None,
        kind: str = "number",
        **shape: float,
    ) -> None:
        """Somebody dials this line.

        Args:
            number: who calls.
            name: his name, where the network sends names.
            caller_id: "fsk", "dtmf" or "none"; None is what the country does.
            kind: "number", "private" or "unavailable".
            **shape: ``level_dbm0``, ``twist_db``, ``off_by``, ``noise_dbm0`` of the caller ID.
        """
        if self.state != IDLE or self._closed:
            raise WorldError(f"{self.name}: the line is {self.state}; a caller would hear busy")
        self.caller = number
        self.note(f"call from {number or kind}")
        self.state = ALERTING
        self.bursts_sent = 0
        self._alerting = Alerting(self, number, name, caller_id, kind, shape)
        self._alerting.begin()

    def call_at_seizure(self, number: str = "", name: str = "", before_ms: float = 0.0) -> None:
        """Glare: the exchange connects a call to this line just when the box seizes it next.

        Ring voltage comes on as the loop closes, the exchange sees its ringing tripped, and the
        box is connected to a caller instead of getting dial tone. With ``before_ms`` the ring
        starts at once and the caller of this method sees to it that the box seizes within that
        time; a box that has not validated the ring by then walks into the same trap.
        """
        if before_ms:
            self.call(number, name, caller_id="none")
            return
        self._glare = Alerting(self, number, name, "none", "number", {})
        self.caller = number

    def hang_up(self, by: str = "busy tone", ms: float = 400.0) -> None:
        """The far person hangs up, and the exchange tells it in one of these ways (``CLEAR_BY``).

        ``ms`` is the length of a loop break. Before an answer the ringing just stops.
        """
        if by not in CLEAR_BY:
            raise ValueError(f"{self.name}: hang up by {by!r} is none of {', '.join(CLEAR_BY)}")
        self.note(f"hangs up, by {by}")
        if self.state == ALERTING:
            self._stop_alerting()
            self._become_idle()
            return
        if self.state not in {TALKING, PROCEEDING, CLEARING}:
            raise WorldError(f"{self.name}: the line is {self.state}; nobody is there to hang up")
        self.mouth.stop()
        self.timeline.cancel("far")
        self.state = CLEARING
        if by == "busy tone":
            self._tone(self.exchange.busy)
        elif by == "congestion tone":
            self._tone(self.exchange.congestion)
        elif by == "loop break":
            self._open = True
            self.timeline.after(ms, self._end_break, "break")
        elif by == "reversal":
            self._reversed = not self._reversed
        elif by == "battery removal":
            self._dead = True

    def require_speech(self) -> None:
        """See ``Party``."""
        if self.state != TALKING:
            raise WorldError(f"{self.name}: the line is {self.state}; nobody talks on it")

    # --- somebody the box may call ---

    def when_dialled(self, far: FarEnd) -> None:
        """Announce a far end for the next call to its number (or to any)."""
        self._far_ends.append(far)

    # --- copper ---

    def feed(self, samples: int) -> FeedState:
        """See ``copper.Feed``."""
        timeline = self.timeline
        timeline.run()
        state = self._feed
        state.open = self._open or self._dead
        state.battery_v = 48.0 if self._reversed else -48.0
        state.hum = self._background.block(timeline.sample, samples)
        state.sound = self.mouth.block(timeline.sample, samples)
        state.echo_gain = self._echo if self._closed else 0.0
        return state

    def feed_senses(self, pair: PairState, sound: Samples | None, samples: int) -> None:
        """See ``copper.Feed``."""
        start = self.timeline.sample
        self.timeline.sample = start + samples
        if not (self._open or self._dead):
            closed = abs(pair.current_ma) > OFF_HOOK_MA
            if closed != self._closed:
                self._loop_changed(start, closed=closed)
        if sound is not None and self._closed:
            self.ear.hear(start, sound)
        if self.state == DIALLING and self.dialling != "pulse":
            for digit in self.ear_keys.feed(start, sound, samples):
                self._digit(digit.key, "dtmf")

    def ring(self, *, on: bool) -> None:
        """Ring voltage on or off; for ``Alerting``."""
        self._feed.ring_vrms = self.exchange.ring_vrms if on else 0.0
        self._feed.ring_hz = self.exchange.ring_hz if on else 0.0

    def reverse(self) -> None:
        """Swap the wires; for ``Alerting``."""
        self._reversed = not self._reversed

    # --- the loop ---

    def _loop_changed(self, start: int, *, closed: bool) -> None:
        held_ms = (start - self._changed) * 1000 // RATE_HZ
        self._changed = start
        self._closed = closed
        timeline = self.timeline
        timeline.cancel("loop")
        if not closed:
            timeline.after(RELEASE_MS, self._released, "loop")
            return
        if self.state == IDLE:
            self._seized(start)
        elif self.state == ALERTING:
            timeline.after(RING_TRIP_MS, self._answered, "loop")
        elif self.state == DIALLING and PULSE_MS[0] <= held_ms <= PULSE_MS[1]:
            if self.dialling != "dtmf":
                self._pulses += 1
                self._stop_tone()
                timeline.cancel("digits")
                timeline.after(INTER_DIGIT_MS, self._pulses_over, "loop")
        elif self.state in {TALKING, PROCEEDING}:
            self.flashes.append((self.now_ms - held_ms, held_ms))

    def _seized(self, start: int) -> None:
        self.seizures.append(start * 1000 // RATE_HZ)
        self.dialled = []
        self._pulses = 0
        if self._glare is not None:
            self.note("glare: the ring meets the seizure")
            self._alerting, self._glare = self._glare, None
            self.state = ALERTING
            self.ring(on=True)
            self.timeline.after(RING_TRIP_MS, self._answered, "loop")
            return
        self.note("seized")
        self.state = DIALLING
        self.ear_keys = DtmfEar()
        self.timeline.after(DIAL_TONE_AFTER_MS, lambda: self._tone(self.exchange.dial), "digits")
        self.timeline.after(FIRST_DIGIT_MS, self._gave_up_dialling, "digits")

    def _released(self) -> None:
        at_ms = self._changed * 1000 // RATE_HZ
        self.releases.append(at_ms)
        self.note("released")
        self._become_idle()

    def _become_idle(self) -> None:
        for group in ("digits", "far", "break", "alerting", "loop"):
            self.timeline.cancel(group)
        self.mouth.stop()
        self.state = IDLE
        self.far = None
        self._open = False
        self._reversed = False
        self._pulses = 0

    def _answered(self) -> None:
        self._stop_alerting()
        self.state = TALKING
        self.answers.append(self.now_ms)
        self.note("the box answers")

    def _stop_alerting(self) -> None:
        self.timeline.cancel("alerting")
        self.ring(on=False)
        self.mouth.stop()
        self._alerting = None

    def _end_break(self) -> None:
        self._open = False

    # --- digits ---

    def _pulses_over(self) -> None:
        digit = "1234567890"[self._pulses - 1] if 1 <= self._pulses <= 10 else "?"
        self._pulses = 0
        self._digit(digit, "pulse")

    def _digit(self, digit: str, way: str) -> None:
        self.dialled.append((digit, way, self.now_ms))
        self._stop_tone()
        timeline = self.timeline
        timeline.cancel("digits")
        wanted = [far for far in self._far_ends if far.number and far.number == self.digits]
        if wanted:
            timeline.after(POST_DIAL_MS, lambda: self._proceed(wanted[0]), "digits")
        else:
            timeline.after(NEXT_DIGIT_MS, self._all_digits, "digits")

    def _all_digits(self) -> None:
        anybody = [far for far in self._far_ends if not far.number]
        if anybody:
            self._proceed(anybody[0])
        elif self.any_number is not None:
            self._proceed(self.any_number)
        else:
            self.note(f"no such number: {self.digits}")
            self.state = CLEARING
            self._tone(self.exchange.congestion)

    def _gave_up_dialling(self) -> None:
        self.state = CLEARING
        self._tone(self.exchange.busy)

    def _proceed(self, far: FarEnd) -> None:
        if far in self._far_ends:
            self._far_ends.remove(far)
        self.far = far
        self.note(f"dialled {self.digits}")
        if far.busy:
            self.state = CLEARING
            self._tone(self.exchange.busy)
            return
        self.state = PROCEEDING
        self._tone(self.exchange.ringback)
        if far.answer_after_ms is not None:
            self.timeline.after(far.answer_after_ms, self.far_end_answers, "far")

    def far_end_answers(self) -> None:
        """The called person lifts his handset."""
        if self.state != PROCEEDING or self.far is None:
            raise WorldError(f"{self.name}: the line is {self.state}; no telephone rings there")
        self._stop_tone()
        self.state = TALKING
        self.far_answers.append(self.now_ms)
        self.note("the far end answers")
        if self.far.reversal:
            self._reversed = not self._reversed
        if self.far.greeting is not None:
            self.mouth.say(self.far.greeting, self.timeline.base + samples_of(300.0))

    # --- tones ---

    def _tone(self, tone: CallTone) -> None:
        self.mouth.loop(tone_period(tone, self.exchange.level_dbm0), self.timeline.base)

    def _stop_tone(self) -> None:
        self.mouth.stop_loop()
