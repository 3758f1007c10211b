"""Every answer that refuses a call of ours, and what whoever called hears.

What is heard follows RFC 3398, clause 8.2.6, which maps answers to causes of the telephone
network, and Q.850: busy for 17, special information where the number or its owner is the reason
(1, 21, 22, 28), no answer for 18 and 19, congestion for whatever is the network's.
"""

from __future__ import annotations

from typing import Final

from tests.sip.steps import Flow, Get, Give, Step

_HEARD: Final[dict[int, tuple[str, str]]] = {
    # A peer does not choose whom the office pays for: no redirection is followed.
    300: ("several places to choose from", "congestion"),
    301: ("moved for good", "congestion"),
    302: ("moved for now", "congestion"),
    305: ("use another proxy", "congestion"),
    380: ("another service instead", "congestion"),
    400: ("a bad request", "congestion"),
    402: ("payment is required", "congestion"),
    403: ("forbidden", "congestion"),
    404: ("no such number", "special_information"),
    405: ("no such method", "congestion"),
    406: ("not acceptable", "congestion"),
    408: ("nobody answered the network", "congestion"),
    410: ("the number is gone", "special_information"),
    413: ("too large a request", "congestion"),
    415: ("no such kind of body", "congestion"),
    416: ("no such scheme", "congestion"),
    420: ("no such extension of the protocol", "congestion"),
    480: ("not there just now", "no_answer"),
    482: ("a loop", "congestion"),
    483: ("too many hops", "congestion"),
    484: ("an incomplete number", "special_information"),
    485: ("an ambiguous number", "congestion"),
    486: ("busy", "busy"),
    487: ("ended by the network", "no_answer"),
    488: ("nothing in common", "congestion"),
    500: ("a fault of the server", "congestion"),
    501: ("not implemented", "congestion"),
    502: ("a bad gateway", "congestion"),
    503: ("out of service", "congestion"),
    504: ("the next server did not answer", "congestion"),
    505: ("another version", "congestion"),
    513: ("too large a message", "congestion"),
    580: ("no room for the sound", "congestion"),
    600: ("busy everywhere", "busy"),
    603: ("declined", "special_information"),
    604: ("no such number anywhere", "special_information"),
    606: ("nothing in common anywhere", "congestion"),
    607: ("unwanted", "special_information"),
}
_EXTRA: Final[dict[int, str]] = {
    301: "Contact: <sip:900861234567890@[local_ip]>",
    302: "Contact: <sip:900861234567890@[local_ip]>",
    305: "Contact: <sip:[local_ip]:9>",
    420: "Unsupported: x",
    503: "Retry-After: 30",
}


def _refused(code: int) -> tuple[Step, ...]:
    return (Get("INVITE"), Give(code, extra=_EXTRA.get(code, "")), Get("ACK"))


REFUSALS: Final[dict[str, Flow]] = {
    **{
        f"refused {code}: {name}": Flow(
            _refused(code), (f"over {code}, {heard}",), calls=1, dials="2155550100"
        )
        for code, (name, heard) in _HEARD.items()
    },
    # Refused only after it rang: the same words, later.
    **{
        f"rings, then refused {code}": Flow(
            (Get("INVITE"), Give(180), Give(code), Get("ACK")),
            ("far side rings 180", f"over {code}, {_HEARD[code][1]}"),
            calls=1,
            dials="2155550100",
        )
        for code in (480, 486, 503, 603)
    },
}
