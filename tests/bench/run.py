"""The whole box on its bench, in real time, with its page: what ``make run`` starts.

The world (copper, chips, telephones, exchange), lined, calld, webd and the page of telephones are
processes of their own, started again at once when one dies, as the service manager does on the
appliance.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

RESTART_S = 0.05
UP_S = 30.0

MACHINE = """\
# The bench's machine: the reference card, four telephones and four exchange lines.
country = "{country}"
page_address = "127.0.0.1:{page}"

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


def programs(folder: Path, phones_port: int) -> list[Program]:
    """Everything that has to run, in the order of starting."""
    python, config = sys.executable, str(folder / "machine.toml")
    bench = [python, "-m", "tests.bench"]
    start = [python, "-m", "firmware.daemons.start"]
    return [
        Program("world", [*bench, "world", "--config", config]),
        Program("lined", [*bench, "lined", "--config", config]),
        Program("calld", [*start, "calld", "--config", config]),
        Program("webd", [*start, "webd", "--config", config]),
        Program("phones", [*bench, "phones", "--config", config, "--port", str(phones_port)]),
    ]


class Supervisor:
    """Starts programs, starts them again, ends them."""

    def __init__(self, running: list[Program], logs: Path) -> None:
        self.programs = running
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, program: Program) -> None:
        """Start one; its words go to a file of its own."""
        with (self._logs / f"{program.name}.log").open("ab") as log:
            program.process = subprocess.Popen(
                program.arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        program.starts += 1

    def start_all(self) -> None:
        """Start everything."""
        for program in self.programs:
            self.start(program)

    def tend(self) -> None:
        """Start again whatever has died; a refused configuration ends the run instead."""
        for program in self.programs:
            if program.process is None:
                continue
            status = program.process.poll()
            if status is None:
                continue
            if status == 2:
                words = (self._logs / f"{program.name}.log").read_text(encoding="utf-8")
                raise RuntimeError(words.strip().splitlines()[-1])
            self.start(program)

    def stop(self) -> None:
        """End everything, the world last."""
        for program in reversed(self.programs):
            if program.process is not None and program.process.poll() is None:
                program.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 3.0
        for program in reversed(self.programs):
            if program.process is None:
                continue
            try:
                program.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                program.process.kill()
                program.process.wait()


def answers(url: str) -> bool:
    """Whether a page is there."""
    try:
        with urllib.request.urlopen(url, timeout=1) as page:  # noqa: S310  # our own loopback page
            return bool(page.status == 200)
    except OSError:
        return False


def prepare(folder: Path, country: str, page_port: int) -> None:
    """Write the machine configuration of the bench."""
    for name in ("data", "run", "logs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    text = MACHINE.format(country=country, page=page_port, folder=folder)
    (folder / "machine.toml").write_text(text, encoding="utf-8")


def run(folder: Path, country: str, *, seconds: float | None = None) -> int:
    """Bring the box up, say where it is, and keep it up until interrupted."""
    folder = folder.absolute()
    page_port, phones_port = free_port(8080), free_port(8081)
    prepare(folder, country, page_port)
    page, phones = f"http://127.0.0.1:{page_port}/", f"http://127.0.0.1:{phones_port}/"
    supervisor = Supervisor(programs(folder, phones_port), folder / "logs")
    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    begin = time.monotonic()
    supervisor.start_all()
    told = False
    try:
        while not stopping:
            supervisor.tend()
            if not told and answers(page) and answers(phones):
                told = True
                where = f"page {page}  telephones {phones}  (pid {os.getpid()}, Ctrl-C ends it)"
                print(f"tipring is up: {where}", flush=True)
            if not told and time.monotonic() - begin > UP_S:
                print(
                    f"tipring did not come up in {UP_S:.0f} s; see {folder}/logs", file=sys.stderr
                )
                return 1
            if seconds is not None and time.monotonic() - begin > seconds:
                return 0
            time.sleep(RESTART_S)  # noqa: TID251  # a supervisor of real processes waits in real time
    except RuntimeError as problem:
        print(problem, file=sys.stderr)
        return 2
    finally:
        supervisor.stop()
    return 0
