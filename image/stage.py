"""One stage of the build: made once for the same inputs, taken from the cache afterwards.

A stage's folder bears the hash of everything that it is made of, so nothing is ever stale and
nothing that did not change is made twice.
"""

from __future__ import annotations

import hashlib
import json
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
        self._seconds = folder / "seconds.json"
        self._rows: list[tuple[str, bool, float | None]] = []

    def stage(self, name: str, inputs: Iterable[Path | str], make: Callable[[Path], None]) -> Path:
        """The stage's folder, made by ``make`` unless these inputs were made before."""
        wanted = self.folder / f"{name}-{digest_of(inputs)}"
        if wanted.exists():
            os.utime(wanted)
            self._rows.append((name, True, self._times().get(wanted.name)))
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
        took_s = time.monotonic() - began_s
        self._rows.append((name, False, took_s))
        there = {file.name for file in self.folder.iterdir()}
        kept = {one: took for one, took in self._times().items() if one in there}
        self._seconds.write_text(
            json.dumps({**kept, wanted.name: round(took_s, 1)}, indent=1), encoding="utf-8"
        )
        print(f"image: {name}: {took_s:.0f} s", flush=True)
        return wanted

    def table(self) -> list[str]:
        """Each stage's seconds, now or when it was made; their sum is an empty cache's time."""
        lines = [
            f"{name:<12} {'?' if took is None else format(took, '.0f'):>6} s"
            + ("  (when it was made)" if old else "")
            for name, old, took in self._rows
        ]
        total = sum(took or 0.0 for _, _, took in self._rows)
        now = sum(took or 0.0 for _, old, took in self._rows if not old)
        return [*lines, f"{'all':<12} {total:>6.0f} s, of which {now:.0f} s now"]

    def _times(self) -> dict[str, float]:
        try:
            return dict(json.loads(self._seconds.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    given: str | None = None,
) -> str:
    """What a program printed; ``given`` is what it reads.

    Raises:
        BuildError: it is not there or did not succeed; with the end of what it said.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            input=given,
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
