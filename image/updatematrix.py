"""Good and bad updates with RAUC on this machine: slots are loop devices, the tries lie in a file.

What differs from the box: no device mapper is needed, so bundles are of RAUC's plain form, whose
signature covers the whole file; who starts which slot is worked out here by the rules of
``boot/boot.cmd``. ``updatetest.py`` does the same with the real boot script and hash trees.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from firmware.control.update_messages import UpdateState
from firmware.daemons.upkeep.shapes import OWN
from firmware.daemons.upkeep.state import read_state
from firmware.daemons.upkeep.updater import Updater
from image import bundle as bundles
from image import keys
from image.card import slot_env
from image.stage import BuildError, run

SLOT_BYTES: Final = 24 << 20
SEED: Final = 1122
TOOLS: Final = ("rauc", "fw_setenv", "fw_printenv", "losetup", "dbus-run-session")

SYSTEM: Final = """[system]
compatible={compatible}
bootloader=uboot
statusfile={folder}/status
mountprefix={folder}/mount

[keyring]
path={keyring}

[slot.root.0]
device={a}
type=raw
bootname=A

[slot.root.1]
device={b}
type=raw
bootname=B
"""


@dataclass
class Box:
    """A box of two slots.

    Attributes:
        folder: Everything of it.
        devices: Slot to its loop device.
        running: The slot that runs.
        restarted: How often it was started anew by itself.
    """

    folder: Path
    devices: dict[str, Path] = field(default_factory=dict)
    running: str = "A"
    restarted: int = 0

    @property
    def data(self) -> Path:
        """Its data."""
        return self.folder / "data"

    @property
    def state(self) -> UpdateState:
        """How its update stands."""
        return read_state(self.data) or UpdateState()

    def updater(self) -> Updater:
        """Its updating program."""

        def restart() -> None:
            self.restarted += 1

        return Updater(self.data, booted=lambda: self.running, restart=restart)

    def offer(self, bundle: Path) -> UpdateState:
        """A bundle is uploaded and looked at."""
        folder = self.data / "updates"
        folder.mkdir(exist_ok=True)
        shutil.copyfile(bundle, folder / "incoming.raucb")
        self.updater().check("upload")
        return self.state

    def environment(self) -> dict[str, str]:
        """What the boot loader keeps."""
        words = (self.folder / "slot.env").read_bytes()[4:].split(b"\0\0")[0].split(b"\0")
        return dict(word.decode().split("=", 1) for word in words if b"=" in word)

    def start(self) -> str:
        """Switch it on: the slot that starts by the rules of the boot script, one try less."""
        kept = self.environment()
        left = {slot: int(kept.get(f"BOOT_{slot}_LEFT", "3")) for slot in "AB"}
        order = kept.get("BOOT_ORDER", "A B").split()
        chosen = next((slot for slot in order if left[slot] > 0), "")
        if not chosen:
            left = {"A": 3, "B": 3}
            chosen = order[0]
        left[chosen] -= 1
        made = {"BOOT_ORDER": " ".join(order)} | {f"BOOT_{s}_LEFT": str(n) for s, n in left.items()}
        (self.folder / "slot.env").write_bytes(slot_env(made))
        self.running = chosen
        self.tell_slot()
        self.updater().start()
        return chosen

    def tell_slot(self) -> None:
        """RAUC is told which slot runs: there is no kernel's line of ours here."""
        (self.folder / "booted").write_text(self.running, encoding="ascii")

    def content(self, slot: str) -> str:
        """Sum of what a slot holds."""
        with self.devices[slot].open("rb") as device:
            return hashlib.file_digest(device, "sha256").hexdigest()


