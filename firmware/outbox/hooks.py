"""What other programs are told, and how: signed JSON, group robots, an address to open. Pure.

Sources of the robots' forms: the vendors' open-platform pages on group robots (WeCom: text of at
most 2,048 bytes, 20 a minute; DingTalk: ``timestamp`` and ``sign`` in the address; Feishu: the same
two in the body). Signature of our own form: HMAC-SHA-256 (RFC 2104) over the time stamp, a dot and
the body, so that what was overheard cannot be sent again later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from firmware.core.outbox_settings import Hook, HookForm
from firmware.outbox.delivery import HOUR, MINUTE, Fault

MOST_BYTES: Final = 2_048  # of WeCom; the others take more
ROBOTS: Final = frozenset({"wecom", "dingtalk", "feishu"})
LASTING: Final = {
    "wecom": frozenset({93000, 40008, 40035}),
    "dingtalk": frozenset({310000, 300001, 400101}),
    "feishu": frozenset({19001, 19021, 19024, 9499}),
}
"""Codes of the robots that say that the address, the key or the form is wrong."""
TOO_FAST: Final = {"wecom": {45009}, "dingtalk": {130101, 660026}, "feishu": {11232, 9499}}
QUIET_MS: Final = 10 * MINUTE  # a robot of DingTalk is silent for so long

_HOLE: Final = re.compile(r"\{(caller|called|call|agent|event|name)\}")
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "call_offered": ("来电 {caller} {name}", "Call from {caller} {name}"),
    "call_answered": (
        "{caller} {name} 已接通，分机 {extension}",
        "{caller} {name} talks with {extension}",
    ),
    "call_ended": (
        "通话结束：{caller} {name} → {called}，{outcome}，{talked_s} 秒",
        "Call ended: {caller} {name} to {called}, {outcome}, {talked_s} s",
    ),
    "text_came": ("{caller} 发来短信：{text}", "Text from {caller}: {text}"),
}


class HookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request to be made."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


def request_of(hook: Hook, item: int, body: str, language: str, now_s: int) -> HookRequest:
    """The request of an item.

    Args:
        hook: Whom to tell.
        item: Its number; the same for every try, so that the receiver can tell a second one.
        body: What happened, as JSON.
        language: Of the words that robots say.
        now_s: Seconds since 1970, for signatures.
    """
    told: dict[str, Any] = msgspec.json.decode(body)
    values = {key: str(value) for key, value in told.items()}
    values.setdefault("agent", values.get("extension", ""))
    url = _HOLE.sub(lambda hole: quote(values.get(hole[1], ""), safe=""), hook.secret_url)
    if hook.form == "screen_pop":
        return HookRequest(method="GET", url=url, headers={"Accept": "*/*"})
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if hook.form == "json":
        data = msgspec.json.encode({**told, "delivery": item})
        headers["X-Tipring-Event"] = values.get("event", "")
        headers["X-Tipring-Delivery"] = str(item)
        headers["X-Tipring-Timestamp"] = str(now_s)
        if hook.secret:
            headers["X-Tipring-Signature"] = f"sha256={signature(hook.secret, now_s, data)}"
        return HookRequest(method="POST", url=url, headers=headers, body=data)
    text = cut_bytes(_words(values, language), MOST_BYTES)
    if hook.form == "feishu":
        robot: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if hook.secret:
            key = f"{now_s}\n{hook.secret}".encode()
            robot = {"timestamp": str(now_s), "sign": _base64(key, b""), **robot}
    else:
        robot = {"msgtype": "text", "text": {"content": text}}
        if hook.form == "dingtalk" and hook.secret:
            stamp = now_s * 1000
            sign = _base64(hook.secret.encode(), f"{stamp}\n{hook.secret}".encode())
            url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote(sign, safe='')}"
    return HookRequest(method="POST", url=url, headers=headers, body=msgspec.json.encode(robot))


def signature(secret: str, now_s: int, body: bytes) -> str:
    """Of our own form, in hexadecimal."""
    return hmac.new(secret.encode(), f"{now_s}.".encode() + body, hashlib.sha256).hexdigest()


def _base64(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def verdict(
    form: HookForm, status: int, body: bytes, retry_after: str = ""
) -> tuple[str, Fault, int]:
    """What an answer means: why it was not taken (empty if it was), whose fault, how long to wait.

    Args:
        form: Of the hook.
        status: Of HTTP (RFC 9110, 15).
        body: Of the answer.
        retry_after: Its header, in seconds.
    """
    after_ms = min(int(retry_after) * 1000, HOUR) if retry_after.isdecimal() else 0
    if 300 <= status < 400:
        return f"{status}: redirects are not followed", "lasting", 0
    if status in {408, 425, 429}:
        return str(status), "item", max(after_ms, MINUTE)
    if 400 <= status < 500:
        return str(status), "lasting", 0
    if not 200 <= status < 300:
        return str(status), "channel", after_ms
    if form not in ROBOTS:
        return "", "item", 0
    try:
        said = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return "the robot answered no JSON", "item", 0
    code = next((said[key] for key in ("errcode", "code", "StatusCode") if key in said), None)
    if code == 0:
        return "", "item", 0
    why = f"{code} {said.get('errmsg', said.get('msg', ''))}"[:160]
    if code in TOO_FAST[form]:
        return why, "channel", QUIET_MS
    return why, "lasting" if code in LASTING[form] else "item", 0


def cut_bytes(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, no character torn."""
    data = text.encode()
    if len(data) <= most:
        return text
    return data[: most - 3].decode(errors="ignore") + "…"


def _words(values: Mapping[str, str], language: str) -> str:
    pair = _WORDS.get(values.get("event", ""), ("{event} {call}", "{event} {call}"))
    text = pair[0 if language.startswith("zh") else 1]
    filled = re.sub(r"\{([a-z_]+)\}", lambda hole: values.get(hole[1], ""), text)
    return re.sub(r" {2,}", " ", filled).strip()
