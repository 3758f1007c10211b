"""Random flows and random callers: nobody is lost, and what is refused is refused for a reason.

A reason is true when a caller meets it: somebody who may choose every answer the world gives walks
the flow as it is, unchecked, and comes to what the sentence says.
"""

from __future__ import annotations

import itertools

import msgspec
import pytest

from ivr.check import Office, Problem, problems
from ivr.document import FlowDocument
from ivr.flow import MOST_VISITS, Flow
from ivr.nodes import (
    Callback,
    Collect,
    Counter,
    Destined,
    Forget,
    Mailbox,
    Record,
    Sms,
    exits,
)
from ivr.orders import Caller
from tests.bench.menus import SUB, CallerRun, World, any_caller, any_flow

FLOWS = Office(flows={"sub": SUB})


def _let_go(flow: FlowDocument, seed: int) -> None:
    run = any_caller(flow, seed).run()
    where = f"caller {seed} at {run.flow.node_id} after {run.now_ms} ms, {run.keys} keys"
    assert run.gone, f"{where}: still there"
    assert run.gone not in {"stuck", "silence"}, f"{where}: {run.gone}"
    assert not run.flow.fault or f"{MOST_VISITS} nodes" in run.flow.fault, (
        f"{where}: {run.flow.fault}"
    )
    _always_told(run, where)


def _always_told(run: CallerRun, where: str) -> None:
    """Whoever is let go was told something; whoever waits is waited for."""
    kinds = [kind for _, kind, _ in run.heard]
    if run.gone == "let go":
        assert "say" in kinds, f"{where}: let go without a word"


def _round(first: int, flows: int, callers: int) -> tuple[int, int]:
    sound = refused = 0
    for seed in range(first, first + flows):
        flow = any_flow(seed)
        found = problems(flow, FLOWS)
        if found:
            refused += 1
            for problem in found:
                _meets(flow, problem, seed)
            continue
        sound += 1
        for caller in range(callers):
            _let_go(flow, seed * 100 + caller)
    return sound, refused


def test_random_flows_and_callers() -> None:
    sound, refused = _round(0, 60, 10)
    assert sound >= 10
    assert refused >= 10


@pytest.mark.slow
def test_a_thousand_flows_and_ten_thousand_callers() -> None:
    sound, refused = _round(1_000, 1_000, 34)
    assert sound * 34 >= 10_000, "too few callers"
    assert refused >= 100


# --- the reason is true ---------------------------------------------------------------------------


class _Guided(World):
    """A world that answers so that its caller comes where he wants."""


def _walk(flow: FlowDocument, path: list[tuple[str, str]], more: int = 0) -> CallerRun | None:
    """Drive an unchecked flow along (node, exit) pairs, with every help the world can give.

    ``more`` visits are made beyond the path without any key. None when no draw of the world led
    along the path.
    """
    for attempt in range(64):
        wanted = dict(path)
        world = _Guided(
            mode=next((e for n, e in path if e in {"day", "lunch", "night", "holiday"}), "day"),
            grades={"13800138000": "vip", "01065529988": "vip"}
            if any(e == "vip" for _, e in path)
            else {},
        )
        if any(e == "other" and type(flow.nodes[n]).__name__ == "Times" for n, e in path):
            world.clock = world.clock.replace(hour=23)
        begins = any(e == "yes" for _, e in path)
        # Both fail for a caller whose number is not known.
        hidden = any(isinstance(flow.nodes[n], Sms | Forget) and e == "failed" for n, e in path)
        number = "" if hidden else "13800138000" if begins else "01065529988"
        run = Flow(
            flow,
            ("zh-CN",),
            caller=Caller(call=str(attempt), number=number),
            office=world,
            flows={"sub": SUB},
        )
        for node_id, way in path:
            node = flow.nodes[node_id]
            if isinstance(node, Counter) and way == "over":
                run.visitor.counters[node.name] = node.most  # he has come by so often already
        caller = CallerRun(run, lambda r, w=wanted: _press(r, w))
        caller.answers = lambda c=run, w=wanted: (
            w.get(c.node_id) if w.get(c.node_id) in {"found", "not_found", "failed"} else "found"
        )
        caller.result = lambda c=run, w=wanted: (
            "no_answer" if w.get(c.node_id) == "no_answer" else "busy"
        )
        _step_along(caller, len(path) + more)
        taken = [(p.node, p.exit) for p in caller.passed if p.flow == flow.name]
        if taken[: len(path)] == path:
            return caller
    return None


def _step_along(caller: CallerRun, visits: int) -> None:
    caller._take(caller.flow.start(0))
    for _ in range(visits * 16 + 40):
        if caller.gone or sum(p.flow == caller.flow._root.name for p in caller.passed) >= visits:
            return
        if caller.flow.away:
            caller._away()
            continue
        what = caller.act(caller)
        if what == "wait":
            caller._wait()
        else:
            caller.now_ms += 300
            caller._take(caller.flow.key(what, caller.now_ms))


