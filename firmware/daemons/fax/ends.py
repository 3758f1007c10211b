"""The fax ends of the box: sessions by end, fed block by block; no clock, no socket.

Every block of sound that comes is answered by one of the same length, so whoever hands them in
paces everything, be it lined or the bench. What happened is taken with :meth:`FaxEnds.take`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.control.fax_messages import (
    FaxEnded,
    FaxEndsSeen,
    FaxProgress,
    FaxTaken,
    Phase,
    StartFax,
    StopFax,
)
from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.fax.job import FaxJob, FaxOutcome
from firmware.fax.outcome import LOST, ON_REQUEST, Result, result_of
from firmware.media import g711
from firmware.media.t30 import T30End

log = logging.getLogger(__name__)

DRAIN_SAMPLES: Final = SAMPLE_RATE_HZ // 5
"""Silence after the last word, 200 ms: it is still on its way when the library says it is over."""

PORT: Final = "fax/"

Codes = npt.NDArray[np.uint8]


@dataclass(slots=True)
class _Session:
    """One fax on one end."""

    job: FaxJob
    end: T30End
    told: Phase = "calling"
    pages: int = 0
    over_at: int | None = None  # samples, when its silence has been sent
    code: int | None = None


class FaxEnds:
    """All ends.

    Args:
        count: How many there are.
        spool: The only folder into which files are written.
        law: Of the codes.
        now_ms: Asked for the time of what is told.
    """

    def __init__(self, count: int, spool: Path, law: g711.Law, now_ms: Callable[[], int]) -> None:
        self.count = count
        self._spool = spool
        self._law: g711.Law = law
        self._now_ms = now_ms
        self._idle = g711.IDLE[law]
        self._sessions: dict[int, _Session] = {}
        self._told: list[FaxProgress | FaxEnded] = []
        self._kept: dict[str, FaxEnded] = {}  # until somebody has taken them
        self._linear = np.zeros(0, np.float32)

    @property
    def up(self) -> int:
        """Ends that talk, a bit for each."""
        return sum(1 << end for end in self._sessions)

    def greet(self) -> list[FaxEndsSeen | FaxEnded]:
        """What a call control that has just come must know."""
        running = tuple(session.job.fax for session in self._sessions.values())
        return [
            FaxEndsSeen(ends=self.count, spool=str(self._spool), running=running),
            *self._kept.values(),
        ]

    def order(self, message: object) -> None:
        """One message of call control."""
        match message:
            case StartFax():
                self._start(message)
            case StopFax(port=port):
                end = self._end(port)
                if end in self._sessions:
                    self._stop(end, ON_REQUEST if not message.dropped else None)
            case FaxTaken(fax=fax):
                self._kept.pop(fax, None)

    def take(self) -> list[FaxProgress | FaxEnded]:
        """What happened since it was asked last."""
        told, self._told = self._told, []
        return told

    def work(self, mask: int, heard: Codes) -> Codes:
        """One block: what each end of the mask hears, a row for each; what they say."""
        said = np.full_like(heard, self._idle)
        if self._linear.size != heard.shape[1]:
            self._linear = np.zeros(heard.shape[1], np.float32)
        row = 0
        for number in range(self.count):
            if not mask & 1 << number:
                continue
            session = self._sessions.get(number)
            if session is not None:
                g711.decode(heard[row], self._linear, self._law)
                self._linear[:] = session.end.feed(self._linear)
                g711.encode(self._linear, said[row], self._law)
                self._look(number, session)
            row += 1
        return said

    def fail(self) -> None:
        """The sound is gone: every session is over."""
        for number in list(self._sessions):
            self._stop(number, None)

    # --- within -----------------------------------------------------------------------------------

    def _end(self, port: str) -> int:
        number = port.removeprefix(PORT)
        if not port.startswith(PORT) or not number.isdigit() or not 1 <= int(number) <= self.count:
            log.error("%s is no fax end; there are %s1 to %d", port, PORT, self.count)
            return -1
        return int(number) - 1

    def _start(self, order: StartFax) -> None:
        number, job = self._end(order.port), order.job
        if number < 0:
            return
        if number in self._sessions:
            log.error("%s has a fax already; it is ended for %s", order.port, job.fax)
            self._stop(number, ON_REQUEST)
        receiving = job.direction == "receive"
        path = Path(job.tiff)
        if receiving and path.parent != self._spool:
            log.error("%s: %s lies outside of %s", job.fax, path, self._spool)
            self._tell(number, _nothing(job, LOST))
            return
        end = T30End(
            calling=job.calling,
            send="" if receiving else str(path),
            receive=str(path) if receiving else "",
            station=job.station,
            header=job.header,
            zone=job.zone,
            ecm=job.ecm,
            modems=job.modems,
        )
        self._sessions[number] = _Session(job, end)

    def _look(self, number: int, session: _Session) -> None:
        end = session.end
        if session.over_at is not None:
            if end.samples >= session.over_at:
                self._finish(number, session)
        elif end.code is not None:
            session.code = end.code
            session.over_at = end.samples + DRAIN_SAMPLES
        elif end.agreed and session.told == "calling":
            self._progress(number, session, "negotiated")
        elif end.pages > session.pages:
            session.pages = end.pages
            self._progress(number, session, "page")

    def _progress(self, number: int, session: _Session, phase: Phase) -> None:
        session.told = phase
        facts = session.end.facts()
        self._told.append(
            FaxProgress(
                port=f"{PORT}{number + 1}",
                fax=session.job.fax,
                at_ms=self._now_ms(),
                phase=phase,
                pages=facts.pages,
                bit_rate=facts.bit_rate,
                ecm=facts.ecm,
                remote_station=facts.station,
            )
        )

    def _stop(self, number: int, code: int | None) -> None:
        """End a session before its time; one that had ended keeps how."""
        session = self._sessions[number]
        if session.code is None:
            session.end.stop()
            session.code = code if code is not None else session.end.code
        self._finish(number, session)

    def _finish(self, number: int, session: _Session) -> None:
        del self._sessions[number]
        facts = session.end.facts()
        agreed = session.end.agreed
        job, seconds = session.job, session.end.samples / SAMPLE_RATE_HZ
        session.end.close()
        code = LOST if session.code is None else session.code
        result = result_of(code)
        if result is Result.COMPLETE and not facts.pages:
            result = Result.FAR_STOPPED  # both said goodbye before any page
        try:
            tiff, sha256 = _kept_file(job, facts.pages)
        except OSError as problem:  # of this fax alone; the other ends go on
            log.error("%s: its pages cannot be read: %s", job.fax, problem)
            result, tiff, sha256 = Result.FAULT, "", ""
        self._tell(
            number,
            FaxOutcome(
                fax=job.fax,
                direction=job.direction,
                result=result,
                code=code,
                pages=facts.pages,
                pages_in_file=facts.pages_in_file,
                ecm=facts.ecm and agreed,
                bit_rate=facts.bit_rate if agreed else 0,
                remote_station=facts.station,
                remote_maker=facts.maker,
                retries=facts.retries,
                bad_rows=facts.bad_rows,
                duration_ms=round(seconds * 1000),
                tiff=tiff,
                sha256=sha256,
            ),
        )

    def _tell(self, number: int, outcome: FaxOutcome) -> None:
        ended = FaxEnded(port=f"{PORT}{number + 1}", at_ms=self._now_ms(), outcome=outcome)
        self._kept[outcome.fax] = ended
        self._told.append(ended)


def _nothing(job: FaxJob, code: int) -> FaxOutcome:
    return FaxOutcome(fax=job.fax, direction=job.direction, result=result_of(code), code=code)


def _kept_file(job: FaxJob, pages: int) -> tuple[str, str]:
    """The file and its digest; one without a page is removed.

    Raises:
        OSError: it cannot be read, or stays.
    """
    if job.direction == "send":
        return job.tiff, ""
    path = Path(job.tiff)
    if not pages:
        path.unlink(missing_ok=True)
        return "", ""
    return str(path), hashlib.sha256(path.read_bytes()).hexdigest()
