"""A file on the boot partition begins the box anew: nothing that it kept is found afterwards."""

from __future__ import annotations

import subprocess
from pathlib import Path

from image import card, filesystem

RESET = Path(card.__file__).parent / "rootfs/usr/lib/tipring/reset"
CANARY = b"the voice of a caller, 13912345678"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def a_box(folder: Path) -> tuple[Path, Path]:
    """Boot folder and data partition of a box in use."""
    boot, tree, data = folder / "boot", folder / "tree", folder / "data.ext4"
    boot.mkdir()
    for name in card.FOLDERS:
        (tree / name).mkdir(parents=True)
    (tree / "tipring/records.sqlite").write_bytes(CANARY * 1_000)
    (tree / "machine/machine.toml").write_bytes(b'country = "GB"')
    with data.open("wb") as file:
        file.truncate(16 << 20)
    subprocess.run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-U", filesystem.uuid("data"), "-d", tree, data],
        check=True, env={"PATH": PATH},
    )  # fmt: skip
    assert CANARY in data.read_bytes()
    return boot, data


def start(boot: Path, data: Path) -> None:
    subprocess.run(
        ["sh", RESET],
        check=True,
        capture_output=True,
        env={"PATH": PATH, "TIPRING_BOOT": str(boot), "TIPRING_DATA": str(data)},
    )


def listing(data: Path) -> str:
    said = subprocess.run(
        ["debugfs", "-R", "ls -l /", data], capture_output=True, text=True, check=True,
        env={"PATH": PATH},
    )  # fmt: skip
    return said.stdout


def test_without_the_file_nothing_is_touched(tmp_path: Path) -> None:
    boot, data = a_box(tmp_path)
    before = data.read_bytes()
    start(boot, data)
    assert data.read_bytes() == before


def test_everything_is_written_over_and_the_box_is_as_new(tmp_path: Path) -> None:
    boot, data = a_box(tmp_path)
    (boot / "tipring-factory-reset.txt").write_text("everything\n")
    start(boot, data)
    content = data.read_bytes()
    assert CANARY not in content
    assert b"GB" not in content
    assert len(content) == 16 << 20
    found = listing(data)
    for name, mode in card.FOLDERS.items():
        line = next(line for line in found.splitlines() if line.endswith(f" {name}"))
        assert f"40{mode:o}" in line
    # Once: the next start begins nothing.
    assert [file.name for file in boot.iterdir()] == ["tipring-factory-reset.done"]
    start(boot, data)
    assert listing(data) == found


def test_the_units_of_the_slots_and_the_reset_name_the_same_partition() -> None:
    unit = RESET.parents[3] / "etc/systemd/system/tipring-reset.service"
    assert f"partuuid-{filesystem.SIGNATURE}\\x2d04" in unit.read_text(encoding="utf-8")
    assert f"/by-partuuid/{filesystem.SIGNATURE}-04" in RESET.read_text(encoding="utf-8")
