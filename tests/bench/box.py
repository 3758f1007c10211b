"""The whole appliance and its town in one process, in virtual time.

The same objects as in the daemons, put together without sockets and with a clock that is the
number of samples that have passed. One step is one block; nothing waits for anything.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np

from drivers.bus import SpiBus
from drivers.pcm import IDLE_A_LAW, IDLE_U_LAW, SLOTS
from firmware.config import Chain, Folders, Machine, Pins
from firmware.control.messages import Status
from firmware.core.acd_entries import TaskOpened
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.countries import country as country_of
from firmware.daemons.calld import Calld
from firmware.daemons.compose import RECORDS, build_calld
from firmware.daemons.wires.assembly import build_lined, build_prompts
from firmware.daemons.wires.lined import Lined
from firmware.daemons.wires.spool import Spool
from firmware.storage.outbox import OutboxItem
from firmware.storage.record_reader import ReadRecords
from tests.bench.board import BenchBoard
from tests.bench.fax_room import FaxRoom
from tests.bench.invariants import Watch, sight
from tests.bench.lifts import Lifts
from tests.bench.postman import Postman
from tests.bench.town import Town
from tests.bench.web_services import WebServices
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.party import Party
from tests.bench.world.telephone import Telephone

BOOT = "bench"
EPOCH = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday morning in the office, 09:00 in China
QUEUED_BLOCKS = 2  # the least a sound device needs: one is played while the next one waits
READY_MS = 6_000
ROOM_BYTES = 40_000_000  # records, settings and minutes of recordings of several boxes

Wrap = Callable[[str, SpiBus], SpiBus]


class Box:
    """A box on its bench, ready to be used by a scenario."""

    def __init__(
        self,
        country: str = "CN",
        *,
        settings: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        folder: Path | None = None,
        telephones: Sequence[Telephone] | None = None,
        lines: Sequence[ExchangeLine] | None = None,
        fxs_chip: str = "si3215",
        block_samples: int = BLOCK_SAMPLES,
        fax_ends: int = 0,
        seed: int = 1,
        clock: datetime = EPOCH,
        wrap: Wrap | None = None,
        lose: Callable[[object], bool] | None = None,
    ) -> None:
        """Put it together; :meth:`start` brings it up.

        Args:
            country: profile of box and town.
            settings: makes the wanted document of the office's defaults.
            folder: where records and recordings go; a temporary folder when None.
            telephones: on the FXS jacks in order; four when None.
            lines: on the FXO jacks in order; four when None.
            fxs_chip: ``si3215`` or ``si3210``.
            block_samples: length of a block.
            fax_ends: faxes at a time that the box itself sends or receives.
            seed: of everything random in the town.
            clock: UTC as the box starts.
            wrap: puts something between the card and its buses (faults, a recorder).
            lose: commands of calld that never reach lined: a bug, to see that it is noticed.
        """
        self._temporary = (
            tempfile.TemporaryDirectory(prefix="tipring-", dir=memory_folder())
            if folder is None
            else None
        )
        self.folder = folder or Path(self._temporary.name)
        self.town = Town(country, telephones=telephones, lines=lines, fxs_chip=fxs_chip, seed=seed)
        self.board = BenchBoard(lambda: self.town.now_ms)
        self.town.board = self.board
        self.block_samples = block_samples
        self.sample = 0
        self._clock = clock
        self._wrap = wrap or (lambda _name, bus: bus)
        self._lose = lose or (lambda _command: False)
        self.watch = Watch()
        self.lifts = Lifts()
        self._wanted = settings
        self.machine = Machine(
            country=country,
            chains=_chains(len(self.town.telephones), len(self.town.lines), fxs_chip),
            pins=Pins(reset=5),
            fax_ends=fax_ends,
            folders=Folders(data=str(self.folder / "data"), run=str(self.folder / "run")),
        )
        law = country_of(country).law
        self._idle = np.full(
            (SLOTS, block_samples), IDLE_A_LAW if law == "a" else IDLE_U_LAW, np.uint8
        )
        self._queue: deque[np.ndarray] = deque()
        self.faxes = FaxRoom(self.machine, block_samples, lambda: self.now_ms)
        self.lined: Lined | None = None
        self.calld: Calld | None = None
        self._connected = False
        self._web = WebServices()
        self.postman = Postman()  # asleep until a modem is plugged in
        self._prompts = build_prompts(self.machine, wait=True)
        self._address = ""
        self._boot = BOOT

    # --- life of the daemons ---

    def start(self) -> Self:
        """Start lined and calld and let the card come up."""
        self.start_lined()
        self.start_calld()
        if not self.run_until(lambda: self.card_ready, READY_MS):
            raise RuntimeError(f"the card did not come up in {READY_MS} ms: {self.status()}")
        return self

    def start_lined(self) -> None:
        """A new lined: the card is reset and brought up."""
        card = self.town.card
        self.lined = build_lined(
            self.machine,
            fxs=self._wrap("fxs", card.fxs_bus) if self.town.telephones else None,
            fxo=self._wrap("fxo", card.fxo_bus) if self.town.lines else None,
            reset=lambda held: card.reset(not held),
            prompts=self._prompts,
            sink=Spool(),
            wall=lambda: self.wall.astimezone(),  # noqa: PLW0108  # the clock of that moment
            boot=self._boot,
            block_samples=self.block_samples,
            board=self.board,
        )
        self._queue = deque([self._idle] * QUEUED_BLOCKS)
        self.lined.start(self.now_ms)

    def start_calld(self) -> None:
        """A new calld on the same data folder."""
        self.calld = build_calld(self.machine, boot=self._boot, now_ms=self.now_ms, wall=self.wall)
        self.calld.know_address(self._address)
        if self._wanted is not None:
            self._apply_settings()

    def be_at(self, address: str) -> None:
        """The network gives the box an address, or takes it back."""
        self._address = address
        if self.calld is not None:
            self.calld.know_address(address)

    def kill_calld(self) -> None:
        """Calld is gone without a word, as by SIGKILL."""
        if self.calld is not None:
            self.calld.abandon()
        self.calld = None
        self._connected = False
        if self.lined is not None and self.lined.has_calld:
            self.lined.calld_gone(self.now_ms)

    def stall_calld(self, ms: int = 3_000) -> None:
        """Calld does nothing for so long (a card that does not write); lined hangs up on it."""
        stalled, self.calld = self.calld, None
        self.run_for(ms)
        self.calld, self._connected = stalled, False
        if self.calld is not None:
            self.calld.lined_gone(self.now_ms, self.wall)

    def kill_lined(self) -> None:
        """Lined is gone without a word; the chips keep what their registers say."""
        self.lined = None
        self._connected = False
        if self.calld is not None:
            self.calld.lined_gone(self.now_ms, self.wall)

    def cut_power(self) -> None:
        """Both daemons are gone in one moment, and the machine with them."""
        if self.calld is not None:
            self.calld.abandon()
        self.calld = self.lined = None
        self._connected = False

    def return_power(self) -> None:
        """The machine starts anew: another boot, on the same card."""
        self._boot += "+"
        self.start_lined()
        self.start_calld()

    def return_late(self, minutes: int) -> None:
        """The power was away for so long: the clock on the wall went on, nothing else did."""
        self._clock += timedelta(minutes=minutes)
        self.return_power()

    def close(self) -> None:
        """End the bench."""
        if self.calld is not None:
            self.calld.close(self.now_ms, self.wall)
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- time ---

    @property
    def now_ms(self) -> int:
        """Virtual monotonic time."""
        return self.sample // 8

    @property
    def wall(self) -> datetime:
        """Virtual wall time, UTC."""
        return self._clock + timedelta(milliseconds=self.now_ms)

    def step(self) -> None:
        """One block of time for everybody."""
        playing = self._queue.popleft() if self._queue else self._idle
        captured = self.town.exchange(playing)
        self.sample += self.block_samples
        now_ms = self.now_ms
        if self.lined is not None:
            captured = self.faxes.beside(captured)
            answer = np.empty_like(captured)
            self.lined.tick(captured, answer, now_ms)
            self._queue.append(answer[:SLOTS])
            self.faxes.work(answer[SLOTS:])
            self.lined.after_tick(now_ms)
        self._converse(now_ms)

    def run_for(self, ms: int) -> None:
        """Let so much time pass."""
        until = self.now_ms + ms
        while self.now_ms < until:
            self.step()

    def run_until(self, true: Callable[[], bool], timeout_ms: int) -> bool:
        """Let time pass until something holds; False when it did not in ``timeout_ms``."""
        until = self.now_ms + timeout_ms
        while not true():
            if self.now_ms >= until:
                return False
            self.step()
        return True

    def _converse(self, now_ms: int) -> None:
        lined, calld = self.lined, self.calld
        self.postman.turn(calld, now_ms, self.wall)
        if calld is None:
            if lined is not None:
                lined.take_messages()
            return
        if lined is not None and not self._connected:
            self._connected = True
            for message in calld.lined_connected(now_ms):
                if not lined.has_calld:
                    lined.calld_connected(now_ms)
                lined.command(message, now_ms)
        for _ in range(8):  # commands cause events cause commands: a few rounds in one block
            todo = []
            if lined is not None:
                for message in lined.take_messages():
                    self.lifts.hear(message, now_ms)
                    todo += calld.from_lined(message, now_ms, self.wall)
            for told in self.faxes.take():
                todo += calld.from_lined(told, now_ms, self.wall)
            if calld.next_deadline() <= now_ms:
                todo += calld.advance(now_ms, self.wall)
            self._web.ask(calld.take_web_questions(), now_ms)
            for answer in self._web.answers(now_ms):
                todo += calld.web_answered(answer, now_ms, self.wall)
            if not todo:
                break
            if lined is not None:
                for message in todo:
                    if not self.faxes.order(message) and not self._lose(message):
                        lined.command(message, now_ms)
                self._look(lined, calld, now_ms)

    def _look(self, lined: Lined, calld: Calld, now_ms: int) -> None:
        """What must hold after every event; ``BrokenError`` where it does not."""
        if not self._connected or not calld.execution.connected:
            return
        seen = lined.snapshot(now_ms, 0)
        telephones = [port for port in seen.ports if port.port.startswith("fxs/")]
        lines = [port for port in seen.ports if port.port.startswith("fxo/")]
        self.watch.look(
            sight(
                calld._office,
                now_ms,
                tones={port.port: port.tone for port in seen.ports if port.tone},
                ringing={port.port for port in telephones if port.ringing},
                seized={port.port for port in lines if port.off_hook},
                bridges={
                    b.bridge: (b.call, tuple(party.port for party in b.parties))
                    for b in seen.bridges
                },
            )
        )

    # --- what people see ---

    @property
    def card_ready(self) -> bool:
        """Every port has come up or failed."""
        return self.lined is not None and self.lined.card.ready

    def telephone(self, extension: str) -> Telephone:
        """A telephone of the town."""
        return self.town.telephone(extension)

    def line(self, number: int) -> ExchangeLine:
        """An exchange line of the town."""
        return self.town.line(number)

    def status(self) -> Status | None:
        """What calld says of itself."""
        return None if self.calld is None else self.calld.status(self.now_ms)

    def all_records(self) -> list[dict[str, Any]]:
        """Call records, oldest first, as a reader of the call log gets them."""
        with ReadRecords.open(self.folder / "data" / RECORDS) as records:
            return [msgspec.to_builtins(r) for r in reversed(records.calls(limit=-1))]

    def log(self) -> list[Any]:
        """The log, oldest first."""
        with ReadRecords.open(self.folder / "data" / RECORDS) as records:
            return [stored.entry for stored in records.all_events()]

    def records(self) -> list[dict[str, Any]]:
        """Records of calls that are over."""
        return [r for r in self.all_records() if r["outcome"] is not None]

    def tasks(self) -> list[TaskOpened]:
        """Calls that somebody promised, or was given to make; oldest first."""
        with ReadRecords.open(self.folder / "data" / RECORDS) as records:
            found = list(records.entries_of("task_opened"))
        return [entry for entry in found if isinstance(entry, TaskOpened)]

    def entries(self, kind: str) -> list[Any]:
        """Entries of the log of one kind, by its tag, oldest first."""
        with ReadRecords.open(self.folder / "data" / RECORDS) as records:
            return list(records.entries_of(kind))

    def outbox(self) -> list[OutboxItem]:
        """What waits to leave the box besides speech."""
        with ReadRecords.open(self.folder / "data" / RECORDS) as records:
            return records.outbox()

    def ports(self) -> dict[str, dict[str, Any]]:
        """Every port by name, as the status shows it."""
        status = self.status()
        return {} if status is None else {p.port: msgspec.to_builtins(p) for p in status.ports}

    def mode(self) -> str:
        """Day, lunch, night or holiday, as the status shows it."""
        status = self.status()
        return "" if status is None else status.mode

    def loss_db(self, party: Party) -> float:
        """Loss of the copper to a party, one way."""
        return self.town.loss_db(party)

    def prompt(self, name: str) -> np.ndarray:
        """Sound of a prompt of the box."""
        try:
            sound = self._prompts(name)
        except LookupError as problem:
            raise KeyError(str(problem)) from problem
        assert sound is not None
        return sound.astype(np.float32)

    def act(self, what: str) -> None:
        """Do something to the box itself, by its name in ``ACTS``, or send a fax."""
        if self.faxes.asked(self, what):
            return
        if what not in ACTS:
            raise ValueError(f"the box cannot {what!r}; it can {', '.join(sorted(ACTS))}")
        ACTS[what](self)

    def ask(self, request: msgspec.Struct, timeout_ms: int = 1000) -> msgspec.Struct:
        """Ask calld as the page or the command line would."""
        answers: list[msgspec.Struct] = []
        assert self.calld is not None
        commands = self.calld.request(request, answers.append, self.now_ms, self.wall)
        if self.lined is not None:
            for command in commands:
                self.lined.command(command, self.now_ms)
        self.run_until(lambda: bool(answers), timeout_ms)
        return answers[0]

    def _apply_settings(self) -> None:
        from firmware.control.messages import AskSettings, SaveSettings

        answers: list[Any] = []
        assert self.calld is not None
        self.calld.request(AskSettings(), answers.append, self.now_ms, self.wall)
        assert self._wanted is not None
        document = self._wanted(answers[0].settings)
        self.board.has_relay = document.get("power", {}).get("relay", False)
        if document == answers[0].settings:
            return
        save = SaveSettings(base=answers[0].version, who="bench", why="scenario", settings=document)
        self.calld.request(save, answers.append, self.now_ms, self.wall)
        if not hasattr(answers[1], "version"):
            raise ValueError(f"the scenario's settings are refused: {answers[1]}")


ACTS: dict[str, Callable[[Box], None]] = {
    "kill calld": Box.kill_calld,
    "stall calld": Box.stall_calld,
    "start calld": Box.start_calld,
    "kill lined": Box.kill_lined,
    "start lined": Box.start_lined,
    "cut the power": Box.cut_power,
    "power returns": Box.return_power,
    "power returns after 59 min": lambda box: box.return_late(59),
    "power returns after 115 min": lambda box: box.return_late(115),
    "lose the mains": lambda box: box.board.supply(mains=False, low=False),
    "battery runs low": lambda box: box.board.supply(mains=False, low=True),
    "mains return": lambda box: box.board.supply(mains=True, low=False),
    "plug in the modem": lambda box: box.postman.plug_in(box.now_ms),
    "pull out the modem": lambda box: box.postman.unplug(),
    "kill outboxd": lambda box: box.postman.kill(),
    "start outboxd": lambda box: box.postman.start(),
    "kill faxd": lambda box: box.faxes.kill(),
    "start faxd": lambda box: box.faxes.start(),
    "join the network": lambda box: box.be_at("192.168.1.20"),
    "leave the network": lambda box: box.be_at(""),
}


def _chains(telephones: int, lines: int, fxs_chip: str) -> tuple[Chain, ...]:
    chains = []
    if telephones:
        slots = tuple(range(telephones))
        chains.append(
            Chain(kind="fxs", chip=fxs_chip, device="/dev/spidev0.0", count=telephones, slots=slots)
        )
    if lines:
        slots = tuple(range(telephones, telephones + lines))
        chains.append(
            Chain(kind="fxo", chip="si3050", device="/dev/spidev0.1", count=lines, slots=slots)
        )
    return tuple(chains)


def memory_folder() -> Path | None:
    """Where files cost no waiting for a disc; None where there is no such place with room.

    In virtual time a disc takes no time, so it should take none of ours either: a box flushes
    what a person would miss some twenty times a call.
    """
    place = Path("/dev/shm")  # noqa: S108  # each box makes a folder of its own there
    try:
        return place if shutil.disk_usage(place).free >= ROOM_BYTES else None
    except OSError:
        return None


def real_seconds() -> float:
    """For figures only: what the run cost."""
    return time.process_time()
