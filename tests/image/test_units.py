"""The units of the appliance: only the rights they need, and nothing that a manager refuses."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from firmware.config import Folders
from firmware.daemons.call_loop import POWER_OFF
from firmware.daemons.desks.fax_shelf import FOLDER
from firmware.daemons.visits import FOLDER as MESSAGES
from firmware.daemons.wires.raw_capture import FOLDER as CAPTURES

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd" / "system"
INSTALL = ROOT / "systemd" / "install.sh"

# Exposure by `systemd-analyze security`, at most: what a plain unit with a user scores is 9.2.
EXPOSURE = {
    "tipring-lined": 0.8,
    "tipring-calld": 1.2,
    "tipring-sipd": 1.2,
    "tipring-faxd": 0.4,
    "tipring-webd": 1.2,
    "tipring-outboxd": 1.6,
}


def unit(name: str) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # names of settings have capitals
    read.read(UNITS / f"{name}.service", encoding="utf-8")
    return read


@pytest.mark.parametrize("name", sorted(EXPOSURE))
def test_a_daemon_is_exposed_as_little_as_promised(name: str) -> None:
    path = UNITS / f"{name}.service"
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    assert found, said.stderr
    assert float(found[1]) <= EXPOSURE[name]


@pytest.mark.parametrize("name", sorted(EXPOSURE))
def test_a_daemon_is_watched_and_comes_back(name: str) -> None:
    service = unit(name)["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) <= 30
    assert service["Restart"] == "always"
    assert service["RestartSec"] == "1"
    assert service["User"].startswith("tipring-")


def test_only_the_daemon_of_the_lines_has_real_time_and_devices() -> None:
    for name in EXPOSURE:
        service = unit(name)["Service"]
        lines = name == "tipring-lined"
        assert ("CPUSchedulingPolicy" in service) == lines
        if name == "tipring-outboxd":  # serial ports and no other device
            assert service["DevicePolicy"] == "closed"
            continue
        assert (service.get("PrivateDevices") == "yes") != lines
        assert service["RestrictRealtime"] == "yes"


def test_only_the_daemon_of_the_lines_is_without_any_network() -> None:
    families = {name: unit(name)["Service"]["RestrictAddressFamilies"] for name in EXPOSURE}
    assert families["tipring-lined"] == "AF_UNIX"
    assert unit("tipring-lined")["Service"]["PrivateNetwork"] == "yes"


def test_the_page_cannot_write_a_record() -> None:
    service = unit("tipring-webd")["Service"]
    # Its own folder, the one where uploads wait, and in memory what it said lately.
    assert service["ReadWritePaths"].split() == [
        "/var/lib/tipring/page", "-/var/lib/tipring/updates", "-/run/tipring/log",
    ]  # fmt: skip
    assert service["ProtectSystem"] == "strict"


def test_who_records_may_write_where_recordings_go() -> None:
    data = Path(Folders().data)
    may = unit("tipring-lined")["Service"]["ReadWritePaths"].split()
    made = (ROOT / "systemd" / "tmpfiles.d" / "tipring.conf").read_text(encoding="utf-8")
    for folder in ("recordings", MESSAGES, CAPTURES):
        assert str(data / folder) in may
        assert f"d {data / folder} 2770 tipring-line tipring -" in made


def test_the_folder_of_faxes_is_there_before_call_control() -> None:
    """Whose unit forbids it to give a folder to the group."""
    assert unit("tipring-calld")["Service"]["RestrictSUIDSGID"] == "yes"
    made = (ROOT / "systemd" / "tmpfiles.d" / "tipring.conf").read_text(encoding="utf-8")
    assert f"d {Path(Folders().data) / FOLDER} 2770 tipring-call tipring -" in made


def test_every_daemon_that_crashes_says_where() -> None:
    for name in EXPOSURE:
        text = (UNITS / f"{name}.service").read_text(encoding="utf-8")
        assert "PYTHONFAULTHANDLER=1" in text, name


def test_a_manager_understands_every_unit(tmp_path: Path) -> None:
    """In a tree with Debian's own units and our program where the units look for it."""
    own = tmp_path / "etc/systemd/system"
    own.mkdir(parents=True)
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    python = tmp_path / "opt/tipring/.venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/bin/true")
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "usr/bin").mkdir()
    shutil.copy("/bin/true", tmp_path / "usr/bin/true")
    names = [shutil.copy(path, own) for path in UNITS.iterdir()]
    said = subprocess.run(
        ["systemd-analyze", "verify", f"--root={tmp_path}", "--man=no", *map(str, names)],
        capture_output=True,
        text=True,
        check=False,
    )
    # Debian's own units of another version have complaints of their own.
    ours = [line for line in said.stderr.splitlines() if "tipring" in line]
    assert not ours


