"""Put the daemons together from a machine configuration and the devices they are given.

Genuine devices are opened in ``firmware.daemons.start``; the bench gives others. Nothing here
knows which it got.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from firmware.config import Machine
from firmware.daemons.calld import Calld
from firmware.daemons.card_space import space_of
from firmware.daemons.desks.archive import Archive
from firmware.daemons.desks.claim import CODE_DIGITS
from firmware.daemons.prompt_book import PromptBook
from firmware.daemons.upkeep.starts import StartBook
from firmware.daemons.upkeep.state import read_state
from firmware.daemons.wires.assembly import lent_folder, prompt_store
from firmware.storage.line_profiles import LineProfileStore
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new

RECORDS = "records.sqlite"
SETTINGS = "settings"
LINES = "lines.json"
KEYS = "keys"


def draw_code() -> str:
    """Six digits that nobody can foresee."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def build_calld(
    machine: Machine,
    *,
    boot: str,
    now_ms: int,
    wall: datetime,
    aside: bool = False,
    counted: bool = False,
) -> Calld:
    """Calld without its loop, on the data folder of the configuration.

    ``aside``: recordings are put away beside the loop, and the card's room is looked at.
    ``counted``: starts that fail are counted, for safe mode; with ``aside`` always.
    """
    data = Path(machine.folders.data)
    data.mkdir(parents=True, exist_ok=True)
    records, damage = Records.open_or_set_aside(data / RECORDS)
    folder = data / SETTINGS
    if not folder.exists():
        # A data partition without this folder is a new box; an empty folder is a loss.
        folder.mkdir()
        mark_new(folder)
    return Calld(
        records=records,
        settings=SettingsStore(folder),
        country=machine.country,
        recordings=data / "recordings",
        boot=boot,
        now_ms=now_ms,
        wall=wall,
        damage=(damage,) if damage is not None else (),
        lines=LineProfileStore(data / LINES),
        draw_code=draw_code,
        prompts=PromptBook(prompt_store(machine), data),
        prompt_folder=Path(machine.folders.prompts or data / "prompts"),
        archive=Archive(data / "recordings", data / KEYS, lent_folder(machine), aside=aside),
        voice=machine.voice.command,
        space=(lambda: space_of(data)) if aside else None,
        updates=lambda: read_state(data),
        starts=StartBook(data, boot) if aside or counted else None,
    )
