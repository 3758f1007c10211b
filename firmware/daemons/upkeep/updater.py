"""The updating program: carries out the course of an update on this machine. Root alone runs it.

Nothing it does needs a connection to anybody. Its orders are files that the service manager sees,
its answer is one file that call control and page read.
"""

from __future__ import annotations

import grp
import logging
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from firmware.control.update_messages import UpdateState
from firmware.core.product import VERSION
from firmware.daemons.upkeep import course, rauc, shapes
from firmware.daemons.upkeep.bringing import bring_back
from firmware.daemons.upkeep.state import FOLDER, STATE, read_state
from firmware.storage.folder import replace_file, sync_folder

log = logging.getLogger(__name__)

INCOMING: Final = "incoming.raucb"
HELD: Final = "held"
BUNDLE: Final = "bundle.raucb"
ON_STICK: Final = "tipring*.raucb"
SPARE_BYTES: Final = 200 << 20
"""So much of the card stays free when a bundle is copied from a stick: calls have to be kept."""


class Updater:
    """One run.

    Args:
        data: The data folder.
        booted: Tells the slot that runs; empty on a machine without slots.
        restart: Starts the machine anew.
    """

    def __init__(
        self,
        data: Path,
        *,
        booted: Callable[[], str] = rauc.booted_slot,
        restart: Callable[[], None] = rauc.restart,
    ) -> None:
        self._data = data
        self._booted, self._restart = booted, restart
        self._folder = data / FOLDER
        self._bundle = self._folder / HELD / BUNDLE

    def check(self, origin: str) -> int:
        """Look at what was uploaded; whatever cannot be installed does not stay."""
        incoming = self._folder / INCOMING
        if not incoming.is_file() or incoming.is_symlink():
            return 0
        # From here on the page cannot write to its name any more.
        self._bundle.parent.mkdir(mode=0o700, exist_ok=True)
        incoming.replace(self._bundle)
        os.chown(self._bundle, 0, 0)
        self._bundle.chmod(0o600)
        self._keep(UpdateState(step="checking", origin=origin, at=_now()))
        state = self._judged(origin)
        self._keep(state)
        if state.step == "refused":
            self._bundle.unlink(missing_ok=True)
            return 1
        return 0

    def install(self) -> int:
        """Write it to the slot that does not run. It is looked at again right before."""
        running = self._booted()
        old = self._state()
        if old.step != "offered" or not self._bundle.is_file() or not running:
            return 0
        state = self._judged(old.origin)
        if state.step == "offered":
            state = course.begun(state, "B" if running == "A" else "A", _now())
            self._keep(state)

            def percent(value: int) -> None:
                self._keep(replace(state, percent=value))

            problem = rauc.install(self._bundle, percent)
            state = course.written(state, problem, _now())
        self._bundle.unlink(missing_ok=True)  # written, or not to be tried again as it is
        self._keep(state)
        return 0 if state.step == "installed" else 1

    def drop(self) -> int:
        """Forget the bundle."""
        self._bundle.unlink(missing_ok=True)
        (self._folder / INCOMING).unlink(missing_ok=True)
        self._keep(UpdateState(at=_now()))
        return 0

    def take(self, stick: Path) -> int:
        """Copy the newest bundle of a stick and look at it."""
        found = sorted(path for path in stick.glob(ON_STICK) if path.is_file())
        if not found or self._state().step in {"installing", "installed", "trying"}:
            return 0
        newest = max(found, key=lambda path: path.stat().st_mtime)
        size, free = newest.stat().st_size, shutil.disk_usage(self._data).free
        if size + SPARE_BYTES > free:
            self._keep(
                UpdateState(
                    step="refused", problem="update-no-room", size=size, origin="stick", at=_now(),
                    detail=f"{size / 1e6:.0f} MB, {max(0, free - SPARE_BYTES) / 1e6:.0f} MB",
                )
            )  # fmt: skip
            return 1
        part = self._folder / HELD / "stick.part"
        part.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(newest, part)
        part.replace(self._folder / INCOMING)
        return self.check("stick")

    def start(self) -> int:
        """The box has started: what became of the update, and whether this slot reads the data."""
        for part in bring_back(self._data):
            log.warning("%s was brought back from a backup", part)
        slot = self._booted()
        before = self._state()
        state = course.started(before, slot, _now()) if slot else before
        if state.step != "offered":
            # A power cut while it was looked at or written left it, and nobody tries it again.
            self._bundle.unlink(missing_ok=True)
        set_aside = self._older_data()
        if set_aside and state.step == "returned":
            state = replace(state, detail=f"{state.detail} {set_aside}".strip())
        if state != before:
            self._keep(state)
        elif slot and not (self._folder / STATE).exists():
            self._keep(state)  # says that this machine has slots
        return 0

    def examined(self, unwell: str, detail: str) -> int:
        """The health check is over: tell the boot loader, and start anew where it has to be."""
        slot = self._booted()
        if not slot:
            return 0
        before = self._state()
        state, action = course.examined(before, slot, unwell, detail, _now())
        if state != before:
            self._keep(state)
        if action == "good":
            problem = rauc.mark(slot, good=True)
            log.info("slot %s is healthy%s", slot, f", but: {problem}" if problem else "")
            return 1 if problem else 0
        log.error("slot %s is not well: %s %s", slot, unwell, detail)
        if action == "back":
            rauc.mark(slot, good=False)
            self._restart()
        return 1

    # --- within -----------------------------------------------------------------------------------

    def _state(self) -> UpdateState:
        return read_state(self._data) or UpdateState()

    def _judged(self, origin: str) -> UpdateState:
        said, problem = rauc.info(self._bundle)
        state = course.looked_at(
            said, problem, self._bundle.stat().st_size, ran=VERSION, program=shapes.OWN,
            data=shapes.lying(self._data), at=_now(),
        )  # fmt: skip
        return replace(state, origin=origin)

    def _older_data(self) -> str:
        """A newer version changed the records and did not stay: take the copy it made before.

        Its own file is set aside and not thrown away; what happened in its hour is in there.
        """
        records = self._data / "records.sqlite"
        lying = shapes.lying(self._data)
        if lying.records <= shapes.OWN.records:
            return ""
        copies = [records.with_name(f"{records.name}.schema-{n}") for n in range(1, 1000)]
        own = [copy for copy in copies[: shapes.OWN.records] if copy.is_file()]
        if not own:
            return ""
        aside = records.with_name(f"{records.name}.newer-{lying.records}")
        owner = records.stat()
        for ending in ("", "-wal", "-shm"):
            file = records.with_name(records.name + ending)
            if file.exists():
                file.replace(aside.with_name(aside.name + ending))
        own[-1].replace(records)
        os.chown(records, owner.st_uid, owner.st_gid)
        records.chmod(owner.st_mode & 0o777)
        sync_folder(self._data)
        log.warning("%s takes the place of newer records, which are in %s", own[-1], aside)
        return aside.name

    def _keep(self, state: UpdateState) -> None:
        self._folder.mkdir(mode=0o2770, exist_ok=True)
        file = self._folder / STATE
        replace_file(file, msgspec.json.encode(state))
        file.chmod(0o640)
        try:
            os.chown(file, 0, grp.getgrnam("tipring").gr_gid)
        except (KeyError, PermissionError):
            log.debug("no group tipring on this machine")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
