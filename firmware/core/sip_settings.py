"""What an office sets about its trunks: providers and other offices reached by SIP.

Part of the settings document (``firmware.core.settings``), which checks shape and sentences. A
trunk's calls at a time are its lines, ``sip/1`` to ``sip/64``: each is set among the lines like a
line of the exchange, with its name, its callers' way and its part in trunk groups and routes.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Final, Literal

import msgspec

MOST_LEGS: Final = 64
"""Trunk calls at a time at most: a packet of sound between lined and sipd names the legs by a mask
of 64 bits. How many a machine has is ``trunk_legs`` of its configuration, 8 as it is delivered."""

MOST_TRUNKS: Final = 8  # accounts of the library as it is built, one kept free

Codec = Literal["PCMA", "PCMU", "G722", "opus"]
Transport = Literal["udp", "tcp", "tls"]
Say = Callable[..., None]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class SipTrunk(_Part, frozen=True, kw_only=True):
    """One way to a provider or another office.

    Attributes:
        name: What people call it.
        lines: Its calls at a time, ``sip/1`` and so on.
        host: Name or address of the far side; a name is looked up with its services (SRV).
        port: 0 is the usual one, 5060, with TLS 5061.
        transport: How messages travel.
        register: The box tells the far side where it is, and goes on telling; without it both
            know each other by their addresses.
        user: The account, or the number by which the far side knows the office.
        password: Of the account; long and random.
        realm: For whom the password is; empty is learnt from the registrar's first question.
        peers: Addresses or networks that may send calls besides the host itself.
        numbers: Number dialled by a caller, or its beginning with ``*``, to where its calls go.
        caller: Number that is shown to those we call; empty is ``user``.
        presentation: Show the number, or hide it.
        codecs: In the order of preference.
        srtp: Encryption of sound.
        check_certificate: With TLS, the far side proves its name.
        prefix: The far side is another office of ours: its extensions are dialled behind this,
            and it may dial ours.
        offices: The far side is where several offices of ours meet: what begins with one of these
            is dialled there as it is, and they may dial ours.
    """

    name: str
    lines: tuple[str, ...] = ()
    host: str = ""
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    transport: Transport = "udp"
    register: bool = True
    user: str = ""
    password: str = ""
    realm: str = ""
    peers: tuple[str, ...] = ()
    numbers: dict[str, str] = {}
    caller: str = ""
    presentation: Literal["show", "hide"] = "show"
    codecs: tuple[Codec, ...] = ("PCMA", "PCMU", "G722")
    srtp: Literal["off", "optional", "required"] = "off"
    check_certificate: bool = True
    prefix: str = ""
    offices: tuple[str, ...] = ()

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What extensions of other offices behind this trunk begin with."""
        return tuple(prefix for prefix in (self.prefix, *self.offices) if prefix)

    @property
    def one_place(self) -> bool:
        """One machine answers for it, so that whoever was not served need not ask there again.

        Behind a name without a port there may be several (RFC 3263, clause 4.2).
        """
        return bool(self.port) or ":" in self.host or self.host.replace(".", "").isdigit()


class Sip(_Part, frozen=True, kw_only=True):
    """Everything about trunks.

    Attributes:
        trunks: None of them, and the box has no SIP port at all.
        port: Where UDP and TCP are heard; TLS is one above it.
        address: Own address to listen on; empty is every one.
        first_sound_port: Of the range for sound, two ports a call.
        least_mos: Sound below this estimate, twice in a row, is an alarm. ITU-T G.107, annex B:
            below 3.10 many users are dissatisfied.
        authority: Certificates (PEM, line by line) of those who vouch for far sides besides the
            authorities that the machine knows, as offices have for themselves.
    """

    trunks: tuple[SipTrunk, ...] = ()
    port: Annotated[int, msgspec.Meta(ge=1_024, le=65_000)] = 5_060
    address: str = ""
    first_sound_port: Annotated[int, msgspec.Meta(ge=1_024, le=65_000)] = 10_000
    least_mos: Annotated[float, msgspec.Meta(ge=1.0, le=4.5)] = 3.1
    authority: tuple[str, ...] = ()


