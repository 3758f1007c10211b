"""One writer: an advisory lock on a file beside the thing that is written."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from firmware.storage.errors import StorageBusyError


class WriterLock:
    """Held from construction to ``close``; the kernel lets go of it when the program dies.

    The lock is on a side file, because the file itself is replaced at every write.

    Raises:
        StorageBusyError: another program holds it.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise StorageBusyError(
                f"Another program writes here already: {path} is locked."
            ) from error

    def close(self) -> None:
        """Let another program write."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
