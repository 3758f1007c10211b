"""What an office sets about what leaves the box besides speech: texts, mail, hooks, call lines.

The modem and the printer cable themselves are part of the machine (``machine.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec

Say = Callable[..., None]

HookForm = Literal["json", "wecom", "dingtalk", "feishu", "screen_pop"]
HookEvent = Literal["call_offered", "call_answered", "call_ended", "text_came"]
SmdrForm = Literal["nothing", "panasonic", "mitel", "csv"]

ADDRESS: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?")
PIN: Final = re.compile(r"[0-9]{4,8}")
BALANCE: Final = re.compile(r"[*#0-9]{2,20}")
HOOK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
NUMBER: Final = re.compile(r"\+?[0-9]{3,20}")
TEMPLATE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")
LONGEST_TOPIC: Final = 100  # chosen; MQTT takes 65,535 bytes
LONGEST_TEMPLATE: Final = 700  # five parts of Chinese are 335; nobody reads more


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Wording(_Part, frozen=True, kw_only=True):
    """A text to customers that the office words itself; ``{name}`` stands for a value.

    Attributes:
        name: As menus call it; two digits let a telephone send it by code.
        zh: In Chinese.
        en: In English.
    """

    name: str
    zh: str = ""
    en: str = ""


class Texts(_Part, frozen=True, kw_only=True):
    """Texts by the modem.

    Attributes:
        pin: Of the SIM card, empty where it wants none. A wrong one is typed once only.
        balance: What the carrier is asked for the balance by, such as ``*100#``.
        per_minute: At most so many a minute; carriers cut off who sends more.
        expire_hours: A text that old is not sent any more.
        do_not_text: Numbers that get none.
        wordings: The office's own.
        page: The office's page for callers, put into texts as ``{page}``.
        missed_call: Mobiles whose call nobody took get the text of that name by themselves.
        open_ticket: A text of a mobile that answers nothing and has no open ticket opens one.
        survey: Mobiles that spoke with an agent and were not asked how it was, likewise.
    """

    pin: str = ""
    balance: str = ""
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=60)] = 12
    expire_hours: Annotated[int, msgspec.Meta(ge=1, le=168)] = 24
    do_not_text: tuple[str, ...] = ()
    wordings: tuple[Wording, ...] = ()
    page: str = ""
    open_ticket: bool = False
    missed_call: bool = False
    survey: bool = False


class Mail(_Part, frozen=True, kw_only=True):
    """How mail leaves.

    Attributes:
        server: Name of the mail server; empty for no mail.
        port: 587 for STARTTLS, 465 for TLS (RFC 8314, 3).
        security: STARTTLS or TLS from the first byte; there is no mail without.
        user: Empty where the server wants none.
        password: Of that user.
        sender: Address that mail comes from.
        authority: Certificate of an office's own authority (PEM); empty: the usual ones.
        voicemail: Extension to the address that gets its messages.
        without_sound: Extensions whose mail only says who called; the sound stays in the box.
        sound_mb: Longer sound stays in the box; mail servers refuse what is too large.
        per_minute: At most so many a minute.
    """

    server: str = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""
    authority: str = ""
    voicemail: dict[str, str] = {}
    without_sound: tuple[str, ...] = ()
    sound_mb: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=600)] = 30


class Hook(_Part, frozen=True, kw_only=True):
    """Another program that is told what happens here.

    Attributes:
        name: Of small letters, digits and hyphens.
        secret_url: Where to; the address of a robot is its password. ``{caller}``, ``{called}``,
            ``{call}``, ``{agent}`` and ``{event}`` stand for values.
        form: How it is told; ``screen_pop`` asks for the address and sends nothing.
        secret: Signs what is sent; empty signs nothing.
        events: Of which; empty for none.
        lan: The address is of the office's own network, and may be http.
    """

    name: str
    secret_url: str
    form: HookForm = "json"
    secret: str = ""
    events: tuple[HookEvent, ...] = ("call_ended",)
    lan: bool = False


class Broker(_Part, frozen=True, kw_only=True):
    """A broker that passes on what happens here to whoever subscribed (MQTT 5).

    Attributes:
        server: Name or address of the broker; empty for none.
        port: 8883 with TLS, 1883 in clear (IANA).
        security: In clear only to a broker of the office's own network.
        user: Empty where the broker wants none.
        password: Of that user.
        authority: Certificate of an office's own authority (PEM); empty: the usual ones.
        topic: What the names of topics begin with; behind it stand a slash and the event.
        events: Of which; empty for none.
    """

    server: str = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 8883
    security: Literal["tls", "in_clear"] = "tls"
    user: str = ""
    password: str = ""
    authority: str = ""
    topic: str = "tipring"
    events: tuple[HookEvent, ...] = ("call_answered", "call_ended", "call_offered")


class CallLines(_Part, frozen=True, kw_only=True):
    """Call records on a serial cable, a line for each call (SMDR).

    Attributes:
        form: The columns.
        baud: Of the cable.
        flow: How the reader says that he is not ready.
    """

    form: SmdrForm = "nothing"
    baud: Literal["1200", "2400", "4800", "9600", "19200"] = "9600"
    flow: Literal["rts_cts", "xon_xoff", "free"] = "rts_cts"


class Outbox(_Part, frozen=True, kw_only=True):
    """All of it."""

    texts: Texts = Texts()
    mail: Mail = Mail()
    hooks: tuple[Hook, ...] = ()
    mqtt: Broker = Broker()
    call_lines: CallLines = CallLines()


OUTBOX_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "sim-pin": ("SIM 卡密码须为 4 至 8 位数字", "The PIN of a SIM card is 4 to 8 digits."),
    "balance-code": (
        "余额查询代码 {value} 只能含数字、* 和 #",
        "The code that asks for the balance, {value}: digits, * and # only.",
    ),
    "text-number": (
        "号码 {value} 须为 3 至 20 位数字",
        "Number {value}: 3 to 20 digits are needed.",
    ),
    "wording-name": (
        "短信模板名称 {value} 只能用小写字母、数字和连字符",
        "The name of a text, {value}: small letters, digits and hyphens.",
    ),
    "wording-twice": ("短信模板 {value} 有两个", "There are two texts called {value}."),
    "wording-empty": (
        "短信模板 {value} 没有内容",
        "The text {value} has no words.",
    ),
    "wording-long": (
        "短信模板 {value} 超过 {limit} 字",
        "The text {value} is longer than {limit} characters.",
    ),
    "mail-server": (
        "邮件服务器 {value} 不是主机名",
        "The mail server {value} is no name of a host.",
    ),
    "mail-sender": (
        "发件地址 {value} 不是邮件地址",
        "The sender {value} is no mail address.",
    ),
    "mail-address": ("{value} 不是邮件地址", "{value} is no mail address."),
    "mail-authority": (
        "证书须为 PEM 格式（-----BEGIN CERTIFICATE-----）",
        "The certificate has to be PEM (-----BEGIN CERTIFICATE-----).",
    ),
    "mail-box": (
        "{value} 不是有留言信箱的分机",
        "{value} is no extension or group with a mailbox.",
    ),
    "broker-server": (
        "MQTT 服务器 {value} 不是主机名",
        "The MQTT broker {value} is no name of a host.",
    ),
    "broker-topic": (
        "MQTT 主题 {value} 不能为空，不能含 + 和 #，不能以 / 或 $ 开头，最长 {limit} 个字符",
        "The topic {value}: no + or #, no / or $ at its beginning, 1 to {limit} characters.",
    ),
    "hook-name": (
        "通知名称 {value} 只能用小写字母、数字和连字符，最长 30 个",
        "The name of a hook, {value}: small letters, digits and hyphens, at most 30.",
    ),
    "hook-twice": ("通知 {value} 有两个", "There are two hooks called {value}."),
    "hook-url": (
        "通知 {value} 的地址须以 https:// 开头；只有局域网地址可以用 http://",
        "The address of hook {value} begins with https://, or http:// within the office's network.",
    ),
}


def check_outbox(outbox: Outbox, mailboxes: set[str], say: Say) -> None:
    """What a shape cannot say.

    Args:
        outbox: The settings.
        mailboxes: Extensions and groups that have a mailbox.
        say: Called with path, id and values of each problem.
    """
    _check_texts(outbox.texts, say)
    mail = outbox.mail
    if mail.server and not HOST.fullmatch(mail.server):
        say("outbox.mail.server", "mail-server", mail.server)
    if (mail.server or mail.sender) and not ADDRESS.fullmatch(mail.sender):
        say("outbox.mail.sender", "mail-sender", mail.sender or "-")
    if mail.authority and "-----BEGIN CERTIFICATE-----" not in mail.authority:
        say("outbox.mail.authority", "mail-authority")
    for box, address in mail.voicemail.items():
        if box not in mailboxes:
            say(f"outbox.mail.voicemail.{box}", "mail-box", box)
        elif not ADDRESS.fullmatch(address):
            say(f"outbox.mail.voicemail.{box}", "mail-address", address)
    for box in mail.without_sound:
        if box not in mail.voicemail:
            say("outbox.mail.without_sound", "mail-box", box)
    _check_broker(outbox.mqtt, say)
    names: set[str] = set()
    for at, hook in enumerate(outbox.hooks):
        if not HOOK_NAME.fullmatch(hook.name):
            say(f"outbox.hooks.{at}.name", "hook-name", hook.name)
        elif hook.name in names:
            say(f"outbox.hooks.{at}.name", "hook-twice", hook.name)
        names.add(hook.name)
        if not _url_holds(hook):
            say(f"outbox.hooks.{at}.secret_url", "hook-url", hook.name)


def _check_broker(broker: Broker, say: Say) -> None:
    if broker.server and not HOST.fullmatch(broker.server):
        say("outbox.mqtt.server", "broker-server", broker.server)
    if broker.authority and "-----BEGIN CERTIFICATE-----" not in broker.authority:
        say("outbox.mqtt.authority", "mail-authority")
    # MQTT 5, 4.7: + and # are of filters, topics of brokers' own begin with $.
    bad = not broker.topic or len(broker.topic) > LONGEST_TOPIC or set(broker.topic) & set("+#\0")
    if bad or broker.topic[0] in "/$" or broker.topic.endswith("/"):
        say("outbox.mqtt.topic", "broker-topic", broker.topic or "-", LONGEST_TOPIC)


def _check_texts(texts: Texts, say: Say) -> None:
    if texts.pin and not PIN.fullmatch(texts.pin):
        say("outbox.texts.pin", "sim-pin")
    if texts.balance and not BALANCE.fullmatch(texts.balance):
        say("outbox.texts.balance", "balance-code", texts.balance)
    for at, number in enumerate(texts.do_not_text):
        if not NUMBER.fullmatch(number):
            say(f"outbox.texts.do_not_text.{at}", "text-number", number)
    seen: set[str] = set()
    for at, wording in enumerate(texts.wordings):
        path = f"outbox.texts.wordings.{at}"
        if not TEMPLATE.fullmatch(wording.name):
            say(f"{path}.name", "wording-name", wording.name)
        elif wording.name in seen:
            say(f"{path}.name", "wording-twice", wording.name)
        seen.add(wording.name)
        if not wording.zh and not wording.en:
            say(f"{path}.zh", "wording-empty", wording.name)
        if len(wording.zh) > LONGEST_TEMPLATE or len(wording.en) > LONGEST_TEMPLATE:
            say(f"{path}.zh", "wording-long", wording.name, LONGEST_TEMPLATE)


def _url_holds(hook: Hook) -> bool:
    try:
        parts = urlsplit(hook.secret_url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return named and (parts.scheme == "https" or (parts.scheme == "http" and hook.lan))
