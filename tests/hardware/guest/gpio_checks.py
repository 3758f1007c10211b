"""``drivers.gpio`` through the genuine rpi-lgpio and lgpio on a kernel GPIO chip."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from tests.hardware.guest.sim_chip import SimChip
from tests.hardware.guest.verdicts import Verdicts

RESET, INTERRUPT, RELAY, BUTTON, LAMP_OK, LAMP_FAULT = 5, 6, 16, 26, 20, 21
PI_4B = "c03111"  # new-style revision code: Pi 4 Model B, 4 GB, BCM2711


def run(verdicts: Verdicts) -> None:
    """Make the chip, then every line in both directions."""
    chip = SimChip.made()
    os.environ["RPI_LGPIO_REVISION"] = PI_4B
    os.environ["RPI_LGPIO_CHIP"] = str(chip.number)
    chip.pull(INTERRUPT, high=True)
    chip.pull(BUTTON, high=True)
    verdicts.check("gpio: without a folder to write to", _unwritable_folder)
    verdicts.check("gpio: the genuine library", _genuine)
    verdicts.check("gpio: edges refused, polled instead", _polled)
    verdicts.check("gpio: outputs", lambda: _outputs(chip))
    verdicts.check("gpio: button", lambda: _button(chip))
    verdicts.check("gpio: interrupt as edges", lambda: _edges(chip))
    verdicts.check("gpio: lines given back", lambda: _given_back(chip))
    verdicts.check("gpio: a line that somebody else holds", _taken)
    verdicts.check("gpio: a line that the board does not have", _beyond)


def poll(chip: SimChip) -> str:
    """Interrupts where the kernel refuses edges; run in a process of its own."""
    from drivers.gpio import HeaderLines

    lines = HeaderLines(reset=RESET, interrupt=INTERRUPT)
    assert not lines.edges, "edges were granted although the kernel refused them"
    assert not lines.interrupt_pending(), "an interrupt that nobody asked for"
    chip.pull(INTERRUPT, high=False)
    assert lines.interrupt_pending(), "the line is low and was not seen"
    assert lines.interrupt_pending(), "the line is still low"
    chip.pull(INTERRUPT, high=True)
    assert not lines.interrupt_pending(), "the line is high again"
    lines.close()
    return "low seen twice, high seen once, by level"


def _genuine() -> str:
    import lgpio
    from RPi import GPIO

    assert GPIO.__file__ is not None
    assert "lgpio" in vars(GPIO), "not rpi-lgpio"
    assert GPIO.RPI_INFO["TYPE"] == "Pi 4 Model B", GPIO.RPI_INFO
    handle = lgpio.gpiochip_open(int(os.environ["RPI_LGPIO_CHIP"]))
    _, count, name, label = lgpio.gpio_get_chip_info(handle)
    lgpio.gpiochip_close(handle)
    assert (count, label) == (54, "pinctrl-bcm2711"), (count, label)
    return f"rpi-lgpio over {lgpio.__file__}, {name} with {count} lines, labelled {label}"


def _child(code: str, folder: str = "/tmp", **environment: str) -> str:  # noqa: S108
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.strip()


def _unwritable_folder() -> str:
    said = _child(
        "from drivers.gpio import HeaderLines\n"
        "from drivers.errors import CardError\n"
        "try: HeaderLines(reset=5)\n"
        "except CardError as problem: print(problem)\n"
        "else: print('no refusal')",
        folder="/proc",
    )
    assert "must be able to write to the folder" in said, said
    return said.splitlines()[-1]


def _polled() -> str:
    return _child(
        "from tests.hardware.guest import gpio_checks, sim_chip\n"
        "print(gpio_checks.poll(sim_chip.SimChip()))",
        LD_PRELOAD="/usr/lib/no_edges.so",
    )


def _outputs(chip: SimChip) -> str:
    from drivers.gpio import HeaderLines

    lines = HeaderLines(reset=RESET, relay=RELAY, lamps=(LAMP_OK, LAMP_FAULT))
    assert chip.level(RESET) == 0, "chips must stay in reset until they are released"
    assert chip.level(RELAY) == 0, "the relay must be released at the start"
    lines.reset(held=False)
    assert chip.level(RESET) == 1, "released is high"
    lines.reset(held=True)
    assert chip.level(RESET) == 0, "held is low"
    lines.relay(energised=True)
    assert chip.level(RELAY) == 1
    lines.relay(energised=False)
    assert chip.level(RELAY) == 0
    for lamp, other in ((LAMP_OK, LAMP_FAULT), (LAMP_FAULT, LAMP_OK)):
        lines.lamp(lamp, lit=True)
        assert (chip.level(lamp), chip.level(other)) == (1, 0), f"lamp {lamp}"
        lines.lamp(lamp, lit=False)
        assert chip.level(lamp) == 0
    lines.close()
    return "reset held 0, released 1, held 0; relay and both lamps on and off"


def _button(chip: SimChip) -> str:
    from drivers.gpio import HeaderLines

    lines = HeaderLines(reset=RESET, button=BUTTON)
    seen = []
    for high in (True, False, True):
        chip.pull(BUTTON, high=high)
        seen.append(lines.button_pressed())
    lines.close()
    assert seen == [False, True, False], seen
    return "up, pressed, up"


def _edges(chip: SimChip) -> str:
    from drivers.gpio import HeaderLines

    lines = HeaderLines(reset=RESET, interrupt=INTERRUPT)
    assert lines.edges, "the kernel gives edges on this chip"
    assert not lines.interrupt_pending()
    slowest_ms = 0.0
    for _ in range(20):
        # Down and up again: only the edge tells.
        chip.pull(INTERRUPT, high=False)
        chip.pull(INTERRUPT, high=True)
        begin = time.monotonic()
        assert _within(2.0, lines.interrupt_pending), "an edge was lost"
        slowest_ms = max(slowest_ms, 1000 * (time.monotonic() - begin))
        assert not lines.interrupt_pending(), "one edge, told twice"
    chip.pull(INTERRUPT, high=False)
    assert lines.interrupt_pending()
    assert lines.interrupt_pending(), "low for as long as it is low"
    chip.pull(INTERRUPT, high=True)
    lines.close()
    return f"20 short pulses, 20 interrupts, the slowest after {slowest_ms:.1f} ms"


def _within(limit_s: float, question: Callable[[], bool]) -> bool:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if question():
            return True
        time.sleep(0.001)  # noqa: TID251  # waits for a thread of the library
    return False


def _given_back(chip: SimChip) -> str:
    from drivers.gpio import HeaderLines

    chip.pull(RESET, high=False)  # the board's own resistor
    lines = HeaderLines(reset=RESET, relay=RELAY, interrupt=INTERRUPT)
    lines.reset(held=False)
    lines.close()
    assert chip.level(RESET) == 0, "the card is not in reset after closing"
    again = HeaderLines(reset=RESET, relay=RELAY, interrupt=INTERRUPT)
    assert again.edges
    again.close()
    return "reset low after closing; all lines claimed a second time"


def _taken() -> str:
    import lgpio

    from drivers.errors import CardError
    from drivers.gpio import HeaderLines

    other = lgpio.gpiochip_open(int(os.environ["RPI_LGPIO_CHIP"]))
    lgpio.gpio_claim_output(other, RELAY, 0)
    try:
        HeaderLines(reset=RESET, relay=RELAY)
    except CardError as problem:
        said = str(problem)
    else:
        said = "a line in use was claimed"
    finally:
        lgpio.gpiochip_close(other)
    assert said.startswith(f"GPIO {RELAY} (relay) cannot be claimed"), said
    return said


def _beyond() -> str:
    from drivers.errors import CardError
    from drivers.gpio import HeaderLines

    try:
        HeaderLines(reset=99)
    except CardError as problem:
        said = str(problem)
    else:
        said = "line 99 was claimed"
    assert said.startswith("GPIO 99 (reset) cannot be claimed"), said
    return said
