"""The whole box on its bench, in real time, with its page: what ``make run`` starts.

The world (copper, chips, telephones, exchange), lined, calld, webd and the page of telephones are
processes of their own, started again at once when one dies, as the service manager does on the
appliance.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

import msgspec

from firmware.config import ConfigError, Machine, load
from firmware.daemons.start import EXIT_CONFIG

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1  # prctl(2)
STEADY_S = 5.0
RESTART_S = 0.05
UP_S = 30.0

MACHINE = """\
# The bench's machine: the reference card, four telephones and four exchange lines.
country = "{country}"
page_address = "127.0.0.1:{page}"
trunk_legs = 8
fax_ends = 2

[[chains]]
kind = "fxs"
chip = "si3215"
device = "/dev/spidev0.0"
count = 4
slots = [0, 1, 2, 3]

[[chains]]
kind = "fxo"
chip = "si3050"
device = "/dev/spidev0.1"
count = 4
slots = [4, 5, 6, 7]

[pins]
reset = 5

[serial]
modem = "{folder}/run/modem"

[folders]
data = "{folder}/data"
run = "{folder}/run"
"""


@dataclass
class Program:
    """One process of the box or of its bench."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    started_s: float = 0.0
    next_s: float = 0.0  # not started again before
    wait_s: float = RESTART_S


def free_port(wanted: int) -> int:
    """``wanted`` if nobody has it, otherwise one the system gives."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("no TCP port is free on this machine")


def programs(folder: Path, phones_port: int, *, patient: bool = False) -> list[Program]:
    """Everything that has to run, in the order of starting; ``patient``: see ``world_server``."""
    python, config = sys.executable, str(folder / "machine.toml")
    bench = [python, "-m", "tests.bench"]
    start = [python, "-m", "firmware.daemons.start"]
    return [
        Program("world", [*bench, "world", "--config", config, *["--patient"] * patient]),
        Program("lined", [*bench, "lined", "--config", config]),
        Program("calld", [*start, "calld", "--config", config]),
        Program("sipd", [*start, "sipd", "--config", config]),
        Program("faxd", [*start, "faxd", "--config", config]),
        Program("mast", [*bench, "mast", "--config", config]),
        Program("outboxd", [*start, "outboxd", "--config", config]),
        Program("webd", [*start, "webd", "--config", config]),
        Program("phones", [*bench, "phones", "--config", config, "--port", str(phones_port)]),
    ]


class Refused(RuntimeError):  # noqa: N818  # what a person is told
    """A program will not start as it is configured; the sentence is its own."""


def end_with_parent() -> None:
    """Let the kernel end a program whose supervisor was killed, so that none is left behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts programs, starts them again, ends them."""

    def __init__(self, running: list[Program], logs: Path) -> None:
        self.programs = running
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        for log in logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))  # of the run before

    def start(self, program: Program) -> None:
        """Start one; its words go to a file of its own."""
        with (self._logs / f"{program.name}.log").open("ab") as log:
            log.write(f"--- {datetime.now().astimezone():%F %T} started\n".encode())
            log.flush()
            program.process = subprocess.Popen(
                program.arguments,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the supervisor, which ends them in order
                preexec_fn=end_with_parent,  # noqa: PLW1509  # no threads here
            )
        program.started_s = time.monotonic()
        program.starts += 1

    def start_all(self) -> None:
        """Start everything."""
        for program in self.programs:
            self.start(program)

    def tend(self) -> None:
        """Start again whatever has died; a refused configuration ends the run instead.

        At once the first time, as the service manager does; a program that dies over and over is
        given more time.
        """
        now = time.monotonic()
        for program in self.programs:
            if program.process is None or (status := program.process.poll()) is None:
                continue
            if status == EXIT_CONFIG:
                raise Refused(self.last_words(program))
            if not program.next_s:
                lived = now - program.started_s
                program.wait_s = RESTART_S if lived > STEADY_S else min(2.0, 2 * program.wait_s)
                program.next_s = now + program.wait_s
            if now >= program.next_s:
                program.next_s = 0.0
                self.start(program)

    def last_words(self, program: Program) -> str:
        """The last line of a program's log."""
        text = (self._logs / f"{program.name}.log").read_text(encoding="utf-8")
        return (text.strip().splitlines() or [f"{program.name} said nothing"])[-1]

    def stop(self) -> None:
        """End everything, the world last: the others make their hardware safe before."""
        world, *others = self.programs
        _end(others[::-1])
        _end([world])


