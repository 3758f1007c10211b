"""The twelve country profiles, as data.

Sources, by the letter used in ``sources`` and ``other``:

* ``E180``  ITU-T E.180 Supplement 2 (various tones used in national networks), by way of the two
  tone tables that carry it into practice, Asterisk's and DAHDI's; where these two differ, the
  choice is in the field and the other value in ``other``.
* ``GB3380`` GB 3380-1982 (China): 450 +-25 Hz, -10 +-3 dBm, cadence +-10 %.
* ``SIN350`` BT SIN 350 (tones), ``SIN227`` / ``SIN242`` (caller display).
* ``IES`` ZyXEL IES-1248 guide, appendix B (levels and caller identity of UK and Finland).
* ``PTP`` Precise tone plan of North America: dial -13, ringback -19, busy and reorder -24 dBm.
* ``EN300659`` ETSI EN 300 659-1; ``GR30`` Telcordia GR-30-CORE; ``YDT1277`` YD/T 1277.1-2003.
* ``chosen``  no document read says it: the value is common practice, or ours, and an owner may
  have to change it. Hook-flash windows are ``chosen`` unless a source stands beside them.

A data table: it is longer than other modules because a country is easier to check in one place.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable

from firmware.core.country import (
    CallerIdScheme,
    Country,
    HookTiming,
    Numbering,
    Tone,
    problems,
)

__all__ = [
    "COUNTRIES",
    "CallerIdScheme",
    "Country",
    "HookTiming",
    "Numbering",
    "Tone",
    "country",
    "problems",
]

_Hz = tuple[float, ...]


def _at(level_dbm0: float) -> Callable[..., Tone]:
    """Tones of one level: ``tone(frequencies, *cadence_ms, ...)``."""

    def tone(frequencies_hz: _Hz, *cadence_ms: int, **more: object) -> Tone:
        fields: dict[str, object] = {"level_dbm0": level_dbm0, **more}
        return Tone(frequencies_hz=frequencies_hz, cadence_ms=cadence_ms, **fields)  # type: ignore[arg-type]  # the fields of Tone by name

    return tone


def _stutter(steady: Tone, rounds: int = 6, on_ms: int = 100, off_ms: int = 100) -> Tone:
    """``rounds`` short bursts of a dial tone, then the dial tone."""
    return Tone(
        frequencies_hz=steady.frequencies_hz,
        modulation_hz=steady.modulation_hz,
        cadence_ms=(on_ms, off_ms),
        level_dbm0=steady.level_dbm0,
        repeats=rounds,
        then=steady,
    )


def _confirm(steady: Tone) -> Tone:
    """Three short bursts, then silence: North American practice, chosen elsewhere too."""
    return Tone(
        frequencies_hz=steady.frequencies_hz,
        modulation_hz=steady.modulation_hz,
        cadence_ms=(100, 100),
        level_dbm0=steady.level_dbm0,
        repeats=3,
    )


def _sit(level_dbm0: float, gap_ms: int = 0, other: str = "") -> Tone:
    """E.180 clause 6: 950, 1400, 1800 Hz, 330 +-70 ms each, pause 1 s."""
    return Tone(
        frequencies_hz=(950.0, 1400.0, 1800.0),
        bursts_hz=((950.0,), (1400.0,), (1800.0,)),
        cadence_ms=(330, gap_ms, 330, gap_ms, 330, 1000),
        level_dbm0=level_dbm0,
        other=other,
    )


# Receiver-off-hook tone of North America: four frequencies, 0.1/0.1 s, as loud as the codec bears
# (a real exchange sends it at +3 dBm per tone, which no PCM port can).
_ROH = Tone(frequencies_hz=(1400.0, 2060.0, 2450.0, 2600.0), cadence_ms=(100, 100), level_dbm0=-9.0)
# GB 3380: 950 Hz rising in five steps. Steps of 5 dB and 3 s are chosen.
_HOWLER_STEPS = Tone(
    frequencies_hz=(950.0,),
    cadence_ms=(3000, 0) * 5,
    bursts_db=(-20.0, -15.0, -10.0, -5.0, 0.0),
    level_dbm0=0.0,
    repeats=1,
    then=Tone(frequencies_hz=(950.0,), level_dbm0=0.0),
)

_BELL: CallerIdScheme = "fsk_bell202_between_rings"
_V23: CallerIdScheme = "fsk_v23_between_rings"
_V23_BEFORE: CallerIdScheme = "fsk_v23_before_ring"
_JCLIP: CallerIdScheme = "fsk_jclip_before_ring"
_DTMF: CallerIdScheme = "dtmf_before_ring"

# Breaks of a pulse from 22 pps at 50 % (23 ms) with 5 ms of bounce eaten, up to 8 pps at 80 %
# (100 ms) where no short recall is in use. Where recalls begin at 75 to 80 ms the break ends
# below them, as NEC's exchanges do (65 and 70 ms); slow and heavy dials are then refused.
_WIDE_BREAK_MS = (15, 110)
_TIMED_BREAK_MS = (15, 74)


def _north_american(dial_level_dbm0: float = -13.0) -> dict[str, Tone]:
    dial = Tone(frequencies_hz=(350.0, 440.0), level_dbm0=dial_level_dbm0)
    quiet, ring, wait = _at(-24.0), _at(-19.0), _at(-13.0)
    return {
        "dial": dial,
        "ringback": ring((440.0, 480.0), 2000, 4000),
        "busy": quiet((480.0, 620.0), 500, 500),
        "congestion": quiet((480.0, 620.0), 250, 250),
        "call_waiting": wait((440.0,), 300, 10000, other="GR-30 sets expect 0.3 s once, then 10 s"),
        "stutter": _stutter(dial),
        "howler": _ROH,
        "special_information": _sit(-14.0, other="coded SIT shifts tones by 3 to 5 %, 274/380 ms"),
        "confirm": _confirm(dial),
        "intrusion": wait((440.0,), 2000, 10000, repeats=1, other="busy line verification tone"),
    }


def _china() -> Country:
    tone = _at(-10.0)  # GB 3380: -10 +-3 dBm
    hz = (450.0,)
    dial = tone(hz)
    return Country(
        code="CN",
        name_en="China",
        name_zh="中国",
        law="a",
        ring_ms=(1000, 4000),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone(hz, 1000, 4000),
            "busy": tone(hz, 350, 350),
            "congestion": tone(hz, 700, 700),
            "call_waiting": tone(hz, 400, 4000),
            "stutter": tone((425.0, 450.0), other="GB 3380: 450 Hz, 0.4/0.04 s"),
            "howler": _HOWLER_STEPS,
            "special_information": tone(hz, 100, 100, 100, 100, 100, 100, 400, 400),
            "confirm": _confirm(dial),
            "intrusion": tone(hz, 200, 200, 200, 600),
        },
        caller_id_out=_BELL,
        caller_id_in=(_BELL, _DTMF),
        hook=HookTiming(
            flash_ms=(80, 700),
            flash_out_ms=100,
            hang_up_ms=800,
            pulse_break_ms=_TIMED_BREAK_MS,
            other="sets send 90 to 120 or 600 ms; GB/T pulses, 69 % at 8 pps, reach 86 ms",
        ),
        numbering=Numbering(
            calling_code="86",
            trunk_prefix="0",
            international_prefix="00",
            emergency=("110", "119", "120", "122"),
        ),
        sources=("GB3380", "E180", "YDT1277", "chosen: flash window"),
        other="ring 25 +-3 Hz, 90 +-15 V (GB)",
    )


def _hong_kong() -> Country:
    return Country(
        code="HK",
        name_encodings=("big5", "gbk"),
        name_en="Hong Kong",
        name_zh="中国香港",
        law="a",
        ring_ms=(400, 200, 400, 3000),
        ring_hz=25.0,
        tones=_north_american() | {"ringback": _at(-19.0)((440.0, 480.0), 400, 200, 400, 3000)},
        caller_id_out=_BELL,
        caller_id_in=(_BELL, _DTMF),
        hook=HookTiming(
            flash_ms=(120, 900),
            flash_out_ms=600,
            hang_up_ms=1000,
            pulse_break_ms=_WIDE_BREAK_MS,
            other="sets with a 100 ms key need flash_ms (80, 900) and pulse breaks up to 74 ms",
        ),
        numbering=Numbering(
            calling_code="852",
            trunk_prefix="",
            international_prefix="001",
            emergency=("999", "112"),
        ),
        sources=("chosen: as North America with British ringing, from general knowledge",),
    )


def _taiwan() -> Country:
    return Country(
        code="TW",
        name_encodings=("big5", "gbk"),
        name_en="Taiwan",
        name_zh="中国台湾",
        law="u",
        ring_ms=(1000, 4000),
        ring_hz=20.0,
        tones=_north_american()
        | {
            "ringback": _at(-19.0)((440.0, 480.0), 1000, 2000),
            "call_waiting": _at(-13.0)((350.0, 440.0), 250, 250, 250, 3250),
        },
        caller_id_out=_BELL,
        caller_id_in=(_BELL, _DTMF),
        hook=HookTiming(
            flash_ms=(300, 1000),
            flash_out_ms=600,
            hang_up_ms=1100,
            pulse_break_ms=_WIDE_BREAK_MS,
        ),
        numbering=Numbering(
            calling_code="886",
            trunk_prefix="0",
            international_prefix="002",
            emergency=("110", "119", "112"),
        ),
        sources=("E180", "PTP: levels", "chosen: flash, law"),
    )


def _singapore() -> Country:
    tone = _at(-13.0)
    hz = (425.0,)
    dial = tone(hz)
    return Country(
        code="SG",
        name_en="Singapore",
        name_zh="新加坡",
        law="a",
        ring_ms=(400, 200, 400, 2000),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone(hz, 400, 200, 400, 2000, modulation_hz=24.0),
            "busy": tone(hz, 750, 750),
            "congestion": tone(hz, 250, 250),
            "call_waiting": tone(hz, 300, 200, 300, 3200, modulation_hz=24.0),
            "stutter": tone(hz, *((200, 200, 600, 200) * 4), repeats=1, then=dial),
            "howler": _ROH,
            "special_information": _sit(-14.0),
            "confirm": _confirm(dial),
            "intrusion": tone(hz, 250, 2000, other="as E.180 suggests for intrusion; chosen"),
        },
        caller_id_out=_BELL,
        caller_id_in=(_BELL, _V23, _DTMF),
        hook=HookTiming(
            flash_ms=(80, 900),
            flash_out_ms=600,
            hang_up_ms=1000,
            pulse_break_ms=_TIMED_BREAK_MS,
        ),
        numbering=Numbering(
            calling_code="65",
            trunk_prefix="",
            international_prefix="001",
            emergency=("999", "995", "112"),
        ),
        sources=("E180", "chosen: levels, flash, caller identity"),
    )


def _united_states() -> Country:
    return Country(
        code="US",
        name_en="United States",
        name_zh="美国",
        law="u",
        ring_ms=(2000, 4000),
        ring_hz=20.0,
        tones=_north_american(),
        caller_id_out=_BELL,
        caller_id_in=(_BELL,),
        hook=HookTiming(
            flash_ms=(300, 1000),
            flash_out_ms=600,
            hang_up_ms=1100,
            pulse_break_ms=_WIDE_BREAK_MS,
            other="DAHDI sends 750 ms and accepts up to 1250 ms",
        ),
        numbering=Numbering(
            calling_code="1",
            trunk_prefix="1",
            international_prefix="011",
            emergency=("911",),
        ),
        sources=("E180", "PTP", "GR30"),
    )


def _united_kingdom() -> Country:
    tone = _at(-18.0)  # IES
    dial = tone((350.0, 440.0), other="IES: 350 Hz 4 dB below 440 Hz")
    return Country(
        code="GB",
        name_en="United Kingdom",
        name_zh="英国",
        law="a",
        ring_ms=(400, 200, 400, 2000),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone((400.0, 450.0), 400, 200, 400, 2000),
            "busy": tone((400.0,), 375, 375),
            "congestion": tone((400.0,), 400, 350, 225, 525, other="IES: -25 dBm"),
            "call_waiting": tone((400.0,), 100, 4000, other="IES, DAHDI: 3 s off"),
            "stutter": tone((350.0, 440.0), 750, 0, 750, 0, bursts_hz=((350.0, 440.0), (440.0,))),
            "howler": _ROH,
            "special_information": _sit(-18.0, gap_ms=15),
            "confirm": _confirm(dial),
            "intrusion": tone((400.0,), 250, 250, 250, 1250, other="chosen"),
        },
        caller_id_out=_V23_BEFORE,
        caller_id_in=(_V23_BEFORE,),
        hook=HookTiming(
            flash_ms=(80, 250),
            flash_out_ms=100,
            hang_up_ms=350,
            pulse_break_ms=_TIMED_BREAK_MS,
            other="exchanges take 50 to 130 ms; pulses of 72 % at 7 pps reach 103 ms",
        ),
        numbering=Numbering(
            calling_code="44",
            trunk_prefix="0",
            international_prefix="00",
            emergency=("999", "112"),
        ),
        sources=("SIN350", "SIN227", "SIN242", "IES", "E180"),
    )


def _germany() -> Country:
    tone = _at(-16.0)
    hz = (425.0,)
    dial = tone(hz)
    return Country(
        code="DE",
        name_en="Germany",
        name_zh="德国",
        law="a",
        ring_ms=(1000, 4000),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone(hz, 1000, 4000, other="another table: 1/5 s"),
            "busy": tone(hz, 480, 480, other="E180 also 0.5/0.5 s"),
            "congestion": tone(hz, 240, 240, other="E180 also 0.2/0.2 s"),
            "call_waiting": tone(hz, 200, 200, 200, 5000, other="E180 also 8 s off"),
            "stutter": tone((400.0, 425.0)),
            "howler": _ROH,
            "special_information": _sit(-16.0, other="E180 also 900 Hz first"),
            "confirm": _confirm(dial),
            "intrusion": tone(hz, 240, 240, 240, 1280),
        },
        caller_id_out=_V23,
        caller_id_in=(_V23,),
        hook=HookTiming(
            flash_ms=(80, 400),
            flash_out_ms=100,
            hang_up_ms=500,
            pulse_break_ms=_TIMED_BREAK_MS,
            other="sets send 80 to 120 ms, older ones 170 to 310 ms",
        ),
        numbering=Numbering(
            calling_code="49",
            trunk_prefix="0",
            international_prefix="00",
            emergency=("110", "112"),
        ),
        sources=("E180", "EN300659"),
    )


def _france() -> Country:
    tone = _at(-13.0)
    hz = (440.0,)
    dial = tone(hz)
    return Country(
        code="FR",
        name_en="France",
        name_zh="法国",
        law="a",
        ring_ms=(1500, 3500),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone(hz, 1500, 3500),
            "busy": tone(hz, 500, 500),
            "congestion": tone(hz, 250, 250),
            "call_waiting": tone(hz, 300, 10000),
            "stutter": _stutter(dial),
            "howler": _ROH,
            "special_information": _sit(-13.0),
            "confirm": _confirm(dial),
            "intrusion": tone(hz, 250, 250, 250, 1250, other="chosen"),
        },
        caller_id_out=_V23,
        caller_id_in=(_V23,),
        hook=HookTiming(
            flash_ms=(80, 400),
            flash_out_ms=270,
            hang_up_ms=500,
            pulse_break_ms=_TIMED_BREAK_MS,
        ),
        numbering=Numbering(
            calling_code="33",
            trunk_prefix="0",
            international_prefix="00",
            emergency=("112", "15", "17", "18", "114"),
        ),
        sources=("E180", "EN300659", "chosen: levels"),
        other="the network rings with 50 Hz; sets take 25 to 50 Hz",
    )


def _japan() -> Country:
    tone = _at(-13.0)
    hz = (400.0,)
    dial = tone(hz)
    return Country(
        code="JP",
        name_en="Japan",
        name_zh="日本",
        law="u",
        ring_ms=(1000, 2000),
        ring_hz=20.0,
        tones={
            "dial": dial,
            "ringback": tone(hz, 1000, 2000, modulation_hz=16.0),
            "busy": tone(hz, 500, 500),
            "congestion": tone(hz, 500, 500),
            "call_waiting": tone(hz, 500, 8000, modulation_hz=16.0),
            "stutter": _stutter(dial),
            "howler": _ROH,
            "special_information": _sit(-14.0),
            "confirm": _confirm(dial),
            "intrusion": tone(hz, 250, 250, 250, 1250, other="chosen"),
        },
        caller_id_out=_JCLIP,
        caller_id_in=(_JCLIP,),
        hook=HookTiming(
            flash_ms=(200, 1200),
            flash_out_ms=600,
            hang_up_ms=1300,
            pulse_break_ms=_WIDE_BREAK_MS,
            pulse_out_ms=(67, 33),
        ),
        numbering=Numbering(
            calling_code="81",
            trunk_prefix="0",
            international_prefix="010",
            emergency=("110", "118", "119"),
        ),
        sources=("E180", "chosen: levels, flash"),
        other="the network rings with 16 Hz; sets take 15 to 20 Hz",
    )


def _australia() -> Country:
    tone = _at(-13.0)
    dial = tone((413.0, 438.0), other="another table: 415+440 Hz")
    return Country(
        code="AU",
        name_en="Australia",
        name_zh="澳大利亚",
        law="a",
        ring_ms=(400, 200, 400, 2000),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone((413.0, 438.0), 400, 200, 400, 2000),
            "busy": tone((425.0,), 375, 375),
            "congestion": tone((425.0,), 375, 375, 375, 375, bursts_db=(0.0, -10.0)),
            "call_waiting": tone((425.0,), 200, 200, 200, 4400, other="DAHDI: first burst 0.1 s"),
            "stutter": tone((413.0, 438.0), 100, 40),
            "howler": _ROH,
            "special_information": tone((425.0,), 2500, 500),
            "confirm": _confirm(dial),
            "intrusion": tone((425.0,), 250, 250, 250, 1250, other="chosen"),
        },
        caller_id_out=_BELL,
        caller_id_in=(_BELL,),
        hook=HookTiming(
            flash_ms=(80, 250),
            flash_out_ms=100,
            hang_up_ms=350,
            pulse_break_ms=_TIMED_BREAK_MS,
        ),
        numbering=Numbering(
            calling_code="61",
            trunk_prefix="0",
            international_prefix="0011",
            emergency=("000", "112", "106"),
        ),
        sources=("E180", "chosen: levels, flash, caller identity"),
    )


def _india() -> Country:
    tone = _at(-13.0)
    hz = (400.0,)
    dial = tone(hz, modulation_hz=25.0)
    return Country(
        code="IN",
        name_en="India",
        name_zh="印度",
        law="a",
        ring_ms=(400, 200, 400, 2000),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone(hz, 400, 200, 400, 2000, modulation_hz=25.0),
            "busy": tone(hz, 750, 750),
            "congestion": tone(hz, 250, 250),
            "call_waiting": tone(hz, 200, 100, 200, 7500),
            "stutter": _stutter(dial),
            "howler": _ROH,
            "special_information": _sit(-14.0),
            "confirm": _confirm(dial),
            "intrusion": tone(hz, 250, 250, 250, 1250, other="chosen"),
        },
        caller_id_out=_BELL,
        caller_id_in=(_DTMF, _BELL),
        hook=HookTiming(
            flash_ms=(120, 900),
            flash_out_ms=600,
            hang_up_ms=1000,
            pulse_break_ms=_WIDE_BREAK_MS,
        ),
        numbering=Numbering(
            calling_code="91",
            trunk_prefix="0",
            international_prefix="00",
            emergency=("112", "100", "101", "102", "108"),
        ),
        sources=("E180", "chosen: levels, flash"),
        other="stutter in the tables is 350+440 Hz; lines reverse polarity before DTMF identity",
    )


def _brazil() -> Country:
    tone = _at(-13.0)
    hz = (425.0,)
    dial = tone(hz)
    return Country(
        code="BR",
        category_digit=True,
        name_en="Brazil",
        name_zh="巴西",
        law="a",
        ring_ms=(1000, 4000),
        ring_hz=25.0,
        tones={
            "dial": dial,
            "ringback": tone(hz, 1000, 4000),
            "busy": tone(hz, 250, 250),
            "congestion": tone(hz, 250, 250, 750, 250),
            "call_waiting": tone(hz, 50, 1000),
            "stutter": tone(hz, 950, 50, other="the tables say 350+440 Hz steady; doubtful"),
            "howler": _ROH,
            "special_information": _sit(-14.0),
            "confirm": _confirm(dial),
            "intrusion": tone(hz, 250, 250, 250, 1250, other="chosen"),
        },
        caller_id_out=_BELL,
        caller_id_in=(_DTMF, _BELL),
        hook=HookTiming(
            flash_ms=(80, 800),
            flash_out_ms=300,
            hang_up_ms=900,
            pulse_break_ms=_TIMED_BREAK_MS,
        ),
        numbering=Numbering(
            calling_code="55",
            trunk_prefix="0",
            international_prefix="00",
            emergency=("190", "192", "193"),
        ),
        sources=("E180", "chosen: levels, flash, stutter"),
        other="identity on lines begins with a category digit",
    )


COUNTRIES: dict[str, Country] = {
    profile.code: profile
    for profile in (
        _china(),
        _hong_kong(),
        _taiwan(),
        _singapore(),
        _united_states(),
        _united_kingdom(),
        _germany(),
        _france(),
        _japan(),
        _australia(),
        _india(),
        _brazil(),
    )
}

_PROBLEMS = [problem for profile in COUNTRIES.values() for problem in problems(profile)]
if _PROBLEMS:
    raise ValueError("; ".join(_PROBLEMS))


def country(code: str) -> Country:
    """Profile of a country by its ISO 3166 code, in either case.

    Raises:
        ValueError: There is no such profile; the sentence names the nearest one and all of them.
    """
    wanted = code.upper()
    if wanted in COUNTRIES:
        return COUNTRIES[wanted]
    by_name = {profile.name_en.upper(): key for key, profile in COUNTRIES.items()}
    spelled = {"UK": "GB", "USA": "US", "PRC": "CN"} | by_name | {key: key for key in COUNTRIES}
    nearest = difflib.get_close_matches(wanted, spelled, n=1, cutoff=0.0)[0]
    raise ValueError(
        f"country {code!r} has no profile; the nearest is {spelled[nearest]}"
        f" (there are {', '.join(COUNTRIES)})"
    )
