"""What is done with a built image: updates, their keys and their test; a card that is flashed.

python -m image bundle                an update for boxes that run: the same slot, signed
python -m image update-matrix         good and bad updates and power cuts with RAUC on this machine
python -m image update-test           RAUC, keys and tries in an emulated machine, with power cuts
python -m image keys NAME             an authority and its first signer, or a new signer
python -m image flash IMAGE DEVICE    a card with an installer's presets, read back
python -m image list [ADDRESS]        a list for the common imager program, beside the image
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from firmware.core.product import VERSION
from image import bundle, debian, flash, imager, keys
from image.stage import IMAGE, TREE, BuildError, Cache

COMMANDS = ("bundle", "update-matrix", "update-test", "keys", "flash", "list")


def main(arguments: list[str]) -> int:
    """Run one command; 1 and a sentence where it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="image", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ways = parser.add_subparsers(dest="command", required=True)
    for name in ("bundle", "update-matrix", "update-test"):
        way = ways.add_parser(name)
        way.add_argument("--cache", type=Path, default=TREE / "out/image")
        way.add_argument("--cuts", type=int, default=20, help="of power")
    ways.add_parser("keys").add_argument("name", help="whose they are")
    way = ways.add_parser("list")
    way.add_argument("address", nargs="?", default="", help="where the image will be fetched from")
    way.add_argument("--cache", type=Path, default=TREE / "out/image")
    flash.arguments(ways.add_parser("flash"))
    chosen = parser.parse_args(arguments)
    try:
        match chosen.command:
            case "keys":
                return new_keys(chosen.name)
            case "flash":
                return flash.run_flash(chosen)
            case "list":
                card = newest(Cache(chosen.cache.resolve()), "card", "tipring.img")
                epoch = int((IMAGE / "epoch.txt").read_text(encoding="utf-8"))
                print(imager.os_list(card, VERSION, epoch, chosen.address))
                return 0
            case "update-matrix":
                from image.updatematrix import update_matrix

                return update_matrix(Cache(chosen.cache.resolve()).folder / "matrix", chosen.cuts)
            case "bundle":
                return new_bundle(Cache(chosen.cache.resolve()))
            case _:
                return test_updates(Cache(chosen.cache.resolve()), chosen.cuts)
    except BuildError as error:
        print(f"image: {error}", file=sys.stderr)
        return 1


def newest(cache: Cache, stage: str, holds: str) -> Path:
    """The newest folder of a stage that was made whole.

    Raises:
        BuildError: there is none.
    """
    found = [path for path in cache.folder.glob(f"{stage}-*") if (path / holds).exists()]
    if not found:
        raise BuildError(f"there is no {stage} yet; python -m image build makes one.")
    return max(found, key=lambda path: path.stat().st_mtime)


def new_bundle(cache: Cache) -> int:
    """Of the slot that was built last, beside the card that holds it."""
    slot, card = newest(cache, "slot", "slot.ext4"), newest(cache, "card", "tipring.img")
    made = bundle.bundle(
        slot / "slot.ext4",
        card / f"tipring-{VERSION}.raucb",
        keys.signer_of(keys.folder()),
    )
    print(f"{made.stat().st_size / 1e6:9.1f} MB  {made}")
    return 0


def new_keys(name: str) -> int:
    """An authority and its signer where there are none; where there is an authority, a signer."""
    where = keys.folder()
    there = (where / keys.AUTHORITY[0]).exists()
    made = keys.vouch(where, name) if there else keys.make(where, name)
    print(f"image: {made.signer} signs, {made.authority} is what boxes know")
    return 0


def test_updates(cache: Cache, cuts: int) -> int:
    """With the slot and the card that were built last."""
    from image.updatetest import update_test

    busybox = newest(cache, "unpacked", "busybox-static") / "busybox-static"
    return update_test(
        newest(cache, "slot", "slot.ext4"),
        newest(cache, "card", "tipring.img"),
        next(busybox.rglob("bin/busybox")),
        debian.loader_of_machine(cache),
        cache.folder / "updatetest",
        count=cuts,
    )
