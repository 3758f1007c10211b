"""One exchange line in lined's own care: what it is doing, and whether its far side has cleared.

The doctor judges signs here as it does under call control, from what was learned of the line when
call control was last there. A tone is a suspicion that a voice takes back; a line that nobody is
heard on is freed by the watchdog.
"""

from __future__ import annotations

from typing import Final

from drivers.line import LoopCurrentLost, LoopCurrentReturned
from firmware.core.events import SpeechHeard, ToneEnded, ToneHeard
from firmware.core.fsm import earliest
from firmware.core.timers import Times
from firmware.port.line_doctor import GAP_CONFIRM_MS, LineDoctor
from firmware.port.line_profile import LineProfile

_NEW: Final = LineProfile()


class LineCare:
    """One line. Methods that return True say that the far side has cleared."""

    __slots__ = (
        "_broken_at",
        "_confirm_at",
        "_doctor",
        "_gone",
        "_look_at",
        "_quiet_ms",
        "_times",
        "_voice",
        "alarm_taken_back",
        "battery",
        "in_use",
        "quiet_at",
        "ready",
        "ringing_since",
        "seized",
        "wants_speech",
    )

    def __init__(self, times: Times, profile: LineProfile = _NEW) -> None:
        self._times = times
        self._doctor = LineDoctor(profile)
        self.ready = False
        self.seized = False
        self.battery = True
        self.in_use = False
        self.ringing_since: int | None = None
        self.quiet_at: int | None = None  # when the ringing counts as over
        self.wants_speech = False  # the next voice is to be told anew
        self.alarm_taken_back = False  # the tone detector is to begin anew
        self._confirm_at: int | None = None  # when a suspicion becomes the end
        self._broken_at: int | None = None  # when a loop break is looked at
        self._gone = False  # the break was looked at once and was no sign by its length
        self._look_at: int | None = None
        self._quiet_ms = 0
        self._voice = False

    @property
    def profile(self) -> LineProfile:
        """What is known of the line; what lined sees alone teaches nobody else."""
        return self._doctor.profile

    @property
    def free(self) -> bool:
        """A handset may be given this line."""
        return (
            self.ready
            and self.battery
            and not self.seized
            and not self.in_use
            and self.ringing_since is None
        )

    def hold(self, now_ms: int) -> None:
        """Its loop is closed for a conversation from now on."""
        self.seized = True
        self.ringing_since = self.quiet_at = None
        self._doctor.begin(now_ms)
        self._confirm_at = self._broken_at = None
        self._gone = False
        self._quiet_ms = 0
        self._voice = True  # the watchdog's time begins with the next look
        self._look_at = now_ms + self._times["silence_look"]
        self.wants_speech = True

    def let_go(self) -> None:
        """Its loop is open."""
        self.seized = False
        self._confirm_at = self._broken_at = self._look_at = None
        self._gone = False

    # --- signs ------------------------------------------------------------------------------------

    def tone(self, event: ToneHeard) -> None:
        """A tone sounds in the conversation."""
        confirm_ms = self._doctor.tone(event)
        self.wants_speech = True
        if confirm_ms is not None:
            self._confirm_at = event.at_ms + confirm_ms

    def tone_over(self, event: ToneEnded) -> None:
        """It stopped by itself: somebody else's, or the far side is back."""
        self._doctor.tone_over(event)
        self._confirm_at = None

    def spoke(self, event: SpeechHeard) -> None:
        """The far side was heard: whatever looked like the end was none."""
        self._doctor.spoke(event.at_ms)
        if self._confirm_at is not None:
            self._confirm_at = None
            self.alarm_taken_back = self.wants_speech = True
        self._voice = True

    def current_lost(self, event: LoopCurrentLost) -> None:
        """The loop is open at the far end."""
        self._gone = False
        self._broken_at = event.at_ms + self._times["loop_break"]

    def current_back(self, event: LoopCurrentReturned) -> bool:
        """It is closed again; the length of the break says what it was."""
        self._broken_at = None
        verdict = self._doctor.gap(event.gap_ms, self._times["loop_break"], event.at_ms)
        if verdict == "confirm":
            self._confirm_at = event.at_ms + GAP_CONFIRM_MS
            self.wants_speech = True
        return verdict == "clear"

    # --- time -------------------------------------------------------------------------------------

    def next_deadline(self) -> int | None:
        """When :meth:`over` may become true."""
        return earliest(self._broken_at, self._confirm_at, self._look_at)

    def over(self, now_ms: int) -> bool:
        """Whether the far side has cleared by now."""
        if self._broken_at is not None and now_ms >= self._broken_at:
            usual_ms = self._times["loop_break"]
            if self._gone or self._doctor.gap(usual_ms, usual_ms, now_ms) == "clear":
                return True
            self._gone = True
            self._broken_at += max(self._times["loop_gone"] - usual_ms, 0)
        if self._confirm_at is not None and now_ms >= self._confirm_at:
            return True
        return self._look_at is not None and now_ms >= self._look_at and self._nobody(now_ms)

    def _nobody(self, now_ms: int) -> bool:
        look_ms = self._times["silence_look"]
        self._look_at = now_ms + look_ms
        self._quiet_ms = 0 if self._voice else self._quiet_ms + look_ms
        self._voice = False
        self.wants_speech = True
        return self._quiet_ms + 2 * look_ms > self._times["line_watchdog"]
