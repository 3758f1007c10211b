"""Start one daemon on the genuine devices: ``python -m firmware.daemons.start lined --config F``.

A configuration that cannot be used ends the start with one sentence and status 2. lined holds the
card in reset before anything heavy is imported, so that a restart frees the exchange lines at once.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from firmware.config import ConfigError, Machine, check, check_devices, load
from firmware.daemons.log_file import keep_log

EXIT_CONFIG = 2

# One thread for linear algebra: blocks are small, more threads cost memory and make ticks late.
# Has to be said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main(arguments: list[str] | None = None) -> None:
    """Start the daemon named on the command line."""
    parser = argparse.ArgumentParser(prog="tipring-start", description="Start one daemon.")
    parser.add_argument("daemon", choices=("lined", "calld", "sipd", "faxd", "outboxd", "webd"))
    parser.add_argument("--config", type=Path, default=Path("/etc/tipring/machine.toml"))
    chosen = parser.parse_args(arguments)
    set_up_logging(chosen.daemon)
    machine = read_configuration(chosen.config)
    keep_log(run_folder(machine), chosen.daemon)
    starts = {
        "lined": start_lined,
        "calld": start_calld,
        "sipd": start_sipd,
        "faxd": start_faxd,
        "outboxd": start_outboxd,
        "webd": start_webd,
    }
    starts[chosen.daemon](machine)


def set_up_logging(daemon: str) -> None:
    """One line per record on standard error, where the service manager reads it.

    The journal dates every line itself and says so in JOURNAL_STREAM (systemd.exec(5)).
    """
    dated = "" if "JOURNAL_STREAM" in os.environ else "%(asctime)s "
    form = f"{dated}{daemon}: %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form)
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # tells each table of a font it cuts


def read_configuration(path: Path) -> Machine:
    """The machine configuration, or an end with the sentence that says what is wrong."""
    try:
        machine = load(path)
        check(machine)
    except ConfigError as problem:
        refuse(str(problem))
    return machine


def refuse(sentence: str) -> NoReturn:
    """Print why this daemon does not start, and end."""
    sys.stderr.write(f"tipring: {sentence}\n")
    raise SystemExit(EXIT_CONFIG)


def stop_on_signals() -> Callable[[], bool]:
    """A question that is answered with True after SIGTERM or SIGINT."""
    asked = False

    def note(_number: int, _frame: object) -> None:
        nonlocal asked
        asked = True

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return lambda: asked


def start_lined(machine: Machine) -> None:
    """Lined on spidev, ALSA and GPIO."""
    from drivers.errors import DriverError
    from drivers.gpio import HeaderLines
    from firmware.daemons.notify import Notifier
    from firmware.daemons.wires.card_wait import CardWait

    wait = CardWait(run_folder(machine), Notifier())
    wait.until("spi", lambda: check_devices(machine))
    pins = machine.pins
    lamps = tuple(lamp for lamp in (pins.led_ok, pins.led_fault) if lamp is not None)
    header = wait.until(
        "pins",
        lambda: HeaderLines(
            reset=pins.reset,
            interrupt=pins.interrupt_fxs,
            relay=pins.relay,
            button=pins.button,
            lamps=lamps,
            doors=tuple(n for n in (pins.door_1, pins.door_2) if n is not None),
            mains=pins.mains,
            battery_low=pins.battery_low,
            relay_pulses=machine.power_fail_relay == "pulses",
        ),
    )

    # From here on the chips are in reset and every exchange line is on-hook.
    from drivers.alsa_pcm import AlsaPcm
    from drivers.pcm import IDLE_A_LAW, IDLE_U_LAW
    from drivers.spidev_bus import SpidevBus
    from firmware.core.clock import BLOCK_SAMPLES
    from firmware.core.countries import country
    from firmware.daemons.office_clock import OfficeClock
    from firmware.daemons.wires.assembly import boot_id, build_lined, build_prompts, chain_of
    from firmware.daemons.wires.line_loop import LineLoop
    from firmware.daemons.wires.realtime import freeze_collector, take_priority
    from firmware.daemons.wires.rehearsal import rehearse
    from firmware.daemons.wires.spool import SpoolThread

    clock = OfficeClock(run_folder(machine), machine.country)
    rehearse(country(machine.country), local_now())
    fxs, fxo = chain_of(machine, "fxs"), chain_of(machine, "fxo")
    law = country(machine.country).law
    # Clocks must run before the chips leave reset: the highway starts at its first read, and
    # the card releases reset in a poll, which comes after that.
    pcm = wait.until(
        "sound",
        lambda: AlsaPcm(
            machine.sound.device,
            block_samples=BLOCK_SAMPLES,
            periods=machine.sound.periods,
            idle_code=IDLE_A_LAW if law == "a" else IDLE_U_LAW,
        ),
    )
    try:
        lined = build_lined(
            machine,
            fxs=SpidevBus(fxs.device, fxs.speed_hz) if fxs else None,
            fxo=SpidevBus(fxo.device, fxo.speed_hz) if fxo else None,
            reset=header.reset,
            prompts=build_prompts(machine, wait=False),
            sink=SpoolThread(),
            wall=local_now,
            boot=boot_id(),
            board=header,
        )
    except (ConfigError, DriverError) as problem:
        refuse(str(problem))
    header.relay(energised=True)
    logging.getLogger(__name__).info("granted: %s", take_priority())
    loop = LineLoop(lined, pcm, run_folder(machine), block_samples=BLOCK_SAMPLES, clock=clock)
    try:
        loop.run(stop_on_signals(), freeze_collector)
    finally:
        header.relay(energised=False)
        header.close()


def start_calld(machine: Machine) -> None:
    """Calld on its data folder."""
    from firmware.core.shapes import work_out
    from firmware.daemons.call_loop import CallLoop, wall_now
    from firmware.daemons.compose import build_calld
    from firmware.daemons.office_clock import OfficeClock
    from firmware.daemons.wires.assembly import boot_id
    from firmware.daemons.wires.line_loop import monotonic_ms

    work_out()
    clock = OfficeClock(run_folder(machine), machine.country)
    now_ms, wall = monotonic_ms(), wall_now()
    calld = build_calld(machine, boot=boot_id(), now_ms=now_ms, wall=wall, aside=True)
    asyncio.run(CallLoop(calld, run_folder(machine), clock).serve())


def start_sipd(machine: Machine) -> None:
    """Trunks to providers, by their own library."""
    from firmware.core.shapes import work_out
    from firmware.daemons.trunk.sipd import Sipd

    work_out()
    own = Path(machine.folders.data) / "trunk"
    sipd = Sipd(run_folder(machine), machine.country, machine.trunk_legs, own)
    raise SystemExit(sipd.run(stop_on_signals()))


def start_faxd(machine: Machine) -> None:
    """Faxes, by the library that reads what strangers send."""
    from firmware.daemons.fax.faxd import Faxd

    Faxd(run_folder(machine), machine.country, machine.fax_ends).run(stop_on_signals())


def start_outboxd(machine: Machine) -> None:
    """What leaves the box besides speech, on the serial ports that the machine names."""
    from firmware.core.shapes import work_out
    from firmware.daemons.outbox.outbox_loop import OutboxLoop

    work_out()
    loop = OutboxLoop(
        run_folder(machine),
        Path(machine.folders.data),
        modem=machine.serial.modem,
        printer=machine.serial.printer,
    )
    asyncio.run(loop.serve())


def start_webd(machine: Machine) -> None:
    """The page behind its production server."""
    from firmware.daemons.notify import Notifier
    from firmware.daemons.office_clock import OfficeClock
    from firmware.daemons.own_address import own_address
    from web.serve import serve

    manager = Notifier()
    clock = OfficeClock(run_folder(machine), machine.country)

    def alive() -> None:
        clock.look()
        manager.alive()

    serve(
        run_folder=run_folder(machine),
        data_folder=Path(machine.folders.data),
        address=machine.page_address,
        ready=manager.ready,
        alive=alive,
        own_address=own_address,
    )


def run_folder(machine: Machine) -> Path:
    """Folder of the sockets, made if it is not there."""
    folder = Path(machine.folders.run)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def local_now() -> datetime:
    """Local wall time, for the display of telephones."""
    return datetime.now().astimezone()


if __name__ == "__main__":
    main()
