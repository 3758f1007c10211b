"""Measurements of one exchange line over time, and what they say about it. Plain, so kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from firmware.core.events import LineMeasured

KEPT: Final = 26
"""Half a year of weekly measurements; enough to see a line go bad."""

NOISY_DBM0: Final = -50.0
"""ITU-T Q.552 allows an idle channel -65 dBm0p; a line this much above is heard as noisy."""
NOISE_RISEN_DB: Final = 8.0
ECHO_DB: Final = 14.0  # ITU-T Q.552 asks a 2-wire port for at least 14 dB return loss
FAINT_DBM0: Final = -25.0
"""Dial tone is sent at -10 +-3 dBm0 (GB 3380) to -18 (GB): below it the line loses 7 dB or more."""
LOW_LOOP_MA: Final = 18.0  # exchanges guarantee 18 to 20 mA; below it telephones become unreliable
HIGH_LOOP_MA: Final = 70.0


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement; fields as in :class:`firmware.core.events.LineMeasured`, ``when`` in UTC."""

    when: str = ""
    fault: str = ""
    idle_v: float | None = None
    seized_v: float | None = None
    loop_ma: float | None = None
    dial_hz: tuple[float, ...] = ()
    dial_dbm0: float | None = None
    noise_dbm0: float | None = None
    echo_before_db: float | None = None
    echo_db: float | None = None
    termination: int = 0
    hybrid: tuple[int, ...] = ()


def measure_of(event: LineMeasured, when: str) -> Measure:
    """What is kept of a measurement."""
    fields = {name: getattr(event, name) for name in Measure.__struct_fields__ if name != "when"}
    return Measure(when=when, **fields)


def troubles(measures: Sequence[Measure]) -> tuple[tuple[str, str], ...]:
    """What is wrong by the newest measurement, as (sentence, figure), the worst first."""
    if not measures:
        return ()
    last = measures[-1]
    found: list[tuple[str, str]] = []
    if last.fault == "dead":
        found.append(("dead", ""))
    if last.fault == "no_loop":
        found.append(("no_loop", f"{last.loop_ma or 0:.0f}"))
    if last.fault == "no_dial_tone":
        found.append(("no_dial_tone", ""))
    if last.fault:
        return tuple(found)
    if last.loop_ma is not None and last.loop_ma < LOW_LOOP_MA:
        found.append(("low_loop", f"{last.loop_ma:.0f}"))
    if last.loop_ma is not None and last.loop_ma > HIGH_LOOP_MA:
        found.append(("high_loop", f"{last.loop_ma:.0f}"))
    if last.noise_dbm0 is not None:
        before = sorted(m.noise_dbm0 for m in measures[:-1] if m.noise_dbm0 is not None)
        usual = before[len(before) // 2] if before else None
        if last.noise_dbm0 > NOISY_DBM0:
            found.append(("noisy", f"{last.noise_dbm0:.0f}"))
        elif usual is not None and last.noise_dbm0 > max(usual, -80.0) + NOISE_RISEN_DB:
            found.append(("noise_risen", f"{last.noise_dbm0 - usual:.0f}"))
    if last.echo_db is not None and last.echo_db < ECHO_DB:
        found.append(("echo", f"{last.echo_db:.0f}"))
    if last.dial_dbm0 is not None and last.dial_dbm0 < FAINT_DBM0:
        found.append(("faint", f"{last.dial_dbm0:.0f}"))
    return tuple(found)


PROMPTS: Final = {
    "dead": "line-no-voltage",
    "no_loop": "line-no-voltage",
    "no_dial_tone": "line-no-dial-tone",
    "noisy": "line-noisy",
    "noise_risen": "line-noisy",
    "echo": "line-echo",
    "faint": "line-faint",
    "low_loop": "line-faint",
    "high_loop": "line-call-company",
}
"""What a handset hears of each."""


def spoken(measure: Measure) -> tuple[str, ...]:
    """Prompts behind "line N", worst first; that all is well when nothing is wrong."""
    said = tuple(PROMPTS[what] for what, _ in troubles((measure,)))
    return said or ("line-good",)
