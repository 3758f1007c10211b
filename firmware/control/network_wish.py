"""What calld wishes of the network, and what became of it: two files in the sockets' folder.

calld leaves the wish; ``firmware.daemons.network_file``, which the manager starts, carries it out
and tells; the page reads what was told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

from firmware.core.network_settings import Network

WISH: Final = "network.json"
"""A path unit watches for it."""

TOLD: Final = "network-told.json"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a wish.

    Attributes:
        state: In force; not believed; another program runs this machine's network; it failed.
        network: The wish.
    """

    state: Literal["applied", "refused", "elsewhere", "failed"]
    network: Network = Network()


def leave(run_folder: Path, network: Network) -> None:
    """Leave what is wanted, whole or not at all.

    Raises:
        OSError: the folder takes nothing.
    """
    new = run_folder / f"{WISH}.new"
    new.write_bytes(msgspec.json.encode(network))
    new.replace(run_folder / WISH)


def told(run_folder: Path) -> Told | None:
    """What became of the newest wish; None where nothing looks at wishes, or not yet."""
    try:
        return msgspec.json.decode((run_folder / TOLD).read_bytes(), type=Told)
    except (OSError, msgspec.DecodeError):
        return None
