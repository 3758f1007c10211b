"""Where a call can go, as values; what a dial plan, a line's setting and a menu answer with."""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.core.settings import Settings


class ToExtension(msgspec.Struct, frozen=True, kw_only=True, tag="extension"):
    """One telephone, by its number."""

    number: str


class ToGroup(msgspec.Struct, frozen=True, kw_only=True, tag="ring_group"):
    """All telephones of a ring group, by its number."""

    number: str


class ToOutside(msgspec.Struct, frozen=True, kw_only=True, tag="outside"):
    """A number outside, by the first free line; ``office`` is the trunk of another office."""

    number: str
    emergency: bool = False
    office: str = ""


class ToQueue(msgspec.Struct, frozen=True, kw_only=True, tag="queue"):
    """The next free agent of a queue, by its name.

    ``priority`` 1 is served first, 5 is usual; ``group`` is the ring group that takes the caller
    where there is no such queue, empty for none.
    """

    queue: str
    priority: int = 5
    group: str = ""


class ToFlow(msgspec.Struct, frozen=True, kw_only=True, tag="flow"):
    """A menu flow, by its name."""

    flow: str


Destination = ToExtension | ToGroup | ToOutside | ToQueue | ToFlow


class FlowGoto(msgspec.Struct, frozen=True, kw_only=True):
    """A flow sends its caller to ``destination``; ``choice`` is what he pressed, if anything.

    ``payer`` is the extension by whose rules a call to the outside goes.
    """

    at_ms: int
    destination: Destination
    choice: str = ""
    payer: str = ""


class FlowHangsUp(msgspec.Struct, frozen=True, kw_only=True):
    """A flow has nothing more for its caller."""

    at_ms: int


class FlowLearned(msgspec.Struct, frozen=True, kw_only=True):
    """What a flow learned of its caller that the call must know.

    ``served`` says that he got what a menu can give (a callback, a message taken, an answer);
    ``consent`` is to recording. Empty fields say nothing.
    """

    at_ms: int
    served: bool = False
    consent: Literal["", "given", "refused"] = ""
    language: str = ""
    priority: int = 0
    label: str = ""


FlowResult = Literal["no_answer", "busy", "unknown"]
"""Why a caller comes back to the flow that sent him on."""


class StartFlow(msgspec.Struct, frozen=True, kw_only=True):
    """What a call wants: run this flow towards ``port``."""

    call: str
    port: str
    flow: str


class ReturnToFlow(msgspec.Struct, frozen=True, kw_only=True):
    """The destination did not work out; the flow goes on with ``result``."""

    call: str
    result: FlowResult


class EndFlow(msgspec.Struct, frozen=True, kw_only=True):
    """The caller is gone; whatever the flow plays stops."""

    call: str


AnyFlowOrder = StartFlow | ReturnToFlow | EndFlow


def spoken(destination: Destination) -> str:
    """A destination for the log and for people."""
    match destination:
        case ToExtension(number=number):
            return f"extension {number}"
        case ToGroup(number=number):
            return f"group {number}"
        case ToOutside(number=number, emergency=True):
            return f"emergency {number}"
        case ToOutside(number=number, office=office) if office:
            return f"outside {number} {office}"
        case ToOutside(number=number):
            return f"outside {number}"
        case ToQueue(queue=queue):
            return f"queue {queue}"
        case ToFlow(flow=flow):
            return f"flow {flow}"


def named(text: str, settings: Settings) -> Destination | None:
    """The destination that ``flow:NAME``, an extension's or a group's number names, or None."""
    if text.startswith("flow:"):
        return ToFlow(flow=text.removeprefix("flow:"))
    if any(extension.number == text for extension in settings.extensions):
        return ToExtension(number=text)
    if any(group.number == text for group in settings.ring_groups):
        return ToGroup(number=text)
    if any(queue.number == text for queue in settings.acd.queues):
        return ToQueue(queue=text)
    return None
