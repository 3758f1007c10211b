"""Talk-off judged on the second generator: what a person says or plays is no digit and no tone.

Goals: no digit and no clearing tone in 30 h of speech, and on the vowel stress corpus not more
digits than spandsp's default. The soak also lets espeak-ng (Debian package espeak-ng) talk through
the judges' lines; on a machine without it that test fails with a sentence.
"""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from scipy import signal

from firmware.core.countries import COUNTRIES
from tests.conformance import line_model, spandsp_oracle, talker
from tests.conformance.receivers import heard, progress

EVERYWHERE = tuple(COUNTRIES.values())
VOICES = (
    *("en-us+m3", "en-gb+f2", "cmn+m1", "cmn+f3", "yue+m2", "de+f1", "fr+m4", "es+f4", "ja+m2"),
)
PASSAGE = {
    "cmn": "您好，这里是办公室，请问您找哪一位？请稍等，我把电话转给她。明天上午九点开会。",
    "yue": "你好，請問搵邊位？請等一等，我幫你轉駁過去。聽日朝早九點開會，喺三樓。",
    "de": "Guten Tag, hier ist die Zentrale. Einen Augenblick bitte, ich verbinde Sie weiter.",
    "fr": "Bonjour, vous êtes bien au bureau. Ne quittez pas, je vous passe la comptabilité.",
    "es": "Buenos días, ha llamado a la oficina. Espere un momento, le paso con contabilidad.",
    "ja": "おでんわありがとうございます。しょうしょうおまちください。",
    "en": "Good morning, you have reached the office. Please hold on, I will put you through.",
}


def false_reports(sound):
    """Digits, and clearing tones of any country."""
    tones = [r for r in progress(sound, EVERYWHERE) if not r.ended]
    return "".join(heard(sound)), [r for r in tones if r.tone in {"busy", "congestion"}]


def lined(seed, sound):
    """Through the judges' lines and coders."""
    rng = np.random.default_rng(seed)
    sound = line_model.Path(rng, sound.shape[0]).through(sound)
    sound += line_model.hum(rng, *sound.shape, -55.0)
    return line_model.coders(rng, sound)


@pytest.mark.slow
@pytest.mark.parametrize(("make", "rows"), [(talker.talk, 15), (talker.music, 6)])
def test_talk_and_music_are_neither_digit_nor_tone(make, rows):
    seed = 601
    digits, tones = false_reports(lined(seed, talker.rows(make, seed, rows, 20.0)))
    assert (digits, tones) == ("", []), f"{make.__name__}, seed {seed}"


def test_near_digits_fool_it_no_more_than_spandsp():
    seed = 602
    sound = lined(seed, talker.rows(talker.near_digits, seed, 16, 30.0))
    ours, tones = false_reports(sound)
    theirs = sum(len(spandsp_oracle.hear(row)) for row in sound)
    assert len(ours) <= theirs, f"seed {seed}"
    assert tones == [], f"seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [610, 611])
def test_a_quarter_hour_of_near_digits_beside_spandsp(seed, capsys):
    sound = lined(seed, talker.rows(talker.near_digits, seed, 50, 18.0))
    ours = len("".join(heard(sound)))
    theirs = sum(len(spandsp_oracle.hear(row)) for row in sound)
    with capsys.disabled():
        print(f"\n  near-digits, 15 min: ours {ours} false; spandsp {theirs}", end="")
    assert ours <= theirs


@pytest.mark.soak
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize(("make", "hours"), [(talker.talk, 12), (talker.music, 6)])
def test_hours_of_talk_and_music(make, hours, capsys):
    digits = ""
    for seed in range(6200, 6200 + 2 * hours):
        found, tones = false_reports(lined(seed, talker.rows(make, seed, 50, 36.0)))
        digits += found
        assert tones == [], f"seed {seed}"
    with capsys.disabled():
        print(f"\n  {make.__name__}, {hours} h: digits {digits!r}, no clearing tone")
    assert digits == ""


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_ten_hours_of_near_digits(capsys):
    ours = theirs = 0
    for seed in range(6300, 6320):
        sound = lined(seed, talker.rows(talker.near_digits, seed, 50, 36.0))
        found, tones = false_reports(sound)
        assert tones == [], f"seed {seed}"
        ours += len(found)
        theirs += sum(len(spandsp_oracle.hear(row)) for row in sound)
    with capsys.disabled():
        print(f"\n  near-digits, 10 h: ours {ours} false; spandsp {theirs}")
    assert ours <= theirs


def spoken(voice: str, speed: int, pitch: int) -> np.ndarray:
    """A passage by espeak-ng as a telephone sends it, unit power while talking."""
    text = PASSAGE[voice.partition("+")[0].partition("-")[0]]
    wave = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text],
        capture_output=True,
        check=True,
    ).stdout
    samples = np.frombuffer(wave[44 : len(wave) // 2 * 2], np.int16).astype(float)
    narrow = signal.resample_poly(samples, 160, 441)  # 22050 to 8000
    return narrow / np.sqrt(np.mean(narrow**2))


@pytest.mark.soak
@pytest.mark.timeout(14_400)
def test_hours_of_synthesised_languages(capsys):
    assert shutil.which("espeak-ng"), "espeak-ng is missing; install the Debian package espeak-ng"
    seconds, digits = 0.0, ""
    for number, voice in enumerate(VOICES):
        for speed in range(90, 300, 15):
            passages = [spoken(voice, speed, pitch) for pitch in range(15, 95, 8)]
            length = max(map(len, passages)) + 800
            sound = np.zeros((3 * len(passages), length), np.float32)
            for row, passage in enumerate(passages * 3):
                level = (-32.0, -21.0, -11.0)[row // len(passages)]
                sound[row, : passage.size] = passage * line_model.rms(level)
            found, tones = false_reports(lined(6400 + number, sound))
            digits += found
            assert tones == [], f"{voice} at {speed}, seed {6400 + number}"
            seconds += sound.size / line_model.RATE
    with capsys.disabled():
        print(f"\n  espeak-ng, {seconds / 3600:.1f} h: digits {digits!r}, no clearing tone")
    assert digits == ""
