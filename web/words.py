"""Every word of the page in both languages, one table. A test finds words that lack a language."""

from __future__ import annotations

from flask import g, request

LANGUAGES = ("zh-CN", "en")

WORDS: dict[str, tuple[str, str]] = {
    # key: (zh-CN, en)
    "title": ("话务箱", "tipring"),
    "overview": ("总览", "Overview"),
    "ports": ("端口", "Ports"),
    "calls-now": ("正在进行的通话", "Calls now"),
    "call-log": ("通话记录", "Call log"),
    "port": ("端口", "Port"),
    "label": ("名称", "Name"),
    "state": ("状态", "State"),
    "detail": ("说明", "Detail"),
    "call": ("通话", "Call"),
    "direction": ("方向", "Direction"),
    "caller": ("主叫", "Caller"),
    "destination": ("去向", "To"),
    "since": ("开始", "Since"),
    "parties": ("通话方", "Parties"),
    "started": ("时间", "Started"),
    "waited": ("等待", "Waited"),
    "talked": ("通话时长", "Talked"),
    "outcome": ("结果", "Outcome"),
    "cleared-first": ("先挂机", "Cleared first"),
    "how": ("依据", "Known by"),
    "recording": ("录音", "Recording"),
    "no-calls-now": (
        "现在没有通话。拿起一部电话拨分机号试试。",
        "No calls right now. Lift a telephone and dial an extension to try.",
    ),
    "no-log": (
        "还没有通话记录。第一通电话结束后会显示在这里。",
        "No calls in the log yet. The first one appears here when it ends.",
    ),
    "lines-away": (
        "线路程序未连接，电话由应急方式接通",
        "The line daemon is not connected; telephones are in emergency service",
    ),
    "calld-away": ("呼叫程序没有应答，正在重连", "Call control does not answer; trying again"),
    "starting": ("正在启动，请稍候", "Starting, one moment"),
    "alarms": ("告警", "Alarms"),
    "country": ("国家或地区", "Country"),
    "settings-version": ("设置版本", "Settings version"),
    "late-ticks": ("迟到音块", "Late sound blocks"),
    "bus-faults": ("总线错误", "Bus faults"),
    "live": ("实时", "Live"),
    "not-live": ("连接中断，正在重连", "Connection lost, trying again"),
    "language": ("English", "中文"),
    "older": ("更早", "Older"),
    "newest": ("最新", "Newest"),
    "seconds": ("{n} 秒", "{n} s"),
    "minutes": ("{m} 分 {s} 秒", "{m} min {s} s"),
    "estimate": ("估计", "estimate"),
    "withheld": ("不显号", "withheld"),
    "unknown": ("未知", "unknown"),
    "not-found": ("没有这个页面", "There is no such page"),
    "bad-host": ("请用本机地址打开这个页面", "Please open this page by the box's own address"),
    "failed": ("页面出错，已记入日志", "The page failed; it is in the log"),
    "back": ("返回总览", "Back to the overview"),
    "skip": ("跳到内容", "Skip to content"),
    # states, directions, outcomes: shown by their stable names
    "inbound": ("呼入", "Incoming"),
    "outbound": ("呼出", "Outgoing"),
    "internal": ("内部", "Internal"),
    "answered": ("已接听", "Answered"),
    "abandoned": ("主叫放弃", "Abandoned"),
    "no_answer": ("无人接听", "No answer"),
    "busy": ("忙", "Busy"),
    "refused": ("未接通", "Refused"),
    "interrupted": ("中断", "Interrupted"),
    "customer": ("客户", "Customer"),
    "agent": ("坐席", "Agent"),
    "system": ("系统", "System"),
    "on_hook": ("挂机", "On-hook"),
    "loop_break": ("断环", "Loop break"),
    "reversal": ("反极", "Reversal"),
    "tone": ("忙音", "Tone"),
    "battery_lost": ("失去馈电", "Battery lost"),
    "silence": ("静默", "Silence"),
    "timer": ("超时", "Timer"),
    "flow": ("菜单", "Menu"),
    "restart": ("重启", "Restart"),
    "fault": ("故障", "Fault"),
    "idle": ("空闲", "Idle"),
    "ringing": ("振铃", "Ringing"),
    "dialing": ("拨号中", "Dialling"),
    "dialling": ("拨号中", "Dialling"),
    "talking": ("通话中", "Talking"),
    "lockout": ("未挂好", "Left off-hook"),
    "failed_port": ("不可用", "Failed"),
    "menu": ("菜单中", "In the menu"),
    "seized": ("已占用", "Seized"),
    "unplugged": ("未接线", "Unplugged"),
}


def chosen_language() -> str:
    """The reader's language: his own choice, else the browser's, else Chinese."""
    chosen = request.cookies.get("language", "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def say(key: str, language: str, **values: object) -> str:
    """One word or sentence; an unknown key is shown as it is, so that nothing is hidden."""
    pair = WORDS.get(key)
    if pair is None:
        return key.replace("_", " ")
    text = pair[LANGUAGES.index(language)]
    return text.format(**values) if values else text


def t(key: str, **values: object) -> str:
    """``say`` in the language of this request."""
    return say(key, g.language, **values)
