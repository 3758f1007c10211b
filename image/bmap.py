"""The map beside an image: which blocks hold anything, each stretch with its sum."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from image.stage import BuildError

CHUNK_BYTES: Final = 4 << 20
RANGE: Final = re.compile(r'<Range chksum="([0-9a-f]{64})">\s*(\d+)(?:-(\d+))?\s*</Range>')


class Stretch(NamedTuple):
    """Blocks in a row: where, how many bytes, and their SHA-256."""

    at: int
    size: int
    sha256: str


class Map(NamedTuple):
    """A whole map: bytes of the image, and its stretches in order."""

    size: int
    stretches: tuple[Stretch, ...]

    @property
    def mapped(self) -> int:
        """Bytes that are written."""
        return sum(one.size for one in self.stretches)


def read_map(text: str) -> Map:
    """A map of version 2.

    Raises:
        BuildError: it is none.
    """
    numbers = {
        name: re.search(rf"<{name}>\s*(\d+)\s*</{name}>", text)
        for name in ("ImageSize", "BlockSize")
    }
    size, block = numbers["ImageSize"], numbers["BlockSize"]
    if size is None or block is None:
        raise BuildError("the .bmap file is none; make it anew with the image.")
    whole, length = int(size[1]), int(block[1])
    stretches = []
    for sha256, first, last in RANGE.findall(text):
        begin, end = int(first) * length, (int(last or first) + 1) * length
        stretches.append(Stretch(begin, min(end, whole) - begin, sha256))
    return Map(whole, tuple(stretches))


def copy(source: IO[bytes], target: int, wanted: Map, progress: Callable[[int], None]) -> None:
    """Write every stretch; what is read is held against its sum before the card is believed.

    Args:
        source: The image, read once from front to back.
        target: Descriptor of the card.
        wanted: What is to be written.
        progress: Told the bytes written so far.

    Raises:
        BuildError: the image is not what its map says.
    """
    at = done = 0
    for stretch in wanted.stretches:
        _skip(source, stretch.at - at)
        total, os_at = hashlib.sha256(), stretch.at
        for chunk in _chunks(source, stretch.size):
            total.update(chunk)
            view = memoryview(chunk)
            while view:
                written = os.pwrite(target, view, os_at)
                os_at += written
                view = view[written:]
            done += len(chunk)
            progress(done)
        if total.hexdigest() != stretch.sha256:
            raise BuildError(f"the image is damaged at byte {stretch.at}; fetch it again.")
        at = stretch.at + stretch.size
    os.fsync(target)


def differs(target: int, wanted: Map, progress: Callable[[int], None]) -> int | None:
    """Read the card back: where its first wrong stretch begins, None if all is as written."""
    done = 0
    os.posix_fadvise(target, 0, 0, os.POSIX_FADV_DONTNEED)  # from the card, not from memory
    for stretch in wanted.stretches:
        total, at, left = hashlib.sha256(), stretch.at, stretch.size
        while left:
            chunk = os.pread(target, min(CHUNK_BYTES, left), at)
            if not chunk:
                return stretch.at
            total.update(chunk)
            at, left, done = at + len(chunk), left - len(chunk), done + len(chunk)
            progress(done)
        if total.hexdigest() != stretch.sha256:
            return stretch.at
    return None


def map_of(image: Path) -> Path:
    """The map that lies beside an image, packed or not.

    Raises:
        BuildError: there is none.
    """
    found = image.with_name(image.name.removesuffix(".zst").removesuffix(".img") + ".bmap")
    if not found.is_file():
        raise BuildError(f"{found} is not there; it comes with the image.")
    return found


def _chunks(source: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        chunk = source.read(min(CHUNK_BYTES, size))
        if not chunk:
            raise BuildError("the image ends before its map does; fetch it again.")
        size -= len(chunk)
        yield chunk


def _skip(source: IO[bytes], size: int) -> None:
    for _ in _chunks(source, size):
        pass
