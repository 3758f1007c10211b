"""Files that only the holder of a key can read, in pieces, so that any place can be read alone.

AES-256-GCM (NIST SP 800-38D) over pieces of 64 kB. The nonce is eight random bytes of the file and
the piece's number; the number and whether it is the last piece are authenticated, so pieces can be
neither altered, moved, repeated nor left off at the end (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizar, 2015).

====================  ====================================
``tipring1``          eight bytes
salt                  sixteen bytes, zeros for a box's key
nonce                 eight bytes
pieces                each 65536 bytes of text and 16 more
====================  ====================================
"""

from __future__ import annotations

import io
import os
import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from firmware.storage.errors import StorageError

MAGIC: Final = b"tipring1"
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 8
HEAD_BYTES: Final = len(MAGIC) + SALT_BYTES + NONCE_BYTES
PIECE_BYTES: Final = 65_536
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32
BOX_SALT: Final = bytes(SALT_BYTES)

LEAST_PASSPHRASE: Final = 12  # characters; OWASP ASVS 5.0, 6.2.1 with a margin

# OWASP password storage, argon2id: 19 MiB, two passes, one lane.
MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1


class SealedError(StorageError):
    """The file cannot be read: another key, damaged, or cut off."""


class NotSealedError(SealedError):
    """It is no sealed file at all."""


def key_of(passphrase: str, salt: bytes) -> bytes:
    """The key that a pass-phrase gives: argon2id.

    Raises:
        ValueError: the pass-phrase is too short.
    """
    if len(passphrase) < LEAST_PASSPHRASE:
        raise ValueError(
            f"the pass-phrase has {len(passphrase)} characters; at least {LEAST_PASSPHRASE} are "
            "needed"
        )
    return hash_secret_raw(passphrase.encode(), salt, PASSES, MEMORY_KIB, LANES, KEY_BYTES, Type.ID)


class Sealing:
    """Writes one sealed file. Close it: the last piece says that it is the last."""

    def __init__(self, file: BinaryIO, key: bytes, salt: bytes = BOX_SALT) -> None:
        """``file`` is open for writing; ``salt`` is that of the pass-phrase."""
        self._file = file
        self._cipher = AESGCM(key)
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._piece = 0
        self._waiting = bytearray()
        file.write(MAGIC + salt + self._nonce)

    def write(self, data: bytes) -> int:
        """More of the text."""
        self._waiting += data
        while len(self._waiting) > PIECE_BYTES:
            self._seal(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return len(data)

    def flush(self) -> None:
        """Whole pieces are with the file already."""
        self._file.flush()

    def close(self) -> None:
        """Write the last piece and have it on the card."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seal(self, text: bytes, *, last: bool) -> None:
        nonce = self._nonce + struct.pack(">I", self._piece)
        self._file.write(self._cipher.encrypt(nonce, text, _about(self._piece, last=last)))
        self._piece += 1


class Unsealed:
    """Reads one sealed file, from any place."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        """``file`` is open for reading.

        Raises:
            SealedError: no sealed file.
        """
        file.seek(0, os.SEEK_END)
        self._pieces, rest = divmod(file.tell() - HEAD_BYTES, PIECE_BYTES + TAG_BYTES)
        self._pieces += rest > 0
        _, self._nonce = head_of(file)
        self._file = file
        self._cipher = AESGCM(key)

    def pieces(self, first: int = 0) -> Iterator[bytes]:
        """The text, piece by piece, from the ``first``-th.

        Raises:
            SealedError: another key, altered, or cut off.
        """
        if self._pieces < 1:
            raise SealedError("the file ends before its first piece")
        for number in range(first, self._pieces):
            yield self._piece(number)

    @property
    def size(self) -> int:
        """Bytes of the text."""
        self._file.seek(0, os.SEEK_END)
        return self._file.tell() - HEAD_BYTES - self._pieces * TAG_BYTES

    def read_at(self, place: int, length: int) -> bytes:
        """``length`` bytes from a place of the text, or fewer at its end."""
        first, skip = divmod(place, PIECE_BYTES)
        text = bytearray()
        for piece in self.pieces(first):
            text += piece
            if len(text) >= skip + length:
                break
        return bytes(text[skip : skip + length])

    def _piece(self, number: int) -> bytes:
        self._file.seek(HEAD_BYTES + number * (PIECE_BYTES + TAG_BYTES))
        sealed = self._file.read(PIECE_BYTES + TAG_BYTES)
        nonce = self._nonce + struct.pack(">I", number)
        about = _about(number, last=number == self._pieces - 1)
        try:
            return self._cipher.decrypt(nonce, sealed, about)
        except InvalidTag as wrong:
            raise SealedError(
                f"piece {number + 1} of {self._pieces} cannot be read: another pass-phrase or key, "
                "or the file was altered or cut off"
            ) from wrong


class UnsealedFile(io.RawIOBase):
    """The text of a sealed file as a file that is read from any place; nothing of it is kept."""

    def __init__(self, sealed: Unsealed) -> None:
        """``sealed`` is read as long as this is open."""
        self._sealed = sealed
        self._at = 0
        self._size = sealed.size

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # a buffer is one
        """Read as much as fits."""
        text = self._sealed.read_at(self._at, min(len(buffer), max(0, self._size - self._at)))
        buffer[: len(text)] = text
        self._at += len(text)
        return len(text)


def head_of(file: BinaryIO) -> tuple[bytes, bytes]:
    """Salt and nonce of a sealed file.

    Raises:
        SealedError: it is none.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
        raise NotSealedError("this is no sealed file of a tipring box")
    after = len(MAGIC) + SALT_BYTES
    return head[len(MAGIC) : after], head[after:]


def _about(piece: int, *, last: bool) -> bytes:
    return struct.pack(">I?", piece, last)
