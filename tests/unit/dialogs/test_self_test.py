"""A telephone under test: what its user hears, step by step, and what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest

from firmware.core.destinations import FlowHangsUp
from firmware.dialogs.self_test import KEYS, SelfTest
from firmware.dialogs.told import RingTest, SelfTested
from firmware.voicemail.session import Record, Recorded, StopRecord, Talk


def said(effects: list[Any]) -> list[str]:
    return [p.removeprefix("en/") for e in effects if isinstance(e, Talk) for p in e.prompts]


def spoken(level_dbm0: float | None) -> tuple[SelfTest, list[Any]]:
    """A test up to the verdict on the voice."""
    test = SelfTest("201", "en")
    test.start(0)
    assert test.played(1_000) == [Record()]
    assert test.advance(4_999) == []
    assert test.advance(5_000) == [StopRecord()]
    recorded = Recorded(
        name="1-vm1", path="/r/1.wav", duration_ms=4_000, left_at="", level_dbm0=level_dbm0
    )
    return test, test.recorded(recorded, 5_100)


@pytest.mark.parametrize(
    ("level_dbm0", "verdict"),
    [
        (-18.0, "self-test-level-good"),
        (-35.0, "self-test-level-low"),
        (-3.0, "self-test-level-high"),
        (-55.0, "self-test-silent"),
        (None, "self-test-silent"),
    ],
)
def test_the_voice_is_played_back_and_judged(level_dbm0: float | None, verdict: str) -> None:
    _, effects = spoken(level_dbm0)
    assert said(effects) == ["/r/1.wav", verdict, "self-test-keys"]


def test_every_key_is_said_back_and_the_hook_is_measured() -> None:
    test, _ = spoken(-18.0)
    test.played(9_000)
    for key in KEYS[:-1]:
        assert said(test.key(key, 10_000)) == (
            [f"digits-{key}"] if key.isdigit() else ["music/beep"]
        )
    assert said(test.key(KEYS[-1], 11_000)) == ["self-test-keys-good", "self-test-flash"]
    test.played(12_000)
    effects = test.flashed(120, 13_000)
    assert said(effects)[0] == "self-test-flash-good"
    assert said(effects)[-2:] == ["self-test-passed", "self-test-ring"]
    assert RingTest(extension="201") in effects
    (found,) = [e for e in effects if isinstance(e, SelfTested)]
    assert found.good
    assert found.found == "level -18.0 dBm0, keys good, flash 120 ms"
    assert test.played(20_000) == [FlowHangsUp(at_ms=20_000)]


def test_keys_that_were_not_heard_fail_the_telephone() -> None:
    test, _ = spoken(-18.0)
    test.played(9_000)
    test.key("1", 10_000)
    effects = test.advance(22_000)
    assert said(effects)[0] == "self-test-key-failed-before"
    test.played(23_000)
    effects = test.advance(31_000)
    assert said(effects)[:2] == ["self-test-flash-none", "self-test-failed"]
    (found,) = [e for e in effects if isinstance(e, SelfTested)]
    assert not found.good
    assert "keys missing 23456789*0#" in found.found
