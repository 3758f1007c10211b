"""Measuring one exchange line: voltages, dial tone, noise, echo; finding the setting that fits it.

A script that reads from top to bottom and waits by yielding; lined runs it between two blocks. The
line must be free when it begins. Dial tone is ended by one digit, and what follows is silence for
some seconds in every exchange (Q.543: at least 5 s until the next digit), in which the probes are
sent: one with the country's setting, one with each impedance of the chip, two to set its filter.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final

import msgspec

from drivers.line import AnyLineCommand, DialPulses, Reading, Release, Seize, TuneLine
from firmware.core.commands import MeasureLine, SendDigits
from firmware.core.events import LineMeasured
from firmware.media import line_probe
from firmware.media.line_probe import Linear, Path

IMPEDANCES: Final = 16  # of register 30 of the Si3050
TAPS: Final = 8
OPEN_TAP: Final = 32
SETTLED_MS: Final = 1_300
"""The loop closed to audio and dial tone: 403 ms of the chip, dial tone within 0.6 s (Q.543)."""
TONE_MS: Final = 600
AFTER_DIGIT_MS: Final = 350
NOISE_MS: Final = 250
RETUNED_MS: Final = 30  # the registers are written within a poll; the filters settle in 5 ms
LOOP_MA: Final = 6.0  # less is no loop: nothing is plugged in
BATTERY_V: Final = 3.0
BETTER_DB: Final = 1.0
"""A found setting must be so much better than the country's to be taken: figures repeat
to 0.3 dB."""

Step = Generator[int, None, None]


class LineTest:
    """One run. ``command`` carries out, ``read`` measures, ``listen`` records by name of the port.

    Args:
        order: what is asked.
        command: gives the driver or the sound path something to do.
        read: what the chip measures now.
        probe: begins to send (None: only listens) and records so many samples.
        taken: what was recorded, None while it is not complete.
        now_ms: monotonic time.
    """

    def __init__(
        self,
        order: MeasureLine,
        *,
        command: Callable[[AnyLineCommand | SendDigits], None],
        read: Callable[[], Reading],
        probe: Callable[[Linear | None, int], None],
        taken: Callable[[], Linear | None],
        now_ms: int,
    ) -> None:
        self.port = order.port
        self._order = order
        self._command = command
        self._read = read
        self._probe = probe
        self._taken = taken
        self._now_ms = now_ms
        self._heard: Linear = line_probe.joined(())
        self._listening = False
        self._due_ms = now_ms
        self.found: LineMeasured | None = None
        self._script = self._run()

    def advance(self, now_ms: int) -> None:
        """Go on as far as it goes; ``found`` is set when it is over."""
        self._now_ms = now_ms
        while self.found is None:
            if self._listening:
                heard = self._taken()
                if heard is None:
                    return
                self._heard, self._listening = heard, False
            elif now_ms < self._due_ms:
                return
            try:
                self._due_ms = now_ms + next(self._script)
            except StopIteration:
                return

    def stop(self) -> None:
        """Give the line back as it was."""
        self._script.close()
        self._command(Release(port=self.port))
        self._command(
            TuneLine(port=self.port, termination=self._order.termination, hybrid=self._order.hybrid)
        )

    # --- the script -------------------------------------------------------------------------------

    def _hear(self, sound: Linear | None, samples: int) -> int:
        self._probe(sound, samples)
        self._listening = True
        return 0

    def _run(self) -> Step:
        port, order = self.port, self._order
        idle = self._read()
        if abs(idle.line_v or 0.0) < BATTERY_V:
            self._end(LineMeasured(port=port, at_ms=self._now_ms, idle_v=idle.line_v, fault="dead"))
            return
        self._command(TuneLine(port=port))
        self._command(Seize(port=port))
        yield SETTLED_MS
        yield self._hear(None, TONE_MS * 8)
        dial_hz, dial_dbm0 = line_probe.steady_tone(self._heard)
        seized = self._read()
        found = LineMeasured(
            port=port,
            at_ms=self._now_ms,
            idle_v=idle.line_v,
            seized_v=seized.line_v,
            loop_ma=seized.loop_ma,
            dial_hz=dial_hz,
            dial_dbm0=dial_dbm0 if dial_hz else None,
        )
        if (seized.loop_ma or 0.0) < LOOP_MA:
            self._close(found, "no_loop", 0, ())
            return
        if order.pulse:
            self._command(DialPulses(port=port, digits=order.digit))
        else:
            self._command(SendDigits(port=port, digits=order.digit))
        yield AFTER_DIGIT_MS + (100 * int(order.digit or 0) if order.pulse else 100)
        yield self._hear(None, NOISE_MS * 8)
        noise = line_probe.noise_dbm0(self._heard)
        paths: dict[str, Path] = {}
        settings = [("country", TuneLine(port=port))]
        settings += [
            (str(n), TuneLine(port=port, termination=n, hybrid=(0,) * TAPS))
            for n in range(IMPEDANCES)
        ]
        for name, setting in settings:
            yield from self._echo(setting)
            paths[name] = line_probe.echo_path(self._heard)
        losses = {name: line_probe.return_loss_db(path) for name, path in paths.items()}
        before = losses.pop("country")
        best = max(losses, key=lambda name: losses[name])
        yield from self._echo(
            TuneLine(port=port, termination=int(best), hybrid=(OPEN_TAP, *(0,) * (TAPS - 1)))
        )
        opened = line_probe.echo_path(self._heard)
        taps = line_probe.best_taps(paths[best], opened, OPEN_TAP, TAPS)
        yield from self._echo(TuneLine(port=port, termination=int(best), hybrid=taps))
        after = line_probe.return_loss_db(line_probe.echo_path(self._heard))
        if after < losses[best]:
            after, taps = losses[best], (0,) * TAPS
        kept, termination = before, 0
        hybrid: tuple[int, ...] = ()
        if after >= before + BETTER_DB:
            kept, termination, hybrid = after, int(best), taps
        self._close(
            _with(found, noise_dbm0=noise, echo_before_db=before, echo_db=kept),
            "" if dial_hz else "no_dial_tone",
            termination,
            hybrid,
        )

    def _echo(self, setting: TuneLine) -> Step:
        self._command(setting)
        yield RETUNED_MS
        samples = line_probe.PROBE_SAMPLES + line_probe.TAIL_SAMPLES
        yield self._hear(line_probe.probe_sound(), samples)

    def _close(
        self, found: LineMeasured, fault: str, termination: int, hybrid: tuple[int, ...]
    ) -> None:
        self._command(Release(port=self.port))
        self._command(TuneLine(port=self.port, termination=termination, hybrid=hybrid))
        self._end(_with(found, fault=fault, termination=termination, hybrid=hybrid))

    def _end(self, found: LineMeasured) -> None:
        self.found = _with(found, at_ms=self._now_ms)


def _with(found: LineMeasured, **fields: object) -> LineMeasured:
    return msgspec.structs.replace(found, **fields)
