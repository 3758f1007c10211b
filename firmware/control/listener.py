"""Where peers find us: a seqpacket socket file in the run folder."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from firmware.control.link import Link, LinkError, Policy, close_when_full, new_socket

T = TypeVar("T")

SOCKET_MODE: Final = 0o660


class Listener(Generic[T]):
    """The place where peers find us.

    The socket file has mode 0660 from the first moment. A file left by a killed program is
    replaced; one on which somebody still answers is refused.

    Args:
        path: the socket file, in the run folder.
        receives: decoder of what peers send.
        name: what the sentences call a peer.
        when_full: policy given to each link.
        backlog: connections that may wait to be accepted.

    Raises:
        LinkError: somebody listens there already, the path is no socket, or cannot be made.
    """

    def __init__(
        self,
        path: Path | str,
        receives: msgspec.json.Decoder[T],
        *,
        name: str,
        when_full: Policy = close_when_full,
        backlog: int = 16,
    ) -> None:
        self.path = Path(path)
        self._receives = receives
        self._name = name
        self._when_full = when_full
        _remove_stale(self.path)
        self._socket = new_socket()
        try:
            os.fchmod(self._socket.fileno(), SOCKET_MODE)  # Linux gives the file this mode at bind
            self._socket.bind(str(self.path))
            self.path.chmod(SOCKET_MODE)  # whatever the umask took away
            self._socket.listen(backlog)
            self._socket.setblocking(False)
        except OSError as error:
            self._socket.close()
            raise LinkError(f"Cannot listen on {self.path}: {error.strerror}.") from error

    def accept(self) -> list[Link[T]]:
        """Peers that came since the last call; empty when none did."""
        links: list[Link[T]] = []
        while True:
            try:
                connected, _ = self._socket.accept()
            except BlockingIOError:
                return links
            except OSError as error:
                if error.errno == errno.ECONNABORTED:
                    continue
                raise LinkError(f"Cannot accept on {self.path}: {error.strerror}.") from error
            links.append(
                Link(connected, self._receives, name=self._name, when_full=self._when_full)
            )

    def fileno(self) -> int:
        """For ``select``, ``add_reader`` and their kin."""
        return self._socket.fileno()

    def close(self) -> None:
        """Stop listening and take the socket file away."""
        if self._socket.fileno() >= 0:
            self._socket.close()
            self.path.unlink(missing_ok=True)


def _remove_stale(path: Path) -> None:
    """Take away a socket file on which nobody answers any more."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise LinkError(f"{path} is in the way: it is not a socket.")
    probe = new_socket()
    probe.setblocking(False)
    try:
        probe.connect(str(path))
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    except FileNotFoundError:
        return
    except BlockingIOError as error:
        raise LinkError(f"Another program listens on {path}.") from error
    except OSError as error:
        raise LinkError(f"Cannot look at {path}: {error.strerror}.") from error
    else:
        raise LinkError(f"Another program listens on {path}.")
    finally:
        probe.close()
