"""What modems of different makers want, as data.

General sources: 3GPP TS 27.005 (messages) and 27.007 (everything else). What a maker adds is from
the AT manuals of his series; none of these modems has been tried on this box.
"""

from __future__ import annotations

from typing import Final

import msgspec


class TextForm(msgspec.Struct, frozen=True, kw_only=True):
    """How a modem without PDU mode wants its messages (3GPP TS 27.005, 3).

    Attributes:
        ready: Commands that set it up.
        kind: The command that says what kind of message comes; ``{first}`` (octet), ``{days}``
            (validity) and ``{coding}`` (alphabet) are replaced. Empty where it has none.
        hex_numbers: Numbers are in the character set of the words, too.
        length: The octets of the text stand behind the number.
        header: It passes the header on that ties parts together; without it each part says which of
            how many it is.
        reports: It asks for reports and gives them out.
        codes: What the carrier is asked in is in the character set of the words.
    """

    ready: tuple[str, ...] = ('AT+CSCS="UCS2"', "AT+CSDH=1")
    kind: str = "AT+CSMP={first},{days},0,{coding}"
    hex_numbers: bool = True
    length: bool = False
    header: bool = True
    reports: bool = True
    codes: bool = True


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """One maker's modems.

    Attributes:
        name: Of the maker or series.
        told_by: Words in the answer to ``AT+CGMI`` and ``ATI`` that name it.
        hush: Commands that stop it from talking by itself; refusals do not matter.
        notify: How it shall tell of messages and reports, first that it takes: stored and told
            (``+CMTI``, ``+CDSI``), or reports given out directly (``+CDS``).
        memory: Stores to use, first that it takes.
        send_s: How long a message may take.
        balance: How the balance is asked for, ``{code}`` replaced; empty where it cannot.
        text: How it wants messages where it refuses PDU mode.
    """

    name: str
    told_by: tuple[str, ...]
    hush: tuple[str, ...] = ()
    notify: tuple[str, ...] = ("AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,0,0")
    memory: tuple[str, ...] = ('AT+CPMS="SM","SM","SM"',)
    send_s: int = 60
    balance: str = 'AT+CUSD=1,"{code}",15'
    text: TextForm = TextForm()


VENDORS: Final = (
    Vendor(
        name="huawei",
        told_by=("huawei",),
        hush=("AT^CURC=0",),
        notify=("AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,2,0", "AT+CNMI=2,1,0,1,0"),
    ),
    Vendor(
        name="simcom",
        told_by=("simcom", "sim800", "sim900", "sim7600", "sim7000"),
        notify=("AT+CNMI=2,1,0,1,0",),
        memory=('AT+CPMS="SM","SM","SM"', 'AT+CPMS="ME","ME","ME"'),
    ),
    Vendor(
        name="quectel",
        told_by=("quectel",),
        hush=('AT+QURCCFG="urcport","usbat"',),
        notify=("AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,1,0"),
        memory=('AT+CPMS="ME","ME","ME"', 'AT+CPMS="SM","SM","SM"'),
    ),
    # In CDMA networks these two know text mode alone (their AT manuals, +CMGF).
    Vendor(name="telit", told_by=("telit",), notify=("AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,1,0")),
    Vendor(
        name="wavecom",
        told_by=("wavecom",),
        notify=("AT+CNMI=2,1,0,1,0",),
        text=TextForm(
            ready=("AT+WSCL=6,4",),  # Chinese, as Unicode
            kind="",
            hex_numbers=False,
            length=True,
            header=False,
            reports=False,
            codes=False,
        ),
    ),
    Vendor(name="zte", told_by=("zte",), hush=("AT+ZSNT=0,0,0",)),
)
GENERAL: Final = Vendor(name="general", told_by=())


def vendor_of(said: str) -> Vendor:
    """The maker that an answer names; the general one where it names none."""
    lower = said.lower()
    return next((v for v in VENDORS if any(word in lower for word in v.told_by)), GENERAL)


# 3GPP TS 27.005, 3.2.5 (300 and up) and 23.040, 9.2.3.22 (1 to 255): what it means for the item.
FOREVER: Final = frozenset(
    {1, 8, 10, 21, 27, 28, 29, 30, 50, 69, 81, 96, 97, 99, 111, 127, 302, 305}
)
"""The same message will be refused again: number not assigned, barred, rejected, unknown
subscriber, not allowed, invalid parameter."""

SIM_WANTED: Final = frozenset({10, 13, 14, 15, 310, 311, 312, 313, 315, 316, 317, 318})
"""The SIM card is missing, locked or broken (the low ones: 27.007, 9.2)."""

MEMORY_FULL: Final = frozenset({322})

NOTHING_THERE: Final = 321
"""Invalid memory index: the place is empty."""
