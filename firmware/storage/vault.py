"""The keys by which recordings are sealed and opened.

Recordings are sealed for a public key (``firmware.storage.sealed_sound``), so the box seals while
its private key is locked by the owner's pass-phrase, and a thief of the card hears nothing.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

import soundfile
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from firmware.storage.folder import overwrite, replace_file, sync_folder
from firmware.storage.sealed import SALT_BYTES, SealedError, key_of
from firmware.storage.sealed_sound import HEAD_BYTES, PIECE_SAMPLES, OpenedSound, SoundSealing

MAGIC: Final = b"tiprec01"
"""Binds what a pass-phrase locks to its purpose."""

ENDING: Final = ".tpr"

PUBLIC: Final = ".pub"
PRIVATE: Final = ".key"
LOCKED: Final = ".locked"
RECORDINGS: Final = "recordings"


class LockedError(SealedError):
    """The owner's pass-phrase is needed."""


class Vault:
    """A key pair of the box, in a folder that only the box reads."""

    def __init__(self, folder: Path, name: str = RECORDINGS) -> None:
        """Read the keys, or make them on a new box.

        Args:
            folder: Of keys.
            name: What they are for, and the beginning of their files' names.

        Raises:
            OSError: they cannot be read or kept.
        """
        self._folder = folder
        self._public_at = folder / f"{name}{PUBLIC}"
        self._private_at = folder / f"{name}{PRIVATE}"
        self._locked_at = folder / f"{name}{LOCKED}"
        self._private: X25519PrivateKey | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._private_at.exists():
            self._private = X25519PrivateKey.from_private_bytes(self._private_at.read_bytes())
        elif not self._locked_at.exists():
            self._private = X25519PrivateKey.generate()
            replace_file(self._private_at, self._private.private_bytes_raw())
        if self._private is not None and not self._public_at.exists():
            replace_file(self._public_at, self._private.public_key().public_bytes_raw())
        self._public = X25519PublicKey.from_public_bytes(self._public_at.read_bytes())

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
        replace_file(self._locked_at, salt + nonce + kept)
        overwrite(self._private_at)
        sync_folder(self._folder)

    def unlock(self, passphrase: str) -> None:
        """Let recordings be opened until the box stops.

        Raises:
            LockedError: another pass-phrase.
            ValueError: too short to be one.
        """
        if not self._locked_at.exists():
            return
        kept = self._locked_at.read_bytes()
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


def erase_sound(path: Path) -> tuple[int, str] | None:
    """Remove a file of sound: size and SHA-256 of what it was; None if it is not there.

    Of a sealed one the key in its head is overwritten: without it the rest is noise, and writing
    zeros over all of it would wear the card as much as the recording did.

    Raises:
        OSError: it is still there.
    """
    return overwrite(path, HEAD_BYTES if path.suffix == ENDING else None)
