"""Recordings at rest: losslessly packed, and sealed so that only the box's private key opens them.

Each file has its own key, wrapped for the box's X25519 public key (RFC 7748, HKDF-SHA-256 of RFC
5869, AES-256-GCM). So the box can seal while its private key is locked by the owner's pass-phrase,
and a thief of the card hears nothing.

===============  ==========================================
``tiprec01``     eight bytes
ephemeral key    32 bytes, X25519 public
wrapped key      32 bytes and a tag of 16
sealed file      see ``firmware.storage.sealed``; its text is FLAC
===============  ==========================================
"""

from __future__ import annotations

import io
import os
import secrets
import tempfile
from pathlib import Path
from typing import BinaryIO, Final, cast

import soundfile  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from firmware.storage.folder import CHUNK_BYTES, overwrite, replace_file, sync_folder
from firmware.storage.sealed import SALT_BYTES, SealedError, Sealing, Unsealed, key_of

MAGIC: Final = b"tiprec01"
PUBLIC_BYTES: Final = 32
WRAPPED_BYTES: Final = 48
HEAD_BYTES: Final = len(MAGIC) + PUBLIC_BYTES + WRAPPED_BYTES
ENDING: Final = ".tpr"
NONCE: Final = bytes(12)
"""Each wrapping key is used once, so its nonce may be constant (NIST SP 800-38D, 8.2.1)."""

PUBLIC: Final = "recordings.pub"
PRIVATE: Final = "recordings.key"
LOCKED: Final = "recordings.locked"
LEVEL: Final = 0.5  # of FLAC: half way costs a third more time than 0 and is 2 % smaller


class LockedError(SealedError):
    """The owner's pass-phrase is needed."""


