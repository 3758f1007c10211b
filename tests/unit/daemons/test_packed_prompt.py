"""Prompts at rest come back as they were."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from firmware.daemons.wires.packed_prompt import packed
from ivr.prompts import PromptStore


def test_a_prompt_comes_back_sample_by_sample_from_half_its_bytes() -> None:
    sound = PromptStore().load_system("en/welcome")
    small = packed(sound)
    assert small is not None
    assert np.array_equal(small.samples(), sound)
    assert small.nbytes < 0.55 * sound.nbytes


def test_the_loudest_and_the_quietest_come_back_too() -> None:
    # Nine bits and a sign: 255 steps of 128 at most.
    sound = np.zeros(1000, np.int16)
    sound[:6] = (-32640, 32640, -128, 128, 16256, -16512)
    small = packed(sound)
    assert small is not None
    assert np.array_equal(small.samples(), sound)


def test_what_has_more_bits_is_kept_as_it_is() -> None:
    assert packed(np.array([129, 0], np.int16)) is None
    loud = np.full(1000, 32640, np.int16)  # every place would have to be written down
    assert packed(loud) is None


def test_the_daemon_of_the_lines_loads_nothing_of_calls() -> None:
    """What it loads it locks into memory."""
    asked = "import firmware.daemons.wires.assembly, firmware.daemons.wires.line_loop, sys;"
    asked += "print([m for m in sys.modules if m.startswith(('firmware.call', 'sqlite3', 'web'))])"
    said = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "[]"
