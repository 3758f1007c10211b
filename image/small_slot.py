"""A slot of a few programs, for the test of updates: starts in seconds, and updates for real.

Its kernel, first file system, RAUC, boot loader's tools, Python and our updating program are those
of the image; telephones are not in it.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from image.filesystem import SIGNATURE, ext4
from image.stage import IMAGE, TREE, run

BYTES: Final = 160 << 20
PROGRAMS: Final = (
    "python3.13", "rauc", "dbus-daemon", "dbus-run-session", "fw_printenv", "kmod",
)  # fmt: skip
MODULES: Final = (
    "dm-mod",
    "dm-bufio",
    "reed_solomon",
    "dm-verity",
    "loop",
    "squashfs",
    "fat",
    "vfat",
    "nls_*",
)
NEEDED: Final = re.compile(r"\(NEEDED\).*\[(.+)\]")
PACKAGES: Final = ("msgspec", "tinydb", "phonenumbers")


def small_root(full: Path, busybox: Path, keyring: bytes, to: Path) -> None:
    """The tree of the small slot.

    Args:
        full: Tree of the image's slot.
        busybox: A shell without libraries.
        keyring: Whose bundles it takes.
        to: Made by this.
    """
    libraries = to / "usr/lib/aarch64-linux-gnu"
    for folder in (
        "usr/bin", "usr/lib/aarch64-linux-gnu", "etc/rauc", "boot/firmware", "opt/site", "data",
        "dev", "proc", "sys", "run", "tmp", "var", "stick", "root", "sbin", "usr/share",
    ):  # fmt: skip
        (to / folder).mkdir(parents=True, exist_ok=True)
    for link in ("bin", "lib"):
        (to / link).symlink_to(f"usr/{link}")
    shutil.copytree(full / "usr/lib/python3.13", to / "usr/lib/python3.13", symlinks=True)
    site = full / "opt/tipring/.venv/lib/python3.13/site-packages"
    for name in PACKAGES:
        shutil.copytree(site / name, to / "opt/site" / name)
    shutil.copytree(
        TREE / "firmware", to / "opt/tipring/firmware",
        ignore=shutil.ignore_patterns("__pycache__", "*.xz"),
    )  # fmt: skip
    shutil.copytree(TREE / "drivers", to / "opt/tipring/drivers")
    shutil.copytree(full / "usr/share/dbus-1", to / "usr/share/dbus-1")
    for name in PROGRAMS:
        shutil.copy(full / "usr/bin" / name, to / "usr/bin" / name)
    (to / "usr/bin/fw_setenv").symlink_to("fw_printenv")
    (to / "usr/bin/modprobe").symlink_to("kmod")  # which goes by the name it is called by
    (to / "usr/bin/python3").symlink_to("python3.13")
    shutil.copy(busybox, to / "usr/bin/busybox")
    for applet in ("sh", "sleep", "kill", "mount", "cat", "sed", "dd", "sync", "cmp", "cp", "ls"):
        (to / "usr/bin" / applet).symlink_to("busybox")
    wanted = [*(to / "usr/bin").iterdir(), *to.rglob("*.so")]
    _with_libraries(full, [file for file in wanted if not file.is_symlink()], libraries)
    (to / "usr/lib/ld-linux-aarch64.so.1").symlink_to("aarch64-linux-gnu/ld-linux-aarch64.so.1")
    _modules(full, to)
    system = (IMAGE / "rootfs/etc/rauc/system.conf").read_text(encoding="utf-8")
    (to / "etc/rauc/system.conf").write_text(system.replace("@SIGNATURE@", SIGNATURE), "utf-8")
    (to / "etc/rauc/keyring.pem").write_bytes(keyring)
    shutil.copy(IMAGE / "rootfs/etc/fw_env.config", to / "etc/fw_env.config")
    (to / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n", "utf-8")
    (to / "etc/group").write_text("root:x:0:\ntipring:x:990:\n", "utf-8")
    (to / "etc/machine-id").write_text("00000000000000000000000000000001\n", "utf-8")
    for name in ("vmlinuz.gz", "initrd.img"):
        shutil.copy(full / "boot" / name, to / "boot" / name)
    shutil.copy(IMAGE / "small_init.sh", to / "sbin/init")
    (to / "sbin/init").chmod(0o755)


def small_slot(root: Path, version: str, to: Path, epoch: int) -> Path:
    """The file system of one version of it."""
    (root / "etc/version").write_text(f"{version}\n", encoding="utf-8")
    product = root / "opt/tipring/firmware/core/product.py"
    text = product.read_text(encoding="utf-8")
    product.write_text(re.sub(r'VERSION: Final = ".*"', f'VERSION: Final = "{version}"', text))
    ext4(root, to, "slot", BYTES, epoch, journal=False)
    return to


def _with_libraries(full: Path, files: list[Path], to: Path) -> None:
    """Copy what these need, and what that needs."""
    seen: set[str] = set()
    waiting = list(files)
    while waiting:
        said = run("readelf", "-d", waiting.pop())
        for name in NEEDED.findall(said):
            if name in seen:
                continue
            seen.add(name)
            found = next(
                p for f in ("", "/systemd", "/..")
                if (p := full / f"usr/lib/aarch64-linux-gnu{f}" / name).exists()
            )  # fmt: skip
            shutil.copy(found, to / name)
            waiting.append(to / name)


def _modules(full: Path, to: Path) -> None:
    kernel = next((full / "usr/lib/modules").iterdir())
    there = to / "usr/lib/modules" / kernel.name
    for name in MODULES:
        for file in kernel.rglob(f"{name}.ko*"):
            (there / file.relative_to(kernel)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, there / file.relative_to(kernel))
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copy(kernel / name, there / name)
    run("depmod", "-b", to, kernel.name)
