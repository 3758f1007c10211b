"""Erasing a person from the whole box: records, settings and their generations, sound, copies."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

from firmware.control.office_messages import ErasedAnswer
from firmware.storage.erasure import core_digits, found_in, without
from firmware.storage.folder import overwrite
from firmware.storage.record_reader import FILE_NAME
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore
from firmware.storage.vault import ENDING, erase_sound

BACKUPS: Final = "backups"
"""Folder of the box's own backups: sealed, so they are not searched but named."""

COPIES: Final = re.compile(re.escape(FILE_NAME) + r"(-wal|-shm)?\.(schema|bad)-\d+$")


def erase_person(
    number: str,
    *,
    who: str,
    records: Records,
    settings: SettingsStore,
    data: Path,
    boot: str,
    wall: datetime,
    trusted: bool,
    now_ms: int,
    held: frozenset[str] = frozenset(),
) -> ErasedAnswer:
    """Erase, then search every file below ``data`` for what was erased.

    Args:
        number: In any form in which a person writes it.
        who: Who asked.
        records: Open for writing.
        settings: Open for writing.
        data: The data folder.
        boot: The boot that runs.
        wall: Wall clock now.
        trusted: Whether it is known to be right.
        now_ms: Monotonic time now.
        held: Files that a legal hold keeps.

    Raises:
        NumberError: too short to name a person.
        OSError: something could not be written; asked again it goes on where it stopped.
    """
    core = core_digits(number)
    gone = records.erase_number(
        number, who=who, boot=boot, wall=wall, trusted=trusted, now_ms=now_ms
    )
    what = dict(gone.what)
    version, document = settings.current()
    if version and any(
        without(settings.version(item.version), core) != settings.version(item.version)
        for item in settings.history()
    ):
        settings.redact(lambda content: without(content, core), wall)
        what["settings"] = int(without(document, core) != document)
    elif version:
        settings.forget_generations()
    removed = 0
    kept_back = []
    for name in gone.files:
        if name in held:
            kept_back.append(name)
            continue
        for path in (Path(name), Path(name).with_suffix(ENDING)):
            if erase_sound(_within(path, data)):
                removed += 1
    for path in sorted(data.iterdir()):
        # Copies from before an update and damaged files: nobody can take a number out of them.
        if COPIES.search(path.name):
            overwrite(path)
            removed += 1
    if removed:
        what["files"] = removed
    remains = {
        path: count
        for path, count in found_in(data, [core.encode()]).items()
        if not path.startswith(f"{BACKUPS}/")
    }
    older = sorted(path.name for path in (data / BACKUPS).glob("*")) if what else []
    return ErasedAnswer(
        calls=len(gone.calls),
        entries=len(gone.entries),
        what=what,
        kept_back=tuple(kept_back),
        remains=remains,
        older=tuple(older),
        proof=gone.proof,
        salt=gone.salt,
    )


def _within(path: Path, data: Path) -> Path:
    whole = path if path.is_absolute() else data / path
    if not whole.resolve().is_relative_to(data.resolve()):
        raise OSError(f"{path} lies outside of {data} and is left alone")
    return whole
