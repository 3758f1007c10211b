"""A recording made fit for the telephone, and what it says about a bad one."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.polish import pace_per_minute, polish

RATES = (8_000, 11_025, 16_000, 44_100, 48_000)


def _speech(seconds: float, rate_hz: int, dbfs: float, *, breath_dbfs: float = -90.0) -> np.ndarray:
    """Syllables of 150 ms and pauses of 100 ms, harmonics of 180 Hz, between half a second of room.

    The mean power of a syllable is ``dbfs`` re full scale.
    """
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    tone = sum(np.sin(2 * np.pi * 180 * n * at + n) / n for n in range(2, 12))
    tone = tone / np.sqrt((tone**2).mean())
    spoken = tone * ((at % 0.25) < 0.15)
    room = np.zeros(rate_hz // 2)
    sound = np.concatenate([room, spoken, room]) * 10 ** (dbfs / 20)
    dice = np.random.default_rng(5)
    sound = sound + dice.normal(0, 10 ** (breath_dbfs / 20), len(sound))
    return np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16)


def _rms_dbfs(samples: np.ndarray) -> float:
    """Of the loud half of the 10 ms blocks: inside the syllables."""
    blocks = samples[: len(samples) // 80 * 80].reshape(-1, 80).astype(float) / 32768
    power = np.sort((blocks**2).mean(axis=1))[len(blocks) // 2 :]
    return float(10 * np.log10(power.mean()))


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("dbfs", [-35.0, -20.0, -12.0])
def test_any_rate_and_level_comes_out_alike(rate_hz: int, dbfs: float) -> None:
    done = polish(_speech(2.0, rate_hz, dbfs), rate_hz)
    assert done.faults == ()
    assert _rms_dbfs(done.samples) == pytest.approx(-20.0, abs=1.5)
    assert np.abs(done.samples.astype(int)).max() < 32768 * 10 ** (-3 / 20)
    # 2 s of syllables, of which the last pause is no sound; the room before and after is cut.
    assert done.duration_ms == pytest.approx(1_900 + 45, abs=25)
    assert int(np.argmax(np.abs(done.samples) > 500)) < 8 * 100


def test_hum_under_the_voice_is_taken_out() -> None:
    clean = _speech(2.0, 8_000, -20.0).astype(float)
    hum = 3_000 * np.sin(2 * np.pi * 50 * np.arange(len(clean)) / 8_000)
    done = polish((clean + hum).astype(np.int16), 8_000)
    spectrum = np.abs(np.fft.rfft(done.samples.astype(float)))
    hertz = np.fft.rfftfreq(len(done.samples), 1 / 8_000)
    assert spectrum[(hertz > 45) & (hertz < 55)].max() < spectrum[hertz > 300].max() / 300


@pytest.mark.parametrize(
    ("samples", "fault"),
    [
        (_speech(2.0, 8_000, -50.0), "too-quiet"),
        (_speech(2.0, 8_000, -20.0, breath_dbfs=-30.0), "noisy"),
        (_speech(2.0, 8_000, +6.0), "clipped"),
        (np.zeros(16_000, np.int16), "silent"),
        (np.full(1_600, 3_000, np.int16), "too-short"),
        (np.zeros(8_000 * 121, np.int16), "too-long"),
    ],
)
def test_a_bad_recording_is_told(samples: np.ndarray, fault: str) -> None:
    assert fault in polish(samples, 8_000).faults


def test_the_key_that_ended_a_recording_is_not_heard() -> None:
    spoken = _speech(1.0, 8_000, -20.0)
    at = np.arange(800) / 8_000
    key = 6_000 * (np.sin(2 * np.pi * 941 * at) + np.sin(2 * np.pi * 1477 * at))
    with_key = np.concatenate([spoken, key.astype(np.int16)])
    assert polish(with_key, 8_000, key_tail_ms=150).duration_ms == polish(spoken, 8_000).duration_ms


def test_pace_is_characters_of_chinese_and_words_of_english() -> None:
    # 18 characters in 10 s; 6 words in 3 s; nothing known.
    assert pace_per_minute("您好，欢迎致电，销售请按一，售后请按二，谢谢。", 10_000) == 6 * 18
    assert pace_per_minute("Hello and thank you for calling.", 3_000) == 120
    assert pace_per_minute("", 3_000) == 0
    assert pace_per_minute("abc", 0) == 0
