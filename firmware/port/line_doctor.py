"""The doctor of one exchange line: learns how it clears, and says what is wrong with it.

A line tells the end of a call by a loop break, a reversal, a tone, or not at all; all signs are
looked for at once. A loop break of usual length and a reversal are facts. A tone is one only when
it is the country's or the line's own learned one, and when nobody speaks until it has lasted; a
loop break shorter than usual counts where calls have ended by such breaks, one after which people
went on talking has to be confirmed by silence from then on.

What ends a call is noted when the far side's clear was believed, and also when it was not: a call
that our side ended, or the watchdog, while a sign stood there with no word after it.

The doctor decides nothing about states; the jack's machine asks it and obeys.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.core.events import ToneEnded, ToneHeard
from firmware.core.log_entries import ClearedBy
from firmware.port.line_measure import KEPT, Measure
from firmware.port.line_profile import (
    GAP_FIT,
    ClearNote,
    LineProfile,
    Sign,
    added,
    gaps,
    same_sign,
    signature,
)
from firmware.port.line_watch import LineWatch

UNKNOWN: Final = "unknown"
CLEAR_TONES: Final = frozenset({"busy", "congestion", "dial"})
"""After the far side has cleared an exchange sends one of these; some give dial tone again."""

TONE_SHALL_LAST_MS: Final = 4_500
"""From its beginning until a tone is believed: the line is free within 6 s, and a far person who
hears somebody else's busy tone beside us has that long to go on talking."""

LEAST_CONFIRM_MS: Final = 600
"""However long a tone sounded before it was recognised, so long nobody must speak after it."""

SLOW_TONE_MS: Final = 2_400
SLOW_CONFIRM_MS: Final = 1_200
"""Two cycles of 1.5 s are late already, three where somebody's last word spoilt the first."""

DOUBTED_TONE_MS: Final = 15_000
"""Where a line has always told by its loop, or people went on talking behind this very tone."""

GAP_CONFIRM_MS: Final = 2_000
"""Silence behind a loop break that may be a fault of the line."""

LULL_MS: Final = 1_000
"""A tone found again after so long is the same one: one spoilt burst of the slowest tone."""

CONTINUOUS_MS: Final = 1_500  # a continuous tone has sounded so long when it is reported
Gap = Literal["clear", "confirm", "ignore"]


