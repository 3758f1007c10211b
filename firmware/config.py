"""Machine configuration: which chip hangs on which bus, and what the sound card is called.

One TOML file, read once into frozen values. An unknown key is an error that names the nearest
known one; a thing that is missing or overlaps is a sentence, never a silent fallback.
"""

from __future__ import annotations

import difflib
import os
import tomllib
import types
import typing
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from firmware.core.countries import country
from firmware.core.sip_settings import MOST_LEGS

SLOTS: Final = 8
"""Time slots of the highway: two channels of 32 bits hold eight G.711 octets."""

MOST_FAX_ENDS: Final = 4
"""Chosen: as many as a card of the usual fit has lines; a fax costs less than a conversation."""

HEADER_LINES: Final = range(28)
"""BCM numbers that the 40-pin header carries."""

TAKEN_LINES: Final = {
    0: "the board's EEPROM",
    1: "the board's EEPROM",
    7: "SPI (chip select 1)",
    8: "SPI (chip select 0)",
    9: "SPI (data in)",
    10: "SPI (data out)",
    11: "SPI (clock)",
    18: "the voice highway (clock)",
    19: "the voice highway (frame)",
    20: "the voice highway (data in)",
    21: "the voice highway (data out)",
}
"""Header lines of the reference card's buses: BCM2835 ARM Peripherals, 6.2, function ALT0."""

SPEED_HZ: Final = (1_000_000, 8_000_000)
"""Clock of a chain. The Si3210 data sheet allows 16 MHz (SCLK period at least 62 ns); these are
chosen, with room for the wires to a card and for the way through eight chips."""

CHIPS: Final = {"fxs": ("si3210", "si3215"), "fxo": ("si3050",)}

SPI_DEVICES: Final = tuple(f"/dev/spidev{bus}.{select}" for bus in (0, 1) for select in (0, 1, 2))


class ConfigError(Exception):
    """The machine configuration cannot be used.

    The message is one sentence that names the thing, its value and the nearest valid one.
    """


class Chain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One daisy chain: all chips behind one chip select."""

    kind: Literal["fxs", "fxo"]
    chip: Literal["si3210", "si3215", "si3050"]
    device: str  # /dev/spidev0.0
    count: int
    slots: tuple[int, ...]
    speed_hz: int = 4_000_000


class Pins(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """BCM numbers of the header lines; None where the board has none."""

    reset: int
    interrupt_fxs: int | None = None
    interrupt_fxo: int | None = None
    relay: int | None = None
    button: int | None = None
    led_ok: int | None = None
    led_fault: int | None = None
    door_1: int | None = None  # relays that open doors
    door_2: int | None = None
    mains: int | None = None  # high while the mains feed the box
    battery_low: int | None = None  # low while the battery nears its end


class Sound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The PCM highway."""

    device: str = "hw:tipring"
    periods: int = 3


class Folders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where things are kept."""

    data: str = "/var/lib/tipring"
    run: str = "/run/tipring"
    prompts: str = ""  # empty: those that ship with the box


class Voice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The optional program that says texts; it stands outside of the box's own environment."""

    command: tuple[str, ...] = ()  # with its arguments; empty: tipring-voice, if it is there


class Serial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Serial ports; empty where the machine has none."""

    modem: str = ""  # for texts, such as /dev/ttyUSB2 or a name of /dev/serial/by-id
    printer: str = ""  # for call lines, such as /dev/ttyUSB0


class Machine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole machine configuration."""

    country: str
    chains: tuple[Chain, ...]
    pins: Pins
    sound: Sound = Sound()
    folders: Folders = Folders()
    voice: Voice = Voice()
    serial: Serial = Serial()
    trunk_legs: int = 0  # calls at a time over SIP trunks that the sound path has room for
    fax_ends: int = 0  # faxes at a time that the box itself sends or receives
    page_address: str = "0.0.0.0:80"
    power_fail_relay: Literal["level", "pulses"] = "level"  # pulses: through a detector of them


