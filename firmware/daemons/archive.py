"""Recordings: sealed as they are made, lent for a while, removed when their time comes."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Final

import msgspec

from firmware.core.commands import StartRecording
from firmware.media.recorder import repair_header
from firmware.storage.errors import StorageError
from firmware.storage.folder import overwrite, sync_folder
from firmware.storage.sealed_sound import HEAD_BYTES
from firmware.storage.vault import ENDING, Vault

log = logging.getLogger(__name__)

LENT_AT_ONCE: Final = 8
"""Recordings in memory for people who listen: as many as telephones."""


def erase_sound(path: Path) -> tuple[int, str] | None:
    """Remove a file of sound: size and SHA-256 of what it was; None if it is not there.

    Of a sealed one the key in its head is overwritten: without it the rest is noise, and writing
    zeros over all of it would wear the card as much as the recording did.

    Raises:
        OSError: it is still there.
    """
    return overwrite(path, HEAD_BYTES if path.suffix == ENDING else None)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A recording on the card: its id, size in bytes, and when it was finished (UTC seconds)."""

    recording: str
    path: Path
    size: int
    at_s: float


class Archive:
    """The folder of recordings.

    Args:
        folder: Of recordings.
        keys: Of the box's key pair.
        lent: In memory: what people listen to.
        aside: Whether packing is done beside the loop; the bench does it at once.
    """

    def __init__(self, folder: Path, keys: Path, lent: Path, *, aside: bool) -> None:
        self.folder = folder
        self.vault = Vault(keys)
        self.lent = lent
        self.problem = ""
        self._jobs: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._aside = aside
        self.return_all()
        if aside:
            threading.Thread(target=self._work, name="archive", daemon=True).start()

    # --- putting away -----------------------------------------------------------------------------

    def put_away(self, path: Path) -> None:
        """Pack and seal a finished recording; what cannot be sealed now is tried at each start."""
        if self._aside:
            self._jobs.put(path)
        else:
            self._keep(path)

    def put_all_away(self, running: Collection[str]) -> None:
        """What a stop left: every WAV but those that still grow, mended first."""
        for path in sorted(self.folder.glob("*.wav")):
            if path.stem not in running:
                self.put_away(path)

    def _keep(self, path: Path) -> None:
        try:
            if path.suffix != ".wav" or not path.exists():
                return
            if repair_header(path) == 0:
                overwrite(path)
                return
            self.vault.keep(path)
            self.problem = ""
        except (OSError, RuntimeError) as problem:
            self.problem = f"recording {path.name} cannot be sealed: {problem}"
            log.error("%s", self.problem)  # noqa: TRY400  # the sentence says it all

    def _work(self) -> None:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        while True:
            self._keep(self._jobs.get())

    # --- being recorded ---------------------------------------------------------------------------

    def sealed(self, command: StartRecording) -> StartRecording:
        """The same recording of this folder sealed from its first second on."""
        path = Path(command.path)
        if path.parent != self.folder:
            return command
        kept = str(path.with_suffix(ENDING))
        return msgspec.structs.replace(command, path=kept, seal_for=self.vault.public.hex())

    # --- lending ----------------------------------------------------------------------------------

    def find(self, recording: str) -> Path | None:
        """Where a recording lies, None if it is not there (any more)."""
        for ending in (ENDING, ".wav"):
            path = self.folder / f"{Path(recording).name}{ending}"
            if path.exists():
                return path
        return None

    def lend(self, recording: str) -> Path:
        """The recording as WAV, in memory.

        Raises:
            LookupError: it is not there.
            StorageError: it cannot be opened.
            OSError: it cannot be read.
        """
        path = self.find(recording)
        if path is None:
            raise LookupError(f"recording {recording} is not there (any more)")
        if path.suffix == ".wav":
            return path
        wav = self.lent / f"{path.stem}.wav"
        if not wav.exists():
            lent = sorted(self.lent.glob("*.wav"), key=lambda p: p.stat().st_mtime)
            for oldest in lent[: max(0, len(lent) - LENT_AT_ONCE + 1)]:
                oldest.unlink()
            self.vault.unpack(path, wav)
            wav.chmod(0o640)
        return wav

    def lent_path(self, path: str) -> str:
        """For a play-out: where the sound of a recording's path is now; itself if it cannot be."""
        asked = Path(path)
        if asked.parent != self.folder or asked.exists():
            return path
        try:
            return str(self.lend(asked.stem))
        except (LookupError, OSError, StorageError) as problem:
            log.warning("%s", problem)
            return path

    def return_all(self) -> None:
        """Nobody listens: nothing unsealed stays in memory."""
        for wav in self.lent.glob("*.wav"):
            wav.unlink()

    # --- removing ---------------------------------------------------------------------------------

    def all(self) -> list[Kept]:
        """Every recording, oldest first."""
        found = []
        for path in self.folder.glob("*"):
            if path.suffix in {ENDING, ".wav"} and path.is_file():
                seen = path.stat()
                found.append(
                    Kept(recording=path.stem, path=path, size=seen.st_size, at_s=seen.st_mtime)
                )
        return sorted(found, key=lambda kept: (kept.at_s, kept.recording))

    def remove(self, recording: str) -> tuple[int, str] | None:
        """Overwrite and remove it: size and SHA-256 of what it was; None if it is not there.

        Raises:
            OSError: it is still there.
        """
        (self.lent / f"{Path(recording).name}.wav").unlink(missing_ok=True)
        path = self.find(recording)
        gone = None if path is None else erase_sound(path)
        if gone is not None:
            sync_folder(self.folder)
        return gone
