"""Judging what a party hears: dial tone, busy tone, speech, silence. For scenarios and tests.

Every judge looks back from now over the party's ear and answers with yes or no and what it found,
in words. It knows the exchange's table for what a tone should be, never the product's.
"""

from __future__ import annotations

from tests.bench.world.copper import Samples
from tests.bench.world.exchanges import CallTone, Exchange, exchange_of
from tests.bench.world.level import level_dbm0, samples_of
from tests.bench.world.measure import Tone, bursts, find_tones, sounds_like_speech, tone_level
from tests.bench.world.party import Party

Finding = tuple[bool, str]

FREQUENCY_SHARE = 0.02  # a tone 2 % off is another tone to a person's apparatus
CADENCE_SHARE = 0.10  # GB 3380: +-10 %
CADENCE_LEAST_MS = 25.0  # what the envelope's 5 ms frames and a filter's ringing can hide
CLEAN_DB = 15.0  # anything else in a steady tone is at least so much weaker
SILENCE_DBM0 = -45.0
STEADY_MS = 500.0
SPEECH_MS = 1500.0
SPEECH_LEVEL_MS = 5000.0  # some twenty syllables: their levels differ by 6 dB
TONE_MS = 200.0
BRIDGE_MS = 15.0
TONE_NAMES = ("dial tone", "ringback", "busy tone", "congestion tone")


def tone_named(exchange: Exchange, name: str) -> CallTone:
    """``busy tone`` and so on in a country's table."""
    return {
        "dial tone": exchange.dial,
        "ringback": exchange.ringback,
        "busy tone": exchange.busy,
        "congestion tone": exchange.congestion,
    }[name]


def _back(party: Party, ms: float, since_ms: int = 0) -> Samples:
    now = party.timeline.sample
    return party.ear.span(max(0, samples_of(since_ms), now - samples_of(ms)), now)


def _words(tones: list[Tone]) -> str:
    if not tones:
        return "no tone"
    return " + ".join(f"{tone.hz:.1f} Hz {tone.dbm0:.1f} dBm0" for tone in tones)


def frequencies_fit(wanted: CallTone, sound: Samples) -> tuple[bool, list[Tone]]:
    """Whether a stretch of sound holds the wanted frequencies and no others."""
    found = find_tones(sound, len(wanted.hz) + 1)
    if wanted.modulated_hz:
        strongest = found[:1]
        fits = bool(strongest) and abs(strongest[0].hz - wanted.hz[0]) <= (
            FREQUENCY_SHARE * wanted.hz[0]
        )
        return fits, strongest
    tones, rest = found[: len(wanted.hz)], found[len(wanted.hz) :]
    if len(tones) < len(wanted.hz):
        return False, tones
    pairs = zip(sorted(wanted.hz), sorted(tone.hz for tone in tones), strict=True)
    fits = all(abs(hz - heard) <= FREQUENCY_SHARE * hz for hz, heard in pairs)
    weakest = min(tone.dbm0 for tone in tones)
    return fits and all(weakest - tone.dbm0 >= CLEAN_DB for tone in rest), tones


def cadence_fits(wanted_ms: tuple[int, ...], heard_ms: list[float], *, starts_on: bool) -> bool:
    """Whether complete on and off times fit a cadence, from any place in it on."""
    count = len(wanted_ms)
    if len(heard_ms) < 2:
        return False
    for shift in range(0 if starts_on else 1, count, 2):
        fits = all(
            abs(heard - wanted_ms[(shift + at) % count])
            <= max(CADENCE_LEAST_MS, CADENCE_SHARE * wanted_ms[(shift + at) % count])
            for at, heard in enumerate(heard_ms)
        )
        if fits:
            return True
    return False


def hears_tone(
    party: Party,
    country: str,
    name: str,
    level: float | None = None,
    within_db: float = 3.0,
    since_ms: int = 0,
) -> Finding:
    """A network tone of a country: frequencies, cadence and, if asked for, level of each tone."""
    wanted = tone_named(exchange_of(country), name)
    # The envelope of a modulated tone dips once per period of the modulation.
    bridge_ms = 700.0 / wanted.modulated_hz if wanted.modulated_hz else BRIDGE_MS
    if not wanted.cadence_ms:
        sound = _back(party, STEADY_MS, since_ms)
        if len(sound) < samples_of(STEADY_MS):
            return False, "not long enough yet"
        steady = bursts(sound, bridge_ms=bridge_ms)
        if len(steady) != 1 or steady[0][1] < STEADY_MS - 10.0:
            return False, "no steady sound"
        times = ""
    else:
        cycle = float(sum(wanted.cadence_ms))
        sound = _back(party, 2.0 * cycle + 1000.0, since_ms)
        edges = bursts(sound, bridge_ms=bridge_ms)
        total = len(sound) / 8.0
        # Complete times only: what begins or ends at the edge of the span is cut.
        whole: list[float] = []
        for place, (start, length) in enumerate(edges):
            if place:
                whole.append(start - sum(edges[place - 1]))
            whole.append(length)
        if edges and edges[0][0] <= 5.0:
            whole = whole[1:]
        cut_end = bool(edges) and sum(edges[-1]) >= total - 10.0
        if cut_end:
            whole = whole[:-1]
        # A short cadence has to repeat before it counts, a long one is known by one round.
        need = max(len(wanted.cadence_ms), 4 if cycle < 2000.0 else 2)
        whole = whole[-need:]
        ends_on = not cut_end
        starts_on = ends_on if len(whole) % 2 else not ends_on
        enough = len(whole) >= need
        if not enough or not cadence_fits(wanted.cadence_ms, whole, starts_on=starts_on):
            return False, "cadence " + ("/".join(f"{time:.0f}" for time in whole) or "none")
        times = ", " + "/".join(f"{time:.0f}" for time in whole) + " ms"
        start, length = max(edges, key=lambda one: one[1])
        sound = sound[samples_of(start) : samples_of(start + length)]
    fits, tones = frequencies_fit(wanted, sound)
    words = _words(tones) + times
    if fits and level is not None:
        fits = all(abs(tone.dbm0 - level) <= within_db for tone in tones)
    return fits, words


def level_of(party: Party, hz: float) -> float:
    """Level of one frequency during the last 200 ms, in dBm0."""
    return tone_level(_back(party, TONE_MS), hz)


def hears_hz(
    party: Party, hz: float, level: float | None = None, within_db: float = 3.0
) -> Finding:
    """One steady frequency during the last 200 ms, above -45 dBm0 or at a level."""
    found = level_of(party, hz)
    fits = found > SILENCE_DBM0 if level is None else abs(found - level) <= within_db
    return fits, f"{hz:g} Hz at {found:.1f} dBm0"


def hears_speech(party: Party, since_ms: int = 0) -> Finding:
    """Something that moves like speech during the last 1.5 s."""
    sound = _back(party, SPEECH_MS, since_ms)
    return sounds_like_speech(sound), f"level {level_dbm0(sound):.1f} dBm0, {_words(_top(sound))}"


def speech_level(party: Party) -> float:
    """Level of the last 5 s, in which somebody talked all the time, in dBm0."""
    return level_dbm0(_back(party, SPEECH_LEVEL_MS))


def hears_silence(party: Party) -> Finding:
    """Nothing above -45 dBm0 during the last 300 ms."""
    found = level_dbm0(_back(party, 300.0))
    return found < SILENCE_DBM0, f"level {found:.1f} dBm0"


def _top(sound: Samples) -> list[Tone]:
    return find_tones(sound, 2)
