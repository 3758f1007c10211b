"""The built card, looked at without starting it: file systems, units, lists of a reviewer.

``image/golden`` says who is known in the system, what starts, and which programs have special
rights; ``packages.lock`` says which packages there are. Whatever is more or less is named.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from image import doors, layout
from image.debian import LOCK, read_lock
from image.stage import IMAGE, BuildError, listed, run

GOLDEN: Final = IMAGE / "golden"
PACKED_BYTES: Final = 450_000_000
"""What an installer downloads at most."""
BOOT, SLOT_A, DATA = 0, 1, 3
# Exposure by `systemd-analyze security` at most; a plain unit with a user scores 9.2.
EXPOSURE: Final = {
    "tipring-lined": 0.8, "tipring-calld": 1.2, "tipring-faxd": 0.4, "tipring-outboxd": 1.6,
    "tipring-sipd": 1.2, "tipring-webd": 1.2,
}  # fmt: skip
HELD_OPEN: Final = ("tcp 80", "tcp 443")  # the page's, which may open no port itself
SECRET: Final = re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}")


def differences(what: str, seen: Iterable[str], expected: Iterable[str]) -> list[str]:
    """Sentences for what is there and should not be, and the other way round."""
    there, wanted = set(seen), set(expected)
    return [f"{what}: {one} is not in the list" for one in sorted(there - wanted)] + [
        f"{what}: {one} is in the list and not there" for one in sorted(wanted - there)
    ]


def partitions(card: Path) -> list[tuple[int, int]]:
    """First byte and length of each of the card's four partitions."""
    table = json.loads(run("sfdisk", "--json", card))["partitiontable"]["partitions"]
    return [(part["start"] * 512, part["size"] * 512) for part in table]


@contextmanager
def opened(card: Path, part: int) -> Iterator[Path]:
    """A file system of the card as a folder, read-only.

    Raises:
        BuildError: it cannot be mounted.
    """
    start, size = partitions(card)[part]
    with tempfile.TemporaryDirectory() as folder:
        run("mount", "-o", f"ro,noload,loop,offset={start},sizelimit={size}", card, folder)
        try:
            yield Path(folder)
        finally:
            run("umount", folder)


def users(root: Path) -> list[str]:
    """Who is known, with number and shell; OPEN where a password or none would let him in."""
    shadow = dict(line.split(":")[:2] for line in _lines(root / "etc/shadow"))
    found = []
    for line in _lines(root / "etc/passwd"):
        name, _, uid, *_, shell = line.split(":")
        locked = shadow.get(name, "*")[:1] in {"*", "!"}
        found.append(f"{name} {uid} {shell}" + ("" if locked else " OPEN"))
    return found


def packages(root: Path) -> list[str]:
    """Names and versions of what Debian's tool says is installed."""
    entries = (root / "var/lib/dpkg/status").read_text(encoding="utf-8").split("\n\n")
    found = []
    for entry in entries:
        field = dict(re.findall(r"^(Package|Version|Status): (.+)$", entry, re.MULTILINE))
        if field.get("Status", "").endswith(" installed"):
            found.append(f"{field['Package']} {field['Version']}")
    return found


def units(root: Path) -> list[str]:
    """What starts by itself: who wants it, and its name; masked units are links to nowhere."""
    system = root / "etc/systemd/system"
    masked = {link.name for link in system.iterdir() if os.path.realpath(link) == "/dev/null"}
    wants = [*system.glob("*.wants/*"), *(root / "usr/lib/systemd/system").glob("*.wants/*")]
    return sorted(
        f"{link.parent.name.removesuffix('.wants')} {link.name}"
        for link in wants
        if link.name not in masked
    )


def rights(root: Path) -> tuple[list[str], list[str]]:
    """Files that give rights to whoever runs them, and files that anybody may change."""
    special, writable = [], []
    for folder, _, files in os.walk(root):
        for name in files:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                special.append(f"/{path.relative_to(root)}")
            if stat.S_ISREG(mode) and mode & stat.S_IWOTH:
                writable.append(f"/{path.relative_to(root)}")
    return special, writable


def secrets(root: Path) -> list[str]:
    """Private keys in an image are everybody's."""
    found = []
    for part in ("etc", "opt", "usr/lib/tipring", "root", "data"):
        for file in (root / part).rglob("*"):
            small = file.is_file() and not file.is_symlink() and file.stat().st_size < 100_000
            if small and SECRET.search(file.read_bytes()):
                found.append(f"/{file.relative_to(root)} holds a private key")
    return found


