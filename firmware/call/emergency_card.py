"""The card beside the telephone: whom to call for help, what works without power, codes. Pure.

It is made from the settings in force each time, so that it never says what the box would not do.
"""

from __future__ import annotations

from typing import Final

from firmware.call.feature_codes import card, patterns
from firmware.core.country import Country
from firmware.core.settings import Settings

POWER_FAIL_LINE: Final = "fxo/1"
POWER_FAIL_TELEPHONE: Final = "fxs/1"
"""What the relay of the card joins while the box does not work (``drivers/gpio.py``)."""

# Each with its words in zh-CN and en.
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("应急卡", "EMERGENCY CARD"),
    "help": (
        "紧急电话，任何话机都可直接拨打（锁定的也可以）：",
        "Help, from any telephone, locked ones too:",
    ),
    "also": ("先拨 {prefix} 也可以", "with {prefix} in front as well"),
    "power": ("停电时：", "Without power:"),
    "relay": (
        "分机 {extension} 直接接到{line}，可以打进打出，拨号前不要加 {prefix}",
        "extension {extension} is on {line} directly: calls in and out, without {prefix} in front",
    ),
    "no_relay": ("本机没有停电转接线路", "no telephone of this box works without power"),
    "others": ("其他话机不能使用", "the other telephones are dead"),
    "mode": (
        "系统故障时：拨 {code}，来电在所有话机上振铃；再拨一次恢复",
        "When the system fails you: dial {code}, callers ring every telephone; the same ends it",
    ),
    "outside": ("拨外线：先拨 {prefix}", "Calls to the outside: {prefix} first"),
    "codes": ("功能码：", "Codes:"),
}


def emergency_card(settings: Settings, country: Country, language: str) -> tuple[str, ...]:
    """Lines of text to be printed.

    Args:
        settings: In force.
        country: Its profile, for the numbers of help.
        language: ``zh-CN`` or ``en``.
    """
    at = 0 if language.startswith("zh") else 1

    def word(key: str, **values: object) -> str:
        return _WORDS[key][at].format(**values)

    prefix = " / ".join(settings.outside_prefixes)
    lines = [word("title"), "", word("help"), f"  {'  '.join(country.emergency)}"]
    if prefix:
        lines.append(f"  ({word('also', prefix=prefix)})")
    lines += ["", word("power")]
    extension = next((e for e in settings.extensions if e.port == POWER_FAIL_TELEPHONE), None)
    line = next((one for one in settings.lines if one.port == POWER_FAIL_LINE), None)
    if settings.power.relay and extension is not None and line is not None:
        name = line.name or line.port
        if line.number:
            name = f"{name} ({line.number})"
        lines.append("  " + word("relay", extension=extension.number, line=name, prefix=prefix))
        lines.append("  " + word("others"))
    else:
        lines.append("  " + word("no_relay"))
    code = patterns(settings).get("emergency_mode", "")
    if code:
        lines += ["", word("mode", code=code)]
    if prefix:
        lines += ["", word("outside", prefix=prefix)]
    return (*lines, "", word("codes"), *(f"  {row}" for row in card(settings, language)))
