"""One call of the library as one leg of the box: its callbacks become events.

An exception in a callback would end the process, so each is wrapped; and no object of the library
is let go inside one of its own callbacks: legs that are over are taken away between two turns.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from firmware.core.events import MediaEvent
from firmware.core.sip_events import SipAnswered, SipEnded, SipKey, SipQuality, SipRings
from firmware.daemons.trunk.sound_gate import only_from
from firmware.sip.quality import mos

log = logging.getLogger(__name__)

TRYING = 100
TERMINATED = 487
NOT_ACCEPTABLE = 488
TELL_EVERY = 5  # seconds of counting that are lost with this process at most
SRTP_ON = "SRTP status: Active"  # of the library's own words about a call
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
            self.transport: str = account.trunk.transport
            self._srtp: str = account.trunk.srtp
            self._measured = 0
            self._rang = 0
            self._peers: tuple[str, ...] = (account.trunk.host, *account.trunk.peers)
            self._secured = False
            self._sound_at = 0  # place of the sound among the offered media
            self._quality: SipQuality | None = None

        @safely
        def onCallTsxState(self, prm: Any) -> None:  # noqa: N802 - the library's name
            tsx = prm.e.body.tsxState.tsx
            if self.outgoing and tsx.method == "INVITE" and tsx.statusCode == TRYING:
                self._rings(TRYING)

        @safely
        def onCallState(self, prm: Any) -> None:  # noqa: N802 - the library's name
            info = self.getInfo()
            if info.state == module.PJSIP_INV_STATE_EARLY and self.outgoing:
                self._rings(int(info.lastStatusCode))
            elif info.state == module.PJSIP_INV_STATE_CONFIRMED:
                self.tell_sound()
            elif info.state == module.PJSIP_INV_STATE_DISCONNECTED and not self.ended:
                self.ended = True
                now_ms = self.owner.now_ms()
                self.close_measure()
                code, reason = int(info.lastStatusCode), str(info.lastReason)
                if code == NOT_ACCEPTABLE and self._srtp == "required":
                    reason = f"{reason} (SRTP)"  # the likeliest thing by far
                if code == TERMINATED and self.outgoing and not self.asked:
                    code = self._moved(prm) or code
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
                    try:
                        sound = self.getAudioMedia(index)
                    except module.Error:
                        continue  # held both ways: nothing flows
                    self.owner.join(self.leg, sound)
                    self.sounding = True
                    self._sound_at = index
                    self._hear_nobody_else()
                    if info.state == module.PJSIP_INV_STATE_CONFIRMED:
                        self.tell_sound()
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

        def _hear_nobody_else(self) -> None:
            """Sound comes from whom the signalling named, or from the trunk's own far side."""
            try:
                far = str(self.getStreamInfo(self._sound_at).remoteRtpAddress)
                own = str(self.getMedTransportInfo(self._sound_at).localRtpName)
            except module.Error:
                return
            only_from(own, far, *self._peers)

        @staticmethod
        def _moved(prm: Any) -> int:
            """The answer 3xx that ended our call, 0 if none did; the library makes 487 of it."""
            if prm.e.type != module.PJSIP_EVENT_TSX_STATE:
                return 0
            code = int(prm.e.body.tsxState.tsx.statusCode)
            return code if 300 <= code < 400 else 0

        def _rings(self, code: int) -> None:
            if code != self._rang:
                self._rang = code
                self.owner.tell(SipRings(port=self.leg, at_ms=self.owner.now_ms(), code=code))

        def tell_sound(self) -> None:
            """Tell how sound flows now."""
            codec, keys = "", True
            try:
                stream = self.getStreamInfo(self._sound_at)
                codec = str(stream.codecName)
                # What it sends counts: with Opus it may take events and not know how to send them.
                keys = int(stream.audRxEventPt) >= 0
                # The profile does not tell: what is optional is offered as RTP/AVP (RFC 4568,
                # clause 7.1.4, leaves it to both sides).
                self._secured = SRTP_ON in self.dump(True, "")
            except module.Error:
                codec = ""  # held from its first moment: it is answered all the same
            now_ms = self.owner.now_ms()
            self.owner.tell(
                SipAnswered(
                    port=self.leg, at_ms=now_ms, codec=codec, keys=keys, secured=self._secured
                )
            )

        @property
        def unheard(self) -> bool:
            """Nobody has said anything to our call, not even that it came."""
            return self.outgoing and not self._rang and not self.sounding

        def send_keys(self, keys: str) -> None:
            """Send keys as events (RFC 4733); where the far side knows none, sound has to do."""
            try:
                self.dialDtmf(keys)
            except module.Error as error:
                log.info("%s: keys stay sound: %s", self.leg, error.reason)

        def measure(self) -> None:
            """Note how sound travels, once a second: at its end the library has forgotten it."""
            try:
                statistics = self.getStreamStat(self._sound_at)
                stream = self.getStreamInfo(self._sound_at)
            except module.Error:
                return
            heard, said = statistics.rtcp.rxStat, statistics.rtcp.txStat
            if not int(heard.pkt) + int(heard.loss):
                return
            late = int(statistics.jbuf.discard)
            due = int(heard.pkt) + int(heard.loss)
            jitter_ms, far_jitter_ms = heard.jitterUsec.mean / 1_000, said.jitterUsec.mean / 1_000
            trip_ms = statistics.rtcp.rttUsec.mean / 1_000
            share = min(1.0, (heard.loss + late) / due)
            far_share = said.loss / said.pkt if said.pkt else 0.0
            self._quality = SipQuality(
                port=self.leg,
                at_ms=self.owner.now_ms(),
                codec=str(stream.codecName),
                transport=self.transport,
                secured=self._secured,
                packets=int(heard.pkt),
                lost=int(heard.loss),
                late=late,
                jitter_ms=round(jitter_ms, 1),
                round_trip_ms=round(trip_ms, 1),
                mos=mos(share, jitter_ms, trip_ms),
                sent=int(said.pkt),
                far_lost=int(said.loss),
                far_jitter_ms=round(far_jitter_ms, 1),
                # Without a report of the far side (RFC 3550, clause 6.4) nothing is known of it.
                far_mos=mos(far_share, far_jitter_ms, trip_ms) if said.updateCount else 0.0,
            )
            self._measured += 1
            if self._measured % TELL_EVERY == 0:
                self.owner.tell(self._quality)

        def close_measure(self) -> None:
            """The last of it, once."""
            if self._quality is not None:
                self.owner.tell(msgspec.structs.replace(self._quality, over=True))
            self._quality = None

    return LegCall
