"""The doctor of one telephone and its pair: leakage, a handset left lifted, recalls, its ringer.

Told what the jack reports and what the chip measures now and then; decides nothing about calls but
one thing: which length of break is this set's recall, where it always sends the same one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from drivers.line import LoopClosed, LoopOpened, PortReady, PowerAlarm, Reading
from firmware.core.country import HookTiming

LEAK_MA: Final = 1.25
"""One step of register 79 (Si3215 data sheet): with 48 V a leak of 38 kohm or less. On-hook a pair
carries nothing; GR-909 calls less than 100 kohm between the wires a fault."""
LEAKS: Final = 3  # readings in a row: a lifted handset may fall between reading and report
BREAKS_KEPT: Final = 8
BREAKS_ENOUGH: Final = 3
ALIKE: Final = 0.15  # of their middle: a key's timer keeps 5 %, a person's finger does not
ROOM: Final = 0.25
SHORTEST_MS: Final = 40
ALARMS_OF_A_HEAVY_RINGER: Final = 2
LEFT_MS: Final = 80_000
"""Congestion 20 s and howler 60 s have been sent by then (timers lockout_tone and howler)."""

# Each with its sentence in zh-CN and en.
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "leak": (
        "分机 {who} 的线路漏电（挂机时 {value} mA）：请检查接线和受潮",
        "the pair of {who} leaks ({value} mA on-hook): check its wires for damp",
    ),
    "off_hook": (
        "分机 {who} 未挂好已 {value} 分钟",
        "{who} has been left off its hook for {value} min",
    ),
    "heavy": (
        "分机 {who} 振铃时过载：并接话机太多或线路短路",
        "{who} draws too much when it rings: too many telephones on the pair, or a short",
    ),
    "overload": (
        "分机 {who} 的线路过载 {value} 次：可能短路或搭上外来电压",
        "the pair of {who} was overloaded {value} times: a short, or foreign voltage",
    ),
    "flash": (
        "分机 {who} 的转接键（{value} 毫秒）不在本国范围内，已为其调整",
        "the recall key of {who} ({value} ms) is not the country's; it is taken all the same",
    ),
}


class PhoneDoctor:
    """One telephone.

    Args:
        flash_ms: the recall it was known to send, 0 for none.
    """

    def __init__(self, flash_ms: int = 0) -> None:
        self.flash_ms = flash_ms
        self._breaks: deque[int] = deque(maxlen=BREAKS_KEPT)
        self._open_at: int | None = None
        self._lifted_at: int | None = None
        self._leaks = 0
        self._leak_ma = 0.0
        self._alarms = 0
        self._ring_alarms = 0

    # --- told -------------------------------------------------------------------------------------

    def see(self, event: Any, state: str, timing: HookTiming) -> bool:
        """What the jack reports, and the state it was in; whether the set's recall was learned."""
        match event:
            case LoopClosed():
                opened, self._open_at = self._open_at, None
                if state in {"idle", "ringing", "out_of_service"}:
                    self._lifted_at = event.at_ms
                if opened is not None and state == "in_call":
                    return self._broken(event.at_ms - opened, timing)
            case LoopOpened():
                self._open_at = event.at_ms
            case PowerAlarm():
                if state == "ringing":
                    self._ring_alarms += 1
                self._alarms += 1
            case PortReady():
                self._open_at = self._lifted_at = None
            case _:
                pass
        return False

    def read(self, reading: Reading, state: str) -> None:
        """What the chip measures."""
        leaks = state == "idle" and not reading.off_hook and (reading.loop_ma or 0.0) >= LEAK_MA
        self._leaks = self._leaks + 1 if leaks else 0
        if leaks:
            self._leak_ma = reading.loop_ma or 0.0

    def _broken(self, gap_ms: int, timing: HookTiming) -> bool:
        """A break in a conversation that was no hang-up: perhaps this set's recall."""
        pulse_low, pulse_high = timing.pulse_break_ms
        if not SHORTEST_MS <= gap_ms < timing.hang_up_ms or pulse_low <= gap_ms <= pulse_high:
            return False
        self._breaks.append(gap_ms)
        if len(self._breaks) < BREAKS_ENOUGH:
            return False
        last = sorted(list(self._breaks)[-BREAKS_ENOUGH:])
        middle = last[len(last) // 2]
        if last[-1] - last[0] > ALIKE * middle or abs(middle - self.flash_ms) <= ALIKE * middle:
            return False
        self.flash_ms = middle
        return True

    # --- asked ------------------------------------------------------------------------------------

    def timing(self, country: HookTiming) -> HookTiming:
        """The country's windows, with room for the recall this set always sends."""
        if not self.flash_ms:
            return country
        low, high = country.flash_ms
        if low <= self.flash_ms <= high:
            return country
        # Never into the pulses: a set with a dial must go on dialling.
        low = min(low, max(round(self.flash_ms * (1 - ROOM)), country.pulse_break_ms[1] + 1))
        high = min(max(high, round(self.flash_ms * (1 + ROOM))), country.hang_up_ms - 1)
        return msgspec.structs.replace(country, flash_ms=(low, high))

    def findings(self, state: str, country: HookTiming, now_ms: int) -> list[tuple[str, str]]:
        """What a person should know, as (sentence, figure)."""
        found: list[tuple[str, str]] = []
        if self._leaks >= LEAKS:
            found.append(("leak", f"{self._leak_ma:.1f}"))
        if self._ring_alarms >= ALARMS_OF_A_HEAVY_RINGER:
            found.append(("heavy", ""))
        elif self._alarms:
            found.append(("overload", str(self._alarms)))
        lifted = self._lifted_at
        if state in {"howling", "locked_out"} and lifted is not None:
            found.append(("off_hook", str(max(1, (now_ms - lifted) // 60_000))))
        low, high = country.flash_ms
        if self.flash_ms and not low <= self.flash_ms <= high:
            found.append(("flash", str(self.flash_ms)))
        return found


def sentences(found: Sequence[tuple[str, str]], who: str, language: str) -> str:
    """All of it as one text; empty when nothing is wrong."""
    chinese = language.startswith("zh")
    said = [
        SENTENCES[what][0 if chinese else 1].format(who=who, value=value) for what, value in found
    ]
    return ("；" if chinese else "; ").join(said)
