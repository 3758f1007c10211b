"""The first file system: finds the slot that the boot loader names and goes on there.

Debian's generator would make one of 10 to 36 MB on the machine that runs; this one has a shell, the
modules of the card, and thirty lines of script, and is the same for the same inputs.
"""

from __future__ import annotations

import gzip
import io
import lzma
import stat
from pathlib import Path
from typing import Final

from image.stage import IMAGE, BuildError

# In the order in which they are loaded; what each needs is taken from modules.dep.
MODULES: Final = (
    "virtio_blk", "virtio_mmio", "raspberrypi-exp-gpio", "gpio-raspberrypi-exp", "gpio-regulator",
    "sdhci-iproc", "bcm2835", "crc32c_generic",
    "ext4",
)  # fmt: skip
APPLETS: Final = (
    "sh",
    "mount",
    "insmod",
    "switch_root",
    "sleep",
    "cat",
    "dd",
    "hexdump",
    "mkdir",
    "reboot",
)


def cpio(entries: list[tuple[str, int, bytes]]) -> bytes:
    """An archive in the "newc" form, every time zero.

    Args:
        entries: name, mode with its kind, content (of a link: where it points).
    """
    out = io.BytesIO()
    last = ("TRAILER!!!", 0, b"")
    for number, (name, mode, content) in enumerate([*entries, last], start=1):
        inode = 0 if name == "TRAILER!!!" else number
        fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        out.write(b"070701" + b"".join(b"%08X" % field for field in fields))
        out.write(name.encode() + b"\0")
        out.write(b"\0" * (-out.tell() % 4))
        out.write(content)
        out.write(b"\0" * (-out.tell() % 4))
    return out.getvalue()


def _plain(file: Path) -> bytes:
    content = file.read_bytes()
    return lzma.decompress(content) if file.suffix == ".xz" else content


def loading_order(modules: Path) -> list[Path]:
    """Files of ``MODULES`` that this kernel has, each behind what it needs.

    Raises:
        BuildError: none of them is there.
    """
    needs = {}
    for line in (modules / "modules.dep").read_text(encoding="utf-8").splitlines():
        file, _, others = line.partition(":")
        needs[Path(file)] = [Path(one) for one in others.split()]
    order: list[Path] = []
    for name in MODULES:
        for module, below in needs.items():
            if module.name.split(".")[0].replace("_", "-") != name.replace("_", "-"):
                continue
            # depmod writes what is needed last first.
            for one in [*reversed(below), module]:
                if one not in order:
                    order.append(one)
    if not order:
        raise BuildError(f"{modules} has none of the modules of a card.")
    return order


def initrd(modules: Path, busybox: Path) -> bytes:
    """The archive, packed."""
    folder, program, link = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755, stat.S_IFLNK | 0o777
    entries = [(name, folder, b"") for name in ("bin", "dev", "proc", "sys", "modules", "root")]
    entries.append(("dev/console", stat.S_IFREG | 0o600, b""))
    entries.append(("bin/busybox", program, busybox.read_bytes()))
    entries += [(f"bin/{name}", link, b"busybox") for name in APPLETS]
    entries.append(("init", program, (IMAGE / "boot/init").read_bytes()))
    order = loading_order(modules)
    for number, module in enumerate(order):
        name = f"modules/{number:02d}-{module.name.split('.')[0]}.ko"
        entries.append((name, stat.S_IFREG | 0o644, _plain(modules / module)))
    return gzip.compress(cpio(entries), compresslevel=9, mtime=0)
