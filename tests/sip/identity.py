"""Flows about who calls and whom: RFC 3323, 3325, 3966, and numbers of the trunk's table."""

from __future__ import annotations

from typing import Any, Final

from tests.sip.steps import SOUND, Flow, call

_ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
_NUMBERS = {"02161234500": "flow:main", "0216123*": "201", "+86216999*": "202"}


def _rings(who: str, *, to: str = "100", place: str = "flow:main") -> tuple[str, ...]:
    return (f"rings {to} from {who} to {place}", "talks", "over 200")


def _says(who: str, caller: str = "", extra: str = "") -> Flow:
    return Flow(call(SOUND, caller=caller, extra=extra), _rings(who), calls=1)


def _dialled(to: str, place: str, **more: Any) -> Flow:
    shown = more.pop("shown", to)
    return Flow(
        call(SOUND, to=to, **more),
        _rings("13800138000", to=shown, place=place),
        calls=1,
        trunk={"numbers": _NUMBERS},
    )


IDENTITY: Final[dict[str, Flow]] = {
    # RFC 3325, clause 9.1: what the peer asserts, before what the telephone wrote
    "the peer asserts who calls": _says(
        "13900139000 Wang", extra='P-Asserted-Identity: "Wang" <sip:13900139000@[local_ip]>'
    ),
    "the peer asserts a telephone number": _says(
        "+8613900139000", extra="P-Asserted-Identity: <tel:+86-139-0013-9000>"
    ),
    "the peer asserts by the older header": _says(
        "13900139000 Li",
        extra='Remote-Party-ID: "Li" <sip:13900139000@[local_ip]>;party=calling;privacy=off',
    ),
    "what a telephone would prefer is not asserted": _says(
        "13800138000", extra="P-Preferred-Identity: <sip:110@[local_ip]>"
    ),
    # RFC 3323, clauses 4.1.1.3 and 4.2
    "a caller who hides": _says("private", extra="Privacy: id"),
    "a caller who hides by the older header": _says(
        "private", extra="Remote-Party-ID: <sip:13900139000@[local_ip]>;privacy=full"
    ),
    "a caller without a name": _says("private", caller=_ANONYMOUS),
    "a hidden caller whom the peer knows": _says(
        "private",
        caller=_ANONYMOUS,
        extra="P-Asserted-Identity: <sip:13900139000@[local_ip]>\nPrivacy: id",
    ),
    "a caller who hides nothing": _says("13800138000", extra="Privacy: none"),
    "a caller with a word for a number": _says("unavailable", caller="<sip:reception@[local_ip]>"),
    "a caller without any user": _says("unavailable", caller="<sip:[local_ip]>"),
    "a caller in Chinese": _says(
        "13800138000 王先生", caller='"王先生" <sip:13800138000@[local_ip]>'
    ),
    # text of a stranger is kept as text, one printable line, and a number is a number or none
    "a caller with a script for a name": _says(
        "unavailable <script>alert(1)</script>",
        extra='P-Asserted-Identity: "<script>alert(1)</script>" <sip:\';x@h>',
    ),
    "a caller with a formula for a number": _says(
        "unavailable", caller="<sip:=cmd%7C'%20/C%20calc'!A0@[local_ip]>"
    ),
    "a caller with a path for a number": _says(
        "unavailable", caller="<sip:..%2F..%2Fetc@[local_ip]>"
    ),
    # clause 25.1: there are no escapes in a name, so they stay what was written
    "a caller with line ends in his name": _says(
        "13800138000 a%0D%0A b", caller='"a%0D%0A b" <sip:13800138000@[local_ip]>'
    ),
    "a name of 300 letters": _says(
        f"13800138000 {'n' * 64}", caller=f'"{"n" * 300}" <sip:13800138000@[local_ip]>'
    ),
    # --- which number was dialled
    "a number of the table": _dialled("02161234500", "flow:main"),
    "a number that begins like one of the table": _dialled("02161234577", "201"),
    "a number with + that begins like one of the table": _dialled("+8621699912", "202"),
    "a number as a telephone address": _dialled(
        "02161234577",
        "201",
        uri="sip:02161234577;phone-context=x@[remote_ip]:[remote_port];user=phone",
    ),
}
