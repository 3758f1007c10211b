"""Scenarios: YAML files that a person reads, loaded, refused or played.

``load`` turns a file into one or more ``Scenario`` (one per row of ``each``) and refuses what it
does not understand before anything runs. ``play`` drives a box through the steps and prints a
verdict for each. The language is documented in ``tests/scenario/README.md``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from firmware.core.calendars import ZONES
from tests.bench.overrides import settings_document
from tests.bench.phrases import nearest
from tests.bench.stage import Box, Stage
from tests.bench.steps import ScenarioError, Step, step_of
from tests.bench.world.exchange_line import ExchangeLine
from tests.bench.world.exchanges import EXCHANGES
from tests.bench.world.party import WorldError
from tests.bench.world.telephone import Telephone

HEAD = (
    "title",
    "proves",
    "country",
    "settings",
    "telephones",
    "lines",
    "customers",
    "each",
    "seed",
    "clock",
    "block",
    "fax_ends",
    "steps",
)
LINE_KEYS = {
    "number": "directory_number",
    "dialling": "dialling",
    "noise": "noise_dbm0",
    "hum": "hum_dbm0",
    "return_loss": "return_loss_db",
    "impedance": "impedance",
    "km": "km",
    "exchange": "country",
}
TELEPHONE_KEYS = {"return_loss": "return_loss_db", "type_two": "type_two"}
BLOCKS_MS = {"5 ms": 5, "10 ms": 10, "20 ms": 20}
USUAL_BLOCK = "20 ms"
"""In virtual time a box with longer blocks does the same in a third of the time, only 30 ms later.
What is about milliseconds asks for the product's own blocks."""
EXTENSIONS = ("201", "202", "203", "204")
LINES = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One playable scenario."""

    name: str  # file name without ending, and the row of ``each``
    title: str
    proves: tuple[str, ...]
    country: str
    settings: dict[str, Any]
    telephones: dict[str, dict[str, Any]]
    lines: dict[int, dict[str, Any]]
    seed: int
    clock: datetime  # UTC as the box starts
    steps: tuple[Step, ...]
    block_ms: int = BLOCKS_MS[USUAL_BLOCK]  # of virtual time
    customers: tuple[dict[str, Any], ...] = ()  # cards that the office has
    fax_ends: int = 0  # faxes at a time that the box itself sends or receives
    folder: Path = field(compare=False, default=Path())

    def make_telephones(self) -> dict[str, Telephone]:
        """The telephones, by extension, as this scenario wants them."""
        return {
            number: Telephone(number, self.country, seed=self.seed, **options)
            for number, options in self.telephones.items()
        }

    def make_lines(self) -> dict[int, ExchangeLine]:
        """The exchange lines, by number."""
        return {
            number: ExchangeLine(number, **{"country": self.country, "seed": self.seed, **options})
            for number, options in self.lines.items()
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one step."""

    step: str
    held: bool
    expected: bool
    at_ms: int
    detail: str


# --- loading ------------------------------------------------------------------------------------


def load(path: Path) -> list[Scenario]:
    """All scenarios of a file; ``ScenarioError`` if any part of it is not understood."""
    try:
        # The same parser in C: ten times as quick, and every worker loads every file.
        document = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path.name}: not YAML: {error}") from None
    return from_document(document, path.stem, path.parent)


def from_document(document: Any, name: str, folder: Path = Path()) -> list[Scenario]:
    """Scenarios from a decoded file; see ``load``."""
    if not isinstance(document, dict):
        raise ScenarioError(f"{name}: a scenario has a head (title, steps, ...), this has none")
    _known(document, HEAD, name)
    rows = document.get("each") or [{}]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ScenarioError(f"{name}: each is a list of rows such as {{clear: loop break}}")
    return [_one(document, row, name, folder) for row in rows]


def _known(given: Mapping[Any, Any], known: tuple[str, ...], where: str) -> None:
    for key in given:
        if key not in known:
            near = nearest(str(key), list(known))
            raise ScenarioError(f"{where}: {key!r} is not known here; nearest: {near}")


