"""What other programs are told, checked by signatures worked out apart."""

from __future__ import annotations

import json
import subprocess

import pytest

from firmware.core.outbox_settings import Hook
from firmware.outbox.hooks import HookRequest, cut_bytes, request_of, verdict

BODY = json.dumps(
    {"event": "call_ended", "call": "00000007", "caller": "+8613800138000", "name": "王 & Söhne",
     "called": "201", "extension": "201", "outcome": "answered", "talked_s": 83}
)  # fmt: skip
NOW_S = 1_790_000_000


def made(form: str, url: str = "https://x.example/hook?key=1", key: str = "s3") -> HookRequest:
    hook = Hook(name="x", secret_url=url, form=form, secret=key)
    return request_of(hook, 42, BODY, "zh-CN", NOW_S)


def openssl(key: bytes, text: bytes, *more: str) -> bytes:
    """HMAC-SHA-256 by another program."""
    command = [
        "openssl",
        "dgst",
        "-sha256",
        "-mac",
        "HMAC",
        "-macopt",
        f"hexkey:{key.hex()}",
        *more,
    ]
    return subprocess.run(command, input=text, capture_output=True, check=True).stdout


def test_our_own_form_is_signed_with_its_time() -> None:
    request = made("json")
    told = json.loads(request.body)
    assert (told["caller"], told["delivery"]) == ("+8613800138000", 42)
    expected = openssl(b"s3", f"{NOW_S}.".encode() + request.body, "-r").split()[0].decode()
    assert request.headers["X-Tipring-Signature"] == f"sha256={expected}"
    assert request.headers["X-Tipring-Delivery"] == "42"


def test_robots_get_words_in_their_forms() -> None:
    words = "通话结束：+8613800138000 王 & Söhne → 201，answered，83 秒"
    assert json.loads(made("wecom").body) == {"msgtype": "text", "text": {"content": words}}
    assert json.loads(made("dingtalk").body) == {"msgtype": "text", "text": {"content": words}}
    assert json.loads(made("feishu", key="").body) == {
        "msg_type": "text",
        "content": {"text": words},
    }


def test_robots_are_signed_as_they_ask() -> None:
    import base64
    from urllib.parse import parse_qs, urlsplit

    stamp = NOW_S * 1000
    query = parse_qs(urlsplit(made("dingtalk").url).query)
    expected = openssl(b"s3", f"{stamp}\ns3".encode(), "-binary")
    assert query["timestamp"] == [str(stamp)]
    assert base64.b64decode(query["sign"][0]) == expected
    feishu = json.loads(made("feishu").body)
    assert base64.b64decode(feishu["sign"]) == openssl(f"{NOW_S}\ns3".encode(), b"", "-binary")


def test_an_address_is_opened_with_what_is_known_of_the_call() -> None:
    url = "https://crm.example/pop?n={caller}&who={name}&ext={agent}&x={unknown}"
    request = made("screen_pop", url)
    assert request.method == "GET"
    assert request.url == (
        "https://crm.example/pop?n=%2B8613800138000&who=%E7%8E%8B%20%26%20S%C3%B6hne&ext=201"
        "&x={unknown}"
    )


@pytest.mark.parametrize(
    ("form", "status", "body", "why", "fault", "after_ms"),
    [
        ("json", 204, b"", "", "item", 0),
        ("json", 302, b"", "302: redirects are not followed", "lasting", 0),
        ("json", 410, b"", "410", "lasting", 0),
        ("json", 429, b"", "429", "item", 120_000),
        ("json", 503, b"", "503", "channel", 120_000),
        ("wecom", 200, b'{"errcode":0,"errmsg":"ok"}', "", "item", 0),
        ("wecom", 200, b'{"errcode":45009,"errmsg":"freq"}', "45009 freq", "channel", 600_000),
        ("wecom", 200, b'{"errcode":93000}', "93000 ", "lasting", 0),
        ("feishu", 200, b'{"code":19021,"msg":"sign"}', "19021 sign", "lasting", 0),
        ("dingtalk", 200, b"<html>", "the robot answered no JSON", "item", 0),
    ],
)
def test_what_an_answer_means(
    form: str, status: int, body: bytes, why: str, fault: str, after_ms: int
) -> None:
    assert verdict(form, status, body, "120") == (why, fault, after_ms)


def test_words_are_cut_between_characters() -> None:
    assert cut_bytes("王" * 10, 30) == "王" * 10
    assert cut_bytes("王" * 11, 30) == "王" * 9 + "…"
