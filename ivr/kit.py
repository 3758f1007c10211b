"""The recording kit: every prompt of a language with a number, as a script to read from.

A number is the prompt's place in the script. The script says which edition it is, because a new
release may add sentences; whoever records from an old print is told. Files of a studio are matched
by number or by key. Nothing here knows sound.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ivr.prompts import prompt_texts

CHARACTERS_PER_MINUTE: Final = 150
"""Of a reader at ease, for the length of the session."""
HANDLING_S: Final = 7
"""Beep, key, hearing it again, next number (chosen)."""

LANGUAGE_NAMES: Final = {
    "zh-CN": ("普通话", "Mandarin"),
    "zh-HK": ("粤语", "Cantonese"),
    "en": ("英语", "English"),
}

_FILE: Final = re.compile(r"(?:(\d{1,4})[-_ ]?)?([A-Za-z][A-Za-z0-9-]*)?\.wav", re.IGNORECASE)

_WORDS: Final = {
    "title": ("{0}提示音录音稿", "Recording script: {0}"),
    "edition": (
        "版次 {0}，共 {1} 句，约需 {2} 分钟",
        "edition {0}, {1} prompts, about {2} minutes",
    ),
    "how": (
        (
            "在安静的房间里用话机录音：拨 {0}，选语言，听到编号和提示音后读出该句，按 # 结束；"
            "1 保存，2 重听，3 重录，4 跳过，* 退出。随时可以中断，下次从没有录的地方继续。"
            "用麦克风录音时，把文件命名为编号（如 0137.wav），"
            "用 tipring prompts kit --import 导入。"
        ),
        (
            "By handset, in a quiet room: dial {0}, choose the language; after the number and the"
            " tone read the sentence and press #. 1 keeps it, 2 plays it, 3 records it again,"
            " 4 skips it, * leaves. Stop whenever you like; next time it goes on where nothing is"
            " recorded. With a microphone, name the files by number (0137.wav) and import them"
            " with tipring prompts kit --import."
        ),
    ),
    "done": ("已录", "recorded"),
    "status": (
        "{0}：已录 {1} 句，还缺 {2} 句，约需 {3} 分钟",
        "{0}: {1} recorded, {2} missing, about {3} minutes",
    ),
}


@dataclass(frozen=True)
class Item:
    """One line of the script."""

    number: int
    key: str
    text: str

    @property
    def label(self) -> str:
        """The number as printed and as read out."""
        return f"{self.number:04d}"


def items(language: str) -> tuple[Item, ...]:
    """The whole script: sentences first, then the pieces of read-outs.

    Args:
        language: `zh-CN`, `zh-HK` or `en`.

    Raises:
        ValueError: The language is not one of the product's.
    """
    texts = prompt_texts(language)
    return tuple(Item(n, key, text) for n, (key, text) in enumerate(texts.items(), 1))


def edition(script: Sequence[Item]) -> str:
    """Four signs that change with any number or word of the script."""
    whole = "\n".join(f"{item.label} {item.key} {item.text}" for item in script)
    return hashlib.sha256(whole.encode()).hexdigest()[:4].upper()


def gaps(script: Sequence[Item], recorded: Callable[[str], bool]) -> tuple[Item, ...]:
    """What is not recorded yet, in the order of the script."""
    return tuple(item for item in script if not recorded(item.key))


def minutes(script: Sequence[Item]) -> int:
    """How long a person needs for these."""
    spoken_s = sum(
        60 * max(1, len(re.findall("[\u4e00-\u9fff]|[A-Za-z']+", item.text)))
        / CHARACTERS_PER_MINUTE
        for item in script
    )  # fmt: skip
    return -(-int(spoken_s * 2 + HANDLING_S * len(script)) // 60)  # said once, heard once


def matched(name: str, script: Sequence[Item]) -> Item | None:
    """The line that a studio's file belongs to, None for a file that names none.

    Args:
        name: Of the file: `0137.wav`, `0137-welcome.wav` or `welcome.wav`.
        script: Of the language.
    """
    found = _FILE.fullmatch(name)
    if found is None:
        return None
    number, key = found[1], found[2]
    by_key = next((item for item in script if key and item.key == key.lower()), None)
    if number is None:
        return by_key
    by_number = next((item for item in script if item.number == int(number)), None)
    if by_key is None and key and by_number is not None and by_number.key != key.lower():
        # Pieces of numbers are keys with a number in them: "q-12" is no number and key.
        return None
    return by_number if not key or by_number == by_key else None


def say(word: str, reader: str, *values: object) -> str:
    """A sentence of the kit in the reader's language."""
    chinese, english = _WORDS[word]
    return (chinese if reader.startswith("zh") else english).format(*values)


def named(language: str, reader: str) -> str:
    """The language as its reader calls it."""
    chinese, english = LANGUAGE_NAMES[language]
    return chinese if reader.startswith("zh") else english


def script_text(
    language: str, reader: str, recorded: Callable[[str], bool], code: str = "*95"
) -> str:
    """The script as plain text, one line a prompt: number, a mark where it is recorded, words."""
    script = items(language)
    lines = [
        say("title", reader, named(language, reader)),
        say("edition", reader, edition(script), len(script), minutes(script)),
        say("how", reader, code),
        "",
    ]
    lines += [f"{i.label} {'*' if recorded(i.key) else ' '} {i.text}" for i in script]
    return "\n".join(lines) + "\n"


def script_html(
    language: str, reader: str, recorded: Callable[[str], bool], code: str = "*95"
) -> str:
    """The script as one page to print; needs nothing from outside."""
    script = items(language)
    title = html.escape(say("title", reader, named(language, reader)))
    rows = "\n".join(
        f"<tr{' class=done' if recorded(i.key) else ''}><th>{i.label}</th>"
        f"<td>{html.escape(i.text)}</td><td><code>{html.escape(i.key)}</code></td></tr>"
        for i in script
    )
    count = html.escape(say("edition", reader, edition(script), len(script), minutes(script)))
    return f"""<!doctype html>
<html lang="{html.escape(language)}"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font-family: sans-serif; margin: 1.5cm; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ border-bottom: 1px solid #999; padding: 0.3em; text-align: left; }}
td {{ font-size: 1.2em; }}
td:last-child {{ font-size: 0.7em; color: #555; }}
.done td {{ text-decoration: line-through; }}
tr {{ page-break-inside: avoid; }}
</style></head><body>
<h1>{title}</h1><p>{count}</p><p>{html.escape(say("how", reader, code))}</p>
<table>
{rows}
</table></body></html>
"""
