"""Updates as call control sees them: when the box is quiet enough, and what came of it. Pure.

It writes nothing to a slot and restarts nothing. It says what is to be done; a program with the
right to do so is started for that by the service manager and leaves how it stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Final

import msgspec

from firmware.call.hours import zone_of
from firmware.control.messages import Refused
from firmware.control.update_messages import AskUpdate, OrderUpdate, UpdateAnswer, UpdateState
from firmware.core.desk_entries import Audited
from firmware.core.log_entries import AnyLogEntry
from firmware.core.settings import Settings
from firmware.daemons.desks.update_words import said, sentence

log = logging.getLogger(__name__)

DOCUMENT: Final = "updates"
LOOK_MS: Final = 5_000
NO_SLOTS_MS: Final = 3_600_000  # slots do not come while a box runs
NIGHT: Final = (time(2, 0), time(5, 0))
"""When an update for tonight begins and until when it waits for quiet: the hours in which offices
are called least; what was not quiet then comes the next night."""

ENDED: Final = frozenset({"refused", "done", "returned", "failed"})

Wish = str
"""Name of the file by which the service manager is told: ``update-check``, ``update-install``,
``update-drop``, ``restart``."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept over a restart.

    Attributes:
        wanted: ``now``, ``tonight`` or nothing.
        told: The step, version and moment that stand in the log already.
    """

    wanted: str = ""
    told: str = ""


class UpdateDesk:
    """One update at a time.

    Args:
        read: How it stands; None on a machine without slots.
        settings: Those in force.
        kept: What :meth:`document` gave before.
    """

    def __init__(
        self, read: Callable[[], UpdateState | None], settings: Callable[[], Settings], kept: str
    ) -> None:
        self._read = read
        self._settings = settings
        try:
            self._kept = msgspec.json.decode(kept, type=Kept) if kept else Kept()
        except msgspec.DecodeError as problem:
            log.error("which update was wanted cannot be read: %s", problem)
            self._kept = Kept()
        self._state: UpdateState | None = None
        self._ordered = ""
        self._wishes: list[Wish] = []
        self.due_ms = 0
        self.changed = False

    def document(self) -> str:
        """What is to be kept."""
        return msgspec.json.encode(self._kept).decode()

    @property
    def alarms(self) -> tuple[str, ...]:
        """That a new version did not stay, in the office's language."""
        return self.alarms_in(self._settings().language)

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """The same in another one, until somebody has put it away."""
        state = self._state
        if state is None or state.step not in {"returned", "failed"}:
            return ()
        return (sentence(state, "", 0, language),)

    def take_wishes(self) -> list[Wish]:
        """What the service manager is to be told; each once."""
        wishes, self._wishes = self._wishes, []
        return wishes

    def look(self, calls: int, now_ms: int, wall: datetime) -> tuple[AnyLogEntry, ...]:
        """Look how it stands and go on if the box is quiet; what the log is told.

        Args:
            calls: That are up.
            now_ms: Monotonic.
            wall: Wall clock.
        """
        state = self._read()
        self.due_ms = now_ms + (LOOK_MS if state is not None else NO_SLOTS_MS)
        if state is None:
            return ()
        self.changed = self.changed or state != self._state
        self._state = state
        told = f"{state.step} {state.version} {state.at}"
        entries: tuple[AnyLogEntry, ...] = ()
        if state.step in ENDED and told != self._kept.told:
            self._keep(wanted="", told=told)
            detail = f"{state.ran} {state.problem} {state.detail}".strip()
            entries = (
                Audited(
                    at_ms=now_ms, who="tipring", action=f"update_{state.step}",
                    what=f"version/{state.version}", detail=detail[:200],
                ),
            )  # fmt: skip
        if self._kept.wanted and calls == 0 and self._time_has_come(wall):
            self._go_on(state)
        return entries

    def answer(
        self, request: AskUpdate | OrderUpdate, calls: int, now_ms: int, wall: datetime
    ) -> tuple[msgspec.Struct, Sequence[AnyLogEntry]]:
        """Answer one request; a mistake is a sentence."""
        noted = list(self.look(calls, now_ms, wall))
        language = request.language or self._settings().language
        if isinstance(request, OrderUpdate):
            wrong, why = self._order(request, language)
            if wrong:
                return Refused(id=wrong, message=why), noted
            noted.append(
                Audited(
                    at_ms=now_ms, who=request.who, action=f"update_{request.act}",
                    what=f"version/{self._state.version if self._state else ''}",
                    origin=request.origin,
                )
            )  # fmt: skip
            noted += self.look(calls, now_ms, wall)
        state = self._state
        if state is None:
            return UpdateAnswer(possible=False, sentence=said("no-slots", language)), noted
        words = sentence(state, self._kept.wanted, calls, language)
        return UpdateAnswer(
            state=state, wanted=self._kept.wanted, calls=calls, sentence=words
        ), noted

    # --- within -----------------------------------------------------------------------------------

    def _order(self, request: OrderUpdate, language: str) -> tuple[str, str]:
        state = self._state
        if state is None:
            word = "no-restart" if request.act == "restart" else "no-slots"
            return word, said(word, language)
        if state.step in {"installing", "trying"} or (
            state.step == "installed" and request.act in {"check", "drop"}
        ):
            return "under-way", said("under-way", language, version=state.version)
        match request.act:
            case "check" | "drop":
                self._keep(wanted="")
                self._wishes.append(f"update-{request.act}")
            case "cancel":
                self._keep(wanted="")
            case "restart":
                self._ordered = ""
                self._keep(wanted="restart")
            case "now" | "tonight":
                if state.step not in {"offered", "installed"}:
                    return "not-offered", said("not-offered", language)
                if state.older and not request.older and state.step == "offered":
                    return "sure-older", said("sure-older", language, version=state.version)
                self._ordered = ""
                self._keep(wanted=request.act)
        return ("", "")

    def _go_on(self, state: UpdateState) -> None:
        wish = {"offered": "update-install", "installed": "restart"}.get(state.step, "")
        if self._kept.wanted == "restart":
            wish = "restart"
            self._keep(wanted="")
        if wish and wish != self._ordered:
            self._ordered = wish
            self._wishes.append(wish)

    def _time_has_come(self, wall: datetime) -> bool:
        if self._kept.wanted in {"now", "restart"}:
            return True
        local = wall.astimezone(zone_of(self._settings())).time()
        return NIGHT[0] <= local < NIGHT[1]

    def _keep(self, *, wanted: str, told: str | None = None) -> None:
        self._kept = Kept(wanted=wanted, told=self._kept.told if told is None else told)
        self.changed = True
