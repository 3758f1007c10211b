"""Print all figures, or those of the modules named."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform

import tests.bench.figures as package
from tests.bench.figures.figure import Figure

NOT_SUBJECTS = {"figure", "show"}


def subjects() -> list[str]:
    """Modules that have figures."""
    return sorted(
        m.name for m in pkgutil.iter_modules(package.__path__) if m.name not in NOT_SUBJECTS
    )


def show(only: list[str]) -> int:
    """Print; status 1 when a figure does not hold its limit."""
    known = subjects()
    for name in only:
        if name not in known:
            print(f"there are no figures of {name}; there are {', '.join(known)}")
            return 2
    load = os.getloadavg()[0]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"# {machine}, load {load:.1f}")
    print(f"{'figure':58} {'median':>10} {'low':>10} {'high':>10} unit")
    failed = 0
    for name in only or known:
        module = importlib.import_module(f"tests.bench.figures.{name}")
        print(f"# {name}")
        for item in module.figures():
            figure = item if isinstance(item, Figure) else Figure(*item)
            mark = {None: "", True: "  holds", False: "  DOES NOT HOLD"}[figure.holds]
            failed += figure.holds is False
            beside = f"  [{figure.beside}]" if figure.beside else ""
            numbers = f"{figure.median:10.4g} {figure.low:10.4g} {figure.high:10.4g}"
            print(f"{figure.name[:58]:58} {numbers} {figure.unit}{beside}{mark}", flush=True)
    return 1 if failed else 0
