"""The plug is pulled again and again while the built image starts and carries calls: it comes back.

``python -m tests.image.kills --times 50``: a card is started and claimed, and its power taken away
(SIGKILL of the emulated machine) at moments of chance, in rounds: once while its owner saves
settings or, in every second round with the bench's line card attached, a call is carried; then
none to two times while it starts. After each round it is started whole. It must reach its page with
no unit failed, and must still know what was acknowledged before: its owner, each saved version of
the settings, each call that its page showed. A round of which nobody could say so ends the run.

Moments of a start are places in what the serial line says, those of a call are line time, so how
busy the building machine is does not move them; the seed is printed. Each round is a line of
``out/image/kills.jsonl``, so runs add up. ``--until 17:30`` begins no round later.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from image.__main__ import build
from image.boottest import a_bench, claimed, code_of, looked
from image.debian import loader_of_machine
from image.machine import Machine, a_card, free_port, slot_state
from image.stage import TREE, BuildError, Cache
from tests.image.attached import TownOutside, handed_in, wait
from tests.image.owner import Owner

AFTER_MS: Final = 19_000
"""Line time since the first ring within which the power goes: greeting, choice, talk, its end."""
SAVES_MS: Final = 6_000
"""Of this machine's time, in which an emulated one saves several times."""
STARTS: Final = 2
"""Kills of a round while it starts, at most: the slot has three tries."""
RECENT: Final = 10
"""Versions of the settings that every box has room for."""
UP: Final = "look done"
LOOK: Final = """#!/bin/sh
say() { while read -r line; do printf 'look %s %s\\n' "$1" "$line"; done; }
systemctl is-system-running --wait | say state
systemctl --failed --plain --no-legend | say failed
tipring claim --json | tr -d '\\n' | sed 's/$/\\n/' | say claim
echo 'look done'
"""


@dataclass
class Known:
    """What the box has acknowledged: a later start must know it."""

    claimed: bool = False
    settings: list[str] = field(default_factory=list)
    """Reasons that were given with versions of the settings."""
    calls: dict[str, str] = field(default_factory=dict)
    """Outcomes of calls by their numbers, as the page told them."""

    def missing(self, owner: Owner) -> list[str]:
        """What the box does not know any more."""
        kept = owner.reasons()
        lost = [f"settings {why!r}" for why in self.settings[-RECENT:] if why not in kept]
        shown = owner.outcomes()
        return lost + [f"call {call}" for call, end in self.calls.items() if shown.get(call) != end]


class Bench:
    """A card, and the machine that is switched on with it again and again."""

    def __init__(self, built: Path, folder: Path, firmware: Path, *, restarts: bool = True) -> None:
        self._folder, self._firmware, self._restarts = folder, firmware, restarts
        folder.mkdir(parents=True, exist_ok=True)
        self.town = TownOutside(folder / "town")
        handed = handed_in(folder / "handed", self.town.port)
        (handed / "look").write_text(LOOK, encoding="utf-8")
        (folder / "alone/look").parent.mkdir(exist_ok=True)
        shutil.copy(handed / "look", folder / "alone/look")
        self._images = {
            True: a_bench(folder / "with", handed),
            False: a_bench(folder / "without", folder / "alone"),
        }
        self.attached = False
        """Whether the machine that is switched on next has the bench's line card."""
        self.disk = a_card(built, folder)
        self.console = folder / "console.txt"
        self.machine: Machine | None = None

    def start(self) -> Machine:
        """Switch on the machine, and the town when its system begins."""
        made = Machine(
            self.disk,
            self.console,
            self._firmware,
            free_port(),
            bench=self._images[self.attached],
            restarts=self._restarts,
        )
        self.machine = made
        made.start()
        made.boot()
        return made

    def attach(self) -> None:
        """Begin the town's time: before lined looks for its card."""
        assert self.machine is not None
        if self.attached:
            self.machine.until("systemd-udevd")
            self.town.start()

    def stop(self) -> None:
        """Pull the plug; the copper goes quiet, as a card without power is to it."""
        if self.machine is not None:
            self.machine.stop()
        self.town.stop()


def killed_in_start(bench: Bench, at: int) -> dict[str, Any]:
    """Switch on, pull the plug after so many characters of the serial line; where that was."""
    machine = bench.start()
    begun = False
    try:
        while len(machine.said()) < at:
            if not begun and "systemd-udevd" in machine.said():
                bench.attach()
                begun = True
            machine.until_said(min(at, len(machine.said()) + 200))
    finally:
        bench.stop()
    return {"moment": "start", "at": at, "last": last_line(machine)}


def last_line(machine: Machine) -> str:
    """What the serial line said at the end."""
    return machine.said().rstrip().splitlines()[-1][:90]


def whole_start(bench: Bench, known: Known) -> tuple[Owner, int]:
    """Switch on, wait until it is up, ask for everything that it acknowledged.

    Returns:
        The owner, signed in, and how much the serial line said.

    Raises:
        BuildError: a unit failed, or something is lost.
    """
    machine = bench.start()
    bench.attach()
    machine.until(UP)
    seen = looked(machine.said())
    if not known.claimed:
        claimed(machine.port, code_of(seen))
        known.claimed = True
    owner = Owner(machine.port, machine.on)
    lost = known.missing(owner)
    if lost or seen.get("failed") or seen.get("state") != ["running"]:
        raise BuildError(f"lost {lost}; {seen.get('state')}, failed {seen.get('failed')}")
    known.calls.update(owner.outcomes())
    return owner, len(machine.said())