def load(path: Path | str) -> Machine:
    """Read the file, and check everything that can be checked without the devices.

    Raises:
        ConfigError: it is not there, is no TOML, has an unknown key or value, or does not fit
            together (``check``).
    """
    path = Path(path)
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"There is no machine configuration {path}; machine.example.toml shows one."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    try:
        _check_table(tree, Machine, "")
        machine = msgspec.convert(tree, Machine)
        check(machine)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}.") from error
    return machine


def check(machine: Machine) -> None:
    """Whether the parts fit together.

    Raises:
        ConfigError: the first thing that does not.
    """
    try:
        country(machine.country)
    except ValueError as error:
        raise ConfigError(f"{error}.") from error
    _check_chains(machine.chains)
    _check_pins(machine.pins)
    if machine.sound.periods < 2:
        raise ConfigError(
            f"sound.periods is {machine.sound.periods}; two are needed, one to play while the "
            "other is filled."
        )
    if not 0 <= machine.trunk_legs <= MOST_LEGS:
        raise ConfigError(
            f"trunk_legs is {machine.trunk_legs}; 0 to {MOST_LEGS} are possible, the nearest is "
            f"{max(0, min(MOST_LEGS, machine.trunk_legs))}."
        )
    if not 0 <= machine.fax_ends <= MOST_FAX_ENDS:
        raise ConfigError(
            f"fax_ends is {machine.fax_ends}; 0 to {MOST_FAX_ENDS} are possible, the nearest is "
            f"{max(0, min(MOST_FAX_ENDS, machine.fax_ends))}."
        )
    _check_address(machine.page_address)


def check_devices(machine: Machine, exists: Callable[[str], bool] = os.path.exists) -> None:
    """Whether the device files are there.

    Args:
        machine: The configuration.
        exists: Tells whether a path exists.

    Raises:
        ConfigError: the first that is not.
    """
    for number, chain in enumerate(machine.chains, start=1):
        if exists(chain.device):
            continue
        there = [device for device in SPI_DEVICES if exists(device)]
        nearest = (
            f"the nearest that is there is {_nearest(chain.device, there)}"
            if there
            else "no SPI device is there at all, so SPI is not switched on"
        )
        raise ConfigError(f"device {chain.device} of chain {number} is not there; {nearest}.")


# --- the parts ------------------------------------------------------------------------------------


def _check_chains(chains: tuple[Chain, ...]) -> None:
    if not chains:
        raise ConfigError("there is no [[chains]]; one chain of telephones or lines is needed.")
    devices: dict[str, int] = {}
    slots: dict[int, int] = {}
    named = {slot for chain in chains for slot in chain.slots}
    for number, chain in enumerate(chains, start=1):
        fitting = CHIPS[chain.kind]
        if chain.chip not in fitting:
            raise ConfigError(
                f"chip {chain.chip} of chain {number} is not for {chain.kind} ports; the nearest "
                f"that is, is {_nearest(chain.chip, fitting)}."
            )
        if chain.device in devices:
            free = [device for device in SPI_DEVICES if device not in devices]
            raise ConfigError(
                f"chains {devices[chain.device]} and {number} are both on {chain.device}; the two "
                f"families cannot share a chip select, the nearest other is "
                f"{_nearest(chain.device, free)}."
            )
        devices[chain.device] = number
        if not 1 <= chain.count <= SLOTS:
            nearest = max(1, min(SLOTS, chain.count))
            raise ConfigError(
                f"count {chain.count} of chain {number} is not 1 to {SLOTS}; the nearest is "
                f"{nearest}."
            )
        if len(chain.slots) != chain.count:
            raise ConfigError(
                f"chain {number} has {chain.count} chips and {len(chain.slots)} slots; each chip "
                f"needs one, so the nearest is count = {len(chain.slots)}."
            )
        low, high = SPEED_HZ
        if not low <= chain.speed_hz <= high:
            raise ConfigError(
                f"speed_hz {chain.speed_hz} of chain {number} is not {low} to {high}; the nearest "
                f"is {max(low, min(high, chain.speed_hz))}."
            )
        for slot in chain.slots:
            _check_slot(slot, number, slots, named)
    # Eight slots without overlap hold at most eight ports, so a count of ports is needless here.


