"""What is expected of the building: doors, alarms, the supply; joins ``expected``."""

from __future__ import annotations

from tests.bench.expected import expectations
from tests.bench.phrases import in_ms
from tests.bench.stage import HEARING_STEP_MS, Expectation, Finding, Stage

__all__ = ["expectations"]

OPEN_FITS_MS = 60
RECALL_FITS_MS = 20


@expectations.add("door <relay:N> is open", "door <relay:N> opens")
def _open(stage: Stage, relay: str) -> Expectation:
    def check() -> Finding:
        open_ = stage.box.board.doors.get(int(relay), False)
        return open_, "open" if open_ else "shut"

    return Expectation(check)


@expectations.add("door <relay:N> is shut")
def _shut(stage: Stage, relay: str) -> Expectation:
    def check() -> Finding:
        open_ = stage.box.board.doors.get(int(relay), False)
        return not open_, "open" if open_ else "shut"

    return Expectation(check)


@expectations.add("door <relay:N> was open for <time:T>")
def _was_open(stage: Stage, relay: str, time: str) -> Expectation:
    def check() -> Finding:
        times = [end - begin for n, begin, end in stage.box.board.openings if n == int(relay)]
        fits = bool(times) and abs(times[-1] - in_ms(time)) <= OPEN_FITS_MS
        return fits, f"{times[-1]} ms" if times else "never"

    return Expectation(check)


def _alarms(stage: Stage) -> tuple[str, ...]:
    status = stage.box.status()
    return () if status is None else status.alarms


@expectations.add("an alarm says <text:TEXT>")
def _alarm(stage: Stage, text: str) -> Expectation:
    def check() -> Finding:
        found = _alarms(stage)
        return any(text in one for one in found), "; ".join(found) or "no alarm"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("no alarm says <text:TEXT>")
def _no_alarm(stage: Stage, text: str) -> Expectation:
    def check() -> Finding:
        found = [one for one in _alarms(stage) if text in one]
        return not found, "; ".join(found) or "none"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("extension <ext:NUMBER> owes a call to <number:NUMBER>")
def _owes(stage: Stage, ext: str, number: str) -> Expectation:
    def check() -> Finding:
        owed = [(task.agent, task.number) for task in stage.box.tasks()]
        return (ext, number) in owed, ", ".join(f"{who} to {to}" for who, to in owed) or "nobody"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("the box stops in order")
def _stops(stage: Stage) -> Expectation:
    def check() -> Finding:
        calld = stage.box.calld
        wanted = calld is not None and calld.stop_wanted
        return wanted, "to be switched off" if wanted else "goes on"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("the box goes on")
def _goes_on(stage: Stage) -> Expectation:
    def check() -> Finding:
        calld = stage.box.calld
        wanted = calld is not None and calld.stop_wanted
        return not wanted, "to be switched off" if wanted else "goes on"

    return Expectation(check, HEARING_STEP_MS)


@expectations.add("line <line:NUMBER> saw a recall of <time:T>")
def _recalled(stage: Stage, line: str, time: str) -> Expectation:
    who = stage.box.line(int(line))

    def check() -> Finding:
        lengths = [length for _, length in who.flashes]
        fits = any(abs(length - in_ms(time)) <= RECALL_FITS_MS for length in lengths)
        return fits, f"recalls of {lengths} ms"

    return Expectation(check)
