"""What people ask of recordings, legal holds, and what is removed when its time has come."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from firmware.control.messages import Refused
from firmware.control.office_messages import OfficeRequest
from firmware.control.recording_messages import (
    DeleteRecording,
    HoldRecording,
    LockRecordings,
    OpenRecording,
    RecordingDone,
)
from firmware.core.commands import Play, StartRecording
from firmware.core.desk_entries import Audited, RecordingHeld, RecordingRemoved, RetentionRun
from firmware.core.events import RecordingFinished
from firmware.core.log_entries import AnyLogEntry, RecordingEnded, RecordingStarted
from firmware.core.menu_entries import ForgetAsked
from firmware.core.recording_settings import days_of
from firmware.core.settings import Settings
from firmware.daemons.aside import Aside
from firmware.daemons.desks.archive import Archive, Kept
from firmware.daemons.desks.forget_wishes import ForgetWishes
from firmware.daemons.desks.lending import PlayOpener
from firmware.storage.errors import StorageError
from firmware.storage.records import Records

log = logging.getLogger(__name__)

FIRST_RUN_MS: Final = 60_000
RUN_MS: Final = 3_600_000
HOLDS: Final = "recordings_held"
KEPT_FOR: Final = {
    "bad_mark": ("差评待复核", "a bad mark is being looked into"),
    "complaint": ("投诉未结案", "a complaint is open"),
}
"""What keeps a recording beside a person's word."""

DAY_S: Final = 86_400
MB: Final = 1_000_000

Answered = tuple[msgspec.Struct, Sequence[AnyLogEntry]]


