"""Put the image on a card with an installer's presets: written by its map, read back.

``python -m image flash tipring.img.zst /dev/sdX --country CN --host shop-2``
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import IO, Final

from firmware.core.countries import COUNTRIES
from image import bmap
from image.stage import BuildError, run

BOOT_AT: Final = 4 << 20
"""Where the boot partition begins, as in ``genimage.cfg``."""

LARGEST_BYTES: Final = 1 << 40
"""No SD card of the boards' families is larger than 1 TB; a larger disk is somebody's data."""

HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PRESET: Final = "tipring-preset.txt"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What one may say."""
    parser.add_argument("image", type=Path, help="tipring.img.zst or tipring.img")
    parser.add_argument("device", type=Path, help="the card, for example /dev/sdb or /dev/mmcblk0")
    parser.add_argument("--country", "--region", default="", help="two letters, for example CN")
    parser.add_argument("--host", default="", help="the box's name, for example shop-2")
    parser.add_argument("--address", default="", help="a fixed one, for example 192.168.1.5/24")
    parser.add_argument("--gateway", default="")
    parser.add_argument("--dns", nargs="*", default=[])
    parser.add_argument("--sheet", type=Path, help="where to put a sheet to print (HTML)")
    parser.add_argument("--fixed-disk", action="store_true", help="it is a card all the same")
    parser.add_argument("--file", action="store_true", help="DEVICE is a file that plays the card")


def run_flash(chosen: argparse.Namespace) -> int:
    """Check, write, read back, preset, sheet.

    Raises:
        BuildError: anything is not as it should be; until the writing begins nothing was touched.
    """
    preset = preset_of(
        country=chosen.country, host=chosen.host, address=chosen.address, gateway=chosen.gateway,
        dns=chosen.dns,
    )  # fmt: skip
    if not chosen.image.is_file():
        raise BuildError(f"there is no image {chosen.image}.")
    wanted = bmap.read_map(bmap.map_of(chosen.image).read_text(encoding="utf-8"))
    check_target(chosen.device, wanted.size, fixed=chosen.fixed_disk, file=chosen.file)
    flags = os.O_RDWR | os.O_CLOEXEC | (0 if chosen.file else os.O_EXCL)
    try:
        card = os.open(chosen.device, flags)
    except OSError as problem:
        raise BuildError(f"{chosen.device} cannot be opened: {problem.strerror}.") from None
    try:
        if chosen.file:
            os.ftruncate(card, max(wanted.size, os.fstat(card).st_size))
        with opened(chosen.image) as source:
            bmap.copy(source, card, wanted, _progress("written", wanted.mapped))
        at = bmap.differs(card, wanted, _progress("read back", wanted.mapped))
        if at is not None:
            raise BuildError(
                f"{chosen.device} gives back something else at byte {at}: this card is broken "
                "or not as large as it says. Take another one."
            )
    finally:
        os.close(card)
    if preset:
        put_preset(chosen.device, preset)
    print(f"image: {chosen.device} is ready" + (", with presets" if preset else ""))
    if chosen.sheet:
        chosen.sheet.write_text(sheet(chosen.host or "tipring", chosen.address), encoding="utf-8")
        print(f"image: {chosen.sheet} is to be printed")
    return 0


def preset_of(*, country: str, host: str, address: str, gateway: str, dns: list[str]) -> str:
    """The lines of the presets' file; empty if nothing is preset.

    Raises:
        BuildError: something is not what a box can take.
    """
    if country and country not in COUNTRIES:
        raise BuildError(f"country {country}: known are {', '.join(sorted(COUNTRIES))}.")
    if host and not HOST.fullmatch(host):
        raise BuildError(f"host {host}: a to z, 0 to 9 and hyphens, 63 at most.")
    try:
        if address:
            ipaddress.ip_interface(address if "/" in address else "no prefix")
        for one in (gateway, *dns):
            if one:
                ipaddress.ip_address(one)
    except ValueError:
        raise BuildError(
            f"address {address}, gateway {gateway}, dns {' '.join(dns)}: needed are addresses such "
            "as 192.168.1.5/24, 192.168.1.1 and 192.168.1.1."
        ) from None
    if (gateway or dns) and not address:
        raise BuildError("a gateway and dns go with a fixed address; give --address too.")
    if address and gateway:
        network = ipaddress.ip_interface(address).network
        if ipaddress.ip_address(gateway) not in network:
            raise BuildError(f"gateway {gateway} is not in the network of {address}.")
    given = {
        "country": country, "host": host, "address": address, "gateway": gateway,
        "dns": " ".join(dns),
    }  # fmt: skip
    return "".join(f"{key}={value}\n" for key, value in given.items() if value)


