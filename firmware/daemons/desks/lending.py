"""Recordings opened for whoever listens: in the box's memory, for a while, beside the loop."""

from __future__ import annotations

import logging
import shutil
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from firmware.core.commands import Play, PlayTone, Ring, StopPlay
from firmware.daemons.aside import Aside, at_once
from firmware.storage.errors import StorageError
from firmware.storage.sealed_sound import FRAME_BYTES, RATE_HZ, OpenedSound, Sound, samples_of

log = logging.getLogger(__name__)

LENT_AT_ONCE: Final = 8
"""Recordings in memory for people who listen: as many as telephones."""

PIECE_SAMPLES: Final = 60 * RATE_HZ
"""A telephone is played so much at a time: it begins at once, however long the recording is."""

OVERTAKES: Final = (Play, StopPlay, PlayTone, Ring)
"""What comes to a port after this makes a play-out that is still being opened pointless."""

Opener = Callable[[Path], OpenedSound]


class Lending:
    """The folder in memory where opened recordings lie.

    Args:
        folder: In memory; what an earlier run left there is removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for left in folder.glob("*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()

    def whole(self, kept: Path, opener: Opener) -> Path:
        """A sealed recording as one WAV.

        Raises:
            StorageError: it cannot be opened.
            OSError: it cannot be read, or memory is full.
        """
        wav = self.folder / f"{kept.stem}.wav"
        if not wav.exists():
            self._make_room()
            with opener(kept) as opened:
                _write(wav, opened.sound())
        return wav

    def names(self, kept: Path) -> list[Path]:
        """Where the minutes of a sealed recording are put for a telephone.

        Raises:
            OSError: it cannot be read.
        """
        count = max(1, -(-samples_of(kept) // PIECE_SAMPLES))
        return [self.folder / kept.stem / f"{number:03d}.wav" for number in range(count)]

    def fill(self, kept: Path, names: list[Path], opener: Opener, first: int) -> None:
        """Write the minutes that are not there yet, from the ``first``-th.

        Raises:
            StorageError: it cannot be opened.
            OSError: it cannot be read, or memory is full.
        """
        if first == 0:
            self._make_room()
        with opener(kept) as opened:
            for number, path in enumerate(names[first:], first):
                if not path.exists():
                    _write(path, opened.sound(number * PIECE_SAMPLES, PIECE_SAMPLES))

    def forget(self, recording: str) -> None:
        """It is removed, or nobody may listen any more."""
        name = Path(recording).name
        (self.folder / f"{name}.wav").unlink(missing_ok=True)
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def _make_room(self) -> None:
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        lent = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for oldest in lent[: max(0, len(lent) - LENT_AT_ONCE + 1)]:
            self.forget(oldest.stem)


class PlayOpener:
    """Opens the recordings of a play-out beside the loop, then lets it begin.

    Args:
        lending: Where they are put.
        find: The sealed file and how it is opened, for a path that is played; None for no
            recording, or one that lies there as it is.
    """

    def __init__(self, lending: Lending, find: Callable[[str], tuple[Path, Opener] | None]) -> None:
        self.aside: Aside = at_once
        self._lending = lending
        self._find = find
        self._waiting: dict[str, Play] = {}
        self._late: list[Play] = []

    def told(self, command: Any) -> None:
        """Whatever goes to lined, in order."""
        if isinstance(command, OVERTAKES):
            self._waiting.pop(command.port, None)

    def begun(self, play: Play) -> Play | None:
        """The play-out as lined shall have it now; None when :meth:`take_late` gives it later."""
        sealed = {name: at for name in play.prompts if (at := self._find(name)) is not None}
        if not sealed:
            return play
        minutes: dict[str, list[Path]] = {}
        for name, (kept, _) in sealed.items():
            try:
                minutes[name] = self._lending.names(kept)
            except OSError as problem:
                log.warning("%s", problem)
        prompts: list[str] = []
        for name in play.prompts:
            prompts += [str(path) for path in minutes.get(name, ())] or [name]
        opened = msgspec.structs.replace(play, prompts=tuple(prompts))
        if all(path.exists() for paths in minutes.values() for path in paths):
            return opened
        self._waiting[play.port] = play
        jobs = [
            (kept, minutes[name], how) for name, (kept, how) in sealed.items() if name in minutes
        ]

        def first_minutes() -> None:
            for kept, names, how in jobs:
                self._try(kept, names[:1], how, 0)

        def other_minutes() -> None:
            for kept, names, how in jobs:
                self._try(kept, names, how, 1)

        def begin(_: None) -> None:
            if self._waiting.pop(play.port, None) is play:
                self._late.append(opened)
                if len(opened.prompts) > len(play.prompts):
                    self.aside(other_minutes, lambda _: None)

        self.aside(first_minutes, begin)
        if opened in self._late:  # it was done here and now
            self._late.remove(opened)
            return opened
        return None

    def take_late(self) -> list[Play]:
        """Play-outs whose recordings are open now."""
        late, self._late = self._late, []
        return late

    def _try(self, kept: Path, names: list[Path], how: Opener, first: int) -> None:
        try:
            self._lending.fill(kept, names, how, first)
        except (StorageError, OSError) as problem:
            log.warning("%s", problem)  # lined tells what it does not find, and says the rest


def _write(wav: Path, sound: Iterator[Sound]) -> None:
    """A WAV that has its name when it is whole; lined and the page read it by their group."""
    wav.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    growing = wav.with_suffix(".growing")
    try:
        with wave.open(str(growing), "wb") as file:
            file.setnchannels(FRAME_BYTES // 2)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            for piece in sound:
                file.writeframesraw(piece.astype("<i2").tobytes())
        growing.chmod(0o640)
        growing.replace(wav)
    finally:
        growing.unlink(missing_ok=True)
