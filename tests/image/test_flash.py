"""A card is flashed with presets: the right device or a sentence, every byte read back."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from image import bmap, flash, imager
from image.stage import BuildError

BLOCK = 4096


def made_image(folder: Path, *, fat: bool = False) -> Path:
    """An image of 12 MiB with two stretches, and its map, both worked out here."""
    chance = random.Random(7)  # content
    content = bytearray(12 << 20)
    content[: 3 * BLOCK] = chance.randbytes(3 * BLOCK)
    content[8 << 20 : (8 << 20) + BLOCK] = chance.randbytes(BLOCK)
    if fat:
        part = folder / "boot.vfat"
        with part.open("wb") as file:
            file.truncate(3 << 20)
        subprocess.run(["/usr/sbin/mkfs.vfat", part], check=True, capture_output=True)
        content[4 << 20 : 7 << 20] = part.read_bytes()
    image = folder / "tipring.img"
    image.write_bytes(content)
    ranges = [(0, 3), (1024, 1792), (2048, 2049)] if fat else [(0, 3), (2048, 2049)]
    lines = []
    for first, end in ranges:
        digest = hashlib.sha256(content[first * BLOCK : end * BLOCK]).hexdigest()
        span = str(first) if end == first + 1 else f"{first}-{end - 1}"
        lines.append(f'<Range chksum="{digest}"> {span} </Range>')
    (folder / "tipring.bmap").write_text(
        f"<bmap><ImageSize> {len(content)} </ImageSize><BlockSize> {BLOCK} </BlockSize>"
        f"<BlockMap>{''.join(lines)}</BlockMap></bmap>"
    )
    return image


def flashed(*words: str) -> int:
    parser = argparse.ArgumentParser()
    flash.arguments(parser)
    return flash.run_flash(parser.parse_args(words))


def test_a_card_holds_what_the_map_names_and_the_rest_is_left(tmp_path: Path) -> None:
    image, card = made_image(tmp_path), tmp_path / "card"
    card.write_bytes(b"\xee" * (16 << 20))
    assert flashed(str(image), str(card), "--file") == 0
    written, wanted = card.read_bytes(), image.read_bytes()
    assert written[: 3 * BLOCK] == wanted[: 3 * BLOCK]
    assert written[8 << 20 : (8 << 20) + BLOCK] == wanted[8 << 20 : (8 << 20) + BLOCK]
    assert written[3 * BLOCK : 8 << 20].strip(b"\xee") == b""
    assert len(written) == 16 << 20


def test_a_damaged_image_is_not_believed(tmp_path: Path) -> None:
    image = made_image(tmp_path)
    content = bytearray(image.read_bytes())
    content[BLOCK] ^= 1
    image.write_bytes(content)
    with pytest.raises(BuildError, match="damaged at byte 0"):
        flashed(str(image), str(tmp_path / "card"), "--file")


def test_a_card_that_gives_back_something_else_is_found(tmp_path: Path) -> None:
    image, card = made_image(tmp_path), tmp_path / "card"
    flashed(str(image), str(card), "--file")
    wanted = bmap.read_map((tmp_path / "tipring.bmap").read_text())
    with card.open("r+b") as file:
        assert bmap.differs(file.fileno(), wanted, lambda _done: None) is None
        file.seek((8 << 20) + 5)
        file.write(b"?")
        file.flush()
        assert bmap.differs(file.fileno(), wanted, lambda _done: None) == 8 << 20


def disks(folder: Path, name: str = "sdz", gb: float = 16, removable: str = "1") -> Path:
    entry = folder / "block" / name
    entry.mkdir(parents=True)
    (entry / "size").write_text(f"{int(gb * 1e9) // 512}\n")
    (entry / "removable").write_text(f"{removable}\n")
    return folder / "block"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"gb": 1}, "holds 1.0 GB, the image needs 2.4"),
        ({"gb": 4_000}, "no card but a disk"),
        ({"removable": "0"}, "built in"),
        ({"name": "other"}, "part of a disk"),
        ({"mounted": "/dev/{name}1 / ext4"}, "mounted at /"),
        ({"mounted": "/dev/{name} /media ext4"}, "mounted at /media"),
        ({}, ""),
    ],
)
def test_a_device_that_is_no_idle_card_is_refused_in_words(tmp_path: Path, given, says) -> None:
    given = dict(given)
    # A node that is a block device for certain; what is read of it stands in the tree made here.
    node = tmp_path / "node"
    try:
        os.mknod(node, 0o060600, os.makedev(7, 200))
    except PermissionError:  # who is not root tries the sentences before it
        node = Path("/dev/loop0")
    mounts = tmp_path / "mounts"
    mounts.write_text(
        given.pop("mounted", "").format(name=node.name) + "\n" if given.get("mounted") else ""
    )
    sys_block = disks(tmp_path, **({"name": node.name} | given))

    def check() -> None:
        flash.check_target(
            node, 2_400_000_000, fixed=False, file=False, sys_block=sys_block, mounts=mounts
        )

    if not says:
        check()
        return
    with pytest.raises(BuildError, match=says):
        check()


def test_a_file_is_no_card_unless_it_is_meant(tmp_path: Path) -> None:
    image, file = made_image(tmp_path), tmp_path / "letters.txt"
    file.write_text("dear all")
    with pytest.raises(BuildError, match="say --file"):
        flashed(str(image), str(file))
    assert file.read_text() == "dear all"


def test_presets_are_lines_that_the_box_reads() -> None:
    text = flash.preset_of(
        country="GB", host="shop-2", address="192.0.2.20/24", gateway="192.0.2.1",
        dns=["192.0.2.1", "192.0.2.2"],
    )  # fmt: skip
    assert text == (
        "country=GB\nhost=shop-2\naddress=192.0.2.20/24\ngateway=192.0.2.1\n"
        "dns=192.0.2.1 192.0.2.2\n"
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"country": "XX"}, "country XX"),
        ({"host": "Shop 2"}, "host Shop 2"),
        ({"address": "192.0.2.20"}, "192.168.1.5/24"),
        ({"address": "192.0.2.300/24"}, "192.168.1.5/24"),
        ({"gateway": "192.0.2.1"}, "give --address too"),
        ({"address": "192.0.2.20/24", "gateway": "192.0.3.1"}, "not in the network"),
    ],
)
def test_a_preset_that_no_box_could_take_is_refused_before_anything_is_written(given, says) -> None:
    nothing = {"country": "", "host": "", "address": "", "gateway": "", "dns": []}
    with pytest.raises(BuildError, match=says):
        flash.preset_of(**(nothing | given))


def test_a_sheet_leads_to_the_box_and_carries_no_markup_of_others() -> None:
    page = flash.sheet("shop-2", "192.0.2.20/24")
    assert "http://192.0.2.20/" in page
    assert "http://shop-2.local/" in page
    assert "<svg" in page
    assert "*00#" in page


def test_the_list_of_the_imager_names_size_and_sum(tmp_path: Path) -> None:
    image = made_image(tmp_path)
    (tmp_path / "tipring.img.zst").write_bytes(b"packed")
    made = imager.os_list(tmp_path, "0.1.0", 1_758_463_998, "https://example.org/box/")
    one = json.loads(made.read_text())["os_list"][0]
    assert one["url"] == "https://example.org/box/tipring.img.zst"
    assert one["extract_size"] == 12 << 20
    assert one["extract_sha256"] == hashlib.sha256(image.read_bytes()).hexdigest()
    assert one["release_date"] == "2025-09-21"
    assert one["image_download_size"] == 6
