"""Backups: one sealed file with a manifest and checksums, read back before it counts.

Inside is a zip whose first member is ``manifest.json``: what was taken, when, from which box, and
of every other member its size and SHA-256. A restore reads members by the names of the manifest,
never by those of the archive, and writes them below a folder that must be empty.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import secrets
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO, Final, Literal

import msgspec

from firmware.storage.errors import StorageError
from firmware.storage.folder import sync_file, sync_folder
from firmware.storage.record_reader import FILE_NAME
from firmware.storage.records import Records
from firmware.storage.rights import settle
from firmware.storage.sealed import (
    SALT_BYTES,
    Sealing,
    Unsealed,
    UnsealedFile,
    head_of,
    key_of,
)
from firmware.storage.settings import SettingsStore

MANIFEST: Final = "manifest.json"
FORM: Final = 1
MOST_FILES: Final = 100_000
MOST_BYTES: Final = 64 << 30
CHUNK_BYTES: Final = 1 << 20
SOUND: Final = ("recordings", "voicemail")
"""Folders of sound, sealed for the box's keys; so these go with them."""

KEYS: Final = "keys"
FAXES: Final = "faxes"
WITH_SOUND: Final = (KEYS, "prompts", FAXES, *SOUND)
NAME: Final = re.compile(
    rf"(settings|{'|'.join(WITH_SOUND)})/[A-Za-z0-9._/-]+|records\.sqlite|lines\.json"
)
"""What a backup may hold; anything else in a manifest is refused."""

SCRATCH: Final = "scratch"
"""Within the data folder: copies in the clear never leave the box's own card."""

What = Literal["all", "settings", "records"]


class BackupError(StorageError):
    """The backup cannot be made, read or restored."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a backup."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    form: int
    what: str
    made_at: str
    members: tuple[Member, ...]


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a backup that was restored into a folder."""

    made_at: str
    what: str
    files: int
    calls: int
    entries: int
    settings_version: int


class BackupKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a pass-phrase became: enough to make backups, and to open those it made."""

    key: bytes
    salt: bytes

    @classmethod
    def of(cls, passphrase: str) -> BackupKey:
        """A key of its own for every call.

        Raises:
            ValueError: the pass-phrase is too short.
        """
        salt = secrets.token_bytes(SALT_BYTES)
        return cls(key=key_of(passphrase, salt), salt=salt)


def backup(
    data: Path, target: Path, secret: str | BackupKey, *, what: What, now: datetime
) -> Restored:
    """Write one sealed file and read it back into a scratch folder; only then it has its name.

    Calls go on meanwhile: records are copied by SQLite's own backup from a second connection, and
    of a recording that grows what is there now is taken. Every byte is read back and its checksum
    compared; records and settings are opened as a start would.

    Args:
        data: The data folder.
        target: The file; its folder must exist.
        secret: A pass-phrase of at least twelve characters, or what it became.
        what: Everything, the settings alone, or everything but sound.
        now: Wall clock.

    Raises:
        BackupError: nothing has the name ``target``.
        ValueError: the pass-phrase is too short.
    """
    key = BackupKey.of(secret) if isinstance(secret, str) else secret
    part = target.with_name(f"{target.name}.part")
    try:
        with _scratch(data) as scratch:
            files = list(_files(data, scratch, what))
            with part.open("wb") as file:
                with contextlib.suppress(PermissionError):  # a stick without owners
                    os.fchmod(file.fileno(), 0o600)
                sealing = Sealing(file, key.key, key.salt)
                _write(sealing, files, what, now)
                sealing.close()
        found = try_restore(part, key, data)
        part.replace(target)
        sync_file(target)
        sync_folder(target.parent)
    except OSError as problem:
        with contextlib.suppress(OSError):
            part.unlink()
        raise BackupError(f"the backup {target} was not made: {problem}") from problem
    return found


def _files(data: Path, scratch: Path, what: What) -> Iterator[tuple[str, Path]]:
    """Names in the backup, and the files to read."""
    for path in sorted((data / "settings").glob("settings.json")):
        yield f"settings/{path.name}", path
    if what == "settings":
        return
    if (data / FILE_NAME).exists():
        copy = scratch / FILE_NAME
        with (
            contextlib.closing(
                sqlite3.connect(f"file:{data / FILE_NAME}?mode=ro", uri=True)
            ) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target, pages=4096)
        yield FILE_NAME, copy
    if (data / "lines.json").exists():
        yield "lines.json", data / "lines.json"
    if what == "all":
        for folder in WITH_SOUND:
            for path in sorted((data / folder).rglob("*")):
                if path.is_file() and not path.is_symlink() and path.suffix != ".tmp":
                    yield str(path.relative_to(data)), path


def _write(sealing: Sealing, files: list[tuple[str, Path]], what: What, now: datetime) -> None:
    members = []
    for name, path in files:
        size, digest = _digest(path)
        members.append(Member(name=name, size=size, sha256=digest))
    manifest = Manifest(
        form=FORM,
        what=what,
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        members=tuple(members),
    )
    with zipfile.ZipFile(_OneWay(sealing), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, msgspec.json.encode(manifest))
        for member, (name, path) in zip(members, files, strict=True):
            info = zipfile.ZipInfo(name)
            # What is sealed packs no better and costs a small board minutes.
            stored = name.startswith(SOUND)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as packed, path.open("rb") as file:
                left = member.size  # a recording may have grown since
                while left and (chunk := file.read(min(left, CHUNK_BYTES))):
                    packed.write(chunk)
                    left -= len(chunk)


class _OneWay:
    """What zipfile needs of a file that cannot be gone back in."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def write(self, data: bytes, /) -> int:
        return self._sealing.write(bytes(memoryview(data)))

    def flush(self) -> None:
        self._sealing.flush()

    def close(self) -> None:
        """The sealed file is closed by whoever opened it."""


