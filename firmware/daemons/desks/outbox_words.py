"""What is said about messages that leave the box, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "away": (
        "消息服务没有运行，{count} 条消息在等待",
        "The message service does not run; {count} messages wait.",
    ),
    "bad-sms": ("短信模块：{state}", "The modem for texts: {state}."),
    "bad-mail": ("邮件发不出去：{state}", "Mail does not leave: {state}."),
    "bad-hook": ("通知发不出去：{state}", "Hooks are not delivered: {state}."),
    "bad-mqtt": ("MQTT 发不出去：{state}", "Events do not reach the MQTT broker: {state}."),
    "bad-smdr": ("话单打印口没有接收：{state}", "The cable for call lines is not read: {state}."),
    "ready": ("正常", "ready"),
    "off": ("未启用", "off"),
    "failing": ("对方没有响应", "the far side does not answer"),
    "starting": ("正在启动", "starting"),
    "no_sim": ("没有 SIM 卡", "no SIM card"),
    "pin_wanted": ("SIM 卡要密码", "the SIM card wants its PIN"),
    "pin_refused": ("SIM 卡密码不对，不再重试", "the PIN is wrong and is not tried again"),
    "no_network": ("没有注册到网络", "not registered with a network"),
    "silent": ("没有应答", "it does not answer"),
    "waiting": ("等待发送", "waiting"),
    "sending": ("正在发送", "being sent"),
    "sent": ("已发出", "sent"),
    "delivered": ("已送达", "delivered"),
    "failed": ("未送达", "failed"),
    "dropped": ("已取消", "dropped"),
    "no-code": ("没有设置余额查询代码", "The code that asks for the balance is not set."),
    "no-mail": ("没有设置邮件服务器", "No mail server is set."),
    "no-item": ("没有第 {value} 条消息", "There is no message {value}."),
    "not-open": (
        "第 {value} 条消息{state}，不能取消",
        "Message {value} is {state}; only one that waits can be dropped.",
    ),
    "number": ("号码 {value} 不能收短信", "Number {value} cannot get a text."),
    "do_not_text": ("{value} 不愿收短信", "{value} wants no texts."),
    "no_words": ("短信没有内容", "The text has no words."),
}

WORDS_AWAY: Final = ("拔掉或断电了", "unplugged or without power")


def say(key: str, language: str, **values: object) -> str:
    """A word or sentence in the reader's language."""
    pair = WORDS_AWAY if key == "away" and not values else WORDS[key]
    text = pair[0 if language.startswith("zh") else 1]
    return text.format(**values) if values else text
