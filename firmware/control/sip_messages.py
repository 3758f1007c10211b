"""What travels between call control and sipd: the line contract, what trunks add, and these.

sipd greets, then says of each line of its trunks whether it can be used (``PortReady``,
``PortFailed``) and which legs carry a call that is up (``SipAnswered``). call control says how the
trunks are set, and again after every change.
"""

from __future__ import annotations

import msgspec

from drivers.line import PortFailed, PortReady, Release, Seize
from firmware.control.messages import Hello
from firmware.control.trunk_messages import ProbeTrunk, TrunkProbed, TrunksSeen
from firmware.core.commands import SendDigits
from firmware.core.events import DigitsSent
from firmware.core.sip_events import AnySipEvent, Invite
from firmware.core.sip_settings import Sip
from firmware.sip.sources import Stranger


class SetTrunks(msgspec.Struct, frozen=True, kw_only=True, tag="set_trunks"):
    """How trunks are set, with the timers that are not the defaults."""

    sip: Sip
    country: str
    timers: dict[str, int] = {}


class TellLegs(msgspec.Struct, frozen=True, kw_only=True, tag="tell_legs"):
    """Say anew which legs can be used and which carry a call: the ports were made anew."""


FromSipd = (
    Hello | PortReady | PortFailed | AnySipEvent | DigitsSent | Stranger | TrunksSeen | TrunkProbed
)
ToSipd = Hello | SetTrunks | TellLegs | ProbeTrunk | Seize | Release | Invite | SendDigits
FOR_SIPD = (Seize, Release, Invite, SendDigits)
"""Commands to a port ``sip/N`` that are sipd's; whatever else it is told is sound, lined's."""

FROM_SIPD: msgspec.json.Decoder[FromSipd] = msgspec.json.Decoder(FromSipd)
TO_SIPD: msgspec.json.Decoder[ToSipd] = msgspec.json.Decoder(ToSipd)
SOCKET_NAME = "sipd.sock"


def for_sipd(message: object) -> bool:
    """Whether a command of call control goes to sipd instead of lined."""
    if isinstance(message, ProbeTrunk | TellLegs):
        return True
    return isinstance(message, FOR_SIPD) and message.port.startswith("sip/")