def unit_problems(root: Path) -> list[str]:
    """What a manager would refuse in our units, and which of them is too much exposed."""
    found = []
    system = root / "etc/systemd/system"
    ours = sorted(path for path in system.glob("tipring*") if path.is_file())
    try:
        said = run("systemd-analyze", "verify", f"--root={root}", "--man=no", *ours)
    except BuildError as refused:
        said = str(refused)
    # Debian's own units of another version than this machine's have complaints of their own.
    found += [line.strip() for line in said.splitlines() if re.search(r"tipring-\S+:\d*:?", line)]
    for name, most in EXPOSURE.items():
        text = run(
            "systemd-analyze", "security", "--offline=true", f"--root={root}", f"{name}.service"
        )
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", text)
        if level is None or float(level[1]) > most:
            found.append(f"{name} is exposed by {level[1] if level else '?'}, at most {most}")
    return found


def file_systems(card: Path) -> list[str]:
    """What a check of boot, slot and data partition finds."""
    found = []
    where = partitions(card)
    with tempfile.TemporaryDirectory() as folder:
        fat = Path(folder, "boot.vfat")
        with card.open("rb") as whole:
            whole.seek(where[BOOT][0])
            fat.write_bytes(whole.read(where[BOOT][1]))
        for command in (
            ("fsck.vfat", "-n", str(fat)),
            ("e2fsck", "-fn", f"{card}?offset={where[SLOT_A][0]}"),
            ("e2fsck", "-fn", f"{card}?offset={where[DATA][0]}"),
        ):
            try:
                run(*command)
            except BuildError as broken:
                found.append(str(broken))
    return found


def newest(folder: Path) -> Path:
    """The card that was built last.

    Raises:
        BuildError: none was.
    """
    built = [card for card in folder.glob("card-*") if (card / "tipring.img").is_file()]
    if not built:
        raise BuildError(f"there is no built card in {folder}; make image builds one.")
    return max(built, key=lambda card: card.stat().st_mtime)


def sums(built: Path) -> list[str]:
    """Files that an installer takes and that are not what their sums say."""
    found = []
    for line in _lines(built / "SHA256SUMS"):
        digest, name = line.split(maxsplit=1)
        with (built / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                found.append(f"{name} is not the file whose sum SHA256SUMS holds")
    return found


def laid_out(card: Path) -> list[str]:
    """What is wrong with partitions and mounts."""
    with tempfile.TemporaryDirectory() as folder, opened(card, SLOT_A) as slot:
        layout.boot_partition(card, *partitions(card)[BOOT], Path(folder))
        with opened(card, DATA) as data:
            return layout.objections(card, Path(folder), slot, data)


def check(built: Path) -> int:
    """Look at everything; print what is wrong. 0 for nothing."""
    card = built / "tipring.img"
    print(f"image: {built.name}, built {time.strftime('%F %T', time.gmtime(card.stat().st_mtime))}")
    problems = sums(built) + file_systems(card) + laid_out(card)
    packed = (built / "tipring.img.zst").stat().st_size
    if packed > PACKED_BYTES:
        problems.append(f"packed it has {packed / 1e6:.0f} MB, at most {PACKED_BYTES / 1e6:.0f}")
    with opened(card, SLOT_A) as root:
        special, writable = rights(root)
        locked = read_lock(LOCK.read_text(encoding="utf-8"))
        wanted = [f"{one.name} {one.version}" for one in locked if one.how == "installed"]
        for what, seen, expected in (
            ("users", users(root), listed(GOLDEN / "users.txt")),
            ("special rights", special, listed(GOLDEN / "special.txt")),
            ("changed by anybody", writable, []),
            ("packages", packages(root), wanted),
            ("units", units(root), listed(GOLDEN / "units.txt")),
            ("let in", doors.let_in(root), listed(GOLDEN / "doors.txt")),
            ("held open", doors.held_open(root), HELD_OPEN),
        ):
            print(f"image: {what}: {len(seen)}")
            problems += differences(what, seen, expected)
        problems += secrets(root) + unit_problems(root) + doors.objections(root)
    for problem in problems:
        print(f"image: {problem}")
    print(f"image: packed {packed / 1e6:.1f} MB; {len(problems)} objections")
    return 1 if problems else 0


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()
