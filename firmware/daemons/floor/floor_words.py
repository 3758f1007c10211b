"""Why something at a desk or a board was not done, in Chinese and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "floor-no-agent": ("没有坐席 {value}", "There is no agent {value}."),
    "floor-unknown_agent": ("没有坐席 {value}", "There is no agent {value}."),
    "floor-set_busy": (
        "这部话机正由坐席 {value} 使用",
        "This telephone is in use by agent {value}.",
    ),
    "floor-busy_elsewhere": (
        "您正在另一部话机上通话，挂机后再换",
        "You are in a call at another telephone; hang up there first.",
    ),
    "floor-last_agent": (
        "您是队列 {value} 的最后一位坐席，办公时间内不能签出；请主管代为签出",
        "You are the last agent of queue {value} while the office is open; ask a supervisor.",
    ),
    "floor-logged_out": ("坐席 {value} 没有签入", "Agent {value} is not signed in."),
    "floor-unknown_reason": ("没有暂停原因 {value}", "There is no reason {value} for a pause."),
    "floor-no_wrap_up": ("话后处理已经结束", "The work after the call is over already."),
    "floor-do_not_call": ("号码 {value} 不得外呼", "Number {value} is not to be called."),
    "floor-no_number": ("来电不显号，无法回呼", "The number is withheld; nobody can call back."),
    "floor-open_already": (
        "号码 {value} 已有一个待回呼",
        "Number {value} is to be called back already.",
    ),
    "floor-no_task": ("没有待办 {value}，或已结束", "There is no task {value}, or it is over."),
    "floor-in_hand": ("待办 {value} 正在通话中", "Task {value} is being talked about just now."),
    "floor-withdrawn": ("来电已经转走", "The caller is gone already."),
    "floor-how": (
        "待办不能以 {value} 结束；可选：{limit}",
        "A task cannot end as {value}; possible are {limit}.",
    ),
    "floor-extension": (
        "没有分机 {value}；可选：{limit}",
        "There is no extension {value}; there are {limit}.",
    ),
    "floor-queue": (
        "没有队列 {value}；可选：{limit}",
        "There is no queue {value}; there are {limit}.",
    ),
    "floor-level": ("技能等级 {value} 须为 0 至 9", "Level {value}: 0 to 9 are possible."),
    "floor-note": (
        "记录最多 {limit} 个字符（现为 {value}）",
        "A note has at most {limit} characters; there are {value}.",
    ),
    "floor-empty": ("请写明内容", "Say what is to be written."),
    "floor-hours": ("{value} 小时；须为 1 至 {limit}", "{value} hours: 1 to {limit} are possible."),
    "floor-number": ("号码 {value} 不能拨打", "Number {value} cannot be dialled."),
    "floor-result": (
        "没有结果 {value}；可选：{limit}",
        "There is no result {value}; there are {limit}.",
    ),
    "floor-no-reply": ("没有快捷回复 {value}", "There is no quick reply {value}."),
    "floor-no-mobile": (
        "{value} 不是手机号码，收不到短信",
        "{value} is no mobile; a text cannot reach it.",
    ),
    "floor-no-call": ("没有电话 {value}", "There is no call {value}."),
    "unknown-request": ("此处不支持该请求", "This request is not known here."),
}


def word(key: str, language: str, **values: object) -> str:
    """A sentence in the reader's language."""
    return WORDS[key][0 if language.startswith("zh") else 1].format(**values)
