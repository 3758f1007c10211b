"""The program in the jail: an order comes in, pages or a reason go out; ``python -m`` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from PIL import Image

from firmware.paper import printer
from firmware.paper.draw import FONTS
from firmware.paper.errors import PaperError
from firmware.paper.jail import NoJailError, shut_in
from firmware.paper.order import LONGEST_S, MOST_MEGAPIXELS, NotPrinted, Printed, PrintOrder


def main() -> None:
    """Read an order from the input, write the answer to the output."""
    Image.init()  # every reader of pictures is loaded before the doors close
    readable = (*{path.parent for path in FONTS}, Path("/usr/share/fonts"), *map(Path, sys.path))
    try:
        shut_in(tuple(path for path in readable if path.is_absolute()), LONGEST_S)
    except NoJailError as problem:
        _say(NotPrinted(key="no-guard", value=str(problem)))
        return
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=PrintOrder)
    try:
        _say(printer.printed(order))
    except PaperError as problem:
        _say(NotPrinted(key=problem.key, value=problem.value, limit=problem.limit))
    except MemoryError:
        _say(NotPrinted(key="pixels", value="", limit=str(MOST_MEGAPIXELS)))


def _say(answer: Printed | NotPrinted) -> None:
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
