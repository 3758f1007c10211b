"""Which prompts the product's code names, found by reading it. No test here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[3]
SHIPPED: Final = ("drivers", "firmware", "ivr", "web")
PROMPT_WORDS: Final = frozenset({"prompt", "prompts", "say", "wrong", "silent"})
"""Arguments of this name hold prompts, wherever they stand."""
PROMPT_CALLS: Final = frozenset({"_talk"})
"""Functions whose positional arguments are prompts."""

NUMBERS: Final = frozenset({"ivr/numerals.py", "ivr/speech.py", "firmware/core/ids.py"})
"""Where names with holes are pieces of numbers, or of other names, never sentences."""

_KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every shipped module, scripts beside the sound left out."""
    for root in SHIPPED:
        for path in sorted((TREE / root).rglob("*.py")):
            name = str(path.relative_to(TREE))
            if not name.startswith("ivr/prompts/"):
                yield name, ast.parse(path.read_text("utf-8"))


def named(keys: frozenset[str]) -> dict[str, str]:
    """Key of a sentence to a module that names it, in whole or by its pattern."""
    found: dict[str, str] = {}
    for module, tree in sources():
        if module in NUMBERS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value in keys:
                    found.setdefault(node.value, module)
            elif isinstance(node, ast.JoinedStr) and (pattern := _pattern(node)):
                for key in keys:
                    if pattern.fullmatch(key):
                        found.setdefault(key, module)
    return found


def claimed() -> Iterator[tuple[str, int, str, re.Pattern[str]]]:
    """(module, line, as written, what it stands for) of everything given as a prompt."""
    for module, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            given = [word.value for word in node.keywords if word.arg in PROMPT_WORDS]
            if isinstance(node.func, ast.Attribute) and node.func.attr in PROMPT_CALLS:
                given += node.args
            for value in given:
                for part in _strings(value):
                    pattern = (
                        re.compile(re.escape(part.value))
                        if isinstance(part, ast.Constant)
                        else _pattern(part)
                    )
                    if pattern is not None:
                        yield module, part.lineno, ast.unparse(part), pattern


def _strings(value: ast.expr) -> Iterator[ast.Constant | ast.JoinedStr]:
    if isinstance(value, ast.Tuple | ast.List):
        for item in value.elts:
            yield from _strings(item)
    elif isinstance(value, ast.IfExp):
        yield from _strings(value.body)
        yield from _strings(value.orelse)
    elif isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and _KEY.fullmatch(str(value.value))
    ):
        yield value


def _pattern(node: ast.JoinedStr) -> re.Pattern[str] | None:
    """The keys that a name with holes may become; None where it is no key at all."""
    fixed = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
    if not re.fullmatch("[a-z0-9-]*", fixed) or len(fixed.replace("-", "")) < 3:
        return None
    return re.compile(
        "".join(
            re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z0-9-]+"
            for v in node.values
        )
    )
