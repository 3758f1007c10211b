"""The one form of every state machine: a table of states, and a machine that runs it.

A table is data. Per state it says which events are permitted, where each leads, which timer
bounds the state and what is done on entering and leaving. An event names its next state, or a
handler together with every state that handler may answer with. Diagrams and the test of every
(state, event) pair are generated from the table, so nothing that changes state may live outside it.

Who is to blame decides what an unpermitted event does: from the line or a peer it is counted and
dropped, for the line may glitch; from our own code (an :class:`Order`) it raises
:class:`IllegalCommand`, for we may not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

import msgspec

from firmware.core.timers import DEFAULT_TIMES, Times

STAY: Final = "(stay)"
"""A handler's answer: the event is dealt with, state and timer remain as they are."""


class PbxError(Exception):
    """Root of the errors of the firmware above the line contract."""


class IllegalCommand(PbxError):  # noqa: N818 - it names a command, as the guide's error tree does
    """Our own code told a machine something its state does not permit."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Something our own code tells a machine. Not permitted in its state, it raises."""


class TimerExpired(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler of an expiry is given: the timer's name."""

    timer: str


class Choice(msgspec.Struct, frozen=True):
    """A handler, by its method name, and every state it may answer with."""

    handler: str
    answers: tuple[str, ...]


Moves = dict[type, str | Choice]
"""Event class to next state, or to a choice among some."""


def choose(handler: Callable[..., str] | str, *answers: str) -> Choice:
    """Let ``handler(event, now_ms) -> state`` decide among ``answers`` (``STAY`` included)."""
    name = handler if isinstance(handler, str) else handler.__name__
    if not answers:
        raise ValueError(f"handler {name}: name at least one state it may answer with")
    return Choice(name, answers)


class State:
    """One situation: permitted events, timer, what is done on entering and on leaving.

    Args:
        name: The situation's name, as people read it on the status page.
        on: Event class to next state, or to a :func:`choose`.
        timer: Name in ``firmware.core.timers``; ``expired`` says where its expiry leads.
        enter: Method name, called without arguments besides ``now_ms`` when the state begins.
        leave: The same when it ends, however it ends.
        final: The machine has ended; it ignores everything.
    """

    __slots__ = ("enter", "expired", "final", "leave", "name", "on", "timer")

    def __init__(
        self,
        name: str,
        on: Mapping[type, str | Choice] | None = None,
        *,
        timer: str | None = None,
        expired: str | Choice | None = None,
        enter: str | None = None,
        leave: str | None = None,
        final: bool = False,
    ) -> None:
        self.name = name
        self.on = dict(on or {})
        self.timer = timer
        self.expired = expired
        self.enter = enter
        self.leave = leave
        self.final = final

    def answers(self) -> Iterable[tuple[str, str, str]]:
        """Every arrow out of the state: (label, next state, handler or empty)."""
        moves: list[tuple[str, str | Choice]] = [(e.__name__, to) for e, to in self.on.items()]
        if self.timer is not None and self.expired is not None:
            moves.append((f"after {self.timer}", self.expired))
        for label, to in moves:
            if isinstance(to, Choice):
                yield from ((label, answer, to.handler) for answer in to.answers)
            else:
                yield label, to, ""


class Table:
    """All states of one kind of machine; the first is where it begins. Checked when it is made."""

    __slots__ = ("name", "states")

    def __init__(self, name: str, *states: State) -> None:
        self.name = name
        self.states = {state.name: state for state in states}
        if len(self.states) != len(states):
            raise ValueError(f"machine {name}: two states have one name")
        reached = {states[0].name}
        for state in states:
            if (state.timer is None) != (state.expired is None):
                raise ValueError(f"machine {name}, state {state.name}: a timer needs its expiry")
            if state.timer is not None and state.timer not in DEFAULT_TIMES:
                raise ValueError(f"machine {name}: {state.timer} is not in the table of timers")
            if state.final and (state.on or state.timer):
                raise ValueError(f"machine {name}: the final state {state.name} permits nothing")
            for label, to, _ in state.answers():
                if to != STAY and to not in self.states:
                    raise ValueError(f"machine {name}, {state.name} on {label}: no state {to}")
                reached.add(to)
        if lost := set(self.states) - reached:
            raise ValueError(f"machine {name}: nothing leads to {', '.join(sorted(lost))}")

    @property
    def first(self) -> str:
        """Where a machine begins."""
        return next(iter(self.states))

    def events(self) -> tuple[type, ...]:
        """Every event that some state permits, in order of first appearance."""
        return tuple(dict.fromkeys(e for state in self.states.values() for e in state.on))


class Machine:
    """Runs a table. Subclasses name it as ``TABLE`` and give the handlers as methods.

    ``handle`` and ``advance`` return what is to be done, in order: what leaving the old state
    does, what the handler does, what entering the new state does. All three add with :meth:`do`.
    """

    __slots__ = ("_deadline", "_done", "_state", "dropped", "moves", "times")
    TABLE: ClassVar[Table]

    def __init__(self, times: Times | None = None) -> None:
        self.times = times or DEFAULT_TIMES
        self.dropped = 0
        self.moves: list[str] = []
        self._state = self.TABLE.states[self.TABLE.first]
        self._deadline: int | None = None
        self._done: list[Any] = []

    @property
    def label(self) -> str:
        """How the machine is named in the log of transitions."""
        return self.TABLE.name

    @property
    def state(self) -> str:
        """The situation it is in."""
        return self._state.name

    @property
    def ended(self) -> bool:
        """Nothing more will happen here."""
        return self._state.final

    def do(self, *effects: Any) -> None:
        """Add to what is to be done."""
        self._done.extend(effects)

    def next_deadline(self) -> int | None:
        """When ``advance`` wants to be called, or None."""
        return self._deadline

    def handle(self, event: Any, now_ms: int) -> list[Any]:
        """Deal with one event.

        Raises:
            IllegalCommand: An :class:`Order` that the state does not permit.
        """
        target = self._state.on.get(type(event))
        if target is None:
            if isinstance(event, Order) and not self._state.final:
                raise IllegalCommand(
                    f"{self.label}: {type(event).__name__} is not permitted in {self.state}"
                )
            self.dropped += 0 if self._state.final else 1
            return self._taken()
        self._follow(target, event, now_ms)
        return self._taken()

    def advance(self, now_ms: int) -> list[Any]:
        """Let the state's timer expire if it is due."""
        if self._deadline is not None and now_ms >= self._deadline:
            timer, target = self._state.timer, self._state.expired
            self._deadline = None
            if timer is not None and target is not None:
                self._follow(target, TimerExpired(timer=timer), now_ms)
        return self._taken()

    def resume(self, state: str, now_ms: int) -> None:
        """Put the machine where a predecessor left it: no enter action, the timer starts anew."""
        self._state = self.TABLE.states[state]
        self._start_timer(now_ms)

    def take_moves(self) -> list[str]:
        """Transitions since the last call, one line each in the house's form."""
        moves, self.moves = self.moves, []
        return moves

    def _follow(self, target: str | Choice, event: Any, now_ms: int) -> None:
        earlier, self._done = self._done, []
        if isinstance(target, Choice):
            answer: str = getattr(self, target.handler)(event, now_ms)
            if answer not in target.answers:
                raise IllegalCommand(
                    f"{self.label}: {target.handler} answered {answer!r} in {self.state},"
                    f" permitted are {', '.join(target.answers)}"
                )
        else:
            answer = target
        handled, self._done = self._done, earlier
        before = self._state
        moves = answer not in {STAY, before.name}
        if moves:
            # What the old state began is over before anything of the new one begins.
            self._run(before.leave, now_ms)
        self._done += handled
        if answer == STAY:
            return
        if moves:
            self._state = self.TABLE.states[answer]
            self.moves.append(f"{self.label} {before.name} -> {answer} on {_name_of(event)}")
        self._start_timer(now_ms)
        if moves:
            self._run(self._state.enter, now_ms)

    def _start_timer(self, now_ms: int) -> None:
        timer = self._state.timer
        self._deadline = None if timer is None else now_ms + self.times[timer]

    def _run(self, action: str | None, now_ms: int) -> None:
        if action is not None:
            getattr(self, action)(now_ms)

    def _taken(self) -> list[Any]:
        done, self._done = self._done, []
        return done


def _name_of(event: Any) -> str:
    return f"after {event.timer}" if isinstance(event, TimerExpired) else type(event).__name__


def earliest(*deadlines: int | None) -> int | None:
    """The first of several deadlines, or None when there is none."""
    return min((d for d in deadlines if d is not None), default=None)


def mermaid(table: Table) -> str:
    """The table as a Mermaid state diagram. Arrows that a handler decides carry ``?``."""
    lines = ["stateDiagram-v2", f"    [*] --> {table.first}"]
    for state in table.states.values():
        arrows: dict[str, list[str]] = {}
        for label, to, handler in state.answers():
            target = state.name if to == STAY else to
            arrows.setdefault(target, []).append(label + ("?" if handler else ""))
        lines += [
            f"    {state.name} --> {to}: {', '.join(dict.fromkeys(labels))}"
            for to, labels in arrows.items()
        ]
        if state.final:
            lines.append(f"    {state.name} --> [*]")
    return "\n".join(lines) + "\n"