def _press(run: CallerRun, wanted: dict[str, str]) -> str:
    """The key that leads to the wanted exit of the node he is at; waiting where time does it."""
    node = run.flow._document.nodes.get(run.flow.node_id)
    if node is None:
        return "wait"
    exit_ = wanted.get(run.flow.node_id, "")
    kind = type(node).__name__
    if run.playing_until is not None and kind in {"Notice", "Record", "Play", "LookUp"}:
        return "wait"
    if kind == "Menu":
        if exit_ in node.choices:
            return exit_
        wrong = [k for k in "0123456789*#" if k not in node.choices and k != "0"]
        return wrong[0] if exit_ == "failed" and wrong else "wait"
    if kind == "Collect":
        if exit_ == "failed":
            return node.terminator or "1"
        return _good_entry(run, node) if exit_ == "next" else "wait"
    if kind == "AskExtension":
        if exit_ == "failed":
            return "9"
        return "wait" if run.flow._step.leaving else "201"[len(run.flow._step._digits)]
    if kind == "Callback":
        return "1" if exit_ == "next" and not run.flow._step._entering else "wait"
    if kind == "Notice":
        if node.ask and exit_ == "agreed":
            return "1"
        return "wait"
    if kind == "Survey":
        return "wait"
    if kind == "Record":
        return "#" if exit_ == "failed" else "wait"
    return "wait"


def _good_entry(run: CallerRun, node: Collect) -> str:
    step = run.flow._step
    if step._confirming:
        return "1"
    good = "18" if node.check == "luhn" else "12"
    if len(step._digits) < 2:
        return good[len(step._digits)]
    return node.terminator if node.terminator == "#" else "wait"


def _paths(flow: FlowDocument, goal: str) -> list[list[tuple[str, str]]]:
    """Simple ways from the start to a node, shortest first, at most twenty."""
    found: list[list[tuple[str, str]]] = []
    todo: list[tuple[str, list[tuple[str, str]]]] = [(flow.start, [])]
    while todo and len(found) < 20 and len(todo) < 5_000:
        node_id, path = todo.pop(0)
        if node_id == goal:
            found.append(path)
            continue
        node = flow.nodes.get(node_id)
        if node is None:
            continue
        seen = {n for n, _ in path} | {node_id}
        todo += [(to, [*path, (node_id, way)]) for way, to in exits(node) if to not in seen]
    return found


PERSONS = Destined | Mailbox | Record | Callback


def _meets(flow: FlowDocument, problem: Problem, seed: int) -> None:
    """Some caller meets what the sentence says, or nobody can if that is what it says."""
    where = f"flow {seed}: {problem.sentence('en')}"
    generous = msgspec.structs.replace(flow, attempts=9, limit_ms=3_600_000)
    match problem.id:
        case "no-such-node":
            # A wire that ends in the air: whoever comes to the node can take it.
            node = flow.nodes[problem.node]
            assert dict(exits(node))[problem.limit] not in flow.nodes, where
            paths = _paths(generous, problem.node)
            if not paths:
                return  # nobody comes there, which would be told once the wire is mended
            ways = [[*path, (problem.node, problem.limit)] for path in paths]
            runs = [run for way in ways[:6] if (run := _walk(generous, way)) is not None]
            assert not runs or any("no node" in r.flow.fault for r in runs), where
        case "unreachable":
            for caller in range(20):
                run = any_caller(flow, caller).run()
                assert problem.node not in {p.node for p in run.passed}, where
        case "endless" | "no-instants":
            round_ = problem.value.split(" → ")[:-1]
            assert _round_is_walked(generous, round_, problem.node), where
        case "no-person":
            reached: set[str] = set()
            for attempt in range(60):
                run = any_caller(generous, attempt).run(300)
                names = [p.node for p in run.passed]
                if problem.node in names:
                    reached |= set(names[names.index(problem.node) :])
            persons = {n for n in reached if isinstance(flow.nodes.get(n), PERSONS)}
            assert not persons, f"{where}: reached {persons}"
        case "no-operator":
            assert not flow.operator, where
        case _:
            raise AssertionError(f"{where}: the generator does not know {problem.id}")


def _round_is_walked(flow: FlowDocument, round_: list[str], start: str) -> bool:
    """A caller who presses nothing within the round goes through it three times."""
    ways = []
    for node_id, following in itertools.pairwise([*round_, round_[0]]):
        silent = [w for w, to in exits(flow.nodes[node_id]) if to == following]
        ways.append((node_id, silent))
    entered = msgspec.structs.replace(flow, start=start)
    for chosen in itertools.islice(itertools.product(*[w for _, w in ways]), 32):
        once = [(node_id, way) for (node_id, _), way in zip(ways, chosen, strict=True)]
        run = _walk(entered, once * 3)
        if run is not None:
            return True
    return False
