"""The box as real processes on the real-time town, for tests and figures that need a real kill.

Waiting here is waiting for other processes; everything that can be judged in virtual time is.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec

from firmware.control.link import ANSWERS, LinkError, connect
from firmware.control.messages import AskSettings, AskStatus, Hello, SaveSettings, Status
from firmware.daemons.call_loop import SOCKET_NAME as CALLD_SOCKET
from firmware.storage.record_reader import ReadRecords
from tests.bench.remote import SOCKET_NAME as WORLD_SOCKET
from tests.bench.remote import WorldControl
from tests.bench.remote_reset import connect as connect_device
from tests.bench.run import Supervisor, free_port, prepare, programs

LOOK_S = 0.01
UP_S = 25.0


class RealBox:
    """World, lined and calld (and more, if wanted) as processes of their own."""

    def __init__(
        self,
        country: str = "CN",
        wanted: tuple[str, ...] = ("world", "lined", "calld"),
        *,
        patient: bool = False,
        before: Callable[[Path], None] | None = None,
        machine: Path | None = None,
    ):
        """Put it together.

        Args:
            country: profile of box and town.
            wanted: names of ``tests.bench.run.programs``.
            patient: see ``world_server``.
            before: given the data folder, fills it before anything starts.
            machine: a machine configuration instead of the bench's own.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="tipring-real-")
        self.folder = Path(self._temporary.name)
        prepare(self.folder, country, free_port(0), machine)
        if before is not None:
            before(self.folder / "data")
        started = programs(self.folder, free_port(0), patient=patient)
        chosen = [p for p in started if p.name in wanted]
        self.supervisor = Supervisor(chosen, self.folder / "logs")
        self.started_s = 0.0
        self._world: WorldControl | None = None

    def __enter__(self) -> Self:
        self.started_s = time.monotonic()
        self.supervisor.start_all()
        try:
            self.wait(self._world_answers, UP_S)
            self.wait(self.ready, UP_S)
        except BaseException:
            self.supervisor.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.supervisor.stop()
        self._temporary.cleanup()

    def _world_answers(self) -> bool:
        try:
            # A socket is in the folder a moment before anybody listens on it.
            self._world = WorldControl(self.folder / "run" / WORLD_SOCKET)
        except OSError:
            return False
        return True

    # --- waiting ---

    def wait(self, true: Callable[[], bool], timeout_s: float) -> float:
        """Wait until something holds; how long it took. ``TimeoutError`` with the logs if not."""
        begin = time.monotonic()
        while not true():
            self.supervisor.tend()
            if time.monotonic() - begin > timeout_s:
                raise TimeoutError(f"not within {timeout_s} s\n{self.logs()}")
            time.sleep(LOOK_S)  # noqa: TID251  # other processes work meanwhile
        return time.monotonic() - begin

    def let_pass(self, seconds: float) -> None:
        """Let real time pass, tending the programs."""
        begin = time.monotonic()
        self.wait(lambda: time.monotonic() - begin >= seconds, seconds + 5)

    def logs(self) -> str:
        """The last words of every program."""
        found = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(f"{f.name}: {f.read_text(encoding='utf-8')[-1500:]}" for f in found)

    # --- people ---

    def act(self, do: str, who: str = "", **more: Any) -> dict[str, Any]:
        """Something a person in the town does, or looks at; see ``tests.bench.control``."""
        assert self._world is not None
        return self._world.ask(do=do, who=who, **more)

    def pace_us(self) -> dict[str, Any]:
        """How soon lined was at work on the blocks given since the last question, and answered.

        ``woken`` and ``answered``, each with ``count``, ``median``, ``p99``, ``most``, and
        ``of_20_us``: how many by fiftieths of a ms.
        """
        link = connect_device(self.folder / "run" / WORLD_SOCKET, "pace")
        try:
            link.send(b"?")
            return dict(json.loads(link.recv(262_144)))
        finally:
            link.close()

    def party(self, name: str) -> dict[str, Any]:
        """State of one telephone or line."""
        state = self.act("state")
        return next(p for p in [*state["telephones"], *state["lines"]] if p["name"] == name)

    def busy_lines(self, lines: int) -> None:
        """Calls from so many lines, each answered by a telephone of its own, all talking."""
        self.change_settings(each_line_its_telephone)
        for n in range(1, lines + 1):
            self.act("call", f"line {n}", number=f"1380013800{n}")
        for n in range(1, lines + 1):
            name = f"telephone {200 + n}"
            self.wait(lambda name=name: self.party(name)["ringing"], 25)
            self.act("lift", name)
        for n in range(1, lines + 1):
            self.wait(lambda n=n: self.party(f"line {n}")["state"] == "talking", 5)
            self.act("talk", f"line {n}", seed=n)
            self.act("talk", f"telephone {200 + n}", seed=10 + n)

    # --- the box ---

    def ask(self, request: msgspec.Struct) -> Any:
        """Ask calld; None while it does not answer."""
        return asked(self.folder / "run", request)

    def status(self) -> Status | None:
        """The state of the box, None while calld is away."""
        return self.ask(AskStatus())

    def ready(self) -> bool:
        """Every port is in service."""
        status = self.status()
        return (
            status is not None
            and status.lines_connected
            and {p.state for p in status.ports} == {"idle"}
        )

    def change_settings(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Save settings as a page would."""
        change_settings(self.folder / "run", change)

    def records(self) -> list[dict[str, Any]]:
        """Records of calls that are over, oldest first."""
        with ReadRecords.open(self.folder / "data" / "records.sqlite") as records:
            rows = [msgspec.to_builtins(r) for r in reversed(records.calls(limit=-1))]
        return [row for row in rows if row["outcome"] is not None]

    def pid(self, name: str) -> int:
        """Process of a daemon."""
        process = next(p for p in self.supervisor.programs if p.name == name).process
        assert process is not None
        return process.pid

    def kill(self, name: str) -> float:
        """SIGKILL; the supervisor starts it again as the service manager would. When it was."""
        os.kill(self.pid(name), signal.SIGKILL)
        return time.monotonic()

    def resident_mb(self, name: str) -> float:
        """Resident memory of a daemon."""
        text = Path(f"/proc/{self.pid(name)}/status").read_text(encoding="ascii")
        line = next(row for row in text.splitlines() if row.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


def asked(run: Path, request: msgspec.Struct) -> Any:
    """Ask the calld of a run's folder; None while it does not answer."""
    try:
        link = connect(run / CALLD_SOCKET, ANSWERS, name="calld")
    except LinkError:
        return None
    try:
        link.send(Hello(program="bench"))
        link.send(request)
        while True:
            for message in link.wait(2000):
                if not isinstance(message, Hello):
                    return message
    except LinkError:
        return None
    finally:
        link.close()


def change_settings(run: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Save settings as a page would."""
    now = asked(run, AskSettings())
    save = SaveSettings(base=now.version, who="bench", why="test", settings=change(now.settings))
    answer = asked(run, save)
    assert hasattr(answer, "version"), answer


def each_line_its_telephone(document: dict[str, Any]) -> dict[str, Any]:
    """Settings: line N rings extension 200 + N without a menu; all is recorded, nobody is told."""
    lines = [dict(line, inbound=str(201 + n)) for n, line in enumerate(document["lines"])]
    return dict(document, lines=lines, record="all", record_notice="none")