# Per id the sentence in zh-CN and in en.
SIP_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "sip-name": ("SIP 中继须有名称", "A SIP trunk needs a name."),
    "sip-name-twice": ("SIP 中继 {value} 用了两次", "SIP trunk {value} is there twice."),
    "sip-most": (
        "SIP 中继有 {value} 条，最多 {limit} 条",
        "There are {value} SIP trunks; {limit} at most.",
    ),
    "sip-empty": (
        "SIP 中继 {value} 没有线路，须先添加 sip/1 之类的线路",
        "SIP trunk {value} has no lines; add lines such as sip/1 first.",
    ),
    "sip-line": (
        "SIP 中继里的 {value} 不是已设置的 sip 线路",
        "{value} in a SIP trunk is no line of this office named sip/N.",
    ),
    "sip-line-twice": (
        "线路 {value} 属于两条 SIP 中继",
        "Line {value} belongs to two SIP trunks.",
    ),
    "sip-line-alone": (
        "线路 {value} 不属于任何 SIP 中继",
        "Line {value} belongs to no SIP trunk.",
    ),
    "sip-host": (
        "SIP 中继的地址 {value} 须为主机名或 IP 地址",
        "SIP trunk: {value} is no name of a host and no address.",
    ),
    "sip-peer": (
        "{value} 须为 IP 地址或网段，如 192.0.2.1 或 192.0.2.0/24",
        "{value}: an address or a network is needed, such as 192.0.2.1 or 192.0.2.0/24.",
    ),
    "sip-peer-wide": (
        "网段 {value} 太大，最多 256 个地址",
        "Network {value} is too wide; 256 addresses at most.",
    ),
    "sip-user": (
        "注册的 SIP 中继须有账号",
        "A SIP trunk that registers needs a user name.",
    ),
    "sip-user-form": (
        "账号或号码 {value} 含有不允许的字符",
        "User or number {value} has characters that are not allowed.",
    ),
    "sip-password-short": (
        "密码太短，至少 {limit} 个字符",
        "The password is too short; {limit} characters at least.",
    ),
    "sip-number": (
        "被叫号码 {value} 须为数字，可以 + 开头、以 * 结尾",
        "Number {value}: digits are needed, with + before or * behind if wanted.",
    ),
    "sip-number-place": (
        "去向 {value} 不存在",
        "Calls cannot go to {value}: there is no such flow, group or extension.",
    ),
    "sip-authority": (
        "自有签发机构的证书须为 PEM 格式：以 -----BEGIN CERTIFICATE----- 开头的完整内容",
        "The authority's certificate must be PEM: all of it, from -----BEGIN CERTIFICATE----- on.",
    ),
    "sip-check-mixed": (
        "各 TLS 中继须一致核对证书：一条不核对，其余也失去保护",
        "TLS trunks must agree on checking certificates: one without it would expose the others.",
    ),
    "sip-prefix": (
        "对方分机的前缀 {value} 须为 1 至 3 位数字",
        "Prefix {value} of the other office: one to three digits are needed.",
    ),
    "sip-prefix-clash": (
        "对方分机的前缀 {value} 与本处的 {limit} 冲突",
        "Prefix {value} of the other office clashes with {limit} here.",
    ),
    "sip-codecs": ("须至少选一种语音编码", "Choose at least one codec."),
    "sip-srtp-tls": (
        "语音加密要求 TLS 传输，否则密钥以明文发送",
        "Encrypted sound needs TLS: otherwise its keys travel in the clear.",
    ),
}

SHORTEST_PASSWORD: Final = 8
_WIDEST: Final = {4: 24, 6: 120}  # 256 addresses
_HOST = re.compile(r"(?=.{1,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?)+")
_USER = re.compile(r"[A-Za-z0-9+_.!~*'()&=$,;?/-]{1,64}")  # RFC 3261, clause 25.1: user, unescaped
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_CALLED = re.compile(r"\+?\d{1,20}\*?")


def trunk_of(sip: Sip, port: str) -> SipTrunk | None:
    """The trunk whose calls a line carries."""
    return next((trunk for trunk in sip.trunks if port in trunk.lines), None)


def is_host(text: str) -> bool:
    """Whether it can be looked up or called: a name or an address."""
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return _HOST.fullmatch(text) is not None
    return True


def is_pem(text: str) -> bool:
    """Whether a text is certificates and nothing else (RFC 7468, clause 5)."""
    blocks = _PEM.findall(text)
    if not blocks or _PEM.sub("", text).strip():
        return False
    try:
        made = [base64.b64decode("".join(block.split()), validate=True) for block in blocks]
    except ValueError:
        return False
    return all(der[:1] == b"\x30" for der in made)  # a SEQUENCE: X.690, clause 8.9


