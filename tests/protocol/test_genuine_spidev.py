"""The genuine ``spidev`` module on a kernel device made by umockdev, with the bench's chips behind.

What must hold: the device is opened in mode 3, every message is a train of one-byte transfers with
chip select pulsed after each but the last, and the unmodified card comes up through it.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_card_comes_up_through_the_genuine_spidev_module():
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.bench.kernel.spi_testbed",
            sys.executable,
            "-m",
            "tests.bench.kernel.spi_program",
        ],
        capture_output=True,
        text=True,
        timeout=80,
        check=False,
    )
    said = dict(line.split(" ", 1) for line in run.stdout.splitlines() if " " in line)
    assert {"PROGRAM", "TESTBED"} <= said.keys(), run.stdout + run.stderr
    program, testbed = json.loads(said["PROGRAM"]), json.loads(said["TESTBED"])

    assert program["spidev"].endswith(".so"), "the compiled module, not a stand-in"
    assert program["ports"] == {
        **{f"fxs/{n}": "Si3215 rev E" for n in range(1, 5)},
        **{f"fxo/{n}": "Si3050 rev E, Si3019 rev F" for n in range(1, 5)},
    }
    assert program["off_hook"], "line 1 was seized through the bus"
    for name, asked in testbed.items():
        assert asked["mode"] == 3, name
        assert asked["speed_hz"] == 4_000_000, name
        assert asked["bad"] == [], f"{name}: transfers that are not one byte with its own select"
        # A whole poll is one message: many more transfers than messages.
        assert asked["transfers"] > 2 * asked["messages"], name
