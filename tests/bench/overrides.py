"""A scenario's settings, laid over those of a new box."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from tests.bench.phrases import nearest
from tests.bench.steps import ScenarioError


def settings_document(default: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The box's settings with a scenario's overrides laid over them.

    ``line N``, ``extension N`` and ``ring group N`` name an entry of a list (a line by its jack
    ``fxo/N``, the others by their number; a ring group that is not there is added); other keys
    replace what stands there, tables are merged.
    """
    document = copy.deepcopy(dict(default))
    lists = {"line": ("lines", "port", "fxo/"), "extension": ("extensions", "number", "")}
    lists["ring group"] = ("ring_groups", "number", "")
    for key, value in overrides.items():
        entry = re.fullmatch(r"(line|extension|ring group) (\d+)", str(key))
        if entry:
            name, by, prefix = lists[entry[1]]
            items = [dict(item) for item in document.get(name, ())]
            found = [item for item in items if item.get(by) == prefix + entry[2]]
            if not found and entry[1] == "ring group":
                items.append({"number": entry[2]})
                found = items[-1:]
            if not found:
                there = [str(item.get(by)) for item in items]
                raise ScenarioError(f"settings: {key}: nearest: {nearest(entry[2], there)}")
            found[0].update(value)
            document[name] = items
        elif key not in document:
            known = [*document, "line N", "extension N", "ring group N"]
            raise ScenarioError(f"settings: {key!r} is not known; nearest: {nearest(key, known)}")
        elif isinstance(document[key], dict) and isinstance(value, dict):
            document[key] = {**document[key], **value}
        else:
            document[key] = value
    return document
