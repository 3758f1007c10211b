"""What a final answer to our call means for it: what the caller is told, and whether to go on.

The classes follow RFC 3398, clause 8.2.6 (answers to causes of the telephone network) and RFC
3261, clause 21; the third column is the box's own decision of what is worth another way.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Told = Literal["busy", "congestion", "special_information", "no_answer"]


class Meaning(NamedTuple):
    """One answer.

    Attributes:
        tone: What the caller hears, and with that the outcome of the call.
        another_way: Nobody was reached and another trunk or line may do better.
    """

    tone: Told
    another_way: bool


_TABLE: Final[dict[int, Meaning]] = {
    # The one who is called has spoken: no other way reaches anybody else (RFC 3261, 21.6).
    486: Meaning("busy", another_way=False),
    600: Meaning("busy", another_way=False),
    603: Meaning("special_information", another_way=False),
    607: Meaning("special_information", another_way=False),  # unwanted: RFC 8197
    480: Meaning("no_answer", another_way=False),
    487: Meaning("no_answer", another_way=False),
    # The number is wrong: RFC 3398 maps them to cause 1 (unallocated) or 28 (form).
    404: Meaning("special_information", another_way=False),
    410: Meaning("special_information", another_way=False),
    484: Meaning("special_information", another_way=False),
    604: Meaning("special_information", another_way=False),
    # This way is closed, the number may be fine.
    401: Meaning("congestion", another_way=True),
    402: Meaning("congestion", another_way=True),
    403: Meaning("congestion", another_way=True),
    407: Meaning("congestion", another_way=True),
    408: Meaning("congestion", another_way=True),
    415: Meaning("congestion", another_way=True),
    420: Meaning("congestion", another_way=True),
    421: Meaning("congestion", another_way=True),
    433: Meaning("congestion", another_way=True),  # anonymity disallowed: RFC 5079
    488: Meaning("congestion", another_way=True),
    606: Meaning("congestion", another_way=True),
}
_WAY_CLOSED: Final = Meaning("congestion", another_way=True)
_FAILED: Final = Meaning("congestion", another_way=False)


def meaning(code: int) -> Meaning:
    """What the final answer ``code`` (300 to 699) means.

    Every 5xx is about the server and not the number (RFC 3261, 21.5), so another way is tried.
    Redirections are not followed: a peer does not choose whom the office pays for.
    """
    known = _TABLE.get(code)
    if known is not None:
        return known
    if 500 <= code < 600:
        return _WAY_CLOSED
    return _FAILED


def refusal(reason: Literal["stranger", "busy", "unknown_number", "no_codec"]) -> int:
    """The code with which a call from outside is refused."""
    return {"stranger": 403, "busy": 486, "unknown_number": 404, "no_codec": 488}[reason]
