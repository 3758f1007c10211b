"""Sound on the card: sealed as it is made, lent for a while, removed when its time comes."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
from collections.abc import Collection
from pathlib import Path

import msgspec

from firmware.core.commands import StartRecording
from firmware.daemons.desks.lending import Lending, Opener
from firmware.daemons.visits import FOLDER as MESSAGES
from firmware.media.recorder import repair_header
from firmware.storage.folder import overwrite, sync_folder
from firmware.storage.sealed_sound import samples_of
from firmware.storage.vault import ENDING, Vault, erase_sound

log = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A recording on the card: its id, size in bytes, and when it was finished (UTC seconds)."""

    recording: str
    path: Path
    size: int
    at_s: float


class Archive:
    """The folder of recordings, and that of messages beside it.

    Messages have a key pair of their own: whoever locks recordings by a pass-phrase does not lock
    anybody's mailbox.

    Args:
        folder: Of recordings.
        keys: Of the box's key pairs.
        lent: In memory: what people listen to.
        aside: Whether packing is done beside the loop; the bench does it at once.
    """

    def __init__(self, folder: Path, keys: Path, lent: Path, *, aside: bool) -> None:
        self.folder = folder
        self.vault = Vault(keys)
        self._vaults = {folder: self.vault, folder.parent / MESSAGES: Vault(keys, "messages")}
        self.lending = Lending(lent)
        self.problem = ""
        self._jobs: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._aside = aside
        if aside:
            threading.Thread(target=self._work, name="archive", daemon=True).start()

    # --- being recorded ---------------------------------------------------------------------------

    def sealed(self, command: StartRecording) -> StartRecording:
        """The same recording, of these folders, sealed from its first second on."""
        path = Path(command.path)
        vault = self._vaults.get(path.parent)
        if vault is None:
            return command
        kept = str(path.with_suffix(ENDING))
        return msgspec.structs.replace(command, path=kept, seal_for=vault.public.hex())

    # --- putting away -----------------------------------------------------------------------------

    def put_away(self, path: Path) -> None:
        """Pack and seal a WAV that a recording left; what cannot be now is tried at each start."""
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
            log.error("%s", self.problem)

    def _work(self) -> None:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        while True:
            self._keep(self._jobs.get())

    # --- lending ----------------------------------------------------------------------------------

    def find(self, recording: str) -> Path | None:
        """Where a recording lies, None if it is not there (any more)."""
        for ending in (ENDING, ".wav"):
            path = self.folder / f"{Path(recording).name}{ending}"
            if path.exists():
                return path
        return None

    def lend(self, recording: str) -> Path:
        """The recording as WAV, in memory. It takes a while.

        Raises:
            LookupError: it is not there.
            StorageError: it cannot be opened.
            OSError: it cannot be read.
        """
        path = self.find(recording)
        if path is None:
            raise LookupError(f"recording {recording} is not there (any more)")
        return path if path.suffix == ".wav" else self.lending.whole(path, self.vault.open)

    def played(self, name: str) -> tuple[Path, Opener] | None:
        """For a play-out: the sealed file behind a path, and how it is opened; None for others."""
        path = Path(name)
        vault = self._vaults.get(path.parent)
        kept = path.with_suffix(ENDING)
        if vault is None or (path.suffix != ENDING and path.exists()) or not kept.exists():
            return None
        return kept, vault.open

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
        """Remove it for ever: size and SHA-256 of what it was; None if it is not there.

        Raises:
            OSError: it is still there.
        """
        self.lending.forget(recording)
        path = self.find(recording)
        gone = None if path is None else erase_sound(path)
        if gone is not None:
            sync_folder(self.folder)
        return gone


def mended(path: Path) -> int:
    """Samples of a channel in a file of sound that a stop may have cut short; a WAV is mended.

    Raises:
        OSError: it is not there.
    """
    kept = path.with_suffix(ENDING)
    return samples_of(kept) if kept.exists() else repair_header(path)
