"""A card of the bench is attached to the built image from outside, and carries calls.

The image runs in an emulated machine with its own kernel, units and programs. The chips, the
copper, the telephones and the exchange are the bench's town, in a process beside it. What is not
the image's own is named here: lined opens the town's bus, highway and reset line
(``tests.bench.remote``) in place of ``/dev/spidev``, ALSA and GPIO, whose modules are proved
elsewhere (``make device-test``). Everything above these three device files runs as on a box, under
its unit.

The town waits for each block, so line time stands still while the machine is slow; the machine
counts its own time in instructions. Nothing depends on how busy the building machine is.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from image.__main__ import build
from image.boottest import a_bench, claimed, code_of, looked
from image.debian import loader_of_machine
from image.machine import Machine, a_card, free_port
from image.plain import plain_times
from image.stage import TREE, BuildError, Cache
from tests.bench import relay
from tests.bench.remote import SOCKET_NAME, WorldControl
from tests.image.owner import calls_page

HOST: Final = "10.0.2.2"
"""This machine, seen from inside (QEMU's user network)."""
LIMIT_S: Final = 3600.0
DIAL_TONE_HZ: Final = 450.0  # China: GF 002-9002.1, dial tone 450 Hz continuous
HEARD_DBM0: Final = -35.0

RELAY: Final = """[Unit]
Description=the bench's card
[Service]
ExecStart=/opt/tipring/.venv/bin/python -m tests.bench.relay near /run/tipring/{name} {host} {port}
Environment=PYTHONPATH=/run/bench PYTHONDONTWRITEBYTECODE=1
"""
LINED: Final = """[Unit]
After=relay.service
[Service]
ExecStart=
ExecStart=/opt/tipring/.venv/bin/python -m tests.bench lined --config /etc/tipring/machine.toml
Environment=PYTHONPATH=/opt/tipring:/run/bench
"""
DAEMON: Final = ("__init__", "__main__", "relay", "remote", "remote_reset")
"""The bench's modules that go into the machine."""


def handed_in(folder: Path, port: int) -> Path:
    """What the machine is given: the daemon on the town's devices, and their relay."""
    units, modules = folder / "units", folder / "tests/bench"
    shutil.rmtree(folder, ignore_errors=True)
    (units / "tipring-lined.service.d").mkdir(parents=True)
    modules.mkdir(parents=True)
    relayed = RELAY.format(name=SOCKET_NAME, host=HOST, port=port)
    (units / "relay.service").write_text(relayed, encoding="utf-8")
    (units / "tipring-lined.service.d/bench.conf").write_text(LINED, encoding="utf-8")
    shutil.copy(TREE / "tests/__init__.py", folder / "tests/__init__.py")
    for name in DAEMON:
        shutil.copy(TREE / f"tests/bench/{name}.py", modules / f"{name}.py")
    return folder


class TownOutside:
    """The bench's town as a process, its card reachable over TCP."""

    def __init__(self, folder: Path) -> None:
        """Not started yet; ``folder`` gets its machine description and its socket."""
        self._run = folder / "run"
        self._run.mkdir(parents=True, exist_ok=True)
        card = (TREE / "firmware/machine.example.toml").read_text(encoding="utf-8")
        machine = folder / "machine.toml"
        machine.write_text(card.replace('"/run/tipring"', f'"{self._run}"'), encoding="utf-8")
        self._machine, self._log = machine, folder / "world.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._control: WorldControl | None = None
        path = self._run / SOCKET_NAME
        threading.Thread(target=relay.far, args=(path, self._listener), daemon=True).start()

    def start(self) -> None:
        """Let its time begin."""
        (self._run / SOCKET_NAME).unlink(missing_ok=True)
        world = [sys.executable, "-m", "tests.bench", "world", "--config", str(self._machine)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*world, "--patient", "--patience", "120"], cwd=TREE, stdout=log, stderr=log
            )

    def ask(self, do: str, who: str = "", **more: Any) -> dict[str, Any]:
        """Something a person does, or looks at; see ``tests.bench.control``."""
        wait(self._reached, "the town starts", 300)
        assert self._control is not None
        return self._control.ask(do=do, who=who, **more)

    def _reached(self) -> bool:
        if self._control is None:
            try:
                self._control = WorldControl(self._run / SOCKET_NAME)
            except OSError:  # its socket is there a moment before anybody listens on it
                return False
        return True

    def party(self, name: str) -> dict[str, Any]:
        """One telephone or line."""
        state = self.ask("state")
        return next(p for p in [*state["telephones"], *state["lines"]] if p["name"] == name)

    def hears(self, who: str, hz: float) -> bool:
        """Whether a party hears a tone now."""
        return float(self.ask("hears", who, hz=hz, ms=200)["dbm0"]) > HEARD_DBM0

    def now_ms(self) -> int:
        """Line time."""
        return int(self.ask("state")["now_ms"])

    def stop(self) -> None:
        """End its time; it may start again."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None
        (self._run / SOCKET_NAME).unlink(missing_ok=True)

    def close(self) -> None:
        """End it for good."""
        self._listener.close()
        self.stop()


def wait(true: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    """Wait for another machine; ``BuildError`` with ``what`` when it does not come."""
    begin = time.monotonic()
    while not true():
        if time.monotonic() - begin > limit_s:
            raise BuildError(f"not seen within {limit_s:.0f} s: {what}")
        time.sleep(0.2)  # noqa: TID251  # another machine works meanwhile


def heard_both_ways(town: TownOutside, one: str, other: str) -> None:
    """Each says a tone of his own, and the other hears it."""
    for speaker, listener, hz in ((one, other, 700.0), (other, one, 1100.0)):
        town.ask("tone", speaker, hz=hz, dbm0=-12.0, ms=1500)
        wait(partial(town.hears, listener, hz), f"{listener} hears {speaker}", 600)


def call_in(town: TownOutside) -> None:
    """From outside into the menu, by its first choice to a telephone, and out again."""
    town.ask("call", "line 1", number="13800138000")
    wait(lambda: town.party("line 1")["state"] == "talking", "line 1 is answered")
    bursts = town.party("line 1")["bursts"]
    print(f"image: line 1 is answered after {bursts} bursts of ringing", flush=True)
    said_ms = town.now_ms() + 2_000
    wait(lambda: town.now_ms() > said_ms, "two seconds of the greeting")
    town.ask("press", "line 1", keys="1")
    wait(lambda: bool(town.party("telephone 201")["ringing"]), "telephone 201 rings")
    wait(lambda: town.party("telephone 201")["shown"] is not None, "its display shows the caller")
    shown = town.party("telephone 201")["shown"]
    if shown["number"] != "13800138000":
        raise BuildError(f"telephone 201 shows {shown}")
    town.ask("lift", "telephone 201")
    answered_ms = town.now_ms() + 1_500
    wait(lambda: town.now_ms() > answered_ms, "a moment of talk")
    heard_both_ways(town, "line 1", "telephone 201")
    town.ask("hang_up", "line 1")
    wait(lambda: not town.party("line 1")["seized"], "line 1 is released")
    town.ask("replace", "telephone 201")


def call_out(town: TownOutside, number: str = "01087654321") -> None:
    """From a telephone through an exchange line to somebody outside."""
    for n in range(1, 5):
        town.ask("far_end", f"line {n}", answer_after_ms=1500, reversal=True)
    town.ask("lift", "telephone 202")
    wait(lambda: town.hears("telephone 202", DIAL_TONE_HZ), "telephone 202 has dial tone")
    town.ask("press", "telephone 202", keys="0" + number)

    def talking() -> str:
        lines = [p for p in town.ask("state")["lines"] if p["state"] == "talking"]
        return str(lines[0]["name"]) if lines else ""

    wait(lambda: bool(talking()), "the far person answers")
    line = talking()
    dialled = town.party(line)["digits"]
    if dialled != number:
        raise BuildError(f"{line} was dialled {dialled!r} instead of {number!r}")
    heard_both_ways(town, line, "telephone 202")
    town.ask("replace", "telephone 202")
    wait(lambda: not town.party(line)["seized"], f"{line} is released")


def dial_tone(town: TownOutside) -> None:
    """A telephone that was lifted before the machine was switched on has dial tone."""
    wait(lambda: town.hears("telephone 203", DIAL_TONE_HZ), "dial tone")


def attached(built: Path, folder: Path, firmware: Path) -> int:
    """Start the image with the town's card, call in and out, read the records; 0 for all well."""
    folder.mkdir(parents=True, exist_ok=True)
    town = TownOutside(folder / "town")
    bench = a_bench(folder, handed_in(folder / "handed", town.port))
    console = folder / "console.txt"
    machine = Machine(a_card(built, folder), console, firmware, free_port(), bench=bench)
    machine.start()
    try:
        machine.boot()
        # Until then the town would only take time from the machine.
        machine.until("the bench's card")
        town.start()
        town.ask("lift", "telephone 203")
        dial_tone(town)
        print(f"image: dial tone when the machine says {last_time(machine)} s", flush=True)
        town.ask("replace", "telephone 203")
        machine.until("look done")
        seen = looked(machine.said())
        for name in ("time", "up", "memory", "failed"):
            for line in seen.get(name, []):
                print(f"image: {line}", flush=True)
        owner = claimed(machine.port, code_of(seen))
        if "No line card" in owner:
            raise BuildError("the page says that there is no line card")
        call_in(town)
        print("image: a call came in, through the menu, to a telephone, and ended", flush=True)
        call_out(town)
        print("image: a call went out and ended", flush=True)
        # Numbers are written in groups.
        rows = re.sub(r"&nbsp;|[\s\xa0-]", "", calls_page(machine.port))
        for number in ("13800138000", "01087654321"):
            if number not in rows:
                raise BuildError(f"the page's calls do not show {number}")
        print("image: both calls are among the page's records", flush=True)
    finally:
        machine.stop()
        town.close()
    return 0


def last_time(machine: Machine) -> str:
    """The newest time of the machine's own clock on its serial line, in seconds."""
    times = re.findall(r"^\[ *(\d+\.\d)", machine.said(), re.MULTILINE)
    return times[-1] if times else "?"


def main() -> int:
    """Build what is missing, then test."""
    cache = Cache(TREE / "out/image")
    try:
        built, loader = build(cache), loader_of_machine(cache)
        print(plain_times(cache, loader), flush=True)
        return attached(built, cache.folder / "attached", loader)
    except BuildError as problem:
        print(f"image: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
