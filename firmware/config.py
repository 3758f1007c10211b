"""Machine configuration: which chip hangs on which bus, and what the sound card is called.

One TOML file, read once into frozen values. An unknown key is an error that names the nearest
known one; a thing that is missing or overlaps is a sentence, never a silent fallback.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class ConfigError(Exception):
    """The machine configuration cannot be used; the message names the nearest valid thing."""


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


class Sound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The PCM highway."""

    device: str = "hw:tipring"
    periods: int = 3


class Folders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where things are kept."""

    data: str = "/var/lib/tipring"
    run: str = "/run/tipring"
    prompts: str = ""  # empty: those that ship with the box


class Machine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole machine configuration."""

    country: str
    chains: tuple[Chain, ...]
    pins: Pins
    sound: Sound = Sound()
    folders: Folders = Folders()
    page_address: str = "0.0.0.0:80"
