"""The keys by which recordings are sealed and opened.

Recordings are sealed for a public key (``firmware.storage.sealed_sound``), so the box seals while
its private key is locked by the owner's pass-phrase, and a thief of the card hears nothing.
"""

from __future__ import annotations

import os
import secrets
import wave
from pathlib import Path
from typing import Final

import soundfile  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from firmware.storage.folder import overwrite, replace_file, sync_folder
from firmware.storage.sealed import SALT_BYTES, SealedError, key_of
from firmware.storage.sealed_sound import (
    FRAME_BYTES,
    PIECE_SAMPLES,
    RATE_HZ,
    OpenedSound,
    SoundSealing,
)

MAGIC: Final = b"tiprec01"
"""Binds what a pass-phrase locks to its purpose."""

ENDING: Final = ".tpr"

PUBLIC: Final = "recordings.pub"
PRIVATE: Final = "recordings.key"
LOCKED: Final = "recordings.locked"


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
    def public(self) -> bytes:
        """The key for which recordings are sealed."""
        return self._public.public_bytes_raw()

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

    def keep(self, wav: Path) -> Path:
        """Put a finished WAV file away: packed, sealed, on the card, and the WAV is gone.

        The sealed file stands beside it with the ending ``.tpr``.

        Raises:
            OSError: the WAV is still there.
        """
        kept, temporary = wav.with_suffix(ENDING), wav.with_suffix(".tmp")
        with temporary.open("wb") as file:
            temporary.chmod(0o600)
            sealing = SoundSealing(file, self.public)
            with soundfile.SoundFile(wav) as sound:
                while len(block := sound.read(PIECE_SAMPLES, dtype="int16", always_2d=True)):
                    sealing.write(block.astype("<i2").tobytes())
            sealing.close()
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(kept)
        sync_folder(kept.parent)
        overwrite(wav)
        return kept

    def open(self, kept: Path) -> OpenedSound:
        """A sealed recording, to be read from any place; close it.

        Raises:
            LockedError: the pass-phrase is needed.
            SealedError: no recording of this box, or altered.
            OSError: it cannot be read.
        """
        if self._private is None:
            raise LockedError("the recordings are locked by the owner's pass-phrase")
        return OpenedSound(kept, self._private)

    def unpack(self, kept: Path, wav: Path) -> None:
        """Write the WAV of a sealed recording; it has its name when it is whole.

        Raises:
            SealedError: see :meth:`open`.
            OSError: it cannot be read or written.
        """
        wav.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        growing = wav.with_suffix(".growing")
        try:
            with self.open(kept) as opened, wave.open(str(growing), "wb") as file:
                file.setnchannels(FRAME_BYTES // 2)
                file.setsampwidth(2)
                file.setframerate(RATE_HZ)
                for sound in opened.sound():
                    file.writeframesraw(sound.astype("<i2").tobytes())
            growing.replace(wav)
        finally:
            growing.unlink(missing_ok=True)