def load(bench: Bench, owner: Owner, known: Known, number: int, after_ms: int) -> dict[str, Any]:
    """Settings are saved, a call comes in, is carried and ends; the plug after ``after_ms``."""
    town = bench.town
    known.settings.append(owner.save(f"before call {number}"))
    caller = f"139{number:08d}"
    town.ask("call", "line 1", number=caller)
    began_ms = town.now_ms()

    def reached(ms: int) -> bool:
        return town.now_ms() - began_ms >= ms

    def talking() -> bool:
        return bool(town.party("line 1")["state"] == "talking")

    def rings() -> bool:
        return bool(town.party("telephone 201")["ringing"])

    # What people do, each when what he waits for has come, and so much line time later.
    steps = [
        (talking, 2_000, ("press", "line 1", {"keys": "1"})),
        (rings, 1_000, ("lift", "telephone 201", {})),
        (talking, 2_000, ("hang_up", "line 1", {})),
        (lambda: True, 1_000, ("replace", "telephone 201", {})),
    ]
    for come, pause_ms, (do, who, more) in steps:
        wait(partial(_either, partial(reached, after_ms), come), f"time to {do}")
        due_ms = min(after_ms, town.now_ms() - began_ms + pause_ms)
        wait(partial(reached, due_ms), do)
        if reached(after_ms):
            break
        town.ask(do, who, **more)
        if do == "lift":
            known.settings.append(owner.save(f"during call {number}"))
    wait(partial(reached, after_ms), "the moment of the kill")
    state = town.party("line 1")["state"]
    known.calls.update(owner.outcomes())
    return {"moment": "call", "at": after_ms, "last": f"line 1 {state}"}


def _either(one: Callable[[], bool], other: Callable[[], bool]) -> bool:
    return one() or other()


def saving(bench: Bench, owner: Owner, known: Known, number: int, late_ms: int) -> dict[str, Any]:
    """Settings are saved again and again; the plug ``late_ms`` after one of them was sent off."""
    kept = len(known.settings)

    def save() -> None:
        with contextlib.suppress(BuildError):  # what was not acknowledged may be lost
            for again in range(100):
                known.settings.append(owner.save(f"round {number}, {again}"))

    saver = threading.Thread(target=save)
    saver.start()
    wait(lambda: len(known.settings) > kept, "a save is acknowledged")
    threading.Event().wait(late_ms / 1000)
    bench.stop()
    saver.join()
    return {"moment": "saving", "at": late_ms, "last": f"{len(known.settings) - kept} kept"}


def kills(built: Path, folder: Path, firmware: Path, times: int, seed: int, until: str) -> int:
    """Claim, kill until ``times`` moments were seen, look after each round; 0 for nothing lost."""
    chance = random.Random(seed)
    shutil.rmtree(folder / "town", ignore_errors=True)
    ledger = TREE / "out/image/kills.jsonl"
    bench, known = Bench(built, folder, firmware), Known()
    print(f"image: seed {seed}, {times} kills of {built.name}", flush=True)
    done, number = 0, 0
    try:
        owner, whole = whole_start(bench, known)
        while True:
            number += 1
            if bench.attached:
                after_ms = chance.randrange(AFTER_MS)
                moments = [load(bench, owner, known, number, after_ms)]
            else:
                moments = [saving(bench, owner, known, number, chance.randrange(SAVES_MS))]
            bench.stop()
            bench.attached = number % 2 == 1
            moments += [
                killed_in_start(bench, chance.randrange(2_000, whole))
                for _ in range(chance.randint(0, STARTS))
            ]
            began_s = time.monotonic()
            outcome = "back, nothing lost"
            try:
                owner, _ = whole_start(bench, known)
            except BuildError as problem:
                outcome = str(problem)
            row = {
                "when": datetime.now(UTC).isoformat(timespec="seconds"),
                "card": built.name, "seed": seed, "round": number, "moments": moments,
                "outcome": outcome, "settings": len(known.settings), "calls": len(known.calls),
                "slot": slot_state(bench.disk), "start_s": round(time.monotonic() - began_s),
            }  # fmt: skip
            with ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            done += len(moments)
            where = ", ".join(f"{one['moment']} {one['at']} ({one['last']})" for one in moments)
            print(f"image: {done} kills: {where}: {outcome}", flush=True)
            if outcome != "back, nothing lost":
                return 1
            if done >= times or (until and datetime.now(UTC).strftime("%H:%M") >= until):
                return 0
    finally:
        bench.stop()
        bench.town.close()


def main() -> int:
    """As the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.image.kills", description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--until", default="", help="UTC, such as 17:30: no round begins later")
    parser.add_argument("--folder", type=Path, help="scratch; two runs at once need one each")
    parser.add_argument("--built", type=Path, help="a card's folder; else the newest is built")
    chosen = parser.parse_args()
    cache = Cache(TREE / "out/image")
    try:
        loader = loader_of_machine(cache)
        built = chosen.built or build(cache)
        folder = chosen.folder or cache.folder / "kills"
        return kills(built, folder.resolve(), loader, chosen.times, chosen.seed, chosen.until)
    except BuildError as problem:
        print(f"image: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
