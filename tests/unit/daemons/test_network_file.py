"""From settings to the network's files: what is believed, what is written, what is told."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from firmware.control.network_wish import TOLD, WISH, leave, told
from firmware.core.network_settings import Network, check_network
from firmware.core.settings import Settings, sentence, validate
from firmware.daemons.network_file import (
    FILE,
    FOLDER,
    HOST_NOW,
    MOST_BYTES,
    carry_out,
    networkd_file,
)

FIXED = Network(
    way="fixed",
    address="192.168.1.20/24",
    gateway="192.168.1.1",
    dns=("192.168.1.1", "2001:db8::53"),
    host_name="office-2",
    time_servers=("ntp.ntsc.ac.cn", "192.168.1.1"),
)
WRITTEN = """\
[Match]
Name=e* usb*

[Network]
LinkLocalAddressing=yes
Address=192.168.1.20/24
Gateway=192.168.1.1
DNS=192.168.1.1
DNS=2001:db8::53
NTP=ntp.ntsc.ac.cn
NTP=192.168.1.1
"""


class Machine:
    """A tree as a system has it, and what was run."""

    def __init__(self, folder: Path, *, networkd: bool = True) -> None:
        self.root, self.run_folder = folder / "root", folder / "run"
        self.run_folder.mkdir()
        self.host.parent.mkdir(parents=True)
        self.host.write_text("tipring\n", encoding="ascii")
        (self.root / "run/systemd").mkdir(parents=True)
        if networkd:
            (self.root / "run/systemd/netif").mkdir()
        self.ran: list[str] = []
        self.well = True

    @property
    def host(self) -> Path:
        return self.root / HOST_NOW

    @property
    def file(self) -> Path:
        return self.root / FOLDER / FILE

    def wish(self, network: Network) -> str:
        leave(self.run_folder, network)
        return self.look()

    def look(self, owner: int | None = None) -> str:
        def run(words) -> bool:
            self.ran.append(" ".join(words))
            return self.well

        said = carry_out(self.run_folder, self.root, run, owner)
        return said.state if said is not None else ""


def wrong(network: Network) -> dict[str, str]:
    found: dict[str, str] = {}
    check_network(network, lambda path, which, *_: found.setdefault(path, which))
    return found


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"address": ""}, "network.address"),
        ({"address": "192.168.1.20"}, "network.address"),  # no prefix
        ({"address": "192.168.1.0/24"}, "network.address"),  # the network itself
        ({"address": "192.168.1.255/24"}, "network.address"),  # its broadcast
        ({"address": "127.0.0.2/8"}, "network.address"),
        ({"address": "224.0.0.5/24"}, "network.address"),
        ({"address": "192.168.1.20/31"}, "network.address"),
        ({"address": "192.168.1.20/255.255.255.0"}, "network.address"),
        ({"address": "192.168.1.20/24\nGateway=6.6.6.6"}, "network.address"),
        ({"gateway": "192.168.2.1"}, "network.gateway"),  # not beside us
        ({"gateway": "192.168.1.20"}, "network.gateway"),  # ourselves
        ({"gateway": "router"}, "network.gateway"),
        ({"dns": ("dns.example",)}, "network.dns.0"),
        ({"dns": ("1.1.1.1", "fe80::1%eth0")}, "network.dns.1"),
        ({"dns": tuple(f"192.168.1.{n}" for n in range(1, 6))}, "network.dns"),
        ({"host_name": "Office"}, "network.host_name"),
        ({"host_name": "-office"}, "network.host_name"),
        ({"host_name": "a" * 64}, "network.host_name"),
        ({"host_name": "office.local"}, "network.host_name"),
        ({"time_servers": ("ntp_1.example",)}, "network.time_servers.0"),
        ({"time_servers": ("10.0.0",)}, "network.time_servers.0"),
        ({"time_servers": ("ntp.example\nDNS=6.6.6.6",)}, "network.time_servers.0"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(change: dict, path: str) -> None:
    network = msgspec.structs.replace(FIXED, **change)
    assert set(wrong(network)) == {path}
    settings = Settings(network=network)
    for language in ("zh-CN", "en"):
        said = validate(settings, language)[path]
        assert said != sentence(wrong(network)[path], "en" if language == "zh-CN" else "zh-CN")
        assert "{" not in said


def test_what_can_be_is_taken() -> None:
    for network in (Network(), FIXED, msgspec.structs.replace(FIXED, way="dhcp", gateway="")):
        assert not wrong(network)


def test_a_fixed_address_is_written_and_taken_back(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.wish(FIXED) == "applied"
    assert machine.file.read_text(encoding="ascii") == WRITTEN
    assert machine.host.read_text(encoding="ascii") == "office-2"
    assert machine.ran == [
        "networkctl reload",
        "systemctl try-restart avahi-daemon.service",
    ]
    known = told(machine.run_folder)
    assert known is not None
    assert (known.state, known.network) == ("applied", FIXED)
    assert machine.wish(FIXED) == "applied"
    assert len(machine.ran) == 2, "what is there already costs nobody his connection"
    assert machine.wish(Network()) == "applied"
    assert not machine.file.exists(), "an installer's preset and DHCP count again"
    assert machine.host.read_text(encoding="ascii") == "tipring"


def test_names_and_time_beside_dhcp() -> None:
    assert networkd_file(Network()) == ""
    text = networkd_file(Network(dns=("9.9.9.9",), time_servers=("ntp.example",)))
    assert "DHCP=yes\nDNS=9.9.9.9\nNTP=ntp.example\n" in text
    assert text.endswith("[DHCPv4]\nClientIdentifier=mac\nUseDNS=no\nUseNTP=no\n")


def test_another_s_network_is_left_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, networkd=False)
    assert machine.wish(FIXED) == "elsewhere"
    assert not machine.file.exists()
    assert not machine.ran


def test_what_the_system_did_not_take_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.well = False
    assert machine.wish(FIXED) == "failed"


def test_nothing_else_than_a_wish_of_calld_is_believed(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    path = machine.run_folder / WISH
    assert machine.look() == "", "no wish"
    assert told(machine.run_folder) is None
    for data in (
        b"",
        b"{",
        b'{"way": "fixed"}',  # no address
        b'{"way": "dhcp", "dns": ["1.1.1.1\\nGateway=6.6.6.6"]}',
        b'{"exec": "reboot"}',
        b"\xff\xfe",
        b" " * (MOST_BYTES + 1),
    ):
        path.write_bytes(data)
        assert machine.look() == "refused", data
    path.unlink()
    (tmp_path / "other").write_bytes(msgspec.json.encode(FIXED))
    path.symlink_to(tmp_path / "other")
    assert machine.look() == "refused", "a link leads anywhere"
    path.unlink()
    os.mkfifo(path)
    assert machine.look() == "refused", "nobody waits for a pipe"
    path.unlink()
    leave(machine.run_folder, FIXED)
    assert machine.look(owner=os.getuid() + 1) == "refused", "somebody else wrote it"
    assert not machine.file.exists()
    assert not machine.ran
    assert machine.look(owner=os.getuid()) == "applied"
    (machine.run_folder / TOLD).write_bytes(b"{")
    assert told(machine.run_folder) is None
