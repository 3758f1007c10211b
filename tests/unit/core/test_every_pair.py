"""Every state of every machine meets every event: permitted, dropped, or refused as our own fault.

The pairs come from the tables, so that a new state or event is tried without anybody thinking of
it.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from drivers.line import AnyLineEvent
from firmware.acd.agent import AGENT, Agent, AgentRecord
from firmware.call.call import Call
from firmware.call.leg import LEG, AnswerLeg, AttachLeg, EndLeg, Leg, LegEnd, OfferLeg
from firmware.call.orders import Interrupt
from firmware.call.session import SESSION, CallOver, Knock, Session
from firmware.call.states import CALL
from firmware.core.countries import country
from firmware.core.destinations import FlowGoto, FlowHangsUp, FlowLearned, ToExtension
from firmware.core.events import AnyMediaEvent, CallerIdHeard, IdentityKind
from firmware.core.fsm import STAY, Choice, IllegalCommand, Machine, Order, Table
from firmware.core.log_entries import AnsweredBy, CallOffered, ClearedBy, Direction
from firmware.core.port_events import AnyPortEvent, FarSideAnswers, FarSideCleared, PortOrder
from firmware.core.settings import Extension, Line, Settings
from firmware.core.sip_events import AnySipEvent, SipOffered
from firmware.port.fxo_port import FXO_PORT, FxoPort
from firmware.port.fxs_port import FXS_PORT, FxsPort
from firmware.port.hook import FlashSign, OffHookSign, OnHookSign, PulseDigitSign
from firmware.port.sip_port import SIP_PORT, SipPort

NOW_MS = 50_000
CN = country("CN")

SPECIAL: dict[type, Any] = {
    AttachLeg: AttachLeg(),
    AnswerLeg: AnswerLeg(),
    OfferLeg: OfferLeg(),
    EndLeg: EndLeg(cause=LegEnd.CLEARED),
    Interrupt: Interrupt(at_ms=NOW_MS),
    FlowGoto: FlowGoto(at_ms=NOW_MS, destination=ToExtension(number="201")),
    FlowHangsUp: FlowHangsUp(at_ms=NOW_MS),
    FlowLearned: FlowLearned(at_ms=NOW_MS, served=True),
    CallerIdHeard: CallerIdHeard(port="fxo/1", at_ms=NOW_MS, kind=IdentityKind.NUMBER),
    SipOffered: SipOffered(port="sip/1", at_ms=NOW_MS, kind=IdentityKind.NUMBER),
    FarSideAnswers: FarSideAnswers(port="fxo/1", at_ms=NOW_MS, by=AnsweredBy.SPEECH),
    FarSideCleared: FarSideCleared(port="fxo/1", at_ms=NOW_MS, by=ClearedBy.TONE),
}
SPECIAL_CALLS = {Knock: lambda call: Knock(call=call), CallOver: lambda call: CallOver(call=call)}
VALUES = {"port": "fxo/1", "digit": "2", "digits": "2", "tone": "busy", "break_ms": 100}
BY_TYPE: dict[Any, Any] = {str: "", int: NOW_MS, bool: True}


def _sample(event: type, port: str) -> Any:
    """One event of the kind, concerning ``port``."""
    if event in SPECIAL_CALLS:
        return SPECIAL_CALLS[event](_call())
    if event in SPECIAL:
        sample = SPECIAL[event]
    else:
        values = {
            field.name: VALUES.get(field.name, BY_TYPE.get(field.type, ""))
            for field in msgspec.structs.fields(event)
            if field.required or field.name in VALUES
        }
        sample = event(**values)
    if "port" in event.__struct_fields__:
        sample = msgspec.structs.replace(sample, port=port)
    return sample


class Idle:
    """Ports that are all free."""

    def phone_idle(self, _port: str) -> bool:
        return True

    def phone_waitable(self, _port: str) -> bool:
        return False

    def last_dialled(self, _port: str) -> str:
        return "202"

    def turn(self, _group: str) -> int:
        return 0

    def last_caller(self, _port: str) -> str:
        return "202"

    def line_free(self, _port: str) -> bool:
        return True


def _phone() -> FxsPort:
    return FxsPort("fxs/1", CN.hook)


def _line() -> FxoPort:
    return FxoPort(Line(port="fxo/1"), CN)


def _leg() -> Leg:
    return Leg("1", "fxs/1", "telephone", "201")


def _call() -> Call:
    settings = Settings(
        extensions=(
            Extension(number="201", port="fxs/1"),
            Extension(number="202", port="fxs/2"),
            Extension(number="203", port="fxs/3"),
        ),
        ring_groups=(),
    )
    call = Call("1", settings, Idle(), CN.emergency)
    offered = CallOffered(call="1", at_ms=0, direction=Direction.INBOUND, origin="fxo/1")
    call.journal.read([offered])
    call.parties.attach("fxo/1", "line", "", NOW_MS)
    call.parties.attach("fxs/1", "telephone", "201", NOW_MS)
    call.parties.ring(settings.extensions[1], None, NOW_MS)
    call.journal.line_answered = True
    return call


def _session() -> Session:
    session = Session("fxs/1", _call())
    session.active.resume("talking", NOW_MS)
    session.held = _call()
    session.held.resume("held", NOW_MS)
    session.waiting = _call()
    session.waiting.parties.give_away("fxs/1")
    session.waiting.parties.knock(session.waiting.settings.extensions[0], None, NOW_MS)
    session.waiting.resume("calling", NOW_MS)
    return session


LINE_AND_SOUND = (*typing.get_args(AnyLineEvent), *typing.get_args(AnyMediaEvent))
HOOK = (OffHookSign, OnHookSign, FlashSign, PulseDigitSign)
# Line events that a telephone's port hands to its hook before the table sees them.
TO_THE_HOOK = {"LoopClosed", "LoopOpened", "PowerAlarm"}

MACHINES: dict[str, tuple[Table, Callable[[], Machine], tuple[type, ...]]] = {
    "fxs_port": (FXS_PORT, _phone, (*LINE_AND_SOUND, *HOOK)),
    "fxo_port": (FXO_PORT, _line, LINE_AND_SOUND),
    "sip_port": (
        SIP_PORT,
        lambda: SipPort(Line(port="sip/1"), CN),
        (*LINE_AND_SOUND, *typing.get_args(AnySipEvent)),
    ),
    "leg": (LEG, _leg, ()),
    "agent": (AGENT, lambda: Agent(AgentRecord(number="1008"), 0), ()),
    "call": (CALL, _call, typing.get_args(AnyPortEvent)),
    "session": (SESSION, _session, typing.get_args(AnyPortEvent)),
}


def _pairs() -> Iterator[Any]:
    for name, (table, _, more) in MACHINES.items():
        events = dict.fromkeys((*table.events(), *more))
        for state in table.states:
            for event in events:
                if name == "fxs_port" and event.__name__ in TO_THE_HOOK:
                    continue
                yield pytest.param(name, state, event, id=f"{name}-{state}-{event.__name__}")


def _answers(target: str | Choice, state: str) -> set[str]:
    answers = set(target.answers) if isinstance(target, Choice) else {target}
    return {state if answer == STAY else answer for answer in answers}


def _port_for(name: str, event: type) -> str:
    if name == "fxs_port":
        return "fxs/1"
    if event.__name__ == "PhoneAnswered":
        return "fxs/2"
    if event.__name__ in {"OnHook", "HookFlash", "Lifted"}:
        return "fxs/1"
    return "fxo/1"


@pytest.mark.parametrize(("name", "state", "event"), list(_pairs()))
def test_every_state_meets_every_event(name: str, state: str, event: type) -> None:
    table, make, _ = MACHINES[name]
    machine = make()
    machine.resume(state, NOW_MS)
    target = table.states[state].on.get(event)
    sample = _sample(event, _port_for(name, event))
    if target is not None:
        machine.handle(sample, NOW_MS)
        assert machine.state in _answers(target, state)
    elif issubclass(event, Order) and not table.states[state].final:
        with pytest.raises(IllegalCommand, match=state):
            machine.handle(sample, NOW_MS)
        assert machine.state == state
    else:
        assert machine.handle(sample, NOW_MS) == []
        assert machine.state == state
        assert machine.dropped == (0 if table.states[state].final else 1)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        pytest.param(name, state.name, id=f"{name}-{state.name}")
        for name, (table, _, _) in MACHINES.items()
        for state in table.states.values()
        if state.timer is not None
    ],
)
def test_every_timer_leads_where_the_table_says(name: str, state: str) -> None:
    table, make, _ = MACHINES[name]
    machine = make()
    machine.resume(state, NOW_MS)
    due_ms = NOW_MS + machine.times[table.states[state].timer or ""]
    machine.advance(due_ms - 1)
    assert machine.state == state
    machine.advance(due_ms)
    expired = table.states[state].expired
    assert expired is not None
    assert machine.state in _answers(expired, state)


def test_every_handler_and_action_of_a_table_exists() -> None:
    for name, (table, make, _) in MACHINES.items():
        machine = make()
        for state in table.states.values():
            wanted = {handler for _, _, handler in state.answers() if handler}
            wanted |= {action for action in (state.enter, state.leave) if action}
            for handler in wanted:
                assert callable(getattr(machine, handler, None)), f"{name}: {handler}"


def test_every_order_to_a_port_is_known_to_some_port() -> None:
    known = {*FXS_PORT.events(), *FXO_PORT.events(), *SIP_PORT.events()}
    assert set(PortOrder.__subclasses__()) <= known
