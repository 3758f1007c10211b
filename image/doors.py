"""What the slot lets in from the network, read from its own rules and sockets, without a start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

RULES: Final = "etc/nftables.d/tipring.nft"
_PORT: Final = re.compile(r"\b(tcp|udp) dport (?:\{ ([^}]+) \}|(\S+))")


def let_in(root: Path) -> list[str]:
    """Protocol and port of everything that the firewall lets in."""
    found = set()
    for line in (root / RULES).read_text(encoding="utf-8").splitlines():
        for kind, many, one in _PORT.findall(line.split("#")[0]):
            found |= {f"{kind} {port.strip()}" for port in (many or one).split(",")}
    return sorted(found)


def held_open(root: Path) -> list[str]:
    """Protocol and port of every socket that the manager opens for others, to the network."""
    found = set()
    for wanted in (root / "etc/systemd/system").glob("*.wants/*.socket"):
        unit = root / str(wanted.readlink()).lstrip("/") if wanted.is_symlink() else wanted
        for line in unit.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            if name in {"ListenStream", "ListenDatagram"} and re.search(r"\d$", value):
                kind = "tcp" if name == "ListenStream" else "udp"
                found.add(f"{kind} {value.rpartition(':')[2]}")
    return sorted(found)


def objections(root: Path) -> list[str]:
    """Ways around the firewall."""
    rules = (root / RULES).read_text(encoding="utf-8")
    found = [
        f"the firewall lets in what no rule names ({chain})"
        for chain in ("input", "forward")
        if f"hook {chain} priority filter; policy drop;" not in rules
    ]
    if f'include "/{RULES}"' not in (root / "etc/nftables.conf").read_text(encoding="utf-8"):
        found.append("/etc/nftables.conf does not load the box's rules")
    if not list((root / "etc/systemd/system").glob("*.wants/nftables.service")):
        found.append("nftables.service does not start")
    return found
