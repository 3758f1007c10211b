"""The user agent: trunks, legs and the library around them, on one thread.

:class:`Agent` carries out what call control says (``SetTrunks``, ``Invite``, ``Seize``,
``Release``) and collects what is to be told. Whether a trunk can be used is decided by
``firmware.sip.trunk``, who may call by ``firmware.sip.sources``; here are only their hands.
"""

from __future__ import annotations

import ctypes
import ipaddress
import logging
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from drivers.line import PortFailed, PortReady, Release, Seize
from firmware.control.sip_messages import SetTrunks, TellLegs
from firmware.control.trunk_messages import TrunkSeen, TrunksSeen
from firmware.core.commands import SendDigits
from firmware.core.country import Country
from firmware.core.events import DigitsSent, MediaEvent
from firmware.core.sip_events import Invite, SipEnded, SipOffered
from firmware.core.sip_settings import Sip, SipTrunk, trunk_of
from firmware.core.timers import Times
from firmware.daemons.trunk.accounts import (
    account_class,
    account_config,
    called_number,
    uri,
)
from firmware.daemons.trunk.bridge import Bridge
from firmware.daemons.trunk.calls import leg_call_class
from firmware.daemons.trunk.connections import (
    HANDSHAKE_MS,
    endpoint_class,
    only_peers,
    turned_away,
)
from firmware.daemons.trunk.leg_wire import FRAME_BLOCKS, LegWire
from firmware.daemons.trunk.library import Build, build_of, is_own, native
from firmware.daemons.trunk.names import Names, Place
from firmware.daemons.trunk.places import Places, places_of
from firmware.daemons.trunk.resolver import Resolver
from firmware.sip.answers import refusal
from firmware.sip.certificate import names as names_host
from firmware.sip.identity import caller, fields, own_from, own_headers
from firmware.sip.sources import Sources, place_of
from firmware.sip.trunk import (
    NAMELESS,
    Answered,
    Close,
    Moved,
    Open,
    Register,
    Trunk,
    TrunkDown,
    TrunkUp,
    Unregister,
)
from firmware.sip.why import Why, because, told

log = logging.getLogger(__name__)

BLOCK_MS: Final = 5
SOUND_PORTS: Final = 4  # a leg: two a call, and as many again for calls on their way out
SPARE_CALLS: Final = 4  # of the library besides the legs, so that there is room to refuse
HANG_UP_UNANSWERED: Final = 480
RINGING: Final = 180
OK: Final = 200
NOT_ACCEPTABLE: Final = 488
UNREACHABLE: Final = (408, 503)  # RFC 3263, clause 4.3: the next machine of the name is tried
MEASURE_MS: Final = 1_000
MOST_EVENTS: Final = 16  # worked before anything else is looked at
NAME_WAIT_MS: Final = 3_000  # chosen: a server of names has answered by then, or is away
ADAPTATION_MS: Final = 200
"""Depth of the buffer that takes up the far side's clock and what its network does, chosen: it
adapts from one packet up to four fifths of this and comes back. ITU-T G.114, clause 5: more than
400 ms one way is no conversation, and half of that belongs to the network."""
G722_SHIFT: Final = 1
"""Bits between our samples and the codec's. The library takes 2, and is 6 dB quieter than whatever
is built on the codec that baresip, Asterisk and FreeSWITCH share; with 1 levels are equal."""
SOMEBODY: Final = "\u2014"  # whose address the kernel does not tell
Event = MediaEvent | PortReady | PortFailed | DigitsSent | Any


