"""How the built card is laid out: partitions, what the loader finds, what is mounted where.

Looked at from outside, without a mount of the boot partition: a building machine may have no driver
for FAT. Every finding is a sentence.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Final

from image.card import BOARDS, FOLDERS, LOADER
from image.filesystem import SIGNATURE, SLOT_BYTES
from image.stage import IMAGE, BuildError, run

KINDS: Final = (("boot", "c"), ("slot A", "83"), ("slot B", "83"), ("data", "83"))
MOUNTED_WRITABLE: Final = ("/boot/firmware", "/data", "/var", "/tmp", "/media")  # noqa: S108  # points
READ_ONLY: Final = re.compile(r"root=PARTUUID=\$\{root\} ro ")


def objections(card: Path, boot: Path, slot: Path, data: Path) -> list[str]:
    """Everything about the layout that a reviewer would object to.

    Args:
        card: the image.
        boot: what its first partition holds, taken out.
        slot: slot A, mounted.
        data: the data partition, mounted.
    """
    return [*table(card), *first_partition(boot), *mounts(slot, data), *slots(card, slot)]


def table(card: Path) -> list[str]:
    """The partition table."""
    seen = json.loads(run("sfdisk", "--json", card))["partitiontable"]
    found = []
    if seen.get("label") != "dos" or seen.get("id") != f"0x{SIGNATURE}":
        found.append(f"the table is {seen.get('label')} {seen.get('id')}, not dos 0x{SIGNATURE}")
    kinds = [part["type"] for part in seen["partitions"]]
    wanted = [kind for _, kind in KINDS]
    if kinds != wanted:
        return [*found, f"the partitions' types are {kinds}, not {wanted}"]
    if [bool(part.get("bootable")) for part in seen["partitions"]] != [True, False, False, False]:
        found.append("the first partition, and no other, is to be marked as the one to boot from")
    for (name, _), part in zip(KINDS[1:3], seen["partitions"][1:3], strict=True):
        if part["size"] * 512 != SLOT_BYTES:
            found.append(f"{name} has {part['size'] * 512} bytes instead of {SLOT_BYTES}")
    return found


def first_partition(boot: Path) -> list[str]:
    """What the maker's loader and ours look for."""
    overlays = {f"overlays/{file.stem}.dtbo" for file in (IMAGE / "overlays").glob("*.dtso")}
    wanted = {*LOADER, *(f"{board}.dtb" for board in BOARDS), *overlays}
    wanted |= {"config.txt", "u-boot.bin", "boot.scr", "slot.env", "LICENCE.txt"}
    there = {str(file.relative_to(boot)) for file in boot.rglob("*") if file.is_file()}
    found = [f"the boot partition has no {name}" for name in sorted(wanted - there)]
    found += [f"the boot partition holds {name} besides" for name in sorted(there - wanted)]
    for name in ("config.txt", "boot.scr"):
        source = IMAGE / "boot" / name.replace("boot.scr", "boot.cmd")
        if name in there and source.read_bytes() not in (boot / name).read_bytes():
            found.append(f"{name} on the boot partition is not image/boot/{source.name}")
    if "boot.scr" in there and not READ_ONLY.search((boot / "boot.scr").read_text("latin-1")):
        found.append("the kernel is not told to mount its slot read-only")
    return found


def mounts(slot: Path, data: Path) -> list[str]:
    """Every mount has a place to go to and something to come from; the slot is not written."""
    found, writable = [], set()
    for line in (slot / "etc/fstab").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        what, where, kind, options, *_ = line.split()
        if "@" in what:
            found.append(f"fstab names {what} instead of a partition")
        if where == "/":
            found.append("fstab mounts the slot once more")
        if "bind" in options.split(","):
            if not (data / what.removeprefix("/data/")).is_dir():
                found.append(f"{where} comes from {what}, which the data partition has not")
        else:
            writable.add(where)
        # What lies in memory is filled at boot; all other places have to be in the slot.
        if kind != "none" and not (slot / where.lstrip("/")).is_dir():
            found.append(f"the slot has no folder {where} to mount on")
    if writable != set(MOUNTED_WRITABLE):
        found.append(f"mounted to be written: {sorted(writable)}, not {sorted(MOUNTED_WRITABLE)}")
    there = {folder.name for folder in data.iterdir()} - {"lost+found"}
    if there != set(FOLDERS):
        found.append(f"a new box keeps {sorted(there)}, not {sorted(FOLDERS)}")
    kept = [file for file in data.rglob("*") if not file.is_dir()]
    found += [f"a new box already holds /data/{file.relative_to(data)}" for file in kept]
    return found


def slots(card: Path, slot: Path) -> list[str]:
    """Slot A starts and keeps no journal of its own; slot B is empty until the first update."""
    found = [
        f"slot A has no {name}"
        for name in ("boot/vmlinuz.gz", "boot/initrd.img", "etc/rauc/keyring.pem")
        if not (slot / name).is_file()
    ]
    if (slot / "etc/machine-id").read_bytes():
        found.append("slot A has a machine-id, which every box would share")
    parts = json.loads(run("sfdisk", "--json", card))["partitiontable"]["partitions"]
    head = run("dumpe2fs", "-h", f"{card}?offset={parts[1]['start'] * 512}")
    if "has_journal" in head:
        found.append("slot A has a journal, which a mount would write")
    with card.open("rb") as whole:
        whole.seek(parts[2]["start"] * 512)
        if any(whole.read(1 << 20)):
            found.append("slot B is not empty")
    return found


def boot_partition(card: Path, start: int, size: int, to: Path) -> None:
    """Take out what the first partition holds.

    Raises:
        BuildError: it is no file system that a loader could read.
    """
    with tempfile.TemporaryDirectory() as folder:
        fat = Path(folder, "boot.vfat")
        with card.open("rb") as whole:
            whole.seek(start)
            fat.write_bytes(whole.read(size))
        try:
            run("mcopy", "-s", "-n", "-i", fat, "::/*", to, env={"MTOOLS_SKIP_CHECK": "1"})
        except BuildError as broken:
            raise BuildError(f"the boot partition cannot be read: {broken}") from broken
