"""Scores, incidents, drills and comparisons on the command line, over a whole calld."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.control.messages import Refused
from firmware.daemons.cli import comparing, quality
from firmware.daemons.cli.means import Means
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app

MARKS = (
    "greeting=yes",
    "surname=2",
    "listening=yes",
    "solution=partly",
    "courtesy=yes",
    "farewell=-",
    "verified=-",
)
"""10 + 10 + 20 + 15 + 20 of 90: 83.3 points."""


class Mistake(Exception):  # noqa: N818  # as a person reads it
    pass


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    yield made
    made.close()


Tipring = Callable[..., str]


@pytest.fixture
def tipring(box: OfficeBox, tmp_path: Path) -> Tipring:
    """Types a command and reads what it prints."""

    def type_it(*words: str, language: Any = "en") -> str:
        printed: list[str] = []

        def ask(_chosen: Any, _language: Any, request: msgspec.Struct, wanted: type) -> Any:
            answer = box.ask(request)
            if isinstance(answer, Refused):
                raise Mistake(" ".join([answer.message, *answer.fields.values()]))
            assert isinstance(answer, wanted)
            return answer

        def show(_chosen: Any, _answer: object, lines: Callable[[], list[str]]) -> None:
            printed.extend(lines())

        def make(within: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
            parser: argparse.ArgumentParser = within.add_parser(name, help=text)
            if run is not None:
                parser.set_defaults(run=run)
            return parser

        means = Means(ask, show, Mistake, lambda: "boss")
        top = argparse.ArgumentParser()
        commands = top.add_subparsers()
        quality.add_commands(commands, make, language, means)
        comparing.add_commands(commands, make, language, means)
        chosen = top.parse_args(words)
        chosen.data = str(tmp_path)
        chosen.run(chosen, language)
        return "\n".join(printed)

    return type_it


def test_a_call_is_scored_and_the_mean_shown(
    box: OfficeBox, tmp_path: Path, tipring: Tipring
) -> None:
    anna = signed_in(create_app(box, tmp_path), "anna")
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    box.ring("13800138000")
    box.lift()
    box.hang_up()
    box.pass_ms(60_000)
    assert tipring("scores", "list") == "None."
    with pytest.raises(Mistake, match="0 to 99"):
        tipring("scores", "call", "00000001", *MARKS, "surname=often")
    with pytest.raises(Mistake, match="is not ITEM=CHOICE"):
        tipring("scores", "call", "00000001", "greeting")
    with pytest.raises(Mistake, match="没有电话 00000009"):
        tipring("scores", "call", "00000009", *MARKS, language="zh-CN")
    assert tipring("scores", "call", "00000001", *MARKS) == "call 00000001, agent 1001: 83.3"
    assert "1001   83.3  1" in tipring("scores", "list")
    day = ("--day", box.wall().date().isoformat())
    assert "no other group" in tipring("compare", "groups", "--figure", "answer", *day)
    assert "no topic keyed  1      100.0%" in tipring("compare", "topics", *day)
    assert "Service level" in tipring("compare", "weeks", *day)
    assert tipring("compare", "pairs", *day).startswith("figure")
    assert tipring("compare", "trials", *day) == "Nothing to compare."
    with pytest.raises(Mistake, match="aht cannot be compared"):
        tipring("compare", "groups", "--figure", "aht")


def test_incidents_and_a_drill(tipring: Tipring) -> None:
    with pytest.raises(Mistake, match="in a line what happened"):
        tipring("incidents", "open", "large", "lines", "x")
    assert "large" in tipring("incidents", "open", "large", "lines", "line 2 is silent")
    assert "handled  Bo" in tipring("incidents", "take", "1", "Bo")
    with pytest.raises(Mistake, match="There is no incident 7"):
        tipring("incidents", "take", "7")
    assert "closed" in tipring("incidents", "close", "1", "cable cut", "cable mended")
    with pytest.raises(Mistake, match="confirm it first"):
        tipring("drill", "start", "lines")
    with pytest.raises(Mistake, match="fxo/9 is not there or not free"):
        tipring("drill", "start", "lines", "--line", "fxo/9", "--yes")
    tipring("drill", "start", "lines", "--line", "fxo/2", "--minutes", "3", "--yes")
    assert "a drill (lines) is on, incident 2, 180 s left" in tipring("drill", "status")
    assert '"lines":["fxo/2"]' in tipring("drill", "end")
    assert tipring("drill", "status") == "no drill is on"
    assert "演练" in tipring("incidents", "list", language="zh-CN")