def check_target(
    device: Path,
    size: int,
    *,
    fixed: bool,
    file: bool,
    sys_block: Path = Path("/sys/block"),
    mounts: Path = Path("/proc/self/mounts"),
) -> None:
    """Refuse what is not a card, or not an idle one.

    Args:
        device: What is to be written.
        size: Bytes of the image.
        fixed: Whoever flashes says that it is a card though the machine takes it for a disk.
        file: It is to be a file.
        sys_block: The kernel's list of disks.
        mounts: What is mounted.

    Raises:
        BuildError: with the reason.
    """
    if file:
        if device.exists() and not device.is_file():
            raise BuildError(f"{device} is no file.")
        device.touch()
        return
    if not device.exists():
        raise BuildError(f"there is no {device}; disks here: {', '.join(_disks(sys_block))}.")
    if not stat.S_ISBLK(device.stat().st_mode):
        raise BuildError(f"{device} is no disk; to write into a file say --file.")
    name = device.resolve().name
    entry = sys_block / name
    if not entry.is_dir():
        raise BuildError(f"{device} is a part of a disk; give the whole one.")
    for line in mounts.read_text(encoding="utf-8").splitlines():
        source = line.split()[0]
        if re.fullmatch(rf"/dev/{name}p?\d*", source):
            raise BuildError(f"{source} is mounted at {line.split()[1]}; unmount it first.")
    room = int((entry / "size").read_text()) * 512
    if room < size:
        raise BuildError(f"{device} holds {room / 1e9:.1f} GB, the image needs {size / 1e9:.1f}.")
    if room > LARGEST_BYTES:
        raise BuildError(f"{device} holds {room / 1e9:.0f} GB: that is no card but a disk.")
    removable = (entry / "removable").read_text().strip() == "1" or name.startswith("mmcblk")
    if not removable and not fixed:
        raise BuildError(
            f"{device} is built in, as far as this machine knows. If it is a card all the same, "
            "say --fixed-disk."
        )


def put_preset(device: Path, text: str) -> None:
    """Write the presets to the card's boot partition, and read them back."""
    where = f"{device}@@{BOOT_AT}"
    with _scratch(text) as file:
        run("mcopy", "-o", "-i", where, file, f"::{PRESET}", env={"MTOOLS_SKIP_CHECK": "1"})
    if run("mtype", "-i", where, f"::{PRESET}", env={"MTOOLS_SKIP_CHECK": "1"}) != text:
        raise BuildError(f"{device}: the presets are not on the card as they were written.")


def sheet(host: str, address: str) -> str:
    """A page to print and to leave with the box: its address as a code, and how it is claimed."""
    import segno

    own = address.partition("/")[0]
    leads = f"http://{own}/" if own else f"http://{host}.local/"
    code = segno.make(leads, error="m").svg_inline(scale=6, border=2)
    other = f"<p>http://{escape(host)}.local/</p>" if own else ""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(host)}</title>"
        "<style>body{font:16px sans-serif;max-width:40em;margin:2em auto}</style>"
        f"<h1>tipring {escape(host)}</h1>{code}<p><b>{escape(leads)}</b></p>{other}"
        "<ol><li>Lift a telephone of the box and dial *00#: it says six digits.</li>"
        "<li>Open the address above and type them in: the box is yours.</li></ol>"
        "<ol lang=zh><li>在本机任一话机上拨 *00#，听取六位数字。</li>"
        "<li>打开上面的网址，输入这六位数字，即可认领。</li></ol></html>\n"
    )


@contextlib.contextmanager
def opened(image: Path) -> Iterator[IO[bytes]]:
    """The image from front to back, unpacked on the way."""
    if image.suffix != ".zst":
        with image.open("rb") as plain:
            yield plain
        return
    try:
        unpacking = subprocess.Popen(["zstd", "-dcq", str(image)], stdout=subprocess.PIPE)
    except FileNotFoundError:
        raise BuildError("zstd is not installed; it unpacks the image.") from None
    assert unpacking.stdout is not None  # noqa: S101  # it was asked for
    try:
        yield unpacking.stdout
    finally:
        unpacking.stdout.close()
        unpacking.terminate()
        unpacking.wait()


@contextlib.contextmanager
def _scratch(text: str) -> Iterator[Path]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / PRESET
        file.write_text(text, encoding="ascii")
        yield file


def _disks(sys_block: Path) -> list[str]:
    found = sorted(p.name for p in sys_block.iterdir()) if sys_block.is_dir() else []
    return [f"/dev/{n}" for n in found if not n.startswith(("loop", "ram", "zram"))] or ["none"]


def _progress(what: str, total: int) -> Callable[[int], None]:
    shown = -1

    def tell(done: int) -> None:
        nonlocal shown
        percent = done * 100 // max(total, 1)
        if percent != shown:
            shown = percent
            end = "\n" if done >= total else "\r"
            sys.stderr.write(f"image: {what} {percent} % of {total / 1e6:.0f} MB{end}")
            sys.stderr.flush()

    return tell
