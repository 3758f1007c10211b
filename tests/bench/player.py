"""Play scenario files on a box of their own, at full speed or at the pace of a clock."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from firmware.control.case_messages import CustomersAnswer, SaveCustomer
from firmware.core.clock import BLOCK_MS, BLOCK_SAMPLES
from firmware.customers.customer import Customer
from tests.bench.box import Box
from tests.bench.scenario import (
    Scenario,
    ScenarioError,
    Verdict,
    held,
    load,
    play,
    settings_document,
)


class PacedBox(Box):
    """A box whose time does not run ahead of the clock on the wall."""

    _begin: float | None = None

    def step(self) -> None:
        """One block, then wait for the clock."""
        super().step()
        now = time.monotonic()
        if self._begin is None:
            self._begin = now - self.now_ms / 1000
        ahead = self._begin + self.now_ms / 1000 - now
        if ahead > 0:
            time.sleep(ahead)  # noqa: TID251  # the purpose of --real-time


def box_for(
    scenario: Scenario,
    *,
    real_time: bool = False,
    block_ms: int | None = None,
    folder: Path | None = None,
) -> Box:
    """A box with the people and settings a scenario wants, not yet started.

    ``block_ms`` instead of the scenario's; at the pace of a clock it is always the product's.
    """
    telephones = scenario.make_telephones()
    lines = scenario.make_lines()
    _without_gaps(scenario, lines)

    def settings(default: dict[str, Any]) -> dict[str, Any]:
        return settings_document(default, scenario.settings)

    kind = PacedBox if real_time else Box
    wanted_ms = BLOCK_MS if real_time else block_ms or scenario.block_ms
    return kind(
        scenario.country,
        settings=settings,
        telephones=list(telephones.values()),
        lines=[lines[number] for number in sorted(lines)],
        seed=scenario.seed,
        clock=scenario.clock,
        folder=folder,
        block_samples=wanted_ms * BLOCK_SAMPLES // BLOCK_MS,
        fax_ends=scenario.fax_ends,
    )


def run(
    scenario: Scenario,
    *,
    real_time: bool = False,
    block_ms: int | None = None,
    record: Path | None = None,
    say: Callable[[str], None] = print,
) -> tuple[bool, list[Verdict]]:
    """Play one scenario; whether every expectation held, and each step's verdict."""
    with box_for(scenario, real_time=real_time, block_ms=block_ms) as box:
        keep_customers(scenario, box)
        verdicts = play(scenario, box, say)
        prompt = _lifts_are_prompt(box, say)
        if record is not None:
            record.mkdir(parents=True, exist_ok=True)
            for party in (*box.town.telephones, *box.town.lines):
                name = re.sub(r"\W+", "-", f"{scenario.name} {party.name}")
                party.ear.write_wav(record / f"{name}.wav", party.timeline.sample)
    return held(verdicts, scenario) and prompt, verdicts


def keep_customers(scenario: Scenario, box: Box) -> None:
    """Cards that the office had before anything happens."""
    for card in scenario.customers:
        request = SaveCustomer(card=msgspec.convert(card, Customer), who="bench")
        if not isinstance(answer := box.ask(request), CustomersAnswer):
            raise ScenarioError(f"{scenario.name}: a card is refused: {answer}")


def _lifts_are_prompt(box: Box, say: Callable[[str], None]) -> bool:
    """Whether every agent who lifted had his caller within one block of the last word between."""
    entries = box.log()
    lifts = list(box.lifts.of(entries))
    if lifts:
        most_ms = max(lift.gap_ms for lift in lifts)
        say(f"    {len(lifts)} agents answered, at most {most_ms} ms from lifting to the voice")
    wrong = list(box.lifts.wrong(entries, box.block_samples * BLOCK_MS // BLOCK_SAMPLES))
    for sentence in wrong:
        say(f"    FAIL  {sentence}")
    return not wrong


def play_files(
    files: Sequence[Path],
    *,
    real_time: bool,
    record: Path | None,
    block_ms: int | None = None,
) -> int:
    """Play every scenario of the files; 0 only when every expectation of all of them held."""
    good = bad = 0
    for file in files:
        try:
            scenarios = load(file)
        except (ScenarioError, OSError) as problem:
            print(problem)
            return 2
        for scenario in scenarios:
            ok, _ = run(scenario, real_time=real_time, block_ms=block_ms, record=record)
            good, bad = good + ok, bad + (not ok)
    print(f"{good} scenarios held, {bad} did not")
    return 0 if bad == 0 else 1


def _without_gaps(scenario: Scenario, lines: dict[int, Any]) -> None:
    if sorted(lines) != list(range(1, len(lines) + 1)):
        raise ScenarioError(f"{scenario.name}: lines are numbered from 1 without gaps")
