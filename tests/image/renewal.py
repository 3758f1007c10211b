"""An owner updates his box on the page, with a whole slot: the real one, real size, real start.

S-173. ``python -m tests.image.renewal`` (part of ``make update-test``, after the matrix with small
slots) makes a bundle of the slot that was built last, uploads it to the page of the built card in
an emulated machine, has it installed at once and waits for the restart. The other slot must come
up, be examined by a call through the box itself, get its tries back, and know the owner and the
settings of before.
"""

from __future__ import annotations

import re
import secrets
import shutil
import sys
from pathlib import Path
from typing import Final

from image import bundle as bundles
from image import keys
from image.__main__ import build
from image.boottest import claimed
from image.debian import loader_of_machine
from image.machine import slot_state
from image.publish import newest
from image.stage import TREE, BuildError, Cache
from tests.image.owner import Owner
from tests.image.rescue import Box, by_the_screen, failed_units, seen_on

LATER: Final = "99.0.0"
SAVED: Final = "before the update"


def upload(owner: Owner, bundle: Path) -> str:
    """Send a bundle as a browser does; the page that answers."""
    border = f"border-{secrets.token_hex(12)}"
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{bundle.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + bundle.read_bytes() + f"\r\n--{border}--\r\n".encode()
    return owner.post("box/updates/file", body, f"multipart/form-data; boundary={border}")


def renewal(built: Path, slot: Path, folder: Path, firmware: Path, modules: Path) -> None:
    """All of it.

    Raises:
        BuildError: something is not as it should be.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    signer = keys.signer_of(keys.folder())
    update = bundles.bundle(slot, folder / "tipring-99.raucb", signer, version=LATER)
    print(f"image: the update has {update.stat().st_size / 1e6:.0f} MB", flush=True)
    box = Box(built, folder, firmware, modules)
    try:
        machine, seen = box.start()
        claimed(machine.port, by_the_screen(seen))
        owner = Owner(machine.port)
        owner.save(SAVED)
        upload(owner, update)
        seen_on(owner, "box/updates", lambda page: f"Version {LATER} passed its check" in page,
                "the update is offered")  # fmt: skip
        print("image: uploaded on the page, it passed its check", flush=True)
        owner.send("box/updates/order", act="now")
        machine.ended()
        if failed := failed_units(machine):
            raise BuildError(f"failed meanwhile: {failed}")
        said = re.findall(r"^\[ *(\d+\.\d)", machine.said(), re.MULTILINE)
        print(f"image: written, the machine starts anew when it says {said[-1]} s", flush=True)
        machine, _ = box.start(owned=True)
        if not re.search(r"tipring: slot B, tries left A=\d B=2", machine.said()):
            raise BuildError("the other slot did not start")
        owner = Owner(machine.port)
        seen_on(owner, "box/updates", lambda page: f"Version {LATER} is installed" in page,
                "the page says that it is installed")  # fmt: skip
        if SAVED not in owner.reasons():
            raise BuildError("the settings of before are not there")
    finally:
        box.off()
    state = slot_state(box.disk)
    if state.get("BOOT_B_LEFT") != "3" or state.get("BOOT_ORDER", "")[:1] != "B":
        raise BuildError(f"the new slot was not kept: {state}")
    print(f"image: slot B runs and is kept: {state}", flush=True)


def main() -> int:
    """Build what is missing, then test."""
    cache = Cache(TREE / "out/image")
    try:
        built, loader = build(cache), loader_of_machine(cache)
        slot = newest(cache, "slot", "slot.ext4") / "slot.ext4"
        unpacked = newest(cache, "unpacked", "busybox-static")
        renewal(built, slot, cache.folder / "renewal", loader, unpacked)
    except BuildError as problem:
        print(f"image: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
