"""From a root file system to a card: slots, boot partition, data partition, image, map, sums.

No loop device and no mount: mtools writes the FAT, ``mke2fs -d`` the rest, genimage puts them in a
row. Everything that carries a random number or a time gets a fixed one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import zlib
from pathlib import Path
from typing import Final

from image.filesystem import SIGNATURE, ext4
from image.stage import IMAGE, run

DATA_BYTES: Final = 64 << 20
BOOT_BYTES: Final = 128 << 20
FOLDERS: Final = {"tipring": 0o750, "machine": 0o755, "rauc": 0o700, "timesync": 0o755}

# Trees of the boards with SPI and I2S in this kernel; a Pi 5 has neither in it.
BOARDS: Final = (
    "bcm2837-rpi-3-a-plus", "bcm2837-rpi-3-b", "bcm2837-rpi-3-b-plus",
    "bcm2837-rpi-cm3-io3", "bcm2837-rpi-zero-2-w", "bcm2711-rpi-4-b", "bcm2711-rpi-400",
    "bcm2711-rpi-cm4-io",
)  # fmt: skip
LOADER: Final = ("bootcode.bin", "fixup.dat", "fixup4.dat", "start.elf", "start4.elf")


def boot_files(to: Path, kernel: Path, firmware: Path, loader: Path, epoch: int) -> None:
    """What the first partition holds.

    Args:
        to: folder that is filled.
        kernel: the kernel's package, unpacked: its device trees.
        firmware: the board maker's loader, unpacked.
        loader: U-Boot, unpacked.
        epoch: seconds; every file's time.
    """
    to.mkdir(parents=True)
    for name in LOADER:
        shutil.copy(firmware / "usr/lib/raspi-firmware" / name, to / name)
    shutil.copy(firmware / "usr/share/doc/raspi-firmware/copyright", to / "LICENCE.txt")
    trees = next((kernel / "usr/lib").glob("linux-image-*/broadcom"))
    for board in BOARDS:
        shutil.copy(trees / f"{board}.dtb", to / f"{board}.dtb")
    shutil.copy(next(loader.rglob("rpi_arm64/u-boot.bin")), to / "u-boot.bin")
    shutil.copy(IMAGE / "boot/config.txt", to / "config.txt")
    (to / "overlays").mkdir()
    for source in sorted((IMAGE / "overlays").glob("*.dtso")):
        run(
            "dtc",
            "-q",
            "-@",
            "-I",
            "dts",
            "-O",
            "dtb",
            "-o",
            to / "overlays" / f"{source.stem}.dtbo",
            source,
        )
    # A name that a new kernel's trees no longer have is found here, not on a customer's wall.
    for board in BOARDS:
        applied = to.parent / "applied.dtb"
        run("fdtoverlay", "-i", to / f"{board}.dtb", "-o", applied, *(to / "overlays").iterdir())
        applied.unlink()
    run(
        "mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-n", "tipring", "-d",
        IMAGE / "boot/boot.cmd", to / "boot.scr", env={"SOURCE_DATE_EPOCH": str(epoch)},
    )  # fmt: skip
    (to / "slot.env").write_bytes(
        slot_env({"BOOT_ORDER": "A B", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"})
    )
    for path in [*to.rglob("*"), to]:
        os.utime(path, (epoch, epoch))


def slot_env(values: dict[str, str]) -> bytes:
    """U-Boot's environment with its sum, 16 KiB."""
    body = b"".join(f"{name}={value}\0".encode() for name, value in values.items())
    body = body.ljust(0x4000 - 4, b"\0")
    return struct.pack("<I", zlib.crc32(body)) + body


def data_tree(to: Path, epoch: int) -> None:
    """The data partition of a box that has never run: folders only."""
    for name, mode in FOLDERS.items():
        (to / name).mkdir(parents=True)
        (to / name).chmod(mode)
        os.utime(to / name, (epoch, epoch))
    os.utime(to, (epoch, epoch))


def assemble(slot: Path, boot: Path, data: Path, to: Path, epoch: int) -> Path:
    """The card's image: partition table, boot, slot A, slot B empty, data."""
    inputs, work = to / "inputs", to / "work"
    inputs.mkdir()
    (inputs / "slot.ext4").symlink_to(slot)
    fat = inputs / "boot.vfat"
    with fat.open("wb") as file:
        file.truncate(BOOT_BYTES)
    run("mkfs.vfat", "-F", "32", "-n", "TIPRING", "-i", SIGNATURE, "--invariant", fat)
    names = sorted(p for p in boot.iterdir())
    when = {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"}
    run("mcopy", "-s", "-p", "-m", "-i", fat, *names, "::", env=when)
    ext4(data, inputs / "data.ext4", "data", DATA_BYTES, epoch, journal=True)
    (work / "root").mkdir(parents=True)
    run(
        "genimage", "--config", IMAGE / "genimage.cfg", "--rootpath", work / "root",
        "--tmppath", work / "tmp", "--inputpath", inputs, "--outputpath", to,
    )  # fmt: skip
    shutil.rmtree(work)
    shutil.rmtree(inputs)
    return to / "tipring.img"


def pack(image: Path, to: Path) -> list[Path]:
    """Compressed, with its map and the sums of all: what an installer takes."""
    packed = to / f"{image.name}.zst"
    run("zstd", "-q", "-f", "-10", "-T2", image, "-o", packed)
    bmap = to / f"{image.stem}.bmap"
    run("bmaptool", "-q", "create", "-o", bmap, image)
    # The map says when it was made, and has a sum over itself that says so too.
    made = [packed, bmap]
    sums = to / "SHA256SUMS"
    sums.write_text("".join(f"{sha256(file)}  {file.name}\n" for file in [image, *made]), "utf-8")
    return [*made, sums]


def sha256(file: Path) -> str:
    """The file's sum."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
