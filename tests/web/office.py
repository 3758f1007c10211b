"""Pages over a whole calld without sockets: what a form does is done, and seen where it should."""

from __future__ import annotations

import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from drivers.line import LoopClosed, LoopOpened, RingStarted, RingStopped
from firmware.control.messages import (
    Answer,
    AskSettings,
    AskStatus,
    PortSnapshot,
    Refused,
    SaveSettings,
    Snapshot,
)
from firmware.core.accounts import Role
from firmware.core.commands import StartRecording, StopRecording
from firmware.core.events import CallerIdHeard, IdentityKind, RecordingFinished
from firmware.daemons.calld import Calld
from firmware.daemons.desks.archive import Archive
from firmware.quality.review import Review
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new
from tests.web.desk import HASH, WALL
from web.box import Box

PORTS = tuple(f"{kind}/{n}" for kind in ("fxs", "fxo") for n in range(1, 5))
QUEUE = {
    "number": "601",
    "name": "sales",
    "join_empty": True,
    "whisper": False,
    "announce_agent": False,
    "recall_s": 0,
    "topics": {"11": "price"},
}
AGENTS = [
    {"number": "1001", "name": "Anna", "queues": [{"queue": "601"}]},
    {"number": "1002", "name": "Bo", "queues": [{"queue": "601"}]},
]


class OfficeBox(Box):
    """A box whose questions a whole calld answers; lined is played by hand."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        store = folder / "settings"
        mark_new(store)
        self.now_ms = 0
        self.recordings = folder / "recordings"
        self.card = (10_000_000_000, 32_000_000_000)  # free and all bytes
        archive = Archive(self.recordings, folder / "keys", folder / "run", aside=False)
        self.calld = Calld(
            records=Records.open(folder / "records.sqlite"),
            settings=SettingsStore(store),
            country="CN",
            recordings=self.recordings,
            boot="boot-1",
            now_ms=0,
            wall=WALL,
            archive=archive,
            space=lambda: self.card,
        )
        self._recording: dict[str, StartRecording] = {}
        self.asked: list[object] = []
        self.accounts = [
            account("owner", "owner"),
            account("anna", "agent", agent="1001", extension="201"),
            account("boss", "supervisor"),
            account("judge", "reviewer"),
        ]
        self.set(accounts=self.accounts, inbound="601", acd={"queues": [QUEUE], "agents": AGENTS})
        self.calld.lined_connected(0)
        ports = tuple(PortSnapshot(port=port, ready=True) for port in PORTS)
        self.tell(Snapshot(at_ms=0, boot="boot-1", alone_ms=0, ports=ports))

    def open_review(self, review: Review) -> None:
        """A bad mark came, by whatever way."""
        records = self.calld._records  # the one writer; a second could not open them
        with records.changing():
            records.cases.open_review(review)

    def close(self) -> None:
        """Let go of the stores."""
        self.calld.abandon()

    def set(self, why: str = "t", **changes: Any) -> None:
        """Change the settings as an owner does."""
        now = self.ask(AskSettings())
        document = dict(now.settings, **changes)  # type: ignore[union-attr]  # the desk answers
        wanted = SaveSettings(base=now.version, who="t", why=why, settings=document)  # type: ignore[union-attr]  # the same
        answer = self.ask(wanted)
        assert not isinstance(answer, Refused), answer

    def _answer(self, request: msgspec.Struct, answer_ms: int) -> Answer:
        assert answer_ms > 0
        self.asked.append(request)
        answers: list[Any] = []
        self.do(self.calld.request(request, answers.append, self.now_ms, self.wall()))
        self.look()
        if not answers:  # lined would have to say something first, and nobody plays it now
            return Refused(id="late", message="The lines do not answer.")
        return answers[0]  # type: ignore[no-any-return]  # of whatever kind

    def wall(self) -> Any:
        """The time on the wall."""
        return WALL + timedelta(milliseconds=self.now_ms)

    def look(self) -> None:
        """The status as the page has it."""
        answers: list[Any] = []
        self.calld.request(AskStatus(), answers.append, self.now_ms, self.wall())
        self.publish(answers[0])

    # --- the world ------------------------------------------------------------------------------

    def tell(self, message: Any) -> None:
        """Something that lined says."""
        self.do(self.calld.from_lined(message, self.now_ms, self.wall()))
        self.look()

    def pass_ms(self, ms: int) -> None:
        """Time goes by."""
        end = self.now_ms + ms
        while (due := self.calld.next_deadline()) <= end:
            self.now_ms = max(self.now_ms, due)
            self.do(self.calld.advance(self.now_ms, self.wall()))
        self.now_ms = end
        self.look()

    def do(self, commands: Any) -> None:
        """As lined does it: of all commands, recordings are what a page can show."""
        for command in commands:
            if isinstance(command, StartRecording):
                self._recording[command.recording] = command
            elif isinstance(command, StopRecording):
                started = self._recording.pop(command.recording, None)
                if started is not None:
                    self._record(started)

    def _record(self, started: StartRecording) -> None:
        """Three seconds: the near side hums for one, the far side for the next."""
        samples = np.zeros((3 * 8_000, 2), np.int16)
        hum = np.round(8_000 * np.sin(np.arange(8_000) * 0.3)).astype(np.int16)
        samples[:8_000, 0], samples[8_000:16_000, 1] = hum, hum
        path = self.recordings / f"{started.recording}.wav"
        path.parent.mkdir(exist_ok=True)
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(8_000)
            sound.writeframes(samples.tobytes())
        finished = RecordingFinished(
            port=started.port,
            at_ms=self.now_ms,
            recording=started.recording,
            path=str(path),
            duration_ms=3_000,
        )
        self.do(self.calld.from_lined(finished, self.now_ms, self.wall()))

    def ring(self, number: str = "") -> None:
        """A caller rings on the first line until a menu or a queue has him."""
        for burst in range(2):
            self.tell(RingStarted(port="fxo/1", at_ms=self.now_ms))
            self.pass_ms(1_000)
            self.tell(RingStopped(port="fxo/1", at_ms=self.now_ms, duration_ms=1_000))
            if number and not burst:
                heard = CallerIdHeard(
                    port="fxo/1", at_ms=self.now_ms, kind=IdentityKind.NUMBER, number=number
                )
                self.tell(heard)
            self.pass_ms(4_000)
        self.pass_ms(3_000)

    def lift(self, port: str = "fxs/1") -> None:
        """A rung telephone is lifted."""
        self.tell(LoopClosed(port=port, at_ms=self.now_ms, ring_trip=True))
        self.pass_ms(2_000)

    def hang_up(self, port: str = "fxs/1") -> None:
        """And put down again."""
        self.tell(LoopOpened(port=port, at_ms=self.now_ms))
        self.pass_ms(2_000)


def account(name: str, *roles: Role, agent: str = "", extension: str = "") -> dict[str, Any]:
    """Somebody on the page."""
    return {
        "name": name,
        "roles": list(roles),
        "password": HASH,
        "agent": agent,
        "extension": extension,
    }
