"""The SIP library for the box: built for arm64 from Debian's source, and asked what it can do.

The source lies in the cache; it is fetched once (``image/pjproject/fetch.sh``). A build without TLS
says nothing, so the finished one is loaded under an emulated processor before it goes into a slot.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from firmware.core.sip_settings import MOST_LEGS
from image.bootstrap import EMULATED_CPU, register_emulator
from image.debian import Locked, unpack
from image.python_packages import PYTHON
from image.stage import IMAGE, BuildError, Cache, run

FOLDER: Final = IMAGE / "pjproject"
PLACE: Final = Path("opt/tipring/pjsua2")
# Headers of the target, and the libraries that their links point to.
SYSROOT: Final = (
    "libpython3.13-dev", "libssl-dev", "libsrtp2-dev", "libopus-dev", "libspeexdsp-dev",
    "libspeex-dev", "uuid-dev", "libssl3t64", "libsrtp2-1", "libopus0", "libspeexdsp1",
    "libuuid1", "libnss3", "libnspr4",
)  # fmt: skip
WANTED: Final = {"PCMA", "PCMU", "G722", "opus"}


def source(cache: Cache) -> Path:
    """The tarball, fetched where it is missing."""
    folder = cache.folder / "pjproject"
    run("bash", FOLDER / "fetch.sh", folder)
    return next(folder.glob("*.tar.xz"))


def build(tarball: Path, locked: list[Locked], debs: Path, to: Path) -> None:
    """``to/pjsua2`` gets the module, its Python file and a note of what it needs."""
    sysroot = to / "sysroot"
    for one in locked:
        if one.name in SYSROOT:
            unpack(one, debs, sysroot)
    include = sysroot / f"usr/include/python{PYTHON}"
    run(
        "bash", FOLDER / "build.sh", "arm64", tarball, to / "pjsua2",
        env={
            "SYSROOT": str(sysroot), "PYTHON_INCLUDE": str(include), "PYTHON_VERSION": PYTHON,
            "TMPDIR": str(to),
        },
    )  # fmt: skip
    shutil.rmtree(sysroot)


def add(library: Path, root: Path) -> None:
    """Put it into a slot with Python packages and program, and ask it there what it can do.

    Raises:
        BuildError: it cannot be loaded, speaks no TLS, lacks a codec, the gate or the legs' ports,
            or carries fewer calls than a box may.
    """
    shutil.copytree(library / "pjsua2", root / PLACE)
    register_emulator()
    said = run(
        "chroot", root, "/usr/bin/env", "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=/opt/tipring",
        f"TIPRING_PJSUA2=/{PLACE}", "/opt/tipring/.venv/bin/python", "-m",
        "firmware.daemons.trunk.library", env={"QEMU_CPU": EMULATED_CPU},
    )  # fmt: skip
    found = json.loads(said.splitlines()[-1])
    missing = WANTED - set(found["codecs"])
    whole = all(found[part] for part in ("own", "tls", "gate", "native_legs"))
    if missing or not whole or found["calls"] < MOST_LEGS:
        raise BuildError(f"the SIP library that was built is not fit for a box: {said.strip()}")
