"""What became of the network settings on this machine, and where the page is by them. Pure."""

from __future__ import annotations

from firmware.control.network_wish import Told
from firmware.core.network_settings import Network


def outcome(wanted: Network, told: Told | None) -> tuple[str, str]:
    """The word that says how it stands, and its mood.

    Args:
        wanted: The settings in force.
        told: What was told of the newest wish; None where nothing carries wishes out.
    """
    if told is None:
        return "network-nobody", "warm"
    if told.state == "refused":
        return "network-refused", "bad"
    if told.state == "elsewhere":
        return "network-elsewhere", "warm"
    if told.network != wanted:
        return "network-soon", "warm"
    if told.state == "failed":
        return "network-failed", "bad"
    return "network-applied", "good"


def place(network: Network, scheme: str, host: str) -> str:
    """Where the page is by a fixed address, for somebody who came by another; else empty."""
    own = network.address.partition("/")[0]
    if network.way != "fixed" or not own or host.partition(":")[0] == own:
        return ""
    return f"{scheme}://{own}/"
