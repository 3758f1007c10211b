"""The course of an update: what is offered, what is tried, when the old version comes back. Pure.

A bundle is looked at when it arrives and again right before it is written. The new version is tried
at its first start; until its health check passed, the old one is one restart away.
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from msgspec.structs import replace

from firmware.control.update_messages import UpdateState
from firmware.daemons.upkeep.shapes import Shapes, heard

COMPATIBLE: Final = "tipring-pi"

Action = Literal["", "good", "back"]
"""What the boot loader is told: this slot is good; or this one is bad and the other starts."""


def looked_at(
    said: str, problem: str, size: int, *, ran: str, program: Shapes, data: Shapes, at: str
) -> UpdateState:
    """What is thought of a bundle.

    Args:
        said: What RAUC said of it (JSON); empty if it refused it.
        problem: RAUC's reason, if it refused it.
        size: Bytes.
        ran: Version that runs.
        program: Shapes that the running program writes.
        data: Shapes of what lies on the card.
        at: Now.
    """
    state = UpdateState(step="refused", size=size, ran=ran, at=at)
    try:
        info: dict[str, Any] = json.loads(said) if said else {}
    except ValueError:
        info = {}
    if not info:
        return replace(state, problem=_refusal(problem), detail=problem[:200])
    version = str(info.get("version", ""))
    state = replace(state, version=version, notes=str(info.get("description", ""))[:1000])
    if info.get("compatible") != COMPATIBLE:
        return replace(state, problem="update-other", detail=str(info.get("compatible", "")))
    shapes = heard(str(info.get("build", "")))
    if shapes is None or number(version) is None:
        return replace(state, problem="update-unknown", detail=version)
    if not shapes.reads(data):
        return replace(state, problem="update-newer-data", detail=f"{data.said()}, {shapes.said()}")
    older = (number(version) or ()) < (number(ran) or ()) or not shapes.reads(program)
    return replace(state, step="offered", older=older)


def number(version: str) -> tuple[int, ...] | None:
    """A version as numbers, None for what is none: ``0.10.2`` comes after ``0.9``."""
    parts = version.split("+", maxsplit=1)[0].split(".")
    if not parts or any(not part.isdigit() for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _refusal(problem: str) -> str:
    low = problem.lower()
    if "signature" in low or "certificate" in low or "cms" in low or "signer" in low:
        return "update-signature"
    if "size" in low or "truncat" in low or "signature size" in low or "magic" in low:
        return "update-damaged"
    return "update-unreadable"


def begun(state: UpdateState, slot: str, at: str) -> UpdateState:
    """It is being written to a slot."""
    return replace(state, step="installing", slot=slot, percent=0, problem="", detail="", at=at)


def written(state: UpdateState, problem: str, at: str) -> UpdateState:
    """It was written and read back, or it was not; what runs was not touched."""
    if problem:
        return replace(state, step="failed", problem="update-not-written", detail=problem, at=at)
    return replace(state, step="installed", percent=100, at=at)


def started(state: UpdateState, slot: str, at: str) -> UpdateState:
    """The box has started in a slot.

    A power cut in the middle of the writing leaves ``installing`` behind: the other slot is not
    whole, and the boot loader was told so before the first block was written. If it is that slot
    that starts, the writing was over and only this program was not told any more.
    """
    match state.step:
        case "installing" if slot == state.slot:
            return replace(state, step="trying", percent=100, at=at)
        case "installing":
            return replace(state, step="failed", problem="update-cut", at=at)
        case "installed" | "trying" if slot == state.slot:
            return replace(state, step="trying", at=at)
        case "installed" | "trying":
            return replace(state, step="returned", problem=state.problem or "update-start", at=at)
        case "checking":
            return replace(state, step="refused", problem="update-cut-check", at=at)
        case _:
            return state


def examined(
    state: UpdateState, slot: str, unwell: str, detail: str, at: str
) -> tuple[UpdateState, Action]:
    """The health check is over; ``unwell`` is a key of the words, empty if all is well.

    A system that is not on trial and not well keeps what it has: the boot loader counts, and
    whoever could only restart it for ever would leave an office without telephones. Without a line
    card it is as well as it can be; a version on trial that sees none is not believed.
    """
    on_trial = state.step == "trying" and slot == state.slot
    if unwell == "unwell-card" and not on_trial:
        return state, "good"
    if not unwell:
        return (replace(state, step="done", at=at) if on_trial else state), "good"
    if not on_trial:
        return state, ""
    return replace(state, problem=unwell, detail=detail[:200], at=at), "back"
