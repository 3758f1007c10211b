"""The jacks of the box: a machine per port, and what the doctor knows of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drivers.line import PortKind, Reading, port_kind
from firmware.core.country import Country, HookTiming
from firmware.core.port_events import PortEvent
from firmware.core.settings import Line, Settings, extension_at, line_at
from firmware.port.fxo_port import FxoPort
from firmware.port.fxs_port import FxsPort
from firmware.port.line_doctor import LineDoctor
from firmware.port.line_profile import LineProfile
from firmware.port.line_verdict import complaint, verdict
from firmware.port.phone_doctor import PhoneDoctor, sentences
from firmware.port.sip_port import SipPort


class Jacks:
    """Machines of ports, made as settings or events name them.

    Args:
        settings: The office's settings, already validated.
        country: The profile of ``settings.country``.
    """

    def __init__(self, settings: Settings, country: Country) -> None:
        self._settings = settings
        self._country = country
        self._times = settings.times()
        self._phones: dict[str, FxsPort] = {}
        self._lines: dict[str, FxoPort | SipPort] = {}
        self._doctors: dict[str, LineDoctor] = {}  # outlive the machines of their jacks
        self._phone_doctors: dict[str, PhoneDoctor] = {}
        self._phone_taught = False

    @property
    def country(self) -> Country:
        """The profile in force."""
        return self._country

    @property
    def ports(self) -> list[str]:
        """All jacks, in order."""
        return sorted({*self._phones, *self._lines})

    def machine_at(self, port: str) -> FxsPort | FxoPort | SipPort:
        """The jack's machine; a jack that the settings do not name gets one as well."""
        return self._port(port)

    def phone_idle(self, port: str) -> bool:
        """The telephone can ring now."""
        phone = self._phones.get(port)
        return phone is not None and phone.state == "idle"

    def idle_phones(self) -> set[str]:
        """Telephones that can ring now."""
        return {port for port, phone in self._phones.items() if phone.state == "idle"}

    def line_free(self, port: str) -> bool:
        """The line can be taken now."""
        line = self._lines.get(port)
        return line is not None and line.free

    def jack_verdict(self, port: str, language: str, now_ms: int) -> str:
        """What the doctor says of a line or a telephone; in the office's language for none."""
        language = language or self._settings.language
        doctor = self._doctors.get(port)
        if doctor is None:
            return self.phone_verdict(port, language, now_ms)
        return verdict(doctor, self.line_name(port), language, now_ms)

    def line_profiles(self) -> dict[str, LineProfile]:
        """What was learned of each line."""
        found = {port: doctor.profile for port, doctor in self._doctors.items()}
        for port, phone in self._phone_doctors.items():
            if phone.flash_ms:
                found[port] = LineProfile(flash_ms=phone.flash_ms)
        return found

    def know_lines(self, profiles: Mapping[str, LineProfile]) -> None:
        """What was learned of lines before; said once, at the beginning."""
        for port, profile in profiles.items():
            if port_kind(port) is PortKind.FXS:
                self._phone_doctors[port] = PhoneDoctor(profile.flash_ms)
                self._retime(port)
                continue
            self._doctors.setdefault(port, LineDoctor()).profile = profile

    def line_doctors(self) -> Mapping[str, LineDoctor]:
        """The doctor of each exchange line that the box has; a trunk has no wire to examine."""
        return {
            port: self._doctors[port]
            for port, line in self._lines.items()
            if isinstance(line, FxoPort)
        }

    def line_machine(self, port: str) -> FxoPort | None:
        """The machine of an exchange line, None if there is no such line."""
        line = self._lines.get(port)
        return line if isinstance(line, FxoPort) else None

    def take_learned(self) -> bool:
        """Whether a line has taught something since this was asked last."""
        changes = [doctor.take_change() for doctor in self._doctors.values()]
        taught, self._phone_taught = self._phone_taught, False
        return any(changes) or taught

    # --- telephones -------------------------------------------------------------------------------

    def phone_doctor(self, port: str) -> PhoneDoctor:
        """The doctor of a telephone."""
        return self._phone_doctors.setdefault(port, PhoneDoctor())

    def hook_of(self, port: str) -> HookTiming:
        """What breaks of this telephone's loop mean: the country's windows and what it taught."""
        return self.phone_doctor(port).timing(self._country.hook)

    def see_phone(self, event: Any) -> None:
        """What a telephone's jack reports; its doctor may learn from it."""
        if port_kind(event.port) is not PortKind.FXS:
            return
        machine = self._phones.get(event.port)
        state = machine.state if machine else "out_of_service"
        if self.phone_doctor(event.port).see(event, state, self._country.hook):
            self._phone_taught = True
            self._retime(event.port)

    def read_phone(self, reading: Reading) -> None:
        """What the chip of a telephone's jack measures."""
        machine = self._phones.get(reading.port)
        if machine is not None:
            self.phone_doctor(reading.port).read(reading, machine.state)

    def phone_verdict(self, port: str, language: str, now_ms: int) -> str:
        """What is wrong with a telephone or its pair, in words; empty when nothing is."""
        machine = self._phones.get(port)
        if machine is None:
            return ""
        extension = extension_at(self._settings, port)
        found = self.phone_doctor(port).findings(machine.state, self._country.hook, now_ms)
        return sentences(found, extension.number if extension else port, language)

    def _retime(self, port: str) -> None:
        machine = self._phones.get(port)
        if machine is not None:
            machine.retune(self.hook_of(port), self._times)

    def _set_ports(self) -> list[str]:
        phones = [extension.port for extension in self._settings.extensions]
        return phones + [line.port for line in self._settings.lines]

    def _make_ports(self) -> None:
        self._phones.clear()
        self._lines.clear()
        for port in self._set_ports():
            self._port(port)

    def _port(self, port: str) -> FxsPort | FxoPort | SipPort:
        """The jack's machine; a jack that the settings do not name gets one as well."""
        if port_kind(port) is PortKind.FXS:
            if port not in self._phones:
                self._phones[port] = FxsPort(port, self.hook_of(port), self._times)
            return self._phones[port]
        if port not in self._lines:
            line = line_at(self._settings, port) or Line(port=port)
            if port_kind(port) is PortKind.SIP:
                self._lines[port] = SipPort(line, self._country, self._times)
                return self._lines[port]
            doctor = self._doctors.setdefault(port, LineDoctor())
            self._lines[port] = FxoPort(line, self._country, self._times, doctor)
        return self._lines[port]

    def detail(self, machine: FxsPort | FxoPort | SipPort, now_ms: int, language: str = "") -> str:
        """Why a jack is out of service, or what is wrong with its line."""
        language = language or self._settings.language
        if machine.state == "out_of_service":
            return machine.lost_because
        if isinstance(machine, FxsPort):
            return self.phone_verdict(machine.port, language, now_ms)
        if isinstance(machine, SipPort):
            return ""
        name = self.line_name(machine.port)
        return complaint(machine.doctor, name, language, now_ms)

    def line_name(self, port: str) -> str:
        """What people call a line."""
        line = line_at(self._settings, port)
        return line.name if line is not None and line.name else port


def commands_first(effects: Sequence[Any]) -> list[Any]:
    """What a port does, before what it tells: the answer may concern the same jack."""
    return sorted(effects, key=lambda effect: isinstance(effect, PortEvent))
