"""Cantonese where it is recorded, Mandarin where it is not, and the notice that says so once.

Cantonese is recorded by the office itself, so a box may have all of it, some of it or nothing. A
read-out is never mixed: when one piece of a number is missing, the whole number is said in
Mandarin, by Mandarin's own grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ivr.numerals import CURRENCIES, YEARS, vocabulary
from ivr.speech import say_digits, say_money, say_number, say_position

CANTONESE: Final = "zh-HK"
MANDARIN: Final = "zh-CN"
NOTICE: Final = "mandarin-instead"

_UNITS: Final = {"bak": 100, "cin": 1_000, "maan": 10_000, "jik": 100_000_000}
_YEAR_PARTS: Final = 5


def filled(
    names: Sequence[str], has: Callable[[str], bool], *, told: bool
) -> tuple[tuple[str, ...], bool]:
    """What is really played for these prompts.

    Args:
        names: `language/key` or absolute paths, in the order they are heard.
        has: Whether a name has sound.
        told: Whether this caller has heard the notice.

    Returns:
        The names with Mandarin in the place of missing Cantonese, and whether he has heard it now.
    """
    pieces = vocabulary(CANTONESE)
    played: list[str] = []
    run: list[str] = []
    swapped = False

    def close() -> None:
        nonlocal swapped
        if run and not all(has(f"{CANTONESE}/{key}") for key in run):
            _notice(played, has, said=told or swapped)
            swapped = True
            played.extend(f"{MANDARIN}/{key}" for key in in_mandarin(run))
        else:
            played.extend(f"{CANTONESE}/{key}" for key in run)
        run.clear()

    for name in names:
        language, _, key = name.partition("/")
        if language == CANTONESE and key in pieces:
            run.append(key)
            continue
        close()
        if language != CANTONESE or has(name) or not has(f"{MANDARIN}/{key}"):
            played.append(name)
            continue
        _notice(played, has, said=told or swapped)
        swapped = True
        played.append(f"{MANDARIN}/{key}")
    close()
    return tuple(played), told or swapped


def _notice(played: list[str], has: Callable[[str], bool], *, said: bool) -> None:
    if said:
        return
    recorded = f"{CANTONESE}/{NOTICE}"
    played.append(recorded if has(recorded) else f"{MANDARIN}/{NOTICE}")


def in_mandarin(keys: Sequence[str]) -> list[str]:
    """Cantonese read-outs as Mandarin says them.

    Args:
        keys: As `ivr.speech` gives them for `zh-HK`, one read-out or several behind each other.
    """
    said: list[str] = []
    at = 0
    while at < len(keys):
        key = keys[at]
        if key.startswith("digits-"):
            end = at
            while end < len(keys) and keys[end].startswith("digits-"):
                end += 1
            said += say_digits("".join(k.removeprefix("digits-") for k in keys[at:end]), MANDARIN)
            at = end
        elif _is_year(keys, at):
            year = int("".join(k.removeprefix("q-") for k in keys[at : at + 4]))
            said += [f"year-{year}"] if year in YEARS else list(keys[at : at + _YEAR_PARTS])
            at += _YEAR_PARTS
        elif key in {f"money-{currency}" for currency in CURRENCIES}:
            cents, at = _cents(keys, at + 1)
            said += say_money(cents, MANDARIN, key.removeprefix("money-"))
        elif key == "position-before":
            place, _, at = _number(keys, at + 1)
            said += say_position(place, MANDARIN)
            at += 1  # position-after
        elif _begins_number(key):
            value, counted, at = _number(keys, at)
            said += say_number(value, MANDARIN, counted=counted)
        else:
            said.append(key)  # months, days, hours and units have the same names
            at += 1
    return said


def _is_year(keys: Sequence[str], at: int) -> bool:
    return list(keys[at + 4 : at + 5]) == ["year-word"]


def _begins_number(key: str) -> bool:
    return key in {"minus", "zero"} or key.startswith(("q-", "t-"))


def _number(keys: Sequence[str], at: int) -> tuple[int, bool, int]:
    """A number's value, whether a measure word follows a lone two, and where it ends."""
    sign = 1
    if keys[at] == "minus":
        sign, at = -1, at + 1
    counted = keys[at] == "q-2-counted" and keys[at + 1 : at + 2] != ["maan"]
    whole = section = 0
    while at < len(keys):
        key = keys[at]
        if key == "zero":
            at += 1
            continue
        if not key.startswith(("q-", "t-")):
            break
        digit = int(key.split("-")[1])
        at += 1
        unit = _UNITS.get(keys[at], 1) if at < len(keys) else 1
        at += unit > 1
        if unit >= _UNITS["maan"]:
            whole, section = whole + (section + digit) * unit, 0
            continue
        section += digit * unit
        if unit == 1:
            break
        if at < len(keys) and keys[at] == "maan":
            whole, section, at = whole + section * _UNITS["maan"], 0, at + 1
    value = whole + section
    if at < len(keys) and keys[at] == "maan":
        value, at = whole + section * _UNITS["maan"], at + 1
        if at < len(keys) and _begins_number(keys[at]):
            rest, _, at = _number(keys, at)
            value += rest
    return sign * value, counted and value == 2, at


def _cents(keys: Sequence[str], at: int) -> tuple[int, int]:
    """An amount in hundredths behind the name of its currency, and where it ends."""
    cents = 0
    worth = {"money-after": 100, "jiao-word": 10, "fen-word": 1}
    while at < len(keys) and _begins_number(keys[at]):
        value, _, after = _number(keys, at)
        if after >= len(keys) or keys[after] not in worth:
            break
        cents += value * worth[keys[after]]
        at = after + 1
    return cents, at
