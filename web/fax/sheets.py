"""Pages of faxes as they are kept, and as pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from flask import Response, current_app, request, send_file
from werkzeug.exceptions import NotFound

from firmware.core.settings import Settings
from firmware.paper.errors import PaperError
from firmware.paper.portable import picture_of
from firmware.storage.faxes import FaxRow
from web.asking import kept
from web.gate import the_box

ROLES: Final = ("owner", "supervisor", "agent")
"""Who sees faxes and sends them."""
SMALL: Final = 240
LARGE: Final = 1_000
"""Width of pages as pictures: in a row, and to be read."""


def row_of(fax: int) -> FaxRow:
    """A fax by its number.

    Raises:
        NotFound: there is none.
    """
    return kept(lambda log: log.faxes.fax(fax))


def pages_of(row: FaxRow) -> bytes:
    """Its pages as TIFF.

    Raises:
        NotFound: they are not kept any more.
    """
    folder = current_app.extensions["records"].parent / "faxes"
    path = Path(row.file)
    if not row.file or path.parent != folder:
        raise NotFound
    try:
        return path.read_bytes()
    except OSError as problem:
        raise NotFound from problem


def png(tiff: bytes, page: int) -> Response:
    """A page as the asker wants it, numbered from 1.

    Raises:
        NotFound: there is no such page.
    """
    width = SMALL if "small" in request.args else LARGE
    try:
        made = picture_of(tiff, page, width)
    except PaperError as wrong:
        raise NotFound from wrong
    return send_file(io.BytesIO(made), mimetype="image/png")


def settings_in_force() -> Settings:
    """The settings, or those of a new office while nobody can be asked."""
    return the_box().settings() or Settings()