def test_a_battery_at_its_end_switches_the_machine_off_in_order() -> None:
    """What calld leaves behind is what the manager looks for."""
    path = ConfigParser(interpolation=None)
    path.optionxform = str  # type: ignore[assignment,method-assign]  # as above
    path.read(UNITS / "tipring-power-off.path", encoding="utf-8")
    seen = Path(path["Path"]["PathExists"])
    assert (str(seen.parent), seen.name) == (Folders().run, POWER_OFF)
    service = unit("tipring-power-off")
    assert service["Service"]["Type"] == "oneshot"
    assert service["Unit"]["SuccessAction"] == "poweroff"
    target = (UNITS / "tipring.target").read_text(encoding="utf-8")
    assert "tipring-power-off.path" in target


def test_an_install_can_be_taken_away_again(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/nftables.conf").write_text("flush ruleset\n", encoding="ascii")

    def files() -> set[str]:
        return {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}

    before = files()
    run = ["bash", str(INSTALL), "--root", str(tmp_path)]
    subprocess.run([*run, "--firewall"], check=True)
    installed = files() - before
    assert "etc/systemd/system/tipring-lined.service" in installed
    assert "opt/tipring/firmware/daemons/start.py" in installed
    assert "usr/local/bin/tipring" in installed
    assert not [name for name in installed if "__pycache__" in name or "/tests/" in name]
    assert "tipring.nft" in (tmp_path / "etc/nftables.conf").read_text(encoding="ascii")
    data = tmp_path / "var/lib/tipring/settings/settings.json"
    data.parent.mkdir(parents=True)
    data.write_text("{}", encoding="ascii")
    told = subprocess.run([*run, "--uninstall"], check=True, capture_output=True, text=True)
    assert "the data stays in" in told.stdout
    assert files() - before == {
        "var/lib/tipring/settings/settings.json",
        "etc/tipring/machine.example.toml",
    }
    assert (tmp_path / "etc/nftables.conf").read_text(encoding="ascii") == "flush ruleset\n"
    subprocess.run([*run, "--purge"], check=True)
    assert files() == before


@pytest.mark.slow
def test_neighbours_reach_the_page_and_strangers_do_not() -> None:
    """Two machines in networks of their own; the rules as the box loads them."""
    rules = ROOT / "systemd/nftables.d/tipring.nft"
    said = subprocess.run(
        ["unshare", "-rn", "bash", str(Path(__file__).with_name("neighbours.sh")), str(rules)],
        capture_output=True,
        text=True,
        check=False,
    )
    who = dict(line.rsplit(" ", 1) for line in said.stdout.splitlines())
    assert who.get("neighbour page") == "in", said
    assert who["stranger page"] == "out"
    assert who["neighbour shell"] == "out"
    assert 15 <= int(who["crowd"]) <= 20, "one address may hold 20 connections"


def test_whoever_needs_the_name_of_this_boot_is_told_it_by_the_manager() -> None:
    # lined and calld compare times by it, and calld cannot see the kernel's own file.
    for name in ("tipring-lined", "tipring-calld"):
        text = (UNITS / f"{name}.service").read_text(encoding="utf-8")
        assert "\nEnvironment=TIPRING_BOOT=%b\n" in text, name
