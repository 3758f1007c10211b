"""What the keys of a lifted handset mean beside numbers: one table of codes, by profile, editable.

A pattern is keys and at most one capital that stands for digits: ``N`` a number that ``#`` ends,
``E`` an extension, ``D`` two digits, ``P`` one place of 1 to 8; ``D*N`` is two digits, ``*`` and a
number. The profile CN follows codes of domestic exchanges (``*code*number#`` and ``#code#``), the
other the habit of software exchanges; where neither names a code, it is ours.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from firmware.core.countries import COUNTRIES
from firmware.core.settings import EXTENSION_DIGITS, Settings, sentence

LONGEST_ARGUMENT: Final = 24

# Per service its code in either profile, and its name in zh-CN and en.
_TABLE: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "forward_all_on": ("*57*N#", "*72N#", "全部转移", "forward all calls"),
    "forward_all_off": ("#57#", "*73", "取消全部转移", "cancel forwarding of all calls"),
    "forward_busy_on": ("*40*N#", "*90N#", "遇忙转移", "forward when busy"),
    "forward_busy_off": ("#40#", "*91", "取消遇忙转移", "cancel forwarding when busy"),
    "forward_no_answer_on": ("*41*N#", "*52N#", "无应答转移", "forward when unanswered"),
    "forward_no_answer_off": ("#41#", "*53", "取消无应答转移", "cancel forwarding when unanswered"),
    "do_not_disturb_on": ("*56#", "*78", "免打扰", "do not disturb"),
    "do_not_disturb_off": ("#56#", "*79", "取消免打扰", "cancel do not disturb"),
    "call_waiting_on": ("*58#", "*70", "呼叫等待", "call waiting"),
    "call_waiting_off": ("#58#", "*71", "取消呼叫等待", "cancel call waiting"),
    "warm_line_on": ("*52*N#", "*62*N#", "延时热线", "warm line: dials by itself after a pause"),
    "hot_line_on": ("*521*N#", "*621*N#", "立即热线", "hot line: dials at once"),
    "hot_line_off": ("#52#", "*63", "取消热线", "cancel hot line or warm line"),
    "speed_dial_set": ("*51*D*N#", "*75*D*N#", "登记缩位号码", "store a short number"),
    "speed_dial": ("**D", "*0D", "缩位拨号", "dial a short number"),
    "redial": ("*92#", "*92", "重拨", "redial the last number"),
    "call_return": ("*69#", "*69", "回拨", "call the last caller"),
    "pick_up": ("#9", "*8", "代答", "pick up any ringing call"),
    "pick_up_from": ("*8E", "**E", "指定代答", "pick up the call of an extension"),
    "park": ("*70", "70", "驻留通话", "park the held call"),
    "fetch": ("70P", "7P", "取回驻留", "fetch a parked call"),
    "hold_minutes": ("*36D", "*36D", "告知等候分钟", "tell the held caller how many minutes"),
    "comfort_on": ("*36#", "*36#", "录制等候提示", "record what callers hear whom I hold"),
    "comfort_off": ("#36#", "#36#", "取消等候提示", "callers whom I hold hear the usual sentence"),
    "silent_call": ("*37", "*37", "无声来电处理", "the held caller is silent: greet, then clear"),
    "reference": ("#37#", "#37#", "告知工单编号", "tell the held caller the number of his ticket"),
    "faint_call": ("*35", "*35", "声音太小", "the held caller is faint: louder, then ask him"),
    "say_number": ("*65", "*65", "报本机号码", "say my number"),
    "voicemail": ("*98", "*98", "听取留言", "listen to messages"),
    "mode_day": ("*64", "*64", "日间模式", "day mode"),
    "mode_night": ("*61", "*61", "夜间模式", "night mode"),
    "mode_schedule": ("*66", "*66", "按时间表", "hours by the schedule"),
    "callback_on": ("*59#", "*59", "遇忙回叫", "call me when the busy extension is free"),
    "callback_off": ("#59#", "*58", "取消遇忙回叫", "cancel such callbacks"),
    "override": ("*43E", "*43E", "强插", "join the call of an extension, with a tone"),
    "intercom": ("*45E", "*45E", "内部对讲", "intercom: rings differently"),
    "page": ("*46E", "*46E", "群组广播", "page a ring group"),
    "room_open": ("*47", "*47", "房间监听：留在此机", "listen-in: leave this handset lifted"),
    "room_listen": ("*48E", "*48E", "房间监听：收听分机", "listen in on an extension left lifted"),
    "account": ("*49*N*N#", "*49*N*N#", "账号拨号", "call on an account"),
    "lock": ("*54#", "*18", "锁定话机", "lock this telephone"),
    "unlock": ("#54*N#", "*19*N#", "解锁话机", "unlock this telephone"),
    "pin_set": ("*50*N*N#", "*50*N*N#", "修改密码", "change the PIN"),
    "walk": ("*44*E*N*N#", "*44*E*N*N#", "异机拨号", "call as another extension"),
    "wake_up_on": ("*55*N#", "*11*N#", "叫醒一次", "wake-up call, once"),
    "wake_daily_on": ("*551*N#", "*12*N#", "每天叫醒", "wake-up call, every day"),
    "wake_up_off": ("#55#", "*13", "取消叫醒", "cancel wake-up calls"),
    "wake_up_say": ("*#55#", "*14", "查询叫醒", "hear the wake-up times"),
    "reminder_on": ("*552*N#", "*15*N#", "提醒一次", "reminder, once"),
    "reminder_off": ("#552#", "*16", "取消提醒", "cancel the reminder"),
    "malicious": ("*33#", "*57", "恶意来电标记", "mark a malicious call"),
    "record": ("*42#", "*42", "通话录音", "record this call"),
    "record_pause": ("#42#", "*10", "暂停或继续录音", "pause recording, or go on with it"),
    "last_recording": ("*93#", "*93", "重听上次通话", "hear my last recorded call"),
    "self_test": ("*94#", "*94", "话机自检", "test this telephone"),
    "record_prompts": ("*71#", "*72#", "录制提示音", "record prompts"),
    "notice_on": ("*30#", "*30#", "录制来电通知", "record a notice that callers hear first"),
    "notice_off": ("#30#", "*31#", "取消来电通知", "end the notice"),
    "say_time": ("*60", "*60", "报时", "say the time"),
    "say_address": ("*67", "*67", "报系统地址", "say the network address"),
    "claim": ("*00#", "*99#", "首次设置代码", "hear the six digits that claim a new box"),
    "say_forward": ("*#57#", "*17", "查询转移", "hear where my calls go"),
    "escalate": ("*95#", "*95", "转上级", "the next superior who is free"),
    "transfer_allow": ("*96*N#", "*96*N#", "允许再次转接", "allow another transfer"),
    "greeting": ("*97#", "*97", "录制留言问候", "record my greeting"),
    "emergency_mode": ("*38#", "*38", "应急模式开关", "emergency mode on and off"),
    "agent_login": ("*20*N*N#", "*20*N*N#", "坐席签入", "agent: log in"),
    "agent_login_open": ("*2*N#", "*2*N#", "坐席签入（无密码）", "agent: log in without a PIN"),
    "agent_logout": ("*21#", "*21#", "坐席签出", "agent: log out"),
    "agent_pause": ("*22P", "*22P", "坐席暂停（原因）", "agent: pause, by reason"),
    "agent_ready": ("*23#", "*23#", "坐席就绪", "agent: ready"),
    "agent_result": ("*24*N#", "*24*N#", "通话结果和主题", "agent: result and topic of the call"),
    "agent_more_time": ("*25#", "*25#", "延长话后处理", "agent: more time for wrap-up"),
    "queue_status": ("*26#", "*26#", "排队情况", "hear who waits"),
    "agent_day": ("*27#", "*27#", "我的一天", "agent: my day"),
    "agent_promise": ("*28*N*N#", "*28*N*N#", "承诺回电", "agent: promise a call back"),
    "agent_cockpit": ("*32#", "*32#", "坐席总览", "agent: all of it by one code"),
    "agent_why": ("*29#", "*29#", "为什么是我", "agent: why was I rung"),
    "agent_help": ("#20#", "#20#", "请主管协助", "agent: call a supervisor into this call"),
    "supervisor_listen": ("#21*N#", "#21*N#", "监听坐席", "supervisor: listen to an agent"),
    "supervisor_whisper": ("#22*N#", "#22*N#", "密语坐席", "supervisor: whisper to an agent"),
    "supervisor_join": ("#23*N#", "#23*N#", "加入坐席通话", "supervisor: join an agent's call"),
    "supervisor_take": (
        "#24*N#",
        "#24*N#",
        "接管坐席通话",
        "supervisor: take over an agent's call",
    ),
    "supervisor_agent": ("#25*N#", "#25*N#", "管理坐席", "supervisor: pause, ready, out, queues"),
    "supervisor_status": ("#26#", "#26#", "排队总览", "supervisor: how it stands"),
    "supervisor_day": ("#35#", "#35#", "今日数据", "supervisor: the day's figures"),
    "bulletin_on": ("#27#", "#27#", "录制坐席通知", "record a bulletin for agents"),
    "bulletin_off": ("#28#", "#28#", "撤回坐席通知", "withdraw the bulletin"),
    "agent_greeting": ("#29#", "#29#", "录制我的开场白", "agent: record my greeting"),
    "caller_more": ("#32#", "#32#", "客户最近的来电", "agent: the last calls of this caller"),
    "survey_send": ("#31#", "#31#", "请客户评价", "agent: the held caller is asked how it was"),
    "text_send": ("#38D", "#38D", "给客户发短信", "text the held caller: two digits of the text"),
    "close_politely": (
        "#33#",
        "#33#",
        "非业务来电：礼貌结束",
        "not business: the held caller hears so and goodbye",
    ),
    "block_caller": ("*68#", "*68", "拒接刚才的来电", "block my last caller"),
    "unblock_caller": ("#68#", "*76", "取消最近的拒接", "let the one blocked last through again"),
    "exchange_recall": ("*34#", "*34", "向交换机转接", "recall to the exchange on a held call"),
    "line_test": ("*39P", "*39P", "测试外线", "measure an exchange line and fit the box to it"),
    "cancel_all": ("#00#", "*74", "取消全部业务", "cancel every service of this telephone"),
}
# What a number in a code is, where it is not a number to be called: in zh-CN and en, in order.
_HOLE_NAMES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "account": (("账号", "account"), ("号码", "number")),
    "unlock": (("密码", "PIN"),),
    "pin_set": (("旧密码", "old PIN"), ("新密码", "new PIN")),
    "walk": (("密码", "PIN"), ("号码", "number")),
    "wake_up_on": (("时分", "hhmm"),),
    "wake_daily_on": (("时分", "hhmm"),),
    "reminder_on": (("时分", "hhmm"),),
    "transfer_allow": (("密码", "PIN"),),
    "agent_login": (("工号", "agent"), ("密码", "PIN")),
    "agent_login_open": (("工号", "agent"),),
    **dict.fromkeys(
        (
            "supervisor_listen",
            "supervisor_whisper",
            "supervisor_join",
            "supervisor_take",
            "supervisor_agent",
        ),
        (("工号", "agent"),),
    ),
    "agent_result": (("结果主题", "result, topic"),),
    "agent_promise": (("小时", "hours"), ("号码", "number")),
    "page": (("组号", "group"),),
}
SECRET: Final = frozenset({"agent_login", "unlock", "pin_set", "walk", "transfer_allow"})
"""Services whose keys hold a PIN; neither log nor record shows them."""

PROFILES: Final = ("CN", "international")
SERVICES: Final = tuple(_TABLE)

_HOLES: Final = {"N": r"[0-9]{1,24}", "E": rf"[0-9]{{{EXTENSION_DIGITS}}}", "D": r"[0-9]{2}"}
_HOLES_ALL: Final = {**_HOLES, "P": "[1-8]"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A complete code: the service and what stood in its holes."""

    service: str
    arguments: tuple[str, ...] = ()


