"""Having something printed: a program of its own does it, shut in, and is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from firmware.paper.errors import PaperError
from firmware.paper.order import LONGEST_S, MOST_BYTES, NotPrinted, Printed, PrintOrder
from firmware.paper.tiff import pages_of

_ROOT = Path(__file__).parents[2]


def print_out(order: PrintOrder) -> Printed:
    """The pages of an order; takes a second for the program and some tenths for each page.

    Raises:
        PaperError: it cannot be printed, with a sentence for a person.
    """
    size = sum(len(source.data) for source in order.sources)
    if size > MOST_BYTES:
        raise PaperError("size", f"{size / 1e6:.1f}", MOST_BYTES // 1_000_000)
    named = ", ".join(source.name for source in order.sources)
    environment = {"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(  # our own program, nothing of the asker on its line
            [sys.executable, "-s", "-m", "firmware.paper"],
            input=msgspec.msgpack.encode(order),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=os.sep,
            timeout=2 * LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise PaperError("long", named, 2 * LONGEST_S) from problem
    if done.returncode:
        # It was ended by its limits, or a file broke it: either way the file is to blame.
        raise PaperError("broken", named)
    try:
        answer = msgspec.msgpack.decode(done.stdout, type=Printed | NotPrinted)
    except msgspec.DecodeError as problem:
        raise PaperError("broken", named) from problem
    if isinstance(answer, NotPrinted):
        raise PaperError(answer.key, answer.value, answer.limit)
    if any(len(pages_of(copy)) != answer.pages for copy in answer.tiffs):
        raise PaperError("broken", named)
    return answer
