"""What a country profile is: ringing, tones, caller identity, hook timing and numbers, as data.

The twelve profiles stand in ``firmware.core.countries``; this module gives their shape and the
rules every profile must keep. Levels are dBm0 at the two-wire port's 0 dBr point, per frequency.
"""

from __future__ import annotations

from typing import Literal

import msgspec

TONE_NAMES = (
    "dial",
    "ringback",
    "busy",
    "congestion",
    "call_waiting",
    "stutter",
    "howler",
    "special_information",
    "confirm",
    "intrusion",
)
CallerIdScheme = Literal[
    "fsk_bell202_between_rings",  # GR-30: data 0.5 to 1.5 s after the first burst
    "fsk_v23_between_rings",  # EN 300 659-1 clause 6.2.1: data after the first burst
    "fsk_v23_before_ring",  # EN 300 659-1 clause 6.2.2, BT SIN 227: reversal, DT-AS, data, ring
    "fsk_jclip_before_ring",  # NTT: reversal, short ring, answer, V.23 data with parity, ring
    "dtmf_before_ring",  # start digit, number, end digit, then ring
]

# Clearances between the three things an open loop can mean. A hook's contact bounce is up to 5 ms
# (goal for pulse receivers), and a port that debounces by that much must still tell them apart.
PULSE_TO_FLASH_MS = 5
FLASH_TO_HANG_UP_MS = 50
NOMINAL_BREAK_MS = (60, 67)  # 10 pps at 60 % (Bell) and 67 % (most of Europe, Japan)


class Tone(msgspec.Struct, frozen=True, kw_only=True):
    """One network tone.

    Attributes:
        frequencies_hz: All frequencies that sound together. With ``bursts_hz``: all there are.
        modulation_hz: Amplitude modulation of the sum, 0 for none.
        modulation_depth: 0 to 1; 1 is a carrier whose envelope just touches zero.
        cadence_ms: On, off, on, off, ...; an off of 0 joins two bursts. Empty is continuous.
        level_dbm0: Level of each frequency.
        repeats: Rounds of the cadence; 0 is without end.
        then: What follows the last round (a steady dial tone after a stutter); None is silence.
        bursts_hz: Frequencies of each on-time, where they differ (special information).
        bursts_db: Level of each on-time relative to ``level_dbm0``, where they differ.
        other: The value of a source that disagrees, and whose it is.
    """

    frequencies_hz: tuple[float, ...]
    modulation_hz: float = 0.0
    modulation_depth: float = 0.85
    cadence_ms: tuple[int, ...] = ()
    level_dbm0: float = -13.0
    repeats: int = 0
    then: Tone | None = None
    bursts_hz: tuple[tuple[float, ...], ...] = ()
    bursts_db: tuple[float, ...] = ()
    other: str = ""


class HookTiming(msgspec.Struct, frozen=True, kw_only=True):
    """What the length of an open loop means at a telephone's port, and what we send to lines.

    A break within ``pulse_break_ms`` is a dial pulse, within ``flash_ms`` a recall, from
    ``hang_up_ms`` on a hang-up; the three never overlap. Between flash and hang-up nothing is
    decided yet.
    """

    flash_ms: tuple[int, int]
    flash_out_ms: int
    hang_up_ms: int
    pulse_break_ms: tuple[int, int]
    pulse_make_ms: tuple[int, int] = (5, 150)
    pulse_rate_pps: tuple[int, int] = (8, 22)
    pulse_out_ms: tuple[int, int] = (60, 40)  # break, make
    inter_digit_ms: int = 250  # a make of this length ends a digit
    inter_digit_out_ms: int = 800
    other: str = ""


class Numbering(msgspec.Struct, frozen=True, kw_only=True):
    """How numbers are written and dialled."""

    calling_code: str
    trunk_prefix: str
    international_prefix: str
    emergency: tuple[str, ...]


class Country(msgspec.Struct, frozen=True, kw_only=True):
    """One country profile.

    ``name_encodings`` are those of names in identities beyond ASCII, likeliest first;
    ``category_digit`` says that DTMF identities begin with the caller's category.
    ``ring_ms`` is on, off, ...; ``ring_hz`` what our telephones get. ``caller_id_out`` is sent to
    telephones, ``caller_id_in`` are the schemes a line of that country may use, likeliest first.
    """

    code: str
    name_en: str
    name_zh: str
    law: Literal["a", "u"]
    ring_ms: tuple[int, ...]
    ring_hz: float
    tones: dict[str, Tone]
    caller_id_out: CallerIdScheme
    caller_id_in: tuple[CallerIdScheme, ...]
    hook: HookTiming
    numbering: Numbering
    sources: tuple[str, ...]
    other: str = ""
    name_encodings: tuple[str, ...] = ("gb2312", "big5", "gbk")
    category_digit: bool = False

    @property
    def emergency(self) -> tuple[str, ...]:
        """Numbers that must always get out."""
        return self.numbering.emergency

    @property
    def flash_ms(self) -> tuple[int, int]:
        """Shortest and longest loop break taken as a recall."""
        return self.hook.flash_ms

    @property
    def flash_out_ms(self) -> int:
        """Break sent towards an exchange line as a recall."""
        return self.hook.flash_out_ms

    @property
    def hang_up_ms(self) -> int:
        """Loop break from which on the telephone has hung up."""
        return self.hook.hang_up_ms


