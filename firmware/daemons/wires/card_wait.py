"""A box without its line card: lined stays up, says what is missing, and looks again by itself.

Whoever installs a box may power it before the card is in, and a card may sit badly in its socket.
Neither is mended by starting the machine anew, so lined waits; a lined that dies with a card in
place is the service manager's business (StartLimitAction of its unit).
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

from drivers.errors import DriverError
from firmware.config import ConfigError
from firmware.daemons.notify import Notifier

log = logging.getLogger(__name__)

T = TypeVar("T")
Part = Literal["spi", "pins", "sound"]
"""What of a card can be missing: its bus, its control lines, its voice highway."""

NO_CARD: Final = "no-card"
"""File in the folder of the sockets that names the missing part as long as lined waits for it."""

LOOK_S: Final = 5.0
"""Between two looks: somebody who has just put the card in does not wait long, and the manager's
watchdog (10 s, tipring-lined.service) is fed at each."""


def pause(seconds: float) -> bool:
    """Let time pass; True at once when the service manager asks to end."""
    ending = {signal.SIGTERM, signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        return signal.sigtimedwait(ending, seconds) is not None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def missing_part(run_folder: Path) -> str:
    """The part that lined waits for (see :data:`Part`), empty for none."""
    try:
        part = (run_folder / NO_CARD).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return part if part in get_args(Part) else ""


class CardWait:
    """Opens a part of the card, however long it takes until it is there."""

    def __init__(
        self,
        run_folder: Path,
        notifier: Notifier,
        pause: Callable[[float], bool] = pause,
    ) -> None:
        """``pause`` lets so many seconds pass and says whether to end."""
        self._file = run_folder / NO_CARD
        self._notifier = notifier
        self._pause = pause

    def until(self, part: Part, opened: Callable[[], T]) -> T:
        """What ``opened`` returns, once it does.

        Raises:
            SystemExit: asked to end while waiting, with status 0.
        """
        said = ""
        while True:
            try:
                there = opened()
            except (ConfigError, DriverError) as problem:
                if str(problem) != said:
                    said = str(problem)
                    log.warning("no line card: %s", said)
                    self._file.write_text(part, encoding="ascii")
                    self._notifier.ready()
                    self._notifier.status(f"no line card: {said}")
                self._notifier.alive()
                if self._pause(LOOK_S):
                    self._file.unlink(missing_ok=True)
                    raise SystemExit(0) from None
                continue
            self._file.unlink(missing_ok=True)
            if said:
                log.warning("the line card is there now")
                self._notifier.status("the line card is there")
            return there
