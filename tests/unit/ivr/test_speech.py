"""Read-outs: a table worked out by hand, and a listener who understands the rest from the words."""

import random
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from ivr import speech
from ivr.numerals import CURRENCIES, LANGUAGES, MAX_NUMBER, vocabulary
from tests.unit.ivr import spoken

CASES = [
    tuple(field.strip() for field in line.split("|"))
    for line in (Path(__file__).parent / "speech_cases.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


def _money(value: str, language: str) -> list[str]:
    cents, currency = value.split()
    return speech.say_money(int(cents), language, currency)


SPEAKERS: dict[str, Callable[[str, str], list[str]]] = {
    "digits": speech.say_digits,
    "number": lambda value, language: speech.say_number(int(value), language),
    "counted": lambda value, language: speech.say_number(int(value), language, counted=True),
    "position": lambda value, language: speech.say_position(int(value), language),
    "money": _money,
    "date": lambda value, language: speech.say_date(date.fromisoformat(value), language),
    "day": lambda value, language: speech.say_date(
        date.fromisoformat(value), language, year=False, weekday=False
    ),
    "time": lambda value, language: speech.say_time(time.fromisoformat(value), language),
    "duration": lambda value, language: speech.say_duration(int(value), language),
}


def test_the_hand_checked_table_is_large_enough() -> None:
    assert len(CASES) >= 300
    assert len(set(CASES)) == len(CASES)


@pytest.mark.parametrize("kind", SPEAKERS)
def test_read_outs_say_what_was_written_down_by_hand(kind: str) -> None:
    wrong = []
    for case_kind, language, value, expected in CASES:
        if case_kind == kind:
            said = speech.words(SPEAKERS[kind](value, language), language)
            if said != expected:
                wrong.append(f"{language} {value}: said {said!r}, expected {expected!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "draws", [1_500, pytest.param(60_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_a_listener_understands_numbers_money_durations_and_digits(
    language: str, draws: int
) -> None:
    seed = 20_261_121
    dice = random.Random(seed)
    numbers = [int(10 ** dice.uniform(0, 9)) - 1 for _ in range(draws)]
    round_ones = [dice.randrange(1, 100) * 10 ** dice.randrange(8) for _ in range(draws // 3)]
    for value in [*numbers, *round_ones, *range(1200), MAX_NUMBER]:
        value = min(value, MAX_NUMBER)  # noqa: PLW2901  # the dice may go one digit over
        said = speech.words(speech.say_number(value, language), language)
        assert spoken.number(said, language) == value, f"seed {seed}: {said}"
    for value in numbers[: draws // 2]:
        said = speech.words(speech.say_money(value, language, dice.choice(CURRENCIES)), language)
        assert spoken.money(said, language) == value, f"seed {seed}: {said}"
        said = speech.words(speech.say_duration(value, language), language)
        assert spoken.duration(said, language) == value, f"seed {seed}: {said}"
        string = "".join(dice.choices("0123456789", k=dice.randrange(1, 16)))
        said = speech.words(speech.say_digits(string, language), language)
        assert spoken.digits(said, language) == string, f"seed {seed}: {said}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_listener_understands_every_day_of_four_years(language: str) -> None:
    first = date(2024, 1, 1)
    for offset in range(4 * 365 + 1):
        day = first + timedelta(days=offset)
        said = speech.words(speech.say_date(day, language), language)
        assert spoken.day(said, language) == (day, day.isoweekday()), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_listener_understands_every_year_that_can_be_said(language: str) -> None:
    for year in range(2000, 2100):
        said = speech.words(speech.say_date(date(year, 3, 1), language), language)
        assert spoken.day(said, language)[0].year == year, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_listener_understands_every_minute_of_the_day(language: str) -> None:
    for minute in range(24 * 60):
        at = time(minute // 60, minute % 60)
        said = speech.words(speech.say_time(at, language), language)
        assert spoken.clock(said, language) == at, said


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_synthetic_voice_is_never_asked_for_a_lone_digit_beside_others(language: str) -> None:
    for length in range(2, 41):
        keys = speech.say_digits("7" * length, language)
        assert min(len(key.removeprefix("digits-")) for key in keys) >= 2, keys


def test_groups_of_a_number_are_apart_and_parts_of_a_word_are_not() -> None:
    assert speech.gap_after_ms("digits-138") == 150
    assert speech.gap_after_ms("h-3") < 50


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: speech.say_number(1_000_000_000, "en"), "999999999"),
        (lambda: speech.say_number(-1_000_000_000, "zh-CN"), "999999999"),
        (lambda: speech.say_number(1, "fr"), "'fr'"),
        (lambda: speech.say_digits("", "en"), "1 to 40"),
        (lambda: speech.say_digits("12a", "en"), "'12a'"),
        (lambda: speech.say_digits("١٢", "en"), "0 to 9"),
        (lambda: speech.say_digits("1" * 41, "zh-CN"), "1 to 40"),
        (lambda: speech.say_position(0, "en"), "the first is 1"),
        (lambda: speech.say_money(-1, "zh-CN"), "-1"),
        (lambda: speech.say_money(100, "zh-CN", "EUR"), "'EUR'"),
        (lambda: speech.say_date(date(1999, 12, 31), "en"), "1999"),
        (lambda: speech.say_date(date(2100, 1, 1), "zh-HK"), "2100"),
        (lambda: speech.say_time(time(1, 2), "yue"), "'yue'"),
        (lambda: speech.say_duration(-5, "en"), "-5"),
        (lambda: vocabulary("de"), "'de'"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(call: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|^no ") as refused:
        call()
    assert named in str(refused.value)
