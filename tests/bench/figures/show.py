"""Print all figures, or those of the modules named; each module in a process of its own.

A module that fails, hangs or kills its process costs its own figures and no others. What cannot be
judged on a machine that others use as well says so itself (``Figure.holds`` None, and why).
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import tests.bench.figures as package
from tests.bench.figures.figure import Figure

NOT_SUBJECTS = {"figure", "floor", "show"}
PATIENCE_S = 1800  # for one module
LAST_WORDS = 3  # lines of what a failed module said


def subjects() -> list[str]:
    """Modules that have figures."""
    return sorted(
        m.name for m in pkgutil.iter_modules(package.__path__) if m.name not in NOT_SUBJECTS
    )


def show(only: list[str]) -> int:
    """Print; status 1 when a figure does not hold its limit or a module has no figures."""
    known = subjects()
    for name in only:
        if name not in known:
            print(f"there are no figures of {name}; there are {', '.join(known)}")
            return 2
    begin = time.monotonic()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"# {machine}, load {_load()}")
    print(f"{'figure':58} {'median':>10} {'low':>10} {'high':>10} unit")
    missed: list[str] = []
    unjudged: list[str] = []
    for name in only or known:
        print(f"# {name}, load {_load()}", flush=True)
        begin_one = time.monotonic()
        found, problem = _figures_of(name)
        for figure in found:
            _print(figure)
            if figure.holds is False:
                missed.append(figure.name)
            if figure.unjudged:
                unjudged.append(f"{figure.name} ({figure.unjudged})")
        if problem:
            print(f"{name} has no figures: {problem}")
            missed.append(f"all of {name}")
        print(f"# {name} took {time.monotonic() - begin_one:.0f} s", flush=True)
    print(f"# {time.monotonic() - begin:.0f} s in all, load {_load()}")
    for sentence in unjudged:
        print(f"not judged: {sentence}")
    print("does not hold: " + "; ".join(missed) if missed else "every figure that is judged holds")
    return 1 if missed else 0


def _load() -> str:
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


def _print(figure: Figure) -> None:
    mark = {None: "", True: "  holds", False: "  DOES NOT HOLD"}[figure.holds]
    if figure.unjudged:
        mark = f"  not judged: {figure.unjudged}"
    beside = f"  [{figure.beside}]" if figure.beside else ""
    numbers = f"{figure.median:10.4g} {figure.low:10.4g} {figure.high:10.4g}"
    print(f"{figure.name[:58]:58} {numbers} {figure.unit}{beside}{mark}", flush=True)


def _figures_of(name: str) -> tuple[list[Figure], str]:
    """Figures of a module, and what went wrong; empty when nothing did."""
    with tempfile.TemporaryDirectory(prefix="tipring-figures-") as folder:
        path = Path(folder) / "figures"
        command = [sys.executable, "-m", __name__, name, str(path)]
        with (Path(folder) / "said").open("w+", encoding="utf-8") as said:
            try:
                status = subprocess.run(
                    command, stdout=said, stderr=said, timeout=PATIENCE_S, check=False
                ).returncode
            except subprocess.TimeoutExpired:
                return [], f"not done after {PATIENCE_S} s"
            if status == 0:
                return [Figure(**row) for row in json.loads(path.read_text("utf-8"))], ""
            return [], f"ended with {status}: {_end_of(said)}"


def _end_of(said: TextIO) -> str:
    said.seek(0)
    return " | ".join(said.read().strip().splitlines()[-LAST_WORDS:]) or "it said nothing"


def _one(name: str, path: Path) -> None:
    """In the module's own process: leave its figures in a file."""
    module = importlib.import_module(f"tests.bench.figures.{name}")
    rows = [asdict(figure) for figure in module.figures()]
    path.write_text(json.dumps(rows, default=float), encoding="utf-8")


if __name__ == "__main__":
    _one(sys.argv[1], Path(sys.argv[2]))
