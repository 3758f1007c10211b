"""Plain Debian in the same emulated machine: what its boot takes, to be printed beside the box's.

The same packages as on the card, as their own scripts left them, with the same kernel, modules and
first file system, started by the same boot script; nothing of ours, and a root that is written to.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from image import rootfs
from image.boottest import a_bench, looked
from image.card import assemble
from image.filesystem import SIGNATURE, SLOT_BYTES, ext4
from image.initrd import initrd
from image.machine import Machine, a_card, free_port
from image.publish import newest
from image.stage import IMAGE, Cache, listed, run

EPOCH = 1_700_000_000


def plain_card(cache: Cache) -> Path:
    """The stage with the card of plain Debian, of what the last image was made of."""
    base, parts = newest(cache, "debian", "root"), newest(cache, "unpacked", "busybox-static")
    card = newest(cache, "card", "tipring.img")
    kernel = next(parts.glob("linux-image-*"))
    version = kernel.name.removeprefix("linux-image-")

    def made(to: Path) -> None:
        root = to / "root"
        run("cp", "-a", base / "root", root)
        rootfs.add_kernel(root, kernel, version, listed(IMAGE / "modules.txt"))
        busybox = next((parts / "busybox-static").rglob("bin/busybox"))
        first = initrd(root / "usr/lib/modules" / version, busybox)
        shutil.copy(newest(cache, "slot", "root") / "root/boot/vmlinuz.gz", root / "boot")
        (root / "boot/initrd.img").write_bytes(first)
        # No name of this machine, and none of a first start that would ask for one.
        (root / "etc/machine-id").write_text("", encoding="utf-8")
        (root / "etc/hostname").write_text("plain\n", encoding="utf-8")
        fstab = f"PARTUUID={SIGNATURE}-02 / ext4 rw,errors=remount-ro 0 1\n"
        (root / "etc/fstab").write_text(fstab, encoding="utf-8")
        ext4(root, to / "slot.ext4", "plain", SLOT_BYTES, EPOCH, journal=True)
        assemble(to / "slot.ext4", card / "boot", card / "data", to, EPOCH)
        shutil.rmtree(root)

    inputs: list[Path | str] = [base.name, version, Path(__file__), card.name]
    return cache.stage("plain", inputs, made)


def plain_boot(card: Path, folder: Path, firmware: Path) -> dict[str, float]:
    """Start it; seconds of the machine's own clock since its kernel began.

    Args:
        card: Of ``plain_card``.
        folder: Scratch.
        firmware: Boot loader of the emulated machine.

    Returns:
        ``kernel`` and ``multi-user``, by when its login prompt is on the serial line.
    """
    machine = Machine(
        a_card(card, folder), folder / "console.txt", firmware, free_port(), bench=a_bench(folder)
    )
    machine.start()
    try:
        machine.boot()
        machine.until(r"plain login:")
        machine.until(r"look done")
        said = machine.said()
    finally:
        machine.stop()
    seen = looked(said)
    times = {
        "multi-user": next(
            float(line.rpartition("=")[2]) / 1e6 for line in seen["up"] if "multi-user" in line
        )
    }
    if kernel := re.search(r"finished in ([\d.]+)s \(kernel\)", " ".join(seen["time"])):
        times["kernel"] = float(kernel[1])
    return times


def plain_times(cache: Cache, firmware: Path) -> str:
    """What its boot takes, as a line; measured once for the same packages and machine."""

    def made(to: Path) -> None:
        times = plain_boot(plain_card(cache), to / "boot", firmware)
        (to / "boot/card.img").unlink()
        (to / "times.json").write_text(json.dumps(times), encoding="utf-8")

    inputs: list[Path | str] = [
        newest(cache, "debian", "root").name,
        Path(__file__),
        IMAGE / "machine.py",
    ]
    return line_of(cache.stage("plaintimes", inputs, made))


def line_of(stage: Path) -> str:
    """The line of a stage of ``plain_times``."""
    times = json.loads((stage / "times.json").read_text(encoding="utf-8"))
    return (
        f"image: plain Debian in this machine: kernel {times['kernel']:.1f} s,"
        f" multi-user {times['multi-user']:.1f} s"
    )
