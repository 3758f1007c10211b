"""The prompts as sound: the system's own packs, and the owner's recordings over them.

A prompt is named `language/key`, for example `zh-CN/welcome`; music and the beep are in no language
and are named `music/default` and `music/beep`. The system's prompts stand in ZIP packs of FLAC
files (music: A-law WAV), which any archive program opens; an owner's prompt is `language/key.wav`
in the owner's folder and comes before the system's.
"""

import re
import tomllib
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ivr.flac import read_flac
from ivr.numerals import vocabulary
from ivr.wav import Samples, WavError, read_wav

RATE_HZ: Final = 8_000
SYSTEM_FOLDER: Final = Path(__file__).parent / "prompts"
PACKS: Final = ("sentences", "numbers")
"""Kept apart because sentences change often and number groups hardly ever."""

SOUNDS: Final = "sounds"
"""The pack of what is no speech: `music/default`, `music/beep`."""

CACHE_BYTES: Final = 16 * 1024 * 1024
"""About seventeen minutes of sound; an office uses far less on a day (chosen)."""

_NAME: Final = re.compile(r"([a-z]{2}(?:-[A-Z]{2})?|music)/([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)")

_FORMS: Final[Mapping[str, Callable[[bytes], Samples]]] = {
    "flac": read_flac,
    "wav": lambda data: read_wav(data).samples,
}


class PromptMissing(LookupError):  # noqa: N818  # what happened, in the words of the log
    """A prompt exists neither among the owner's nor among the system's in this language."""

    def __init__(self, language: str, key: str) -> None:
        super().__init__(f"prompt {key!r} does not exist in {language!r}")
        self.language = language
        self.key = key


class PromptUnreadable(ValueError):  # noqa: N818  # likewise
    """An owner's file is there but is no telephone prompt; the system's own may still be played."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"prompt file {path}: {reason}")
        self.path = path
        self.reason = reason


def prompt_texts(language: str, folder: Path = SYSTEM_FOLDER) -> dict[str, str]:
    """Every system prompt of a language and the words it says, sentences and number pieces.

    Args:
        language: `zh-CN`, `zh-HK` or `en`.
        folder: Where `texts.toml` stands.

    Raises:
        ValueError: The language is not one of the product's.
    """
    numbers = vocabulary(language)
    table = tomllib.loads((folder / "texts.toml").read_text("utf-8"))
    return {key: row[language] for key, row in table.items()} | dict(numbers)


class PromptStore:
    """Finds prompts by name and keeps the recently played ones decoded.

    Reading costs a disk access and some milliseconds: a caller in the sound path loads ahead.

    Args:
        folder: The system's packs.
        owner_folder: The owner's recordings, or None where there are none.
        cache_bytes: Limit of decoded sound kept.
    """

    def __init__(
        self,
        folder: Path = SYSTEM_FOLDER,
        owner_folder: Path | None = None,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._folder = folder
        self._owner_folder = owner_folder
        self._cache_bytes = cache_bytes
        self._cached: OrderedDict[str, Samples] = OrderedDict()
        self._cached_bytes = 0
        self._packs: dict[str, list[zipfile.ZipFile]] = {}
        self._stamps: dict[str, int] = {}
        self._seen: dict[str, tuple[int, int]] = {}

    def load(self, name: str) -> Samples:
        """Sound of a prompt, the owner's before the system's.

        Args:
            name: `language/key`.

        Returns:
            int16 at 8 kHz, one dimension, read-only.

        Raises:
            ValueError: The name is not of that form.
            PromptMissing: No such prompt in that language.
            PromptUnreadable: The owner's file is broken, or not at 8 kHz.
        """
        language, key = _split(name)
        samples = self._cached.get(name)
        if samples is None:
            samples = self._owners(language, key)
            if samples is None:
                samples = self._systems(language, key)
            self._keep(name, samples)
        self._cached.move_to_end(name)
        return samples

    def load_system(self, name: str) -> Samples:
        """Sound of a prompt as shipped, whatever the owner recorded; form and errors as `load`."""
        return self._systems(*_split(name))

    def has(self, name: str) -> bool:
        """Whether `load` would find something under this name."""
        language, key = _split(name)
        path = self._owner_path(language, key)
        return bool(path and path.is_file()) or key in self.keys(language)

    def keys(self, language: str) -> frozenset[str]:
        """Keys of the system's prompts with sound in this language; empty for an unknown one."""
        names = (name for pack in self._opened(language) for name in pack.namelist())
        return frozenset(name.rpartition(".")[0] for name in names)

    def forget(self, name: str) -> None:
        """Drops a decoded prompt, after the owner changed its file."""
        samples = self._cached.pop(name, None)
        if samples is not None:
            self._cached_bytes -= samples.nbytes

    def changed(self) -> frozenset[str]:
        """Names whose owner's file came, went or was replaced since this was asked last.

        They are forgotten here, so the next `load` reads them anew. Costs one look at each folder
        while nothing changes.
        """
        found = dict(self._seen)
        for folder in self._owners_folders():
            stamp = folder.stat().st_mtime_ns
            if self._stamps.get(folder.name) == stamp:
                continue
            self._stamps[folder.name] = stamp
            found = {n: s for n, s in found.items() if not n.startswith(f"{folder.name}/")}
            for path in folder.glob("*.wav"):
                stat = path.stat()
                found[f"{folder.name}/{path.stem}"] = (stat.st_mtime_ns, stat.st_ino)
        moved = frozenset(n for n in {*found, *self._seen} if found.get(n) != self._seen.get(n))
        self._seen = found
        for name in moved:
            self.forget(name)
        return moved

    def _owners_folders(self) -> list[Path]:
        if self._owner_folder is None or not self._owner_folder.is_dir():
            return []
        return [path for path in self._owner_folder.iterdir() if path.is_dir()]

    def _owner_path(self, language: str, key: str) -> Path | None:
        return self._owner_folder and self._owner_folder / language / f"{key}.wav"

    def _owners(self, language: str, key: str) -> Samples | None:
        path = self._owner_path(language, key)
        if path is None or not path.is_file():
            return None
        try:
            wav = read_wav(path.read_bytes())
        except (OSError, WavError) as wrong:
            raise PromptUnreadable(path, str(wrong)) from wrong
        if wav.rate_hz != RATE_HZ:
            raise PromptUnreadable(path, f"{wav.rate_hz} samples a second instead of {RATE_HZ}")
        return wav.samples

    def _systems(self, language: str, key: str) -> Samples:
        for pack in self._opened(language):
            for form, read in _FORMS.items():
                if (name := f"{key}.{form}") in pack.NameToInfo:
                    return read(pack.read(name))
        raise PromptMissing(language, key)

    def _opened(self, language: str) -> list[zipfile.ZipFile]:
        packs = self._packs.get(language)
        if packs is None:
            paths = (self._folder / f"{language}-{pack}.zip" for pack in (*PACKS, SOUNDS))
            packs = [zipfile.ZipFile(path) for path in paths if path.is_file()]
            self._packs[language] = packs
        return packs

    def _keep(self, name: str, samples: Samples) -> None:
        self._cached[name] = samples
        self._cached_bytes += samples.nbytes
        while self._cached_bytes > self._cache_bytes and len(self._cached) > 1:
            _, oldest = self._cached.popitem(last=False)
            self._cached_bytes -= oldest.nbytes


def _split(name: str) -> tuple[str, str]:
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"prompt name {name!r} is not of the form language/key")
    return found[1], found[2]
