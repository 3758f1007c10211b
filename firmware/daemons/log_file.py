"""What a daemon says, kept for the page too: a short file in memory, beside its sockets."""

from __future__ import annotations

import io
import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

FOLDER: Final = "log"
"""Within the folder of the sockets, which lies in memory: no card is worn by it."""
MOST_BYTES: Final = 250_000
"""After that a new file begins; one older is kept."""
READABLE: Final = 0o640
"""The page's user reads it through the group."""

FORM: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Shared(RotatingFileHandler):
    def _open(self) -> io.TextIOWrapper:
        file = super()._open()
        os.fchmod(file.fileno(), READABLE)
        return file


def keep_log(run_folder: Path, daemon: str) -> None:
    """From now on what this process says goes into its file as well, if there can be one."""
    folder = run_folder / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _Shared(
            folder / f"{daemon}.log", maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError as problem:
        logging.getLogger(__name__).warning("no log for the page: %s", problem)
        return
    handler.setFormatter(logging.Formatter(FORM))
    logging.getLogger().addHandler(handler)
