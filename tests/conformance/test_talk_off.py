"""Nothing a person says or plays is a digit or a clearing tone.

Goals: 0 digits in 30 h of speech, and on the vowel stress corpus (sounds made to resemble digits,
180 false an hour for the usual receiver) no more than spandsp; 0 busy or congestion tones in 30 h
of speech and 5 h of music with all twelve countries loaded.
"""

import subprocess

import numpy as np
import pytest

from firmware.core.countries import COUNTRIES
from tests.conformance import generator_a, spandsp_oracle
from tests.conformance.receivers import heard, progress

EVERYWHERE = tuple(COUNTRIES.values())
CLEARING = {"busy", "congestion"}

# Articles 1 and 3 of the Universal Declaration of Human Rights, which exists in every language.
TEXTS = {
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with "
    "reason and conscience and should act towards one another in a spirit of brotherhood. "
    "Everyone has the right to life, liberty and security of person.",
    "cmn": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。"
    "人人有权享有生命、自由和人身安全。",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft "
    "und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen. "
    "Jeder hat das Recht auf Leben, Freiheit und Sicherheit der Person.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont "
    "doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit "
    "de fraternité. Tout individu a droit à la vie, à la liberté et à la sûreté de sa personne.",
    "pt": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de "
    "razão e de consciência, devem agir uns para com os outros em espírito de fraternidade. "
    "Todo indivíduo tem direito à vida, à liberdade e à segurança pessoal.",
    "hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। "
    "उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
}
VARIANTS = (
    *("+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+m8"),
    *("+f1", "+f2", "+f3", "+f4", "+f5", "+croak", "+klatt2", "+whisper"),
)


def false_tones(sound):
    return [
        (report.country, report.tone, report.cadence_ms)
        for report in progress(sound, EVERYWHERE)
        if not report.ended and report.tone in CLEARING
    ]


def spoken(language, variant, words_per_minute, pitch):
    """One passage read by the synthesiser, at 8 kHz, full scale."""
    wave = subprocess.run(
        [
            "espeak-ng",
            "-v",
            language + variant,
            "-s",
            str(words_per_minute),
            "-p",
            str(pitch),
            "--stdout",
            TEXTS[language],
        ],
        capture_output=True,
        check=True,
    ).stdout
    samples = np.frombuffer(wave[44 : len(wave) // 2 * 2], np.int16).astype(np.float64)
    spectrum = np.fft.rfft(samples)
    keep = int(spectrum.size * 3600 / 11025)  # a line passes up to 3.4 kHz
    length = int(samples.size * 8000 / 22050)
    narrow = np.fft.irfft(spectrum[: min(keep, length // 2)], length)
    return narrow / np.sqrt(np.mean(narrow**2))


@pytest.mark.slow
def test_near_digits_fool_it_less_than_the_usual_receiver():
    seed = 120
    sound = generator_a.vowels(seed, rows=15, seconds=36.0)
    ours = len("".join(heard(sound)))
    theirs = sum(len(spandsp_oracle.hear(row)) for row in sound)
    assert ours <= theirs, f"seed {seed}: {ours} against spandsp's {theirs}"
    assert false_tones(sound) == [], f"seed {seed}"


@pytest.mark.slow
def test_music_is_no_clearing_tone():
    seed = 121
    assert false_tones(generator_a.music(seed, rows=15, seconds=36.0)) == [], f"seed {seed}"


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_ten_hours_of_near_digits(capsys):
    ours = theirs = 0
    for seed in range(2000, 2040):
        sound = generator_a.vowels(seed, rows=50, seconds=18.0)
        ours += len("".join(heard(sound)))
        theirs += sum(len(spandsp_oracle.hear(row)) for row in sound)
        assert false_tones(sound) == [], f"seed {seed}"
    with capsys.disabled():
        print(f"\nvowel stress, 10 h: {ours} false digits, spandsp {theirs}")
    assert ours <= theirs


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_five_hours_of_music(capsys):
    digits = 0
    for seed in range(2100, 2120):
        sound = generator_a.music(seed, rows=50, seconds=18.0)
        digits += len("".join(heard(sound)))
        assert false_tones(sound) == [], f"seed {seed}"
    with capsys.disabled():
        print(f"\nmusic, 5 h: {digits} false digits")


LEVELS_DBM0 = (-30, -25, -20, -16, -12)


@pytest.mark.soak
@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("language", TEXTS)
def test_thirty_hours_of_speech(language, capsys):
    """Six languages, sixteen voices, five speeds, pitches and levels: over 30 h together."""
    seconds = hours_of(language, LEVELS_DBM0)
    with capsys.disabled():
        print(f"\nspeech, {language}: {seconds / 3600:.2f} h, no digit, no clearing tone")


def hours_of(language, levels_dbm0):
    """Let every voice of a language speak; seconds of speech. A false report fails the test."""
    seed = 2200
    rng = np.random.default_rng(seed)
    seconds = 0.0
    for variant in VARIANTS:
        for speed in (100, 130, 160, 200, 250):
            rows = []
            for pitch in (10, 30, 50, 70, 90):
                passage = spoken(language, variant, speed, pitch)
                rows += [passage * (generator_a.peak(level) / 2**0.5) for level in levels_dbm0]
            length = max(row.size for row in rows)
            sound = (rng.standard_normal((len(rows), length)) * 8).astype(np.float32)
            for n, row in enumerate(rows):
                sound[n, : row.size] += row
            generator_a.a_law_trip(sound)
            where = f"{language}{variant} at {speed}, seed {seed}"
            assert "".join(heard(sound)) == "", where
            assert false_tones(sound) == [], where
            seconds += sum(row.size for row in rows) / 8000
    return seconds
