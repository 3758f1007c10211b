"""Debian's part of the slot: every locked package, installed by its own scripts.

Packages come from the locked repository, so apt has nothing to choose.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from image.debian import Locked, listed_names
from image.stage import BuildError, run

# Emulated Python is ten times slower with the default CPU, whose pointer authentication every
# function call computes in software.
EMULATED_CPU: Final = "cortex-a72"
BINFMT: Final = Path("/proc/sys/fs/binfmt_misc")
INTERPRETER: Final = "qemu-aarch64"

LEFT_OUT: Final = ("man", "doc", "locale", "info", "lintian", "bash-completion")


def register_emulator() -> None:
    """Let this kernel run programs of arm64.

    Raises:
        BuildError: it cannot be told.
    """
    if (BINFMT / INTERPRETER).exists():
        return
    if not (BINFMT / "register").exists():
        run("mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT)
    line = Path(f"/usr/lib/binfmt.d/{INTERPRETER}.conf").read_text(encoding="utf-8")
    rule = next(one for one in line.splitlines() if one and not one.startswith("#"))
    try:
        (BINFMT / "register").write_text(rule, encoding="utf-8")
    except OSError as refused:
        raise BuildError(f"this machine cannot run programs of arm64: {refused}") from refused


def install_packages(locked: list[Locked], repository: Path, to: Path) -> None:
    """Debian's part: ``to/root``, everything locked as ``installed``."""
    register_emulator()
    names = listed_names(locked)
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in LEFT_OUT]
    run(
        "mmdebstrap", "--quiet", "--arch=arm64", "--variant=custom", "--mode=root",
        "--format=directory",
        '--aptopt=APT::Install-Recommends "false"', "--dpkgopt=force-unsafe-io",
        "--dpkgopt=force-confold", *excluded, "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        "--skip=cleanup/apt/lists",
        f"--include={','.join(names)}", "trixie", to / "root",
        f"deb [trusted=yes] copy:{repository} ./",
        env={"QEMU_CPU": EMULATED_CPU},
    )  # fmt: skip
