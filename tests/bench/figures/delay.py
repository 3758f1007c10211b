"""How much later a word arrives than it was said, from wire to wire."""

from __future__ import annotations

from drivers.line import Seize
from firmware.core.commands import Party as BridgeParty
from firmware.core.commands import SetBridge
from tests.bench.box import Box
from tests.bench.figures.figure import Figure, of
from tests.bench.through import passage
from tests.bench.world.party import Party

LIMIT_MS = 12.0  # goal G9 with a block of 5 ms
RIVAL = "20 ms frames in user space: 41 ms and more; a kernel's own 1 ms chunks: 2 to 4 ms"


def _bridge(box: Box, one: str, other: str) -> None:
    assert box.lined is not None
    parties = (BridgeParty(port=one), BridgeParty(port=other))
    box.lined.command(SetBridge(bridge="figure", call="figure", parties=parties), box.now_ms)
    box.run_for(700)


def _delays(box: Box, one: Party, other: Party) -> list[float]:
    return [
        passage(source, sink, lambda ms: box.run_for(int(ms))).delay_ms
        for source, sink in ((one, other), (other, one))
    ]


def figures() -> list[Figure]:
    """Telephone to telephone, line to telephone, line to line."""
    found = []
    pairs = (
        ("telephone to telephone", "fxs/1", "fxs/2"),
        ("line to telephone", "fxo/1", "fxs/2"),
        ("line to line", "fxo/1", "fxo/2"),
    )
    for name, one, other in pairs:
        with Box() as box:
            # Without call control for a moment: the wires are joined by hand.
            box.kill_calld()
            first, second = _taken(box, one), _taken(box, other)
            box.run_for(1_000)
            _bridge(box, one, other)
            delays = _delays(box, first, second)
        found.append(of(f"added delay, {name}", "ms", delays, f"goal G9; {RIVAL}", LIMIT_MS))
    return found


def _taken(box: Box, port: str) -> Party:
    """Somebody talks at this port: a handset is lifted, a caller's line is seized."""
    kind, _, number = port.partition("/")
    if kind == "fxs":
        telephone = box.town.telephones[int(number) - 1]
        telephone.lift()
        return telephone
    line = box.line(int(number))
    line.call("13800138000")
    box.run_for(300)
    assert box.lined is not None
    box.lined.command(Seize(port=port), box.now_ms)
    return line
