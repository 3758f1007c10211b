"""Whether a trunk can be used: registering, refused, waiting, and again.

A trunk to a fixed peer is up as soon as its address is known. One that registers asks first
without a password, learns from the question for whom the password is, and only then answers: no
other realm ever gets an answer made with it. Waits after a refusal double up to half an hour and
are spread at random (RFC 5626, clause 4.5), so that a provider that comes back is not met by
everybody at once. A refusal of the account itself is not repeated faster than that either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

import msgspec

from firmware.core.fsm import STAY, Machine, Moves, Order, State, Table, choose
from firmware.core.sip_settings import SipTrunk
from firmware.core.timers import Times
from firmware.sip.why import Why, because

LONGEST_WAIT_MS: Final = 1_800_000
"""RFC 5626, clause 4.5: the ceiling of the wait, 30 minutes."""

SPREAD: Final = (0.5, 1.0)
"""RFC 5626, clause 4.5: a wait is drawn between half and all of the computed time."""

MOST_QUESTIONS: Final = 3
"""Challenges answered in a row before the far side counts as refusing."""

CHALLENGES: Final = (401, 407)

UNTRUSTED: Final = "PJSIP_TLS_ECERTVERIF"
"""What the library says of a certificate that proves nothing, in the place of an answer."""


class Open(Order, frozen=True, kw_only=True):
    """Begin; the addresses of the host are known or not needed."""


NAMELESS: Final = 0
"""Stands for the answer where nobody could be asked: the far side's name has no address."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The final answer to a REGISTER. ``again_s`` is for how long it holds."""

    code: int
    reason: str = ""
    realm: str = ""
    again_s: int = 0


class Moved(Order, frozen=True, kw_only=True):
    """The box has another address: tell it anew."""


class Close(Order, frozen=True, kw_only=True):
    """The trunk is taken away or changed."""


# --- effects --------------------------------------------------------------------------------------


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """Send a REGISTER; with the password only for ``realm``, without one if it is empty."""

    trunk: str
    realm: str = ""


class Unregister(msgspec.Struct, frozen=True, kw_only=True):
    """Take the binding away (RFC 3261, clause 10.2.2)."""

    trunk: str


class TrunkUp(msgspec.Struct, frozen=True, kw_only=True):
    """Calls can go out."""

    trunk: str


class TrunkDown(msgspec.Struct, frozen=True, kw_only=True):
    """Calls cannot, for a reason; ``again_ms`` is when it is tried next."""

    trunk: str
    reason: Why
    again_ms: int = 0


_GOES: Moves = {
    Moved: choose("_ask", "asking"),
    Close: choose("_close", "closed"),
}

TRUNK = Table(
    "trunk",
    State("closed", {Open: choose("_open", "asking", "up")}),
    State("up", {Moved: choose("_ignore", STAY), Close: choose("_close", "closed")}),
    State(
        "asking",
        {Answered: choose("_answered", "asking", "registered", "waiting"), **_GOES},
        timer="sip_register_answer",
        expired=choose("_silent", "waiting"),
    ),
    State(
        "registered",
        {Answered: choose("_ignore", STAY), **_GOES},
        timer="sip_register_again",
        expired=choose("_ask", "asking"),
    ),
    State(
        "waiting",
        {Answered: choose("_ignore", STAY), **_GOES},
        timer="sip_register_back",
        expired=choose("_ask", "asking"),
    ),
)


class Trunk(Machine):
    """One trunk.

    Args:
        trunk: How it is set.
        times: Timers in force.
        draw: A number from 0 to 1 at random, for the spread of waits.
    """

    __slots__ = (
        "_again_s",
        "_draw",
        "_questions",
        "_realm",
        "_refusals",
        "_up",
        "_wait_ms",
        "trunk",
    )
    TABLE: ClassVar[Table] = TRUNK

    def __init__(self, trunk: SipTrunk, times: Times | None, draw: Callable[[], float]) -> None:
        super().__init__(times)
        self.trunk = trunk
        self._draw = draw
        self._realm = trunk.realm
        self._questions = 0
        self._refusals = 0
        self._again_s = 0
        self._wait_ms = 0
        self._up = False

    @property
    def label(self) -> str:
        """The trunk's name."""
        return self.trunk.name

    @property
    def up(self) -> bool:
        """Calls can go out."""
        return self._up

    def _start_timer(self, now_ms: int) -> None:
        super()._start_timer(now_ms)
        if self.state == "waiting":
            self._deadline = now_ms + self._wait_ms
        elif self.state == "registered" and self._again_s:
            # Half of what was granted: there is time for one more try before it ends. Drawn, so
            # that boxes that began together do not come together for ever.
            wait_ms = min(self.times["sip_register_again"], self._again_s * 1_000 // 2)
            low, high = SPREAD
            self._deadline = now_ms + int(wait_ms * (low + (high - low) * self._draw()))

    def _open(self, _order: Open, now_ms: int) -> str:
        if not self.trunk.register:
            self._up = True
            self.do(TrunkUp(trunk=self.trunk.name))
            return "up"
        return self._ask(_order, now_ms)

    def _ask(self, _event: Any, _now_ms: int) -> str:
        self._questions = 0
        self.do(Register(trunk=self.trunk.name, realm=self._realm))
        return "asking"

    def _answered(self, event: Answered, now_ms: int) -> str:
        if 200 <= event.code < 300:
            self._refusals = 0
            self._again_s = event.again_s
            if not self._up:
                self._up = True
                self.do(TrunkUp(trunk=self.trunk.name))
            return "registered"
        if event.code in CHALLENGES and event.realm and self._questions < MOST_QUESTIONS:
            self._questions += 1
            wanted = self.trunk.realm or event.realm
            if self.trunk.password and wanted == event.realm and self._realm != event.realm:
                self._realm = event.realm
                self.do(Register(trunk=self.trunk.name, realm=event.realm))
                return "asking"
        if event.code == NAMELESS:
            return self._refused(because("no-name", host=self.trunk.host), now_ms)
        if UNTRUSTED in event.reason:
            return self._refused(because("untrusted", host=self.trunk.host), now_ms)
        said = f"{event.code} {event.reason}".strip()
        return self._refused(because("answered", host=self.trunk.host, said=said), now_ms)

    def _silent(self, _event: Any, now_ms: int) -> str:
        return self._refused(because("silent", host=self.trunk.host), now_ms)

    def _refused(self, why: Why, now_ms: int) -> str:
        self._refusals += 1
        self._realm = self.trunk.realm
        longest = max(LONGEST_WAIT_MS, self.times["sip_register_back"])
        wait_ms = min(longest, self.times["sip_register_back"] * 2 ** min(self._refusals - 1, 16))
        low, high = SPREAD
        self._wait_ms = int(wait_ms * (low + (high - low) * self._draw()))
        self._up = False
        self.do(TrunkDown(trunk=self.trunk.name, reason=why, again_ms=now_ms + self._wait_ms))
        return "waiting"

    def _close(self, _order: Close, _now_ms: int) -> str:
        if self.state == "registered":
            self.do(Unregister(trunk=self.trunk.name))
        self._up = False
        self._realm = self.trunk.realm
        return "closed"

    def _ignore(self, _event: Any, _now_ms: int) -> str:
        return STAY
