"""Recordings that grow sealed: nothing of them ever lies on the card in the clear.

Twelve seconds of both sides at a time are packed losslessly (FLAC) and sealed as one piece
(AES-256-GCM), so each byte goes to the card once, a power cut costs the piece that was being
spoken, and any piece can be read alone. Each file has its own key, wrapped for the box's X25519
public key (RFC 7748, HKDF-SHA-256 of RFC 5869): whoever records needs no secret. Overwriting the
wrapped key makes the rest unreadable for ever (cryptographic erase, NIST SP 800-88 Rev. 1, 2.5).

===============  ================================================================
``tiprec02``     eight bytes
ephemeral key    32 bytes, X25519 public
wrapped key      32 bytes and a tag of 16
nonce            eight bytes; the number of the piece follows it in each nonce
pieces           length (4 bytes, big endian, of what follows the two numbers),
                 samples of a channel (4 bytes), FLAC sealed with a tag of 16
last piece       the same without sound: nothing was cut off
===============  ================================================================
"""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt
import soundfile
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from firmware.core.memory_file import content_of, memory_file
from firmware.storage.sealed import SealedError

MAGIC: Final = b"tiprec02"
PUBLIC_BYTES: Final = 32
WRAPPED_BYTES: Final = 48
NONCE_BYTES: Final = 8
KEY_END: Final = len(MAGIC) + PUBLIC_BYTES + WRAPPED_BYTES
"""Without the bytes up to here nobody opens the rest."""

HEAD_BYTES: Final = KEY_END + NONCE_BYTES
PIECE_HEAD: Final = struct.Struct(">II")
TAG_BYTES: Final = 16
RATE_HZ: Final = 8_000
FRAME_BYTES: Final = 4  # both sides, 16 bits each
PIECE_SAMPLES: Final = 12 * RATE_HZ
"""With the second that waits in the tick's buffer a power cut costs less than 15 s."""

STEP_BYTES: Final = 16_384
"""So much is sealed before the interpreter is free for the tick again: under 1 ms at 20 MB/s,
which a small board without AES instructions does."""

LEVEL: Final = 0.5  # of FLAC: half way costs a third more time than 0 and is 2 % smaller
ONCE: Final = bytes(12)
"""Each wrapping key is used once, so its nonce may be constant (NIST SP 800-38D, 8.2.1)."""

Sound = npt.NDArray[np.int16]
"""(samples, 2): what the port said, what it heard."""


class Writable(Protocol):
    """Where sealed bytes go."""

    def write(self, data: bytes, /) -> int | None:
        """More of them."""
        ...


