"""The capture of a line's last call, from the sound path into its file and on to a reader."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from firmware.core.commands import Caller, Listen
from firmware.core.countries import country
from firmware.daemons.wires.raw_capture import capture_path, raw_lines
from firmware.daemons.wires.spool import Spool
from firmware.media import g711
from firmware.media.caller_id_sound import caller_id_sound
from firmware.media.line_capture import LONGEST_S, LineCapture
from firmware.media.tick import SoundPath

WHEN = datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001  # local wall-clock time
BLOCK = 40


def path_of(folder: Path) -> SoundPath:
    return SoundPath(
        ("fxs/1", "fxo/1"),
        lines=frozenset({"fxo/1"}),
        country=country("CN"),
        block_samples=BLOCK,
        prompts=lambda _name: None,
        sink=Spool(),
        captures=str(folder / "captures"),
    )


def hear(path: SoundPath, sound: np.ndarray) -> None:
    playing = np.zeros((2, BLOCK), np.uint8)
    for at in range(0, len(sound) - BLOCK + 1, BLOCK):
        said = np.zeros((2, BLOCK), np.float32)
        said[1] = sound[at : at + BLOCK]
        captured = np.zeros((2, BLOCK), np.uint8)
        g711.encode(said, captured, "a")
        path.tick(captured, playing, at // 8)


def test_the_last_call_of_a_line_is_kept_as_it_came(tmp_path: Path) -> None:
    path = path_of(tmp_path)
    sound = caller_id_sound("fsk_bell202_between_rings", Caller(number="01012345678"), WHEN)
    path.apply(Listen(port="fxo/1", caller_id=True), 0)
    hear(path, np.concatenate((np.zeros(4000), sound, np.zeros(4000))).astype(np.float32))
    path.apply(Listen(port="fxo/1", progress=True), 0)
    text = raw_lines(capture_path(tmp_path, "fxo/1"), "en")
    assert "01012345678" in text[-1]
    assert "fsk_bell202" in text[-1]
    assert any("1200 Hz" in line for line in text), "the long mark"


def test_a_line_on_which_nothing_was_heard_keeps_the_capture_of_the_call_before(
    tmp_path: Path,
) -> None:
    path = path_of(tmp_path)
    path.apply(Listen(port="fxo/1", caller_id=True), 0)
    hear(path, np.zeros(8000, np.float32))
    path.apply(Listen(port="fxo/1"), 0)
    with pytest.raises(LookupError):
        raw_lines(capture_path(tmp_path, "fxo/1"), "en")


def test_sound_that_nobody_can_read_says_so(tmp_path: Path) -> None:
    path = path_of(tmp_path)
    path.apply(Listen(port="fxo/1", caller_id=True), 0)
    hear(path, (8000 * np.sin(np.arange(8000) * 2 * np.pi * 450 / 8000)).astype(np.float32))
    path.apply(Listen(port="fxo/1"), 0)
    text = raw_lines(capture_path(tmp_path, "fxo/1"), "zh-CN")
    assert "没有" in text[-1]
    assert any("450 Hz" in line for line in text)


def test_a_capture_never_grows_beyond_its_length() -> None:
    capture = LineCapture()
    ramp = np.arange((LONGEST_S + 3) * 8000, dtype=np.float32) % 20_000
    for at in range(0, len(ramp), 48):
        capture.add(ramp[at : at + 48])
    taken = capture.take()
    assert taken is not None
    assert len(taken) == LONGEST_S * 8000
    assert np.array_equal(taken, ramp[-LONGEST_S * 8000 :].astype(np.int16))
    assert capture.take() is None, "nothing since"