def _profile(settings: Settings) -> int:
    wanted = settings.feature_profile or ("CN" if settings.country == "CN" else "international")
    return PROFILES.index(wanted)


def patterns(settings: Settings) -> dict[str, str]:
    """Service to pattern: the profile, and what the office changed; an empty pattern is off."""
    at = _profile(settings)
    found = {service: row[at] for service, row in _TABLE.items()}
    found.update({name: text for name, text in settings.feature_codes.items() if name in found})
    return {service: text for service, text in found.items() if text}


@functools.lru_cache(maxsize=500)  # every key is held against some fifty of them
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(
        "".join(f"({_HOLES_ALL[c]})" if c in _HOLES_ALL else re.escape(c) for c in pattern)
    )


def _may_become(digits: str, pattern: str) -> bool:
    """Whether more digits could complete the pattern."""
    at = 0
    for character in pattern:
        if at == len(digits):
            return True
        hole = _HOLES_ALL.get(character)
        if hole is None:
            if digits[at] != character:
                return False
            at += 1
        elif character == "N":
            begun = at
            while at < len(digits) and digits[at].isdigit():
                at += 1
            if at == begun or at - begun > LONGEST_ARGUMENT:
                return at == len(digits)
        else:
            width = {"E": EXTENSION_DIGITS, "D": 2, "P": 1}[character]
            part = digits[at : at + width]
            if not part.isdigit() or (character == "P" and part not in "12345678"):
                return False
            at += len(part)
            if len(part) < width:
                return True
    return False


