"""A list for the program that most people flash cards with: what the image is and what it needs.

Raspberry Pi Imager reads it by ``rpi-imager --repo FILE_OR_ADDRESS``. It writes no presets of ours;
a card that it has flashed takes ``tipring-preset.txt`` on its boot partition as any other.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from image.card import sha256
from image.stage import BuildError

FAMILIES: Final = ("pi3-64bit", "pi4-64bit")
"""Names of the Imager for the boards this kernel drives the card of."""

LIST: Final = "os_list.json"


def os_list(card: Path, version: str, epoch: int, address: str = "") -> Path:
    """Write the list beside a card's files.

    Args:
        card: Stage of the card.
        version: Of the image.
        epoch: Seconds; the day it is told to be of.
        address: Of the folder that it will be fetched from; that of the files by default.

    Raises:
        BuildError: the card is not whole.
    """
    image, packed = card / "tipring.img", card / "tipring.img.zst"
    if not image.is_file() or not packed.is_file():
        raise BuildError(f"{card} has no image; python -m image build makes one.")
    base = address.rstrip("/") or card.resolve().as_uri()
    one = {
        "name": f"tipring {version}",
        "description": "Telephones of a small office: PBX with line cards, queues and menus",
        "url": f"{base}/{packed.name}",
        "icon": "",
        "release_date": datetime.fromtimestamp(epoch, UTC).date().isoformat(),
        "extract_size": image.stat().st_size,
        "extract_sha256": sha256(image),
        "image_download_size": packed.stat().st_size,
        "image_download_sha256": sha256(packed),
        "init_format": "none",
        "devices": list(FAMILIES),
    }
    to = card / LIST
    to.write_text(json.dumps({"os_list": [one]}, indent=1) + "\n", encoding="utf-8")
    return to
