"""sipd: the shell around the agent. One thread: the library's events, call control's messages.

It starts the library when call control has said that there are trunks and ends with the last of
them, so that an office without trunks has no SIP port. A change of the ports that it listens on
takes a new start of the process, which the service manager gives: the library can be started only
once in a process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from firmware.control.link import Link, LinkClosed, LinkError, check_hello
from firmware.control.listener import Listener
from firmware.control.messages import Hello
from firmware.control.sip_messages import (
    SOCKET_NAME,
    TO_SIPD,
    FromSipd,
    SetTrunks,
    ToSipd,
)
from firmware.control.trunk_messages import ProbeTrunk, TrunkProbed
from firmware.core.countries import country as country_of
from firmware.core.sip_settings import Sip
from firmware.daemons.notify import Notifier
from firmware.daemons.own_address import own_address
from firmware.daemons.trunk.agent import Agent, Event
from firmware.daemons.trunk.leg_wire import LegWire
from firmware.daemons.trunk.library import LibraryMissingError, load
from firmware.daemons.trunk.names import Names
from firmware.daemons.trunk.own_certificate import certificate_at
from firmware.daemons.trunk.prober import Prober
from firmware.daemons.trunk.trust import keep
from firmware.daemons.wires.line_loop import monotonic_ms

log = logging.getLogger(__name__)

BUSY_WAIT_MS: Final = 10  # what call control says waits so long at most
IDLE_WAIT_MS: Final = 50  # messages of peers are worked at once in either case
LOOK_UP_MS: Final = 60_000
ADDRESS_MS: Final = 2_000
ALIVE_MS: Final = 1_000
AUTHORITIES: Final = "sip-authorities.pem"
CERTIFICATE: Final = "sip-certificate.pem"
RESTART: Final = 4  # exit status: the ports changed, start me anew


class Sipd:
    """The daemon.

    Args:
        run_folder: Of the sockets.
        country: Name of the profile.
        legs: Calls at a time that the sound path has room for.
        own_folder: Kept from one start to the next, read by nobody else.
    """

    def __init__(self, run_folder: Path, country: str, legs: int, own_folder: Path) -> None:
        self._run = run_folder
        self._country = country_of(country)
        self._legs = legs
        self._listener: Listener[ToSipd] = Listener(run_folder / SOCKET_NAME, TO_SIPD, name="calld")
        self._link: Link[ToSipd] | None = None
        self._greeted = False
        self._agent: Agent | None = None
        self._ports: tuple[Any, ...] = ()
        self._names = Names()
        self._set = Sip()
        self._address = ""
        self._authorities = run_folder / AUTHORITIES
        self._certificate = own_folder / CERTIFICATE
        self._prober = Prober(self._authorities)
        self._notifier = Notifier()

    def run(self, stop: Callable[[], bool]) -> int:
        """Serve until ``stop`` says so; the status to end with."""
        self._notifier.ready()
        look_up_at = alive_at = address_at = 0
        try:
            while not stop():
                now_ms = monotonic_ms()
                if now_ms >= alive_at:
                    alive_at = now_ms + ALIVE_MS
                    self._notifier.alive()
                if now_ms >= look_up_at:
                    look_up_at = now_ms + LOOK_UP_MS
                    self._names.again()
                if now_ms >= address_at:
                    address_at = now_ms + ADDRESS_MS
                    self._look_for_address()
                if self._converse():
                    return RESTART
                self._work()
        finally:
            if self._agent is not None:
                self._agent.stop()
            self._listener.close()
        return 0

    def _look_for_address(self) -> None:
        """A new lease or another network: who calls us has to be told where we are."""
        address = own_address()
        before, self._address = self._address, address or self._address
        if self._agent is not None and before and self._address != before:
            self._agent.moved(self._address)

    def _work(self) -> None:
        agent = self._agent
        for ask, found in self._prober.take():
            self._send(TrunkProbed(ask=ask, found=found))
        if agent is None:
            threading.Event().wait(IDLE_WAIT_MS / 1_000)  # nothing is listened to: no trunks
            return
        if self._names.changed:
            self._names.changed = False
            agent.know_addresses()
        agent.turn(BUSY_WAIT_MS if agent.busy else IDLE_WAIT_MS)
        self._say(agent)

    def _say(self, agent: Agent) -> None:
        for event in agent.take() if self._link is not None and self._greeted else ():
            self._send(event)

    def _send(self, event: FromSipd | Event) -> None:
        try:
            if self._link is not None:
                self._link.send(event)
        except LinkError as end:
            self._part(str(end))

    def _converse(self) -> bool:
        """Take messages; whether the process has to be started anew."""
        for link in self._listener.accept():
            if self._link is not None:
                self._part("another call control connected")
            self._link, self._greeted = link, False
            link.send(Hello(program="sipd"))
        link_now = self._link
        if link_now is None:
            return False
        try:
            for message in link_now.receive():
                if not self._greeted:
                    check_hello(message, own_program="sipd")
                    self._greeted = True
                    if self._agent is not None:
                        self._agent.greet()
                elif self._order(message):
                    return True
        except LinkClosed as end:
            self._part(str(end))
        return False

    def _order(self, message: ToSipd) -> bool:
        if isinstance(message, ProbeTrunk):
            trunk = next((t for t in self._set.trunks if t.name == message.name), None)
            if trunk is None:
                self._send(TrunkProbed(ask=message.ask))
            else:
                self._prober.begin(message.ask, trunk)
            return False
        if isinstance(message, SetTrunks):
            self._set = sip = message.sip
            keep(self._authorities, sip.authority)
            ports = _listened(sip)
            if self._agent is None and sip.trunks:
                self._begin(sip)
                self._ports = ports
            elif self._agent is not None and ports != self._ports:
                return True
        if self._agent is not None:
            self._agent.order(message)
            self._say(self._agent)
        return False

    def _begin(self, sip: Sip) -> None:
        try:
            module = load()
        except LibraryMissingError as missing:
            log.error("%s", missing)
            return

        tls = any(trunk.transport == "tls" for trunk in sip.trunks)
        shown = self._certified(sip) if tls else ""

        def make_wire(work: Callable[[], None], begin: Callable[[], None]) -> LegWire:
            return LegWire(self._run, self._legs, self._country.law, work, begin)

        self._agent = Agent(
            module,
            self._country,
            self._legs,
            make_wire,
            monotonic_ms,
            self._names,
            self._authorities,
            self._certificate,
            shown,
        )
        self._agent.start(sip)

    def _certified(self, sip: Sip) -> str:
        """The certificate for the TLS port; one for this boot where none can be kept."""
        addresses = [one for one in (sip.address or own_address(),) if one]
        try:
            self._certificate.parent.mkdir(mode=0o700, exist_ok=True)
            return certificate_at(self._certificate, addresses)
        except OSError as error:
            log.warning("%s: the TLS certificate is not kept: %s", self._certificate, error)
            self._certificate = self._run / CERTIFICATE
            return certificate_at(self._certificate, addresses)

    def _part(self, why: str) -> None:
        log.warning("call control is away: %s", why)
        if self._link is not None:
            self._link.close()
            self._link = None


def _listened(sip: Sip) -> tuple[Any, ...]:
    """What takes a new start when it changes."""
    if not sip.trunks:
        return ()
    transports = tuple(sorted({trunk.transport for trunk in sip.trunks}))
    checks = all(t.check_certificate for t in sip.trunks if t.transport == "tls")
    return (sip.port, sip.address, transports, checks, sip.authority)
