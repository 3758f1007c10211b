"""Who hears whom in one call. The membership is always said whole, so that it can be repeated."""

from __future__ import annotations

from collections.abc import Mapping

from firmware.core.commands import Party, SetBridge
from firmware.core.ids import bridge_id


class Bridge:
    """The conversation of one call; it is up while it has parties."""

    __slots__ = ("call", "muted", "name", "ports", "whispers")

    def __init__(self, call: str, ports: tuple[str, ...] = (), *, name: str = "") -> None:
        self.call = call
        self.name = name or bridge_id(call)
        self.ports = ports
        # Of a conversation that is taken over nobody knows who was muted in it.
        self.muted: tuple[str, ...] | None = None if ports else ()
        self.whispers: dict[str, tuple[str, ...]] = {}

    @property
    def up(self) -> bool:
        """Somebody is joined."""
        return bool(self.ports)

    def join(
        self,
        *ports: str,
        muted: tuple[str, ...] = (),
        whispers: Mapping[str, tuple[str, ...]] | None = None,
    ) -> list[SetBridge]:
        """Let exactly these hear each other; nothing is said if they already do.

        Those in ``muted`` hear and are not heard; those in ``whispers`` are heard by the ports
        named for them.
        """
        unknown = self.muted is None and len(ports) > 1
        heard_by = dict(whispers or {})
        same = ports == self.ports and heard_by == self.whispers
        if same and not unknown and muted == (self.muted or ()):
            return []
        self.ports, self.muted, self.whispers = ports, muted, heard_by
        parties = tuple(
            Party(port=port, talks=port not in muted, heard_by=heard_by.get(port, ()))
            for port in ports
        )
        return [SetBridge(bridge=self.name, call=self.call, parties=parties)]

    def clear(self) -> list[SetBridge]:
        """Take the bridge away; nothing is said if there is none."""
        return self.join()
