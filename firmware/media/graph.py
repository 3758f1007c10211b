"""Who hears whom, as one gain matrix.

Bridges, conferences, listening-in and gain are all the same thing: a matrix G where
``G[listener, speaker]`` is the gain with which one row hears another. Mixing a block is then one
matrix product for the whole box, and it costs no more than a minus-one mix (measured: 9 to 13 us
for 8 rows).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from firmware.core.commands import Party, SetBridge


class Graph:
    """Bridges by name, and the matrix that follows from them."""

    def __init__(self, rows: Sequence[str]) -> None:
        """``rows`` are the ports in the order of the rows of every sample block."""
        self.rows = tuple(rows)
        self._row = {port: index for index, port in enumerate(self.rows)}
        self._bridges: dict[str, SetBridge] = {}
        self._muted: set[str] = set()
        self._attached: dict[str, str] = {}  # fax ends by the port they serve
        self._clear: set[frozenset[str]] = set()  # parties among whom sound passes untouched
        self.gains: npt.NDArray[np.float32] = np.zeros((len(rows), len(rows)), np.float32)
        self.silent = True

    def set_bridge(self, command: SetBridge) -> None:
        """Replace the membership of one bridge; no parties takes it away.

        Raises:
            ValueError: a party is no port of this box, or speaks in another bridge already.
        """
        for party in command.parties:
            if party.port not in self._row:
                raise ValueError(f"bridge {command.bridge}: {party.port} is no port of this box")
            for other in self._bridges.values():
                if other.bridge != command.bridge and any(
                    p.port == party.port for p in other.parties
                ):
                    raise ValueError(
                        f"bridge {command.bridge}: {party.port} is in bridge {other.bridge}"
                    )
        if command.parties:
            self._bridges[command.bridge] = command
        else:
            self._bridges.pop(command.bridge, None)
        self._derive()

    def drop(self, bridge: str) -> None:
        """Take a bridge away; nothing happens if there is none of that name."""
        if self._bridges.pop(bridge, None) is not None:
            self._derive()

    def mute(self, port: str, *, muted: bool) -> None:
        """Take a port's talk path away in both directions, or give it back; bridges stay."""
        (self._muted.add if muted else self._muted.discard)(port)
        self._derive()

    def attach(self, port: str, end: str) -> None:
        """Let a port and a fax end hear each other and nobody else; no end takes that away.

        Raises:
            ValueError: the end is none of this box, or serves another port.
        """
        if end and end not in self._row:
            raise ValueError(f"{end} is no fax end of this box")
        if end and any(e == end and p != port for p, e in self._attached.items()):
            raise ValueError(f"{end} serves another port already")
        if end:
            self._attached[port] = end
        elif self._attached.pop(port, None) is None:
            return
        self._derive()

    def drop_fax_ends(self) -> None:
        """Nobody minds fax ends any more: what they served, and bridges with them, is over."""
        self._attached.clear()
        for name in [n for n, bridge in self._bridges.items() if _has_fax_end(bridge)]:
            del self._bridges[name]
        self._derive()

    def clear(self, port: str) -> bool:
        """Let sound pass untouched in the bridge of a port; whether there is a bridge at all.

        It lasts while the same parties are in it.
        """
        bridge = self.bridge_of(port)
        if bridge is None:
            return False
        self._clear.add(_parties(bridge))
        self._derive()
        return True

    def clear_ports(self) -> set[str]:
        """Ports between which sound passes untouched."""
        found = {*self._attached, *self._attached.values()}
        for bridge in self._bridges.values():
            if _parties(bridge) in self._clear or _has_fax_end(bridge):
                found |= _parties(bridge)
        return found

    def bridges(self) -> tuple[SetBridge, ...]:
        """All bridges that are up."""
        return tuple(self._bridges.values())

    def bridge_of(self, port: str) -> SetBridge | None:
        """The bridge a port is in, or None."""
        for bridge in self._bridges.values():
            if any(party.port == port for party in bridge.parties):
                return bridge
        return None

    def hears(self, port: str) -> bool:
        """Whether anything reaches this port through the graph."""
        return bool(self.gains[self._row[port]].any())

    def _derive(self) -> None:
        # A new matrix each time: the tick holds the old one until its block is done.
        gains = np.zeros_like(self.gains)
        self._clear &= {_parties(bridge) for bridge in self._bridges.values()}
        for bridge in self._bridges.values():
            clear = _parties(bridge) in self._clear or _has_fax_end(bridge)
            for listener in bridge.parties:
                if not listener.hears:
                    continue
                for speaker in bridge.parties:
                    if {speaker.port, listener.port} & self._muted:
                        continue
                    if speaker.heard_by and listener.port not in speaker.heard_by:
                        continue  # a supervisor whispers
                    if speaker.talks and speaker.port != listener.port:
                        gain = 1.0 if clear else _linear(speaker)
                        gains[self._row[listener.port], self._row[speaker.port]] = gain
        for port, end in self._attached.items():
            gains[self._row[port]] = gains[:, self._row[port]] = 0.0
            gains[self._row[port], self._row[end]] = gains[self._row[end], self._row[port]] = 1.0
        self.gains = gains
        self.silent = not gains.any()


def _linear(party: Party) -> float:
    return float(10.0 ** (party.gain_db / 20.0))


def _parties(bridge: SetBridge) -> frozenset[str]:
    return frozenset(party.port for party in bridge.parties)


def _has_fax_end(bridge: SetBridge) -> bool:
    return any(party.port.startswith("fax/") for party in bridge.parties)
