"""Every word of the page in both languages, one table. A test finds words that lack a language."""

from __future__ import annotations

from flask import g, request

from firmware.core.state_words import STATE_WORDS
from web.admin.words import ADMIN_WORDS
from web.cases.words import CASE_PAGE_WORDS
from web.desk.words import DESK_WORDS
from web.fax.words import FAX_WORDS
from web.flows.words import FLOW_WORDS
from web.messages.words import MESSAGE_WORDS
from web.quality.words import QUALITY_WORDS
from web.reports.words import REPORT_WORDS
from web.settings.words import SETTINGS_WORDS
from web.setup.words import SETUP_WORDS
from web.trunks.words import TRUNK_WORDS

LANGUAGES = ("zh-CN", "en")

WORDS: dict[str, tuple[str, str]] = (
    STATE_WORDS
    | SETTINGS_WORDS
    | FLOW_WORDS
    | DESK_WORDS
    | CASE_PAGE_WORDS
    | QUALITY_WORDS
    | REPORT_WORDS
    | SETUP_WORDS
    | ADMIN_WORDS
    | MESSAGE_WORDS
    | FAX_WORDS
    | TRUNK_WORDS
    | {
        # key: (zh-CN, en)
        "title": ("话务箱", "tipring"),
        "overview": ("总览", "Overview"),
        "telephones": ("话机", "Telephones"),
        "lines": ("外线", "Exchange lines"),
        "pages": ("页面", "Pages"),
        "calls-now": ("正在进行的通话", "Calls now"),
        "call-log": ("通话记录", "Call log"),
        "state": ("状态", "State"),
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
        "no-calls-now": (
            "现在没有通话。拿起一部电话拨分机号试试。",
            "No calls right now. Lift a telephone and dial an extension to try.",
        ),
        "no-ports": ("还没有端口，正在启动。", "No ports yet; the box is starting."),
        "no-log": (
            "还没有通话记录。第一通电话结束后会显示在这里。",
            "No calls in the log yet. The first one appears here when it ends.",
        ),
        "lines-away": (
            "线路程序未连接，电话由应急方式接通",
            "The line daemon is not connected; telephones are in emergency service",
        ),
        "no-card": (
            "没有线路卡，电话和外线都不能用。断电后装好线路卡再通电，装好后会自动启用。",
            (
                "No line card: telephones and lines do not work. Put the card in with the power off; "
                "once it is there the box goes on by itself."
            ),
        ),
        "no-card-spi": ("（找不到芯片的SPI总线）", "(The SPI bus of its chips is not there.)"),
        "no-card-pins": (
            "（线路卡的控制引脚不能用）",
            "(The pins that control it cannot be used.)",
        ),
        "no-card-sound": (
            "（找不到线路卡的声音通道）",
            "(The sound device of its voice highway is not there.)",
        ),
        "calld-away": ("呼叫程序没有应答，正在重连", "Call control does not answer; trying again"),
        "alarms": ("告警", "Alarms"),
        "country": ("国家或地区", "Country"),
        "settings-version": ("设置版本", "Settings version"),
        "late-ticks": ("迟到的音块", "Late sound blocks"),
        "bus-faults": ("总线错误", "Bus faults"),
        "live": ("实时", "Live"),
        "not-live": ("连接中断，正在重连", "Connection lost, trying again"),
        "language": ("English", "中文"),
        "older": ("更早", "Older"),
        "newest": ("最新", "Newest"),
        "seconds": ("{n} 秒", "{n} s"),
        "minutes": ("{m} 分 {s} 秒", "{m} min {s} s"),
        "open": ("进行中", "Still up"),
        "withheld": ("不显号", "withheld"),
        "unknown": ("未知", "unknown"),
        "not-found": ("没有这个页面", "There is no such page"),
        "bad-host": ("请用本机地址打开这个页面", "Please open this page by the box's own address"),
        "bad-request": ("地址不完整或有误", "There is something wrong with this address"),
        "not-yours": ("您的角色不能使用这一页", "Your role does not open this page"),
        "old-form": (
            "页面已过期，请重新打开后再提交",
            "This form is out of date; open the page anew",
        ),
        "foreign": ("请求来自别的网站，未执行", "This came from another site and was not done"),
        "failed": ("页面出错，已记入日志", "The page failed; it is in the log"),
        "sign-in-first": ("请先登录", "Please sign in first"),
        "too-big": ("上传的内容太大", "What was sent is too big"),
        "sign-in": ("登录", "Sign in"),
        "sign-out": ("退出", "Sign out"),
        "account-name": ("用户名", "Name"),
        "password": ("密码", "Password"),
        "password-new": ("新密码", "New password"),
        "password-old": ("现在的密码", "Present password"),
        "password-again": ("再输入一次新密码", "The new password once more"),
        "password-hint": (
            "至少 8 个字符；长比花样重要",
            "At least 8 characters; longer is better than stranger.",
        ),
        "password-short": ("密码至少要 {n} 个字符", "The password needs at least {n} characters."),
        "password-used": (
            "最近 {n} 个密码不能再用，请换一个",
            "One of the last {n} passwords cannot be used again; please choose another.",
        ),
        "password-handed": (
            "这个密码是别人给您设的，请先换成只有您知道的密码。",
            "Somebody else chose this password. Please choose one that only you know, first.",
        ),
        "password-old-by-date": (
            "这个密码已用到规定的期限，请先换一个新密码。",
            "This password has reached the age that the office allows. Please choose another first.",
        ),
        "password-long": ("密码太长", "The password is too long."),
        "password-plain": (
            "这个密码太容易猜到，请换一个",
            "This password is too easy to guess; please choose another.",
        ),
        "password-differs": ("两次输入的密码不同", "The two passwords differ."),
        "password-old-wrong": ("现在的密码不对", "This is not the present password."),
        "sign-in-wrong": ("用户名或密码不对", "Name or password is not right."),
        "sign-in-wait": (
            "试错太多，请 {n} 秒后再试",
            "Too many wrong tries; wait {n} s, then try again.",
        ),
        "sign-in-crowded": ("登录的人太多，请稍后再试", "Too many at once; try again in a moment."),
        "field-needed": ("这一项必须填写", "This has to be filled in."),
        "welcome": ("欢迎使用话务箱", "Welcome to tipring"),
        "welcome-how": (
            "这台话务箱还没有负责人。拿起接在它上面的任一部话机，拨 {code}，听取六位数字，填在下面。",
            "Nobody owns this box yet. Lift a telephone of it, dial {code}, listen, type the digits.",
        ),
        "claim": ("成为负责人", "Become the owner"),
        "claim-code": ("六位数字", "Six digits"),
        "claim-code-hint": ("十分钟内有效", "They count for ten minutes."),
        "jacks": ("线路与话机", "Lines and telephones"),
        "line": ("外线", "Line"),
        "telephone": ("话机", "Telephone"),
        "voltage": ("电压", "Voltage"),
        "current": ("电流", "Current"),
        "echo-away": ("回声衰减", "Echo taken away"),
        "verdict": ("诊断", "Verdict"),
        "all-well": ("正常", "All is well"),
        "hook": ("叉簧", "Hook"),
        "on-hook": ("挂机", "on-hook"),
        "off-hook": ("摘机", "off-hook"),
        "measure": ("测量", "Measure"),
        "measure-hint": (
            "占用线路约八秒，请在线路空闲时测量",
            "Takes the line for some eight seconds; it has to be free.",
        ),
        "measured": ("{name} 已测量并调整。", "{name} was measured, and its port fitted to it."),
        "measured-echo": ("回波损耗 {before} → {after}。", "Echo return loss {before} → {after}."),
        "measured-noise": ("噪声 {noise}。", "Noise {noise}."),
        "go-live": ("开通检查", "Before opening"),
        "go-live-how": (
            "每条外线至少打进、打出各一次，挂机后这里会打勾。",
            "Call in and out by every line once; what was seen to work is ticked here.",
        ),
        "check.seize": ("占线", "Seizing"),
        "check.dial": ("拨出", "Dialling"),
        "check.caller_id": ("来电显示", "Caller ID"),
        "check.clear": ("挂机检测", "Clearing"),
        "not-seen": ("尚未见到", "not seen yet"),
        "all-busy": (
            "所有外线同时占用：{n} 次，共 {s} 秒。",
            "All lines were taken {n} times, {s} s in all.",
        ),
        "card": ("打印卡片", "Card to print"),
        "reports": ("报表", "Reports"),
        "period": ("时间长度", "Period"),
        "period.day": ("一天", "day"),
        "period.week": ("一周", "week"),
        "period.month": ("一月", "month"),
        "day": ("其中一天", "A day in it"),
        "divided": ("分组", "Divided by"),
        "by-part.whole": ("不分组", "not at all"),
        "by-part.queue": ("按队列", "queue"),
        "by-part.agent": ("按坐席", "agent"),
        "by-part.line": ("按外线", "line"),
        "by-part.type": ("按主题", "topic"),
        "by-part.hour": ("按小时", "hour"),
        "by-part.half_hour": ("按半小时", "half-hour"),
        "by-part.day": ("按天", "day"),
        "show": ("显示", "Show"),
        "figure": ("指标", "Figure"),
        "value": ("数值", "Value"),
        "formula": ("公式", "Formula"),
        "part": ("分组值", "Part"),
        "code": ("指标代码", "Code"),
        "top": ("分子", "Above the line"),
        "bottom": ("分母", "Below the line"),
        "calls-behind": ("相关通话", "The calls behind it"),
        "rules": ("统计约定", "How it is counted"),
        "no-figures": (
            "这段时间还没有通话。",
            "There are no calls in this time yet.",
        ),
        "day-needed": ("{value} 不是日期", "{value} is no date."),
        "prompts": ("提示音", "Prompts"),
        "prompts-about": (
            "自己录的提示音会代替同名的系统提示音；也可用话机录制。",
            "A prompt of your own replaces the system's of that name; a telephone records them too.",
        ),
        "prompt-kept": ("{name} 已启用。", "{name} is in force."),
        "prompt-new": ("上传或朗读", "Upload or have spoken"),
        "prompt-language": ("语言", "Language"),
        "prompt-name-hint": (
            "例如 welcome；只能用字母、数字和连字符",
            "Such as welcome; letters, digits and hyphens.",
        ),
        "prompt-text": ("内容文字", "What it says"),
        "prompt-text-hint": (
            "没有文件时，由可选的语音合成朗读；有文件时用来计算语速",
            "Without a file the optional voice speaks it; with one it tells the pace.",
        ),
        "prompt-needed": (
            "请选择 WAV 文件，或填写要朗读的文字。",
            "Choose a WAV file, or type what is to be spoken.",
        ),
        "wav-file": ("WAV 文件", "WAV file"),
        "no-prompts": (
            "还没有自己的提示音。在下面上传一个。",
            "No prompts of your own yet. Upload one below.",
        ),
        "name": ("名称", "Name"),
        "listen": ("试听", "Listen"),
        "length": ("时长", "Length"),
        "pace": ("语速", "Pace"),
        "pace-is": ("每分钟 {n} 字", "{n} characters a minute"),
        "speech.zh-CN": ("普通话", "Mandarin"),
        "speech.en": ("英语", "English"),
        "speech.zh-HK": ("粤语", "Cantonese"),
        "speech.music": ("音乐", "Music"),
        "synthetic": (
            "系统提示音由合成语音生成。",
            "The system's prompts are spoken by a synthetic voice.",
        ),
        "role.owner": ("负责人", "Owner"),
        "role.supervisor": ("主管", "Supervisor"),
        "role.reviewer": ("质检员", "Reviewer"),
        "role.agent": ("坐席", "Agent"),
        "role.installer": ("安装人员", "Installer"),
        "page-language": ("页面语言", "Language of the page"),
        "language-browser": ("随浏览器", "As the browser asks"),
        "own-account": ("修改自己的账户", "changed his own account"),
        "save": ("保存", "Save"),
        "saved": ("已保存", "Saved"),
        "back": ("返回总览", "Back to the overview"),
        "skip": ("跳到内容", "Skip to content"),
        # what the box calls by stable names: kind.name
        "direction.inbound": ("呼入", "Incoming"),
        "direction.outbound": ("呼出", "Outgoing"),
        "direction.internal": ("内部", "Internal"),
        "outcome.answered": ("已接听", "Answered"),
        "outcome.abandoned": ("主叫放弃", "Abandoned"),
        "outcome.no_answer": ("无人接听", "No answer"),
        "outcome.busy": ("忙", "Busy"),
        "outcome.refused": ("未接通", "Not connected"),
        "outcome.failed": ("失败", "Failed"),
        "outcome.interrupted": ("中断", "Interrupted"),
        "outcome.service": ("业务操作", "Service"),
        "side.customer": ("客户", "Customer"),
        "side.agent": ("坐席", "Office"),
        "side.system": ("系统", "System"),
        "side.unknown": ("未知", "Unknown"),
        "side.internal.customer": ("主叫", "Caller"),
        "side.internal.agent": ("被叫", "Called"),
        "by.on_hook": ("挂机", "Hung up"),
        "by.loop_break": ("断环", "Loop break"),
        "by.reversal": ("反极", "Reversal"),
        "by.tone": ("忙音", "Busy tone"),
        "by.battery_lost": ("失去馈电", "Battery lost"),
        "by.silence": ("静默", "Silence"),
        "by.signal": ("信令", "Signalled"),
        "by.timer": ("超时", "Time ran out"),
        "by.flow": ("菜单结束", "Menu ended it"),
        "by.routing": ("无处可接", "Nowhere to connect"),
        "by.restart": ("重启", "Restart"),
        "by.fault": ("故障", "Fault"),
        "answered-by.reversal": ("反极", "Reversal"),
        "answered-by.signal": ("信令", "Signalled"),
        "answered-by.tone_ended": ("估计：回铃停止", "estimate: ringing stopped"),
        "answered-by.speech": ("估计：有人说话", "estimate: speech"),
        "answered-by.timer": ("估计：按时间", "estimate: by time"),
        "answered-by.machine": (
            "传真机或调制解调器的应答音",
            "answering tone of a fax machine or modem",
        ),
        "country.CN": ("中国", "China"),
        "country.HK": ("香港", "Hong Kong"),
        "country.TW": ("台湾", "Taiwan"),
        "country.SG": ("新加坡", "Singapore"),
        "country.US": ("美国", "United States"),
        "country.GB": ("英国", "United Kingdom"),
        "country.DE": ("德国", "Germany"),
        "country.FR": ("法国", "France"),
        "country.JP": ("日本", "Japan"),
        "country.AU": ("澳大利亚", "Australia"),
        "country.IN": ("印度", "India"),
        "country.BR": ("巴西", "Brazil"),
        # names that the box makes up itself
        "jack.fxs": ("话机口 {n}", "Telephone jack {n}"),
        "jack.fxo": ("外线口 {n}", "Line jack {n}"),
        "jack.sip": ("中继通路 {n}", "Trunk call {n}"),
        "line-n": ("外线 {n}", "Line {n}"),
        "to.extension": ("分机 {n}", "Extension {n}"),
        "to.group": ("振铃组 {n}", "Group {n}"),
        "to.emergency": ("紧急号码 {n}", "Emergency {n}"),
        "to.outside": ("外拨 {n}", "Outside {n}"),
        "to.flow": ("菜单", "Menu"),
        "to.queue": ("队列", "Queue"),
        "to.service": ("功能代码", "Service code"),
        # sentences of ports that are out of service
        "the port has not reported yet": ("端口尚未报告", "The port has not reported yet"),
        "the chip was reset": ("芯片被复位", "The chip was reset"),
    }
)


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
        return key.rpartition(".")[2].replace("_", " ")
    text = pair[LANGUAGES.index(language)]
    return text.format(**values) if values else text


def t(key: str, **values: object) -> str:
    """``say`` in the language of this request."""
    return say(key, g.language, **values)
