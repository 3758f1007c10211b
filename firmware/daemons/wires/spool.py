"""Recordings on their way to the card, and prompts on their way from it, off the tick's thread."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from firmware.daemons.wires.packed_prompt import PackedPrompt, packed
from firmware.daemons.wires.realtime import stand_behind
from firmware.media.recorder import wav_header
from firmware.storage.sealed_sound import SoundSealing

log = logging.getLogger(__name__)

SYNC_BYTES = 15 * 32_000  # 15 s of two channels: the most a power cut may cost
GROUP_MODE = 0o660  # whoever records is not who removes: two users of one group
QUEUE_BYTES = 8_000_000  # about 4 minutes of one recording while the card does not answer


class _Wav:
    """A recording as WAV, with a header that :func:`repair_header` can mend."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._total = self._unsynced = 0
        file.write(wav_header(0))

    def write(self, data: bytes) -> bool:
        self._file.write(data)
        self._total += len(data)
        self._unsynced += len(data)
        due = self._unsynced >= SYNC_BYTES
        if due:
            self._unsynced = 0
        return due

    def close(self) -> None:
        self._file.seek(0)
        self._file.write(wav_header(self._total))


class Spool:
    """Files being written. Ordinary code: call it from any thread that may wait."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[BinaryIO, _Wav | SoundSealing]] = {}
        self._failed: list[tuple[str, str]] = []

    def take_failed(self) -> list[tuple[str, str]]:
        """Recordings that the card took no more of, with the reason; each is told once."""
        failed, self._failed = self._failed, []
        return failed

    def _give_up(self, path: str, problem: OSError) -> None:
        """What is on the card stays; whoever records is told."""
        entry = self._files.pop(path, None)
        if entry is not None:
            with contextlib.suppress(OSError):
                entry[0].close()
        self._failed.append((path, problem.strerror or str(problem)))
        log.error("recording %s cannot be written: %s", path, problem)

    def open(self, path: str, seal_for: str = "") -> None:
        """Create the file; with a public key (hex) nothing of the sound is on the card in clear."""
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            file = Path(path).open("wb")  # noqa: SIM115  # it lives as long as the recording
            os.fchmod(file.fileno(), GROUP_MODE)
            writer = SoundSealing(file, bytes.fromhex(seal_for)) if seal_for else _Wav(file)
        except OSError as problem:
            self._give_up(path, problem)
            return
        self._files[path] = (file, writer)

    def write(self, path: str, data: bytes) -> None:
        """Append samples; what a power cut may cost stays under 15 s of sound."""
        entry = self._files.get(path)
        if entry is None:
            return
        file, writer = entry
        try:
            if writer.write(data):
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            self._give_up(path, problem)

    def close(self, path: str) -> None:
        """Complete the file and make it durable."""
        entry = self._files.get(path)
        if entry is None:
            return
        file, writer = entry
        try:
            writer.close()
            file.flush()
            os.fsync(file.fileno())
            file.close()
        except OSError as problem:
            self._give_up(path, problem)
            return
        del self._files[path]


class SpoolThread:
    """A :class:`Spool` behind a queue: the tick hands over and goes on.

    When the card stands still longer than the queue is deep, the recording loses sound and says
    so; the conversation loses nothing.
    """

    def __init__(self, spool: Spool | None = None) -> None:
        self._spool = spool or Spool()
        self._jobs: queue.SimpleQueue[tuple[str, str, bytes] | None] = queue.SimpleQueue()
        self._waiting = 0
        self.lost_bytes = 0
        self.problem = ""
        self._thread = threading.Thread(target=self._work, name="spool", daemon=True)
        self._thread.start()

    def open(self, path: str, seal_for: str = "") -> None:
        """A recording begins."""
        self._jobs.put(("open", path, seal_for.encode()))

    def write(self, path: str, data: bytes) -> None:
        """More of it."""
        if self._waiting > QUEUE_BYTES:
            self.lost_bytes += len(data)
            return
        self._waiting += len(data)
        self._jobs.put(("write", path, data))

    def close(self, path: str) -> None:
        """It is complete."""
        self._jobs.put(("close", path, b""))

    def take_failed(self) -> list[tuple[str, str]]:
        """Recordings that the card took no more of; a list is swapped, nothing waits."""
        return self._spool.take_failed()

    def stop(self) -> None:
        """Write what waits and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        stand_behind()
        while (job := self._jobs.get()) is not None:
            action, path, data = job
            try:
                match action:
                    case "open":
                        self._spool.open(path, data.decode())
                    case "write":
                        self._waiting -= len(data)
                        self._spool.write(path, data)
                    case _:
                        self._spool.close(path)
            except OSError as problem:
                self.problem = f"recording {path} cannot be written: {problem}"
                log.error("%s", self.problem)


