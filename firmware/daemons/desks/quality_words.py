"""Sentences about score sheets, incidents and drills, in Chinese and English."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "score-no-call": ("没有电话 {value}", "There is no call {value}."),
    "score-open": (
        "电话 {value} 还没有结束，结束后才能评分",
        "Call {value} is not over yet; it can be scored afterwards.",
    ),
    "score-silent": (
        "电话 {value} 没有人接听，没有可评的内容",
        "Nobody answered call {value}; there is nothing to score.",
    ),
    "score-agent": (
        "坐席 {value} 没有参与这个电话；参与的有：{limit}",
        "Agent {value} had no part in it; those who had are {limit}.",
    ),
    "score-which-agent": (
        "这个电话有几位坐席（{limit}），请写明是哪一位",
        "Several agents had a part in it ({limit}); say which one is scored.",
    ),
    "score-sheet": (
        "没有评分表 {value}；可选：{limit}",
        "There is no sheet {value}; there are {limit}.",
    ),
    "score-lacks": ("评分表没有填完", "The sheet is not filled in."),
    "score-missing": ("请选择：{limit}", "Choose one of {limit}."),
    "score-wrong": (
        "不能选“{value}”；可选：{limit}",
        "{value} cannot be chosen; there are {limit}.",
    ),
    "score-item": ("评分表没有项目 {value}", "The sheet has no item {value}."),
    "score-nothing": ("至少一项须适用", "At least one item with a weight must apply."),
    "score-count": ("0 至 99 的次数，或 -", "a number of times from 0 to 99, or -"),
    "no-incident": ("没有事件 {value}", "There is no incident {value}."),
    "incident-wrong": ("事件没有记下", "The incident was not written down."),
    "incident-grade": (
        "没有等级 {value}；可选：{limit}",
        "There is no grade {value}; there are {limit}.",
    ),
    "incident-kind": (
        "没有类别 {value}；可选：{limit}",
        "There is no kind {value}; there are {limit}.",
    ),
    "incident-title": ("请用一行写明发生了什么", "Say in a line what happened."),
    "incident-cause": ("请写明原因", "Say what the cause was."),
    "incident-action": (
        "请写明采取了什么措施",
        "Say what was done, so that it does not come again.",
    ),
    "incident-closed": ("事件 {value} 已关闭", "Incident {value} is closed already."),
    "incident-lacks": ("事件 {value} 还不能关闭", "Incident {value} cannot be closed yet."),
    "drill-sure": (
        "演练会影响正在打电话的人，请先确认",
        "Callers and colleagues will meet it: confirm it first.",
    ),
    "drill-on": ("已有演练在进行（事件 {value}）", "A drill is on already (incident {value})."),
    "drill-none": ("现在没有演练", "No drill is on."),
    "drill-kind": (
        "没有演练 {value}；可选：{limit}",
        "There is no drill {value}; there are {limit}.",
    ),
    "drill-minutes": (
        "演练 {value} 分钟；须为 1 至 {limit}",
        "{value} minutes: a drill lasts 1 to {limit}.",
    ),
    "drill-line": (
        "线路 {value} 不存在或正在使用；空闲的有：{limit}",
        "Line {value} is not there or not free; free are {limit}.",
    ),
    "drill-last-line": (
        "至少要留一条外线可拨紧急电话；空闲的只有 {limit}",
        "One line must stay for emergency calls; only {limit} is free.",
    ),
    "drill-real": (
        "真的出现了故障，演练未开始或已结束",
        "Something has failed in earnest; there is no drill now.",
    ),
    "drill-title.lines": ("演练：外线中断", "Drill: exchange lines lost"),
    "drill-title.power": ("演练：市电中断", "Drill: mains lost"),
    "drill-title.card": ("演练：存储卡不可写", "Drill: the card takes nothing"),
    "drill-alarm": (
        "演练进行中（{what}），事件 {value}",
        "A drill is on ({what}), incident {value}.",
    ),
    "drill-card": (
        "通话记录无法写入（演练）",
        "Call records cannot be written (drill).",
    ),
}


def word(key: str, language: str, **values: object) -> str:
    """A word or sentence in the reader's language."""
    text = WORDS[key][0 if language.startswith("zh") else 1]
    return text.format(**values) if values else text


class QualityError(Exception):
    """A mistake of whoever asks, as one sentence in his language; ``fields`` by path."""

    def __init__(
        self, key: str, language: str, fields: dict[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(word(key, language, **values))
        self.key = key
        self.fields = fields or {}