def _tone_problems(where: str, tone: Tone) -> list[str]:
    found = []
    ons = tone.cadence_ms[0::2]
    if not tone.frequencies_hz or not all(200 <= f <= 3400 for f in tone.frequencies_hz):
        found.append(f"{where}: frequencies {tone.frequencies_hz} Hz, allowed 200 to 3400")
    if len(tone.cadence_ms) % 2 or not all(on > 0 for on in ons):
        found.append(f"{where}: cadence {tone.cadence_ms} ms must be pairs of on (> 0) and off")
    if tone.bursts_hz and len(tone.bursts_hz) != len(ons):
        found.append(f"{where}: {len(tone.bursts_hz)} burst frequencies for {len(ons)} bursts")
    if tone.bursts_db and len(tone.bursts_db) != len(ons):
        found.append(f"{where}: {len(tone.bursts_db)} burst levels for {len(ons)} bursts")
    if tone.repeats and not tone.cadence_ms:
        found.append(f"{where}: {tone.repeats} repeats of a continuous tone")
    # The sum of all peaks must stay below the codec's full scale, +3.14 dBm0 (G.711, A-law).
    loudest = max(tone.bursts_db, default=0.0) + tone.level_dbm0
    together = max((len(b) for b in tone.bursts_hz), default=len(tone.frequencies_hz))
    peak = together * 10 ** ((loudest - 3.14) / 20)
    if peak > 1:
        found.append(f"{where}: {together} frequencies at {loudest} dBm0 each clip the codec")
    if tone.then is not None:
        found += _tone_problems(f"{where}, then", tone.then)
    return found


def problems(country: Country) -> tuple[str, ...]:
    """Everything that makes a profile unusable, one sentence each; empty when all is well."""
    name, hook = country.code, country.hook
    missing = [tone_name for tone_name in TONE_NAMES if tone_name not in country.tones]
    found = [f"{name}: tone {tone_name} is missing" for tone_name in missing]
    for tone_name, tone in country.tones.items():
        if tone_name not in TONE_NAMES:
            found.append(f"{name}: tone {tone_name} is none of {', '.join(TONE_NAMES)}")
        found += _tone_problems(f"{name}: tone {tone_name}", tone)
    windows = (
        (
            "longest pulse break",
            hook.pulse_break_ms[1],
            PULSE_TO_FLASH_MS,
            "shortest flash",
            hook.flash_ms[0],
        ),
        ("longest flash", hook.flash_ms[1], FLASH_TO_HANG_UP_MS, "hang-up", hook.hang_up_ms),
        ("longest pulse make", hook.pulse_make_ms[1], 0, "inter-digit pause", hook.inter_digit_ms),
    )
    for below, low_ms, gap_ms, above, high_ms in windows:
        if low_ms + gap_ms > high_ms:
            found.append(
                f"{name}: {below} {low_ms} ms must end {gap_ms} ms before the {above} {high_ms} ms"
            )
    if not hook.flash_ms[0] <= hook.flash_out_ms <= hook.flash_ms[1]:
        found.append(f"{name}: flash sent {hook.flash_out_ms} ms is outside {hook.flash_ms} ms")
    for break_ms in (*NOMINAL_BREAK_MS, hook.pulse_out_ms[0]):
        if not hook.pulse_break_ms[0] <= break_ms <= hook.pulse_break_ms[1]:
            found.append(
                f"{name}: a pulse break of {break_ms} ms is outside {hook.pulse_break_ms} ms"
            )
    if len(country.ring_ms) % 2 or min(country.ring_ms, default=0) <= 0:
        found.append(f"{name}: ring cadence {country.ring_ms} ms must be pairs of on and off")
    if not 15 <= country.ring_hz <= 68:
        found.append(f"{name}: ringing {country.ring_hz} Hz, allowed 15 to 68")
    if not country.numbering.emergency:
        found.append(f"{name}: no emergency number")
    return tuple(found)