def _check_slot(slot: int, chain: int, slots: dict[int, int], named: set[int]) -> None:
    free = [other for other in range(SLOTS) if other not in slots]
    if not free:
        raise ConfigError(
            f"chain {chain} is the ninth port and more: the highway has {SLOTS} slots, all taken."
        )
    # Rather one that no chain has asked for, further down in the file either.
    nearest = min(free, key=lambda other: (other in named, abs(other - slot)))
    if slot not in range(SLOTS):
        raise ConfigError(
            f"slot {slot} of chain {chain} is not 0 to {SLOTS - 1}; the nearest free one is "
            f"{nearest}."
        )
    if slot in slots:
        twice = "twice" if slots[slot] == chain else f"and in chain {slots[slot]}"
        raise ConfigError(
            f"slot {slot} is used in chain {chain} {twice}; the nearest free one is {nearest}."
        )
    slots[slot] = chain


def _check_pins(pins: Pins) -> None:
    used: dict[int, str] = {}
    given = {name: line for name, line in msgspec.structs.asdict(pins).items() if line is not None}
    free = [n for n in HEADER_LINES if n not in TAKEN_LINES and n not in given.values()]
    for name, line in given.items():
        nearest = f"the nearest free one is {min(free, key=lambda other: abs(other - line))}"
        if line not in HEADER_LINES:
            raise ConfigError(f"GPIO {line} for pins.{name} is not on the header; {nearest}.")
        if line in TAKEN_LINES:
            raise ConfigError(
                f"GPIO {line} for pins.{name} belongs to {TAKEN_LINES[line]}; {nearest}."
            )
        if line in used:
            raise ConfigError(
                f"GPIO {line} is given to pins.{used[line]} and to pins.{name}; {nearest}."
            )
        used[line] = name


def _check_address(address: str) -> None:
    host, _, port = address.rpartition(":")
    nearest = f"{host or address or 'localhost'}:80"
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ConfigError(
            f"page_address {address!r} is not HOST:PORT with a port of 1 to 65535; the nearest is "
            f"{nearest!r}."
        )


# --- the shape ------------------------------------------------------------------------------------


def _check_table(table: object, shape: type[msgspec.Struct], where: str) -> None:
    """Keys, words and kinds of one table, before msgspec takes the values."""
    named = f"[{where}]" if where else "the file"
    if not isinstance(table, dict):
        raise ConfigError(f"{where} is {table!r}; a table [{where}] is needed.")
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    for key in table:
        if key not in fields:
            raise ConfigError(
                f"{named} has no key {key!r}; the nearest is {_nearest(key, fields)!r}."
            )
    for name, field in fields.items():
        path = f"{where}.{name}" if where else name
        if name in table:
            _check_value(table[name], field.type, path)
        elif field.required:
            raise ConfigError(f"{named} lacks the key {name!r}.")


def _check_value(value: object, kind: Any, path: str) -> None:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        (kind,) = (part for part in inside if part is not type(None))
        origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        _check_table(value, kind, path)
    elif origin is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{path} is {value!r}; a list is needed.")
        for number, item in enumerate(value, start=1):
            _check_value(item, inside[0], f"{path} {number}")
    elif origin is Literal:
        if value not in inside:
            raise ConfigError(
                f"{path} is {value!r}, which is unknown; the nearest is "
                f"{_nearest(str(value), inside)!r} (there are {', '.join(inside)})."
            )
    elif not isinstance(value, kind) or isinstance(value, bool):
        needed = {int: "a whole number", str: "a text in quotes"}[kind]
        raise ConfigError(f"{path} is {value!r}; {needed} is needed.")


def _nearest(wanted: str, known: Iterable[str]) -> str:
    """The known word most like the wanted one, the first of several; there is always one."""
    return max(known, key=lambda word: difflib.SequenceMatcher(None, wanted, word).ratio())
