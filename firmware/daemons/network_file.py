"""From settings to the network's own files: what calld asks for, what the manager's unit does.

calld and the page have no right to change the network. calld leaves its wish as a file in the
sockets' folder; a path unit sees it and runs this program as root, once::

    python -m firmware.daemons.network_file /run/tipring

It believes nothing: the file is small, a plain one, of calld's user, of the settings' own shape,
and is checked again by the settings' own rules. It writes one file of systemd-networkd and the host
name, both in memory, and tells what became of it. A box whose calld does not start is so reached as
it came: by DHCP, an installer's preset and its link-local address.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from firmware.control.network_wish import TOLD, WISH, Told
from firmware.core.network_settings import Network, check_network

OWNER: Final = "tipring-call"
MOST_BYTES: Final = 8_192
ANSWER_S: Final = 2.0
"""So long the page's answer has to arrive by the old address."""

FILE: Final = "05-tipring.network"
"""Before an installer's 10-preset.network and the system's own 20-office.network: the first file
that fits a link is the only one that counts (systemd.network(5))."""

FOLDER: Final = Path("run/systemd/network")
NETWORKD: Final = Path("run/systemd/netif")  # there while systemd-networkd has run since the boot
HOST: Final = Path("run/systemd/tipring-host")  # the name the box came with
HOST_NOW: Final = Path("proc/sys/kernel/hostname")

Run = Callable[[Sequence[str]], bool]


# --- root -----------------------------------------------------------------------------------------


def networkd_file(network: Network) -> str:
    """The file of systemd-networkd; empty where nothing differs from what the system came with."""
    fixed = network.way == "fixed"
    if not (fixed or network.dns or network.time_servers):
        return ""
    lines = ["[Match]", "Name=e* usb*", "", "[Network]", "LinkLocalAddressing=yes"]
    if fixed:
        lines.append(f"Address={network.address}")
        if network.gateway:
            lines.append(f"Gateway={network.gateway}")
    else:
        lines.append("DHCP=yes")
    lines += [f"DNS={server}" for server in network.dns]
    lines += [f"NTP={server}" for server in network.time_servers]
    if not fixed:
        lines += ["", "[DHCPv4]", "ClientIdentifier=mac"]
        lines += ["UseDNS=no"] * bool(network.dns) + ["UseNTP=no"] * bool(network.time_servers)
    return "\n".join(lines) + "\n"


def read_wish(path: Path, owner: int | None) -> Network | None:
    """The wish, None when it is not to be believed.

    Args:
        path: The file.
        owner: User id that alone may have written it; None for anybody.

    Raises:
        FileNotFoundError: there is none.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    with os.fdopen(number, "rb") as file:
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode) or about.st_size > MOST_BYTES:
            return None
        if owner is not None and about.st_uid != owner:
            return None
        data = file.read(MOST_BYTES)
    try:
        network = msgspec.json.decode(data, type=Network)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    wrong: list[str] = []
    check_network(network, lambda path, *_: wrong.append(path))
    return None if wrong else network


def apply(network: Network, root: Path, run: Run) -> bool:
    """Write what is wanted and have it taken over; whether the system did.

    Args:
        network: Believed.
        root: Of the system; another one for a trial.
        run: Runs a command and tells whether it ended well.
    """
    path, text = root / FOLDER / FILE, networkd_file(network)
    if (path.read_text(encoding="ascii") if path.exists() else "") != text:
        if text:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_text(text, encoding="ascii")
            new.chmod(0o644)
            new.replace(path)
        else:
            path.unlink()
        if not run(("networkctl", "reload")):
            return False
    return _name(network.host_name, root, run)


def _name(wanted: str, root: Path, run: Run) -> bool:
    came, now = root / HOST, root / HOST_NOW
    known = now.read_text(encoding="ascii").strip()
    if not came.exists():
        if not wanted or wanted == known:
            return True
        came.write_text(known, encoding="ascii")
    name = wanted or came.read_text(encoding="ascii")
    if name == known:
        return True
    now.write_text(name, encoding="ascii")
    return run(("systemctl", "try-restart", "avahi-daemon.service"))


def carry_out(run_folder: Path, root: Path, run: Run, owner: int | None) -> Told | None:
    """Do what the wish says and tell it; None when there is none."""
    try:
        network = read_wish(run_folder / WISH, owner)
    except FileNotFoundError:
        return None
    if network is None:
        said = Told(state="refused")
    elif not (root / NETWORKD).is_dir():
        said = Told(state="elsewhere", network=network)
    else:
        try:
            done = apply(network, root, run)
        except OSError as problem:
            sys.stderr.write(f"tipring: network settings: {problem}\n")  # for the journal
            done = False
        said = Told(state="applied" if done else "failed", network=network)
    new = run_folder / f"{TOLD}.new"
    new.unlink(missing_ok=True)
    new.write_bytes(msgspec.json.encode(said))
    new.chmod(0o644)
    new.replace(run_folder / TOLD)
    return said


def _command(words: Sequence[str]) -> bool:
    try:
        return subprocess.run(words, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> None:
    """What the unit runs."""
    try:
        owner: int | None = pwd.getpwnam(OWNER).pw_uid
    except KeyError:
        owner = None
    time.sleep(ANSWER_S)  # noqa: TID251  # a program of one step, beside whatever else the machine does
    said = carry_out(Path(sys.argv[1]), Path("/"), _command, owner)
    if said is not None and said.state != "applied":
        sys.stderr.write(f"tipring: network settings: {said.state}\n")


if __name__ == "__main__":
    main()
