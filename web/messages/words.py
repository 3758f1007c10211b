"""Words of messages that leave the box: their settings, the page where they wait."""

from __future__ import annotations

from typing import Final

_SETTINGS: Final[dict[str, tuple[str, str]]] = {
    "area.messages": ("消息", "Messages"),
    "about.messages": (
        "短信、邮件、给其他程序的通知、话单打印口",
        "Texts, mail, hooks of other programs, call lines on a cable",
    ),
    "setting.Settings.outbox": ("消息", "Messages"),
    "setting.Outbox.texts": ("短信", "Texts"),
    "setting.Outbox.mail": ("邮件", "Mail"),
    "setting.Outbox.hooks": ("给其他程序的通知", "Hooks of other programs"),
    "setting.Outbox.call_lines": ("话单打印口（SMDR）", "Call lines on a cable (SMDR)"),
    "setting.Texts.pin": ("SIM 卡密码", "PIN of the SIM card"),
    "hint.Texts.pin": (
        "不需要时空着；密码不对只试一次，以免锁卡",
        "Empty where the card wants none. A wrong one is tried once only.",
    ),
    "setting.Texts.balance": ("查询余额的代码", "Code that asks for the balance"),
    "hint.Texts.balance": ("例如 *100#，以运营商为准", "Such as *100#; the carrier says which"),
    "setting.Texts.per_minute": ("每分钟最多几条", "Most texts a minute"),
    "setting.Texts.expire_hours": ("超过几小时就不再发", "Not sent any more after so many hours"),
    "setting.Texts.do_not_text": ("不发短信的号码", "Numbers that get no texts"),
    "setting.Texts.wordings": ("自定短信", "Texts of your own"),
    "setting.Texts.page": ("给客户的网页", "Your page for customers"),
    "hint.Texts.page": ("短信里写 {page} 的地方", "Stands for {page} in texts"),
    "setting.Wording.name": ("名称", "Name"),
    "hint.Wording.name": (
        "两位数字的可以从话机发送；survey、missed_call、reference、number 替换自带的",
        "Two digits: sent from a telephone; survey, missed_call, reference, number replace ours",
    ),
    "setting.Wording.zh": ("中文", "In Chinese"),
    "setting.Wording.en": ("英文", "In English"),
    "setting.Mail.server": ("邮件服务器", "Mail server"),
    "setting.Mail.port": ("端口", "Port"),
    "hint.Mail.port": ("STARTTLS 用 587，TLS 用 465", "587 with STARTTLS, 465 with TLS"),
    "setting.Mail.security": ("加密", "Encryption"),
    "choice.starttls": ("STARTTLS 加密", "STARTTLS"),
    "choice.tls": ("TLS 加密", "TLS"),
    "setting.Mail.user": ("用户名", "User"),
    "setting.Mail.password": ("密码", "Password"),
    "setting.Mail.sender": ("发件地址", "Sender"),
    "setting.Mail.authority": (
        "自有证书机构的证书（PEM）",
        "Certificate of your own authority (PEM)",
    ),
    "hint.Mail.authority": (
        "公网邮件服务器不用填",
        "Not needed for mail servers of the internet",
    ),
    "setting.Mail.voicemail": ("留言发到邮箱：分机 = 地址", "Voicemail by mail: mailbox = address"),
    "setting.Mail.per_minute": ("每分钟最多几封", "Most mails a minute"),
    "setting.Hook.name": ("名称", "Name"),
    "setting.Hook.secret_url": ("地址", "Address"),
    "hint.Hook.secret_url": (
        "可用 {caller} {called} {call} {agent} {event}",
        "{caller} {called} {call} {agent} {event} stand for values",
    ),
    "setting.Hook.form": ("形式", "Form"),
    "choice.json": ("JSON（带签名）", "JSON, signed"),
    "choice.wecom": ("企业微信机器人", "WeCom robot"),
    "choice.dingtalk": ("钉钉机器人", "DingTalk robot"),
    "choice.feishu": ("飞书机器人", "Feishu robot"),
    "choice.screen_pop": ("打开网址（客户弹屏）", "Open an address (screen pop)"),
    "setting.Hook.secret": ("签名密钥", "Secret that signs"),
    "setting.Hook.events": ("通知哪些事", "Of which events"),
    "choice.call_offered": ("来电", "a call comes"),
    "choice.call_answered": ("接通", "answered"),
    "choice.call_ended": ("通话结束", "a call ended"),
    "choice.text_came": ("收到短信", "a text came"),
    "setting.Hook.lan": ("在局域网内", "Within the office's network"),
    "setting.CallLines.form": ("格式", "Columns"),
    "choice.nothing": ("不打印", "nothing"),
    "choice.free": ("无流控", "no flow control"),
    "choice.panasonic": ("Panasonic 式，80 列", "Panasonic-like, 80 columns"),
    "choice.mitel": ("Mitel 式，90 列", "Mitel-like, 90 columns"),
    "choice.csv": ("CSV 格式", "CSV"),
    "setting.CallLines.baud": ("波特率", "Baud"),
    "setting.CallLines.flow": ("流控", "Flow control"),
    "choice.rts_cts": ("RTS/CTS 硬件流控", "RTS/CTS"),
    "choice.xon_xoff": ("XON/XOFF 软件流控", "XON/XOFF"),
    **{
        f"choice.{baud}": (f"{baud} 波特", f"{baud} baud")
        for baud in ("1200", "2400", "4800", "9600", "19200")
    },
}

MESSAGE_WORDS: Final = _SETTINGS
