"""A box with a screen and a stick: it is claimed, its button is held, its backup brought back.

S-159 S-171 S-173. ``python -m tests.image.rescue`` (part of ``make image-test``) does to the built
image what an owner does who has nothing but the box, a screen and a USB stick:

* the screen says where the page is and the digits that claim the box, and these digits do;
* every address that the page leads to answers, under the units' rights;
* the stick is put in and gets a backup; out, a backup is refused with a sentence; a stick of a form
  that the box does not know is told;
* an update on the stick is found and offered, one that somebody else signed is not;
* the button is held: the box begins anew, knows no owner and has other keys;
* the backup is brought back on the page: the old owner, his settings and his keys are there again.

The stick is a USB mass storage of the emulator with one FAT32 partition, as shops sell them, and
the box's own kernel, rules and units take it. Not tried here: a screen at a board's own socket (the
emulator's has another driver, which is handed in), the button's pin and its ten seconds (the unit
tests of lined); from the file that lined leaves on, everything is the box's.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from image import bundle as bundles
from image import keys
from image.__main__ import build
from image.boottest import OWN, a_bench, claimed, looked
from image.debian import loader_of_machine
from image.machine import Machine, a_card, free_port, slot_state
from image.publish import newest
from image.stage import TREE, BuildError, Cache, run
from tests.image.attached import wait
from tests.image.owner import Owner, walked

SEED: Final = 1123
STICK_MIB: Final = 128
FIRST: Final = 1 << 20
"""Byte of the stick at which its partition begins, as shops sell them."""
BUTTON: Final = "BUTTON"
"""Label of the second stick: the sign, inside, that the button is held."""
PHRASE: Final = "four wires and a bell"
SAVED: Final = "before the card died"
FOLDER: Final = "/media/backup"
LATER: Final = "99.0.0"
"""Version of the update on the stick."""
BACKUP: Final = re.compile(r"<option>(tipring-[\d-]+\.tipring)</option>")
MODULES: Final = ("virtio_dma_buf", "drm_shmem_helper", "virtio-gpu")
"""The emulator's screen; a board's is ``vc4``, which the card has."""

PERIPHERALS: Final = ("-device", "virtio-gpu-pci", "-device", "qemu-xhci,id=usb")

SCREEN_UNIT: Final = f"""[Service]
Type=oneshot
ExecStart=/bin/sh -c 'modprobe drm_kms_helper; \
for m in {" ".join(MODULES)}; do insmod /run/bench/modules/$m.ko.xz; done'
"""
BUTTON_UNIT: Final = f"""[Service]
User=tipring-line
Group=tipring
ExecStart=/bin/sh -c 'until [ -e /dev/disk/by-label/{BUTTON} ]; do sleep 1; done; \
touch /run/tipring/factory-reset'
"""
LOOK: Final = f"""#!/bin/sh
say() {{ while read -r line; do printf 'look %s %s\\n' "$1" "$line"; done; }}
systemctl is-system-running --wait | say state
turn=0
until [ $turn -ge 60 ] || grep -aq '[0-9]\\. It is typed' /dev/vcs1; do
  turn=$((turn + 1)); [ -e /run/bench/owned ] && break; sleep 2
done
fold -w "$(stty -F /dev/tty1 size | cut -d' ' -f2)" /dev/vcs1 | grep -a '[a-z]' | say screen
find /data -type f -exec sha256sum {{}} + | say made
systemctl --failed --plain --no-legend | say failed
echo 'look done'
last=out
while sleep 2; do
  now=out; ! grep -q ' {FOLDER} ' /proc/mounts || now=in
  [ $now = $last ] || echo "look stick $now"
  last=$now
