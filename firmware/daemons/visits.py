"""Visits to mailboxes: what the office knows that a visit needs, and the recordings it asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

import msgspec

from firmware.call.call import Call
from firmware.core.destinations import Destination, ToOutside, named
from firmware.core.events import RecordingFinished
from firmware.core.settings import Settings, extension_at
from firmware.daemons.handset.dialogs import dialog, shared_box, shared_by
from firmware.dialogs.absent import Absent
from firmware.dialogs.studio import Studio
from firmware.voicemail.leaving import Leaving
from firmware.voicemail.listening import Listening
from firmware.voicemail.mailbox import Erase, Keep, MailboxChange, Mailboxes, Message
from firmware.voicemail.session import Recorded, Session

FOLDER: Final = "voicemail"
TAKES: Final = "takes"
"""Within it: prompts that somebody is speaking; they are removed when they were judged."""
MAILBOX_PIN: Final = "mailbox "
"""Before the number, the name by which wrong PINs of a mailbox are counted."""


class Visits:
    """Mailboxes, and the visits whose recording is not closed yet.

    Args:
        recordings: The folder of recordings; that of messages stands beside it.
    """

    def __init__(self, recordings: str) -> None:
        self.boxes = Mailboxes()
        self._folder = PurePosixPath(recordings).parent / FOLDER
        self._made = 0
        self._waiting: dict[str, Session] = {}  # by recording
        self._stopped: set[str] = set()  # of these, what will be closed in a moment
        self.own_prompt: Callable[[str, str], bool] = lambda _language, _key: False
        self.pin_tried: Callable[[str, bool], bool] = lambda _whose, good: good
        self.pin_blocked: Callable[[str], bool] = lambda _whose: False

    def know(self, messages: Iterable[Message]) -> None:
        """What was kept before."""
        self.boxes = Mailboxes(messages)

    def begin(self, flow: str, call: Call, port: str, settings: Settings) -> Session | None:
        """The visit that a flow's name means, None for a flow that is a menu.

        ``voicemail:NUMBER`` is a caller before a mailbox, ``mailbox:NUMBER`` its owner,
        ``absent:NUMBER`` a caller who was passed to somebody who is not there.
        """
        kind, _, number = flow.partition(":")
        extension = next((e for e in settings.extensions if e.number == number), None)
        if extension is None and kind == "voicemail":
            extension = shared_box(number, settings)
        if kind not in {"voicemail", "mailbox", "greeting", "absent"} or extension is None:
            return dialog(flow, extension_at(settings, port), settings, self.own_prompt)
        language = extension.language or settings.language
        if kind == "greeting":
            return Listening(number, language, self.boxes, greeting=True)
        if kind == "mailbox":
            boxes = self.boxes
            shared = shared_by(number, settings)
            every = (number, *shared)
            callers = {message.caller for box in every for message in boxes.messages(box)}
            back = {caller: self._back(caller, settings) for caller in callers if caller}
            return Listening(
                number,
                language,
                boxes,
                pin=extension.voicemail_pin,
                counted=lambda good: self.pin_tried(f"{MAILBOX_PIN}{number}", good),
                locked=lambda: self.pin_blocked(f"{MAILBOX_PIN}{number}"),
                shared=shared,
                destination=back,
            )
        greeting = self.boxes.greeting(number)
        known = call.journal.caller
        calling = extension_at(settings, port)
        own = (calling.number, calling.name) if calling else ("", "")
        limits = settings.voicemail
        leaving = Leaving(
            number,
            settings.language,
            greeting=greeting.path if greeting else "",
            caller=known.number if known else own[0],
            caller_name=known.name if known else own[1],
            longest_ms=limits.longest_ms,
            shortest_ms=limits.shortest_ms,
            full=len(self.boxes.messages(number)) >= limits.most_messages,
        )
        return leaving if kind == "voicemail" else Absent(leaving, known.number if known else "")

    @staticmethod
    def _back(caller: str, settings: Settings) -> Destination:
        return named(caller, settings) or ToOutside(number=caller)

    def record(self, call: str, session: Session, wall: datetime | None) -> Recorded:
        """A recording that is to begin."""
        self._made += 1
        name = f"{call}-vm{self._made}"
        self._waiting[name] = session
        # What may become a prompt is looked at as sound; what people leave for others is sealed.
        folder = self._folder / TAKES if isinstance(session, Studio) else self._folder
        path = str(folder / f"{name}.wav")
        return Recorded(name=name, path=path, duration_ms=0, left_at=_stamp(wall))

    def unfinished(self, running: Collection[str]) -> tuple[Message, ...]:
        """Messages that nobody records any more and nobody has closed; by name of recordings."""
        return tuple(m for m in self.boxes.being_spoken() if m.message not in running)

    def finished(self, event: RecordingFinished, settings: Settings) -> MailboxChange | None:
        """What becomes of a message whose caller was lost by a restart, None if it is none."""
        found = next((m for m in self.boxes.being_spoken() if m.message == event.recording), None)
        if found is None:
            return None
        if event.duration_ms < settings.voicemail.shortest_ms:
            return Erase(message=found)
        return Keep(message=msgspec.structs.replace(found, duration_ms=event.duration_ms))

    def stop(self, session: Session) -> str:
        """The recording of a visit that is to be stopped; empty for none.

        Time may run out and the visitor leave before it is closed: it is stopped once.
        """
        for name, other in self._waiting.items():
            if other is session and name not in self._stopped:
                self._stopped.add(name)
                return name
        return ""

    def closed(
        self, event: RecordingFinished, wall: datetime | None
    ) -> tuple[Session, Recorded] | None:
        """The visit a closed recording belongs to, None if it is no visit's."""
        session = self._waiting.pop(event.recording, None)
        self._stopped.discard(event.recording)
        if session is None:
            return None
        recorded = Recorded(
            name=event.recording,
            path=event.path,
            duration_ms=event.duration_ms,
            left_at=_stamp(wall),
            level_dbm0=event.level_dbm0,
        )
        return session, recorded

    def apply(self, change: MailboxChange) -> None:
        """Carry out a change of what lies there."""
        self.boxes.apply(change)


def _stamp(wall: datetime | None) -> str:
    return "" if wall is None else wall.isoformat(timespec="seconds")
