"""Pulse dialling, judged from the contacts of a dial through copper, chip, driver and hook.

Goal G8: 8 to 22 pulses a second, 50 to 80 % break, contacts that bounce for up to 5 ms at every
edge. What a country takes for a recall cannot be a pulse, so a dial keeps to the breaks of its
country's profile. The chip is asked every 10 ms and filters for as long: a make that does not last
20 ms behind its bounce may pass unseen (above 20 pps, beyond 55 % break), which a figure counts.
"""

from __future__ import annotations

import random

import pytest

from drivers.line import LoopClosed, LoopOpened
from firmware.core.countries import country
from firmware.port.hook import Hook, PulseDigitSign
from tests.unit.drivers.rig import Rig

PORTS = 4
POLL_MS = 10
BOUNCE_MS = 5
PPS, BREAK = (8.0, 22.0), (0.50, 0.80)
DIGITS_A_DIAL = 10
PAUSE_MS = (600, 900)  # between digits: TIA-464 600 ms and more
LEAST_MAKE_MS = 20


def dial(
    chance: random.Random, code: str, least_make_ms: float = LEAST_MAKE_MS
) -> tuple[str, list[tuple[int, bool]]]:
    """Digits, and what the contact does: (ms from the beginning, closed)."""
    shortest, longest = country(code).hook.pulse_break_ms
    while True:
        period_ms = 1000 / chance.uniform(*PPS)
        break_ms = period_ms * chance.uniform(*BREAK)
        fits = shortest + BOUNCE_MS <= break_ms <= longest - 2 * BOUNCE_MS
        if fits and period_ms - break_ms >= least_make_ms + BOUNCE_MS:
            break
    digits = "".join(chance.choice("1234567890") for _ in range(DIGITS_A_DIAL))
    moves: list[tuple[int, bool]] = []
    at = 400.0

    def edge(closed: bool) -> None:
        moves.append((round(at), closed))
        chatter = range(1, chance.randrange(BOUNCE_MS + 1))
        moves.extend((round(at) + ms, chance.random() < 0.5) for ms in chatter)
        moves.append((round(at) + BOUNCE_MS, closed))

    for digit in digits:
        for _ in range(int(digit) or 10):
            edge(closed=False)
            at += break_ms
            edge(closed=True)
            at += period_ms - break_ms
        at += chance.uniform(*PAUSE_MS)
    return digits, sorted(moves, key=lambda move: move[0])


def heard(seeds: list[int], code: str, least_make_ms: float) -> list[tuple[str, str]]:
    """What was dialled and what was understood, a telephone for each seed."""
    rig = Rig(("si3215",) * len(seeds), 0, country=code, step_ms=POLL_MS).up()
    ports = list(rig.phones)
    for port in ports:
        rig.lift(port)
    rig.run(500)
    rig.events.clear()
    begin_ms = rig.now_ms
    hooks = {p: Hook(country(code).hook, off_hook=True, at_ms=begin_ms - 400) for p in ports}
    dials = {
        p: dial(random.Random(s), code, least_make_ms) for p, s in zip(ports, seeds, strict=True)
    }
    todo = sorted(
        ((at + begin_ms, p, closed) for p, (_, moves) in dials.items() for at, closed in moves),
        key=lambda move: move[0],
        reverse=True,
    )
    end_ms = todo[0][0] + 1200
    digits = dict.fromkeys(ports, "")
    while rig.now_ms < end_ms:
        while todo and todo[-1][0] <= rig.now_ms:
            _, port, closed = todo.pop()
            rig.phones[port].state.closed = closed
        rig.now_ms += 1
        rig.bench.advance(rig.now_ms)
        for pair in rig.pairs.values():
            pair.step(8)
        if rig.now_ms % POLL_MS:
            continue
        signs = []
        for event in rig.card.poll(rig.now_ms):
            hook = hooks[event.port]
            match event:
                case LoopOpened():
                    signs += [(event.port, sign) for sign in hook.opened(event.at_ms)]
                case LoopClosed():
                    signs += [(event.port, sign) for sign in hook.closed(event.at_ms)]
        for port, hook in hooks.items():
            signs += [(port, sign) for sign in hook.advance(rig.now_ms)]
        for port, sign in signs:
            digits[port] += sign.digit if isinstance(sign, PulseDigitSign) else "?"
    return [(dials[p][0], digits[p]) for p in ports]


def wrong(
    first: int, digits: int, code: str, least_make_ms: float = LEAST_MAKE_MS
) -> dict[int, tuple[str, str]]:
    """Dials that were not understood, by seed."""
    found: dict[int, tuple[str, str]] = {}
    for seed in range(first, first + digits // DIGITS_A_DIAL, PORTS):
        seeds = list(range(seed, min(seed + PORTS, first + digits // DIGITS_A_DIAL)))
        pairs = zip(seeds, heard(seeds, code, least_make_ms), strict=True)
        found |= {one: pair for one, pair in pairs if pair[0] != pair[1]}
    return found


@pytest.mark.parametrize("code", ["CN", "US"])
def test_eighty_digits_of_worn_dials(code: str):
    assert wrong(7000, 80, code) == {}


@pytest.mark.slow
@pytest.mark.parametrize("code", ["CN", "US", "DE"])
def test_four_hundred_digits_of_worn_dials(code: str, capsys):
    bad = wrong(7100, 400, code)
    with capsys.disabled():
        print(f"\n  pulse dials wrong, {code}, of 40 of 10 digits: {len(bad)}", end="")
    assert bad == {}


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("code", ["CN", "US"])
def test_ten_thousand_digits_of_worn_dials(code: str, capsys):
    bad = wrong(80_000, 10_000, code)
    with capsys.disabled():
        print(f"\n  pulse dials wrong, {code}, of 1000 of 10 digits: {len(bad)}")
    assert bad == {}