done &
while sleep 5; do systemctl --failed --plain --no-legend; done | say failed
"""
"""Says what stands on the screen; later whether a stick is mounted, and which units failed."""


def a_stick(folder: Path, name: str, files: dict[str, Path] | None = None) -> Path:
    """An image of a stick: one partition of FAT32 with these files, by their names."""
    stick = folder / f"{name.lower()}.img"
    stick.unlink(missing_ok=True)
    with stick.open("wb") as file:
        file.truncate(STICK_MIB << 20)
    run("sfdisk", "-q", stick, given=f"start={FIRST // 512}, type=c\n")
    size = (STICK_MIB << 20) - FIRST
    run("mformat", "-i", f"{stick}@@{FIRST}", "-F", "-v", name, "-T", str(size // 512), "::")
    for called, content in (files or {}).items():
        run("mcopy", "-i", f"{stick}@@{FIRST}", content, f"::{called}")
    return stick


class Box:
    """The card in a machine with a screen and a USB socket, switched on again and again."""

    def __init__(self, built: Path, folder: Path, firmware: Path, modules: Path) -> None:
        self._folder, self._firmware, self._modules = folder, firmware, modules
        self.disk = a_card(built, folder)
        self.machine: Machine | None = None
        self._starts = 0

    def start(self, *, owned: bool = False) -> tuple[Machine, dict[str, list[str]]]:
        """Switch it on and look; an owned box's screen shows no digits to wait for."""
        self._starts += 1
        handed = self._folder / "handed"
        shutil.rmtree(handed, ignore_errors=True)
        (handed / "units").mkdir(parents=True)
        (handed / "modules").mkdir()
        for name in MODULES:
            found = next(self._modules.rglob(f"{name}.ko.xz"))
            shutil.copy(found, handed / "modules" / found.name)
        (handed / "units/screen.service").write_text(SCREEN_UNIT, encoding="utf-8")
        (handed / "units/button.service").write_text(BUTTON_UNIT, encoding="utf-8")
        (handed / "look").write_text(LOOK, encoding="utf-8")
        if owned:
            (handed / "owned").touch()
        machine = Machine(
            self.disk, self._folder / f"console-{self._starts}.txt", self._firmware, free_port(),
            bench=a_bench(self._folder / "bench", handed), peripherals=PERIPHERALS,
        )  # fmt: skip
        self.machine = machine
        machine.start()
        machine.boot()
        machine.until("look done")
        seen = looked(machine.said())
        if seen.get("state") != ["running"] or seen.get("failed"):
            raise BuildError(f"start {self._starts}: {seen.get('state')}, {seen.get('failed')}")
        machine.order(
            "screendump", filename=str(self._folder / f"screen-{self._starts}.png"), format="png"
        )
        return machine, seen

    def put_in(self, stick: Path) -> None:
        """A stick, by the name of its image."""
        assert self.machine is not None
        name = stick.stem
        self.machine.order(
            "blockdev-add", driver="raw", **{"node-name": name},
            file={"driver": "file", "filename": str(stick)},
        )  # fmt: skip
        self.machine.order("device_add", driver="usb-storage", id=f"in-{name}", drive=name)

    def pull(self, stick: Path) -> None:
        """The stick, without asking anybody, as people do."""
        assert self.machine is not None
        self.machine.order("device_del", id=f"in-{stick.stem}")

    def off(self) -> None:
        """Pull the plug."""
        if self.machine is not None:
            self.machine.stop()


def failed_units(machine: Machine) -> list[str]:
    """What has failed since the start."""
    return sorted(set(looked(machine.said()).get("failed", [])))


def stick_of(machine: Machine) -> str:
    """Whether a stick is in, as the box sees it."""
    return (looked(machine.said()).get("stick") or ["out"])[-1]


def seen_on(owner: Owner, path: str, what: Callable[[str], bool], named: str) -> str:
    """Look at a page until it shows something; the page."""
    last = ""

    def shows() -> bool:
        nonlocal last
        last = owner.text(path)
        return what(last)

    try:
        wait(shows, named, 900)
    except BuildError as problem:
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", last))
        raise BuildError(f"{problem}; the page says: {text}") from problem
    return last


def secrets_of(seen: dict[str, list[str]]) -> set[str]:
    """Digests of the files that a box makes for itself alone."""
    sums = (line.split(maxsplit=1) for line in seen["made"])
    return {digest for digest, path in sums if any(word in path for word in OWN)}


def by_the_screen(seen: dict[str, list[str]]) -> str:
    """The digits that claim the box, as somebody reads them who stands in front of it."""
    text = "\n".join(seen.get("screen", []))
    print(f"image: the screen says\n{text}", flush=True)
    found = re.search(r"its code is (\d+)\.", text)
    if found is None or not re.search(r"http://10\.0\.2\.\d+", text):
        raise BuildError("the screen does not say where the page is, or not the digits")
    return found[1]


def updates_for_sticks(folder: Path) -> tuple[Path, Path]:
    """An update as we sign them and one that a stranger signed; small, not to be written."""
    content = folder / "any.img"
    content.write_bytes(random.Random(SEED).randbytes(1 << 20))
    ours, other = folder / "ours.raucb", folder / "other.raucb"
    with_ours, with_other = keys.signer_of(keys.folder()), keys.signer_of(folder / "other-keys")
    bundles.bundle(content, ours, with_ours, version=LATER, description="from a stick")
    bundles.bundle(content, other, with_other, version=LATER, description="from a stranger")
    return ours, other


