"""One node as a form and back, made from the node's own struct. Pure.

What is said stands one part on each line: a prompt's name, or a kind and its value
(``number: {caller}``, ``money: 12050 CNY``, ``text: zh-CN=您好 | en=Hello``). Hours stand one span
on each line: ``mon,tue 09:00-12:00 2026-10-01..2026-10-07``.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from werkzeug.datastructures import MultiDict

from ivr.nodes import Node, Said, Weekday
from web.flows.draft import KINDS
from web.settings.form import read
from web.settings.shape import Field, fields_of
from web.words import t

PREFIX: Final = "n."
SPEECH: Final = frozenset(
    {"say", "wrong", "silent", "connecting", "question", "thanks", "waiting", "sorry"}
)
SAID: Final[tuple[str, ...]] = typing.get_args(typing.get_type_hints(Said)["kind"])
LANGUAGES: Final = ("zh-CN", "en", "zh-HK")

SUGGESTED: Final[Mapping[tuple[str, str], str]] = {
    ("extension", "number"): "extensions",
    ("voicemail", "number"): "extensions",
    ("record", "mailbox"): "extensions",
    ("outside", "payer"): "extensions",
    ("ring_group", "number"): "groups",
    ("queue", "group"): "groups",
    ("queue", "queue"): "queues",
    ("sub_flow", "flow"): "flows",
    ("collect", "table"): "tables",
    ("look_up", "name"): "tables",
}
"""Kind and field to the list of names that the page offers for it."""

_PART: Final = re.compile(rf"({'|'.join(SAID)})\s*[:\uff1a]\s*(.*)")
_PROMPT: Final = re.compile(r"[A-Za-z0-9{}_/.-]+")
_WEEKDAYS: Final[tuple[str, ...]] = typing.get_args(Weekday)
_TIME: Final = re.compile(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}")


def fields(node: Node, node_ids: Sequence[str]) -> tuple[Field, ...]:
    """What a node is asked for; ways out are chosen from the nodes there are."""
    kind = str(node.__struct_config__.tag)
    names = {f.name: f.encode_name for f in msgspec.structs.fields(KINDS[kind])}
    made = []
    for field in fields_of(KINDS[kind]):
        changed: dict[str, Any] = {"name": names[field.name], "owner": "node"}
        if field.name in node.EXITS:
            changed |= {"kind": "choice", "choices": ("", *node_ids)}
        elif field.name in SPEECH or field.name == "spans":
            changed |= {"kind": "lines", "fields": ()}
        elif suggested := SUGGESTED.get((kind, field.name)):
            changed["suggest"] = suggested
        made.append(msgspec.structs.replace(field, **changed))
    return tuple(made)


def values(node: Node) -> dict[str, Any]:
    """A node's values as its form shows them."""
    plain: dict[str, Any] = msgspec.to_builtins(node)
    for name in SPEECH & set(plain):
        plain[name] = [_part_line(part) for part in plain[name]]
    if "spans" in plain:
        plain["spans"] = [_span_line(span) for span in plain["spans"]]
    return plain


def read_node(
    node: Node,
    node_ids: Sequence[str],
    typed: MultiDict[str, str],
    problems: dict[str, str],
) -> Node:
    """The node that was typed; the node as it was, and sentences by path, when it cannot be read.

    Args:
        node: As it was.
        node_ids: Names of all nodes.
        typed: What the browser sent.
        problems: Path within the form to sentence; added to.
    """
    wanted = read(fields(node, node_ids), typed, {"kind": values(node)["kind"]}, problems, PREFIX)
    for name in SPEECH & set(wanted):
        wanted[name] = _lines(_part, wanted[name], f"{PREFIX}{name}", problems)
    if "spans" in wanted:
        wanted["spans"] = _lines(_span, wanted["spans"], f"{PREFIX}spans", problems)
    if problems:
        return node
    try:
        made: Node = msgspec.convert(wanted, Node, strict=False)
    except msgspec.ValidationError as problem:
        text, _, path = str(problem).partition(" - at `$.")
        name = re.split(r"[.\[`]", path)[0]
        value = wanted.get(name, "")
        problems[f"{PREFIX}{name}"] = t("value-unfit", value=value, why=text)
        return node
    return made


def _lines(
    parse: typing.Callable[[str], Any],
    lines: Sequence[str],
    path: str,
    problems: dict[str, str],
) -> list[Any]:
    made = []
    for line in lines:
        try:
            made.append(parse(line))
        except ValueError as problem:
            problems[path] = str(problem)
    return made


# --- what is said ---------------------------------------------------------------------------------


def _part_line(part: str | Mapping[str, Any]) -> str:
    if isinstance(part, str):
        return part
    if part["kind"] == "text":
        words = " | ".join(f"{language}={text}" for language, text in part["text"].items())
        return f"text: {words}"
    currency = f" {part['currency']}" if part["kind"] == "money" else ""
    return f"{part['kind']}: {part['value']}{currency}"


def _part(line: str) -> str | dict[str, Any]:
    found = _PART.fullmatch(line)
    if found is None:
        if not _PROMPT.fullmatch(line):
            raise ValueError(t("part-unread", value=line))
        return line
    kind, value = found[1], found[2].strip()
    if kind == "text":
        return {"kind": kind, "text": _texts(line, value)}
    made = {"kind": kind, "value": value}
    amount, _, currency = value.rpartition(" ")
    if kind == "money" and amount and currency.isalpha():
        made |= {"value": amount.strip(), "currency": currency.upper()}
    return made


def _texts(line: str, value: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for piece in re.split(r"[|\uff5c]", value):
        language, sign, words = (part.strip() for part in piece.partition("="))
        if not sign or language not in LANGUAGES or not words:
            raise ValueError(t("text-unread", value=line))
        texts[language] = words
    return texts


# --- hours ----------------------------------------------------------------------------------------


def _span_line(span: Mapping[str, Any]) -> str:
    since, until = span["since"], span["until"]
    dates = f"{since}..{until}" if since or until else ""
    return " ".join(part for part in (",".join(span["days"]), span["time"], dates) if part)


def _span(line: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for word in line.split():
        if _TIME.fullmatch(word):
            begin, _, end = word.partition("-")
            made["time"] = f"{begin:0>5}-{end:0>5}"
        elif ".." in word:
            made["since"], _, made["until"] = word.partition("..")
        elif days := _days(word):
            made["days"] = days
        else:
            raise ValueError(t("span-unread", value=line))
    return made


def _days(word: str) -> list[str]:
    """``mon,wed`` and ``mon-fri`` as days; empty for anything else."""
    first, dash, last = word.partition("-")
    if dash and first in _WEEKDAYS and last in _WEEKDAYS:
        begin, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last)
        return list(_WEEKDAYS[begin : end + 1])
    days = word.replace("\uff0c", ",").split(",")
    return days if all(day in _WEEKDAYS for day in days) else []
