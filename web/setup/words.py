"""Words of the first steps in both languages."""

from __future__ import annotations

from typing import Final

SETUP_WORDS: Final[dict[str, tuple[str, str]]] = {
    "setup": ("开始设置", "First steps"),
    "setup-go-on": ("继续开始设置", "Go on with the first steps"),
    "setup-open": (
        "开始设置还没有完成。",
        "The first steps are not finished.",
    ),
    "setup-undo": (
        "每一步都记入修改历史，随时可以撤回。",
        "Every step is kept in the history and can be taken back there.",
    ),
    "setup-steps": ("步骤", "Steps"),
    "setup.office": ("国家和语言", "Country and language"),
    "setup.lines": ("外线", "Lines"),
    "setup.telephones": ("话机", "Telephones"),
    "setup.hours": ("上班时间", "Hours"),
    "setup.greeting": ("问候语", "Greeting"),
    "setup-next": ("下一步", "Next"),
    "setup-before": ("上一步", "Back"),
    "setup-later": ("以后再说", "Later"),
    "setup-done": ("完成", "Finish"),
    "setup-office-about": (
        "信号音、来电显示、紧急号码、节假日都随国家或地区而定。",
        "Tones, caller ID, emergency numbers and holidays follow from the country.",
    ),
    "setup-prompt-language": ("来电者听到的语言", "What callers hear"),
    "setup-lines-about": (
        "把电话公司的线插进外线口。接通的线会显示在这里，逐条测试。",
        "Plug the phone company's lines in. Those that are fed show here; test one after another.",
    ),
    "line-test": ("测试", "Test"),
    "line-test-hint": (
        "约八秒，期间不要用这条线",
        "Takes some eight seconds; leave the line alone meanwhile.",
    ),
    "line-nothing": (
        "没有接线，或电话公司没有供电",
        "Nothing is connected, or the exchange does not feed it",
    ),
    "line-fed": ("已接通，尚未测试", "Connected, not tested yet"),
    "line-measured": ("测试通过，回声衰减 {db} dB", "Tested and well, echo taken away {db} dB"),
    "line-echo": (
        "可以用，但回声偏大（{db} dB），请检查接线",
        "Works, but with some echo ({db} dB): look at the wiring",
    ),
    "line-fault.dead": (
        "没有馈电，请检查接线",
        "The exchange does not feed it: look at the wiring",
    ),
    "line-fault.no_loop": (
        "摘机后没有电流，请检查接线",
        "No current when it is taken: look at the wiring",
    ),
    "line-fault.no_dial_tone": (
        "没有拨号音：可能线路停机",
        "No dial tone: the line may be barred",
    ),
    "line-fault.broken_off": (
        "测试中断，请再试一次",
        "The test was broken off; try once more",
    ),
    "line-called": ("有来电打进过，工作正常", "Was called and works"),
    "lines-none": (
        "还没有接通的外线。没有外线也能继续，内部通话照常。",
        "No line is fed yet. You can go on without; calls within the office work.",
    ),
    "lines-again": ("再看一次", "Look again"),
    "test-call": ("试打一次", "A test call"),
    "test-call-how": (
        "用手机拨打这条线的号码，来电会显示在下面。",
        "Dial the line's number from a mobile; the call shows below.",
    ),
    "test-call-rings": ("{line} 有来电：{caller}", "{line} is called by {caller}"),
    "test-call-talks": ("{line} 已接起：{caller}", "{line} has answered {caller}"),
    "test-call-waits": ("等待来电", "Waiting for a call"),
    "setup-phones-about": (
        "逐个拿起话机：拿起的那部会亮起来，给它起个名字。",
        "Lift one handset after another: the one that is lifted lights up. Give it a name.",
    ),
    "phone-lifted": ("正拿起", "Lifted now"),
    "phone-down": ("已挂好", "On its cradle"),
    "phone-name": ("名字", "Name"),
    "phone-name-of": ("{jack} 的名字", "Name at {jack}"),
    "phone-number-of": ("{jack} 的号码", "Number at {jack}"),
    "phone-number": ("号码", "Number"),
    "setup-hours-about": (
        "上班时间以外，来电者会听到下班提示，并可以留言。节假日按国家日历。",
        "Outside these hours and on public holidays callers hear that you are closed.",
    ),
    "open-always": ("全天候", "Always open"),
    "open-hours": ("按时间", "At these hours"),
    "open-when": ("何时上班", "When you are open"),
    "open-days": ("上班日", "Days"),
    "open-from": ("从", "From"),
    "open-until": ("到", "Until"),
    "clock-needed": ("时间“{value}”须写成 09:00", "“{value}” is no time; write it as 09:00."),
    "days-needed": ("请至少选一天", "Choose at least one day."),
    "until-before": (
        "结束时间 {value} 不晚于开始时间",
        "The end {value} is not after the beginning.",
    ),
    "setup-greeting-about": (
        "来电者首先听到的话，最好是您自己的声音。",
        "What callers hear first, best in your own voice.",
    ),
    "greeting-own": ("自己的问候语已启用：", "Your own greeting is in force:"),
    "greeting-none": ("现在用的是系统的问候语。", "The system's greeting is in use."),
    "greeting-upload": ("上传录音", "Upload a recording"),
    "greeting-file": ("WAV 文件", "WAV file"),
    "greeting-handset": ("用话机录", "Record at a handset"),
    "greeting-handset-how": (
        "拿起任一部话机，拨 {code}，照提示录制；问候语的编号是 {number}。",
        "Lift a handset, dial {code} and do as you hear; the greeting has number {number}.",
    ),
    "greeting-needed": ("请先选一个 WAV 文件", "Choose a WAV file first."),
    "last-call": ("最后：用手机打进来", "At last: call the box from a mobile"),
    "last-call-how": (
        "您会听到自己的问候语，按 1 转到 {first}。通话会显示在下面。",
        "You hear your greeting; 1 leads to {first}. The call shows below.",
    ),
    "setup-saved-why": ("开始设置：{step}", "first steps: {step}"),
}
