"""The box's authority and certificate in the page's folder; a new one when it is needed."""

from __future__ import annotations

import logging
import os
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from web.tls.authority import Pair, fingerprint, may_vouch, new_authority, new_leaf, still_fits

log = logging.getLogger(__name__)

FOLDER: Final = "tls"
ALWAYS: Final = ("tipring.local", "localhost")
LOOPBACK: Final = ("127.0.0.1", "::1")


class Keeper:
    """What the page is trusted by.

    Args:
        folder: The page's own; a folder within it is made.
        address: Tells the box's address on the office's network, empty for none.
    """

    def __init__(self, folder: Path, address: Callable[[], str]) -> None:
        self._folder = folder / FOLDER
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._address = address

    @property
    def authority(self) -> bytes:
        """The authority's certificate, as PEM; empty while there is none."""
        pair = self._read("authority")
        return pair.certificate if pair else b""

    @property
    def fingerprint(self) -> str:
        """Of the authority, as browsers show it."""
        found = self.authority
        return fingerprint(found) if found else ""

    def look(self, now: datetime) -> bool:
        """Make what is missing, ending, or for another address; whether the certificate is new."""
        authority = self._read("authority")
        if authority is None:
            authority = new_authority(now)
            self._write("authority", authority)
        names = {*ALWAYS, own_name()}
        own = self._address()
        addresses = {*LOOPBACK, *([own] if own and may_vouch(own) else [])}
        leaf = self._read("page")
        if leaf is not None and still_fits(leaf.certificate, names, addresses, now):
            return False
        self._write("page", new_leaf(authority, names, addresses, now))
        log.info("the page has a new certificate for %s", ", ".join(sorted(names | addresses)))
        return True

    def load_into(self, context: ssl.SSLContext) -> None:
        """Connections from now on are made with the newest certificate."""
        context.load_cert_chain(self._path("page", "crt"), self._path("page", "key"))

    def _path(self, name: str, kind: str) -> Path:
        return self._folder / f"{name}.{kind}"

    def _read(self, name: str) -> Pair | None:
        try:
            return Pair(
                certificate=self._path(name, "crt").read_bytes(),
                key=self._path(name, "key").read_bytes(),
            )
        except OSError:
            return None

    def _write(self, name: str, pair: Pair) -> None:
        # The key first: without its certificate it is as if nothing were there.
        self._path(name, "crt").unlink(missing_ok=True)
        for kind, data in (("key", pair.key), ("crt", pair.certificate)):
            part = self._folder / f"{name}.part"
            part.unlink(missing_ok=True)
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(file, data)
                os.fsync(file)
            finally:
                os.close(file)
            part.replace(self._path(name, kind))


def own_name() -> str:
    """The name under which the network's name service shows this machine."""
    return f"{socket.gethostname().partition('.')[0].lower()}.local"
