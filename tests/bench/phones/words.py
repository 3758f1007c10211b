"""Every word of the page of telephones in both languages."""

from __future__ import annotations

from web.words import LANGUAGES

WORDS: dict[str, tuple[str, str]] = {
    # key: (zh-CN, en)
    "title": ("话机与外线", "Telephones and lines"),
    "about": (
        "这里是盒子外面的世界：分机电话和电话局来的外线。拿起听筒拨号，或者从外面打进来。",
        "The world outside the box. Lift a handset and dial, or call the office from outside.",
    ),
    "telephones": ("话机", "Telephones"),
    "lines": ("外线", "Exchange lines"),
    "telephone-n": ("话机 {n}", "Telephone {n}"),
    "line-n": ("外线 {n}", "Line {n}"),
    "language": ("English", "中文"),
    "skip": ("跳到内容", "Skip to content"),
    "live": ("实时", "Live"),
    "lost": ("连接中断，正在重连", "Connection lost, trying again"),
    "town-away": ("话机所在的进程没有应答，正在重连", "The town does not answer, trying again"),
    # a telephone
    "lift": ("摘机", "Lift"),
    "replace": ("挂机", "Hang up"),
    "flash": ("拍叉", "Flash"),
    "keys": ("按键", "Keys"),
    "rotary": ("脉冲拨号", "Rotary dial"),
    "display": ("来电显示", "Display"),
    "private": ("不显号", "Withheld"),
    "unavailable": ("无法显示号码", "Not available"),
    "on-hook": ("已挂机", "On-hook"),
    "off-hook": ("已摘机", "Off-hook"),
    "ringing": ("正在振铃", "Ringing"),
    # a line
    "idle": ("空闲", "Idle"),
    "alerting": ("正在呼叫办公室", "Calling the office"),
    "dialling": ("盒子已占线", "Seized by the box"),
    "proceeding": ("被叫振铃中", "The called telephone rings"),
    "talking": ("通话中", "Talking"),
    "clearing": ("通话结束，等待释放", "Cleared, waiting for release"),
    "dialled": ("盒子拨出的号码", "Dialled by the box"),
    "from-outside": ("从外面打进来", "A call from outside"),
    "number": ("主叫号码", "Caller's number"),
    "caller-name": ("主叫姓名", "Caller's name"),
    "caller-id": ("来显方式", "Caller ID"),
    "by-country": ("按本地习惯", "Usual here"),
    "fsk": ("FSK", "FSK"),
    "dtmf": ("DTMF", "DTMF"),
    "none": ("不送", "None"),
    "withhold": ("隐藏号码", "Withhold the number"),
    "call": ("呼叫", "Call"),
    "hang-up": ("外线挂机", "Hang up"),
    "hang-up-by": ("挂机方式", "Told by"),
    "busy tone": ("忙音", "Busy tone"),
    "congestion tone": ("拥塞音", "Congestion tone"),
    "loop break": ("断环", "Loop break"),
    "reversal": ("反极", "Reversal"),
    "silence": ("只有静默", "Silence only"),
    "battery removal": ("断电", "Battery removal"),
    "far-end": ("盒子拨出时", "When the box dials out"),
    "far-answers-after": ("几秒后接听", "Answers after (s)"),
    "far-by-hand": ("由我接听", "I answer myself"),
    "far-busy": ("占线", "Busy"),
    "far-reversal": ("接听时反极", "Reversal on answer"),
    "answer": ("接听", "Answer"),
    # sound
    "be-here": ("在这里听和说", "Listen and speak here"),
    "leave": ("离开", "Leave"),
    "here": ("你在这里", "You are here"),
    "level": ("听到的音量", "What is heard"),
    "mic-on": ("麦克风已接通", "Microphone on"),
    "mic-off": ("麦克风不可用，只能听", "No microphone: you can only listen"),
    "mic-asking": ("正在请求麦克风", "Asking for the microphone"),
    "sound-lost": ("声音中断", "Sound lost"),
    # refusals
    "handset-down": ("请先摘机", "Lift the handset first"),
    "handset-up": ("听筒已经拿起", "The handset is up already"),
    "line-busy": ("外线正忙，主叫会听到忙音", "The line is in use; a caller hears busy tone"),
    "nobody-there": ("那一端没有人", "Nobody is at that end"),
    "name-unknown": ("电话局无法传送这个姓名", "No exchange can send this name"),
    "unknown": ("无法执行", "This cannot be done"),
    "foreign": ("请用本机地址打开这个页面", "Please open this page by its own address"),
}


def say(key: str, language: str, **values: object) -> str:
    """A word or sentence of the page; ``KeyError`` for one that is not in the table."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)


def all_words(language: str) -> dict[str, str]:
    """The whole table in one language, for the page's scripts."""
    return {key: pair[LANGUAGES.index(language)] for key, pair in WORDS.items()}
