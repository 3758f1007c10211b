"""Where an upload goes while it arrives: an update straight to its folder on the card.

An update is larger than the memory that the page may use, so its bytes never wait there. That
room is kept for who is signed in as one who may update; other requests have the usual limit.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, Final

from flask import Request, current_app, g

UPDATE: Final = "admin.take_update"
MOST_BYTES: Final = 600_000_000
"""A slot of 1 GiB packs to 135 MB today; the image's own bound is 450 MB."""

SPARE_BYTES: Final = 200 << 20
"""So much of the card stays free: calls have to be kept."""

MAY: Final = frozenset({"owner", "installer"})
PART: Final = "incoming.part"


def updates_folder(data: Path) -> Path:
    """Where updates wait; the installing program takes them from there."""
    return data / "updates"


class Arriving(Request):
    """A request that may bring an update."""

    @property
    def brings_update(self) -> bool:
        """Whether it may."""
        account = g.get("account")
        return (
            self.endpoint == UPDATE and account is not None and bool(MAY & frozenset(account.roles))
        )

    @property
    def max_content_length(self) -> int | None:
        """Bytes that are taken at most."""
        if self.brings_update:
            return MOST_BYTES
        return Request.max_content_length.fget(self)  # type: ignore[attr-defined,no-any-return]  # a property

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        Request.max_content_length.fset(self, value)  # type: ignore[attr-defined]  # a property

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """The file that one uploaded part is written to."""
        if self.brings_update and filename:
            folder: Path = current_app.extensions["updates"]
            if folder.is_dir():
                return (folder / PART).open("w+b")
        made: Any = super()._get_file_stream(
            total_content_length, content_type, filename, content_length
        )
        return made  # type: ignore[no-any-return]  # werkzeug's own