def rescue(built: Path, folder: Path, firmware: Path, modules: Path) -> None:
    """All of it.

    Raises:
        BuildError: something is not as it should be.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ours, other = updates_for_sticks(folder)
    stick = a_stick(folder, "OFFICE", {"tipring-99.raucb": ours})
    strange = a_stick(folder, "STRANGE", {"tipring-99.raucb": other})
    unknown = folder / "unknown.img"
    unknown.write_bytes(bytes(8 << 20))
    run("mkfs.minix", unknown)
    button = a_stick(folder, BUTTON)
    box = Box(built, folder, firmware, modules)
    try:
        machine, first = box.start()
        claimed(machine.port, by_the_screen(first))
        owner = Owner(machine.port)
        owner.save(SAVED, backups={"folder": FOLDER})
        owner.send("box/backups/protect", passphrase=PHRASE, again=PHRASE)

        visited, wrong = walked(owner)
        print(f"image: {len(visited)} addresses of the page were visited", flush=True)
        if wrong:
            raise BuildError(f"not as they should be: {'; '.join(wrong)}")

        box.put_in(strange)
        seen_on(owner, "box/updates", lambda page: "not signed by" in page and LATER not in page,
                "a stranger's update is refused")  # fmt: skip
        print("image: an update that somebody else signed is refused", flush=True)
        wait(lambda: stick_of(machine) == "in", "the stick is mounted")
        box.pull(strange)
        wait(lambda: stick_of(machine) == "out", "the stick is gone")

        box.put_in(stick)
        seen_on(owner, "box/updates", lambda page: LATER in page, "the stick's update is offered")
        print("image: an update on a stick is found and offered", flush=True)
        owner.send("box/updates/order", act="drop")
        wait(lambda: stick_of(machine) == "in", "the stick is mounted")
        owner.send("box/backups")
        page = seen_on(owner, "box/backups", lambda page: bool(BACKUP.search(page)),
                       "a backup on the stick")  # fmt: skip
        made = BACKUP.findall(page)[0]
        print(f"image: the backup {made} lies on the stick", flush=True)
        if "CST" not in page:
            raise BuildError("the page of an office in China does not tell its time")
        box.pull(stick)
        wait(lambda: stick_of(machine) == "out", "the stick is out")
        seen_on(owner, "box/backups", lambda page: not BACKUP.search(page),
                "no backup is offered")  # fmt: skip
        print("image: pulled out without asking, the page shows it no more", flush=True)
        owner.send("box/backups")
        seen_on(owner, "box/backups", lambda page: "is the stick in?" in page,
                "a backup without the stick is refused")  # fmt: skip
        box.put_in(unknown)
        seen_on(owner, "box/backups", lambda page: "has the file system minix" in page,
                "a stick of another form is told")  # fmt: skip
        box.pull(unknown)
        seen_on(owner, "box/backups", lambda page: "has the file system" not in page,
                "that stick is out")  # fmt: skip
        print("image: a stick of another form is told, with what to do about it", flush=True)
        if failed := failed_units(machine):
            raise BuildError(f"failed meanwhile: {failed}")

        box.put_in(button)
        machine.ended()
        print("image: the button was held, the box switches itself off to begin anew", flush=True)
        machine, second = box.start()
        if secrets_of(first) & secrets_of(second):
            raise BuildError("a box that began anew has keys that it had before")
        claimed(machine.port, by_the_screen(second))
        owner = Owner(machine.port)
        if SAVED in owner.reasons():
            raise BuildError("a box that began anew knows settings of before")
        print("image: it has begun anew, with another code and other keys", flush=True)

        box.put_in(stick)
        seen_on(owner, "box/backups", lambda page: made in page, "the backup is there to choose")
        with contextlib.suppress(OSError, http.client.HTTPException):  # it may restart at once
            said = owner.send("box/backups/restore", stick=made, passphrase=PHRASE, sure="yes")
            print(f"image: the page says: {headline(said)}", flush=True)
        machine.ended()
        machine, third = box.start(owned=True)
        owner = Owner(machine.port)
        if SAVED not in owner.reasons():
            raise BuildError("the settings of the backup are not there")
        if not secrets_of(third) & secrets_of(first):
            raise BuildError("the keys of the backup are not there")
        if "code is" in "\n".join(third.get("screen", [])):
            raise BuildError("the screen of a box with an owner shows digits")
        print("image: the backup is in force again: owner, settings, history", flush=True)
    finally:
        box.off()
    state = slot_state(box.disk)
    if state.get("BOOT_A_LEFT") != "3":
        raise BuildError(f"the slot did not get its tries back: {state}")


def headline(page: str) -> str:
    """What a page says first, below its head."""
    found = re.search(r'role="(?:status|alert)"[^>]*>([^<]+)<', page)
    return found[1].strip() if found else re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))[:200]


def main() -> int:
    """Build what is missing, then test."""
    cache = Cache(TREE / "out/image")
    try:
        built, loader = build(cache), loader_of_machine(cache)
        unpacked = newest(cache, "unpacked", "busybox-static")
        rescue(built, cache.folder / "rescue", loader, unpacked)
    except BuildError as problem:
        print(f"image: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
