"""Who hears whom in one call. The membership is always said whole, so that it can be repeated."""

from __future__ import annotations

from firmware.core.commands import Party, SetBridge
from firmware.core.ids import bridge_id


class Bridge:
    """The conversation of one call; it is up while it has parties."""

    __slots__ = ("call", "name", "ports")

    def __init__(self, call: str, ports: tuple[str, ...] = (), *, name: str = "") -> None:
        self.call = call
        self.name = name or bridge_id(call)
        self.ports = ports

    @property
    def up(self) -> bool:
        """Somebody is joined."""
        return bool(self.ports)

    def join(self, *ports: str) -> list[SetBridge]:
        """Let exactly these hear each other; nothing is said if they already do."""
        if ports == self.ports:
            return []
        self.ports = ports
        parties = tuple(Party(port=port) for port in ports)
        return [SetBridge(bridge=self.name, call=self.call, parties=parties)]

    def clear(self) -> list[SetBridge]:
        """Take the bridge away; nothing is said if there is none."""
        return self.join()
