"""Pick some packages out of a lock file, for another Python than this one.

``pip`` judges markers by the Python it runs on; the guest has another. Prints a requirements file
with hashes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.requirements import Requirement


def pick(lock: str, python: str, names: list[str]) -> str:
    """The lines of ``names`` in ``lock`` that hold for ``python``, without their markers.

    Raises:
        SystemExit: a package that is not locked, named.
    """
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    found: dict[str, str] = {}
    for entry in lock.replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.strip().split(" --hash=")
        if not hashes:
            continue
        wanted = Requirement(requirement)
        if wanted.name in names and (wanted.marker is None or wanted.marker.evaluate(here)):
            options = [f"--hash={digest.strip()}" for digest in hashes]
            found[wanted.name] = " ".join([f"{wanted.name}{wanted.specifier}", *options])
    missing = sorted(set(names) - set(found))
    if missing:
        sys.exit(f"not in the lock file for Python {python}: {', '.join(missing)}")
    return "\n".join(found.values()) + "\n"


if __name__ == "__main__":
    _, lock_file, python_version, *packages = sys.argv
    sys.stdout.write(pick(Path(lock_file).read_text(encoding="utf-8"), python_version, packages))