def _digest(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def restore(source: Path, data: Path, secret: str | BackupKey, *, sound: bool = True) -> Restored:
    """Unseal a backup into an empty or absent data folder, and open what was restored.

    Args:
        source: The backup.
        data: The folder.
        secret: The pass-phrase, or what it became.
        sound: Without it recordings are read and compared and not written.

    Raises:
        BackupError: another pass-phrase, damage, an alien file, or the folder is in use. What was
            written until then is removed.
        ValueError: the pass-phrase is too short.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"{data} is not empty; a backup is restored into an empty folder")
    data.mkdir(parents=True, exist_ok=True)
    try:
        with source.open("rb") as sealed:
            salt, _ = head_of(sealed)
            key = key_of(secret, salt) if isinstance(secret, str) else secret.key
            text = Unsealed(sealed, key)
            for _ in text.pieces():
                pass  # all of it is what was sealed, before any of it is looked at
            manifest = _unpack(io.BufferedReader(UnsealedFile(text)), data, sound=sound)
        found = _opened(data, manifest)
        for part in sorted(data.iterdir()):
            settle(part, like=data)
    except (OSError, zipfile.BadZipFile, msgspec.MsgspecError) as problem:
        _empty(data)
        if isinstance(problem, BackupError):
            raise
        raise BackupError(f"{source} cannot be restored: {problem}") from problem
    return found


def try_restore(source: Path, secret: str | BackupKey, data: Path) -> Restored:
    """Restore into a scratch place within ``data``: what was found; nothing of it stays.

    Raises:
        BackupError: see :func:`restore`.
        ValueError: the pass-phrase is too short.
    """
    with _scratch(data) as scratch:
        return restore(source, scratch / "data", secret, sound=False)


@contextlib.contextmanager
def _scratch(data: Path) -> Iterator[Path]:
    """A folder that only we read and that is gone afterwards."""
    folder = data / SCRATCH
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="backup-", dir=folder) as made:
            yield Path(made)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _unpack(plain: IO[bytes], data: Path, *, sound: bool) -> Manifest:
    with zipfile.ZipFile(plain) as archive:
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
        if manifest.form != FORM:
            raise BackupError(f"the backup has form {manifest.form}; this firmware knows {FORM}")
        total = sum(member.size for member in manifest.members)
        if len(manifest.members) > MOST_FILES or total > MOST_BYTES:
            raise BackupError(f"the backup holds {len(manifest.members)} files and {total} bytes")
        for member in manifest.members:
            if not NAME.fullmatch(member.name) or ".." in member.name:
                raise BackupError(f"the backup names {member.name}, which no box has")
            written = sound or not member.name.startswith(SOUND)
            _take_out(archive, member, data / member.name if written else None)
    return manifest


def _take_out(archive: zipfile.ZipFile, member: Member, path: Path | None) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        packed = archive.open(member.name)
    except KeyError as missing:
        raise BackupError(f"{member.name} is missing in the backup") from missing
    with packed, _written(path) as file:
        while chunk := packed.read(CHUNK_BYTES):
            size += len(chunk)
            if size > member.size:
                break
            digest.update(chunk)
            if file is not None:
                file.write(chunk)
    if size != member.size or digest.hexdigest() != member.sha256:
        raise BackupError(f"{member.name} is not what the manifest says")


@contextlib.contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO | None]:
    """A new file that is on the card when it is left; nothing for no path."""
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        yield file
        file.flush()
        os.fsync(file.fileno())


def _opened(data: Path, manifest: Manifest) -> Restored:
    """Open what was restored as a start would."""
    version = calls = entries = 0
    if (data / "settings").exists():
        store = SettingsStore(data / "settings")
        version, _ = store.current()
        store.close()
    if (data / FILE_NAME).exists():
        records = Records.open(data / FILE_NAME)
        found = records.verify()
        calls = len(records.calls(-1))
        records.close()
        if found.broken_at is not None:
            raise BackupError(f"the records of the backup are not whole: {found.reason}")
        entries = found.events
    return Restored(
        made_at=manifest.made_at,
        what=manifest.what,
        files=len(manifest.members),
        calls=calls,
        entries=entries,
        settings_version=version,
    )


def _empty(data: Path) -> None:
    for path in sorted(data.rglob("*"), reverse=True):
        with contextlib.suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
