"""The plug is pulled again and again while the built image starts: it comes back, nothing is lost.

``python -m tests.image.kills --times 50``: a card is started and claimed, then killed at moments of
chance, and must serve its owner at the end. The moments are places in what the serial line
says, so they are the same however busy the building machine is; the seed is printed. The boot
loader may spend all tries on that; the machine then starts anew by itself, as a board does.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from image.__main__ import build, firmware_of_machine
from image.boottest import a_bench, claimed, code_of, looked
from image.machine import Machine, a_card, free_port, slot_state
from image.stage import TREE, BuildError, Cache
from tests.image.owner import calls_page


def kills(built: Path, folder: Path, firmware: Path, times: int, seed: int) -> int:
    """Claim, kill ``times`` times, look again; 0 when the owner is known and nothing failed."""
    chance = random.Random(seed)
    print(f"image: seed {seed}, {times} kills", flush=True)
    disk, bench = a_card(built, folder), a_bench(folder)

    def machine(name: str) -> Machine:
        console = folder / f"{name}.txt"
        made = Machine(disk, console, firmware, free_port(), bench=bench, restarts=True)
        made.start()
        made.boot()
        return made

    first = machine("first")
    try:
        first.until("look done")
        claimed(first.port, code_of(looked(first.said())))
        whole = len(first.said())
    finally:
        first.stop()
    for n in range(1, times + 1):
        at = chance.randrange(2_000, whole)
        killed = machine(f"kill-{n:02d}")
        try:
            killed.until_said(at)
        finally:
            killed.stop()
        last = killed.said().rstrip().splitlines()[-1][:90]
        print(f"image: kill {n} after {at} of {whole} characters: {last}", flush=True)
    after = machine("last")
    try:
        after.until("look done")
        seen = looked(after.said())
        calls_page(after.port)
    finally:
        after.stop()
    failed = seen.get("failed", [])
    print(f"image: after {times} kills: {seen.get('state')}, failed {failed}, {slot_state(disk)}")
    return 1 if failed else 0


def main() -> int:
    """As the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.image.kills", description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    chosen = parser.parse_args()
    cache = Cache(TREE / "out/image")
    try:
        folder = cache.folder / "kills"
        loader = firmware_of_machine(cache)
        return kills(build(cache), folder, loader, chosen.times, chosen.seed)
    except BuildError as problem:
        print(f"image: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
