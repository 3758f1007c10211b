"""The only file that touches RPi.GPIO: the header lines of the board.

The name is the old library's; on boards and kernels where that one fails (Pi 5; edge detection
from kernel 6.6) ``rpi-lgpio`` provides the same module. Edge detection may still be refused, so
the interrupt has a polling fallback: :meth:`HeaderLines.interrupt_pending` is right either way.
"""

from __future__ import annotations

import logging
from types import ModuleType

from drivers.errors import CardError

log = logging.getLogger(__name__)


class HeaderLines:
    """Reset, interrupt, relay, lamps and button by BCM number; None is "not on this board"."""

    def __init__(
        self,
        *,
        reset: int,
        interrupt: int | None = None,
        relay: int | None = None,
        button: int | None = None,
        lamps: tuple[int, ...] = (),
        doors: tuple[int | None, ...] = (),
        mains: int | None = None,
        battery_low: int | None = None,
        relay_pulses: bool = False,
    ) -> None:
        """Claim the lines. Reset starts asserted: chips stay quiet until clocks run.

        ``relay_pulses`` says that a detector keeps the power-fail relay energised only while its
        line is toggled, so that a program that died releases it whatever level it left behind.

        Raises:
            CardError: the library is not there, or a line belongs to somebody else.
        """
        self._gpio = gpio = _library()
        self._failures = _failures(gpio)
        self._reset, self._interrupt = reset, interrupt
        self._relay, self._button = relay, button
        self._relay_pulses, self._relay_high = relay_pulses, False
        self._doors = doors
        self._mains, self._battery_low = mains, battery_low
        self._pending = False
        self._edges = False
        outputs = {"reset": reset, "relay": relay, **{f"lamp at {n}": n for n in lamps}}
        outputs |= {f"door {place}": line for place, line in enumerate(doors, 1)}
        inputs = {"button": button, "interrupt": interrupt}
        inputs |= {"mains": mains, "battery": battery_low}
        what = "the header"
        try:
            gpio.setwarnings(False)
            gpio.setmode(gpio.BCM)
            for name, line in outputs.items():
                if line is not None:
                    what = f"GPIO {line} ({name})"
                    gpio.setup(line, gpio.OUT, initial=gpio.LOW)
            for name, line in inputs.items():
                if line is not None:
                    what = f"GPIO {line} ({name})"
                    gpio.setup(line, gpio.IN, pull_up_down=gpio.PUD_UP)
        except self._failures as problem:
            gpio.cleanup()
            raise CardError(f"{what} cannot be claimed: {problem}") from problem
        if interrupt is not None:
            self._edges = self._listen(interrupt)

    @property
    def edges(self) -> bool:
        """Whether the interrupt comes as edges; otherwise it is polled."""
        return self._edges

    def reset(self, held: bool) -> None:
        """Drive the card's reset: True holds every chip in reset, exchange lines on-hook."""
        self._gpio.output(self._reset, self._gpio.LOW if held else self._gpio.HIGH)

    def relay(self, energised: bool) -> None:
        """Energised: ports belong to the box. Released: line 1 goes straight to telephone 1."""
        if self._relay is not None:
            self._gpio.output(self._relay, self._gpio.HIGH if energised else self._gpio.LOW)

    def feed_relay(self) -> None:
        """The program is well: toggle a relay that wants pulses, hold one that wants a level."""
        if self._relay is None:
            return
        self._relay_high = not self._relay_high if self._relay_pulses else True
        self._gpio.output(self._relay, self._gpio.HIGH if self._relay_high else self._gpio.LOW)

    def door(self, relay: int, closed: bool) -> None:
        """Close or open a door relay, counted from 1.

        Raises:
            ValueError: the board has no such relay.
        """
        line = self._doors[relay - 1] if 0 < relay <= len(self._doors) else None
        if line is None:
            raise ValueError(f"door relay {relay}: this board has {len(self._doors)}")
        self._gpio.output(line, self._gpio.HIGH if closed else self._gpio.LOW)

    def mains(self) -> bool:
        """Whether the mains feed the box; a board without the line says yes."""
        return self._mains is None or self._gpio.input(self._mains) == self._gpio.HIGH

    def battery_low(self) -> bool:
        """Whether the battery nears its end; a board without the line says no."""
        line = self._battery_low
        return line is not None and self._gpio.input(line) == self._gpio.LOW

    def lamp(self, line: int, lit: bool) -> None:
        """Light one lamp."""
        self._gpio.output(line, self._gpio.HIGH if lit else self._gpio.LOW)

    def button_pressed(self) -> bool:
        """Whether the button is held now (it pulls the line low)."""
        return self._button is not None and self._gpio.input(self._button) == self._gpio.LOW

    def interrupt_pending(self) -> bool:
        """Whether a chip wants to be asked; the line is open drain, low while it does."""
        if self._interrupt is None:
            return True
        pending, self._pending = self._pending, False
        return pending or self._gpio.input(self._interrupt) == self._gpio.LOW

    def close(self) -> None:
        """Hold the card in reset and give the lines back.

        A line that is given back is an input: from then on the board's own resistor holds reset
        low.
        """
        self.reset(held=True)
        self._gpio.cleanup()

    def _listen(self, interrupt: int) -> bool:
        gpio = self._gpio
        try:
            gpio.add_event_detect(interrupt, gpio.FALLING, callback=self._edge)
        except self._failures as problem:
            log.warning("no edge detection on GPIO %d (%s): polling it", interrupt, problem)
        else:
            return True
        try:
            # rpi-lgpio lets go of a line before it asks for its edges.
            gpio.setup(interrupt, gpio.IN, pull_up_down=gpio.PUD_UP)
        except self._failures as problem:
            raise CardError(f"GPIO {interrupt} was lost: {problem}") from problem
        return False

    def _edge(self, _line: int) -> None:
        self._pending = True


def _library() -> ModuleType:
    try:
        from RPi import GPIO  # the library's own spelling
    except (ImportError, RuntimeError) as problem:
        raise CardError(
            f"RPi.GPIO cannot be used here ({problem}); the package rpi-lgpio provides it"
        ) from problem
    except OSError as problem:
        # lgpio keeps a pipe in the folder it is started in, and makes it when it is imported.
        raise CardError(
            f"RPi.GPIO cannot be used here ({problem}); it must be able to write to the folder "
            f"that the program was started in"
        ) from problem
    return GPIO  # type: ignore[no-any-return]  # the library has no types


def _failures(gpio: ModuleType) -> tuple[type[Exception], ...]:
    """What the library raises: its own documented errors, and those of lgpio below rpi-lgpio."""
    below = getattr(gpio, "lgpio", None)
    return (RuntimeError, ValueError, OSError, *(() if below is None else (below.error,)))