class SoundSealing:
    """Seals one recording while it grows. Close it: the last piece says that it is the last."""

    def __init__(self, file: Writable, public: bytes) -> None:
        """Write the head.

        Args:
            file: Open for writing, best without a buffer of its own.
            public: The box's public key, 32 bytes.

        Raises:
            ValueError: no public key.
            OSError: the card does not take it.
        """
        self._file = file
        self._key = secrets.token_bytes(32)
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._piece = 0
        self._waiting = bytearray()
        once = X25519PrivateKey.generate()
        ephemeral = once.public_key().public_bytes_raw()
        shared = once.exchange(X25519PublicKey.from_public_bytes(public))
        wrapped = AESGCM(_derived(shared, ephemeral)).encrypt(ONCE, self._key, MAGIC)
        file.write(MAGIC + ephemeral + wrapped + self._nonce)

    def write(self, data: bytes) -> bool:
        """More sound, 16 bits of both sides: whether a piece went to the file.

        Raises:
            OSError: the card does not take it.
        """
        self._waiting += data
        whole = PIECE_SAMPLES * FRAME_BYTES
        sealed = len(self._waiting) >= whole
        while len(self._waiting) >= whole:
            self._seal(bytes(self._waiting[:whole]))
            del self._waiting[:whole]
        return sealed

    def close(self) -> None:
        """Seal what waits, and the end.

        Raises:
            OSError: the card does not take it.
        """
        if len(self._waiting) >= FRAME_BYTES:
            self._seal(bytes(self._waiting))
        self._waiting.clear()
        self._seal(b"")

    def _seal(self, data: bytes) -> None:
        samples = len(data) // FRAME_BYTES
        text = _packed(np.frombuffer(data, "<i2", samples * 2).reshape(-1, 2)) if data else b""
        nonce = self._nonce + struct.pack(">I", self._piece)
        cipher = Cipher(algorithms.AES256(self._key), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(_about(self._piece, samples))
        self._file.write(PIECE_HEAD.pack(len(text) + TAG_BYTES, samples))
        for begin in range(0, len(text), STEP_BYTES):
            self._file.write(cipher.update(text[begin : begin + STEP_BYTES]))
        self._file.write(cipher.finalize() + cipher.tag)
        self._piece += 1


class OpenedSound:
    """A sealed recording, read from any place. Close it.

    Attributes:
        samples: Of a channel, that are there.
        whole: Whether it was closed; without that a power cut, or a person, took its end.
    """

    def __init__(self, path: Path, private: X25519PrivateKey) -> None:
        """Find the pieces.

        Raises:
            SealedError: no recording, or one of another box.
            OSError: it cannot be read.
        """
        self._name = path.name
        self._file = path.open("rb")
        try:
            self._key, self._nonce = self._unwrapped(private)
            self._pieces, self.whole = pieces_of(path)
        except BaseException:
            self._file.close()
            raise
        self.samples = sum(samples for _, _, samples in self._pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def sound(self, first: int = 0, count: int | None = None) -> Iterator[Sound]:
        """The sound from sample ``first``, at most ``count`` samples, piece by piece.

        Raises:
            SealedError: it was altered.
            OSError: it cannot be read.
        """
        end = self.samples if count is None else first + count
        at = 0
        for number, (place, length, samples) in enumerate(self._pieces):
            if samples and at < end and at + samples > first:
                sound = self._opened(number, place, length, samples)
                yield sound[max(0, first - at) : end - at]
            at += samples
        if self.whole:
            self._opened(len(self._pieces), self._file.seek(0, os.SEEK_END) - TAG_BYTES, 0, 0)

    def _unwrapped(self, private: X25519PrivateKey) -> tuple[AESGCM, bytes]:
        head = self._file.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
            raise SealedError(f"{self._name} is no recording of a tipring box")
        ephemeral = head[len(MAGIC) : len(MAGIC) + PUBLIC_BYTES]
        shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        wrapped = head[len(MAGIC) + PUBLIC_BYTES : KEY_END]
        try:
            key = AESGCM(_derived(shared, ephemeral)).decrypt(ONCE, wrapped, MAGIC)
        except InvalidTag as wrong:
            raise SealedError(f"{self._name} was sealed by another box, or altered") from wrong
        return AESGCM(key), head[KEY_END:]

    def _opened(self, number: int, place: int, length: int, samples: int) -> Sound:
        self._file.seek(place)
        sealed = self._file.read(length + TAG_BYTES)
        nonce = self._nonce + struct.pack(">I", number)
        try:
            text = self._key.decrypt(nonce, sealed, _about(number, samples))
        except InvalidTag as wrong:
            raise SealedError(f"{self._name}: piece {number + 1} was altered") from wrong
        return _unpacked(text) if text else np.zeros((0, 2), np.int16)


def pieces_of(path: Path) -> tuple[list[tuple[int, int, int]], bool]:
    """Place, bytes and samples of each whole piece with sound, and whether the end is there.

    Needs no key: this is how the length of a recording is known that a power cut left.

    Raises:
        OSError: it cannot be read.
    """
    found: list[tuple[int, int, int]] = []
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        at = HEAD_BYTES
        while at + PIECE_HEAD.size + TAG_BYTES <= size:
            file.seek(at)
            length, samples = PIECE_HEAD.unpack(file.read(PIECE_HEAD.size))
            at += PIECE_HEAD.size + length
            if samples == 0 or at > size:
                return found, samples == 0 and length == TAG_BYTES and at == size
            found.append((at - length, length - TAG_BYTES, samples))
    return found, False


def samples_of(path: Path) -> int:
    """Samples of a channel in a sealed recording.

    Raises:
        OSError: it cannot be read.
    """
    return sum(samples for _, _, samples in pieces_of(path)[0])


def _derived(shared: bytes, ephemeral: bytes) -> bytes:
    return HKDF(SHA256(), 32, ephemeral, b"tipring recording").derive(shared)


def _about(piece: int, samples: int) -> bytes:
    return struct.pack(">II", piece, samples)


def _packed(sound: npt.NDArray[np.int16]) -> bytes:
    with memory_file() as file:
        soundfile.write(
            file, sound, RATE_HZ, "PCM_16",
            format="FLAC", compression_level=LEVEL, closefd=False,
        )  # fmt: skip
        return content_of(file)


def _unpacked(text: bytes) -> Sound:
    sound: Sound
    with memory_file(text) as file:
        sound, _ = soundfile.read(file, dtype="int16", always_2d=True, closefd=False)
    return sound
