"""Alarms of queues in words, for the page and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firmware.daemons.floor.queue_memory import OpenAlarm

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "many_waiting": ("队列 {about}：{value} 人在等候", "Queue {about}: {value} callers wait"),
    "long_wait": (
        "队列 {about}：有人已等候 {seconds} 秒",
        "Queue {about}: somebody has waited for {seconds} s",
    ),
    "queue_without_agents": ("队列 {about} 没有坐席", "Queue {about} has no agents"),
    "vip_waits": (
        "重要客户已等候 {seconds} 秒（通话 {about}）",
        "An important customer has waited for {seconds} s (call {about})",
    ),
    "lines_busy": ("所有外线都在使用", "All exchange lines are in use"),
    "agent_paused_after_misses": (
        "坐席 {about} 连续未接 {value} 个电话，已暂停",
        "Agent {about} missed {value} calls in a row and is on a break",
    ),
    "set_off_hook": (
        "坐席 {about} 的话机没有挂好",
        "The handset of agent {about} lies beside its telephone",
    ),
    "task_late": ("回电任务 {about} 已过期", "A call that is owed is late: {about}"),
    "task_failed": ("回电任务 {about} 多次未通", "A call that is owed did not come about: {about}"),
    "task_without_queue": (
        "回电任务 {about} 没有队列",
        "A call that is owed has no queue: {about}",
    ),
}
ADVICE: Final[Mapping[str, tuple[str, str]]] = {
    "recall": ("请叫回休息的坐席 {agent}", "call agent {agent} back from the break"),
    "log_in": ("请坐席 {agent} 签入", "let agent {agent} log in"),
}

MORE: Final[tuple[str, str]] = (
    "按来电量还需 {number} 位坐席",
    "the load asks for {number} more",
)


def sentence(alarm: OpenAlarm, language: str) -> str:
    """What is wrong, and what to do about it."""
    at = 0 if language.startswith("zh") else 1
    words = WORDS.get(alarm.what)
    if words is None:
        return f"{alarm.what} {alarm.about}".strip()
    said = words[at].format(about=alarm.about, value=alarm.value, seconds=alarm.value // 1_000)
    for text in alarm.advice[:1]:
        what, _, rest = text.partition(":")
        if what in ADVICE:
            agent = rest.partition(":")[0]
            said += ("；" if at == 0 else ": ") + ADVICE[what][at].format(agent=agent)
    more = next((text for text in alarm.advice if text.startswith("more:")), "")
    if more:
        said += ("；" if at == 0 else "; ") + MORE[at].format(number=more.partition(":")[2])
    return said + ("。" if at == 0 else ".")
