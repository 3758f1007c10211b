"""One code dialled at a handset, with all that is needed to carry it out and to answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from firmware.call.call import Call
from firmware.call.orders import ChangeSettings, Dissolve, Join, Served, UseService
from firmware.core.country import Country
from firmware.core.settings import Extension, Settings, extension_at
from firmware.daemons.handset.front import Front
from ivr.speech import say_digits


class Ask:
    """What was dialled, by whom, when; and how to answer.

    Args:
        office: Carries out what comes of it.
        order: The code.
        settings: In force now.
        country: Its profile.
        now_ms: Monotonic.
        out: Effects go here.
    """

    __slots__ = ("call", "country", "extension", "now_ms", "office", "order", "out", "settings")

    def __init__(
        self,
        office: Front,
        order: UseService,
        settings: Settings,
        country: Country,
        now_ms: int,
        out: list[Any],
    ) -> None:
        self.office = office
        self.order = order
        self.settings = settings
        self.country = country
        self.now_ms = now_ms
        self.out = out
        self.call: Call = office.calls_by_id[order.call]
        self.extension: Extension = extension_at(settings, order.port) or Extension(
            number="", port=order.port
        )

    @property
    def port(self) -> str:
        """The telephone's jack."""
        return self.order.port

    @property
    def language(self) -> str:
        """In which the handset hears its answer."""
        return self.extension.language or self.settings.language

    def digits(self, number: str) -> tuple[str, ...]:
        """A number, read out."""
        known = "".join(key for key in number if key.isdigit())
        return tuple(say_digits(known, self.language)) if known else ()

    def extension_named(self, number: str) -> Extension | None:
        """An extension by its number."""
        return next((e for e in self.settings.extensions if e.number == number), None)

    def tell(self, call: Call, order: Any) -> None:
        """An order to a call."""
        self.office.carry_out(call.handle(order, self.now_ms), self.now_ms, self.out)

    def enter(self, effects: Sequence[Any]) -> None:
        """Entries of the log."""
        self.office.carry_out(effects, self.now_ms, self.out)

    def say(self, *prompts: str, done: bool = True) -> None:
        """Answer with prompts, by their names without language."""
        named = tuple(key if "/" in key else f"{self.language}/{key}" for key in prompts)
        self.tell(self.call, Served(prompts=named, done=done))

    def refuse(self, *prompts: str) -> None:
        """Answer that nothing came of it."""
        self.say(*prompts, done=False)

    def change(self, wanted: Settings) -> None:
        """New settings, in force at once and kept as a version."""
        self.office.put_in_force(wanted, self.now_ms)
        who = f"handset {self.extension.number}"
        self.out.append(ChangeSettings(settings=wanted, who=who, why=self.call.journal.digits))

    def join(self, found: Call, *, tone: str = "", hears_only: bool = False) -> None:
        """The handset comes into another call."""
        self.tell(self.call, Dissolve(detail=f"joined call {found.call}"))
        self.tell(
            found,
            Join(
                port=self.port,
                extension=self.extension.number,
                other=self.call.call,
                tone=tone,
                hears_only=hears_only,
            ),
        )


Answer = Callable[[Ask], None]
"""What carries out one service."""


def read_out(prompts: Sequence[str]) -> tuple[str, ...]:
    """Prompts with ``LANGUAGE/digits:NUMBER`` put into the prompts that read the number out."""
    said: list[str] = []
    for prompt in prompts:
        language, _, number = prompt.partition("/digits:")
        keys = say_digits(number, language) if number else []
        said += [f"{language}/{key}" for key in keys] if number else [prompt]
    return tuple(said)
