"""Links between our programs: one message, one packet of a Unix seqpacket socket.

A link never makes its owner wait. What the peer does not take at once waits in a short queue; when
that is full the owner's policy decides whether the message is dropped or the peer is given up. An
end of any kind is ``LinkClosed`` with one sentence, after everything that arrived before it was
handed out.
"""

from __future__ import annotations

import errno
import select
import socket
from collections import deque
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from firmware.control.messages import (
    MAX_MESSAGE_BYTES,
    PROTOCOL,
    Answer,
    Hello,
    Request,
    ToCalld,
    ToLined,
)
from firmware.core.events import Heartbeat

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

TO_CALLD: Final[msgspec.json.Decoder[ToCalld]] = msgspec.json.Decoder(ToCalld)
TO_LINED: Final[msgspec.json.Decoder[ToLined]] = msgspec.json.Decoder(ToLined)
REQUESTS: Final[msgspec.json.Decoder[Request]] = msgspec.json.Decoder(Request)
ANSWERS: Final[msgspec.json.Decoder[Answer]] = msgspec.json.Decoder(Answer)

QUEUE_MESSAGES: Final = 256
"""What may wait for a slow peer. Chosen: eight ports busy send some 30 messages a second, so this
is more than the 2 s after which a peer without a heartbeat counts as gone."""

QUEUE_BYTES: Final = 4 * MAX_MESSAGE_BYTES
"""The same limit in memory, for peers that are sent long messages."""

BURST_MESSAGES: Final = 256
"""Most messages handed out at one call, so that a flood cannot hold the owner's loop."""


class LinkError(Exception):
    """Root of what can go wrong with a link; the message is one sentence."""


class LinkClosed(LinkError):  # noqa: N818 - past tense, like every event
    """The link is over; the sentence says who ended it and why."""


class LinkTimeout(LinkError):  # noqa: N818 - the word people use
    """Nothing arrived within the time the caller was ready to wait."""


class WhenFull(Enum):
    """What becomes of a message that a full peer cannot take."""

    DROP = "drop"  # this message is forgotten and counted
    CLOSE = "close"  # the peer is too slow to be trusted: end the link


Policy = Callable[[object], WhenFull]


def close_when_full(_message: object) -> WhenFull:
    """Every message matters: a peer that does not read is given up."""
    return WhenFull.CLOSE


def drop_heartbeats(message: object) -> WhenFull:
    """A heartbeat is repeated every second, so a full peer may miss one; all else matters."""
    return WhenFull.DROP if isinstance(message, Heartbeat) else WhenFull.CLOSE


