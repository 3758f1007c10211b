"""One call of the library as one leg of the box: its callbacks become events.

An exception in a callback would end the process, so each is wrapped; and no object of the library
is let go inside one of its own callbacks: legs that are over are taken away between two turns.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Protocol

from firmware.core.events import MediaEvent
from firmware.core.sip_events import SipAnswered, SipEnded, SipKey, SipQuality, SipRings
from firmware.daemons.trunk.quality import mos

log = logging.getLogger(__name__)

TRYING = 100
REPLACED = 486  # refusal of a stranger's Replaces (RFC 3891, clause 3)
FORBIDDEN = 403


def safely(callback: Callable[..., None]) -> Callable[..., None]:
    """A callback whose defect costs a line of log and not the process."""

    @functools.wraps(callback)
    def wrapped(*arguments: Any) -> None:
        try:
            callback(*arguments)
        except Exception:
            log.exception("%s went wrong", callback.__name__)

    return wrapped


class Owner(Protocol):
    """What a leg needs of the agent."""

    module: Any

    def tell(self, event: MediaEvent) -> None:
        """Something happened on a leg."""
        ...

    def now_ms(self) -> int:
        """Monotonic time."""
        ...

    def join(self, leg: str, media: Any) -> None:
        """A leg's sound flows: put it on the bridge."""
        ...

    def over(self, leg: str) -> None:
        """A leg has ended."""
        ...


def leg_call_class(module: Any) -> type:
    """The class of calls, made when the library is there."""

    class LegCall(module.Call):  # type: ignore[misc]  # made at run time
        """A call of the library on a leg of ours."""

        def __init__(self, account: Any, owner: Owner, leg: str, number: int = -1) -> None:
            super().__init__(account, number)
            self.owner = owner
            self.leg = leg
            self.outgoing = number < 0
            self.ended = False
            self.sounding = False
            self.asked = False  # whether we ended it
            self._rang = 0
            self._quality: SipQuality | None = None

        @safely
        def onCallTsxState(self, prm: Any) -> None:  # noqa: N802 - the library's name
            tsx = prm.e.body.tsxState.tsx
            if self.outgoing and tsx.method == "INVITE" and tsx.statusCode == TRYING:
                self._rings(TRYING)

        @safely
        def onCallState(self, _prm: Any) -> None:  # noqa: N802 - the library's name
            info = self.getInfo()
            if info.state == module.PJSIP_INV_STATE_EARLY and self.outgoing:
                self._rings(int(info.lastStatusCode))
            elif info.state == module.PJSIP_INV_STATE_CONFIRMED:
                self._tell_sound()
            elif info.state == module.PJSIP_INV_STATE_DISCONNECTED and not self.ended:
                self.ended = True
                now_ms = self.owner.now_ms()
                if self._quality is not None:
                    self.owner.tell(self._quality)
                code, reason = int(info.lastStatusCode), str(info.lastReason)
                self.owner.tell(SipEnded(port=self.leg, at_ms=now_ms, code=code, reason=reason))
                self.owner.over(self.leg)

        @safely
        def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802 - the library's name
            info = self.getInfo()
            for index, media in enumerate(info.media):
                flows = media.status in {
                    module.PJSUA_CALL_MEDIA_ACTIVE,
                    module.PJSUA_CALL_MEDIA_REMOTE_HOLD,
                }
                if media.type == module.PJMEDIA_TYPE_AUDIO and flows:
                    self.owner.join(self.leg, self.getAudioMedia(index))
                    self.sounding = True
                    if info.state == module.PJSIP_INV_STATE_CONFIRMED:
                        self._tell_sound()
                    return

        @safely
        def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802 - the library's name
            digit = str(prm.digit)[:1].upper()
            if digit in "0123456789*#ABCD":
                self.owner.tell(SipKey(port=self.leg, at_ms=self.owner.now_ms(), digit=digit))

        @safely
        def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802 - the library's name
            # The library would dial whatever a peer names (its default is 202): toll fraud.
            prm.statusCode = FORBIDDEN

        @safely
        def onCallReplaceRequest(self, prm: Any) -> None:  # noqa: N802 - the library's name
            prm.statusCode = REPLACED

        def _rings(self, code: int) -> None:
            if code != self._rang:
                self._rang = code
                self.owner.tell(SipRings(port=self.leg, at_ms=self.owner.now_ms(), code=code))

        def _tell_sound(self) -> None:
            codec, keys, secured = "", True, False
            try:
                stream = self.getStreamInfo(0)
                codec = str(stream.codecName)
                keys = int(stream.audTxEventPt) >= 0
                secured = int(stream.proto) != module.PJMEDIA_TP_PROTO_RTP_AVP
            except module.Error:
                return  # no sound yet; it comes with the media
            now_ms = self.owner.now_ms()
            self.owner.tell(
                SipAnswered(port=self.leg, at_ms=now_ms, codec=codec, keys=keys, secured=secured)
            )

        def measure(self) -> None:
            """Note how sound arrives; at its end the library has forgotten it."""
            try:
                rtcp = self.getStreamStat(0).rtcp
            except module.Error:
                return
            received = rtcp.rxStat
            total = int(received.pkt) + int(received.loss)
            if not total:
                return
            jitter_ms = received.jitterUsec.mean / 1_000
            round_trip_ms = rtcp.rttUsec.mean / 1_000
            share = received.loss / total
            self._quality = SipQuality(
                port=self.leg,
                at_ms=self.owner.now_ms(),
                packets=int(received.pkt),
                lost=int(received.loss),
                jitter_ms=round(jitter_ms, 1),
                round_trip_ms=round(round_trip_ms, 1),
                mos=mos(share, jitter_ms, round_trip_ms),
            )

    return LegCall
