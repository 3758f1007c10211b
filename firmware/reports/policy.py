"""What was decided once about counting; printed on every report."""

from __future__ import annotations

from typing import Final

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Choices that a figure depends on. The defaults are those of the office's definitions.

    Attributes:
        threshold_s: T, a wait equal to it counts as inside.
        short_s: S, who leaves before it is a short abandon.
        vip_s: VIPs are to be answered within this.
        hold_s: A hold is to be no longer.
        wrap_s: A wrap-up is to be no longer, and with a result.
        repeat_days: W, a further contact within it is a repeat.
        ring_bursts: Offers are to be taken before the burst after this one.
        service_level: Which formula is the office's own, a to g.
    """

    threshold_s: int = 20
    short_s: int = 5
    vip_s: int = 15
    hold_s: int = 60
    wrap_s: int = 180
    repeat_days: int = 7
    ring_bursts: int = 3
    service_level: str = "c"


DEFAULT: Final = Policy()

RULES_EN: Final = (
    "An interval holds the calls that entered the queue in it; agents count when handling ends.",
    "Times are whole seconds, cut. A wait equal to the threshold counts as inside.",
    "Calls in progress are left out. Internal calls are counted apart.",
    "A call through several queues is one call of the office and one visit of each queue.",
    "Who leaves by time-out, key, callback, refusal or overflow has flowed out, not abandoned.",
    "A call back by the office is no arrival.",
    "Ringing counts as ready.",
    "A line is busy from the first ring, or the lifting of the handset, until the call ends.",
)

RULES_ZH: Final = (
    "一个时段包括在该时段内进入队列的来电；座席按处理结束的时间记。",
    "时间取整秒，舍去小数。等待恰等于门限的算在门限之内。",
    "进行中的通话不计。内部通话另计。",
    "一个电话经过几个队列：全公司算一个，每个队列各算一次。",
    "因超时、按键、要求回拨、拒绝或溢出离开队列的算“流出”，不算放弃。",
    "本单位的回拨不算来电。",
    "振铃算就绪。",
    "线路从第一声铃（或摘机）起到通话结束算占用。",
)


def rules(language: str) -> tuple[str, ...]:
    """The rules in the reader's language."""
    return RULES_ZH if language.startswith("zh") else RULES_EN
