"""The card before it is built: what goes into it, what an installer may leave on it."""

from __future__ import annotations

import re
import subprocess
import zlib
from pathlib import Path

import pytest

from image import card, debian, filesystem
from image.initrd import cpio
from image.stage import Cache, digest_of, listed

IMAGE = Path(card.__file__).parent
LOCKED = debian.read_lock(debian.LOCK.read_text(encoding="utf-8"))


def test_every_wanted_package_is_locked_by_its_sum() -> None:
    names = {one.name for one in LOCKED}
    assert set(listed(IMAGE / "packages.txt")) <= names
    assert {n for n in listed(IMAGE / "unpacked.txt") if n != "linux-image-arm64"} <= names
    assert sum(name.startswith("linux-image-6") for name in names) == 1
    assert all(re.fullmatch(r"[0-9a-f]{64}", one.sha256) for one in LOCKED)
    assert len({one.deb for one in LOCKED}) == len(LOCKED)


def test_nobody_can_log_in_over_the_network() -> None:
    doors = ("-server", "sshd", "telnet", "cockpit", "vnc", "rsh", "dropbear", "ftpd")
    programs = [one.name for one in LOCKED if not one.name.startswith("lib")]
    assert [name for name in programs if any(door in name for door in doors)] == []


def test_what_the_loader_is_told_to_read_is_on_the_card() -> None:
    config = dict(
        line.split("=", 1)
        for line in (IMAGE / "boot/config.txt").read_text(encoding="utf-8").splitlines()
        if "=" in line and not line.startswith(("#", "dtoverlay"))
    )
    assert config["kernel"] == "u-boot.bin"
    assert config["enable_uart"] == "0"  # no console on a box in an office
    text = (IMAGE / "boot/config.txt").read_text(encoding="utf-8")
    asked = re.findall(r"^dtoverlay=(\S+)$", text, re.MULTILINE)
    assert sorted(asked) == sorted(file.stem for file in (IMAGE / "overlays").glob("*.dtso"))


def test_the_boot_script_and_the_system_mean_the_same_partitions() -> None:
    script = (IMAGE / "boot/boot.cmd").read_text(encoding="utf-8")
    # Partition 1 boots, slot A is 2, slot B is 3: as in genimage.cfg and in RAUC's table.
    assert re.search(r"slot A\n\s+setenv part 2\n", script)
    assert re.search(r"slot B\n\s+setenv part 3\n", script)
    rauc = (IMAGE / "rootfs/etc/rauc/system.conf").read_text(encoding="utf-8")
    assert re.findall(r"@SIGNATURE@-0(\d)\ntype=raw\nbootname=(\w)", rauc) == [
        ("2", "A"),
        ("3", "B"),
    ]
    row = re.findall(r"partition (\w+)", (IMAGE / "genimage.cfg").read_text(encoding="utf-8"))
    assert row == ["boot", "slotA", "slotB", "data"]
    signature = f"0x{filesystem.SIGNATURE}"
    assert signature in (IMAGE / "genimage.cfg").read_text(encoding="utf-8")


def test_nothing_but_memory_and_the_data_partition_is_written() -> None:
    fstab = (IMAGE / "rootfs/etc/fstab").read_text(encoding="utf-8")
    lines = [line.split() for line in fstab.splitlines() if not line.startswith("#")]
    assert {where for _, where, *_ in lines} == {
        "/boot/firmware", "/data", "/var", "/media", "/tmp",  # noqa: S108  # a mount point
        "/var/lib/tipring", "/etc/tipring",
        "/var/lib/rauc", "/var/lib/systemd/timesync",
    }  # fmt: skip
    bound = {what.removeprefix("/data/") for what, _, _, options, *_ in lines if options == "bind"}
    assert bound == set(card.FOLDERS)


def test_the_loader_s_file_has_its_sum_in_front() -> None:
    made = card.slot_env({"BOOT_ORDER": "A B", "BOOT_A_LEFT": "3"})
    assert len(made) == 0x4000
    assert int.from_bytes(made[:4], "little") == zlib.crc32(made[4:])
    assert made[4:].startswith(b"BOOT_ORDER=A B\0BOOT_A_LEFT=3\0\0")


def test_an_archive_of_the_first_file_system_is_the_kernel_s_form() -> None:
    made = cpio([("bin", 0o040755, b""), ("bin/sh", 0o120777, b"busybox")])
    # newc: a header of 110 characters, the name with its zero, the content; each padded to four.
    assert made[:6] == b"070701"
    assert made[110:114] == b"bin\0"
    assert made[116:122] == b"070701"
    assert made[226:233] == b"bin/sh\0"
    assert made[236:243] == b"busybox"
    assert b"TRAILER!!!" in made
    assert len(made) % 4 == 0


def preset(tmp_path: Path, text: str | None) -> Path:
    for folder in ("boot/firmware", "etc/tipring", "usr/lib/tipring", "proc/sys/kernel", "run"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/hostname").write_text("tipring\n")
    (tmp_path / "usr/lib/tipring/machine.toml").write_text('country = "CN"   # levels\n')
    if text is not None:
        (tmp_path / "boot/firmware/tipring-preset.txt").write_text(text)
    script = IMAGE / "rootfs/usr/lib/tipring/first-boot"
    subprocess.run(
        ["sh", script], env={"TIPRING_ROOT": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=True
    )
    return tmp_path


def test_a_card_without_presets_starts_with_the_reference_machine(tmp_path: Path) -> None:
    root = preset(tmp_path, None)
    assert (root / "etc/tipring/machine.toml").read_text() == 'country = "CN"   # levels\n'
    assert not (root / "run/systemd").exists()


def test_presets_of_an_installer_are_taken(tmp_path: Path) -> None:
    root = preset(
        tmp_path,
        "host=shop-2\ncountry=GB\naddress=192.0.2.20/24\ngateway=192.0.2.1\n"
        "dns=192.0.2.1 192.0.2.2\n",
    )
    assert (root / "proc/sys/kernel/hostname").read_text() == "shop-2\n"
    assert (root / "etc/tipring/machine.toml").read_text().startswith('country = "GB"')
    network = (root / "run/systemd/network/10-preset.network").read_text()
    assert "Address=192.0.2.20/24\nGateway=192.0.2.1\nDNS=192.0.2.1\nDNS=192.0.2.2\n" in network


@pytest.mark.parametrize("line", ["host=a;reboot", "host=Shop", "country=China", "address=$(id)"])
def test_what_is_no_preset_changes_nothing(tmp_path: Path, line: str) -> None:
    root = preset(tmp_path, line + "\n")
    assert (root / "proc/sys/kernel/hostname").read_text() == "tipring\n"
    assert (root / "etc/tipring/machine.toml").read_text().startswith('country = "CN"')
    assert not (root / "run/systemd").exists()


def test_a_stage_is_made_once_for_the_same_inputs(tmp_path: Path) -> None:
    cache, made = Cache(tmp_path / "cache"), []
    source = tmp_path / "source"
    source.write_text("one")

    def make(to: Path) -> None:
        made.append(to)
        (to / "result").write_text(source.read_text())

    first = cache.stage("part", [source], make)
    assert cache.stage("part", [source], make) == first
    source.write_text("two")
    second = cache.stage("part", [source], make)
    assert len(made) == 2
    assert (second / "result").read_text() == "two"
    assert digest_of([source]) in second.name
