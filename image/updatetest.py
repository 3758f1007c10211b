"""Updates for real: RAUC, its keys and the boot loader's tries, in an emulated machine.

The machine starts the card's boot script and kernel with a small slot (``small_slot.py``). Every
bundle goes the way of the box: through our updating program, which asks RAUC. What a power cut does
is tried by killing the machine while it writes.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from firmware.daemons.upkeep.shapes import OWN
from image import bundle as bundles
from image import keys
from image.card import assemble
from image.filesystem import ext4
from image.machine import slot_state
from image.small_slot import small_root, small_slot
from image.stage import BuildError, run

CUTS: Final = 20
LIMIT_S: Final = 420
SEED: Final = 1122
UPKEEP: Final = "python3 -m firmware.daemons.upkeep"
NOTHING: Final = ("", "")
SHOW: Final = "echo STATE $(cat /var/lib/tipring/updates/state.json)"

_T = TypeVar("_T")


def offer(name: str) -> str:
    """Orders: a bundle of the second disk, as if it had been uploaded."""
    return (
        f"echo OFFER {name}; mkdir -p /var/lib/tipring/updates\n"
        f"cp /stick/{name}.raucb /var/lib/tipring/updates/incoming.raucb\n"
        f"{UPKEEP} check; {SHOW}\n"
    )


def judged(unwell: str) -> str:
    """Orders: the health check came to this, as it does at each start of a box."""
    return (
        'python3 -c "from pathlib import Path; from firmware.daemons.upkeep.updater import Updater;'
        f" Updater(Path('/var/lib/tipring')).examined('{unwell}', '')\"\n"
    )


def examined(unwell: str) -> str:
    """Orders: the same, and show what comes of it."""
    return f"{judged(unwell)}{SHOW}\n"


WELL: Final = judged("")
START: Final = f"{UPKEEP} start; {SHOW}\n"
INSTALL: Final = f"echo WRITING; {UPKEEP} install; echo WRITTEN; {SHOW}\n"
DATA: Final = (
    "python3 -c \"import sqlite3; c=sqlite3.connect('/var/lib/tipring/records.sqlite');"
    f" c.execute('PRAGMA user_version={OWN.records}'); c.execute('create table t(a)')\"\n"
)


@dataclass
class Machine:
    """A card in an emulated machine.

    Attributes:
        disk: The card.
        folder: Scratch.
        firmware: The machine's boot loader.
    """

    disk: Path
    folder: Path
    firmware: Path
    number: int = 0

    def start(self, orders: str) -> Running:
        """Switch it on with these orders."""
        self.number += 1
        stick, said = self.folder / "stick", self.folder / f"console-{self.number:02d}.txt"
        (stick / "orders").write_text(orders, encoding="utf-8")
        second = self.folder / "stick.ext4"
        size = sum(file.stat().st_size for file in stick.iterdir()) + (24 << 20)
        ext4(stick, second, "stick", size // 4096 * 4096, 1_700_000_000, journal=False)
        said.write_bytes(b"")
        process = subprocess.Popen(
            [
                "qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "1",
                "-m", "768", "-nographic", "-no-reboot", "-monitor", "none",
                "-serial", f"file:{said}", "-bios", str(self.firmware),
                "-drive", f"file={self.disk},if=none,id=card,format=raw,cache=unsafe",
                "-device", "virtio-blk-pci,drive=card,bootindex=0",
                "-drive", f"file={second},if=none,id=stick,format=raw,readonly=on",
                "-device", "virtio-blk-pci,drive=stick",
                "-net", "none", "-device", "virtio-rng-pci",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        return Running(process, said, time.monotonic())

    def run(self, orders: str) -> str:
        """Switch it on, wait until it has switched itself off; what it said."""
        running = self.start(orders)
        try:
            running.until("THE END")
            return running.text()
        finally:
            running.cut()


@dataclass
class Running:
    """A machine that is on."""

    process: subprocess.Popen[bytes]
    said: Path
    began_s: float

    def text(self) -> str:
        """What its serial line said so far."""
        return self.said.read_text(encoding="utf-8", errors="replace").replace("\r", "")

    def until(self, sign: str) -> float:
        """Seconds until it said so."""
        while sign not in self.text():
            passed_s = time.monotonic() - self.began_s
            if self.process.poll() is not None or passed_s > LIMIT_S:
                last = "\n".join(self.text().splitlines()[-15:])
                raise BuildError(f"{sign!r} was not said; last was:\n{last}")
            time.sleep(0.05)  # noqa: TID251  # another machine's serial line has no event to wait for
        return time.monotonic() - self.began_s

    def cut(self) -> None:
        """Take the power away."""
        self.process.kill()
        self.process.wait()


@dataclass
class Verdicts:
    """What was seen."""

    failed: int = 0

    def see(self, what: str, *, good: bool, found: str = "") -> None:
        """Print one line."""
        self.failed += not good
        print(f"update-test: {'holds' if good else 'FAILS'}: {what}{'' if good else f': {found}'}",
              flush=True)  # fmt: skip


def states(text: str) -> list[tuple[str, str]]:
    """Step and problem of every state that was shown."""
    return re.findall(r'STATE \{"step":"(\w+)".*?"problem":"([\w-]*)"', text)


def last_of(text: str) -> tuple[str, str]:
    """Step and problem of the state that was shown last."""
    return (NOTHING, *states(text))[-1]


def slot_of(text: str) -> str:
    """Slot and version that ran, and the tries that were left: ``A 1.0.0 23``."""
    found = re.search(r"SLOT (\w) VERSION (\S+) LEFT (\d+)", text)
    return f"{found[1]} {found[2]} {found[3]}" if found else "none"


def make_sticks(root: Path, folder: Path, epoch: int) -> None:
    """Bundles for the second disk, good ones and bad ones."""
    stick = folder / "stick"
    stick.mkdir(parents=True, exist_ok=True)
    ours = keys.signer_of(folder / "keys")
    theirs = keys.signer_of(folder / "other-keys")
    for version in ("2.0.0", "3.0.0"):
        slot = small_slot(root, version, folder / "slot.ext4", epoch)
        bundles.bundle(slot, stick / f"v{version[0]}.raucb", ours, version=version, description="n")
    tiny = folder / "tiny.img"
    tiny.write_bytes(random.Random(SEED).randbytes(1 << 20))  # noqa: S311  # any content
    bundles.bundle(tiny, stick / "wrong-key.raucb", theirs, version="9.0.0", description="n")
    bundles.bundle(
        tiny, stick / "older.raucb", ours, version="0.0.1", build="records-1 settings-1",
        description="n",
    )  # fmt: skip
    bundles.bundle(tiny, stick / "strange.raucb", ours, version="9.0.0", build="x", description="n")
    good = (stick / "v2.raucb").read_bytes()
    (stick / "truncated.raucb").write_bytes(good[: len(good) // 2])
    flipped = bytearray(good)
    flipped[len(good) // 3] ^= 0x10
    (stick / "flipped.raucb").write_bytes(flipped)


def matrix(machine: Machine, verdicts: Verdicts) -> float:
    """Good and bad bundles, a sick version, one that does not start; seconds of one writing."""
    see = verdicts.see
    text = machine.run(
        DATA + "".join(offer(n) for n in ("wrong-key", "truncated", "strange", "older"))
        + offer("flipped") + INSTALL
    )  # fmt: skip
    shown = states(text)
    see("the first start is slot A", good=slot_of(text) == "A 1.0.0 23", found=slot_of(text))
    for n, (what, wanted) in enumerate(
        [
            ("a bundle of another key is refused", ("refused", "update-signature")),
            ("a truncated one is refused", ("refused", "update-")),
            ("one that does not say its shapes is refused", ("refused", "update-unknown")),
            ("one that cannot read this data is refused", ("refused", "update-newer-data")),
            ("a flipped bit looks good at first", ("offered", "")),
            ("and is found as it is written", ("failed", "update-not-written")),
        ]
    ):
        found = shown[n] if n < len(shown) else ("", "")
        see(what, good=found[0] == wanted[0] and found[1].startswith(wanted[1]), found=str(found))
    began = machine.start(START + offer("v2") + INSTALL)
    at_s = began.until("WRITING")
    took_s = began.until("WRITTEN") - at_s
    began.until("THE END")
    began.cut()
    text = began.text()
    see("after all that slot A still runs", good=slot_of(text)[0] == "A", found=slot_of(text))
    see("a good one is written", good=last_of(text) == ("installed", ""), found=text[-600:])
    text = machine.run(START + examined(""))
    # A has started twice and nobody found it healthy: one try left; B's start took one of three.
    see("its slot starts", good=slot_of(text) == "B 2.0.0 12", found=slot_of(text))
    way = [("trying", ""), ("done", "")]
    see("it is tried, and kept when it is well", good=states(text) == way, found=text[-600:])
    kept = slot_state(machine.disk)
    see("its tries are given back", good=kept.get("BOOT_B_LEFT") == "3", found=str(kept))

    text = machine.run(START + WELL + offer("v3") + INSTALL)
    see("the next one goes to slot A", good=last_of(text)[0] == "installed", found=text[-600:])
    text = machine.run(START + examined("unwell-loop"))
    see("it starts in A", good=slot_of(text)[:7] == "A 3.0.0", found=slot_of(text))
    text = machine.run(START + WELL)
    see("unwell, it is left at once", good=slot_of(text)[:7] == "B 2.0.0", found=slot_of(text))
    found = last_of(text)
    see("and the box says why", good=found == ("returned", "unwell-loop"), found=str(found))

    machine.run(WELL + offer("v3") + INSTALL)
    seen = [slot_of(machine.run("true\n")) for _ in range(3)]
    see(
        "one that never comes up has three tries",
        good=[s[0] for s in seen] == ["A", "A", "A"], found=str(seen),
    )  # fmt: skip
    text = machine.run(START + examined(""))
    see("then the old one is back", good=slot_of(text)[:7] == "B 2.0.0", found=slot_of(text))
    found = (*states(text), NOTHING)[0]
    see(
        "and says that it did not start",
        good=found == ("returned", "update-start"),
        found=str(found),
    )
    return took_s


def cuts(machine: Machine, verdicts: Verdicts, took_s: float, count: int) -> None:
    """The power fails while an update is written."""
    chance = random.Random(SEED)  # noqa: S311  # moments, not secrets
    print(f"update-test: {count} cuts within {took_s:.1f} s of writing, seed {SEED}", flush=True)
    runs: dict[str, int] = {}
    for n in range(count):
        # One in every part of the time, and two more behind its end.
        after_s = took_s * 1.1 * (n + chance.random()) / count
        running = machine.start(START + offer("v3") + INSTALL)
        running.until("WRITING")
        time.sleep(after_s)  # noqa: TID251  # the moment of the cut
        running.cut()
        # Dropped afterwards: the small data partition has no room for two.
        text = machine.run(START + examined("") + f"{UPKEEP} drop\n")
        slot = slot_of(text)
        runs[slot[:7]] = runs.get(slot[:7], 0) + 1
        whole = slot[:7] in {"B 2.0.0", "A 3.0.0"} and "THE END" in text
        told = (*states(text), NOTHING)[0][0]
        verdicts.see(f"cut {n + 1} after {after_s:.1f} s: {slot[:7]} runs, {told}",
                     good=whole, found=text[-400:])  # fmt: skip
        if slot[0] == "A":  # what was new runs: back to where the next one begins
            state = slot_state(machine.disk)
            if state:
                machine.run("fw_setenv BOOT_ORDER 'B A'; fw_setenv BOOT_B_LEFT 3; "
                            "rm -rf /var/lib/tipring/updates\n")  # fmt: skip
    print(f"update-test: after the cuts ran: {runs}", flush=True)


def update_test(
    slot: Path, card: Path, busybox: Path, firmware: Path, folder: Path, *, count: int = CUTS
) -> int:
    """All of it; 0 when everything was as it should be.

    Args:
        slot: Stage of the image's slot, with its tree.
        card: Stage of the card, with boot and data.
        busybox: A shell without libraries.
        firmware: Boot loader of the emulated machine.
        folder: Scratch.
        count: Power cuts.
    """
    if shutil.which("qemu-system-aarch64") is None:
        raise BuildError("qemu-system-aarch64 is not installed.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    epoch, verdicts = 1_700_000_000, Verdicts()
    root = folder / "root"
    small_root(slot / "root", busybox, keys.authority_of(folder / "keys"), root)
    make_sticks(root, folder, epoch)
    first = small_slot(root, "1.0.0", folder / "first.ext4", epoch)
    (folder / "card").mkdir()
    disk = assemble(first, card / "boot", card / "data", folder / "card", epoch)
    machine = Machine(disk, folder, firmware)
    took_s = _timed("the matrix", lambda: matrix(machine, verdicts))
    _timed("the cuts", lambda: cuts(machine, verdicts, took_s, count))
    print(f"update-test: {verdicts.failed} of them fail", flush=True)
    run("rm", "-rf", root)
    return 1 if verdicts.failed else 0


def _timed(what: str, do: Callable[[], _T]) -> _T:
    began_s = time.monotonic()
    done = do()
    print(f"update-test: {what}: {time.monotonic() - began_s:.0f} s", flush=True)
    return done
