"""The 49 messages of RFC 4475 at sipd, from its peer and from a stranger.

The messages are those of the archive in the RFC's appendix A, byte for byte (``rfc4475.tar.gz``;
``README.md`` says where they are from). What must come back is worked out from the RFC's text on
each message and from what this box is: no registrar, no proxy, and a trunk whose table has none
of the numbers. Silence (0) is an answer as well where the RFC lets an element drop a message.
"""

from __future__ import annotations

import re
import socket
import tarfile
import time
from pathlib import Path
from typing import Final

ARCHIVE: Final = Path(__file__).with_name("rfc4475.tar.gz")
APART_S: Final = 0.02
LISTEN_S: Final = 2.0
SIP_PORT: Final = 5_060  # where answers go to when Via names no port: RFC 3261, clause 18.2.2

_SILENCE: Final = frozenset({0})
_NOBODY: Final = frozenset({404, 400})  # 400: several of them share a branch, see RFC 3261, 17.2.3
_THERE: Final = frozenset({200, 404})  # an OPTIONS that is understood
_BAD: Final = frozenset({0, 400})
_NO_METHOD: Final = frozenset({0, 405, 501})
_NO_REGISTRAR: Final = frozenset({0, 403, 405, 501})

ANSWERS: Final[dict[str, frozenset[int]]] = {
    # 3.1.1: syntax that is odd and valid
    "wsinv": frozenset({481}),  # within a dialog that is not there
    "intmeth": _NO_METHOD,
    "esc01": _NOBODY,
    "escnull": _NO_REGISTRAR,
    "esc02": _NO_METHOD,
    "lwsdisp": _THERE,
    "longreq": _NOBODY,
    "dblreq": _NO_REGISTRAR,
    "semiuri": _THERE,
    "transports": _THERE,
    "mpart01": frozenset({200, 403, 405, 415}),
    "unreason": _SILENCE,
    "noreason": _SILENCE,
    # 3.1.2: syntax that is not valid; what can be understood without doubt may be
    "badinv01": _BAD,
    "clerr": _BAD | _NOBODY,  # refused for what it asks before its length is looked at
    "ncl": _BAD,
    "scalar02": _BAD | _NO_REGISTRAR,
    "scalarlg": _SILENCE,
    "quotbal": _BAD,
    "ltgtruri": _BAD,
    "lwsruri": _BAD,
    "lwsstart": _BAD | _NOBODY,
    "trws": _BAD | _THERE,
    "escruri": _BAD | _NOBODY,
    "baddate": _BAD | _NOBODY,
    "regbadct": _BAD | _NO_REGISTRAR,
    "badaspec": _BAD | _THERE,
    "baddn": _BAD | _THERE,
    "badvers": frozenset({0, 400, 505}),
    "mismatch01": _BAD,
    "mismatch02": _BAD | _NO_METHOD,
    "bigcode": _SILENCE,
    # 3.2: transactions
    "badbranch": _BAD | _THERE,
    # 3.3: what an application makes of it
    "insuf": _BAD,
    "unkscm": frozenset({0, 400, 416, 404, 200}),
    "novelsc": frozenset({0, 400, 416, 404, 200}),
    "unksm2": _BAD | _NO_REGISTRAR | {416},
    "bext01": frozenset({420}) | _THERE,  # the library answers OPTIONS whatever it requires
    "invut": frozenset({415}) | _NOBODY,
    "regaut01": _NO_REGISTRAR,
    "multi01": _BAD,
    "mcl01": _BAD | _THERE,
    "bcast": _SILENCE,
    "zeromf": frozenset({483}) | _THERE,
    "cparam01": _NO_REGISTRAR,
    "cparam02": _NO_REGISTRAR,
    "regescrt": _NO_REGISTRAR,
    "sdp01": frozenset({406, 488}) | _NOBODY,
    # 3.4: the protocol's first edition
    "inv2543": frozenset({488}) | _NOBODY,
}


def messages() -> dict[str, bytes]:
    """Every message, by the name that the RFC gives it."""
    with tarfile.open(ARCHIVE) as archive:
        found = {}
        for member in archive.getmembers():
            content = archive.extractfile(member)
            if content is not None:
                found[Path(member.name).stem] = content.read()
    return found


def call_id(message: bytes) -> bytes:
    """By which an answer is known; empty where the message has none."""
    found = re.search(rb"(?im)^(?:call-id|i)[ \t]*:[ \t\r\n]*(\S+)", message)
    return found.group(1) if found else b""


def send_all(host: str, box: tuple[str, int]) -> dict[str, set[int]]:
    """Send each from that address; the codes that came back for each, 0 for none at all."""
    said = messages()
    names = {call_id(message): name for name, message in said.items() if call_id(message)}
    heard: dict[str, set[int]] = {name: set() for name in said}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as at:
        at.bind((host, SIP_PORT))
        at.settimeout(APART_S)
        end = time.monotonic() + LISTEN_S
        for message in [*said.values(), b""]:
            if message:
                at.sendto(message, box)
                end = time.monotonic() + LISTEN_S
            while time.monotonic() < end:
                try:
                    answer = at.recv(65_535)
                except TimeoutError:
                    if message:
                        break
                    continue
                code = re.match(rb"SIP/2.0 (\d{3})", answer)
                name = names.get(call_id(answer))
                if code and name and code.group(1) != b"100":
                    heard[name].add(int(code.group(1)))
    return {name: codes or {0} for name, codes in heard.items()}


def wrong(heard: dict[str, set[int]]) -> dict[str, set[int]]:
    """What came back and must not."""
    return {name: codes for name, codes in heard.items() if not codes <= ANSWERS[name]}
