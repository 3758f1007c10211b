"""What is said about faxes, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "fax-off": (
        "传真没有开通（设置 → 传真）",
        "There is no fax service (Settings, Fax).",
    ),
    "no-fax": ("没有传真 {value}", "There is no fax {value}."),
    "no-number": (
        "传真 {value} 没有来电号码，请填写号码",
        "Fax {value} came without a number; write one.",
    ),
    "number": ("号码 {value} 须为 3 至 20 位数字", "Number {value}: 3 to 20 digits are needed."),
    "no-pages": (
        "传真页没有完整上传，请重新预览",
        "The pages are not here whole; preview them again.",
    ),
    "large": ("传真太大，最多 {limit} MB", "The fax is too large: at most {limit} MB."),
    "many": ("传真共 {value} 页，最多 {limit} 页", "{value} pages; at most {limit} can be sent."),
    "later": (
        "发送时间最多可定在 {limit} 天以内",
        "A fax can be put off for {limit} days at most.",
    ),
    "no-ticket": ("没有工单 {value}", "There is no ticket {value}."),
    "not-open": ("传真 {value} 已结束，不能取消", "Fax {value} is over; it cannot be cancelled."),
    "busy-now": (
        "传真 {value} 正在发送，请稍候",
        "Fax {value} is being sent now; wait a moment.",
    ),
    "not-again": (
        "传真 {value} 不能重发：它是收到的，或页面已删除",
        "Fax {value} cannot be sent again: it came in, or its pages are gone.",
    ),
    "gone": ("传真 {value} 的页面已删除", "The pages of fax {value} are gone."),
    "held": (
        "传真 {value} 属于未结案的投诉，不能删除",
        "Fax {value} belongs to an open complaint.",
    ),
    "alarm-partial": (
        "传真 {value} 缺页：只收到 {pages} 页（{why}）；请与对方联系",
        "Fax {value} lacks pages: {pages} arrived ({why}). Ask the sender for the rest.",
    ),
    "alarm-failed": (
        "传真 {value} 没有发出：{why}",
        "Fax {value} was not sent: {why}.",
    ),
    "alarm-lost": (
        "传真 {value} 的文件不见了或已损坏",
        "The file of fax {value} is missing or damaged.",
    ),
    "alarm-waiting": (
        "传真已关闭，{count} 份传真在等待",
        "The fax service is off; {count} faxes wait.",
    ),
}


def say(key: str, language: str, **values: object) -> str:
    """A sentence in the reader's language."""
    chinese, english = WORDS[key]
    return (chinese if language.startswith("zh") else english).format(**values)
