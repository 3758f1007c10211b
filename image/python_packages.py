"""Python packages of the box, for arm64: wheels where there are some, else compiled here.

Nothing is compiled on the box. The versions and their hashes are those of
``requirements-hardware.lock``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from image.debian import Locked, unpack
from image.stage import BuildError, run

PYTHON: Final = "3.13"
TARGET: Final = {
    "python_version": PYTHON,
    "python_full_version": f"{PYTHON}.5",
    "platform_machine": "aarch64",
    "sys_platform": "linux",
    "implementation_name": "cpython",
}
COMPILER: Final = "aarch64-linux-gnu-gcc"
TAG: Final = "cpython-313-aarch64-linux-gnu"
HEADERS: Final = ("libpython3.13-dev", "libasound2-dev", "libasound2t64")

# What the registry has no wheel of for this Python: module, its C sources within the package, what
# it is linked with, its Python files. lgpio's wrapper is made by SWIG first, and its C library goes
# into it.
COMPILED: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    "spidev": ("spidev", ("spidev_module.c",), (), ()),
    "pyalsaaudio": ("alsaaudio", ("alsaaudio.c",), ("-lasound",), ()),
    "lgpio": ("_lgpio", ("lgpio_wrap.c", "src/*.c"), (), ("lgpio.py",)),
}


def chosen(lock: str) -> dict[str, str]:
    """Requirement lines by package that hold on the box, without markers."""
    found = {}
    for entry in lock.replace("\\\n", " ").splitlines():
        text, *hashes = entry.strip().split(" --hash=")
        if not hashes:
            continue
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate(TARGET):
            options = " ".join(f"--hash={digest.strip()}" for digest in hashes)
            found[wanted.name] = f"{wanted.name}{wanted.specifier} {options}"
    return found


def site_packages(lock: str, locked: list[Locked], debs: Path, to: Path) -> None:
    """Everything of ``lock`` as a folder ``site-packages`` in ``to``.

    Raises:
        BuildError: a package has neither a wheel for arm64 nor a recipe in ``COMPILED``.
    """
    lines = chosen(lock)
    wheels = to / "wheels.txt"
    wheels.write_text("\n".join(lines[n] for n in sorted(set(lines) - set(COMPILED))), "utf-8")
    site = to / "site-packages"
    platforms = [
        f"--platform=manylinux{form}_aarch64"
        for form in ("2014", "_2_17", "_2_24", "_2_26", "_2_28", "_2_34", "_2_35", "_2_39")
    ]
    run(
        sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
        "--no-compile", "--ignore-requires-python", "--require-hashes",
        "--only-binary=:all:", *platforms, f"--python-version={PYTHON}",
        "--implementation=cp", "--abi=cp313", "--abi=abi3",
        "--abi=none", "--target", site, "-r", wheels,
    )  # fmt: skip
    sysroot = to / "sysroot"
    for one in locked:
        if one.name in HEADERS:
            unpack(one, debs, sysroot)
    for name in sorted(COMPILED):
        _compile(name, lines[name], sysroot, site, to)
    for mark in site.rglob("direct_url.json"):
        mark.unlink()  # names this machine's folder
    _without_commands(site)


def _without_commands(site: Path) -> None:
    """Nobody types a package's commands on the box, and their first line names this machine."""
    commands = site / "bin"
    if commands.is_dir():
        run("rm", "-r", commands)
    for record in site.glob("*.dist-info/RECORD"):
        lines = record.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not re.match(r"(\.\./)*bin/", line)]
        record.write_text("".join(kept), "utf-8")


def _compile(name: str, line: str, sysroot: Path, site: Path, work: Path) -> None:
    module, sources, linked, pythons = COMPILED[name]
    listing = work / f"{name}.txt"
    listing.write_text(line, encoding="utf-8")
    fetched = work / "sources"
    run(
        sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
        "--no-binary=:all:", "--require-hashes", "-d", fetched, "-r", listing,
        env={"PYPI": "1"},
    )  # fmt: skip
    archives = sorted(fetched.glob(f"{name.replace('-', '_')}-*.tar.gz"))
    if len(archives) != 1:
        raise BuildError(f"{name} came as {[a.name for a in archives]}, not as one archive.")
    run("tar", "-xf", archives[0], "-C", fetched, "--no-same-owner")
    folder = fetched / archives[0].name.removesuffix(".tar.gz")
    if name == "lgpio":
        run("swig", "-python", "lgpio.i", cwd=folder)
    files = [file.relative_to(folder) for s in sources for file in sorted(folder.glob(s))]
    include = sysroot / "usr/include"
    run(
        COMPILER, "-shared", "-fPIC", "-O2", "-Wl,-z,relro,-z,now", "-fstack-protector-strong",
        # Where it was built stands in no file, so that another folder gives the same bytes.
        f"-ffile-prefix-map={folder}=.", f"-ffile-prefix-map={sysroot}=",
        f"-I{include}/python{PYTHON}", f"-I{include}", "-Isrc",
        f"-I{include}/aarch64-linux-gnu", f"-I{include}/aarch64-linux-gnu/python{PYTHON}",
        *files, *linked, f"-L{sysroot}/usr/lib/aarch64-linux-gnu", "-s",
        "-o", site / f"{module}.{TAG}.so", cwd=folder,
    )  # fmt: skip
    for python in pythons:
        (site / python).write_bytes((folder / python).read_bytes())
    info = site / f"{folder.name}.dist-info"
    info.mkdir()
    (info / "METADATA").write_bytes((folder / "PKG-INFO").read_bytes())
    (info / "INSTALLER").write_text("image\n", encoding="utf-8")
