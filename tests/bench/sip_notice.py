"""What is noticed inside the box of calls on trunks, in words, as sipd tells it.

======================================  =========================================================
``rings 100 from 13800138000``          a call came for that number; who calls: number (and name),
                                        ``private`` or ``unavailable``
``rings 100 from ... to flow:main``     the same, and where the trunk's table sends it
``far side rings 180``                  our call is on its way there
``talks``                               sound flows; ``talks, keys as sound`` without RFC 4733
``key 5``                               a key of the far side
``sound``                               packets of sound came
``over 486, busy``                      the leg is over; of our own call refused: what is heard
``stranger OPTIONS``                    somebody who is no peer knocked
``trunk registered``                    state of a trunk that registers, with the reason if down
======================================  =========================================================
"""

from __future__ import annotations

from firmware.control.sip_messages import FromSipd
from firmware.control.trunk_messages import TrunksSeen
from firmware.core.events import IdentityKind
from firmware.core.sip_events import (
    SipAnswered,
    SipEnded,
    SipKey,
    SipOffered,
    SipQuality,
    SipRings,
)
from firmware.sip.answers import meaning
from firmware.sip.sources import Stranger

TRYING = 100
ENOUGH_PACKETS = 10  # 200 ms of sound


class Notice:
    """Turns what sipd tells into words, leg by leg."""

    def __init__(self) -> None:
        self._talks: set[str] = set()
        self._ours: set[str] = set()
        self._rang: set[str] = set()
        self._sound: set[str] = set()
        self._states: dict[str, str] = {}

    def changed(self) -> None:
        """Trunks are set anew: what is told of them next is news."""
        self._states.clear()

    def called(self, port: str) -> None:
        """The box begins a call on this leg."""
        self._ours.add(port)

    def words(self, event: FromSipd) -> list[str]:
        """What is noticed of one event."""
        match event:
            case SipOffered():
                self._ours.discard(event.port)
                return [_rings(event)]
            case SipRings(port=port, code=code) if code > TRYING:
                return [f"far side rings {code}"]
            case SipAnswered(port=port, keys=keys) if port not in self._talks:
                self._talks.add(port)
                return ["talks" if keys else "talks, keys as sound"]
            case SipKey(digit=digit):
                return [f"key {digit}"]
            case SipQuality(port=port, packets=packets) if packets >= ENOUGH_PACKETS:
                self._sound.add(port)
            case SipEnded(port=port, code=code):
                return self._over(port, code)
            case Stranger(asked=asked):
                return [f"stranger {asked}"]
            case TrunksSeen(trunks=trunks):
                return self._trunks(trunks)
        return []

    def _over(self, port: str, code: int) -> list[str]:
        talked, ours = port in self._talks, port in self._ours
        sound = ["sound"] if port in self._sound else []
        for states in (self._talks, self._ours, self._sound):
            states.discard(port)
        if ours and not talked and code >= 300:
            return [*sound, f"over {code}, {meaning(code).tone}"]
        return [*sound, f"over {code}"]

    def _trunks(self, trunks: tuple[object, ...]) -> list[str]:
        found = []
        for trunk in trunks:
            state = trunk.state
            if state not in {"registered", "waiting"} or self._states.get(trunk.name) == state:
                continue
            self._states[trunk.name] = state
            reason = f": {trunk.reason}" if trunk.reason else ""
            found.append(f"trunk {state}{reason}")
        return found


def _rings(event: SipOffered) -> str:
    who = event.number if event.kind is IdentityKind.NUMBER else event.kind.value
    who = f"{who} {event.name}".strip()
    to = f" to {event.to}" if event.to else ""
    return f"rings {event.called} from {who}{to}"
