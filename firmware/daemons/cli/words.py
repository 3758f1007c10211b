"""What the command line says, in Chinese and English."""

from __future__ import annotations

from typing import Final, Literal

from firmware.core.state_words import STATE_WORDS
from firmware.daemons.cli.phrasebook import Phrasebook
from firmware.daemons.cli.prompt_words import PROMPT_WORDS

Language = Literal["zh-CN", "en"]

# Each key with its words in Chinese and in English.
WORDS: Final[dict[str, tuple[str, str]]] = {
    **PROMPT_WORDS,
    # --- help
    "about": (
        "电话系统 tipring 的命令行：查看状态、线路、通话记录、芯片寄存器和设置。",
        "The tipring telephone system: its state, lines, calls, chips and settings.",
    ),
    "help": ("显示帮助", "show this help"),
    "commands": ("命令", "commands"),
    "options": ("选项", "options"),
    "arguments": ("参数", "arguments"),
    "help_status": ("端口和正在进行的通话", "ports, and calls that are up"),
    "help_order": (
        "measure N 测试一条外线并调整；check 开通前检查表；raw N 上次来电接听前的原始声音",
        "measure N: measure a line; check: the list before opening; raw N: the last call's sound",
    ),
    "raw_head": ("{path}，{seconds} 秒", "{path}, {seconds} s"),
    "raw_none": (
        "外线 {line} 还没有来电录下的原始声音",
        "of line {line} no call has been captured yet",
    ),
    "raw_nothing": ("没有听出来电号码", "no caller identity was read"),
    "raw_read": (
        "听到来电号码：{kind} {number} {name}（{method}）",
        "read: {kind} {number} {name} ({method})",
    ),
    "help_line": ("线路号码（插口 fxo/N）", "number of the line (jack fxo/N)"),
    "help_card": ("打印应急与功能码卡片", "the card to print: help numbers, power failure, codes"),
    "which_line": (
        "请写明线路号码，如 tipring lines measure 1",
        "Say which line: tipring lines measure 1.",
    ),
    "check_seize": ("占线", "seize"),
    "check_dial": ("拨出", "dial"),
    "check_caller_id": ("来电显示", "caller ID"),
    "check_clear": ("挂机检测", "clear detection"),
    "check_missing": ("尚未见到", "not seen yet"),
    "check_yes": ("正常", "works"),
    "check_how_dial": (
        "尚未拨出：请从分机拨一个外线电话并接通",
        "dial: call a mobile from an extension and answer it",
    ),
    "check_how_caller_id": (
        "来电显示：请用手机拨打此线路",
        "caller ID: call this line from a mobile",
    ),
    "check_how_clear": (
        "挂机检测：来电接通后由对方先挂机，共两次",
        "clear detection: let the far side hang up first, twice",
    ),
    "check_how_seize": (
        "占线：tipring lines measure {line}",
        "seize: tipring lines measure {line}",
    ),
    "all_busy_is": (
        "所有外线同时占用：{times} 次，共 {lasted}",
        "all lines were taken at once {times} times, {lasted} in all",
    ),
    "help_what_if": (
        "试打：某号码在某时打进来会听到什么、谁会振铃",
        "rehearse a call: what a caller would hear and who would ring",
    ),
    "help_what_if_number": ("来电号码", "the caller's number"),
    "help_what_if_line": ("从哪条外线打进来，例如 1", "the line he comes in by, such as 1"),
    "help_what_if_at": (
        "时间，例如 2026-10-01T10:00；不写就是现在",
        "when, such as 2026-10-01T10:00; now, if nothing is said",
    ),
    "help_what_if_keys": (
        "来电者依次按的键；- 表示这一次不按",
        "the keys he presses one after the other; - presses nothing once",
    ),
    "help_what_if_lifted": (
        "哪个分机会接听；不写就没有人接",
        "the extension that answers; nobody, if nothing is said",
    ),
    "help_what_if_wav": ("把听到的声音存成这个 WAV 文件", "write what he hears into this WAV file"),
    "help_lines": ("芯片测得的电压和电流", "what the chips measure"),
    "help_calls": (
        "通话记录，新的在前；系统停机时也能查看",
        "calls, newest first; also while the box is down",
    ),
    "help_number": ("显示多少条（默认 20）", "how many (20 if not said)"),
    "help_all": ("全部", "all of them"),
    "help_registers": (
        "一个端口的芯片寄存器，与复位值不同的在前",
        "one port's chip, what differs from reset first",
    ),
    "help_port": ("端口名，如 fxs/1 或 fxo/2", "name of the port, such as fxs/1 or fxo/2"),
    "help_settings": ("查看和修改设置", "see and change the settings"),
    "help_show": ("当前设置（JSON）", "the settings in force, as JSON"),
    "help_history": ("设置的各个版本，新的在前", "versions of the settings, newest first"),
    "help_restore": ("恢复到以前的版本", "make an earlier version the newest"),
    "help_version": ("版本号", "number of the version"),
    "help_claim": (
        "打开认领窗口：给出在页面上成为负责人所需的六位数字",
        "open the box for its first owner: prints the six digits that the page asks for",
    ),
    "help_set": ("用文件中的 JSON 替换全部设置", "replace all settings by the JSON in a file"),
    "help_file": ("文件，- 表示标准输入", "the file; - is standard input"),
    "help_base": (
        "修改所依据的版本（默认最新）",
        "version the change began with (the newest if not said)",
    ),
    "help_why": ("修改原因，记入历史", "the reason, for the history"),
    "help_json": ("输出 JSON", "print JSON"),
    "help_lang": ("语言：zh-CN 或 en", "language: zh-CN or en"),
    "help_run": ("套接字所在目录", "folder of the sockets"),
    "help_data": ("数据目录", "folder of the data"),
    # --- mistakes
    "not_running": (
        "呼叫控制 calld 没有运行或无法连接：{detail}",
        "Call control cannot be reached. {detail}",
    ),
    "no_answer_in": ("calld 在 {ms} 毫秒内没有回答。", "calld did not answer within {ms} ms."),
    "link_closed": ("与 calld 的连接中断：{detail}", "The link to calld broke. {detail}"),
    "no_records": ("无法读取记录：{detail}", "The records cannot be read: {detail}"),
    "unexpected": ("calld 的回答出乎意料：{detail}", "calld answered something else: {detail}."),
    "refused_request": ("被拒绝：{detail}", "Refused: {detail}"),
    "no_file": ("无法读取 {file}：{detail}", "{file} cannot be read: {detail}."),
    "no_json": (
        "{file} 不是设置的 JSON：{detail}",
        "{file} does not hold settings as JSON: {detail}.",
    ),
    "bad_number": ("{value} 不是大于 0 的整数", "{value} is not a whole number above 0"),
    "cut_off": ("被中断。", "Interrupted."),
    # --- sentences
    "country_is": (
        "国家或地区 {country}，设置版本 {version}。",
        "Country {country}, settings version {version}.",
    ),
    "lines_away": ("线路守护进程未连接。", "The line daemon is not connected."),
    "no_card": (
        "没有线路卡（{part}）；装好后会自动启用。",
        "No line card ({part}); once it is there the box goes on by itself.",
    ),
    "alarm": ("告警：{detail}", "Alarm: {detail}"),
    "claim_open": (
        "认领代码 {code}，{m} 分钟内有效。请在页面上输入。",
        "The code is {code}; it counts for {m} minutes. Type it on the page.",
    ),
    "no_calls_up": ("没有正在进行的通话。", "No call is up."),
    "no_calls": ("没有通话记录。", "There are no calls."),
    "no_readings": ("没有读数。", "There are no readings."),
    "no_versions": (
        "设置还没有保存过，使用出厂值。",
        "The settings were never saved; those of the factory are in force.",
    ),
    "counters": (
        "声音：{ticks} 拍，其中迟到 {late}，最长 {longest} 微秒，欠载 {under}，总线错误 {bus}。",
        "Sound: {ticks} ticks, {late} late, worst {longest} µs; {under} under-runs, {bus} faults.",
    ),
    "version_is": ("设置版本 {version}", "Settings version {version}"),
    "now_version": ("现在是版本 {version}。", "Now version {version} is in force."),
    "registers_of": ("端口 {port}，芯片 {chip}。", "Port {port}, chip {chip}."),
    "differ": ("与复位值不同：", "Different from reset:"),
    "same": ("与复位值相同：", "As after reset:"),
    # --- headings
    "port": ("端口", "port"),
    "label": ("名称", "name"),
    "state": ("状态", "state"),
    "call": ("通话", "call"),
    "detail": ("说明", "detail"),
    "direction": ("方向", "direction"),
    "caller": ("主叫", "caller"),
    "destination": ("去向", "destination"),
    "lasts": ("时长", "lasts"),
    "chip": ("芯片", "chip"),
    "line_v": ("线路电压 V", "line V"),
    "loop_ma": ("环路电流 mA", "loop mA"),
    "battery_v": ("馈电 V", "battery V"),
    "hook": ("叉簧", "hook"),
    "echo_db": ("回声抑制 dB", "echo dB"),
    "faults": ("错误", "faults"),
    "time": ("时间", "time"),
    "line": ("外线", "line"),
    "extension": ("分机", "telephone"),
    "waited": ("等待", "waited"),
    "talked": ("通话时长", "talked"),
    "outcome": ("结果", "outcome"),
    "cleared": ("先挂机", "cleared first"),
    "register": ("寄存器", "register"),
    "address": ("地址", "address"),
    "value": ("值", "value"),
    "reset": ("复位值", "reset"),
    "fields": ("各字段", "fields"),
    "version": ("版本", "version"),
    "who": ("谁", "who"),
    "why": ("原因", "why"),
    # --- values
    "inbound": ("呼入", "incoming"),
    "outbound": ("呼出", "outgoing"),
    "internal": ("内部", "internal"),
    "answered": ("已接听", "answered"),
    "abandoned": ("主叫放弃", "abandoned"),
    "no_answer": ("无人接听", "no answer"),
    "busy": ("忙", "busy"),
    "refused": ("未接通", "refused"),
    "failed": ("失败", "failed"),
    "interrupted": ("中断", "interrupted"),
    "service": ("业务操作", "service"),
    "open": ("进行中", "still up"),
    "customer": ("客户", "customer"),
    "agent": ("坐席", "agent"),
    "system": ("系统", "system"),
    "unknown": ("未知", "unknown"),
    "on_hook": ("挂机", "on-hook"),
    "off_hook": ("摘机", "off-hook"),
    "loop_break": ("断环", "loop break"),
    "reversal": ("反极", "reversal"),
    "tone": ("忙音", "tone"),
    "battery_lost": ("失去馈电", "battery lost"),
    "silence": ("静默", "silence"),
    "timer": ("超时", "timer"),
    "signal": ("信令", "signalled"),
    "flow": ("菜单", "menu"),
    "restart": ("重启", "restart"),
    "fault": ("故障", "fault"),
    "idle": ("空闲", "idle"),
    "ringing": ("振铃", "ringing"),
    "dialling": ("拨号中", "dialling"),
    "talking": ("通话中", "talking"),
    "lockout": ("未挂好", "left off-hook"),
    "out_of_service": ("停用", "out of service"),
    "withheld": ("不显号", "withheld"),
    "estimate": ("估计", "estimate"),
    "clock_unsure": ("（时钟未校准）", " (clock not set)"),
    "by": ("{side}（{way}）", "{side}, by {way}"),
}

say = Phrasebook(STATE_WORDS | WORDS, unknown=lambda key: key.rpartition(".")[2].replace("_", " "))
"""A key that is not known is shown as it is, so nothing is hidden."""


def language_of(locale: str) -> Language:
    """The language for a locale as in ``LANG``: Chinese for ``zh``, otherwise English."""
    return "zh-CN" if locale.lower().startswith("zh") else "en"
