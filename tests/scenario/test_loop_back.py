"""The call through the box's own loop-back: genuine driver, chip and highway."""

import numpy as np
import pytest

from firmware.control.messages import PortStatus
from firmware.control.update_messages import AskLoop, LoopAnswer
from firmware.core.commands import TryLoop
from firmware.daemons.desks.loop_desk import LoopDesk
from firmware.daemons.wires.loop_test import LIKE, likeness
from tests.bench.box import Box


def test_digits_come_back_through_a_chip_and_the_line_hears_nothing():
    with Box() as box:
        line, chip = box.line(1), box.town.card.chip("fxo/1")
        assert box.ask(AskLoop(), timeout_ms=4_000) == LoopAnswer(port="fxo/1")
        box.run_for(50)
        assert not chip.off_hook
        assert not chip.pcm.bit_exact_loop
        # And the line serves as before.
        line.call("13912345678")
        assert box.run_until(lambda: box.status().calls, 10_000)


def test_a_box_whose_sound_goes_nowhere_says_so():
    desk, said = LoopDesk(), []
    ports = [PortStatus(port="fxo/2", label="", state="idle")]
    assert desk.ask(ports, said.append, 0, connected=True) == [TryLoop(port="fxo/2")]
    assert desk.deadlines == [3_000]
    desk.advance(3_000)
    assert said == [LoopAnswer(port="fxo/2", failed="fxo/2 gave nothing back in 3000 ms")]


def test_a_box_without_a_port_in_service_says_so():
    desk, said = LoopDesk(), []
    desk.ask(
        [PortStatus(port="fxo/1", label="", state="out_of_service")], said.append, 0, connected=True
    )
    desk.ask([], said.append, 0, connected=False)
    assert [answer.failed for answer in said] == [
        "no port is in service: fxo/1",
        "the line daemon is not connected",
    ]


@pytest.mark.parametrize("other", ["silence", "noise", "another tone", "half of it missing"])
def test_what_is_not_the_same_sound_is_not_taken_for_it(other):
    t = np.arange(1_600, dtype=np.float32)
    sent = (8_000 * np.sin(2 * np.pi * 941 / 8_000 * t)).astype(np.float32)
    heard = np.zeros(3_200, np.float32)
    heard[100:1_700] = sent
    assert likeness(sent, heard) > 0.999
    match other:
        case "silence":
            heard[:] = 0
        case "noise":
            heard[:] = np.random.default_rng(5).normal(0, 6_000, 3_200)
        case "another tone":
            heard[100:1_700] = 8_000 * np.sin(2 * np.pi * 1_209 / 8_000 * t)
        case _:
            heard[100:900] = 0
    assert likeness(sent, heard) < LIKE
