"""How a prompt is spoken otherwise: names of takes, digits spelt one by one, what is cut off."""

from __future__ import annotations

import importlib.util
import json
import sys
from typing import Any

import numpy as np
import pytest

from ivr.prompts import SYSTEM_FOLDER

SPEC = importlib.util.spec_from_file_location("takes", SYSTEM_FOLDER / "takes.py")
assert SPEC is not None
assert SPEC.loader is not None
takes: Any = importlib.util.module_from_spec(SPEC)
sys.modules["takes"] = takes
SPEC.loader.exec_module(takes)

RATE_HZ = 24_000


@pytest.mark.parametrize(
    ("name", "pace", "longer", "form"),
    [
        ("", 1.0, 0, ""),
        ("0.9", 0.9, 0, ""),
        ("1.0 +10", 1.0, 10, ""),
        ("0.85 +30 apart", 0.85, 30, "apart"),
        ("1.0 end", 1.0, 0, "end"),
    ],
)
def test_a_take_is_known_by_its_name(name: str, pace: float, longer: int, form: str) -> None:
    take = takes.named(name)
    assert (take.pace, take.longer, take.form) == (pace, longer, form)
    assert take.name == name


def test_a_wrong_name_is_told_with_what_may_stand_there() -> None:
    with pytest.raises(ValueError, match=r"'slowly' is none of .*'apart'"):
        takes.named("0.9 slowly")


def test_every_take_that_was_chosen_can_be_spoken() -> None:
    chosen = json.loads((SYSTEM_FOLDER / "takes.json").read_text("utf-8"))
    for of_language in chosen.values():
        for name in of_language.values():
            assert takes.named(name).name == name


def test_digits_are_spelt_one_by_one() -> None:
    joined = "sa→nu↓"  # as the dictionary has it: one word
    assert takes.named("0.9").spelt("三五", joined) == joined
    assert takes.named("0.9 apart").spelt("三五", joined) == "sa→n u↓"
    assert takes.named("0.9 end").spelt("三五", joined) == "sa→n u↓."
    assert takes.named("pauses").spelt("三五", joined) == "sa→n, u↓"
    assert takes.named("behind").spelt("三五", joined) == "ljou↘ li↗ŋ sɨ↘, sa→n u↓"


def test_a_style_lies_within_the_voices_table() -> None:
    assert takes.named("1.0").style(12) == 11
    assert takes.named("1.0 +30").style(12) == 41
    assert takes.named("1.0 +500").style(40) == 509


def test_what_was_said_before_is_cut_off_in_the_middle_of_the_longest_silence() -> None:
    tone = np.sin(np.arange(RATE_HZ // 2) / 5)
    short, long = np.zeros(RATE_HZ // 20), np.zeros(RATE_HZ // 5)
    audio = np.concatenate([tone, short, tone, long, tone, short, tone])
    left = len(takes.named("behind").cut(audio, RATE_HZ)) / RATE_HZ
    assert left == pytest.approx(0.1 + 0.5 + 0.05 + 0.5, abs=0.02)
    assert len(takes.named("apart").cut(audio, RATE_HZ)) == len(audio)
