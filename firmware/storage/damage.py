"""What was found damaged and what is used instead: a fact, worded when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Kind = Literal["records", "document", "lines"]

# Each in zh-CN and in en.
_SENTENCES: Final[Mapping[Kind, tuple[str, str]]] = {
    "records": (
        "通话记录已损坏，保存为 {kept}，已开始新的记录（{why}）",
        "{why} It is kept as {kept}; new records have begun.",
    ),
    "document": (
        "{file} 读不出来，现在使用的是第 {generation} 代；读不出的文件保存为 {kept}",
        (
            "{file} could not be read; generation {generation} is in force instead. "
            "The unreadable file is kept as {kept}."
        ),
    ),
    "lines": (
        "{file} 不能使用（{why}），外线的特性将重新学习",
        "{file} cannot be used: {why}; lines are learned anew.",
    ),
}


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """A file could not be used.

    Attributes:
        kind: What is kept in it.
        file: Its name.
        why: What is wrong with it, as the machine says it.
        kept: The name under which it is kept for diagnosis.
        generation: Of a document, the earlier one that is in force instead.
    """

    kind: Kind
    file: str
    why: str = ""
    kept: str = ""
    generation: int = 0

    def sentence(self, language: str) -> str:
        """For a person, in his language."""
        chinese, english = _SENTENCES[self.kind]
        text = chinese if language.startswith("zh") else english
        return text.format(**msgspec.structs.asdict(self))
