"""``python -m image``: choose versions, build the card, boot what was built.

python -m image lock             choose Debian's versions anew (image/packages.lock)
python -m image build            the image, its map, its sums and its inventory in out/image/card
python -m image check            the card that was built last, looked at without starting it
python -m image boot             start it once and look at it
python -m image test             boot that image in an emulated machine and look at it
python -m image plain            boot plain Debian in the same machine, for its times
python -m image ... --help       bundle, update-test, keys, flash, list: with a built image
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from image import (
    bootstrap,
    card,
    debian,
    filesystem,
    initrd,
    inventory,
    keys,
    publish,
    python_packages,
    rootfs,
    sip_library,
)
from image.stage import IMAGE, TREE, BuildError, Cache, install_tools, listed, run

EPOCH_FILE = IMAGE / "epoch.txt"


def build(cache: Cache) -> Path:
    """Every stage in turn; the folder with what an installer takes."""
    install_tools(listed(IMAGE / "tools.txt"))
    epoch = int(EPOCH_FILE.read_text(encoding="utf-8"))
    lock = debian.LOCK.read_text(encoding="utf-8")
    locked = debian.read_lock(lock)
    debs = debian.fetch(locked, cache)
    settled = "\n".join(str(one) for one in locked if one.how == "installed")
    by_name = {one.name: one for one in locked}
    version = next(n for n in by_name if n.startswith("linux-image-")).removeprefix("linux-image-")

    def unpacked(to: Path) -> None:
        for name in (f"linux-image-{version}", "raspi-firmware", "u-boot-rpi", "busybox-static"):
            debian.unpack(by_name[name], debs, to / name)

    parts = cache.stage("unpacked", [lock], unpacked)
    kernel = parts / f"linux-image-{version}"
    python_lock = (TREE / "requirements-hardware.lock").read_text(encoding="utf-8")
    modules = cache.stage(
        "python",
        [python_lock, IMAGE / "python_packages.py", lock],
        lambda to: python_packages.site_packages(python_lock, locked, debs, to),
    )
    repository = cache.stage(
        "repository", [settled], lambda to: debian.repository(locked, debs, to)
    )
    base = cache.stage(
        "debian",
        [settled, IMAGE / "bootstrap.py"],
        lambda to: bootstrap.install_packages(locked, repository, to),
    )

    needed = "\n".join(str(one) for one in locked if one.name in sip_library.SYSROOT)
    sip = cache.stage(
        "pjsua2",
        [needed, IMAGE / "pjproject", IMAGE / "sip_library.py"],
        lambda to: sip_library.build(sip_library.source(cache), locked, debs, to),
    )
    keyring = keys.authority_of(keys.folder())

    def slot(to: Path) -> None:
        root = to / "root"
        run("cp", "-a", base / "root", root)
        rootfs.add_program(root, modules / "site-packages")
        sip_library.add(sip, root)
        rootfs.add_kernel(root, kernel, version, listed(IMAGE / "modules.txt"))
        (root / "etc/rauc/keyring.pem").write_bytes(keyring)
        rootfs.compile_bytecode(root)
        busybox = next((parts / "busybox-static").rglob("bin/busybox"))
        first = initrd.initrd(root / "usr/lib/modules" / version, busybox)
        rootfs.settle(root, epoch)
        filesystem.slot_tree(root, kernel, version, first, epoch)
        filesystem.ext4(root, to / "slot.ext4", "slot", filesystem.SLOT_BYTES, epoch, journal=False)

    program = [TREE / part for part in ("drivers", "firmware", "ivr", "web", "systemd")]
    ours = [IMAGE / part for part in ("rootfs", "boot/init", "modules.txt", "epoch.txt")]
    boot = [IMAGE / part for part in ("boot", "overlays", "epoch.txt", "genimage.cfg", "card.py")]
    code = [IMAGE / f"{name}.py" for name in ("rootfs", "initrd", "filesystem")]
    slots = cache.stage(
        "slot",
        [base.name, modules.name, sip.name, version, keyring.decode(), *program, *ours, *code],
        slot,
    )

    def whole(to: Path) -> None:
        card.boot_files(to / "boot", kernel, parts / "raspi-firmware", parts / "u-boot-rpi", epoch)
        card.data_tree(to / "data", epoch)
        image = card.assemble(slots / "slot.ext4", to / "boot", to / "data", to, epoch)
        text = inventory.spdx(locked, modules / "site-packages", _version(), epoch)
        (to / "tipring.spdx.json").write_text(text, encoding="utf-8")
        card.pack(image, to)

    return cache.stage("card", [slots.name, *boot], whole)


def _version() -> str:
    for line in (TREE / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version"):
            return line.split('"')[1]
    return "0"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 and a sentence where it cannot be done."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in publish.COMMANDS:
        return publish.main(words)
    parser = argparse.ArgumentParser(prog="image", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("lock", "build", "check", "boot", "test", "plain"))
    parser.add_argument("--cache", type=Path, default=TREE / "out/image")
    chosen = parser.parse_args(arguments)
    cache = Cache(chosen.cache.resolve())
    try:
        if chosen.command == "lock":
            debian.LOCK.write_text(debian.make_lock(cache), encoding="utf-8")
            count = len(debian.read_lock(debian.LOCK.read_text("utf-8")))
            print(f"image: {debian.LOCK.name} has {count} packages")
            return 0
        if chosen.command == "check":
            from image.check import check, newest

            return check(newest(cache.folder))
        built = build(cache)
        for line in cache.table():
            print(f"image: {line}")
        for file in sorted(built.iterdir()):
            if file.is_file():
                print(f"{file.stat().st_size / 1e6:9.1f} MB  {file}")
        if chosen.command in ("test", "plain"):
            from image.plain import plain_times

            print(plain_times(cache, debian.loader_of_machine(cache)), flush=True)
        if chosen.command in {"boot", "test"}:
            from image.boottest import boot_once, boot_test

            seen = boot_once if chosen.command == "boot" else boot_test
            return seen(built, cache.folder / "boottest", debian.loader_of_machine(cache))
    except BuildError as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