class Vault:
    """The box's key pair for recordings, in a folder that only the box reads."""

    def __init__(self, folder: Path) -> None:
        """Read the keys, or make them on a new box.

        Raises:
            OSError: they cannot be read or kept.
        """
        self._folder = folder
        self._private: X25519PrivateKey | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        public, private = folder / PUBLIC, folder / PRIVATE
        if private.exists():
            self._private = X25519PrivateKey.from_private_bytes(private.read_bytes())
        elif not (folder / LOCKED).exists():
            self._private = X25519PrivateKey.generate()
            replace_file(private, self._private.private_bytes_raw())
        if self._private is not None and not public.exists():
            replace_file(public, self._private.public_key().public_bytes_raw())
        self._public = X25519PublicKey.from_public_bytes(public.read_bytes())

    @property
    def locked(self) -> bool:
        """Whether nothing can be opened before the pass-phrase is given."""
        return self._private is None

    def protect(self, passphrase: str) -> None:
        """From now on the private key lies on the card only under this pass-phrase.

        Raises:
            LockedError: the present pass-phrase has to be given first.
            ValueError: it is too short.
        """
        if self._private is None:
            raise LockedError("the recordings are locked; unlock them first")
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(12)
        text = self._private.private_bytes_raw()
        kept = AESGCM(key_of(passphrase, salt)).encrypt(nonce, text, MAGIC)
        replace_file(self._folder / LOCKED, salt + nonce + kept)
        overwrite(self._folder / PRIVATE)
        sync_folder(self._folder)

    def unlock(self, passphrase: str) -> None:
        """Let recordings be opened until the box stops.

        Raises:
            LockedError: another pass-phrase.
            ValueError: too short to be one.
        """
        path = self._folder / LOCKED
        if not path.exists():
            return
        kept = path.read_bytes()
        salt, nonce = kept[:SALT_BYTES], kept[SALT_BYTES : SALT_BYTES + 12]
        try:
            key = key_of(passphrase, salt)
            text = AESGCM(key).decrypt(nonce, kept[SALT_BYTES + 12 :], MAGIC)
        except InvalidTag as wrong:
            raise LockedError("this is not the pass-phrase of the recordings") from wrong
        self._private = X25519PrivateKey.from_private_bytes(text)

    def keep(self, wav: Path, scratch: Path) -> Path:
        """Put a finished WAV file away: packed, sealed, on the card, and the WAV is gone.

        Args:
            wav: The recording; the sealed file stands beside it with the ending ``.tpr``.
            scratch: A folder in memory, for the packed sound before it is sealed.

        Raises:
            OSError: the WAV is still there.
        """
        kept = wav.with_suffix(ENDING)
        temporary = wav.with_suffix(".tmp")
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=scratch) as packed:
            _pack(wav, packed)
            packed.seek(0)
            with temporary.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                sealing = self._begin(file)
                while chunk := packed.read(CHUNK_BYTES):
                    sealing.write(chunk)
                sealing.close()
        temporary.replace(kept)
        sync_folder(kept.parent)
        overwrite(wav)
        return kept

    def open(self, kept: Path) -> SealedSound:
        """The FLAC of a sealed recording, from any place; close it.

        Raises:
            LockedError: the pass-phrase is needed.
            SealedError: no recording of this box, or altered.
            OSError: it cannot be read.
        """
        if self._private is None:
            raise LockedError("the recordings are locked by the owner's pass-phrase")
        file = kept.open("rb")
        try:
            head = file.read(HEAD_BYTES)
            if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
                raise SealedError(f"{kept.name} is no recording of a tipring box")  # noqa: TRY301  # the file is closed below
            ephemeral = head[len(MAGIC) : len(MAGIC) + PUBLIC_BYTES]
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
            try:
                wrapped = head[len(MAGIC) + PUBLIC_BYTES :]
                key = AESGCM(_derived(shared, ephemeral)).decrypt(NONCE, wrapped, MAGIC)
            except InvalidTag as wrong:
                raise SealedError(f"{kept.name} was sealed by another box, or altered") from wrong
            return SealedSound(file, key)
        except BaseException:
            file.close()
            raise

    def unpack(self, kept: Path, wav: Path) -> None:
        """Write the WAV of a sealed recording.

        Raises:
            SealedError: see :meth:`open`.
            OSError: it cannot be read or written.
        """
        wav.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.open(kept) as sound, tempfile.TemporaryFile(dir=wav.parent) as packed:
            # Whole first: an altered piece is told by us, and not swallowed by the library.
            while text := sound.read(CHUNK_BYTES):
                packed.write(text)
            packed.seek(0)
            _unpack(packed, wav)

    def _begin(self, file: BinaryIO) -> Sealing:
        key = secrets.token_bytes(32)
        once = X25519PrivateKey.generate()
        ephemeral = once.public_key().public_bytes_raw()
        wrapped = AESGCM(_derived(once.exchange(self._public), ephemeral))
        file.write(MAGIC + ephemeral + wrapped.encrypt(NONCE, key, MAGIC))
        return Sealing(file, key)


class SealedSound(io.RawIOBase):
    """The text of a sealed recording as a file that can be read from any place."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        self._sealed = Unsealed(cast("BinaryIO", _Behind(file)), key)
        self._at = 0
        self._size = self._sealed.size

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

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()


class _Behind:
    """A file without its first ``HEAD_BYTES``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET:
            offset += HEAD_BYTES
        return self._file.seek(offset, whence) - HEAD_BYTES

    def tell(self) -> int:
        return self._file.tell() - HEAD_BYTES

    def read(self, size: int) -> bytes:
        return self._file.read(size)


def _derived(shared: bytes, ephemeral: bytes) -> bytes:
    return HKDF(SHA256(), 32, ephemeral, b"tipring recording").derive(shared)


def _pack(wav: Path, packed: object) -> None:
    with (
        soundfile.SoundFile(wav) as sound,
        soundfile.SoundFile(
            packed,
            "w",
            sound.samplerate,
            sound.channels,
            "PCM_16",
            format="FLAC",
            compression_level=LEVEL,
        ) as file,
    ):
        while len(block := sound.read(CHUNK_BYTES // 4, dtype="int16", always_2d=True)):
            file.write(block)


def _unpack(packed: object, wav: Path) -> None:
    with (
        soundfile.SoundFile(packed) as sound,
        soundfile.SoundFile(
            wav, "w", sound.samplerate, sound.channels, "PCM_16", format="WAV"
        ) as file,
    ):
        while len(block := sound.read(CHUNK_BYTES // 4, dtype="int16", always_2d=True)):
            file.write(block)
