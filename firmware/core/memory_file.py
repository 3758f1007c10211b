"""A file in memory, for libraries that read and write files only.

Handing such a library a Python object instead makes it call back into Python by code that it writes
into memory, and no daemon of the box may have memory that is both written and run
(``MemoryDenyWriteExecute`` of its unit).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def memory_file(content: bytes = b"") -> Iterator[int]:
    """The descriptor of a file with ``content``, at its beginning; gone afterwards."""
    descriptor = os.memfd_create("sound")
    try:
        if content:
            os.write(descriptor, content)
            os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def content_of(descriptor: int) -> bytes:
    """Everything in it."""
    return os.pread(descriptor, os.lseek(descriptor, 0, os.SEEK_END), 0)
