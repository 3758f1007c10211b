"""A TinyDB storage that survives power cuts: the file is the old document or the new one.

Files, for a document ``settings.json``:

=============================  ====================================================================
``settings.json``              the document in force
``settings.json.tmp``          being written; never read, removed at the next start
``settings.json.gen-000012``   earlier generations, the ten newest
``settings.json.booted``       the one with which the box last came up well
``settings.json.bad-3``        a file that could not be read, kept; the alarm stays while it is here
``settings.json.seen-3``       the same after somebody acknowledged the alarm
``settings.json.factory``      says that having no document is right: a new box, or one reset
``settings.json.lock``         locked by the one writer
=============================  ====================================================================

An empty or missing file is never taken for a new box; only the marker is.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import tinydb

from firmware.storage.damage import Damage
from firmware.storage.envelope import DamagedError, Document, Envelope, seal, unseal
from firmware.storage.errors import SchemaTooNewError, StorageError, StorageLostError
from firmware.storage.folder import overwrite, replace_file, sync_folder, write_synced
from firmware.storage.lock import WriterLock

GENERATIONS: Final = 10
"""Earlier generations kept beside the one in force."""

BAD_FILES: Final = 5
"""Unreadable files kept for diagnosis, so that a dying card does not fill itself with them."""


class AtomicStorage(tinydb.Storage):
    """One document, written whole or not at all.

    TinyDB writes at every call of its own; here a write is only possible inside ``transaction``,
    and what happens inside becomes one commit.

    Args:
        path: The document's file; its folder must exist.
        schema: Number of the newest shape this program knows.

    Raises:
        StorageBusyError: another program writes this document.
        StorageLostError: nothing readable is left and there is no factory marker.
        SchemaTooNewError: the document was written by a newer firmware.
    """

    def __init__(self, path: Path | str, *, schema: int = 1) -> None:
        self.path = Path(path)
        self.schema = schema
        self._lock = WriterLock(self._beside("lock"))
        self._in_force: Envelope | None = None
        self._pending: Document | None = None
        self._open = False
        try:
            self._beside("tmp").unlink(missing_ok=True)
            self._beside("booted.tmp").unlink(missing_ok=True)
            self._in_force = self._load()
        except BaseException:
            self._lock.close()
            raise

    # --- what TinyDB asks ----------------------------------------------------------------------

    def read(self) -> dict[str, dict[str, Any]] | None:
        """A copy of the document; None only in factory state."""
        if self._pending is not None:
            return _copy(self._pending)
        return None if self._in_force is None else _copy(self._in_force.data)

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Note the new content for the commit of the transaction.

        Raises:
            StorageError: outside a transaction.
            ValueError: the content cannot be said in JSON.
        """
        if not self._open:
            raise StorageError(f"{self.path.name}: writing needs a transaction.")
        try:
            said = json.dumps(data, ensure_ascii=False, allow_nan=False)
            self._pending = msgspec.json.decode(said, type=Document)
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"The document cannot be kept as JSON: {error}.") from error

    def close(self) -> None:
        """Let another program write. Nothing is pending outside a transaction."""
        self._lock.close()

    # --- what we ask ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def transaction(self, now: datetime) -> Iterator[None]:
        """Everything written inside is one commit at its end; nothing if it raises.

        Args:
            now: Wall time for the envelope.

        Raises:
            OSError: not saved; the old document is in force.
            ValueError: the content is not JSON.
        """
        if self._open:
            raise StorageError(f"{self.path.name}: a transaction is open already.")
        self._open = True
        try:
            yield
            if self._pending is not None:
                self._commit(self._pending, now)
        finally:
            self._open = False
            self._pending = None

    @property
    def generation(self) -> int:
        """Number of the document in force; 0 in factory state."""
        return 0 if self._in_force is None else self._in_force.generation

    @property
    def alarms(self) -> tuple[Damage, ...]:
        """What a person must know, until ``acknowledge``; survives restarts."""
        return tuple(
            Damage(kind="document", file=self.path.name, kept=bad.name, generation=self.generation)
            for _, bad in self._numbered("bad")
        )

    def acknowledge(self) -> None:
        """A person has seen the alarms. The unreadable files stay for diagnosis."""
        for number, bad in self._numbered("bad"):
            bad.rename(self._beside(f"seen-{number}"))
        sync_folder(self.path.parent)

    def mark_booted(self) -> None:
        """Keep the document in force as the one with which the box came up well.

        A copy and not a link: it shall lie elsewhere on the card.
        """
        if self._in_force is None:
            return
        booted = self._beside("booted")
        with contextlib.suppress(OSError, DamagedError):
            if unseal(booted.read_bytes()).generation == self.generation:
                return
        replace_file(booted, self.path.read_bytes())

    def forget_generations(self) -> None:
        """Overwrite and remove every file but the document in force: a person was erased.

        Raises:
            OSError: one of them is still there.
        """
        old = [path for kind in ("gen", "seen", "bad") for _, path in self._numbered(kind)]
        for path in (*old, self._beside("booted")):
            overwrite(path)
        sync_folder(self.path.parent)

    # --- commit --------------------------------------------------------------------------------

    def _commit(self, data: Document, now: datetime) -> None:
        generation = self._last_number() + 1
        content = seal(data, schema=self.schema, generation=generation, written_at=now)
        temporary = self._beside("tmp")
        write_synced(temporary, content)
        try:
            if self._in_force is not None:
                # The document in force gets its second name before it loses its first.
                with contextlib.suppress(FileExistsError):
                    os.link(self.path, self._beside(f"gen-{self.generation:06d}"))
            temporary.replace(self.path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        previous, self._in_force = self._in_force, unseal(content)
        try:
            sync_folder(self.path.parent)
        except OSError:
            self._take_back(previous)
            raise
        # The save is durable; what follows is tidying, and the next start would do it as well.
        with contextlib.suppress(OSError):
            self._beside("factory").unlink(missing_ok=True)
            for _, old in self._numbered("gen")[:-GENERATIONS]:
                old.unlink()

    def _take_back(self, previous: Envelope | None) -> None:
        """The new name may not be on the card, so the save failed: bring the old one back."""
        with contextlib.suppress(OSError):
            if previous is None:
                self.path.unlink()
            else:
                temporary = self._beside("tmp")
                os.link(self._beside(f"gen-{previous.generation:06d}"), temporary)
                temporary.replace(self.path)
            self._in_force = previous

    def _last_number(self) -> int:
        kept = [number for number, _ in self._numbered("gen")]
        return max([self.generation, *kept])

    # --- load ----------------------------------------------------------------------------------

    def _load(self) -> Envelope | None:
        marker = self._beside("factory")
        try:
            envelope = self._read(self.path)
        except FileNotFoundError:
            if marker.exists():
                return None
            return self._fall_back("it is missing")
        except DamagedError as damage:
            return self._fall_back(str(damage))
        except OSError as error:
            # Only the card's own errors mean a bad file; others (rights, memory) are the caller's.
            if error.errno not in {errno.EIO, errno.EUCLEAN, errno.EBADMSG}:
                raise
            return self._fall_back(f"it cannot be read ({error.strerror})")
        # A first save whose last step was cut off leaves the marker behind.
        marker.unlink(missing_ok=True)
        return envelope

    def _fall_back(self, damage: str) -> Envelope:
        candidates = [kept for _, kept in reversed(self._numbered("gen"))]
        for candidate in [*candidates, self._beside("booted")]:
            try:
                envelope = self._read(candidate)
            except (OSError, DamagedError) as error:
                if isinstance(error, SchemaTooNewError):
                    raise
                continue
            self._keep_bad()
            replace_file(self.path, candidate.read_bytes())
            return envelope
        raise StorageLostError(
            f"{self.path} cannot be used ({damage}) and none of its {len(candidates)} earlier "
            f"generations can. To begin with factory settings create {self._beside('factory')} "
            f"and move {self.path.name} away."
        )

    def _keep_bad(self) -> None:
        """Set the unreadable file aside; where there is none, an empty one stands for it."""
        bad = self._numbered("bad")
        numbers = [0, *(number for number, _ in bad), *(n for n, _ in self._numbered("seen"))]
        aside = self._beside(f"bad-{max(numbers) + 1}")
        if self.path.exists():
            self.path.rename(aside)
        elif not bad:
            # With an alarm standing already, the file was set aside by a start that was cut off.
            write_synced(aside, b"")
        sync_folder(self.path.parent)
        for _, old in [*self._numbered("seen"), *self._numbered("bad")][:-BAD_FILES]:
            old.unlink(missing_ok=True)

    def _read(self, path: Path) -> Envelope:
        envelope = unseal(path.read_bytes())
        if envelope.schema > self.schema:
            raise SchemaTooNewError(
                f"{path} has schema {envelope.schema} and this firmware knows "
                f"{self.schema}: it was written by a newer firmware."
            )
        return envelope

    # --- names ---------------------------------------------------------------------------------

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{ending}")

    def _numbered(self, kind: str) -> list[tuple[int, Path]]:
        """Files ``<name>.<kind>-<number>``, lowest number first."""
        form = re.compile(re.escape(f"{self.path.name}.{kind}-") + r"(\d+)")
        found = ((form.fullmatch(path.name), path) for path in self.path.parent.iterdir())
        return sorted((int(match[1]), path) for match, path in found if match)


def mark_factory(path: Path | str) -> None:
    """Say that having no document at ``path`` is right: a new box. Done once, by who makes it."""
    path = Path(path)
    write_synced(path.with_name(f"{path.name}.factory"), b"")
    sync_folder(path.parent)


def _copy(data: Document) -> Document:
    return msgspec.json.decode(msgspec.json.encode(data), type=Document)
