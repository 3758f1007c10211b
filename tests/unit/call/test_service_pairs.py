"""Every pair of services that can meet on a set, one after the other, ends idle.

No sound and no wires: the cores alone, so that thousands of pairs take seconds. What must hold is
looked at after every event (``tests.bench.invariants``); at the end nothing may be left.
"""

from __future__ import annotations

import random

import pytest

from tests.unit.call.service_moves import Set, moves, settings

MOVES = moves()
SHARE = 20  # one pair of so many is among the fast tests
SEED = 20_260_302


def walk(names: tuple[str, ...], *, talking: bool) -> None:
    """Do the moves one after the other, go home, and see that nothing is left."""
    s = Set(settings())
    at = "at the beginning"
    try:
        if talking:
            s.talk()
        for name in names:
            at = name
            MOVES[name](s)
        at = "going home"
        s.go_home()
        assert not (left := s.left()), left
    except Exception as problem:
        story = " x ".join(names)
        where = "talking" if talking else "idle"
        raise AssertionError(f"{story} ({where}), at {at}: {problem}") from problem


def pairs() -> list[tuple[str, str]]:
    """Every ordered pair, dealt the same way in every run."""
    found = [(one, other) for one in MOVES for other in MOVES]
    random.Random(SEED).shuffle(found)
    return found


@pytest.mark.parametrize("part", range(8))
def test_a_share_of_all_pairs_ends_idle(part: int) -> None:
    for pair in pairs()[part :: 8 * SHARE]:
        walk(pair, talking=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", MOVES)
def test_every_pair_of_services_ends_idle(name: str) -> None:
    names = list(MOVES)
    at = names.index(name)
    for other in names[at:]:
        # One order here; the other one has its turn in the share of all ordered pairs.
        turned = (at + names.index(other)) % 2
        walk((other, name) if turned else (name, other), talking=True)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_pairs_that_begin_with_the_handset_on_its_hook_end_idle(part: int) -> None:
    for pair in pairs()[part::64]:
        walk(pair, talking=False)


@pytest.mark.parametrize("seed", range(40))
def test_longer_walks_end_idle(seed: int) -> None:
    chosen = random.Random(seed)
    names = tuple(chosen.choices(list(MOVES), k=8))
    walk(names, talking=chosen.random() < 0.7)  # the names in a failure are those of this seed


def test_services_with_a_code_are_moves_by_themselves() -> None:
    assert {"code park", "code forward_all_on", "code do_not_disturb_on"} <= set(MOVES)
