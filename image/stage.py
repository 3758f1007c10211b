"""One stage of the build: made once for the same inputs, taken from the cache afterwards.

A stage's folder bears the hash of everything that it is made of, so nothing is ever stale and
nothing that did not change is made twice.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

TREE = Path(__file__).parents[1]
IMAGE = Path(__file__).parent


class BuildError(Exception):
    """What went wrong, as a sentence for whoever builds."""


def digest_of(things: Iterable[Path | str]) -> str:
    """SHA-256 over texts and files; of a folder every file with its name and its right to run."""
    total = hashlib.sha256()
    for thing in things:
        if isinstance(thing, str):
            total.update(b"text\0" + thing.encode())
            continue
        if thing.is_dir():
            files = sorted(p for p in thing.rglob("*") if p.is_file() or p.is_symlink())
            files = [p for p in files if "__pycache__" not in p.parts]
        else:
            files = [thing]
        for file in files:
            name = file.relative_to(thing) if file != thing else file.name
            total.update(f"{name}\0{os.access(file, os.X_OK)}\0".encode())
            total.update(str(file.readlink()).encode() if file.is_symlink() else file.read_bytes())
    return total.hexdigest()[:16]


class Cache:
    """Where stages lie.

    Args:
        folder: made where it is missing; may be thrown away at any time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def stage(self, name: str, inputs: Iterable[Path | str], make: Callable[[Path], None]) -> Path:
        """The stage's folder, made by ``make`` unless these inputs were made before."""
        wanted = self.folder / f"{name}-{digest_of(inputs)}"
        if wanted.exists():
            os.utime(wanted)
            print(f"image: {name}: as before", flush=True)
            return wanted
        began_s = time.monotonic()
        building = self.folder / f"{name}.building"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        print(f"image: {name} ...", flush=True)
        make(building)
        building.rename(wanted)
        for older in sorted(self.folder.glob(f"{name}-*"), key=lambda p: p.stat().st_mtime)[:-2]:
            shutil.rmtree(older, ignore_errors=True)
        print(f"image: {name}: {time.monotonic() - began_s:.0f} s", flush=True)
        return wanted


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """What a program printed.

    Raises:
        BuildError: it is not there or did not succeed; with the end of what it said.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as missing:
        raise BuildError(
            f"{words[0]} is not installed; image/tools.txt lists what is needed."
        ) from missing
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-12:]
        raise BuildError(f"{' '.join(words[:6])} failed ({done.returncode}):\n" + "\n".join(said))
    return done.stdout


def listed(file: Path) -> list[str]:
    """The lines of a list, without comments."""
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def install_tools(names: Sequence[str]) -> None:
    """Debian packages that the build itself needs.

    Raises:
        BuildError: some are missing, and this user may not install them.
    """
    missing = [name for name in names if not _installed(name)]
    if not missing:
        return
    if os.geteuid() != 0:
        raise BuildError(f"these Debian packages are missing: {' '.join(missing)}")
    print(f"image: installing {' '.join(missing)}", file=sys.stderr, flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=quiet)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, env=quiet)


def _installed(name: str) -> bool:
    done = subprocess.run(
        ["dpkg-query", "-W", "-f=${Status}", name], capture_output=True, text=True, check=False
    )
    return done.stdout.endswith("install ok installed")