class LineDoctor:
    """One line. ``profile`` is what was kept of it."""

    __slots__ = (
        "_candidate",
        "_changed",
        "_doubts",
        "_lull",
        "_spoke_at",
        "_tone_from",
        "profile",
        "watch",
    )

    def __init__(self, profile: LineProfile | None = None) -> None:
        self.profile = profile or LineProfile()
        self.watch = LineWatch()
        self._candidate: ClearNote | None = None  # a sign nobody has spoken after
        self._doubts: list[ClearNote] = []  # signs of this call that somebody spoke after
        self._spoke_at = 0
        self._tone_from = 0  # since when the candidate sounds, if it is a tone
        self._lull: tuple[ClearNote, int, int] | None = None  # a tone that is over: since, until
        self._changed = False

    @property
    def signs(self) -> tuple[Sign, ...]:
        """How this line clears, as far as learned."""
        return signature(self.profile)

    @property
    def fit(self) -> Measure:
        """The newest measurement that found a setting; the country's own where none did."""
        found = [m for m in self.profile.measures if m.echo_db is not None]
        return found[-1] if found else Measure()

    def take_change(self) -> bool:
        """Whether the profile is another one since this was asked last."""
        changed, self._changed = self._changed, False
        return changed

    def measured(self, measure: Measure, country: str) -> None:
        """The line was measured in an office that is set to this country."""
        kept = (*self.profile.measures, measure)[-KEPT:]
        self.profile = msgspec.structs.replace(self.profile, measures=kept)
        self._changed = True
        self.watch.dial_found(measure.dial_hz, country)
        if measure.dial_hz:
            self.prove("seize", "dial")

    def prove(self, what: str, how: str = "") -> None:
        """Something was seen to work on this line."""
        if self.profile.proved.get(what) != how:
            proved = {**self.profile.proved, what: how}
            self.profile = msgspec.structs.replace(self.profile, proved=proved)
            self._changed = True

    # --- a conversation ---------------------------------------------------------------------------

    def begin(self, at_ms: int) -> None:
        """Voices are joined, or about to be."""
        self._candidate = self._lull = None
        self._doubts = []
        self._spoke_at = at_ms

    def tone(self, event: ToneHeard) -> int | None:
        """A tone sounds in the conversation: for how long nobody must speak now, None to go on."""
        note = ClearNote(
            kind="tone",
            tone=event.tone,
            frequency_hz=event.frequency_hz,
            cadence_ms=event.cadence_ms,
            after_ms=max(event.at_ms - self._spoke_at, 0),
        )
        if event.tone != UNKNOWN and event.tone not in CLEAR_TONES:
            return None
        self._candidate = note
        signs = self.signs
        learned = any(same_sign(note, sign.example) for sign in signs)
        if not learned and event.tone == UNKNOWN:
            return None
        known = self.profile.notes
        doubted = any(n.false and same_sign(note, n) for n in known) and not learned
        loops = bool(signs) and all(s.example.kind in {"loop_break", "reversal"} for s in signs)
        shall_last = DOUBTED_TONE_MS if doubted or loops else TONE_SHALL_LAST_MS
        sounded = event.cycles * sum(event.cadence_ms) or CONTINUOUS_MS
        self._tone_from = self._since(note, event.at_ms - sounded)
        confirm = max(shall_last - (event.at_ms - self._tone_from), LEAST_CONFIRM_MS)
        if shall_last == TONE_SHALL_LAST_MS and sounded >= SLOW_TONE_MS:
            confirm = min(confirm, SLOW_CONFIRM_MS)
        return confirm

    def _since(self, note: ClearNote, from_ms: int) -> int:
        """Since when it sounds: it may have been lost for a moment, if nobody has spoken since."""
        lull, self._lull = self._lull, None
        if lull is None:
            return from_ms
        before, since_ms, until_ms = lull
        goes_on = from_ms - until_ms <= LULL_MS and same_sign(note, before)
        return since_ms if goes_on else from_ms

    def tone_over(self, event: ToneEnded) -> None:
        """It stopped by itself, or something of our own side's echo hid it."""
        if self._candidate is not None and self._candidate.kind == "tone":
            self._lull = (self._candidate, self._tone_from, event.at_ms)
            self._candidate = None

    def gap(self, gap_ms: int, usual_ms: int, at_ms: int) -> Gap:
        """The loop was broken in the conversation for so long; what to make of it.

        Args:
            gap_ms: how long, so far or altogether.
            usual_ms: from where on a break is one of an exchange that clears.
            at_ms: when.
        """
        self._candidate = ClearNote(
            kind="loop_break", gap_ms=gap_ms, after_ms=max(at_ms - self._spoke_at, 0)
        )
        seen = gaps(self.profile, false=False)
        own = any(sign.example.kind == "loop_break" for sign in self.signs)
        fits = own and gap_ms >= GAP_FIT * min(seen)
        if not fits and gap_ms < usual_ms:
            return "ignore"
        survived = [*gaps(self.profile, false=True), *(n.gap_ms for n in self._doubts)]
        if any(dip >= GAP_FIT * gap_ms for dip in survived) or gap_ms < usual_ms:
            return "confirm"
        return "clear"

    def spoke(self, at_ms: int) -> None:
        """Somebody at the far end was heard: whatever looked like the end was none."""
        self._spoke_at = at_ms
        self._lull = None
        sign, self._candidate = self._candidate, None
        if sign is None:
            return
        self._doubts.append(sign)
        if sign.kind == "loop_break":
            self.watch.dip(at_ms, sign.gap_ms)

    def cleared(self, by: ClearedBy, at_ms: int) -> None:
        """The end of the call was believed."""
        kinds: dict[ClearedBy, Literal["loop_break", "reversal", "tone"]] = {
            ClearedBy.LOOP_BREAK: "loop_break",
            ClearedBy.REVERSAL: "reversal",
            ClearedBy.TONE: "tone",
        }
        kind = kinds.get(by)
        if kind is None:
            self.left(watchdog=True)
            return
        after = max(at_ms - self._spoke_at, 0)
        sign = self._candidate
        if sign is None or sign.kind != kind:
            sign = ClearNote(kind=kind, after_ms=after)
        self._end(sign)

    def left(self, *, watchdog: bool = False) -> None:
        """Our side, or the watchdog, ended the call: a sign that nobody spoke after was its end."""
        sign = self._candidate
        if sign is None and watchdog:
            sign = ClearNote(kind="silence")
        self._end(sign)

    def _end(self, sign: ClearNote | None) -> None:
        self._candidate = None
        # An echo of our own side can speak for the far one: the same sign in the end was true.
        notes = [
            msgspec.structs.replace(n, false=True)
            for n in self._doubts[-2:]
            if sign is None or not same_sign(n, sign)
        ]
        self._doubts = []
        if sign is not None:
            notes.append(sign)
        if notes:
            self.profile = added(self.profile, notes, call=sign is not None)
            self._changed = True
