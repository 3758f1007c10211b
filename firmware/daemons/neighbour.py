"""A daemon beside ours that we look for: sought again and again, greeted, told and heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from firmware.control.link import Link, LinkClosed, LinkError, check_hello, connect
from firmware.control.messages import Hello

log = logging.getLogger(__name__)

T = TypeVar("T")

RECONNECT_S: Final = 0.5


def _nothing() -> None:
    """Of whoever does not mind when it is greeted."""


class Neighbour(Generic[T]):
    """The link to a daemon that may come and go; ``T`` is what it sends.

    Args:
        path: Where it listens.
        receives: Decoder of what it sends.
        name: What sentences call it.
        own: Our program, for its greeting.
        heard: Told what arrived after its greeting; of a greeting alone, nothing.
        lost: Told why it is away; it is looked for again without anybody's doing.
        first: What it is told as soon as it is found; our greeting alone, if nothing is said.
        greeted: Told that it speaks our protocol, before anything is heard of it.
        again_s: So long after a vain look or its end it is looked for again.
    """

    def __init__(
        self,
        path: Path,
        receives: msgspec.json.Decoder[T],
        *,
        name: str,
        own: str,
        heard: Callable[[Sequence[T]], None],
        lost: Callable[[LinkClosed], None],
        first: Callable[[], Sequence[msgspec.Struct]] | None = None,
        greeted: Callable[[], None] = _nothing,
        again_s: float = RECONNECT_S,
    ) -> None:
        self._path, self._receives = path, receives
        self._name, self._own = name, own
        self._heard, self._lost = heard, lost
        self._first = first or (lambda: (Hello(program=own),))
        self._tell_greeted = greeted
        self._again_s = again_s
        self._link: Link[T] | None = None
        self._greeted = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    @property
    def sought(self) -> bool:
        """Whether anybody has begun to look for it."""
        return self._loop is not None

    @property
    def found(self) -> bool:
        """Whether something said now goes to somebody."""
        return self._link is not None

    def seek(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look for it, from now on until :meth:`stop`."""
        self._loop = loop
        if self._stopped:
            return
        try:
            link = connect(self._path, self._receives, name=self._name)
        except LinkError:
            loop.call_later(self._again_s, self.seek, loop)
            return
        self._link, self._greeted = link, False
        link.watch(loop, self._hear, self._gone)
        for message in self._first():
            self.send(message)

    def stop(self) -> None:
        """No more of it: nothing is heard, nobody is looked for."""
        self._stopped = True
        if self._link is not None:
            self._link.close()
            self._link = None

    def send(self, message: msgspec.Struct) -> None:
        """Tell it; nothing happens while it is away.

        Raises:
            LinkError: the message is longer than a packet may be.
        """
        if self._link is None:
            return
        try:
            self._link.send(message)
        except LinkClosed:
            return  # the watcher tells

    def _hear(self, messages: list[T]) -> None:
        heard: Sequence[T] = messages
        if not self._greeted:
            try:
                check_hello(messages[0], own_program=self._own)
            except LinkClosed as end:
                if self._link is not None:
                    self._link.close()
                    self._gone(end)
                return
            self._greeted = True
            self._tell_greeted()
            heard = messages[1:]
        self._heard(heard)

    def _gone(self, end: LinkClosed) -> None:
        self._link = None
        self._lost(end)
        if self._loop is not None and not self._stopped:
            self._loop.call_later(self._again_s, self.seek, self._loop)
