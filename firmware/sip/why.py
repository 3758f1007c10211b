"""Why a trunk or its library cannot be used as wanted, in the reader's words. Pure.

What a far side said itself stands in its own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # A trunk, after its name.
    "no-name": ("域名服务器查不到 {host}", "no server of names knows {host}"),
    "untrusted": (
        "{host} 的证书不可信，“测试网络”会说明原因",
        "the certificate of {host} is not trusted; a network test says why",
    ),
    "answered": ("{host} 回应 {said}", "{host} answered {said}"),
    "silent": ("{host} 没有回应", "{host} did not answer"),
    # The library and the machine, whole sentences.
    "no-tls": ("pjproject {version} 不带 TLS。", "pjproject {version} was built without TLS."),
    "no-codecs": (
        "pjproject {version} 缺少编码 {codecs}。",
        "pjproject {version} lacks the codecs {codecs}.",
    ),
    "old": (
        "pjproject {version} 低于 {wanted}，只供开发使用。",
        "pjproject {version} is older than {wanted}, for development only.",
    ),
    "few-calls": (
        "pjproject {version} 只能同时进行 {calls} 路通话；本机设为 {legs} 路。",
        "pjproject {version} was built for {calls} calls at a time; the machine is set for {legs}.",
    ),
    "beyond-legs": (
        "{ports} 用不了：本机同时只有 {legs} 路中继通话（machine.toml 的 trunk_legs）。",
        "{ports} cannot be used: this machine has {legs} trunk calls at a time (trunk_legs).",
    ),
}


class Why(msgspec.Struct, frozen=True):
    """One sentence of ``SENTENCES`` and what stands in it."""

    id: str
    values: dict[str, str] = {}  # a struct copies its defaults


def because(sentence: str, **values: object) -> Why:
    """The sentence of that name with these values."""
    return Why(sentence, {name: str(value) for name, value in values.items()})


def told(why: Why | None, language: str) -> str:
    """In words; empty for none.

    Args:
        why: The sentence.
        language: Of the reader; Chinese for ``zh-CN`` and ``zh-HK``, else English.
    """
    if why is None:
        return ""
    return SENTENCES[why.id][0 if language.startswith("zh") else 1].format(**why.values)
