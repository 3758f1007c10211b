"""An owner updates his box on the page, with a whole slot: the real one, real size, real start.

S-173. ``python -m tests.image.renewal`` (part of ``make update-test``, after the matrix with small
slots) makes a bundle of the slot that was built last, uploads it to the page of the built card in
an emulated machine with the bench's line card, has it installed at once and waits for the restart.
The other slot must come up, be examined by a call through the box itself, get its tries back, and
know the owner and the settings of before.
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
from image.debian import loader_of_machine
from image.machine import slot_state
from image.publish import newest
from image.stage import TREE, BuildError, Cache
from tests.image.kills import Bench, Known, whole_start
from tests.image.owner import Owner
from tests.image.rescue import seen_on

LATER: Final = "99.0.0"


def upload(owner: Owner, bundle: Path) -> str:
    """Send a bundle as a browser does; the page that answers."""
    border = f"border-{secrets.token_hex(12)}"
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{bundle.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + bundle.read_bytes() + f"\r\n--{border}--\r\n".encode()
    return owner.post("box/updates/file", body, f"multipart/form-data; boundary={border}")


def renewal(built: Path, slot: Path, folder: Path, firmware: Path) -> None:
    """All of it.

    Raises:
        BuildError: something is not as it should be.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    signer = keys.signer_of(keys.folder())
    update = bundles.bundle(slot, folder / "tipring-99.raucb", signer, version=LATER)
    print(f"image: the update has {update.stat().st_size / 1e6:.0f} MB", flush=True)
    # A version on trial whose line card does not answer is not well.
    bench, known = Bench(built, folder, firmware, restarts=False), Known()
    bench.attached = True
    try:
        owner, _ = whole_start(bench, known)
        known.settings.append(owner.save("before the update"))
        upload(owner, update)
        seen_on(owner, "box/updates", lambda page: f"Version {LATER} passed its check" in page,
                "the update is offered")  # fmt: skip
        print("image: uploaded on the page, it passed its check", flush=True)
        owner.send("box/updates/order", act="now")
        assert bench.machine is not None
        bench.machine.ended()
        said = re.findall(r"^\[ *(\d+\.\d)", bench.machine.said(), re.MULTILINE)
        print(f"image: written, the machine starts anew when it says {said[-1]} s", flush=True)
        bench.stop()
        owner, _ = whole_start(bench, known)
        if not re.search(r"tipring: slot B, tries left A=\d B=2", bench.machine.said()):
            raise BuildError("the other slot did not start")
        seen_on(owner, "box/updates", lambda page: f"Version {LATER} is installed" in page,
                "the page says that it is installed")  # fmt: skip
    finally:
        bench.stop()
        bench.town.close()
    state = slot_state(bench.disk)
    if state.get("BOOT_B_LEFT") != "3" or state.get("BOOT_ORDER", "")[:1] != "B":
        raise BuildError(f"the new slot was not kept: {state}")
    print(f"image: slot B runs and is kept: {state}", flush=True)


def main() -> int:
    """Build what is missing, then test."""
    cache = Cache(TREE / "out/image")
    try:
        built, loader = build(cache), loader_of_machine(cache)
        slot = newest(cache, "slot", "slot.ext4") / "slot.ext4"
        renewal(built, slot, cache.folder / "renewal", loader)
    except BuildError as problem:
        print(f"image: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
