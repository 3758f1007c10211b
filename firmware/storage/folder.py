"""The moves with files that survive a power cut, and the one that leaves nothing."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

CHUNK_BYTES: Final = 1 << 20
"""Files are read and overwritten in pieces of this size."""


def sync_folder(folder: Path) -> None:
    """Make names in ``folder`` durable: what was renamed, linked or removed."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sync_file(path: Path) -> None:
    """Make a file durable under the name that it has now.

    On FAT a name that a file was given by renaming stands for nothing, length 0, until the file
    itself is synced once more: its length and place lie in the entry of the name.
    """
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_synced(path: Path, content: bytes) -> None:
    """A new file with mode 0600 and its content on the card. Its name is not durable yet.

    Raises:
        OSError: it is not there, or not whole; the remains are removed where possible.
    """
    path.unlink(missing_ok=True)
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(opened, view) :]
        os.fsync(opened)
    except OSError:
        os.close(opened)
        opened = -1
        path.unlink(missing_ok=True)
        raise
    finally:
        if opened >= 0:
            os.close(opened)


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path``: afterwards it is the old file or the new one.

    Returns only when the new one survives a power cut.
    """
    temporary = path.with_name(path.name + ".tmp")
    write_synced(temporary, content)
    temporary.replace(path)
    sync_folder(path.parent)


def overwrite(path: Path, first: int | None = None) -> tuple[int, str] | None:
    """Remove a file so that its blocks hold zeros: size and SHA-256 of what it was, None if absent.

    A card that levels wear may keep an old copy of a block that no program can reach; only
    encryption helps against that.

    Args:
        path: The file.
        first: So many bytes at its begin are overwritten, all if not given: of a sealed file the
            key, without which nobody reads the rest.

    Raises:
        OSError: it is still there.
    """
    digest = hashlib.sha256()
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return None
    with file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        size = file.tell()
        file.seek(0)
        end = size if first is None else min(first, size)
        for begin in range(0, end, CHUNK_BYTES):
            file.write(bytes(min(CHUNK_BYTES, end - begin)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return size, digest.hexdigest()