def _filled(value: Any, row: Mapping[str, Any], where: str) -> Any:
    """``value`` with every ``<name>`` replaced from the row."""
    if isinstance(value, dict):
        return {_filled(k, row, where): _filled(v, row, where) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(item, row, where) for item in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        if match[1] not in row:
            there = ", ".join(row) or "no row at all"
            raise ScenarioError(f"{where}: <{match[1]}> is not in each; there is {there}")
        return str(row[match[1]])

    whole = re.fullmatch(r"<(\w+)>", value)
    if whole and whole[1] in row:
        return copy.deepcopy(row[whole[1]])
    return re.sub(r"<(\w+)>", one, value)


def _one(document: dict[str, Any], row: dict[str, Any], name: str, folder: Path) -> Scenario:
    words = ", ".join(str(value) for value in row.values() if not isinstance(value, (dict, list)))
    where = f"{name} ({words})" if row else name
    head = {key: _filled(value, row, where) for key, value in document.items() if key != "each"}
    if "title" not in head:
        raise ScenarioError(f"{where}: a title is missing: one sentence on what happens")
    country = head.get("country", "CN")
    if country not in EXCHANGES:
        near = nearest(str(country), list(EXCHANGES))
        raise ScenarioError(f"{where}: country {country!r} is not known; nearest: {near}")
    proves = head.get("proves", "")
    steps = tuple(step_of(item, f"{where}, step {at}") for at, item in enumerate(head["steps"], 1))
    if not any(step.expects for step in steps):
        raise ScenarioError(f"{where}: nothing is expected anywhere, so nothing could fail")
    return Scenario(
        name=where,
        title=str(head["title"]),
        proves=tuple(proves.split() if isinstance(proves, str) else proves),
        country=country,
        settings=head.get("settings") or {},
        telephones=_actors(head.get("telephones"), EXTENSIONS, TELEPHONE_KEYS, str, where),
        lines=_actors(head.get("lines"), LINES, LINE_KEYS, int, where),
        seed=int(head.get("seed", 1)),
        clock=_clock(head.get("clock"), country, where),
        steps=steps,
        block_ms=_block(head.get("block", USUAL_BLOCK), where),
        customers=tuple(head.get("customers") or ()),
        fax_ends=int(head.get("fax_ends", 0)),
        folder=folder,
    )


def _clock(given: Any, country: str, where: str) -> datetime:
    """Local time of the office as the play begins; a Monday at nine if nothing is said."""
    text = str(given or "2026-03-02 09:00")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONES[country])).astimezone(UTC)
    except ValueError:
        raise ScenarioError(
            f"{where}: clock: {text!r} is no time such as 2026-10-01 09:00"
        ) from None


def _block(given: Any, where: str) -> int:
    if given not in BLOCKS_MS:
        raise ScenarioError(f"{where}: block: {given!r} is none of {', '.join(BLOCKS_MS)}")
    return BLOCKS_MS[given]


def _actors(
    given: Any,
    usual: tuple[Any, ...],
    keys: Mapping[str, str],
    kind: Callable[[Any], Any],
    where: str,
) -> dict[Any, dict[str, Any]]:
    actors: dict[Any, dict[str, Any]] = {one: {} for one in usual}
    for number, options in (given or {}).items():
        _known(options or {}, tuple(keys), f"{where}, {number}")
        actors[kind(number)] = {keys[key]: value for key, value in (options or {}).items()}
    return actors


# --- playing --------------------------------------------------------------------------------------


def play(scenario: Scenario, box: Box, say: Callable[[str], None] = print) -> list[Verdict]:
    """Drive ``box`` through a scenario; the first step that fails is the last one played.

    Every verdict is said in one line, with the time since the box was ready. The scenario held if
    ``held(verdicts, scenario)``.
    """
    stage = Stage(box, scenario.country, scenario.folder)
    say(f"{scenario.name}: {scenario.title}")
    verdicts: list[Verdict] = []
    for step in scenario.steps:
        try:
            good, detail = step.run(stage)
        except (WorldError, ValueError, KeyError) as error:
            good, detail = False, str(error)
        verdicts.append(Verdict(step.text, good, step.expects, box.now_ms, detail))
        mark = ("ok  " if step.expects else "    ") if good else "FAIL"
        tail = f"  ({detail})" if detail else ""
        say(f"{box.now_ms / 1000.0:9.2f} s  {mark}  {step.text}{tail}")
        if not good:
            missed = len(scenario.steps) - len(verdicts)
            say(f"{scenario.name}: FAILED; {missed} steps were not reached")
            _tell_what_people_saw(scenario, box, say)
            return verdicts
    count = sum(verdict.expected for verdict in verdicts)
    say(f"{scenario.name}: all {count} expectations held")
    return verdicts


def held(verdicts: list[Verdict], scenario: Scenario) -> bool:
    """Whether every step was reached and every expectation held."""
    return len(verdicts) == len(scenario.steps) and all(verdict.held for verdict in verdicts)


def _tell_what_people_saw(scenario: Scenario, box: Box, say: Callable[[str], None]) -> None:
    parties = [box.line(number) for number in scenario.lines]
    parties += [box.telephone(number) for number in scenario.telephones]
    entries = sorted((at, party.name, text) for party in parties for at, text in party.log)
    for at, name, text in entries[-30:]:
        say(f"    {at / 1000.0:9.2f} s  {name}: {text}")
    for record in list(box.records())[-1:]:
        say(f"    last record: {dict(record)}")


__all__ = [
    "Scenario",
    "ScenarioError",
    "Verdict",
    "from_document",
    "held",
    "load",
    "play",
    "settings_document",
]
