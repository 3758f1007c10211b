"""What the library knows of the program's records, worked out before there is a second thread.

msgspec works out the fields of a class when it is read for the first time, and leaves the
unfinished result where another thread takes it for finished: two threads that read the same class
for the first time end the process by SIGSEGV. Seen with msgspec 0.22: on a slow processor with the
page's own turns of threads, on a fast one when they take turns more often. A class that was worked
out is only looked at.
"""

from __future__ import annotations

import logging

import msgspec

log = logging.getLogger(__name__)


def work_out() -> int:
    """Work out every class that has been imported; call it before the first thread is started.

    Returns:
        How many classes are ready.
    """
    ready = 0
    for shape in sorted(_known(msgspec.Struct), key=lambda one: (one.__module__, one.__qualname__)):
        try:
            msgspec.json.Decoder(shape)
        except (TypeError, NameError) as problem:
            # A class that is only handed about inside the program is never read.
            log.debug("%s is not read: %s", shape.__qualname__, problem)
        else:
            ready += 1
    return ready


def _known(base: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    found: set[type[msgspec.Struct]] = set()
    waiting = [base]
    while waiting:
        for one in waiting.pop().__subclasses__():
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
