"""Whether a network carries speech: the figures by hand, the verdict in words."""

from __future__ import annotations

import msgspec
import pytest

from firmware.sip.network import NetworkFound, Question, codecs_in, verdict

FOUND = NetworkFound(
    trunk="carrier",
    host="sip.example",
    addresses=("192.0.2.1",),
    state="registered",
    sent=5,
    trips_ms=(40.0, 44.0, 40.0, 44.0, 42.0),
    code=200,
)
QUESTION = Question(host="sip.example", transport="udp", own="192.0.2.9:40000", mark="abc")


def test_figures_by_hand() -> None:
    assert FOUND.trip_ms == 42.0
    assert FOUND.jitter_ms == 3.5  # (4 + 4 + 4 + 2) / 4
    assert FOUND.loss_percent == 0.0
    assert msgspec.structs.replace(FOUND, trips_ms=(40.0, 44.0, 40.0)).loss_percent == 40.0


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({}, ("good for speech", "round trip 42.0 ms", "It is registered."), ("网络良好", "42.0")),
        (
            {"trips_ms": (500.0, 480.0, 520.0, 500.0, 500.0)},
            ("speech will be fair", "500.0 ms"),
            ("通话质量一般",),
        ),
        ({"trips_ms": (40.0, 44.0)}, ("not fit for speech", "60.0 % of 5"), ("不适合通话",)),
        ({"trips_ms": ()}, ("answered none of 5",), ("都没有回应",)),
        (
            {"addresses": (), "problem": "Name or service not known"},
            ("No address of sip.example", "Name or service not known"),
            ("域名服务器",),
        ),
        (
            {"problem": "certificate has expired", "certificate": True, "trips_ms": ()},
            ("not trusted: certificate has expired. The connection was refused",),
            ("证书不可信", "已拒绝"),
        ),
        (
            {"problem": "Connection refused", "trips_ms": ()},
            ("cannot be reached: Connection refused.",),
            ("连不上",),
        ),
        (
            {"state": "waiting", "reason": "sip.example answered 403 Forbidden"},
            ("good for speech", "the trunk cannot be used: sip.example answered 403"),
            ("中继不可用",),
        ),
        ({"codecs": ("G729", "GSM")}, ("None of the far side's codecs (G729, GSM)",), ("编码",)),
    ],
)
def test_the_verdict_in_words(
    changes: dict[str, object], english: tuple[str, ...], chinese: tuple[str, ...]
) -> None:
    found = msgspec.structs.replace(FOUND, **changes)
    for words, language in ((english, "en"), (chinese, "zh-CN")):
        said = verdict(found, ("PCMA", "PCMU"), language)
        for word in words:
            assert word in said, said
        assert "{" not in said


def test_a_question_is_a_whole_request_and_knows_its_answer() -> None:
    lines = QUESTION.text(7).split("\r\n")
    assert lines[0] == "OPTIONS sip:sip.example;transport=udp SIP/2.0"
    # RFC 3261, clause 8.1.1: what every request has.
    for name in ("To", "From", "CSeq", "Call-ID", "Max-Forwards", "Via"):
        assert sum(line.startswith(f"{name}: ") for line in lines) == 1, name
    assert lines[-2:] == ["", ""]
    answer = "SIP/2.0 404 Not Found\r\nCall-ID: abc\r\nCSeq: 7 OPTIONS\r\n\r\n"
    assert QUESTION.answered(answer) == (7, 404)  # whoever answers at all is there
    assert QUESTION.answered(answer.replace("abc", "abd")) is None  # somebody else's
    assert QUESTION.answered(answer.replace("404 Not Found", "100 Trying")) is None


def test_codecs_of_an_answer_are_read_by_name_and_by_number() -> None:
    body = "v=0\r\nm=audio 4000 RTP/AVP 8 9 97 101\r\na=rtpmap:97 opus/48000/2\r\n"
    body += "a=rtpmap:101 telephone-event/8000\r\n"
    assert codecs_in(f"SIP/2.0 200 OK\r\n\r\n{body}") == ("PCMA", "G722", "opus")
    assert codecs_in("SIP/2.0 200 OK\r\n\r\n") == ()
