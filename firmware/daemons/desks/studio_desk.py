"""Own prompts in calld: studios at handsets, requests of the page, gaps in Cantonese."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from firmware.control.prompt_messages import PromptRequest
from firmware.core.commands import Play
from firmware.daemons.aside import Aside, at_once
from firmware.daemons.desks.prompt_desk import PromptDesk, Reply
from firmware.dialogs.studio import Studio
from firmware.dialogs.told import DropPrompt, JudgeTake, KeepTake, StudioOrder
from ivr.voices import CANTONESE, MANDARIN, NOTICE, filled

MOST_TOLD: Final = 64
"""Calls that have heard the notice; an office has far fewer at a time."""

_NOTICES: Final = frozenset({f"{CANTONESE}/{NOTICE}", f"{MANDARIN}/{NOTICE}"})


class Office(Protocol):
    """What studios need of the office."""

    def studio(self, call_id: str, answer: Callable[[Studio], list[Any]], now_ms: int) -> list[Any]:
        """Tell a call's studio something; effects come back."""
        ...

    def know_own_prompts(self, own: Callable[[str, str], bool]) -> None:
        """Whether the owner recorded (language, key)."""
        ...


class StudioDesk:
    """Own prompts in calld.

    Args:
        folder: Of the owner's prompts.
        office: Where studios run.
        has: Whether a prompt has sound.
        carry_out: Does effects, keeping what is to be kept; messages for lined come back.
        voice: The program that says texts, as the machine configuration has it.
    """

    def __init__(
        self,
        folder: Path,
        office: Office,
        has: Callable[[str], bool],
        carry_out: Callable[[Sequence[Any], int, datetime], list[Any]],
        voice: Sequence[str] = (),
    ) -> None:
        self._desk = PromptDesk(folder, voice)
        self._office = office
        self._has = has
        self._carry_out = carry_out
        self._told: OrderedDict[str, None] = OrderedDict()
        self._late: list[Any] = []
        self.aside: Aside = at_once
        office.know_own_prompts(lambda language, key: (folder / language / f"{key}.wav").is_file())

    def request(self, request: PromptRequest, reply: Reply, wall: datetime) -> None:
        """Answer one question or carry out one change, now or later."""
        self._desk.request(request, reply, self.aside, wall)

    def order(self, order: StudioOrder, now_ms: int, wall: datetime) -> None:
        """What a studio asks for; its answer may be late."""

        def tell(answer: Callable[[Studio], list[Any]]) -> None:
            self._late += self._carry_out(
                self._office.studio(order.call, answer, now_ms), now_ms, wall
            )

        def judged(take: str, faults: tuple[str, ...], path: str) -> None:
            listeners: list[Studio] = []

            def answer(studio: Studio) -> list[Any]:
                listeners.append(studio)
                return studio.judged(faults, path)

            tell(answer)
            if all(studio.gone for studio in listeners):  # he hung up while it was judged
                self._desk.drop_take(take)

        def kept(done: bool) -> None:
            tell(lambda studio: studio.kept(done))

        match order.order:
            case JudgeTake(take=take, path=path):
                self._desk.judge(take, path, self.aside, partial(judged, take))
            case KeepTake(take=take, language=language, key=key):
                who = f"handset {order.extension}"
                self._desk.keep_take(take, language, key, who, wall, self.aside, kept)
            case DropPrompt(language=language, key=key):
                self._desk.remove(language, key)

    def take_late(self) -> list[Any]:
        """Messages for lined that came of late answers."""
        late, self._late = self._late, []
        return late

    def spoken(self, play: Play) -> Play:
        """The play with Mandarin in the place of Cantonese that is not recorded."""
        if not any(name.startswith(f"{CANTONESE}/") for name in play.prompts):
            return play
        call = play.play.rpartition("-")[0]
        told = call in self._told or not _NOTICES.isdisjoint(play.prompts)
        prompts, told = filled(play.prompts, self._has, told=told)
        if told:
            self._told[call] = None
            while len(self._told) > MOST_TOLD:
                self._told.popitem(last=False)
        return msgspec.structs.replace(play, prompts=prompts)
