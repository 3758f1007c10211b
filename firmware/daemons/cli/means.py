"""What a module of commands needs of the command line itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from firmware.daemons.cli.words import Language


@dataclass(frozen=True, slots=True)
class Means:
    """How a command asks call control, shows an answer, tells a mistake, and who asks."""

    ask: Callable[[argparse.Namespace, Language, msgspec.Struct, type[Any]], Any]
    show: Callable[[argparse.Namespace, object, Callable[[], list[str]]], None]
    mistake: type[Exception]
    who: Callable[[], str]


Make = Callable[..., argparse.ArgumentParser]