class Agent:
    """The library, set and driven.

    Args:
        module: ``pjsua2``.
        country: Of the box.
        legs: Calls at a time that the sound path has room for, ``sip/1`` and so on.
        make_wire: Makes the wire to lined: given what works a frame and what begins its thread.
        now_ms: Monotonic time.
        known: What hosts' names stand for now, as far as they were looked up.
        authorities: File of certificates by which far sides of TLS trunks are checked.
        certificate: File with the box's own certificate and its key, for its TLS port.
        shown: That certificate without the key, PEM; empty without a TLS port.
    """

    def __init__(
        self,
        module: Any,
        country: Country,
        legs: int,
        make_wire: Callable[[Callable[[], None], Callable[[], None]], LegWire],
        now_ms: Callable[[], int],
        known: Names,
        authorities: Path,
        certificate: Path,
        shown: str = "",
    ) -> None:
        self.module = module
        self.now_ms = now_ms
        self.build: Build | None = None
        self._country = country
        self._room = legs
        self._known = known
        self._authorities = authorities
        self._certificate, self._shown = certificate, shown
        self._resolver: Resolver | None = None
        self._found: set[str] = set()  # trunks whose far side's address is known
        self._unasked: dict[str, tuple[int, Register]] = {}  # wait for it, until when
        self._nameless: set[str] = set()  # waited in vain
        self._door: tuple[int, ...] = ()  # where connections are taken
        self._turned_away = 0
        self._make_wire = make_wire
        self._wire: LegWire | None = None
        self._endpoint: Any = None
        self._library: ctypes.CDLL | None = None
        self._set = Sip()
        self._times = Times()
        self._trunks: dict[str, Trunk] = {}
        self._reasons: dict[str, Why] = {}
        self._accounts: dict[str, Any] = {}
        self._realms: dict[str, str] = {}
        self._sources = Sources((), {})
        self._legs: dict[str, Any] = {}  # calls of the library, by the leg that carries them
        self._held: set[str] = set()  # legs that call control has not given back yet
        self._over: list[str] = []
        self._leg_places: Places | None = None
        self._sounding: set[str] = set()  # legs that are joined to a call
        self._said: list[tuple[str, Answered]] = []  # by registrars
        self._measure_at = 0
        self._places: dict[str, Place | None] = {}  # of many by one name, the one in use
        self._turns: dict[str, int] = {}  # how often a trunk went on to its next place
        self._failed: dict[str, int] = {}  # how many of them did not register it, in a row
        self._own_address = ""  # since it changed
        self._moving: set[str] = set()  # trunks whose registration still names the one before
        self._told: list[Event] = []
        self._changed = True

    # --- life -------------------------------------------------------------------------------------

    def start(self, sip: Sip) -> None:
        """Start the library; the ports it listens on stay as these settings have them."""
        pj = self.module
        self._endpoint = endpoint = endpoint_class(pj)()
        endpoint.libCreate()
        config = pj.EpConfig()
        # It would write out whatever a stranger sends that it cannot read.
        config.logConfig.level = config.logConfig.consoleLevel = 0
        ua, media = config.uaConfig, config.medConfig
        ua.threadCnt = 0
        ua.mainThreadOnly = True
        ua.userAgent = ""  # nobody learns what we are
        ua.mwiUnsolicitedEnabled = False
        ua.maxCalls = self._room + SPARE_CALLS  # the library takes as many as it was built for
        media.clockRate = media.sndClockRate = 8_000
        media.channelCount = 1
        media.audioFramePtime = FRAME_BLOCKS * BLOCK_MS
        media.ecTailLen = 0
        media.noVad = True
        media.jbMax = ADAPTATION_MS
        endpoint.libInit(config)
        self._library = library = native(pj)
        library.pjmedia_codec_g722_set_pcm_shift(G722_SHIFT)
        if is_own(pj):  # other versions lay their records out otherwise
            self._resolver = Resolver(library, self._known)
        master = endpoint.audDevManager().setNoDev()
        self.build = build_of(pj, endpoint)
        if self.build.gate:
            library.tipring_gate_start()
        self._listen(sip)
        endpoint.proves, endpoint.refused = self._proves, self._refused_for_us
        only_peers(self._door, ())  # nobody, until trunks are known
        endpoint.libStart()
        bridge = Bridge(library, int(master))
        self._wire = self._make_wire(bridge.work, lambda: endpoint.libRegisterThread("leg-wire"))
        self._leg_places = places_of(pj, library, self._wire, self._room)
        self._call_class = leg_call_class(pj)
        self._account_class = account_class(pj)
        self._wire.start()

    def _listen(self, sip: Sip) -> None:
        pj = self.module
        wanted = {trunk.transport for trunk in sip.trunks}
        for name, kind in (
            ("udp", pj.PJSIP_TRANSPORT_UDP),
            ("tcp", pj.PJSIP_TRANSPORT_TCP),
            ("tls", pj.PJSIP_TRANSPORT_TLS),
        ):
            if name not in wanted:
                continue  # a port that no trunk needs is not open
            config = pj.TransportConfig()
            config.port = sip.port + 1 if name == "tls" else sip.port
            config.boundAddress = sip.address
            if name == "tls":
                checks = _checks(sip)
                config.tlsConfig.verifyServer = config.tlsConfig.verifyClient = checks
                config.tlsConfig.requireClientCert = checks
                config.tlsConfig.CaListFile = str(self._authorities)
                config.tlsConfig.certFile = str(self._certificate)
                config.tlsConfig.privKeyFile = str(self._certificate)
                config.tlsConfig.msecTimeout = HANDSHAKE_MS
            if name != "udp":
                self._door = (*self._door, config.port)
            self._endpoint.transportCreate(kind, config)

    def stop(self) -> None:
        """End every call and take bindings away."""
        if self._endpoint is None:
            return
        self._endpoint.hangupAllCalls()
        for trunk in self._trunks.values():
            if trunk.state != "closed":
                self._carry_out(trunk.handle(Close(), self.now_ms()))
        if self._wire is not None:
            self._wire.stop()
        for _ in range(10):
            self._endpoint.libHandleEvents(20)
        self._leg_places = None
        self._sounding.clear()
        self._legs.clear()
        for account in self._accounts.values():
            account.shutdown()
        self._accounts.clear()
        if self.build is not None and self.build.gate and self._library is not None:
            self._library.tipring_gate_stop()
        self._endpoint.libDestroy()
        self._endpoint = None

    def turn(self, wait_ms: int) -> None:
        """Let the library work, waiting for something to do for so long at most."""
        for _ in range(MOST_EVENTS):
            if self._endpoint.libHandleEvents(wait_ms) <= 0:
                break
            wait_ms = 0  # it works one at a time, and a flood shall not be in anybody's way
        for leg in self._over:
            self._let_go(leg)
        self._over.clear()
        if self._moving:
            self._settle_moved()
        self._hear_registrars()
        now_ms = self.now_ms()
        if now_ms >= self._measure_at:
            self._measure_at = now_ms + MEASURE_MS
            for call in self._legs.values():
                if call.sounding and not call.ended:
                    call.measure()
            self._count_turned_away(now_ms)
        for name, (until_ms, _) in list(self._unasked.items()):
            if until_ms <= now_ms:
                del self._unasked[name]
                self._nameless.add(name)
                self.registrar_said(name, Answered(code=NAMELESS))
        for trunk in list(self._trunks.values()):
            deadline = trunk.next_deadline()
            if deadline is not None and deadline <= now_ms:
                self._carry_out(trunk.advance(now_ms))
        self._hear_strangers(now_ms)

    @property
    def busy(self) -> bool:
        """A call is up or on its way."""
        return bool(self._legs)

    def take(self) -> list[Event]:
        """What is to be told call control, oldest first."""
        told, self._told = self._told, []
        if self._changed:
            self._changed = False
            told.append(self.seen())
        return told

    def seen(self) -> TrunksSeen:
        """How trunks are."""
        build = self.build
        problems = build.problems(self._room) if build else []
        lines = [port for trunk in self._set.trunks for port in trunk.lines]
        if beyond := [port for port in lines if not self._has_room(port)]:
            problems.append(because("beyond-legs", ports=", ".join(beyond), legs=self._room))
        return TrunksSeen(
            at_ms=self.now_ms(),
            library=build.version if build else "",
            problems=tuple(problems),
            certificate=self._shown,
            trunks=tuple(
                TrunkSeen(
                    name=name,
                    state=trunk.state,
                    up=trunk.up,
                    reason=self._reasons.get(name),
                    calls=sum(port in self._legs for port in trunk.trunk.lines),
                )
                for name, trunk in self._trunks.items()
            ),
        )

    # --- call control -----------------------------------------------------------------------------

    def greet(self) -> None:
        """A call control is there: it gets the whole state."""
        now_ms = self.now_ms()
        self._held.intersection_update(self._legs)
        self._tell_legs(now_ms)
        for leg, call in list(self._legs.items()):
            if not call.sounding:
                self._hang_up(leg)  # whoever was asked to answer is gone
        self._changed = True

    def _tell_legs(self, now_ms: int) -> None:
        for name, trunk in self._trunks.items():
            self._tell_ports(name, up=trunk.up, now_ms=now_ms)
        for call in self._legs.values():
            if call.sounding and not call.ended:
                call.tell_sound()

    def order(self, message: object) -> None:
        """One message of call control."""
        match message:
            case SetTrunks(sip=sip, timers=timers):
                self._set_trunks(sip, Times(timers))
            case TellLegs():
                self._tell_legs(self.now_ms())
            case Invite():
                self._invite(message)
            case Seize(port=port) if port in self._legs:
                self._answer(port, OK)
            case Release(port=port):
                if port in self._legs and self._legs[port].unheard:
                    self._pass_over(port)
                self._held.discard(port)
                self._hang_up(port)
            case SendDigits(port=port, digits=digits):
                if port in self._legs:
                    self._legs[port].send_keys(digits)
                self.tell(DigitsSent(port=port, at_ms=self.now_ms()))
            case _:
                log.warning("%s is nothing for a trunk", type(message).__name__)

    def moved(self, address: str) -> None:
        """The box has another address: calls that are up say so, trunks register anew."""
        log.warning("the box is at %s now: trunks are told", address)
        self._own_address = address
        self._moving = set(self._trunks)
        for name, account in self._accounts.items():
            account.modify(self._config(account.trunk, self._realms[name]))
        try:
            self._endpoint.handleIpChange(self.module.IpChangeParam())
        except self.module.Error as error:
            log.warning("the library could not follow: %s", error.info())
        self.know_addresses()

    def _settle_moved(self) -> None:
        """Begin registrations anew, once their trunk carries nobody: they never change address."""
        for name in [n for n in self._moving if n in self._trunks]:
            trunk = self._trunks[name]
            if any(port in self._legs for port in trunk.trunk.lines):
                continue
            self._moving.discard(name)
            self._accounts.pop(name).shutdown()
            self._make_account(trunk.trunk)
            if trunk.state != "closed":
                self._carry_out(trunk.handle(Moved(), self.now_ms()))

    def _make_account(self, trunk: SipTrunk) -> None:
        account = self._account_class(self, trunk)
        account.create(self._config(trunk, trunk.realm))
        self._accounts[trunk.name] = account
        self._realms[trunk.name] = trunk.realm

    def know_addresses(self) -> None:
        """What names stand for may have changed: look who may call."""
        known = {trunk.name: self._addresses(trunk) for trunk in self._set.trunks}
        for trunk in self._set.trunks:
            if trunk.name in self._accounts and self._place(trunk) != self._places[trunk.name]:
                self._moving.add(trunk.name)
        self._found = {name for name, addresses in known.items() if addresses}
        for name in self._found & self._unasked.keys():
            self._carry_out([self._unasked.pop(name)[1]])
        for name in self._found & self._nameless:
            trunk_now = self._trunks.get(name)
            if trunk_now is not None and trunk_now.state == "waiting":
                self._carry_out(trunk_now.handle(Moved(), self.now_ms()))
        self._nameless -= self._found
        self._sources = Sources(self._set.trunks, known)
        self._open_gate(known)

    def _addresses(self, trunk: SipTrunk) -> tuple[str, ...]:
        try:
            return (str(ipaddress.ip_address(trunk.host.strip("[]"))),)
        except ValueError:
            named = [host for host, _ in self._services(trunk)]
            found = [one for host in (trunk.host, *named) for one in self._known(host)]
            return tuple(dict.fromkeys(found))

    def _services(self, trunk: SipTrunk) -> tuple[Place, ...]:
        """Machines that answer for a trunk's name; a port or an address is what it says."""
        if trunk.port or ":" in trunk.host or trunk.host.replace(".", "").isdigit():
            return ()
        return self._known.services(trunk.host, trunk.transport)

    def _place(self, trunk: SipTrunk) -> Place | None:
        services = self._services(trunk)
        return services[self._turns.get(trunk.name, 0) % len(services)] if services else None

    def _next_place(self, name: str) -> None:
        """A machine of a trunk does not answer: the next one of its name is for calls at once."""
        account = self._accounts.get(name)
        if account is None or len(self._services(account.trunk)) < 2:
            return
        self._turns[name] = self._turns.get(name, 0) + 1
        account.modify(self._config(account.trunk, self._realms.get(name, "")))
        self._moving.add(name)
        log.warning("trunk %s goes on to %s", name, self._place(account.trunk))

    def _open_gate(self, known: Mapping[str, tuple[str, ...]]) -> None:
        only_peers(self._door, self._sources.networks())
        if self._library is None or self.build is None or not self.build.gate:
            return
        self._library.tipring_gate_clear()
        for trunk in self._set.trunks:
            for text in (*trunk.peers, *known.get(trunk.name, ())):
                network = ipaddress.ip_network(text, strict=False)
                address = str(network.network_address).encode()
                self._library.tipring_gate_allow(address, network.prefixlen)

    def _set_trunks(self, sip: Sip, times: Times) -> None:
        now_ms = self.now_ms()
        wanted = {trunk.name: trunk for trunk in sip.trunks}
        for name, trunk in list(self._trunks.items()):
            if wanted.get(name) == trunk.trunk:
                continue
            self._carry_out(trunk.handle(Close(), now_ms)) if trunk.state != "closed" else None
            del self._trunks[name]
            self._unasked.pop(name, None)
            self._nameless.discard(name)
            self._reasons.pop(name, None)
            for port in trunk.trunk.lines:
                self._hang_up(port)
                reason = f"trunk {name} was changed or taken away"
                self.tell(PortFailed(port=port, at_ms=now_ms, reason=reason))
            if name in self._accounts:
                # Held here it would end once more after the next account has taken its number.
                self._accounts.pop(name).shutdown()
        self._set, self._times = sip, times
        self._prefer(sip.trunks)
        self.know_addresses()
        for name, trunk_set in wanted.items():
            if name in self._trunks:
                continue
            self._make_account(trunk_set)
            # The spread of waits is no secret; what matters is that boxes differ.
            machine = Trunk(trunk_set, times, random.random)
            self._trunks[name] = machine
            self._carry_out(machine.handle(Open(), now_ms))
        self._changed = True

    def _config(self, trunk: SipTrunk, realm: str) -> Any:
        ports = (self._set.first_sound_port, SOUND_PORTS * self._room)
        config = account_config(self.module, trunk, realm, ports)
        place = self._places[trunk.name] = self._place(trunk)
        if place is not None:
            to = f"sip:{place[0]}:{place[1]};transport={trunk.transport};lr;hide"
            config.sipConfig.proxies.push_back(to)
        if self._own_address and not self._set.address:
            # The library goes on naming the address that it began with.
            port = self._set.port + (trunk.transport == "tls")
            at = f"{trunk.user or 'tipring'}@{self._own_address}:{port}"
            config.sipConfig.contactForced = f"<sip:{at};transport={trunk.transport}>"
        if self._set.address:
            config.mediaConfig.transportConfig.boundAddress = self._set.address
        return config

    def _prefer(self, trunks: Iterable[SipTrunk]) -> None:
        """The codecs of these trunks, those named first before the others; no other is offered.

        The library has one order for all; it is that of all trunks but while one of them calls.
        """
        wanted = list(dict.fromkeys(codec for trunk in trunks for codec in trunk.codecs))
        for codec in self._endpoint.codecEnum2():
            name = codec.codecId.partition("/")[0]
            priority = 255 - wanted.index(name) if name in wanted else 0
            self._endpoint.codecSetPriority(codec.codecId, priority)

    # --- trunks -----------------------------------------------------------------------------------

    def registrar_said(self, name: str, answer: Answered) -> None:
        """A final answer to a REGISTER; worked after this turn, for now the library is busy."""
        self._said.append((name, answer))

    def _hear_registrars(self) -> None:
        said, self._said = self._said, []
        for name, answer in said:
            trunk = self._trunks.get(name)
            if trunk is not None:
                self._carry_out(trunk.handle(answer, self.now_ms()))

    def _carry_out(self, effects: list[Any]) -> None:
        for effect in effects:
            name = effect.trunk
            self._changed = True
            match effect:
                case Register() if name not in self._found:
                    self._unasked[name] = (self.now_ms() + NAME_WAIT_MS, effect)
                case Register(realm=realm):
                    account = self._accounts[name]
                    if realm != self._realms.get(name, ""):
                        self._realms[name] = realm
                        account.modify(self._config(account.trunk, realm))
                    try:
                        account.setRegistration(True)
                    except self.module.Error as error:
                        # One is under way already, its answer counts; or the timer does.
                        log.info("trunk %s: %s", name, error.reason)
                case Unregister():
                    self._accounts[name].setRegistration(False)
                case TrunkUp():
                    self._reasons.pop(name, None)
                    self._failed.pop(name, None)
                    self._tell_ports(name, up=True, now_ms=self.now_ms())
                case TrunkDown(reason=reason):
                    log.warning("trunk %s: %s", name, told(reason, "en"))
                    failed = self._failed[name] = self._failed.get(name, 0) + 1
                    if failed < len(self._services(self._accounts[name].trunk)):
                        self._next_place(name)  # all of them once, then the wait
                    self._reasons[name] = reason
                    self._tell_ports(name, up=False, now_ms=self.now_ms())

    def _tell_ports(self, name: str, *, up: bool, now_ms: int) -> None:
        trunk = next((t for t in self._set.trunks if t.name == name), None)
        for port in trunk.lines if trunk else ():
            if not self._has_room(port):
                reason = f"{port} is beyond trunk_legs of this machine, {self._room}"
                self.tell(PortFailed(port=port, at_ms=now_ms, reason=reason))
            elif up:
                self.tell(PortReady(port=port, at_ms=now_ms, detail=name))
            elif port not in self._legs:  # who talks goes on talking
                why = told(self._reasons.get(name), "en") or "not registered"
                reason = f"trunk {name}: {why}"
                self.tell(PortFailed(port=port, at_ms=now_ms, reason=reason))

    def _has_room(self, port: str) -> bool:
        """Whether the sound path carries a call on this leg."""
        return _number(port) <= self._room

    def _roomy(self, trunk: SipTrunk) -> Iterable[str]:
        return filter(self._has_room, trunk.lines)

    # --- calls ------------------------------------------------------------------------------------

    def incoming(self, account: Any, number: int, source: str, message: str) -> None:
        """A call came in; it rings on a free leg of its trunk, or is refused at once."""
        now_ms = self.now_ms()
        called = called_number(message)
        names = self._sources.trunk_at(source)
        trunks = [trunk for trunk in self._set.trunks if trunk.name in names]
        if not trunks:
            stranger = self._sources.stranger(source, f"INVITE {called}", now_ms)
            if stranger is not None:
                log.warning("a stranger at %s called %s", stranger.address, stranger.asked)
                self.tell(stranger)
            self._refuse(account, number, refusal("stranger"))
            return
        places = [(trunk, place_of(trunk.numbers, called)) for trunk in trunks]
        places = [(trunk, place) for trunk, place in places if place is not None]
        if not places:
            self._refuse(account, number, refusal("unknown_number"))
            return
        for trunk, place in places:
            taken = self._held | self._legs.keys()
            free = next((leg for leg in self._roomy(trunk) if leg not in taken), None)
            if free is None:
                continue
            who = caller(fields(message))
            self._held.add(free)
            self._legs[free] = self._call_class(account, self, free, number)
            self.tell(
                SipOffered(
                    port=free,
                    at_ms=now_ms,
                    kind=who.kind,
                    number=who.number,
                    name=who.name,
                    called=called[:32],
                    to=place or "",
                    peer=source[:64],
                )
            )
            self._answer(free, RINGING)
            self._changed = True
            return
        self._refuse(account, number, refusal("busy"))

    def _refuse(self, account: Any, number: int, code: int) -> None:
        call = self._call_class(account, self, "", number)
        call.ended = True
        self._end(call, code)
        self._legs[f"refused {number}"] = call  # let go between two turns
        self._over.append(f"refused {number}")

    def _invite(self, order: Invite) -> None:
        trunk = trunk_of(self._set, order.port)
        account = self._accounts.get(trunk.name) if trunk else None
        if trunk is None or account is None or order.port in self._legs:
            self._fail(order.port, 503, "no trunk")
            return
        pj = self.module
        call = self._call_class(account, self, order.port)
        prm = self._sound_alone()
        number = order.caller or trunk.caller or trunk.user
        withheld = order.withheld or trunk.presentation == "hide"
        if withheld:
            prm.txOption.localUri = own_from(number, trunk.host, withheld=True)
        for name, value in own_headers(number, trunk.host, withheld=withheld).items():
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            prm.txOption.headers.push_back(header)
        self._legs[order.port] = call
        self._held.add(order.port)
        self._prefer((trunk,))
        try:
            call.makeCall(uri(trunk, order.number), prm)
        except pj.Error as error:
            log.warning("%s: %s", order.port, error.info())
            call.ended = True
            self._over.append(order.port)
            self._fail(order.port, 503, "the call could not be sent")
        self._prefer(self._set.trunks)
        self._changed = True

    def _sound_alone(self) -> Any:
        """What a call of ours has: one stream of sound, no picture and no typed text."""
        prm = self.module.CallOpParam(True)
        prm.opt.audioCount, prm.opt.videoCount = 1, 0
        if hasattr(prm.opt, "textCount"):  # from 2.16 on, and offered if nobody says no
            prm.opt.textCount = 0
        return prm

    def _fail(self, port: str, code: int, reason: str) -> None:
        self.tell(SipEnded(port=port, at_ms=self.now_ms(), code=code, reason=reason))

    def _answer(self, leg: str, code: int) -> None:
        prm = self._sound_alone()
        prm.statusCode = code
        try:
            self._legs[leg].answer(prm)
        except self.module.Error as error:
            log.warning("%s cannot be answered: %s", leg, error.info())

    def _hang_up(self, leg: str) -> None:
        call = self._legs.get(leg)
        if call is not None and not call.ended:
            call.asked = True
            if call.sounding:
                call.measure()
            self._end(call, 0 if call.sounding or call.outgoing else HANG_UP_UNANSWERED)

    def _end(self, call: Any, code: int) -> None:
        prm = self.module.CallOpParam()
        prm.statusCode = code
        try:
            call.hangup(prm)
        except self.module.Error as error:
            log.warning("a call cannot be ended: %s", error.info())

    # --- asked by the library -------------------------------------------------------------------

    def _pass_over(self, leg: str) -> None:
        trunk = trunk_of(self._set, leg)
        if trunk is not None:
            self._next_place(trunk.name)

    def tell(self, event: Event) -> None:
        """Something happened."""
        if isinstance(event, SipEnded) and event.code in UNREACHABLE:
            self._pass_over(event.port)
        self._told.append(event)

    def join(self, leg: str, media: Any) -> None:
        """A leg's sound flows: put it on the bridge."""
        assert self._leg_places is not None  # noqa: S101  # start() has made them
        self._leg_places.join(_number(leg) - 1, media)
        self._sounding.add(leg)
        self._say_legs()

    def over(self, leg: str) -> None:
        """A leg has ended; its objects are let go after this turn."""
        self._over.append(leg)

    def _let_go(self, leg: str) -> None:
        self._legs.pop(leg, None)
        if leg in self._sounding and self._leg_places is not None:
            self._sounding.discard(leg)
            self._leg_places.part(_number(leg) - 1)
            self._say_legs()
        self._changed = True
        trunk = trunk_of(self._set, leg)
        if trunk is not None and not self._trunks[trunk.name].up:
            self._tell_ports(trunk.name, up=False, now_ms=self.now_ms())

    def _say_legs(self) -> None:
        assert self._wire is not None  # noqa: S101  # start() has made it
        mask = 0
        for leg in self._sounding:
            mask |= 1 << _number(leg) - 1
        self._wire.legs_up(mask)

    def _proves(self, remote: str, named: tuple[str, ...], fault: str) -> bool:
        """Whether whoever is at the other end of a TLS connection is a trunk's host."""
        if not _checks(self._set):
            return True
        at_hand = self._sources.trunk_at(remote)
        trunks = [trunk for trunk in self._set.trunks if trunk.name in at_hand]
        hosts = [host for t in trunks for host in (t.host, *(h for h, _ in self._services(t)))]
        if not fault and any(names_host(host, named) for host in hosts):
            return True
        said = fault or ", ".join(named)[:60] or "?"
        stranger = self._sources.stranger(remote, f"TLS: {said}", self.now_ms())
        if stranger is not None:
            log.warning("%s may not connect: %s", remote, said)
            self.tell(stranger)
        return False

    def _refused_for_us(self, source: str, code: int) -> None:
        """The library refused a peer's call by itself: nothing of what it offered can be taken."""
        names = self._sources.trunk_at(source)
        required = any(t.srtp == "required" for t in self._set.trunks if t.name in names)
        if code != NOT_ACCEPTABLE or not required:
            return  # it lacks a codec of ours, which its own side is told
        why = "INVITE: no SRTP"
        told = self._sources.stranger(source, why, self.now_ms())
        if told is not None:
            log.warning("a call of %s was refused: %s", told.address, why)
            self.tell(told)

    def _count_turned_away(self, now_ms: int) -> None:
        """Connections that the kernel refused for us; it does not say whose."""
        found = turned_away(self._door) if self._door else 0
        if found > self._turned_away:
            stranger = self._sources.stranger(SOMEBODY, "TCP", now_ms)
            if stranger is not None:
                log.warning("a stranger wanted to connect and may not")
                self.tell(stranger)
        self._turned_away = found

    def _hear_strangers(self, now_ms: int) -> None:
        """Whom the gate turned away."""
        if self.build is None or not self.build.gate or self._library is None:
            return
        text = ctypes.create_string_buffer(128)
        while self._library.tipring_gate_next(text, len(text)):
            method, _, source = text.value.decode(errors="replace").partition(" ")
            hurried = method.endswith(":flood")
            why = "INVITE: too many at once" if hurried else method
            stranger = self._sources.stranger(source, why, now_ms)
            if stranger is not None:
                log.warning("turned away at %s: %s", stranger.address, why)
                self.tell(stranger)


def _number(leg: str) -> int:
    return int(leg.rpartition("/")[2])


def _checks(sip: Sip) -> bool:
    """Whether certificates are checked; trunks agree on it, by their settings."""
    return all(t.check_certificate for t in sip.trunks if t.transport == "tls")
