"""Words of texts: the office's own and the usual ones, filled with what is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from firmware.core.outbox_settings import Wording

USUAL: Final[Mapping[str, tuple[str, str]]] = {
    "missed_call": (
        "{office}未能接听您的来电，我们会给您回电。{page}",
        "{office} missed your call and will call you back. {page}",
    ),
    "reference": (
        "您的工单编号是 {reference}。如需帮助请致电 {office}。{page}",
        "Your ticket is {reference}. For help call {office}. {page}",
    ),
    "survey": (
        "请为刚才的服务打分，回复 1 至 5，5 分最满意。谢谢！{office}",
        "How was our service? Reply 1 to 5, 5 is best. Thank you! {office}",
    ),
    "number": (
        "您的来电号码是 {caller}，前面还有 {place} 位。{page}",
        "You call from {caller}, {place} before you. {page}",
    ),
}
"""Used where the office words nothing under that name."""

_HOLE: Final = re.compile(r"\{([a-z_]+)\}")


def worded(name: str, language: str, wordings: Iterable[Wording], values: Mapping[str, str]) -> str:
    """The text of a template; empty where there is none of that name.

    Args:
        name: Of the template.
        language: ``zh-CN`` and ``zh-HK`` are Chinese; a wording in one language serves both.
        wordings: The office's own.
        values: What stands for ``{name}``; what is not known reads as nothing.
    """
    own = next((w for w in wordings if w.name == name), None)
    zh, en = (own.zh, own.en) if own is not None else USUAL.get(name, ("", ""))
    text = (zh or en) if language.startswith("zh") else (en or zh)
    return filled(text, values)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Holes replaced; a value's own braces stay as they are."""
    made = _HOLE.sub(lambda hole: values.get(hole[1], ""), text)
    return re.sub(r" {2,}", " ", made).strip()


MARK: Final = re.compile(r"\s*([1-5])(?![0-9])")


def mark_of(text: str) -> int | None:
    """The mark in a customer's answer (``5``, ``5 分，谢谢``, ``４``); None where there is none."""
    wide = str.maketrans("０１２３４５６７８９一二三四五", "012345678912345")
    found = MARK.match(text.translate(wide))
    return int(found[1]) if found else None
