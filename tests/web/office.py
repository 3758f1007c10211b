"""Pages over a whole calld without sockets: what a form does is done, and seen where it should."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

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
from firmware.daemons.calld import Calld
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
        self.calld = Calld(
            records=Records.open(folder / "records.sqlite"),
            settings=SettingsStore(store),
            country="CN",
            recordings=folder / "recordings",
            boot="boot-1",
            now_ms=0,
            wall=WALL,
        )
        self.asked: list[object] = []
        accounts = [
            account("owner", "owner"),
            account("anna", "agent", agent="1001", extension="201"),
            account("boss", "supervisor"),
            account("judge", "reviewer"),
        ]
        self.set(accounts=accounts, inbound="601", acd={"queues": [QUEUE], "agents": AGENTS})
        self.calld.lined_connected(0)
        ports = tuple(PortSnapshot(port=port, ready=True) for port in PORTS)
        self.tell(Snapshot(at_ms=0, boot="boot-1", alone_ms=0, ports=ports))

    def close(self) -> None:
        """Let go of the stores."""
        self.calld.abandon()

    def set(self, **changes: Any) -> None:
        """Change the settings as an owner does."""
        now = self.ask(AskSettings())
        document = dict(now.settings, **changes)  # type: ignore[union-attr]  # the desk answers
        wanted = SaveSettings(base=now.version, who="t", why="t", settings=document)  # type: ignore[union-attr]  # the same
        answer = self.ask(wanted)
        assert not isinstance(answer, Refused), answer

    def _answer(self, request: msgspec.Struct, answer_ms: int) -> Answer:
        assert answer_ms > 0
        self.asked.append(request)
        answers: list[Any] = []
        self.calld.request(request, answers.append, self.now_ms, self.wall())
        self.look()
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
        self.calld.from_lined(message, self.now_ms, self.wall())
        self.look()

    def pass_ms(self, ms: int) -> None:
        """Time goes by."""
        end = self.now_ms + ms
        while (due := self.calld.next_deadline()) <= end:
            self.now_ms = max(self.now_ms, due)
            self.calld.advance(self.now_ms, self.wall())
        self.now_ms = end
        self.look()

    def ring(self) -> None:
        """A caller rings on the first line until a menu or a queue has him."""
        for _ in range(2):
            self.tell(RingStarted(port="fxo/1", at_ms=self.now_ms))
            self.pass_ms(1_000)
            self.tell(RingStopped(port="fxo/1", at_ms=self.now_ms, duration_ms=1_000))
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
