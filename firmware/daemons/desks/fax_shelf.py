"""Where the pages of faxes lie: kept so that a power cut loses none, removed without a rest."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from pathlib import Path
from typing import Final

from firmware.paper.errors import PaperError
from firmware.paper.tiff import mended, pages_of, starting_at
from firmware.storage.faxes import REST
from firmware.storage.folder import overwrite, sync_folder, write_synced

log = logging.getLogger(__name__)

FOLDER: Final = "faxes"
"""Beside the records."""
PAGES: Final = "pages-"
"""Begin of the name of what has arrived of a fax that still comes."""
FOLDER_MODE: Final = 0o2770  # who receives is not who keeps: two users of one group
FILE_MODE: Final = 0o660
SENT: Final = "sent-"
"""Begin of the names of pages that are to be sent; those that came have the name of their fax."""


class FaxShelf:
    """The folder.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(exist_ok=True)
            # A box makes it at boot: the filter of a daemon's unit lets it set no such mode.
            if stat.S_IMODE(folder.stat().st_mode) != FOLDER_MODE:
                folder.chmod(FOLDER_MODE)
        except OSError as problem:
            log.warning("%s cannot be made: %s", folder, problem)

    def path_of(self, session: str) -> Path:
        """Where the pages of a fax that comes are written."""
        return self.folder / f"{Path(session).name}.tif"

    def secure(self, session: str, spool: Path) -> None:
        """What has arrived so far goes onto the card; when it returns it is safe. Takes a while.

        Args:
            session: Name of the fax.
            spool: The folder that the fax program writes to.
        """
        try:
            data = (spool / f"{Path(session).name}.tif").read_bytes()
            self.put(f"{PAGES}{Path(session).name}", data)
        except FileNotFoundError:
            return  # it was filed meanwhile
        except OSError as problem:
            log.warning("pages of %s are not safe yet: %s", session, problem)

    def put(self, name: str, pages: bytes) -> tuple[str, str]:
        """Keep pages: path and SHA-256. When it returns a power cut does not take them away.

        Raises:
            OSError: they are not kept.
        """
        path = self.folder / f"{name}.tif"
        temporary = path.with_suffix(".tmp")
        write_synced(temporary, pages)
        temporary.chmod(FILE_MODE)
        temporary.replace(path)
        sync_folder(self.folder)
        return str(path), hashlib.sha256(pages).hexdigest()

    def take_in(self, session: str, named: str) -> tuple[str, str, int]:
        """The pages of a fax that has come, whole: path, SHA-256, how many; nothing for none.

        What a stop tore is mended; a file that lies elsewhere is brought here.

        Raises:
            OSError: they cannot be read or kept.
        """
        copy = self.folder / f"{PAGES}{Path(session).name}.tif"
        for path in (Path(named) if named else copy, self.path_of(session), copy):
            try:
                data = path.read_bytes()
                whole = mended(data)
            except (FileNotFoundError, PaperError):
                continue
            count = len(pages_of(whole))
            if path != self.path_of(session) or whole != data:
                kept, digest = self.put(self.path_of(session).stem, whole)
                if path != self.path_of(session):
                    overwrite(path)
                overwrite(copy)
                return kept, digest, count
            safe(path)
            overwrite(copy)
            return str(path), hashlib.sha256(whole).hexdigest(), count
        return "", "", 0

    def rest(self, fax: int, file: str, sent: int) -> str:
        """The pages that have not arrived, for one session; the file itself if none has.

        Raises:
            OSError: it cannot be read or written.
            PaperError: none is left, or it is damaged.
        """
        if not sent:
            return file
        path = self.folder / f"{REST}{fax}.tif"
        path.unlink(missing_ok=True)
        path.write_bytes(starting_at(Path(file).read_bytes(), sent))  # made anew after a power cut
        path.chmod(FILE_MODE)
        return str(path)

    def drop_rest(self, fax: int) -> None:
        """That session is over."""
        overwrite(self.folder / f"{REST}{fax}.tif")

    def remove(self, file: str) -> tuple[int, str] | None:
        """Take a file away so that its blocks hold zeros: size and SHA-256, None if absent.

        Raises:
            OSError: it is still there, or lies outside of the folder.
        """
        path = Path(file)
        if path.resolve().parent != self.folder.resolve():
            raise OSError(f"{path} lies outside of {self.folder} and is left alone")
        gone = overwrite(path)
        if gone is not None:
            sync_folder(self.folder)
        return gone

    def sweep(self, known: frozenset[str], coming: frozenset[str]) -> None:
        """Take away what a stop left between a file and its entry: pages nobody was told of.

        Args:
            known: Files of faxes.
            coming: Sessions that are not over.
        """
        held = {f"{PAGES}{Path(session).name}.tif" for session in coming}
        for path in self.folder.glob("*"):
            ours = path.name.startswith((SENT, REST, PAGES)) and path.name not in held
            if ours and str(path) not in known and path.is_file():
                overwrite(path)


def safe(path: Path) -> None:
    """When it returns a power cut takes neither the file's content nor its name.

    Raises:
        OSError: it is not there, or the card does not write.
    """
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
    sync_folder(path.parent)