CHANGED_S = 1.0
"""An owner who has recorded a prompt hears it at the next call."""

MOST_RECORDINGS = 8
"""Recordings kept in memory beside the prompts: as many as telephones that may listen at once."""


class PromptShelf:
    """Prompts in memory: all of the system's at start, an owner's when first asked for.

    ``source`` reads one prompt by name and may take its time; names that start with ``/`` are read
    on a thread and are ``None`` until they are there.
    """

    def __init__(
        self,
        source: Callable[[str], npt.NDArray[np.int16]],
        *,
        wait: bool,
        changed: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """``wait``: read in the caller's thread (the bench in virtual time).

        ``changed`` says which prompts an owner has replaced since it was asked last; it is asked
        once a second, on the thread, and those are read anew.
        """
        self._source = source
        self._changed = changed
        self._wait = wait
        self._shelf: dict[str, PackedPrompt | npt.NDArray[np.int16] | LookupError] = {}
        self._asked: set[str] = set()
        self._recordings: deque[str] = deque()
        self._names: queue.SimpleQueue[str] = queue.SimpleQueue()
        if not wait:
            threading.Thread(target=self._work, name="prompts", daemon=True).start()

    def preload(self, names: list[str]) -> None:
        """Read these before anybody asks: on the thread, while the card still comes up."""
        for name in names:
            self._asked.add(name)
            self._names.put(name)

    def __call__(self, name: str) -> npt.NDArray[np.int16] | None:
        """The prompt, None while it is read; ``LookupError`` with a sentence if it cannot be."""
        if self._wait:
            self._forget_changed()
        found = self._shelf.get(name)
        if found is None:
            if self._wait:
                self._read(name)
                found = self._shelf[name]
            else:
                if name not in self._asked:
                    self._asked.add(name)
                    self._names.put(name)
                return None
        if isinstance(found, LookupError):
            raise found
        return found.samples() if isinstance(found, PackedPrompt) else found

    def _read(self, name: str) -> None:
        try:
            sound = self._source(name)
            self._shelf[name] = packed(sound) or sound
        except (LookupError, OSError, ValueError) as problem:
            self._shelf[name] = LookupError(str(problem))
        if name.startswith("/"):
            # Recordings come and go; only the newest stay in memory.
            self._recordings.append(name)
            while len(self._recordings) > MOST_RECORDINGS:
                oldest = self._recordings.popleft()
                self._shelf.pop(oldest, None)
                self._asked.discard(oldest)

    def _work(self) -> None:
        while True:
            try:
                self._read(self._names.get(timeout=CHANGED_S))
            except queue.Empty:
                # Not before: while everything is read at the start, calls can wait for nobody.
                stand_behind()
                for name in self._forget_changed():
                    self._read(name)

    def _forget_changed(self) -> list[str]:
        try:
            gone = [name for name in self._changed() if self._shelf.pop(name, None) is not None]
        except OSError as problem:
            log.warning("own prompts cannot be looked through: %s", problem)
            return []
        return gone
