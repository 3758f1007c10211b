"""Runs a flow for one caller: told keys, ended prompts and time, it says what to play, where to go.

Nothing here knows a call, a port or a file. A run has a position in checked documents that stay as
they were when he came, so it can be listed, drawn and entered again when a destination did not
work out, and a change of the flow does not move him.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from firmware.core.destinations import FlowGoto, FlowHangsUp, FlowResult
from firmware.core.menu_entries import NodePassed
from ivr.dialogs import step_for
from ivr.document import MOST_DEPTH, FlowDocument, edition
from ivr.nodes import KEYS, Destined, HangUp, Play, exits
from ivr.orders import (
    Caller,
    Effect,
    Hush,
    LookedUp,
    LookUpWanted,
    QuietOffice,
    RecordEnds,
    RecordWanted,
    Say,
    Surroundings,
)
from ivr.steps import NOTHING, OPERATOR, LeaveStep, Step, Turn, instant
from ivr.visitor import Visitor

MOST_STEPS: Final = 100
"""Nodes passed without waiting for anything; a checked document stays far below."""

MOST_VISITS: Final = 300
"""Nodes in all; who has seen so many gets a goodbye, whatever the flow says (chosen)."""

MOST_KEYS_AHEAD: Final = 20
LAST_MS: Final = 60_000
"""What is left to a caller whose time was up and who went on by ``exhausted`` (chosen)."""

MAYBE_MS: Final = 2_000
"""A second key within this time may make an extension of a choice (chosen: a slow dialler's pause
between digits that belong together)."""

GOODBYE: Final = HangUp()


class Flow:
    """One caller's way through a flow.

    Args:
        document: A flow without :func:`ivr.check.problems`.
        languages: The prompts are said in each of these, in this order, until one is chosen.
        caller: Whom it runs for.
        office: What may be asked about the box.
        flows: All flows by name, for sub-flows.
        patience: How long keys and the end of the whole are waited for, in percent of what the
            document says.
    """

    __slots__ = (
        "_ahead",
        "_away_ms",
        "_choice",
        "_deadline",
        "_documents",
        "_edition",
        "_entered_ms",
        "_failures",
        "_flows",
        "_last",
        "_limit_at",
        "_maybe",
        "_patience",
        "_playing",
        "_returns",
        "_root",
        "_step",
        "_visits",
        "away",
        "ended",
        "fault",
        "node_id",
        "visitor",
    )

    def __init__(
        self,
        document: FlowDocument,
        languages: tuple[str, ...] = ("zh-CN",),
        *,
        caller: Caller | None = None,
        office: Surroundings | None = None,
        flows: Mapping[str, FlowDocument] | None = None,
        patience: int = 100,
    ) -> None:
        self._patience = patience
        who = caller or Caller(language=languages[0])
        self.visitor = Visitor(who, office or QuietOffice(), document.languages or languages)
        self._root = document
        self._documents = [document]
        self._returns: list[str] = []
        self._flows = dict(flows or {})
        self._edition: dict[str, str] = {}
        self._ahead: deque[str] = deque(maxlen=MOST_KEYS_AHEAD)
        self._maybe: tuple[str, str, int] | None = None  # node, keys so far, until
        self._choice = ""
        self._deadline: int | None = None
        self._limit_at: int | None = None
        self._last = False
        self._failures = 0
        self._visits = 0
        self._entered_ms = 0
        self._away_ms = 0
        self._playing = False
        self._step: Step = LeaveStep(GOODBYE, self.visitor)
        self.away = False  # the caller is at a destination
        self.ended = False
        self.fault = ""  # what in an unchecked document could not be carried out
        self.node_id = document.start

    @property
    def name(self) -> str:
        """The flow that runs now, of sub-flows the innermost."""
        return self._document.name

    @property
    def _document(self) -> FlowDocument:
        return self._documents[-1]

    @property
    def _leaving(self) -> bool:
        return self._step.leaving

    # --- told -------------------------------------------------------------------------------------

    def start(self, now_ms: int) -> list[Effect]:
        """The caller is there."""
        self.visitor.now_ms = now_ms
        self._limit_at = now_ms + self._root.limit_ms * self._patience // 100
        return self._follow(self._enter(self._root.start), now_ms)

    def key(self, key: str, now_ms: int) -> list[Effect]:
        """The caller pressed a key; taken even while a prompt plays."""
        if self.ended or self.away or key not in KEYS:
            return []
        self.visitor.now_ms = now_ms
        if self._leaving:
            return self._perhaps_extension(key, now_ms)
        turn = self._step.key(key)
        if turn is None:
            self._ahead.append(key)
            return []
        if turn is NOTHING:
            return []
        hush: list[Effect] = [Hush()] if self._playing else []
        self._playing = False
        self._deadline = None
        return hush + self._follow(turn, now_ms)

    def played(self, now_ms: int) -> list[Effect]:
        """What was to be said has been said, or could not be."""
        if self.ended or self.away or not self._playing:
            return []
        self.visitor.now_ms = now_ms
        self._playing = False
        return self._follow(self._step.played(), now_ms)

    def looked_up(self, answer: LookedUp, now_ms: int) -> list[Effect]:
        """Something that was looked up is known."""
        if self.ended or self.away:
            return []
        return self._told(self._step.looked_up(answer), now_ms)

    def recorded(self, duration_ms: int, now_ms: int) -> list[Effect]:
        """A recording is closed."""
        if self.ended or self.away:
            return []
        return self._told(self._step.recorded(duration_ms), now_ms)

    def returned(self, result: FlowResult, now_ms: int) -> list[Effect]:
        """The destination did not work out; the caller is here again."""
        if self.ended or not self.away:
            return []
        self.visitor.now_ms = now_ms
        self.away = False
        if self._limit_at is not None:
            self._limit_at += now_ms - self._away_ms
        self._failures += 1
        self._ahead.clear()
        turn = self._step.back(result)
        if not isinstance(self._step.node, Destined):
            # A mailbox that is not there any more: somebody must tell him something.
            return self._follow(self._enter_root(self._root.exhausted), now_ms)
        if self._failures >= self._root.attempts:
            passed = self._passed(turn.exit, now_ms)
            return [passed, *self._follow(self._enter_root(self._root.exhausted), now_ms)]
        return self._follow(turn, now_ms)

    def next_deadline(self) -> int | None:
        """When :meth:`advance` wants to be called."""
        if self.ended or self.away or self._leaving:
            return None
        deadlines = [d for d in (self._deadline, self._limit_at) if d is not None]
        return min(deadlines, default=None)

    def advance(self, now_ms: int) -> list[Effect]:
        """No key came in time, or the caller has been here too long."""
        deadline = self.next_deadline()
        if deadline is None or now_ms < deadline:
            return []
        self.visitor.now_ms = now_ms
        if self._limit_at is not None and now_ms >= self._limit_at:
            return self._time_is_up(now_ms)
        self._deadline = None
        return self._follow(self._step.expired(), now_ms)

    def left(self, now_ms: int) -> list[Effect]:
        """The caller is gone, or somebody else's."""
        if self.ended:
            return []
        self.visitor.now_ms = now_ms
        self.ended = True
        last = "sent_on" if self.away else "hung_up"
        gone: list[Effect] = [] if self.away else list(self._step.gone())
        return [*gone, self._passed(last, now_ms)]

    # --- steps ------------------------------------------------------------------------------------

    def _told(self, turn: Turn, now_ms: int) -> list[Effect]:
        if turn is NOTHING:
            return []
        self.visitor.now_ms = now_ms
        hush: list[Effect] = [Hush()] if self._playing else []
        self._playing = False
        self._deadline = None
        return hush + self._follow(turn, now_ms)

    def _time_is_up(self, now_ms: int) -> list[Effect]:
        passed = self._passed("limit", now_ms)
        stops: list[Effect] = [e for e in self._step.gone() if isinstance(e, RecordEnds)]
        hush: list[Effect] = [Hush()] if self._playing else []
        self._playing = False
        self._ahead.clear()
        last, self._last = self._last, True
        self._limit_at = None if last else now_ms + LAST_MS
        turn = self._give_up("") if last else self._enter_root(self._root.exhausted)
        return [*stops, passed, *hush, *self._follow(turn, now_ms)]

    def _perhaps_extension(self, key: str, now_ms: int) -> list[Effect]:
        """A choice was made and announced, but he goes on dialling an extension that begins so."""
        if self._maybe is None:
            return []
        node_id, keys, until = self._maybe
        keys += key
        known = self.visitor.office.extensions()
        if now_ms > until or not any(number.startswith(keys) for number in known):
            self._maybe = None
            return []
        hush: list[Effect] = [Hush()] if self._playing else []
        self._playing = False
        self._maybe = None
        passed = self._passed("direct", now_ms)
        self._ahead.extendleft(reversed(keys))
        return [*hush, passed, *self._follow(self._enter(node_id), now_ms)]

    def _enter_root(self, node_id: str) -> Turn:
        """Back to the outermost flow."""
        del self._documents[1:]
        self._returns.clear()
        return self._enter(node_id)

    def _enter(self, node_id: str) -> Turn:
        """A caller comes to a node; what it does first."""
        self._visits += 1
        visitor = self.visitor
        self._deadline = None
        self._entered_ms = visitor.now_ms
        self.node_id = node_id
        node = self._document.nodes.get(node_id)
        if node is None:
            return self._give_up(f"flow {self.name}: there is no node {node_id!r}")
        if self._visits > MOST_VISITS:
            return self._give_up(f"flow {self.name}: {MOST_VISITS} nodes were passed")
        visitor.has_operator = bool(self._document.operator or self._root.operator)
        turn = instant(node, node_id, visitor)
        if turn is not None:
            self._step = Step(node, visitor)
            return turn
        self._step = step_for(node, visitor)
        if isinstance(node, Play) and self._ahead and not node.uninterrupted:
            return Turn(exit="next")
        if not self._ahead or not self._step.listens:
            return self._step.begin()
        return self._take_ahead()

    def _take_ahead(self) -> Turn:
        """Give the step the keys that were pressed before it was reached."""
        turn, then = NOTHING, ()
        while self._ahead and not (turn.exit or turn.goto) and not self._step.leaving:
            taken = self._step.key(self._ahead.popleft())
            if taken is None:
                break
            turn = taken
            then += turn.then
            if turn.flush:
                self._ahead.clear()
        if turn.then is then:
            return turn
        return Turn(
            say=turn.say,
            wait_ms=turn.wait_ms,
            exit=turn.exit,
            goto=turn.goto,
            choice=turn.choice,
            then=then,
            ahead=turn.ahead,
            direct=turn.direct,
        )

    def _give_up(self, fault: str) -> Turn:
        self.fault = self.fault or fault
        self._step = LeaveStep(GOODBYE, self.visitor)
        return self._step.begin()

    def _follow(self, turn: Turn, now_ms: int) -> list[Effect]:
        """Go through turns until something plays, is waited for, or the caller is sent on."""
        effects: list[Effect] = []
        for _ in range(MOST_STEPS):
            effects += self.visitor.notes
            self.visitor.notes = []
            effects += turn.then
            if turn.flush:
                self._ahead.clear()
            if turn.choice:
                self._choice = turn.choice
            if turn.direct:
                self._maybe = (turn.direct, turn.choice, now_ms + MAYBE_MS)
            self._ahead.extendleft(reversed(turn.ahead))
            if turn.exit:
                turn = self._take_exit(turn.exit, now_ms, effects)
            elif turn.enter:
                turn = self._go_down(turn.enter, now_ms)
            elif turn.leave == "return" and self._returns:
                turn = self._go_up(now_ms, effects)
            elif turn.leave == "return":
                turn = self._give_up("")  # nobody to return to: goodbye
            elif turn.leave:
                effects.append(self._passed("end", now_ms))
                self.ended = True
                effects.append(FlowHangsUp(at_ms=now_ms))
                return effects
            elif turn.goto is not None:
                self.away = True
                self._away_ms = now_ms
                choice, self._choice = self._choice, ""
                effects.append(
                    FlowGoto(at_ms=now_ms, destination=turn.goto, choice=choice, payer=turn.payer)
                )
                return effects
            else:
                if turn.wait_ms is not None:
                    self._deadline = now_ms + turn.wait_ms * self._patience // 100
                if turn.say is None:
                    return effects
                if turn.say:
                    self._playing = True
                    return [*effects, Say(prompts=turn.say)]
                turn = self._step.played()
        turn = self._give_up(f"flow {self.name}: {MOST_STEPS} nodes without a wait")
        self._playing = bool(turn.say)
        if turn.say:
            return [*effects, Say(prompts=turn.say)]
        self.ended = True
        return [*effects, FlowHangsUp(at_ms=now_ms)]

    def _take_exit(self, way: str, now_ms: int, effects: list[Effect]) -> Turn:
        effects.append(self._passed(way, now_ms))
        if way == OPERATOR:
            if self._document.operator:
                return self._enter(self._document.operator)
            return self._enter_root(self._root.operator or self._root.exhausted)
        node = self._document.nodes[self.node_id]
        to = dict(exits(node)).get(way)
        if to is None:
            return self._give_up(f"flow {self.name}: node {self.node_id!r} has no way {way!r}")
        return self._enter(to)

    def _go_down(self, name: str, now_ms: int) -> Turn:
        document = self._flows.get(name)
        if document is None or len(self._documents) > MOST_DEPTH:
            why = "there is no flow" if document is None else f"more than {MOST_DEPTH} deep"
            return self._give_up(f"flow {self.name}: {why} {name!r}")
        del now_ms
        self._returns.append(self.node_id)
        self._documents.append(document)
        return self._enter(document.start)

    def _go_up(self, now_ms: int, effects: list[Effect]) -> Turn:
        effects.append(self._passed("end", now_ms))
        self._documents.pop()
        self.node_id = self._returns.pop()
        self._entered_ms = now_ms
        return Turn(exit="next")

    def _passed(self, way: str, now_ms: int) -> NodePassed:
        document = self._document
        name = document.name
        if name not in self._edition:
            self._edition[name] = edition(document)
        return NodePassed(
            call=self.visitor.caller.call,
            at_ms=now_ms,
            flow=name,
            edition=self._edition[name],
            node=self.node_id,
            entered_ms=self._entered_ms,
            exit=way,
        )


__all__ = [
    "Effect",
    "Flow",
    "FlowGoto",
    "FlowHangsUp",
    "Hush",
    "LookUpWanted",
    "LookedUp",
    "RecordEnds",
    "RecordWanted",
    "Say",
]