@contextlib.contextmanager
def box_of(folder: Path, keyring: Path, first: Path) -> Iterator[Box]:
    """A box whose slot A holds ``first``; its devices are given back at the end."""
    box = Box(folder)
    for part in ("data", "mount", "bin"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    path = os.environ["PATH"]
    try:
        for slot in "AB":
            file = folder / f"slot-{slot}.img"
            if slot == "A":
                shutil.copyfile(first, file)
            else:
                file.write_bytes(bytes(SLOT_BYTES))
            box.devices[slot] = Path(run("losetup", "--find", "--show", file).strip())
        (folder / "system.conf").write_text(
            SYSTEM.format(
                compatible=bundles.COMPATIBLE, folder=folder, keyring=keyring,
                a=box.devices["A"], b=box.devices["B"],
            ),
            encoding="utf-8",
        )  # fmt: skip
        start = {"BOOT_ORDER": "A B", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}
        (folder / "slot.env").write_bytes(slot_env(start))
        (folder / "fw_env.config").write_text(f"{folder}/slot.env 0x0000 0x4000\n", "utf-8")
        _wrap(
            folder,
            "rauc",
            f"--conf={folder}/system.conf",
            f"[ $1 != service ] || set -- service --override-boot-slot=$(cat {folder}/booted)",
        )
        for name in ("fw_setenv", "fw_printenv"):
            _wrap(folder, name, f"-c {folder}/fw_env.config")
        os.environ["PATH"] = f"{folder / 'bin'}:{path}"
        box.tell_slot()
        yield box
    finally:
        os.environ["PATH"] = path
        for device in box.devices.values():
            run("losetup", "--detach", device)


def _wrap(folder: Path, name: str, words: str, before: str = ":") -> None:
    real = shutil.which(name)
    file = folder / "bin" / name
    file.write_text(f'#!/bin/sh\n{before}\nexec {real} {words} "$@"\n', encoding="utf-8")
    file.chmod(0o755)


@dataclass
class Verdicts:
    """What was seen."""

    seen: int = 0
    failed: int = 0

    def see(self, what: str, *, good: bool, found: object = "") -> None:
        """Print one line."""
        self.seen += 1
        self.failed += not good
        words = f"holds: {what}" if good else f"FAILS: {what}: {found}"
        print(f"update-matrix: {words}", flush=True)


def update_matrix(folder: Path, cuts: int = 20) -> int:
    """All of it; 0 when every outcome was right.

    Args:
        folder: Scratch.
        cuts: How often the power fails.

    Raises:
        BuildError: a tool is missing, or this user may not make loop devices.
    """
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        raise BuildError(f"{', '.join(missing)} not installed; image/tools.txt lists the packages.")
    if os.geteuid() != 0:
        raise BuildError("loop devices are root's; run this as root.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    verdicts, chance = Verdicts(), random.Random(SEED)  # noqa: S311  # content and moments
    ours, theirs = keys.signer_of(folder / "keys"), keys.signer_of(folder / "other")
    contents: dict[str, Path] = {}
    for name in ("first", "two", "three", "sick"):
        contents[name] = folder / f"{name}.img"
        contents[name].write_bytes(chance.randbytes(SLOT_BYTES))

    def made(
        name: str, content: str, version: str, signer: keys.Keys = ours, build: str = ""
    ) -> Path:
        return bundles.bundle(
            contents[content], folder / f"{name}.raucb", signer, version=version, build=build,
            description="n", form="plain",
        )  # fmt: skip

    good, sick = made("good", "two", "2.0.0"), made("sick", "sick", "3.0.0")
    bad = {
        "another key": (made("other", "two", "2.0.0", theirs), ("update-signature",)),
        "half of it": (_changed(good, folder, cut=True), ("update-signature", "update-damaged")),
        "a flipped bit": (
            _changed(good, folder, cut=False), ("update-signature", "update-damaged"),
        ),
        "no word of its data": (made("strange", "two", "2.0.0", build="x"), ("update-unknown",)),
        "older, with newer data": (
            made("older", "two", "0.0.1", build="records-1 settings-1"), ("update-newer-data",),
        ),
    }  # fmt: skip
    sums = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in contents.items()}
    with box_of(folder / "box", ours.authority, contents["first"]) as box:
        _records(box.data / "records.sqlite", OWN.records)
        for what, (bundle, wanted) in bad.items():
            state = box.offer(bundle)
            fine = state.step == "refused" and state.problem in wanted
            verdicts.see(f"{what}: refused", good=fine, found=state)
        same = box.content("A") == sums["first"] and box.start() == "A"
        verdicts.see("after all of them slot A runs as before", good=same)
        _old_version(box, made("old", "three", "0.0.9"), verdicts)
        took_s = _good_and_sick(box, good, sick, sums, verdicts)
        _cuts(box, made("next", "three", "4.0.0"), sums, verdicts, took_s, cuts, chance)
    print(f"update-matrix: {verdicts.seen} outcomes, {verdicts.failed} wrong", flush=True)
    return 1 if verdicts.failed else 0


def _changed(good: Path, folder: Path, *, cut: bool) -> Path:
    content = bytearray(good.read_bytes())
    if cut:
        del content[len(content) // 2 :]
    else:
        content[len(content) // 3] ^= 0x10
    to = folder / ("cut.raucb" if cut else "flipped.raucb")
    to.write_bytes(content)
    return to


def _records(file: Path, schema: int, table: str = "ours") -> None:
    made = sqlite3.connect(file)
    made.execute(f"PRAGMA user_version={schema}")
    made.execute(f"CREATE TABLE {table} (a)")
    made.commit()
    made.close()


def _old_version(box: Box, old: Path, verdicts: Verdicts) -> None:
    state = box.offer(old)
    told = state.step == "offered" and state.older
    verdicts.see("older, data it can read: offered as older", good=told, found=state)
    box.updater().drop()


def _good_and_sick(
    box: Box, good: Path, sick: Path, sums: dict[str, str], verdicts: Verdicts
) -> float:
    see = verdicts.see
    box.offer(good)
    began_s = time.monotonic()
    box.updater().install()
    took_s = time.monotonic() - began_s
    see("good: written", good=box.state.step == "installed" and box.content("B") == sums["two"],
        found=box.state)  # fmt: skip
    see("the running slot was not touched", good=box.content("A") == sums["first"])
    see("good: starts", good=box.start() == "B" and box.state.step == "trying", found=box.state)
    box.updater().examined("", "")
    kept = box.environment()
    see("good: kept", good=box.state.step == "done" and kept["BOOT_B_LEFT"] == "3", found=kept)
    see("and starts again", good=box.start() == "B" and box.start() == "B")
    box.updater().examined("", "")

    box.offer(sick)
    box.updater().install()
    see("sick: starts", good=box.start() == "A" and box.state.step == "trying", found=box.state)
    # It has brought the records to a shape of its own before anybody found it sick.
    records = box.data / "records.sqlite"
    records.rename(records.with_name(f"records.sqlite.schema-{OWN.records}"))
    _records(records, OWN.records + 1, "newer")
    box.updater().examined("unwell-loop", "fxo/1 gave back 0.00 of the sound")
    see("sick: starts the machine anew by itself", good=box.restarted == 1, found=box.restarted)
    see("sick: the old one is back at once", good=box.start() == "B", found=box.environment())
    see("and says why", good=(box.state.step, box.state.problem) == ("returned", "unwell-loop"),
        found=box.state)  # fmt: skip
    opened = sqlite3.connect(records)
    tables = [row[0] for row in opened.execute("SELECT name FROM sqlite_master")]
    opened.close()
    see("with data that it can read", good=tables == ["ours"], found=tables)
    aside = records.with_name(f"records.sqlite.newer-{OWN.records + 1}")
    see("and the newer data set aside", good=aside.exists())
    box.updater().examined("", "")

    box.offer(sick)
    box.updater().install()
    seen = [box.start() for _ in range(4)]
    see(
        "one that never comes up: three tries, then the old one", good=seen == [*"AAAB"], found=seen
    )
    see("and says so", good=box.state.problem == "update-start", found=box.state)
    box.updater().examined("", "")
    return took_s


def _cuts(
    box: Box, bundle: Path, sums: dict[str, str], verdicts: Verdicts, took_s: float, count: int,
    chance: random.Random,
) -> None:  # fmt: skip
    """The power fails while it is written: everything that writes is killed at once."""
    print(f"update-matrix: {count} cuts within {took_s:.1f} s, seed {SEED}", flush=True)
    whole = {sums["two"], sums["three"]}
    outcomes: dict[str, int] = {}
    for n in range(count):
        box.offer(bundle)
        after_s = took_s * 1.1 * (n + chance.random()) / count
        child = os.fork()
        if child == 0:
            os.setsid()
            box.updater().install()
            os._exit(0)
        time.sleep(after_s)  # noqa: TID251  # the moment of the cut
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _kill_service(box)
        os.waitpid(child, 0)
        _unmount(box)
        slot = box.start()
        step = box.state.step
        fine = box.content(slot) in whole and (step == "trying") == (slot == "A")
        outcomes[f"{slot} {step}"] = outcomes.get(f"{slot} {step}", 0) + 1
        verdicts.see(f"cut {n + 1} after {after_s:.2f} s: {slot} runs, {step}", good=fine,
                     found=box.environment())  # fmt: skip
        box.updater().examined("", "")
        if slot == "A":  # the new one runs: from here the next one goes to B, with the old content
            _back_to_b(box, sums)
    print(f"update-matrix: outcomes of the cuts: {outcomes}", flush=True)


def _back_to_b(box: Box, sums: dict[str, str]) -> None:
    """Slot B with version 2 runs again, as before each cut."""
    if box.content("B") != sums["two"]:
        raise BuildError("slot B was touched while A was written")
    start = {"BOOT_ORDER": "B A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}
    (box.folder / "slot.env").write_bytes(slot_env(start))
    box.start()
    box.updater().examined("", "")
    box.updater().drop()


def _kill_service(box: Box) -> None:
    """RAUC's service of this box, found by the configuration in its own command line."""
    wanted = f"--conf={box.folder}/system.conf".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (process / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


def _unmount(box: Box) -> None:
    """What a machine without power has not mounted."""
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        if line.split()[1].startswith(str(box.folder)):
            subprocess.run(["umount", "-l", line.split()[1]], check=False)
