"""Why a message was not sent, or given up, in the reader's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "do_not_text": ("对方不愿收短信", "he wants no texts"),
    "once_a_day": ("今天已经发过一条", "he had one today"),
    "asked": ("通话里已经问过", "he was asked in the call"),
    "no_words": ("没有内容", "it has no words"),
    "erased": ("号码已被删除", "the number was erased"),
    "expired": ("太久没发出，不再发送", "too old to be sent any more"),
}
"""Whole reasons."""

BEGINNINGS: Final[Mapping[str, tuple[str, str]]] = {
    "expired: ": ("太久没发出，不再发送；最后一次：{rest}", "too old to be sent; at last: {rest}"),
    "tries: ": ("多次未成功；最后一次：{rest}", "tried too often; at last: {rest}"),
    "by ": ("由 {rest} 取消", "dropped by {rest}"),
    "status ": ("网络没有送达（代码 {rest}）", "the network did not deliver it (status {rest})"),
}
"""Reasons with words of somebody else behind them."""


def reason(why: str, language: str) -> str:
    """The reason of an item in words; what a server or modem said itself stays as it is."""
    which = 0 if language.startswith("zh") else 1
    if why in PLAIN:
        return PLAIN[why][which]
    for beginning, pair in BEGINNINGS.items():
        if why.startswith(beginning):
            return pair[which].format(rest=why.removeprefix(beginning))
    return why
