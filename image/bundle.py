"""An update: one slot in a signed file that a box takes by upload or from a stick.

RAUC's verity form: the signature covers the root of a hash tree over the whole content, so nothing
is believed before it is checked, block by block, as it is read.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from firmware.core.product import VERSION
from firmware.daemons.upkeep.shapes import OWN
from image.keys import Keys
from image.stage import TREE, run

COMPATIBLE: Final = "tipring-pi"
"""As in ``rootfs/etc/rauc/system.conf``: a box takes no bundle of another kind."""

LONGEST_NOTES: Final = 600


def notes(changes: str) -> str:
    """What is new, as one line: the first points of the list of changes."""
    points = [line[2:].strip() for line in changes.splitlines() if line.startswith("* ")]
    text = " · ".join(points)
    return text if len(text) <= LONGEST_NOTES else text[: LONGEST_NOTES - 1].rstrip() + "…"


def manifest(version: str, build: str, description: str, image: str, form: str = "verity") -> str:
    """What a bundle says of itself."""
    plain = description.replace("\n", " ").replace(";", ",")
    return (
        f"[update]\ncompatible={COMPATIBLE}\nversion={version}\nbuild={build}\n"
        f"description={plain}\n\n[bundle]\nformat={form}\n\n[image.root]\nfilename={image}\n"
    )


def bundle(
    slot: Path,
    to: Path,
    keys: Keys,
    *,
    version: str = VERSION,
    build: str = "",
    description: str | None = None,
    form: str = "verity",
) -> Path:
    """Make one.

    Args:
        slot: File system of a slot.
        to: The file; an older one is replaced.
        keys: Which sign it.
        version: What it says it is.
        build: Shapes of its data; this tree's by default.
        description: What is new; by default from the list of changes.
        form: RAUC's; a box takes ``verity`` alone.
    """
    content = to.with_name(f"{to.name}.content")
    shutil.rmtree(content, ignore_errors=True)
    content.mkdir(parents=True)
    try:
        # A link is enough: what makes the archive reads it once.
        (content / "root.img").hardlink_to(slot)
    except OSError:
        shutil.copyfile(slot, content / "root.img")
    text = notes((TREE / "CHANGELOG.md").read_text("utf-8")) if description is None else description
    (content / "manifest.raucm").write_text(
        manifest(version, build or OWN.said(), text, "root.img", form), encoding="utf-8"
    )
    to.unlink(missing_ok=True)
    run(
        "rauc", "bundle", f"--cert={keys.signer}", f"--key={keys.key}",
        "--mksquashfs-args=-quiet -no-progress -comp zstd -Xcompression-level 9", content, to,
    )  # fmt: skip
    shutil.rmtree(content)
    # What was signed is believed only when it is read as a box reads it.
    run("rauc", "info", f"--keyring={keys.authority}", to)
    return to
