"""File systems of the card: made from folders without a mount, the same bytes each time."""

from __future__ import annotations

import gzip
import os
import re
import tempfile
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from image.stage import run

SIGNATURE: Final = "74697072"  # of the partition table: "tipr"
SLOT_BYTES: Final = 1 << 30


def uuid(of: str) -> str:
    """A number that is always the same for the same name."""
    return str(uuid5(NAMESPACE_DNS, f"tipring.local/{of}"))


def ext4(folder: Path, to: Path, label: str, size: int, epoch: int, *, journal: bool) -> None:
    """A file system of ``size`` bytes with what is in ``folder``."""
    to.unlink(missing_ok=True)
    features = "^metadata_csum_seed,^orphan_file" + ("" if journal else ",^has_journal")
    # In one option: of several the program takes the last and says nothing.
    extended = f"hash_seed={uuid(label + '-hash')},root_owner=0:0"
    extended += ",lazy_itable_init=0,lazy_journal_init=0"
    run(
        "mke2fs", "-q", "-t", "ext4", "-L", label, "-U", uuid(label), "-m", "0", "-d", folder,
        "-E", extended,
        "-O", features, "-b", "4096", to, str(size // 4096),
        env={"E2FSPROGS_FAKE_TIME": str(epoch), "SOURCE_DATE_EPOCH": str(epoch)},
    )  # fmt: skip
    _same_times(to, epoch)


def _same_times(made: Path, epoch: int) -> None:
    """When an inode of the folder was changed and read last went into the file system: set it."""
    head = run("dumpe2fs", "-h", made)
    counts = dict(re.findall(r"^(Inode count|Free inodes): +(\d+)$", head, re.MULTILINE))
    used = int(counts["Inode count"]) - int(counts["Free inodes"])
    # The root has number 2; files begin at 11 and are numbered in a row.
    inodes = [2, *range(11, used + 1)]
    with tempfile.NamedTemporaryFile("w", suffix=".debugfs") as script:
        for inode in inodes:
            for field in ("atime", "ctime"):
                script.write(f"sif <{inode}> {field} @{epoch}\n")
                script.write(f"sif <{inode}> {field}_extra 0\n")
        script.flush()
        run("debugfs", "-w", "-f", script.name, made, env={"E2FSPROGS_FAKE_TIME": str(epoch)})


def slot_tree(root: Path, kernel: Path, version: str, first: bytes, epoch: int) -> None:
    """Kernel and first file system go into the slot; names of the disk into its tables."""
    boot = root / "boot"
    boot.mkdir(exist_ok=True)
    image = next(kernel.rglob(f"vmlinuz-{version}")).read_bytes()
    (boot / "vmlinuz.gz").write_bytes(gzip.compress(image, compresslevel=9, mtime=0))
    (boot / "initrd.img").write_bytes(first)
    (boot / "firmware").mkdir(exist_ok=True)
    (root / "data").mkdir(exist_ok=True)
    for name in ("etc/fstab", "etc/rauc/system.conf"):
        text = (root / name).read_text(encoding="utf-8")
        (root / name).write_text(text.replace("@SIGNATURE@", SIGNATURE), encoding="utf-8")
    for path in [
        boot,
        *boot.rglob("*"),
        root / "data",
        root / "etc/fstab",
        root / "etc/rauc/system.conf",
        root / "etc/rauc",
        root / "etc",
        root,
    ]:
        os.utime(path, (epoch, epoch))