def read_code(digits: str, settings: Settings) -> Asked | bool:
    """The code that the digits are, or whether they may become one."""
    table = patterns(settings)
    for service, pattern in table.items():
        if found := _expression(pattern).fullmatch(digits):
            return Asked(service=service, arguments=found.groups())
    return any(_may_become(digits, pattern) for pattern in table.values())


def _samples(pattern: str) -> str:
    fill = {"N": "0", "E": "0" * EXTENSION_DIGITS, "D": "00", "P": "1"}
    return "".join(fill.get(character, character) for character in pattern)


def _overlap(one: str, other: str) -> bool:
    """Whether some keys complete ``one`` while ``other`` is complete or could still be."""
    a, b = one, other
    while a and b:
        x, y = a[0], b[0]
        if x in _HOLES_ALL or y in _HOLES_ALL:
            if x in "*#" or y in "*#":
                return False
            # Digits meet digits. A place knows its digits; any other hole takes all of them.
            place, key = (x, y) if x == "P" else (y, x)
            return not (place == "P" and key in "09")
        if x != y:
            return False
        a, b = a[1:], b[1:]
    return True


def clashes(settings: Settings, emergency: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Service to (its pattern, what it clashes with); empty when every code can be dialled.

    Args:
        settings: Extensions, groups, outside prefixes and codes.
        emergency: The country's emergency numbers.
    """
    table = patterns(settings)
    numbers = [e.number for e in settings.extensions] + [g.number for g in settings.ring_groups]
    taken = [*numbers, *emergency, *settings.outside_prefixes]
    found: dict[str, tuple[str, str]] = {}
    services = list(table)
    for at, service in enumerate(services):
        pattern = table[service]
        if set(pattern) - set("0123456789*#NEDP") or pattern[0] in "NEDP":
            found[service] = (pattern, "?")
            continue
        for number in taken:
            sample = _samples(pattern)
            if pattern[0] not in "*#" and (sample.startswith(number) or number.startswith(sample)):
                found[service] = (pattern, number)
        for other in services[:at]:
            if _overlap(pattern, table[other]) and not {service, other} <= {"park", "fetch"}:
                found[service] = (pattern, table[other])
    return found


def code_problems(settings: Settings, language: str = "zh-CN") -> dict[str, str]:
    """What is wrong with the codes, as path to sentence, like ``settings.validate``."""
    country = COUNTRIES.get(settings.country)
    found = {
        f"feature_codes.{service}": sentence("code-unknown", language, service)
        for service in settings.feature_codes
        if service not in _TABLE
    }
    for service, (pattern, other) in clashes(
        settings, country.emergency if country else ()
    ).items():
        found[f"feature_codes.{service}"] = sentence("code-clash", language, pattern, other)
    return found


def card(settings: Settings, language: str = "zh-CN") -> tuple[str, ...]:
    """The codes in force as lines of a printed card: code, tab, what it does."""
    at = 2 if language.startswith("zh") else 3
    keys = {service: _readable(service, text, at) for service, text in patterns(settings).items()}
    return tuple(f"{code}\t{_TABLE[service][at]}" for service, code in keys.items())


def _readable(service: str, pattern: str, at: int) -> str:
    usual = {
        "N": ("号码", "number"),
        "E": ("分机", "extension"),
        "D": ("nn", "nn"),
        "P": ("n", "n"),
    }
    special = iter(_HOLE_NAMES.get(service, ()))
    lone = "N" not in pattern
    parts: list[str] = []
    for character in pattern:
        if character == "N" or (character == "E" and lone and service in _HOLE_NAMES):
            parts.append(next(special, usual[character])[at - 2])
        else:
            parts.append(usual[character][at - 2] if character in usual else character)
    return "".join(parts)
