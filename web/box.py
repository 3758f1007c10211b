"""The page's one connection to call control: the newest status, and questions with answers."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from firmware.control.link import ANSWERS, Link, LinkError, connect
from firmware.control.messages import (
    Answer,
    AskSettings,
    AskStatus,
    Hello,
    Refused,
    SettingsAnswer,
    Status,
    WatchStatus,
)
from firmware.core.settings import Settings

log = logging.getLogger(__name__)

SOCKET_NAME = "calld.sock"
RETRY_S = 0.5
ANSWER_MS = 2_000
POLL_MS = 1_000
STEP_S = 1.5  # a clock that runs in a browser shall not jump to and fro with every status


class Box:
    """What the page knows of the box. Safe to use from many request threads."""

    def __init__(self, run_folder: Path) -> None:
        self.run_folder = run_folder
        self._socket = run_folder / SOCKET_NAME
        self._changed = threading.Condition()
        self._status: Status | None = None
        self._number = 0
        self._ended = False
        self._began: dict[str, datetime] = {}
        self._settings: tuple[int, Settings] | None = None
        self._ahead_s = 0.0  # wall clock less the box's own time

    def start(self) -> None:
        """Follow the status on a thread of its own."""
        threading.Thread(target=self._follow, name="status", daemon=True).start()

    def stop(self) -> None:
        """Let waiting streams go."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def status(self) -> Status | None:
        """The newest status, None while call control is away."""
        return self._status

    def settings(self) -> Settings | None:
        """The settings in force, None while they were never seen.

        Asked for when the status says that they changed; while call control is away the last
        ones known go on, so that nobody is thrown out by its restart.
        """
        known, status = self._settings, self._status
        if known is None or (status is not None and status.settings_version != known[0]):
            self.ask(AskSettings())
        return self._settings[1] if self._settings else None

    @property
    def settings_version(self) -> int:
        """Version of what :meth:`settings` last gave."""
        return self._settings[0] if self._settings else 0

    def began(self, call: str) -> datetime | None:
        """When a call that is up began: local time."""
        return self._began.get(call)

    def wall_s(self, ms: int) -> int:
        """A time of the box (``Status.at_ms``) as UTC, whole seconds since 1970."""
        return round(self._ahead_s + ms / 1_000)

    @property
    def ended(self) -> bool:
        """The page is closing: streams end."""
        return self._ended

    def wait(self, seen: int, timeout_s: float) -> tuple[int, Status | None]:
        """Wait until there is something newer than ``seen``; the number to pass next time."""
        with self._changed:
            self._changed.wait_for(lambda: self._number != seen or self._ended, timeout_s)
            return self._number, self._status

    def ask(self, request: msgspec.Struct, *, answer_ms: int = ANSWER_MS) -> Answer:
        """One question over a connection of its own; ``Refused`` when nobody answers in time."""
        answer = self._answer(request, answer_ms)
        if isinstance(answer, SettingsAnswer) and not (
            isinstance(request, AskSettings) and request.version
        ):
            # Whoever changed something sees it at once, before the status tells everybody.
            self._know(answer)
        return answer

    def refresh(self) -> None:
        """Ask for the status, so that a page made right after a change shows it."""
        answer = self.ask(AskStatus())
        if isinstance(answer, Status):
            self.publish(answer)

    def _know(self, answer: SettingsAnswer) -> None:
        self._settings = (answer.version, msgspec.convert(answer.settings, Settings))

    def _answer(self, request: msgspec.Struct, answer_ms: int) -> Answer:
        try:
            link = self._open()
        except LinkError as problem:
            return Refused(id="calld-away", message=str(problem))
        try:
            link.send(request)
            deadline = time.monotonic() + answer_ms / 1000
            while (left := deadline - time.monotonic()) > 0:
                for message in link.wait(int(left * 1000) + 1):
                    if not isinstance(message, Hello):
                        return message
        except LinkError as problem:
            return Refused(id="calld-away", message=str(problem))
        finally:
            link.close()
        return Refused(id="calld-away", message=f"call control did not answer in {answer_ms} ms")

    def _open(self) -> Link[Answer]:
        link = connect(self._socket, ANSWERS, name="call control")
        link.send(Hello(program="webd"))
        return link

    def publish(self, status: Status | None) -> None:
        """A newer status, or None when call control went away; every waiting stream is told."""
        if status is not None:
            # Worked out once per call, so that it does not flicker from one status to the next.
            now = datetime.now().astimezone()
            ahead_s = now.timestamp() - status.at_ms / 1_000
            if abs(ahead_s - self._ahead_s) > STEP_S:
                self._ahead_s = ahead_s
            self._began = {
                call.call: self._began.get(call.call)
                or now - timedelta(milliseconds=status.at_ms - call.since_ms)
                for call in status.calls
            }
        with self._changed:
            self._status = status
            self._number += 1
            self._changed.notify_all()

    def _follow(self) -> None:
        while not self._ended:
            try:
                link = self._open()
                link.send(WatchStatus())
                self._read(link)
            except LinkError as problem:
                if self._status is not None:
                    log.warning("status lost: %s", problem)
                    self.publish(None)
            with self._changed:
                self._changed.wait_for(lambda: self._ended, RETRY_S)

    def _read(self, link: Link[Answer]) -> None:
        from firmware.control.link import LinkTimeout

        try:
            while not self._ended:
                try:
                    messages = link.wait(POLL_MS)
                except LinkTimeout:
                    link.send(AskStatus())  # counters move even when no call does
                    continue
                for message in messages:
                    if isinstance(message, Status):
                        self.publish(message)
        finally:
            link.close()
