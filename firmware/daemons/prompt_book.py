"""Which prompts there are, for menus: the system's, the owner's, and recordings at a path."""

from __future__ import annotations

import hashlib
from pathlib import Path

from firmware.media.recorder import read_said
from ivr.prompts import RATE_HZ, PromptMissing, PromptStore, PromptUnreadable


class PromptBook:
    """Asked by flows before they say something; a look costs one file's entry in a folder.

    Args:
        store: The same prompts that lined plays.
        data: Recordings outside of this folder are not there for anybody.
    """

    def __init__(self, store: PromptStore, data: Path) -> None:
        self._store = store
        self._data = data.resolve()

    def has(self, name: str) -> bool:
        """Whether it can be heard."""
        if name.startswith("/"):
            path = Path(name).resolve()
            return path.is_relative_to(self._data) and path.is_file()
        try:
            return self._store.has(name)
        except ValueError:
            return False

    def length_ms(self, name: str) -> int:
        """How long a prompt is; 0 for one that cannot be heard."""
        try:
            sound = read_said(Path(name)) if name.startswith("/") else self._store.load(name)
        except (OSError, ValueError, PromptMissing, PromptUnreadable):
            return 0
        return len(sound) * 1000 // RATE_HZ

    def fingerprint(self, prompts: tuple[str, ...]) -> str:
        """SHA-256 over the samples (int16, little-endian) of these prompts in this order."""
        whole = hashlib.sha256()
        for name in prompts:
            try:
                sound = read_said(Path(name)) if name.startswith("/") else self._store.load(name)
            except (OSError, ValueError, PromptMissing, PromptUnreadable):
                continue
            whole.update(sound.astype("<i2").tobytes())
        return whole.hexdigest()