class RecordingDesk:
    """Answers requests about recordings; every look at one is an entry of the log.

    Args:
        archive: The recordings; None leaves them as they were recorded.
        records: Open for writing.
        settings: Those in force, at any time.
    """

    def __init__(
        self, archive: Archive | None, records: Records, settings: Callable[[], Settings]
    ) -> None:
        self._archive = archive
        self.opener = None if archive is None else PlayOpener(archive.lending, archive.played)
        self._records = records
        self._settings = settings
        self._wishes = ForgetWishes(records)
        self._running: set[str] = set()
        self._stopped = ""  # why the card took no more of a recording
        self._due_ms: int | None = None

    # --- what the office does ---------------------------------------------------------------------

    @property
    def alarms(self) -> tuple[str, ...]:
        """What people must know, in the office's language."""
        return self.alarms_in(self._settings().language)

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """The same in another one."""
        found = []
        if self._stopped:
            zh = language.startswith("zh")
            chinese = f"录音已停止，存储卡写不进：{self._stopped}；通话不受影响"
            english = (
                f"Recording has stopped, the card takes no more ({self._stopped}); calls go on."
            )
            found.append(chinese if zh else english)
        if self._archive is not None and self._archive.problem:
            found.append(self._archive.problem)
        return tuple(found)

    def finished(self, event: RecordingFinished) -> None:
        """A recording is closed; with a reason the card did not take all of it."""
        self._stopped = event.reason

    def told(self, entries: Sequence[AnyLogEntry]) -> None:
        """Entries that were just kept: what is complete is put away."""
        for entry in entries:
            if isinstance(entry, RecordingStarted):
                self._running.add(entry.recording)
            elif isinstance(entry, RecordingEnded):
                self._running.discard(entry.recording)
                if self._archive is not None:
                    self._archive.put_away(self._archive.folder / f"{entry.recording}.wav")
            elif isinstance(entry, ForgetAsked):
                self._wishes.add(entry)
                self._due_ms = entry.at_ms

    def put_all_away(self, running: Sequence[str]) -> None:
        """What a stop left, except what lined still records."""
        self._running = set(running)
        if self._archive is not None:
            self._archive.put_all_away(running)

    def sealed(self, command: StartRecording) -> StartRecording:
        """The same recording, sealed as it grows."""
        return command if self._archive is None else self._archive.sealed(command)

    def opened(self, play: Play) -> Play | None:
        """The play-out with its recordings opened for whoever listens; None while that goes on."""
        return play if self.opener is None else self.opener.begun(play)

    def unseal(self, request: OpenRecording, aside: Aside, then: Callable[[], None]) -> None:
        """Open beside the loop what is asked for, then go on; :meth:`answer` says what failed."""
        archive = self._archive
        if archive is None:
            then()
            return

        def work() -> None:
            with contextlib.suppress(LookupError, StorageError, OSError):
                archive.lend(request.recording)

        aside(work, lambda _: then())

    def lend_message(
        self, path: str, aside: Aside, reply: Callable[[msgspec.Struct], None]
    ) -> None:
        """A mailbox's message as WAV in memory, opened beside the loop, for whoever mails it."""
        archive = self._archive

        def work() -> msgspec.Struct:
            try:
                found = archive.played(path) if archive is not None else None
                if archive is None or found is None:
                    return RecordingDone(path=path)
                return RecordingDone(path=str(archive.lending.whole(*found)))
            except (LookupError, StorageError, OSError) as problem:
                return Refused(id="no-sound", message=str(problem))

        aside(work, reply)

    @property
    def deadlines(self) -> list[int]:
        """When :meth:`retain` wants to be called."""
        return [] if self._due_ms is None else [self._due_ms]

    def due(self, now_ms: int) -> bool:
        """Whether to look what is beyond its time: a minute after a start, then hourly."""
        if self._archive is None:
            return False
        if self._due_ms is None:
            self._due_ms = now_ms + FIRST_RUN_MS
        return now_ms >= self._due_ms

    # --- what people ask --------------------------------------------------------------------------

    def holds(self) -> dict[str, str]:
        """Recordings that may not be removed, each with its reason."""
        text = self._records.document(HOLDS)
        return msgspec.json.decode(text, type=dict[str, str]) if text else {}

    def _why_kept(self, recording: str) -> str:
        """Why a recording may not be removed, in the office's language; empty if it may."""
        reasons = [self.holds()[recording]] if recording in self.holds() else []
        zh = self._settings().language.startswith("zh")
        causes = self._records.cases.held_calls().get(_call(recording), ())
        reasons += [KEPT_FOR.get(why, (why, why))[0 if zh else 1] for why in causes]
        return "、".join(reasons) if zh else ", ".join(reasons)

    def held_files(self) -> frozenset[str]:
        """The same as paths, sealed or not, for erasing."""
        if self._archive is None:
            return frozenset()
        found = [self._archive.folder / recording for recording in self.holds()]
        return frozenset(f"{path}{ending}" for path in found for ending in (".wav", ".tpr"))

    def answer(self, request: OfficeRequest, now_ms: int, wall: datetime) -> Answered:
        """Carry out one request; a mistake is a sentence."""
        zh = self._settings().language.startswith("zh")
        if self._archive is None:
            return Refused(id="recording-none", message="this box puts no recordings away"), ()
        try:
            match request:
                case OpenRecording():
                    path = self._archive.lend(request.recording)
                    done = RecordingDone(recording=request.recording, path=str(path))
                    return done, (self._audit(request, request.action, request.recording, now_ms),)
                case HoldRecording():
                    return self._hold(request, now_ms, wall)
                case DeleteRecording():
                    return self._delete(request, now_ms)
                case LockRecordings():
                    if request.unlock:
                        self._archive.vault.unlock(request.passphrase)
                    else:
                        self._archive.vault.protect(request.passphrase)
                    action = "unlock" if request.unlock else "lock"
                    return RecordingDone(), (self._audit(request, action, "recordings", now_ms),)
                case _:
                    return Refused(id="unknown-request", message="not known here"), ()
        except LookupError:
            name = getattr(request, "recording", "")
            said = (
                f"没有录音 {name}，或已删除。"
                if zh
                else f"There is no recording {name} (any more)."
            )
            return Refused(id="recording-none", message=said), ()
        except (StorageError, OSError, ValueError) as problem:
            return Refused(id="recording-not-done", message=str(problem)), ()

    def _hold(self, request: HoldRecording, now_ms: int, wall: datetime) -> Answered:
        if self._archive is None or self._archive.find(request.recording) is None:
            raise LookupError(request.recording)
        holds = self.holds()
        holds.pop(request.recording, None)
        if request.held:
            holds[request.recording] = request.why
        entry = RecordingHeld(
            at_ms=now_ms,
            recording=request.recording,
            held=request.held,
            why=request.why,
        )
        self._records.append(
            [],
            boot="",
            wall=wall,
            trusted=True,
            now_ms=now_ms,
            documents={HOLDS: msgspec.json.encode(holds).decode()},
        )
        action = "hold" if request.held else "release"
        audit = self._audit(request, action, request.recording, now_ms, request.why)
        return RecordingDone(recording=request.recording), (entry, audit)

    def _delete(self, request: DeleteRecording, now_ms: int) -> Answered:
        if why := self._why_kept(request.recording):
            zh = self._settings().language.startswith("zh")
            said = f"录音 {request.recording} 被保留：{why}" if zh else f"It is held: {why}"
            return Refused(id="recording-held", message=said), ()
        gone = None if self._archive is None else self._archive.remove(request.recording)
        if gone is None:
            raise LookupError(request.recording)
        entry = _removed(request.recording, request.why or "asked for", gone, now_ms)
        audit = self._audit(request, "delete", request.recording, now_ms, request.why)
        done = RecordingDone(recording=request.recording, size=gone[0], sha256=gone[1])
        return done, (entry, audit)

    # --- when their time has come -----------------------------------------------------------------

    def retain(self, now_ms: int, wall: datetime) -> list[AnyLogEntry]:
        """Remove what is beyond its days, what callers want gone, and the oldest beyond the budget.

        Held ones stay.
        """
        archive = self._archive
        self._due_ms = now_ms + RUN_MS
        if archive is None:
            return []
        rules, held_calls = self._settings().recordings, self._records.cases.held_calls()
        holds = set(self.holds())
        held_back: set[str] = set()
        entries: list[AnyLogEntry] = []
        counts: dict[str, int] = {}
        kept: list[Kept] = []

        def remove(one: Kept, why: str) -> None:
            try:
                gone = archive.remove(one.recording)
            except OSError as problem:
                log.warning("recording %s stays: %s", one.recording, problem)
                return
            if gone is not None:
                entries.append(_removed(one.recording, why, gone, now_ms))
                counts[why] = counts.get(why, 0) + 1

        for one in archive.all():
            if _call(one.recording) in held_calls:
                holds.add(one.recording)
            record = self._records.call(_call(one.recording))
            days = days_of(rules, "" if record is None else str(record.direction))
            too_old = wall.timestamp() - one.at_s > days * DAY_S
            if one.recording in self._running:
                continue
            if too_old and one.recording not in holds:
                remove(one, "retention")
                continue
            if one.recording not in holds and self._wishes.cover(_call(one.recording)):
                remove(one, "caller")
                continue
            kept.append(one)
            if too_old:
                held_back.add(one.recording)
        over = sum(one.size for one in kept) - rules.budget_mb * MB
        for one in kept:
            if over <= 0:
                break
            if one.recording not in holds:
                remove(one, "budget")
                over -= one.size
        if counts:
            back = str(len(held_back)) if held_back else ""
            entries.append(RetentionRun(at_ms=now_ms, what=counts, kept_back=back))
        return entries

    def _audit(
        self, request: OfficeRequest, action: str, what: str, now_ms: int, detail: str = ""
    ) -> Audited:
        return Audited(
            at_ms=now_ms,
            who=request.who,
            action=action,
            what=what,
            origin=request.origin,
            detail=detail,
        )


def _call(recording: str) -> str:
    return recording.rpartition("-")[0]


def _removed(recording: str, why: str, gone: tuple[int, str], now_ms: int) -> RecordingRemoved:
    return RecordingRemoved(
        at_ms=now_ms,
        recording=recording,
        why=why,
        size=gone[0],
        sha256=gone[1],
    )
