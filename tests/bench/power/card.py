"""The card as a mounted ext4 whose every write is known, and what a cut leaves of it.

nbdkit keeps the card in memory and logs, nbdfuse shows it as a file, a loop device makes a disk of
that. Needs root, /dev/fuse and loop devices; the kernel needs no device mapper.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PLUGIN = Path(__file__).with_name("card_plugin.py")
SECTOR = 512
PROGRAMS = ("nbdkit", "nbdfuse", "losetup", "mkfs.ext4", "e2fsck", "debugfs")


class CardUnusableError(Exception):
    """What is missing on this machine, as a sentence."""


def check_usable() -> None:
    """Raise where no card can be made."""
    for program in PROGRAMS:
        if shutil.which(program) is None and not Path(f"/sbin/{program}").exists():
            raise CardUnusableError(f"{program} is not installed: power cuts need it.")
    if os.geteuid() != 0 or not Path("/dev/fuse").exists():
        raise CardUnusableError("power cuts need root and /dev/fuse.")


@dataclass
class Card:
    """A mounted card."""

    folder: Path
    log: Path
    size: int

    def fail(self) -> None:
        """From now on every write and flush is answered with an error."""
        self.log.with_name(f"{self.log.name}.failing").touch()

    def position(self) -> int:
        """How much has been written down so far: what a cut now would leave at most."""
        return self.log.stat().st_size


@contextlib.contextmanager
def mounted(size: int = 48 << 20) -> Iterator[Card]:
    """A fresh card, mounted as the box mounts its own (``noatime``, barriers on)."""
    base = Path(tempfile.mkdtemp(prefix="card-", dir="/dev/shm"))
    log, shown, folder = base / "log", base / "shown", base / "data"
    folder.mkdir()
    shown.touch()
    command = ["nbdkit", "-s", "--exit-with-parent", "python", str(PLUGIN)]
    process = subprocess.Popen(
        ["nbdfuse", str(shown), "--command", *command, f"size={size}", f"log={log}"],
        stderr=subprocess.PIPE,
    )
    loop = ""
    try:
        _wait_for(lambda: shown.stat().st_size == size, process)
        loop = _run("losetup", "-f", "--show", str(shown)).strip()
        # Inode tables and journal at once: else the kernel writes them later, in the midst of what
        # is being counted (512 KiB a group).
        _run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", loop)
        _run("mount", "-o", "noatime,lazytime,commit=60,errors=remount-ro", loop, str(folder))
        yield Card(folder, log, size)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, stderr=subprocess.DEVNULL)
        if loop:
            subprocess.run(["losetup", "-d", loop], check=False)
        subprocess.run(["umount", "-l", str(shown)], check=False, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
        shutil.rmtree(base, ignore_errors=True)


def _wait_for(ready: object, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            if ready():
                return
        if process.poll() is not None:
            raise CardUnusableError(f"nbdfuse ended: {process.stderr.read()!r}")
        time.sleep(0.02)  # noqa: TID251  # the kernel's mount has no event to wait for
    raise CardUnusableError("nbdfuse shows no card")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CardUnusableError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


@dataclass
class Writes:
    """The log, read."""

    ends: list[int] = field(default_factory=list)  # position behind each record
    writes: list[tuple[int, bytes] | None] = field(default_factory=list)  # None: a flush

    @classmethod
    def read(cls, log: bytes) -> Writes:
        found, place = cls(), 0
        while place < len(log):
            if log[place : place + 1] == b"S":
                place += 1
                found.writes.append(None)
            else:
                offset, length = struct.unpack_from("<QI", log, place + 1)
                place += 13 + length
                found.writes.append((offset, log[place - length : place]))
            found.ends.append(place)
        return found

    def spent(self, begin: int, end: int) -> tuple[int, int]:
        """Bytes written and flushes between two positions."""
        between = [w for at, w in zip(self.ends, self.writes, strict=True) if begin < at <= end]
        return sum(len(w[1]) for w in between if w), sum(w is None for w in between)


class Cutter:
    """Images of the card after a cut, positions going up only."""

    def __init__(self, writes: Writes, size: int) -> None:
        self._writes = writes
        self._stable = bytearray(size)
        self._next = 0

    def image(self, position: int, chance: random.Random) -> bytearray:
        """All up to the last flush; of what came later each write kept, torn at a sector, lost."""
        log = self._writes
        last = place = self._next
        while place < len(log.writes) and log.ends[place] <= position:
            place += 1
            if log.writes[place - 1] is None:
                last = place
        for item in log.writes[self._next : last]:
            if item is not None:
                self._stable[item[0] : item[0] + len(item[1])] = item[1]
        self._next = last
        image = bytearray(self._stable)
        for item in log.writes[last:place]:
            if item is None:
                continue
            offset, data = item
            fate = chance.random()
            if fate < 1 / 3:
                continue
            if fate < 2 / 3:
                data = data[: chance.randrange(len(data) // SECTOR + 1) * SECTOR]
            image[offset : offset + len(data)] = data
        return image


def recovered(image: bytearray, into: Path) -> Path:
    """Write the image, let the file system mend itself as at a start, take the files out.

    Raises:
        AssertionError: the file system needs a person.
    """
    disk = into / "disk"
    disk.write_bytes(image)
    mended = subprocess.run(
        ["e2fsck", "-p", str(disk)], capture_output=True, text=True, check=False
    )
    assert mended.returncode in {0, 1}, mended.stdout + mended.stderr
    files = into / "files"
    files.mkdir()
    subprocess.run(
        ["debugfs", "-R", f"rdump / {files}", str(disk)], capture_output=True, check=True
    )
    disk.unlink()
    return files