def check_sip(
    sip: Sip,
    ports: Iterable[str],
    places: Collection[str],
    say: Say,
    taken_digits: Collection[str] = (),
) -> None:
    """Trunks have lines of this office, peers are addresses, numbers lead somewhere.

    Args:
        sip: What is set.
        ports: Lines of the office.
        places: Where calls can go: numbers of the house, ``flow:NAME``.
        say: Told path, sentence and values of each problem.
        taken_digits: What else a dialled number may begin with: outside prefixes, help.
    """
    lines = {port for port in ports if port.startswith("sip/")}
    names: set[str] = set()
    taken: set[str] = set()
    if len(sip.trunks) > MOST_TRUNKS:
        say("sip.trunks", "sip-most", len(sip.trunks), MOST_TRUNKS)
    for at, trunk in enumerate(sip.trunks):
        path = f"sip.trunks.{at}"
        if not trunk.name:
            say(f"{path}.name", "sip-name")
        if trunk.name in names:
            say(f"{path}.name", "sip-name-twice", trunk.name)
        names.add(trunk.name)
        if not trunk.lines:
            say(f"{path}.lines", "sip-empty", trunk.name)
        for line_at, port in enumerate(trunk.lines):
            if port not in lines:
                say(f"{path}.lines.{line_at}", "sip-line", port)
            elif port in taken:
                say(f"{path}.lines.{line_at}", "sip-line-twice", port)
            taken.add(port)
        _check_trunk(trunk, path, places, say)
    for port in sorted(lines - taken):
        say("sip.trunks", "sip-line-alone", port)
    dialled = [*taken_digits, *(place for place in places if place.isdigit())]
    for at, trunk in enumerate(sip.trunks):
        _check_prefixes(trunk, f"sip.trunks.{at}", dialled, say)
        dialled += trunk.prefixes
    if len({t.check_certificate for t in sip.trunks if t.transport == "tls"}) > 1:
        say("sip.trunks", "sip-check-mixed")
    if sip.authority and not is_pem("\n".join(sip.authority)):
        say("sip.authority", "sip-authority")


def _check_prefixes(trunk: SipTrunk, path: str, dialled: Iterable[str], say: Say) -> None:
    taken = list(dialled)
    if trunk.prefix:
        _check_prefix(trunk.prefix, f"{path}.prefix", taken, say)
        taken.append(trunk.prefix)
    for at, prefix in enumerate(trunk.offices):
        _check_prefix(prefix, f"{path}.offices.{at}", taken, say)
        taken.append(prefix)


def _check_prefix(prefix: str, path: str, dialled: Iterable[str], say: Say) -> None:
    if not re.fullmatch(r"[0-9]{1,3}", prefix):
        say(path, "sip-prefix", prefix)
        return
    clash = next((one for one in dialled if one.startswith(prefix) or prefix.startswith(one)), "")
    if clash:
        say(path, "sip-prefix-clash", prefix, clash)


def _check_trunk(trunk: SipTrunk, path: str, places: Collection[str], say: Say) -> None:
    if not is_host(trunk.host):
        say(f"{path}.host", "sip-host", trunk.host)
    if trunk.register and not trunk.user:
        say(f"{path}.user", "sip-user")
    for field in ("user", "caller"):
        value = getattr(trunk, field)
        if value and not _USER.fullmatch(value):
            say(f"{path}.{field}", "sip-user-form", value)
    if trunk.password and len(trunk.password) < SHORTEST_PASSWORD:
        say(f"{path}.password", "sip-password-short", "", SHORTEST_PASSWORD)
    for at, peer in enumerate(trunk.peers):
        try:
            network = ipaddress.ip_network(peer)
        except ValueError:
            say(f"{path}.peers.{at}", "sip-peer", peer)
            continue
        if network.prefixlen < _WIDEST[network.version]:
            say(f"{path}.peers.{at}", "sip-peer-wide", peer)
    for number, place in trunk.numbers.items():
        if not _CALLED.fullmatch(number):
            say(f"{path}.numbers.{number}", "sip-number", number)
        if place not in places:
            say(f"{path}.numbers.{number}", "sip-number-place", place)
    if not trunk.codecs:
        say(f"{path}.codecs", "sip-codecs")
    if trunk.srtp == "required" and trunk.transport != "tls":
        say(f"{path}.srtp", "sip-srtp-tls")
