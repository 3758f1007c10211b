"""A card that is laid out wrongly is found without being started."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from image import card, check, doors, layout
from image.stage import IMAGE, BuildError, Cache, listed

ROOT = Path(__file__).parents[2]


def a_slot(tmp_path: Path) -> tuple[Path, Path]:
    """Folders as in the slot and on the data partition of a new box."""
    slot, data = tmp_path / "slot", tmp_path / "data"
    for folder in ("etc", "boot/firmware", "data", "var", "tmp", "media"):
        (slot / folder).mkdir(parents=True)
    text = (IMAGE / "rootfs/etc/fstab").read_text(encoding="utf-8")
    (slot / "etc/fstab").write_text(text.replace("@SIGNATURE@", "74697072"), encoding="utf-8")
    card.data_tree(data, 0)
    return slot, data


def a_boot_partition(to: Path) -> Path:
    (to / "overlays").mkdir(parents=True)
    for name in (*card.LOADER, "u-boot.bin", "slot.env", "LICENCE.txt"):
        (to / name).write_bytes(b"x")
    for board in card.BOARDS:
        (to / f"{board}.dtb").write_bytes(b"x")
    for file in (IMAGE / "overlays").glob("*.dtso"):
        (to / f"overlays/{file.stem}.dtbo").write_bytes(b"x")
    shutil.copy(IMAGE / "boot/config.txt", to / "config.txt")
    header = b"the loader's own 64 bytes"
    (to / "boot.scr").write_bytes(header + (IMAGE / "boot/boot.cmd").read_bytes())
    return to


def test_the_mounts_of_a_slot_have_places_and_sources(tmp_path: Path) -> None:
    slot, data = a_slot(tmp_path)
    assert layout.mounts(slot, data) == []
    (slot / "media").rmdir()
    (data / "rauc").rmdir()
    (data / "tipring/settings.json").write_text("{}", encoding="ascii")
    fstab = slot / "etc/fstab"
    fstab.write_text(fstab.read_text("ascii") + "tmpfs /opt tmpfs size=1m 0 0\n", "ascii")
    (slot / "opt").mkdir()
    found = "\n".join(layout.mounts(slot, data))
    assert "the slot has no folder /media to mount on" in found
    assert "/var/lib/rauc comes from /data/rauc, which the data partition has not" in found
    assert "'/opt'" in found
    assert "a new box already holds /data/tipring/settings.json" in found


def test_the_boot_partition_holds_what_the_loaders_read(tmp_path: Path) -> None:
    boot = a_boot_partition(tmp_path / "boot")
    assert layout.first_partition(boot) == []
    (boot / "bcm2711-rpi-4-b.dtb").unlink()
    (boot / "id_rsa").write_bytes(b"x")
    script = boot / "boot.scr"
    script.write_bytes(script.read_bytes().replace(b" ro rootwait", b" rw rootwait"))
    assert layout.first_partition(boot) == [
        "the boot partition has no bcm2711-rpi-4-b.dtb",
        "the boot partition holds id_rsa besides",
        "boot.scr on the boot partition is not image/boot/boot.cmd",
        "the kernel is not told to mount its slot read-only",
    ]


def test_the_partition_table_is_that_of_the_boot_script(tmp_path: Path) -> None:
    image = tmp_path / "card.img"
    with image.open("wb") as file:
        file.truncate(2400 << 20)  # of which nothing is written
    good = "label: dos\nlabel-id: 0x74697072\n,128M,c,*\n,1G,83\n,1G,83\n,64M,83\n"

    def write(table: str) -> None:
        subprocess.run(
            ["/usr/sbin/sfdisk", "-q", image], input=table, text=True, check=True,
            capture_output=True,
        )  # fmt: skip

    write(good)
    assert layout.table(image) == []
    write(good.replace("0x74697072", "0x1").replace(",128M,c,*", ",128M,c").replace("1G", "512M"))
    assert layout.table(image) == [
        "the table is dos 0x00000001, not dos 0x74697072",
        "the first partition, and no other, is to be marked as the one to boot from",
        "slot A has 536870912 bytes instead of 1073741824",
        "slot B has 536870912 bytes instead of 1073741824",
    ]


def test_the_firewall_of_the_tree_lets_in_what_a_reviewer_listed(tmp_path: Path) -> None:
    rules = tmp_path / doors.RULES
    rules.parent.mkdir(parents=True)
    shutil.copy(ROOT / "systemd/nftables.d/tipring.nft", rules)
    assert doors.let_in(tmp_path) == sorted(listed(IMAGE / "golden/doors.txt"))
    wants = tmp_path / "etc/systemd/system/sockets.target.wants"
    wants.mkdir(parents=True)
    socket = ROOT / "systemd/system/tipring-webd.socket"
    shutil.copy(socket, wants.parent)
    (wants / socket.name).symlink_to(f"/etc/systemd/system/{socket.name}")
    assert doors.held_open(tmp_path) == sorted(check.HELD_OPEN)
    (tmp_path / "etc/nftables.conf").write_text("flush ruleset\n", encoding="ascii")
    assert doors.objections(tmp_path) == [
        "/etc/nftables.conf does not load the box's rules",
        "nftables.service does not start",
    ]


def test_what_was_not_built_is_said(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="make image builds one"):
        check.newest(tmp_path)


def test_a_build_says_what_each_stage_takes_from_an_empty_cache(tmp_path: Path) -> None:
    Cache(tmp_path).stage("part", ["one"], lambda _to: None)
    again = Cache(tmp_path)
    again.stage("part", ["one"], lambda _to: None)
    assert again.table() == [
        "part              0 s  (when it was made)",
        "all               0 s, of which 0 s now",
    ]
