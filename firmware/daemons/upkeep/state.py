"""How an update stands, as the installing program leaves it for everybody else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from firmware.control.update_messages import UpdateState

FOLDER: Final = "updates"
STATE: Final = "state.json"


def read_state(data: Path) -> UpdateState | None:
    """How it stands; None on a machine without slots, where nobody leaves anything."""
    try:
        return msgspec.json.decode((data / FOLDER / STATE).read_bytes(), type=UpdateState)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        return UpdateState()
