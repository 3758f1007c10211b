"""What call control knows of trunks: how they are set, how they are, and who knocked unasked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from firmware.control.messages import Refused
from firmware.control.sip_messages import SetTrunks
from firmware.control.trunk_messages import (
    ProbeTrunk,
    StrangerSeen,
    TrunkProbed,
    TrunksAnswer,
    TrunkSeen,
    TrunksSeen,
    TrunkTestAnswer,
    TryTrunk,
)
from firmware.core.settings import Settings
from firmware.sip.network import verdict
from firmware.sip.sources import Stranger
from firmware.sip.why import told

MOST_STRANGERS: Final = 50  # told lately, for the page; the log has them all

# Per alarm the sentence in zh-CN and in en.
_DOWN: Final = (
    "SIP 中继 {name} 不可用：{reason}",
    "SIP trunk {name} cannot be used: {reason}",
)
_AWAY: Final = (
    "SIP 程序没有运行，中继不可用",
    "The SIP program does not run; trunks cannot be used.",
)
_NO_LIBRARY: Final = (
    "此设备没有 SIP 库，中继不可用",
    "There is no SIP library on this machine; trunks cannot be used.",
)
_NO_TRUNK: Final = (
    "没有名为 {name} 的 SIP 中继",
    "There is no SIP trunk named {name}.",
)

Reply = Callable[[msgspec.Struct], None]


class TrunkDesk:
    """Trunks as call control sees them.

    Args:
        settings: Those in force.
    """

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._sent: SetTrunks | None = None
        self.here = False
        self.seen = TrunksSeen(at_ms=0)
        self.strangers: deque[Stranger] = deque(maxlen=MOST_STRANGERS)
        self._asked = 0
        self._tests: dict[int, tuple[TryTrunk, Reply]] = {}

    def ports(self) -> tuple[str, ...]:
        """Every line of a trunk."""
        return tuple(port for trunk in self._settings().sip.trunks for port in trunk.lines)

    def to_say(self, *, anew: bool = False) -> SetTrunks | None:
        """How trunks are set, if sipd has not been told so; ``anew`` tells a sipd that came."""
        settings = self._settings()
        timers = {name: ms for name, ms in settings.timers.items() if name.startswith("sip_")}
        wanted = SetTrunks(sip=settings.sip, country=settings.country, timers=timers)
        if wanted == self._sent and not anew:
            return None
        self._sent = wanted
        return wanted

    def test(self, request: TryTrunk, reply: Reply) -> list[ProbeTrunk]:
        """Test a trunk's network; ``reply`` is told some seconds later, or at once why not."""
        at = 0 if request.language.startswith("zh") else 1
        if request.name not in {trunk.name for trunk in self._settings().sip.trunks}:
            reply(Refused(id="no-such-trunk", message=_NO_TRUNK[at].format(name=request.name)))
        elif not self.here:
            reply(Refused(id="sip-away", message=_AWAY[at]))
        else:
            self._asked += 1
            self._tests[self._asked] = (request, reply)
            return [ProbeTrunk(ask=self._asked, name=request.name)]
        return []

    def _tested(self, message: TrunkProbed) -> None:
        request, reply = self._tests.pop(message.ask, (None, None))
        if request is None or reply is None:
            return
        at = 0 if request.language.startswith("zh") else 1
        trunk = next((t for t in self._settings().sip.trunks if t.name == request.name), None)
        if message.found is None or trunk is None:
            reply(Refused(id="no-such-trunk", message=_NO_TRUNK[at].format(name=request.name)))
            return
        seen = next((one for one in self.trunks() if one.name == trunk.name), None)
        found = message.found
        if seen is not None:
            why = told(seen.reason, request.language)
            found = msgspec.structs.replace(found, state=seen.state, reason=why)
        words = verdict(found, trunk.codecs, request.language)
        reply(TrunkTestAnswer(found=found, verdict=words))

    def hear(self, message: TrunksSeen | Stranger | TrunkProbed) -> None:
        """What sipd tells besides what happens on legs."""
        if isinstance(message, Stranger):
            self.strangers.append(message)
        elif isinstance(message, TrunkProbed):
            self._tested(message)
        else:
            self.seen = message

    def away(self) -> None:
        """No sipd."""
        self.here = False
        for request, reply in self._tests.values():
            at = 0 if request.language.startswith("zh") else 1
            reply(Refused(id="sip-away", message=_AWAY[at]))
        self._tests.clear()
        self.seen = TrunksSeen(at_ms=0)

    def trunks(self) -> tuple[TrunkSeen, ...]:
        """How each trunk is, those included of which sipd has said nothing yet."""
        seen = {trunk.name: trunk for trunk in self.seen.trunks}
        return tuple(
            seen.get(trunk.name, TrunkSeen(name=trunk.name, state="closed", up=False))
            for trunk in self._settings().sip.trunks
        )

    def answer(self, now_ms: int) -> TrunksAnswer:
        """How trunks are, for whoever asks."""
        return TrunksAnswer(
            here=self.here,
            library=self.seen.library,
            problems=self.seen.problems,
            certificate=self.seen.certificate,
            trunks=self.trunks(),
            strangers=tuple(
                StrangerSeen(
                    address=stranger.address,
                    asked=stranger.asked,
                    count=stranger.count,
                    ago_ms=now_ms - stranger.at_ms,
                )
                for stranger in reversed(self.strangers)
            ),
        )

    @property
    def alarms(self) -> tuple[str, ...]:
        """What people must know, in the office's language."""
        return self.alarms_in(self._settings().language)

    def alarms_in(self, language: str) -> tuple[str, ...]:
        """The same in another one."""
        settings = self._settings()
        at = 0 if language.startswith("zh") else 1
        if not settings.sip.trunks:
            return ()
        if not self.here:
            return (_AWAY[at],)
        if not self.seen.library:
            return (_NO_LIBRARY[at],)
        return tuple(
            _DOWN[at].format(name=trunk.name, reason=told(trunk.reason, language))
            for trunk in self.trunks()
            if not trunk.up and trunk.reason
        )
