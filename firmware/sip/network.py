"""Whether the network to a trunk's far side carries speech: what was found, and the verdict.

A test asks the far side again and again whether it is there (OPTIONS, RFC 3261, clause 11), never
twice for one question, so that a packet that is lost is seen to be lost. From loss, round trips
and their spread follows what speech over this network would sound like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from firmware.sip.identity import fields
from firmware.sip.quality import mos

PROBES: Final = 20
"""Chosen: with ten a second the test lasts two seconds, and one lost packet is 5 %."""

LONGEST_MS: Final = 1_000
"""An answer after this is as good as none: a conversation with such a round trip is none (ITU-T
G.114 has 400 ms one way as the limit)."""

GOOD_MOS: Final = 4.03  # ITU-T G.107, annex B: at R 80 users are satisfied
USABLE_MOS: Final = 3.1  # the same: at R 60 many are dissatisfied

Grade = Literal["good", "usable", "bad", "none"]


class NetworkFound(msgspec.Struct, frozen=True, kw_only=True):
    """What one test of a trunk's network found.

    Attributes:
        trunk: Its name.
        host: As it is set.
        transport: udp, tcp, tls.
        addresses: What the host stands for, empty if that cannot be found out.
        problem: Why nothing could be asked, as the system or the certificate's check says it.
        certificate: The problem is the far side's certificate.
        state: Of the trunk's registration, a state of ``firmware.sip.trunk``.
        reason: Why the trunk cannot be used, empty if it can.
        sent: Questions.
        trips_ms: Of those that were answered, in their order.
        code: Of the last answer.
        codecs: As the far side offers them in its answer; empty where it does not say.
    """

    trunk: str
    host: str
    transport: str = "udp"
    addresses: tuple[str, ...] = ()
    problem: str = ""
    certificate: bool = False
    state: str = ""
    reason: str = ""
    sent: int = 0
    trips_ms: tuple[float, ...] = ()
    code: int = 0
    codecs: tuple[str, ...] = ()

    @property
    def loss_percent(self) -> float:
        """Of the questions, those without an answer in time."""
        return round(100.0 * (1 - len(self.trips_ms) / self.sent), 1) if self.sent else 0.0

    @property
    def trip_ms(self) -> float:
        """Mean round trip."""
        return round(sum(self.trips_ms) / len(self.trips_ms), 1) if self.trips_ms else 0.0

    @property
    def jitter_ms(self) -> float:
        """Mean difference between one round trip and the next (RFC 3393, one way taken double)."""
        steps = [abs(b - a) for a, b in zip(self.trips_ms, self.trips_ms[1:], strict=False)]
        return round(sum(steps) / len(steps), 1) if steps else 0.0

    @property
    def mos(self) -> float:
        """What speech would sound like, 1.0 to 4.5; half the loss happens on either way."""
        if not self.trips_ms:
            return 0.0
        return mos(self.loss_percent / 200, self.jitter_ms / 2, self.trip_ms)

    @property
    def grade(self) -> Grade:
        """The verdict in one word."""
        if not self.trips_ms:
            return "none"
        if self.mos >= GOOD_MOS:
            return "good"
        return "usable" if self.mos >= USABLE_MOS else "bad"


# Per sentence zh-CN and en.
_SAY: Final[dict[str, tuple[str, str]]] = {
    "no_address": (
        "找不到 {host} 的地址：{problem}。请检查对端地址和域名服务器（DNS）。",
        "No address of {host} can be found: {problem}. Check the host's name and the name server.",
    ),
    "certificate": (
        "{host} 的证书不可信：{problem}。加密连接已拒绝。",
        "The certificate of {host} is not trusted: {problem}. The connection was refused.",
    ),
    "closed": (
        "连不上 {host}：{problem}。",
        "{host} cannot be reached: {problem}.",
    ),
    "silent": (
        "{host} 对 {sent} 次询问都没有回应。请检查端口、传输方式和防火墙。",
        "{host} answered none of {sent} questions. Check port, transport and firewall.",
    ),
    "good": (
        "网络良好，可以放心通话：{figures}。",
        "The network is good for speech: {figures}.",
    ),
    "usable": (
        "网络可用，通话质量一般：{figures}。",
        "The network can be used; speech will be fair: {figures}.",
    ),
    "bad": (
        "网络不适合通话：{figures}。开通前请先改善网络。",
        "The network is not fit for speech: {figures}. Improve it before opening.",
    ),
    "figures": (
        (
            "{sent} 次询问丢失 {loss}%，往返平均 {trip} 毫秒（最长 {worst} 毫秒），"
            "抖动 {jitter} 毫秒，预计 MOS {mos}"
        ),
        (
            "{loss} % of {sent} questions lost, round trip {trip} ms (at most {worst} ms), "
            "jitter {jitter} ms, expected MOS {mos}"
        ),
    ),
    "registered": ("注册正常。", "It is registered."),
    "up": ("固定对端，不需注册。", "It is a fixed peer; nothing is registered."),
    "down": ("但中继不可用：{reason}。", "But the trunk cannot be used: {reason}."),
    "no_codec": (
        "对端提供的编码 {codecs} 与本中继所选无一相同。",
        "None of the far side's codecs ({codecs}) is chosen for this trunk.",
    ),
}


def verdict(found: NetworkFound, chosen: Sequence[str], language: str) -> str:
    """What was found, in words.

    Args:
        found: By the test.
        chosen: Codecs of the trunk.
        language: Of the reader; Chinese for ``zh-CN`` and ``zh-HK``, else English.
    """
    at = 0 if language.startswith("zh") else 1

    def say(key: str, **values: object) -> str:
        return _SAY[key][at].format(host=found.host, sent=found.sent, **values)

    problem = found.problem.rstrip(".")
    if not found.addresses:
        return say("no_address", problem=problem)
    if problem:
        return say("certificate" if found.certificate else "closed", problem=problem)
    if found.grade == "none":
        return say("silent")
    figures = say(
        "figures",
        loss=found.loss_percent,
        trip=found.trip_ms,
        worst=round(max(found.trips_ms), 1),
        jitter=found.jitter_ms,
        mos=found.mos,
    )
    parts = [say(found.grade, figures=figures)]
    if found.reason:
        parts.append(say("down", reason=found.reason.rstrip(".")))
    elif found.state in {"registered", "up"}:
        parts.append(say(found.state))
    offered = {name.lower() for name in found.codecs}
    if offered and not offered & {name.lower() for name in chosen}:
        parts.append(say("no_codec", codecs=", ".join(found.codecs)))
    return ("" if at == 0 else " ").join(parts)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Where questions go, and from where: what stands in each of them."""

    host: str  # as the trunk names it, for the Request-URI
    transport: str
    own: str  # address and port that answers go back to
    user: str = ""
    mark: str  # random: nobody else's answer counts

    def text(self, number: int) -> str:
        """The question of that number (RFC 3261, clause 11.1)."""
        target = f"sip:{self.host}"
        branch = f"z9hG4bK{self.mark}{number}"
        return "\r\n".join(
            [
                f"OPTIONS {target};transport={self.transport} SIP/2.0",
                f"Via: SIP/2.0/{self.transport.upper()} {self.own};rport;branch={branch}",
                "Max-Forwards: 70",
                f"From: <sip:{self.user or 'tipring'}@{self.host}>;tag={self.mark}",
                f"To: <{target}>",
                f"Call-ID: {self.mark}",
                f"CSeq: {number} OPTIONS",
                f"Contact: <sip:{self.own};transport={self.transport}>",
                "Accept: application/sdp",
                "Content-Length: 0",
                "\r\n",
            ]
        )

    def answered(self, message: str) -> tuple[int, int] | None:
        """Number of the question that a message answers, and the code; None if it is none."""
        first = re.match(r"SIP/2\.0 (\d{3})", message)
        if first is None or int(first[1]) < 200:
            return None
        headers = fields(message)
        if headers.get("call-id") != [self.mark]:
            return None
        number = re.match(r"(\d+)\s+OPTIONS", (headers.get("cseq") or [""])[0])
        return (int(number[1]), int(first[1])) if number else None


def codecs_in(message: str) -> tuple[str, ...]:
    """Names of codecs in a message's session description (RFC 4566, clause 6: ``a=rtpmap``)."""
    names = re.findall(r"^a=rtpmap:\d+ ([A-Za-z0-9-]+)/", message, re.MULTILINE)
    static = {"0": "PCMU", "8": "PCMA", "9": "G722"}  # RFC 3551, table 4: known by number
    listed = re.search(r"^m=audio \d+ \S+ ([\d ]+)", message, re.MULTILINE)
    named = [static[one] for one in (listed[1].split() if listed else ()) if one in static]
    return tuple(dict.fromkeys([*named, *(n for n in names if n != "telephone-event")]))
