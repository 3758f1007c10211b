"""outboxd killed behind each single thing it does: nothing lost, nothing doubled."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from firmware.daemons.outbox.outboxd import Do, Outboxd
from tests.bench.postman import Postman
from tests.unit.daemons.test_outboxd import MAX, Office

WORDS = "您好，请稍候。" * 12  # two messages


class Mortal(Postman):
    """Dies right behind the n-th thing that outboxd does, and begins anew."""

    def __init__(self, maker: str, die_at: int, **more: Any) -> None:
        super().__init__(maker, **more)
        self.left = die_at
        self.died = False

    def _do(self, core: Outboxd, what: Do, now_ms: int, wall: datetime) -> list[Do]:
        if core is not self.core:
            return []  # what a dead process would have done
        made = super()._do(core, what, now_ms, wall)
        if not self.died:
            self.left -= 1
            if self.left <= 0:
                self.died = True
                self.kill()
                self.start()
                return []
        return made


def after_a_kill(folder: Path, maker: str, die_at: int) -> Mortal:
    office = Office(folder, maker)
    mortal = Mortal(maker, die_at)
    office.postman = mortal
    mortal.start()
    mortal.plug(office.now)
    office.let(9_000)
    office.send(WORDS)
    office.send("second", "13900139000")
    mortal.far.arrive("10086", "余额 12.50 元", office.now)
    office.let(400_000)
    texts = Counter(mortal.network.texts())
    assert texts == Counter([(MAX, WORDS), ("13900139000", "second")]), f"killed at {die_at}"
    assert set(office.states()) == {"delivered"}, f"killed at {die_at}"
    assert office.calld is not None
    came = [text.text for text in office.calld._records.arrived()]
    assert came == ["余额 12.50 元"], f"killed at {die_at}: {came}"
    office.close()
    return mortal


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("maker", ["huawei", "quectel", "telit"])
def test_killed_behind_everything_it_does(tmp_path: Path, maker: str) -> None:
    """Until the kill comes later than the last thing there is to do."""
    for die_at in range(1, 1_000):
        folder = tmp_path / str(die_at)
        folder.mkdir()
        if not after_a_kill(folder, maker, die_at).died:
            print(f"{maker}: killed behind each of {die_at - 1} things")
            return
    raise AssertionError("there is always more to do")