def _end(ending: list[Program]) -> None:
    processes = [program.process for program in ending if program.process is not None]
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + 3.0
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        with urllib.request.urlopen(url, timeout=1) as page:  # noqa: S310  # our own loopback page
            return bool(page.status == 200)
    except OSError:
        return False


def prepare(folder: Path, country: str, page_port: int, given: Path | None) -> None:
    """Write the machine configuration of the bench, and check it.

    Args:
        folder: of this run.
        country: profile of box and town.
        page_port: where the page shall be.
        given: a machine configuration to use instead; its folders and its page are the bench's.

    Raises:
        ConfigError: it cannot be used.
    """
    for name in ("data", "run", "logs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if given is None:
        text = MACHINE.format(country=country, page=page_port, folder=folder)
    else:
        text = as_toml(load(given), folder, page_port)
    (folder / "machine.toml").write_text(text, encoding="utf-8")
    load(folder / "machine.toml")


def as_toml(machine: Machine, folder: Path, page_port: int) -> str:
    """A machine's country, chains and pins, with folders and page of the bench."""
    lines = [f'country = "{machine.country}"', f'page_address = "127.0.0.1:{page_port}"']
    lines += [f"trunk_legs = {machine.trunk_legs}", f"fax_ends = {machine.fax_ends}"]
    for chain in machine.chains:
        lines += ["", "[[chains]]", *_keys(chain)]
    lines += ["", "[pins]", *_keys(machine.pins)]
    lines += ["", "[serial]", f'modem = "{folder}/run/modem"']
    lines += ["", "[folders]", f'data = "{folder}/data"', f'run = "{folder}/run"', ""]
    return "\n".join(lines)


def _keys(part: msgspec.Struct) -> list[str]:
    values = msgspec.structs.asdict(part).items()
    return [
        f"{name} = {json.dumps(list(value) if isinstance(value, tuple) else value)}"
        for name, value in values
        if value is not None
    ]


def alone(folder: Path) -> TextIO:
    """Hold the folder; ``Refused`` when another box runs in it."""
    folder.mkdir(parents=True, exist_ok=True)
    held = (folder / "lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.seek(0)
        raise Refused(f"a box runs in {folder} already (pid {held.read()})") from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def run(
    folder: Path,
    country: str,
    *,
    seconds: float | None = None,
    config: Path | None = None,
    ports: tuple[int, int] = (8080, 8081),
    patient: bool = False,
) -> int:
    """Bring the box up, say where it is, and keep it up until interrupted.

    Args:
        folder: records, sockets and logs; kept from one run to the next.
        country: profile of box and town.
        seconds: end by itself after so long.
        config: a machine configuration other than the bench's own.
        ports: where page and telephones are wanted; 0 or a taken one: wherever there is room.
        patient: the town waits for a busy machine instead of losing sound.

    Returns:
        0, 1 when the box did not come up, 2 when the configuration is refused.
    """
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: stopping.append(number))
    folder = folder.absolute()
    page_port, phones_port = free_port(ports[0]), free_port(ports[1])
    try:
        held = alone(folder)
        prepare(folder, country, page_port, config)
    except (Refused, ConfigError) as problem:
        sys.stderr.write(f"tipring: {problem}\n")
        return EXIT_CONFIG
    page, phones = f"http://127.0.0.1:{page_port}/", f"http://127.0.0.1:{phones_port}/"
    supervisor = Supervisor(programs(folder, phones_port, patient=patient), folder / "logs")
    begin = time.monotonic()
    told = False
    try:
        supervisor.start_all()
        while not stopping:
            supervisor.tend()
            if not told and answers(page + "health") and answers(phones):
                told = True
                where = f"page {page}  telephones {phones}"
                out = f"texts {folder}/texts.log, mails {folder}/mail, a mobile {folder}/run/mobile"
                print(
                    f"tipring is up: {where}  (pid {os.getpid()}, Ctrl-C ends it; {out})",
                    flush=True,
                )
            if not told and time.monotonic() - begin > UP_S:
                sys.stderr.write(f"tipring did not come up in {UP_S:.0f} s; see {folder}/logs\n")
                return 1
            if seconds is not None and time.monotonic() - begin > seconds:
                break
            time.sleep(RESTART_S)  # noqa: TID251  # a supervisor of real processes waits in real time
    except Refused as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_CONFIG
    finally:
        supervisor.stop()
        held.close()
    return 0
