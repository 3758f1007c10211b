"""Trunks as accounts of the library: how each is set, and what its registrar says."""

from __future__ import annotations

import ipaddress
import logging
import re
from typing import Any, Protocol

from firmware.core.sip_settings import SipTrunk
from firmware.daemons.trunk.calls import safely
from firmware.sip.identity import fields, realm_of
from firmware.sip.trunk import Answered

log = logging.getLogger(__name__)

PORTS = {"udp": 5_060, "tcp": 5_060, "tls": 5_061}
KEEP_ALIVE_S = 15  # RFC 5626, clause 4.4.2 allows 24 to 29 s over UDP; routers forget at 20 s
BAD_EVENT = 489  # RFC 6665, clause 4.1.3.2
SESSION_S = 1_800  # RFC 4028, clause 4: recommended interval


class Owner(Protocol):
    """What an account needs of the agent."""

    module: Any

    def incoming(self, account: Any, number: int, source: str, message: str) -> None:
        """A call came in for this account."""
        ...

    def registrar_said(self, name: str, answer: Answered) -> None:
        """A final answer to a REGISTER."""
        ...


def address_of(trunk: SipTrunk) -> str:
    """Host, port and transport as a SIP address has them."""
    host = f"[{trunk.host}]" if ":" in trunk.host and "[" not in trunk.host else trunk.host
    port = f":{trunk.port}" if trunk.port else ""
    return f"{host}{port};transport={trunk.transport}"


def uri(trunk: SipTrunk, user: str = "") -> str:
    """Address of a user at the trunk's far side."""
    at = f"{user}@" if user else ""
    return f"sip:{at}{address_of(trunk)}"


def account_config(module: Any, trunk: SipTrunk, realm: str, sound_ports: tuple[int, int]) -> Any:
    """The library's settings of an account.

    ``realm`` is the only one that gets an answer made with the password; empty is none at all.
    ``sound_ports`` are the first of the range and how many there are.
    """
    config = module.AccountConfig()
    host = f"[{trunk.host}]" if ":" in trunk.host else trunk.host
    config.idUri = f"sip:{trunk.user or 'tipring'}@{host}"
    config.regConfig.registerOnAdd = False
    config.regConfig.disableRegOnModify = True
    config.regConfig.retryIntervalSec = 0  # when to try again is decided by firmware.sip.trunk
    config.regConfig.firstRetryIntervalSec = 0
    config.regConfig.dropCallsOnFail = False
    if trunk.register:
        config.regConfig.registrarUri = uri(trunk)
        config.regConfig.timeoutSec = 3_600
    if realm and trunk.password:
        credential = module.AuthCredInfo("digest", realm, trunk.user, 0, trunk.password)
        config.sipConfig.authCreds.push_back(credential)
    config.callConfig.timerUse = module.PJSUA_SIP_TIMER_OPTIONAL
    config.callConfig.timerSessExpiresSec = SESSION_S
    config.natConfig.udpKaIntervalSec = KEEP_ALIVE_S if trunk.register else 0
    config.natConfig.iceEnabled = False
    if not _is_address(trunk.host):
        # To learn from which port it will speak, the library would look the name up and wait.
        config.natConfig.contactUseSrcPort = 0
    config.mwiConfig.enabled = False
    media = config.mediaConfig
    media.transportConfig.port, media.transportConfig.portRange = sound_ports
    media.srtpUse = {
        "off": module.PJMEDIA_SRTP_DISABLED,
        "optional": module.PJMEDIA_SRTP_OPTIONAL,
        "required": module.PJMEDIA_SRTP_MANDATORY,
    }[trunk.srtp]
    media.srtpSecureSignaling = 1 if trunk.srtp == "required" else 0
    media.lockCodecEnabled = True
    return config


def account_class(module: Any) -> type:
    """The class of accounts, made when the library is there."""

    class TrunkAccount(module.Account):  # type: ignore[misc]  # made at run time
        """A trunk as the library knows it."""

        def __init__(self, owner: Owner, trunk: SipTrunk) -> None:
            super().__init__()
            self.owner = owner
            self.trunk = trunk

        @safely
        def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - the library's name
            rdata = prm.rdata
            self.owner.incoming(self, prm.callId, str(rdata.srcAddress), str(rdata.wholeMsg))

        @safely
        def onIncomingSubscribe(self, prm: Any) -> None:  # noqa: N802 - the library's name
            # Nobody watches us; the library would accept and tell a stranger who is present.
            prm.code = BAD_EVENT

        @safely
        def onRegState(self, prm: Any) -> None:  # noqa: N802 - the library's name
            code = int(prm.code)
            message = str(prm.rdata.wholeMsg) if prm.rdata is not None else ""
            headers = fields(message) if message else {}
            self.owner.registrar_said(
                self.trunk.name,
                Answered(
                    code=code or 408,
                    reason=str(prm.reason),
                    realm=realm_of(headers),
                    again_s=max(0, int(prm.expiration)),
                ),
            )

    return TrunkAccount


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def called_number(message: str) -> str:
    """The user of the Request-URI: the number that was dialled (RFC 3261, clause 7.1)."""
    found = re.match(r"[A-Z]+ +(?:sips?|tel):([^@;>\s]*)", message)
    return found.group(1) if found else ""