class Link(Generic[T]):
    """One end of a conversation; ``T`` is what arrives.

    Args:
        connected: a connected seqpacket socket; the link owns it from here.
        receives: decoder of what the peer sends (``TO_CALLD``, ``TO_LINED``, ``REQUESTS``,
            ``ANSWERS``).
        name: what the sentences call the peer.
        when_full: policy for a message that finds the queue full.
        queue_messages: length of the queue.
    """

    def __init__(
        self,
        connected: socket.socket,
        receives: msgspec.json.Decoder[T],
        *,
        name: str,
        when_full: Policy = close_when_full,
        queue_messages: int = QUEUE_MESSAGES,
    ) -> None:
        connected.setblocking(False)
        # One message of the greatest length must always fit (the kernel doubles and caps this).
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_MESSAGE_BYTES + 4096)
        self.name = name
        self.dropped = 0
        self._socket = connected
        self._decoder = receives
        self._encoder = msgspec.json.Encoder()
        self._when_full = when_full
        self._queue_messages = queue_messages
        self._waiting: deque[bytes] = deque()
        self._left: list[T] = []
        self._end: LinkClosed | None = None
        self._told = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_messages: Callable[[list[T]], None] | None = None
        self._on_closed: Callable[[LinkClosed], None] | None = None
        self._writer_armed = False

    # --- sending ---------------------------------------------------------------------------

    def send(self, message: msgspec.Struct) -> bool:
        """Send, or queue, one message; return at once.

        Returns:
            False when the policy dropped it, otherwise True.

        Raises:
            LinkClosed: the link is over, or ended now because the peer is full.
            LinkError: the message is longer than a packet may be.
        """
        if self._end is not None:
            raise self._end
        packet = self._encoder.encode(message)
        if len(packet) > MAX_MESSAGE_BYTES:
            raise LinkError(
                f"A {type(message).__name__} of {len(packet)} bytes is longer than the "
                f"{MAX_MESSAGE_BYTES} bytes a message may have."
            )
        self.flush()
        if not self._waiting and self._put(packet):
            return True
        held = sum(map(len, self._waiting))
        if len(self._waiting) >= self._queue_messages or held + len(packet) > QUEUE_BYTES:
            if self._when_full(message) is WhenFull.DROP:
                self.dropped += 1
                return False
            raise self._fail(
                f"{self.name} does not read: {len(self._waiting)} messages wait for it."
            )
        self._waiting.append(packet)
        self._arm_writer()
        return True

    def flush(self) -> None:
        """Hand queued messages to the kernel as far as it takes them.

        Raises:
            LinkClosed: the peer is gone.
        """
        while self._waiting and self._put(self._waiting[0]):
            self._waiting.popleft()

    @property
    def waiting(self) -> int:
        """How many messages wait for the peer."""
        return len(self._waiting)

    def _put(self, packet: bytes) -> bool:
        if self._end is not None:
            raise self._end
        try:
            self._socket.send(packet, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                return False
            self._left.extend(self._take(QUEUE_MESSAGES))
            raise self._fail(f"{self.name} is gone ({error.strerror}).") from error
        return True

    # --- receiving -------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether the link is over; :meth:`receive` hands out what came before and says why."""
        return self._end is not None

    def receive(self) -> list[T]:
        """Everything that has arrived, oldest first; empty when nothing has.

        Raises:
            LinkClosed: the link is over and everything before its end was handed out.
        """
        messages = self._take(BURST_MESSAGES) if self._end is None else []
        messages = [*self._left, *messages]
        self._left.clear()
        if not messages and self._end is not None:
            raise self._end
        return messages

    def _take(self, most: int) -> list[T]:
        """Read and decode packets; whatever ends the link is noted in ``_end``."""
        messages: list[T] = []
        while len(messages) < most:
            try:
                packet, _, flags, _ = self._socket.recvmsg(MAX_MESSAGE_BYTES)
            except BlockingIOError:
                break
            except ConnectionResetError:
                # The peer closed without reading all of ours; what it had sent can still be read,
                # and the error is reported once only.
                continue
            except OSError as error:
                self._fail(f"{self.name} is gone ({error.strerror}).")
                break
            if not packet:
                self._fail(f"{self.name} closed the link.")
                break
            if flags & socket.MSG_TRUNC:
                self._fail(f"{self.name} sent more than {MAX_MESSAGE_BYTES} bytes in one message.")
                break
            try:
                messages.append(self._decoder.decode(packet))
            except msgspec.MsgspecError as error:
                self._fail(f"{self.name} sent a message that is not understood: {error}.")
                break
        return messages

    def wait(self, timeout_ms: int) -> list[T]:
        """Block until something arrives: for programs without a loop, like the command line.

        Raises:
            LinkTimeout: nothing came in ``timeout_ms``.
            LinkClosed: as for ``receive``.
        """
        if self._end is None:
            poll = select.poll()
            poll.register(self._socket, select.POLLIN)
            if not poll.poll(timeout_ms):
                raise LinkTimeout(f"{self.name} did not answer within {timeout_ms} ms.")
        return self.receive()

    # --- loops -----------------------------------------------------------------------------

    def watch(
        self,
        loop: asyncio.AbstractEventLoop,
        on_messages: Callable[[list[T]], None],
        on_closed: Callable[[LinkClosed], None],
    ) -> None:
        """Serve this link from an asyncio loop.

        ``on_messages`` gets each batch; ``on_closed`` is called once, from the loop and never from
        within ``send``, when the peer or the policy ended the link. Not after our own ``close``.
        """
        self._loop = loop
        self._on_messages = on_messages
        self._on_closed = on_closed

        def readable() -> None:
            try:
                messages = self.receive()
            except LinkClosed:
                self._tell_closed()
                return
            if messages:
                on_messages(messages)

        if self._end is not None:
            loop.call_soon(self._tell_closed)
            return
        loop.add_reader(self._socket, readable)
        self._arm_writer()

    def fileno(self) -> int:
        """For ``select`` and its kin; -1 when closed."""
        return self._socket.fileno()

    @property
    def closed(self) -> LinkClosed | None:
        """Why the link is over, or None while it is up."""
        return self._end

    def close(self) -> None:
        """End the link from our side; the peer gets what the kernel already took."""
        self._told = True
        if self._end is None:
            self._fail(f"The link to {self.name} was closed here.")

    def _arm_writer(self) -> None:
        if self._loop is None or self._writer_armed or not self._waiting or self._end is not None:
            return

        def writable() -> None:
            try:
                self.flush()
            except LinkClosed:
                return
            if not self._waiting and self._loop is not None:
                self._loop.remove_writer(self._socket)
                self._writer_armed = False

        self._loop.add_writer(self._socket, writable)
        self._writer_armed = True

    def _fail(self, sentence: str) -> LinkClosed:
        """End the link; the first sentence stays."""
        if self._end is not None:
            return self._end
        self._end = LinkClosed(sentence)
        self._waiting.clear()
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._writer_armed = False
            self._loop.call_soon(self._tell_closed)
        self._socket.close()
        return self._end

    def _tell_closed(self) -> None:
        if self._end is None or self._told or self._on_closed is None:
            return
        self._told = True
        if self._left and self._on_messages is not None:
            left, self._left = self._left, []
            self._on_messages(left)
        self._on_closed(self._end)


def connect(
    path: Path | str,
    receives: msgspec.json.Decoder[T],
    *,
    name: str,
    when_full: Policy = close_when_full,
) -> Link[T]:
    """Connect to the program that listens on ``path``; does not wait for it to come.

    Raises:
        LinkError: nobody listens there, or we may not.
    """
    ours = new_socket()
    ours.setblocking(False)
    try:
        ours.connect(str(path))
    except FileNotFoundError as error:
        ours.close()
        raise LinkError(f"{name} is not running: there is no {path}.") from error
    except ConnectionRefusedError as error:
        ours.close()
        raise LinkError(f"{name} is not running: nobody answers on {path}.") from error
    except PermissionError as error:
        ours.close()
        raise LinkError(f"{path} may not be opened by this user.") from error
    except BlockingIOError as error:
        ours.close()
        raise LinkError(f"{name} is too busy to take another connection on {path}.") from error
    except OSError as error:
        ours.close()
        raise LinkError(f"Cannot reach {name} on {path}: {error.strerror}.") from error
    return Link(ours, receives, name=name, when_full=when_full)


A = TypeVar("A")
B = TypeVar("B")


def pair(
    first_receives: msgspec.json.Decoder[A],
    second_receives: msgspec.json.Decoder[B],
    *,
    first_peer: str,
    second_peer: str,
) -> tuple[Link[A], Link[B]]:
    """Two ends joined in one process, for a composition without socket files.

    ``first_peer`` is what the first end calls the other, and the reverse.
    """
    first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Link(first, first_receives, name=first_peer), Link(
        second, second_receives, name=second_peer
    )


def check_hello(message: object, *, own_program: str) -> Hello:
    """The peer's first message, if it is a Hello of our protocol.

    Raises:
        LinkClosed: with a sentence to log, and to show; the owner closes the link.
    """
    if not isinstance(message, Hello):
        raise LinkClosed(
            f"{own_program}: the peer began with {type(message).__name__} instead of Hello."
        )
    if message.protocol != PROTOCOL:
        older = message.program if message.protocol < PROTOCOL else own_program
        raise LinkClosed(
            f"{message.program} speaks protocol {message.protocol} and {own_program} speaks "
            f"{PROTOCOL}; {older} is the older one and must be restarted or updated."
        )
    return message


def new_socket() -> socket.socket:
    """A seqpacket socket that is not passed on to programs we start."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
