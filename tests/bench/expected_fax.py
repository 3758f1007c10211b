"""What is expected of faxes: whose pages lie where, dot by dot; joins ``expected``."""

from __future__ import annotations

from pathlib import Path

from tests.bench.fax_office import expectations
from tests.bench.fax_pages import dots, same
from tests.bench.stage import Expectation, Finding, Stage

__all__ = ["expectations"]

LOOK_MS = 500  # pages are read from files; nobody looks more often


def _compared(came: Path | None, sent: Path | None) -> Finding:
    if sent is None or came is None or not came.exists():
        return False, "no fax has come"
    pages = len(dots(came))
    return same(came, sent), f"{pages} pages of {len(dots(sent))}"


@expectations.add("<one:PARTY> has the fax of <other:PARTY>")
def _has(stage: Stage, one: str, other: str) -> Expectation:
    room = stage.box.faxes

    def check() -> Finding:
        taker, sender = room.machine(stage.party(one)), room.machine(stage.party(other))
        if taker.code is None:
            return False, "its machine is not done"
        good, words = _compared(taker.came, sender.sent)
        return good and taker.code == 0, f"{words}, code {taker.code}"

    return Expectation(check, LOOK_MS)


@expectations.add("the box has the fax of <other:PARTY>")
def _box_has(stage: Stage, other: str) -> Expectation:
    def check() -> Finding:
        ended = stage.box.entries("fax_finished")
        if not ended:
            return False, "no fax has ended"
        last = ended[-1]
        sender = stage.box.faxes.machine(stage.party(other))
        filed = [turned.file for turned in stage.box.entries("fax_turned") if turned.file]
        good, words = _compared(Path(filed[-1]) if filed else None, sender.sent)
        return good and last.result == "complete", f"{words}, {last.result}"

    return Expectation(check, LOOK_MS)


@expectations.add("<one:PARTY> has the fax of the box")
def _has_the_boxs(stage: Stage, one: str) -> Expectation:
    room = stage.box.faxes

    def check() -> Finding:
        taker = room.machine(stage.party(one))
        if taker.code is None:
            return False, "its machine is not done"
        good, words = _compared(taker.came, room.sent)
        return good and taker.code == 0, f"{words}, code {taker.code}"

    return Expectation(check, LOOK_MS)


@expectations.add("the machine of <one:PARTY> is content")
def _content(stage: Stage, one: str) -> Expectation:
    def check() -> Finding:
        code = stage.box.faxes.machine(stage.party(one)).code
        return code == 0, "it goes on" if code is None else f"code {code}"

    return Expectation(check, LOOK_MS)
