"""A fax machine in a person's place: at a telephone's pair, or at the far end of a line.

It takes over mouth and ear of its party. Like a person it is heard only while its pair carries
sound, and it knows nothing of the box.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.world.copper import Samples
from tests.bench.world.ear import Ear
from tests.bench.world.mouth import Mouth
from tests.bench.world.party import Party, WorldError
from tests.bench.world.t30_peer import Peer


class _Mouth(Mouth):
    """What the machine says, block by block, behind whatever else sounds there."""

    def __init__(self, machine: FaxMachine) -> None:
        super().__init__()
        self._machine = machine

    def block(self, start: int, count: int) -> Samples | None:
        other = super().block(start, count)
        said = self._machine.turn(count)
        if said is None or other is None:
            return other if said is None else said
        return said + other


class _Ear(Ear):
    """Hears for the machine too."""

    def __init__(self, machine: FaxMachine, keep_ms: float) -> None:
        super().__init__(keep_ms=keep_ms)
        self._machine = machine

    def hear(self, start: int, sound: Samples) -> None:
        self._machine.heard = sound
        super().hear(start, sound)


class FaxMachine:
    """One machine.

    Args:
        party: whose pair it is on.
        folder: where its pages lie.
    """

    def __init__(self, party: Party, folder: Path) -> None:
        self.party = party
        self.sent: Path | None = None
        self.came: Path | None = None
        self.heard: Samples | None = None
        self.code: int | None = None  # of the last session that ended
        self.station = ""  # that the other machine told
        self._folder = folder
        self._peer: Peer | None = None
        self._count = 0
        self._begun = False  # its pair has carried sound in this session
        party.mouth = _Mouth(self)
        party.ear = _Ear(self, 20_000.0)

    def begin(
        self, *, calling: bool, send: Path | None = None, ecm: bool = True, modem: str = ""
    ) -> None:
        """Start a session: from now on it sounds whenever its pair carries sound."""
        if self._peer is not None:
            self._end()
        self._count += 1
        self.sent, self.came = send, None
        if send is None:
            name = self.party.name.replace(" ", "-")
            self.came = self._folder / f"{name}-{self._count}.tif"
        self.code = None
        self._begun = False
        self.party.note("its machine sends" if send else "its machine receives")
        self._peer = Peer(
            calling=calling,
            send=send,
            receive=self.came,
            station=f"+86 {''.join(c for c in self.party.name if c.isdigit())}",
            ecm=ecm,
            modem=modem,
        )

    def turn(self, count: int) -> Samples | None:
        """One block; None while it has nothing to do, or its pair carries nothing."""
        peer, heard = self._peer, self.heard
        self.heard = None
        if peer is None:
            return None
        connected = True
        try:
            self.party.require_speech()
        except WorldError:
            connected = False
            if not self._begun:
                return None  # it waits for its call
        self._begun = True
        # A pair that was cut sounds of nothing; the machine finds that out by itself.
        said = peer.feed(heard if connected else None, count)
        if peer.code is not None:
            self._end()
        return said if connected else None

    def _end(self) -> None:
        peer, self._peer = self._peer, None
        assert peer is not None
        self.station = peer.heard_station
        peer.close()
        self.code = peer.code
        self.party.note(f"its machine is done, code {self.code}")
