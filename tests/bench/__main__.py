"""The bench from the command line: ``python -m tests.bench play FILE``, ``run``, ``figures``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.remote_reset import RemoteReset

ROOT = Path(__file__).parents[2]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the daemons do, before numpy is imported
TOWN_S = 20.0


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    play = commands.add_parser("play", help="run a scenario and print each step's verdict")
    play.add_argument("file", type=Path, nargs="+")
    play.add_argument("--real-time", action="store_true", help="at the pace of a clock")
    play.add_argument("--record", type=Path, help="leave a WAV of what every party heard here")
    play.add_argument(
        "--block", type=int, choices=(5, 10, 20), help="ms, instead of the scenario's; 5 is ours"
    )
    run = commands.add_parser("run", help="the whole box with its page, until interrupted")
    run.add_argument("--country", default="CN")
    run.add_argument("--folder", type=Path, default=ROOT / "out" / "box")
    run.add_argument("--seconds", type=float, help="end by itself after so long")
    run.add_argument("--config", type=Path, help="a machine configuration other than the bench's")
    run.add_argument(
        "--ports", type=int, nargs=2, default=(8080, 8081), help="of the page and the telephones"
    )
    run.add_argument(
        "--patient", action="store_true", help="the town waits for a busy machine (tests)"
    )
    figures = commands.add_parser("figures", help="print benchmarks beside rival or limit")
    figures.add_argument("only", nargs="*", help="names of figure modules; all when none")
    for name, words in (
        ("world", "the town in real time (part of run)"),
        ("lined", "lined on the town's devices (part of run)"),
        ("phones", "the page of telephones (part of run)"),
        ("mast", "a modem, mobile telephones and a mail server (part of run)"),
    ):
        part = commands.add_parser(name, help=words)
        part.add_argument("--config", type=Path, required=True)
        if name == "phones":
            part.add_argument("--port", type=int, default=8081)
        if name == "mast":
            part.add_argument("--port", type=int, default=8025, help="of the mail server")
        if name == "world":
            part.add_argument("--patient", action="store_true")
            part.add_argument("--patience", type=float, help="s that a patient town waits")
    chosen = parser.parse_args()
    return COMMANDS[chosen.command](chosen)


def _play(chosen: argparse.Namespace) -> int:
    from tests.bench.player import play_files

    return play_files(
        chosen.file, real_time=chosen.real_time, record=chosen.record, block_ms=chosen.block
    )


def _run(chosen: argparse.Namespace) -> int:
    from tests.bench.run import run

    return run(
        chosen.folder,
        chosen.country,
        seconds=chosen.seconds,
        config=chosen.config,
        ports=tuple(chosen.ports),
        patient=chosen.patient,
    )


def _figures(chosen: argparse.Namespace) -> int:
    from tests.bench.figures.show import show

    return show(chosen.only)


def stop_on_signals() -> Callable[[], bool]:
    """Becomes True after SIGTERM or SIGINT."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: asked.append(number))
    return lambda: bool(asked)


def _world(chosen: argparse.Namespace) -> int:
    from firmware.core.clock import BLOCK_SAMPLES
    from firmware.daemons.start import read_configuration, set_up_logging
    from firmware.daemons.wires.realtime import freeze_collector, take_priority
    from tests.bench.control import control
    from tests.bench.reading_room import ReadingRoom
    from tests.bench.town import running_town
    from tests.bench.world_server import WorldServer

    set_up_logging("world")
    machine = read_configuration(chosen.config)
    counts = {chain.kind: chain.count for chain in machine.chains}
    chips = {chain.kind: chain.chip for chain in machine.chains}
    town = running_town(
        machine.country, counts.get("fxs", 0), counts.get("fxo", 0), chips.get("fxs", "si3215")
    )
    stop = stop_on_signals()
    room = ReadingRoom(town)
    server = WorldServer(
        town,
        Path(machine.folders.run),
        BLOCK_SAMPLES,
        control,
        after_block=room.turn,
        patient=chosen.patient,
        **({} if chosen.patience is None else {"patience_s": chosen.patience}),
    )
    take_priority()
    freeze_collector()
    server.run(stop)
    return 0


def _lined(chosen: argparse.Namespace) -> int:
    import tomllib

    from tests.bench.remote_reset import SOCKET_NAME

    # As on the appliance: the chips are in reset before anything heavy is imported.
    with chosen.config.open("rb") as file:
        world = Path(tomllib.load(file)["folders"]["run"]) / SOCKET_NAME
    reset = open_reset(world)
    reset(True)

    from drivers.errors import BusError
    from firmware.daemons.start import read_configuration, set_up_logging

    set_up_logging("lined")
    machine = read_configuration(chosen.config)
    run_folder = Path(machine.folders.run)
    stop = stop_on_signals()

    from firmware.core.clock import BLOCK_SAMPLES
    from firmware.core.countries import country
    from firmware.daemons.office_clock import OfficeClock
    from firmware.daemons.start import local_now
    from firmware.daemons.wires.assembly import boot_id, build_lined, build_prompts
    from firmware.daemons.wires.line_loop import LineLoop
    from firmware.daemons.wires.realtime import freeze_collector, take_priority
    from firmware.daemons.wires.rehearsal import rehearse
    from firmware.daemons.wires.spool import SpoolThread
    from tests.bench.remote import RemoteBus, RemotePcm

    clock = OfficeClock(run_folder, machine.country)
    rehearse(country(machine.country), local_now())
    lined = build_lined(
        machine,
        fxs=RemoteBus(world, "fxs"),
        fxo=RemoteBus(world, "fxo"),
        reset=reset,
        prompts=build_prompts(machine, wait=False),
        sink=SpoolThread(),
        wall=local_now,
        boot=boot_id(),
    )
    take_priority()
    try:
        pcm = RemotePcm(world, BLOCK_SAMPLES)
        loop = LineLoop(lined, pcm, run_folder, block_samples=BLOCK_SAMPLES, clock=clock)
        loop.run(stop, freeze_collector)
    except (BusError, OSError) as problem:
        sys.stderr.write(f"lined: the bench's hardware is gone: {problem}\n")
        return 1
    return 0


def open_reset(path: Path) -> RemoteReset:
    """The card's reset line, waited for: the town may be starting too."""
    import time

    from tests.bench.remote_reset import RemoteReset

    deadline = time.monotonic() + TOWN_S
    while True:
        try:
            return RemoteReset(path)
        except OSError as problem:
            if time.monotonic() > deadline:
                raise SystemExit(f"lined: the town does not listen on {path}: {problem}") from None
        time.sleep(0.02)  # noqa: TID251  # a real process waits for another one


def _mast(chosen: argparse.Namespace) -> int:
    from firmware.config import load
    from tests.bench.cellular import mast
    from tests.bench.post_office import open_office
    from tests.bench.run import free_port

    run = Path(load(chosen.config).folders.run)
    folder = chosen.config.parent
    with open_office(folder / "mail", free_port(chosen.port)) as office:
        print(f"mail server localhost:{office.port}", flush=True)
        mast.serve(run, folder / "texts.log", "huawei", stop_on_signals())
    return 0


def _phones(chosen: argparse.Namespace) -> int:
    from tests.bench.phones.serve import serve_phones

    return serve_phones(chosen.config, chosen.port)


COMMANDS = {
    "play": _play,
    "run": _run,
    "figures": _figures,
    "world": _world,
    "lined": _lined,
    "phones": _phones,
    "mast": _mast,
}

if __name__ == "__main__":
    sys.exit(main())
