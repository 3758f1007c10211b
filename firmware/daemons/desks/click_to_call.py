"""A program has a telephone called, which then dials: click to call."""

from __future__ import annotations

from typing import Final

from firmware.control.messages import PlaceCall, Refused
from firmware.core.phone_numbers import KEYS
from firmware.core.settings import Settings
from firmware.daemons.handset.bells import Bells

LONGEST: Final = 32
"""Digits of a number; E.164 has fifteen, codes and prefixes come before them."""

# Per id the sentence in zh-CN and in en.
SENTENCES: Final = {
    "dialling-off": ("设置不允许程序拨号", "The settings let no program have telephones called."),
    "no-extension": ("没有分机 {value}", "There is no extension {value}."),
    "telephone-busy": ("分机 {value} 正在使用", "Extension {value} is in use."),
    "number-form": (
        "号码 {value} 只能有数字和 * #",
        "Number {value}: digits, * and # are needed.",
    ),
}


def click_to_call(
    request: PlaceCall, settings: Settings, bells: Bells, idle: set[str], now_ms: int
) -> Refused | None:
    """Ring the telephone at once. What it may dial is judged when it is lifted, as for its user.

    Args:
        request: Who calls whom.
        settings: In force.
        bells: What the box rings of its own accord.
        idle: Ports of telephones that can ring now.
        now_ms: Monotonic time.
    """
    extension = next((e for e in settings.extensions if e.number == request.extension), None)
    language = request.language or settings.language
    if not settings.page.dialling:
        return _refused("dialling-off", "", language)
    if extension is None:
        return _refused("no-extension", request.extension, language)
    number = request.number.replace("+", "00", 1) if request.number[:1] == "+" else request.number
    if not number or len(number) > LONGEST or not set(number) <= set(KEYS):
        return _refused("number-form", request.number, language)
    if extension.port not in idle:
        return _refused("telephone-busy", request.extension, language)
    bells.call_from(extension.number, number, now_ms)
    return None


def _refused(which: str, value: str, language: str) -> Refused:
    chinese, english = SENTENCES[which]
    sentence = chinese if language.startswith("zh") else english
    return Refused(id=which, message=sentence.format(value=value))
