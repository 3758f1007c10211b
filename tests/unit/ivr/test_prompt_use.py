"""Whatever the product says exists: in Mandarin and English as sound, in Cantonese as words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec
import pytest

from ivr.numerals import vocabulary
from ivr.prompts import PromptStore, prompt_texts
from ivr.shipped import SHIPPED
from tests.unit.ivr.spoken_keys import PROMPT_WORDS, claimed, named

RENDERED = ("zh-CN", "en")
SOUNDS = frozenset({"music/default", "music/beep", "default", "beep"})


@cache
def _sentences() -> frozenset[str]:
    return frozenset(prompt_texts("en")) - frozenset(vocabulary("en"))


def test_every_name_given_as_a_prompt_is_one() -> None:
    known = _sentences() | frozenset(vocabulary("zh-CN")) | frozenset(vocabulary("en")) | SOUNDS
    wrong = [
        f"{module}:{line}: {written}"
        for module, line, written, pattern in claimed()
        if not any(pattern.fullmatch(key) for key in known)
    ]
    assert not wrong, "no such sentence in texts.toml:\n" + "\n".join(wrong)


@pytest.mark.parametrize("language", RENDERED)
def test_every_sentence_that_is_used_has_sound(language: str) -> None:
    made = PromptStore().keys(language)
    used = named(_sentences())
    silent = sorted(f"{key} ({module})" for key, module in used.items() if key not in made)
    assert not silent, f"render: {len(silent)} of {len(used)} used: " + ", ".join(silent)


@pytest.mark.parametrize("language", RENDERED)
def test_every_piece_of_every_read_out_has_sound(language: str) -> None:
    assert frozenset(vocabulary(language)) <= PromptStore().keys(language)


def test_every_sentence_that_is_used_has_words_in_cantonese() -> None:
    assert frozenset(named(_sentences())) <= frozenset(prompt_texts("zh-HK"))


def test_the_finder_finds() -> None:
    used = named(_sentences())
    # A constant, a name with a hole, and a flow.
    assert {"voicemail-leave", "forward-busy-on-before", "welcome"} <= set(used)


@pytest.mark.parametrize("flow", sorted(SHIPPED))
def test_every_shipped_flow_says_what_exists(flow: str) -> None:
    said = list(_said(msgspec.to_builtins(SHIPPED[flow])))
    assert said, f"{flow} says nothing"
    missing = [part for part in said if part.rpartition("/")[2] not in _sentences()]
    assert not missing, f"{flow}: {missing}"


def _said(value: object, word: str = "") -> Iterator[str]:
    """Prompts in a flow document, paths and placeholders of the caller's own left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _said(inner, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _said(inner, word)
    elif isinstance(value, str) and word in {"say", *PROMPT_WORDS} and value[:1] not in {"", "/"}:
        yield value
