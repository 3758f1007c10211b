"""What a module of commands needs of the command line itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from firmware.daemons.cli.words import Language, say
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import FILE_NAME, ReadRecords


@dataclass(frozen=True, slots=True)
class Means:
    """How a command asks call control, shows an answer, tells a mistake, and who asks."""

    ask: Callable[[argparse.Namespace, Language, msgspec.Struct, type[Any]], Any]
    show: Callable[[argparse.Namespace, object, Callable[[], list[str]]], None]
    mistake: type[Exception]
    who: Callable[[], str]

    @contextmanager
    def records(self, chosen: argparse.Namespace, language: Language) -> Iterator[ReadRecords]:
        """The office's records, for as long as the block runs.

        Raises:
            Exception: of the kind ``mistake``, where they cannot be opened or read.
        """
        try:
            with ReadRecords.open(Path(chosen.data) / FILE_NAME, idle=True) as records:
                yield records
        except StorageError as error:
            raise self.mistake(say("no_records", language, detail=error)) from error


Make = Callable[..., argparse.ArgumentParser]
