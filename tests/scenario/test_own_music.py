"""An owner's own WAV takes the place of the music on hold, loops, and is taken away again."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from firmware.control.prompt_messages import (
    KeepPrompt,
    PromptGone,
    PromptKept,
    PromptPart,
    RemovePrompt,
)
from tests.bench import hearing
from tests.bench.box import Box

PART_BYTES = 60_000
NOTE_HZ = 1700
SECONDS = 3
RATE_HZ = 44_100
BEHIND_BOTH_CABLES_DBM0 = -45.0


def inbound(document: dict) -> dict:
    return dict(document, inbound="201", language="en")


def uploaded(box: Box, name: str) -> None:
    """A WAV of a music shop's rate, as an owner has it."""
    at = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    note = 0.3 * np.sin(2 * np.pi * NOTE_HZ * at) * (1 + 0.3 * np.sin(2 * np.pi * 3 * at))
    file = io.BytesIO()
    soundfile.write(file, note, RATE_HZ, format="WAV", subtype="PCM_16")
    data = file.getvalue()
    for start in range(0, len(data), PART_BYTES):
        part = data[start : start + PART_BYTES]
        box.ask(PromptPart(upload=name, at=start, data=part), 2_000)


def held(box: Box) -> None:
    phone, line = box.telephone("201"), box.line(1)
    line.call("13800138000", "", None)
    assert box.run_until(lambda: phone.ringing, 15_000)
    phone.lift(0.0)
    box.run_for(1_000)
    phone.flash(100.0)
    box.run_for(2_000)


def ended(box: Box) -> None:
    box.line(1).hang_up("busy tone", 400.0)
    box.run_for(8_000)
    box.telephone("201").replace(0.0)
    box.run_for(2_000)


@pytest.mark.slow
def test_callers_on_hold_hear_the_owners_own_music():
    with Box(settings=inbound) as box:
        uploaded(box, "march")
        kept = box.ask(
            KeepPrompt(upload="march", language="music", key="default", who="owner"), 5_000
        )
        assert isinstance(kept, PromptKept), kept
        held(box)
        for _ in range(3):  # it is 3 s long and goes on
            assert hearing.level_of(box.line(1), NOTE_HZ) > BEHIND_BOTH_CABLES_DBM0
            box.run_for(2_300)
        ended(box)
        gone = box.ask(RemovePrompt(language="music", key="default", who="owner"), 5_000)
        assert isinstance(gone, PromptGone), gone
        held(box)
        assert hearing.level_of(box.line(1), NOTE_HZ) < BEHIND_BOTH_CABLES_DBM0
        ended(box)
