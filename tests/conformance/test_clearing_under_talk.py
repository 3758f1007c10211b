"""The far side clears while our own people talk on: their echo is neither speech nor a tone.

Goals: from the third call on the line is free within 6 s of the first busy tone, while whoever
holds the handset speaks without a pause at -16 dBm0, on eight hybrids; and a conversation in which
both speak is not cut, whatever tones come up in it.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench import conversations
from tests.bench.clearings import CLEARINGS, Clearing, noise, taught, tone_sound
from tests.bench.row_of_calls import RowOfCalls
from tests.bench.row_of_lines import RATE_HZ, Sound
from tests.bench.voice import speech
from tests.conformance import talker
from tests.conformance.daa_lines import LINES, daa_path
from tests.conformance.echo_paths import MODELS, path
from tests.conformance.hybrid_model import HYBRIDS, echo_path

WITHIN_MS = 6_000
NEAR_DBM0 = -16.0
FAR_DBM0 = -20.0
NOISE_DBM0 = -60.0
CONVERSATION_S = 4.0
TONE_S = 6.5

TONES = tuple(clearing for clearing in CLEARINGS if clearing.tone is not None)
FAMILIES = {
    "the DAA's presets": [daa_path(line) for line in LINES],
    "hybrids of G.168 at 6 dB": [path(model) for model in MODELS],
    "lines with a balance at 6 dB": [echo_path(name) for name in HYBRIDS],
}

# Not yet reached: on lines that return much (6 dB) a voice that never changes its pitch spoils some
# releases of 288, measured on 2026-11-22. The numbers only shrink; the goal is none.
STILL_LATE = {
    "the DAA's presets": 1,
    "hybrids of G.168 at 6 dB": 18,
    "lines with a balance at 6 dB": 14,
}


def _without_pause(seed: int, rows: int, seconds: float) -> Sound:
    """Our people, two kinds of voices in turn."""
    count = int(seconds * RATE_HZ)
    found = []
    for row in range(rows):
        rng = np.random.default_rng([seed, row])
        if row % 2:
            found.append(talker.talk(rng, count, NEAR_DBM0))
        else:
            pitch_hz = float(rng.uniform(90, 240))
            own = speech(seconds * 1000, NEAR_DBM0, seed=1000 * seed + row, pitch_hz=pitch_hz)
            found.append(own[:count])
    return np.stack(found)


def _call(lines: RowOfCalls, seed: int, tones: list[Clearing]) -> dict[int, int]:
    """One call on every line; milliseconds from the sign to the release by row, where it came."""
    rows = len(tones)
    rng = np.random.default_rng([seed, 1])
    for row in range(rows):
        lines.connect(row)
    near = _without_pause(seed, rows, CONVERSATION_S + TONE_S)
    far = np.stack([talker.talk(rng, int(CONVERSATION_S * RATE_HZ), FAR_DBM0) for _ in range(rows)])
    hears = int(RATE_HZ * 1.2)
    near[:, :hears] = 0.0  # he lifts and listens; after his first words the other waits for more
    far[:, hears : 2 * hears] = 0.0
    talk = far.shape[1]
    lines.talk(_with_noise(rng, far), near[:, :talk])
    assert not lines.cleared, f"seed {seed}: freed while people talked: {lines.cleared}"
    began_ms = lines.now_ms
    sign = np.stack([tone_sound(c.tone, TONE_S) for c in tones if c.tone is not None])
    lines.talk(_with_noise(rng, sign), near[:, talk:])
    freed = {row: at - began_ms for row, (at, _) in lines.cleared.items()}
    for row in range(rows):
        lines.hang_up(row)
    quiet = noise(rng, rows, 1.0, NOISE_DBM0)
    lines.talk(quiet, np.zeros_like(quiet))
    return freed


def _with_noise(rng: np.random.Generator, sound: Sound) -> Sound:
    rows, samples = sound.shape
    return (sound + noise(rng, rows, samples / RATE_HZ, NOISE_DBM0)).astype(np.float32)


def _late(freed: dict[int, int], tones: list[Clearing]) -> dict[str, int | None]:
    return {
        f"{clearing.name}, hybrid {row % 8}": freed.get(row)
        for row, clearing in enumerate(tones)
        if freed.get(row, WITHIN_MS + 1) > WITHIN_MS
    }


@pytest.mark.slow
def test_a_line_is_free_in_time_though_our_side_talks_on() -> None:
    """Every tone once and every hybrid at least once; the signs are learned, the echo is not."""
    seed = 66
    paths = FAMILIES["the DAA's presets"]
    tones = list(TONES)
    lines = RowOfCalls([paths[row % len(paths)] for row in range(len(tones))])
    for jack, clearing in zip(lines.jacks, tones, strict=True):
        jack.doctor.profile = taught(clearing)
    _call(lines, seed, tones)
    late = _late(_call(lines, seed + 1, tones), tones)
    assert not late, f"seed {seed}: {late}"


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("family", FAMILIES)
def test_twelve_tones_on_eight_hybrids_each_learned_from_nothing(family, capsys) -> None:
    seed, calls, learn_by = 67, 5, 2
    paths = FAMILIES[family]
    tones = [tone for tone in TONES for _ in range(8)]
    lines = RowOfCalls([paths[row % len(paths)] for row in range(len(tones))])
    late: dict[str, int | None] = {}
    judged, slowest = 0, 0
    for call in range(1, calls + 1):
        freed = _call(lines, seed + call, tones)
        if call > learn_by:
            found = _late(freed, tones)
            late |= {f"call {call}, {name}": ms for name, ms in found.items()}
            judged += len(tones)
            slowest = max(slowest, *freed.values())
    with capsys.disabled():
        print(f"\nseed {seed}, {family}: {judged} calls, {len(late)} late, slowest {slowest} ms")
    assert len(late) <= STILL_LATE[family], f"seed {seed}: {late}"


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_hours_of_two_people_talking_without_one_cut(capsys) -> None:
    """Conversations as the other soak has them, and our own people speak in them as well."""
    seed, minutes = 68, 20
    rng = np.random.default_rng(seed)
    paths = FAMILIES["the DAA's presets"]
    tones = [*TONES, *TONES[:4]]
    lines = RowOfCalls([paths[row % len(paths)] for row in range(len(tones))])
    found = []
    for row, jack in enumerate(lines.jacks):
        jack.doctor.profile = taught(tones[row])
        lines.connect(row)
    for minute in range(minutes):
        far = conversations.minute(rng, len(tones))
        near = np.stack([talker.talk(rng, far.shape[1], NEAR_DBM0) for _ in tones])
        # People listen as much as they talk.
        for row in near:
            for at in range(0, row.size, 10 * RATE_HZ):
                row[at : at + int(rng.uniform(3, 8) * RATE_HZ)] = 0.0
        lines.talk(far.astype(np.float32), near)
        for row in list(lines.cleared):
            found.append(f"minute {minute}, {tones[row].name}: {lines.cleared[row]}")
            lines.connect(row)
    with capsys.disabled():
        hours = minutes * len(tones) / 60
        print(f"\nseed {seed}: {hours:.1f} h, {len(found)} cut, {lines.false_alarms} taken back")
    assert found == [], f"seed {seed}"
