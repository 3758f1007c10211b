"""lined put together from a machine configuration and the devices that it is given.

Apart from call control's (``firmware.daemons.compose``), so that the daemon whose memory is locked
loads nothing of calls, records and reports.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from drivers.bus import SpiBus
from drivers.card import Card
from drivers.line import PortKind, port_id
from firmware.config import Chain, ConfigError, Machine
from firmware.core.clock import BLOCK_SAMPLES
from firmware.core.countries import country as country_of
from firmware.daemons.wires.board_keeper import Board
from firmware.daemons.wires.lined import Lined
from firmware.daemons.wires.raw_capture import FOLDER as CAPTURES
from firmware.daemons.wires.spool import PromptShelf
from firmware.media.recorder import RecordingSink, read_said
from firmware.media.tick import SoundPath
from ivr.prompts import CACHE_BYTES, PromptStore
from ivr.wav import read_wav

SLOTS = 8
LANGUAGES = ("zh-CN", "en")


def ports_of(machine: Machine) -> dict[str, int]:
    """Port names with their slots, telephones first, as the chains list them."""
    found: dict[str, int] = {}
    for chain in machine.chains:
        kind = PortKind(chain.kind)
        for number, slot in enumerate(chain.slots, start=1):
            found[port_id(kind, number)] = slot
    return found


def chain_of(machine: Machine, kind: str) -> Chain | None:
    """The chain of one kind, None if the card has none."""
    return next((chain for chain in machine.chains if chain.kind == kind), None)


def boot_id() -> str:
    """Name of the running kernel's boot; monotonic times compare only within one.

    The service manager gives it (``%b`` of systemd.unit(5)) where a daemon sees its own processes
    only; else the kernel does, with dashes that the manager leaves out.
    """
    told = os.environ.get("TIPRING_BOOT", "")
    read = told or Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    return read.strip().replace("-", "")


def prompt_store(machine: Machine, cache_bytes: int = CACHE_BYTES) -> PromptStore:
    """The system's prompts, and the owner's before them."""
    owner = Path(machine.folders.prompts or Path(machine.folders.data) / "prompts")
    return PromptStore(owner_folder=owner, cache_bytes=cache_bytes)


def lent_folder(machine: Machine) -> Path:
    """Where recordings lie in memory while somebody listens."""
    return Path(machine.folders.run) / "lent"


def build_prompts(machine: Machine, *, wait: bool) -> PromptShelf:
    """The system's prompts in memory, an owner's when asked for."""
    # The shelf keeps them, packed; the store need not keep them once more.
    store = prompt_store(machine, cache_bytes=0)
    data = Path(machine.folders.data).resolve()

    def load(name: str) -> npt.NDArray[np.int16]:
        if not name.startswith("/"):
            return store.load(name)
        path = Path(name).resolve()
        if not path.is_relative_to(data) and not path.is_relative_to(lent):
            raise LookupError(f"recording {name}: outside of {data}")
        if path.is_relative_to(own):
            return read_wav(path.read_bytes()).samples
        return read_said(path)

    lent = lent_folder(machine).resolve()
    own = Path(machine.folders.prompts or data / "prompts").resolve()
    shelf = PromptShelf(load, wait=wait, changed=store.changed)
    if not wait:
        for language in LANGUAGES:
            shelf.preload([f"{language}/{key}" for key in sorted(store.keys(language))])
    return shelf


def build_lined(
    machine: Machine,
    *,
    fxs: SpiBus | None,
    fxo: SpiBus | None,
    reset: Callable[[bool], None],
    prompts: Callable[[str], npt.NDArray[np.int16] | None],
    sink: RecordingSink,
    wall: Callable[[], datetime],
    boot: str,
    block_samples: int = BLOCK_SAMPLES,
    board: Board | None = None,
) -> Lined:
    """Lined without its loop.

    Raises:
        ConfigError: no chain at all, or a country without a profile.
    """
    ports = ports_of(machine)
    if not ports:
        raise ConfigError(
            "the machine configuration names no chain of chips; it needs at least one"
        )
    country = country_of(machine.country)
    fxs_chain, fxo_chain = chain_of(machine, "fxs"), chain_of(machine, "fxo")
    card = Card(
        fxs=fxs,
        fxo=fxo,
        fxs_chip="si3210" if fxs_chain and fxs_chain.chip == "si3210" else "si3215",
        fxs_count=fxs_chain.count if fxs_chain else 0,
        fxo_count=fxo_chain.count if fxo_chain else 0,
        slots=ports,
        country=machine.country,
        law=country.law,
        reset=reset,
    )
    by_slot = [""] * SLOTS
    for port, slot in ports.items():
        by_slot[slot] = port
    # A slot without a jack keeps its row, so that slot and row stay the same number.
    rows = [port or f"none/{slot}" for slot, port in enumerate(by_slot)]
    rows += [port_id(PortKind.SIP, leg + 1) for leg in range(machine.trunk_legs)]
    rows += [f"fax/{end + 1}" for end in range(machine.fax_ends)]
    sound = SoundPath(
        rows,
        lines=frozenset(p for p in ports if p.startswith("fxo/")),
        country=country,
        block_samples=block_samples,
        prompts=prompts,
        sink=sink,
        captures=str(Path(machine.folders.data) / CAPTURES),
    )
    return Lined(card=card, sound=sound, country=country, wall=wall, boot=boot, board=board)
