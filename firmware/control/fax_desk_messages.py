"""What people ask of calld about faxes: send one, cancel it, try again, take its pages away.

Pages travel in parts, because a packet holds 192 kB: ``FaxPart`` after ``FaxPart``, then
``SendFax`` names the upload.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.control.office_messages import OfficeRequest

PART_BYTES = 96_000
"""Of a file in one message: base64 makes it 128 kB."""

FaxAct = Literal["cancel", "again", "delete", "seen"]


class FaxPart(OfficeRequest, frozen=True, kw_only=True, tag="fax_part"):
    """A piece of the pages: the sender draws ``upload``, ``at`` is its first byte's place."""

    upload: str
    at: int
    data: bytes
    language: str = ""


class SendFax(OfficeRequest, frozen=True, kw_only=True, tag="send_fax"):
    """Send uploaded pages to a number.

    Attributes:
        upload: Of the pages: TIFF, T.6, 1728 wide.
        number: To whom; empty with ``reply``.
        reply: The received fax that is answered, whose sender gets it; 0 for none.
        ticket: The ticket that it answers, 0 for none.
        subject: What a person calls it.
        at_ms: When, wall clock, UTC, since 1970; 0 for now.
    """

    upload: str
    number: str = ""
    reply: int = 0
    ticket: int = 0
    subject: str = ""
    at_ms: int = 0
    language: str = ""


class ChangeFax(OfficeRequest, frozen=True, kw_only=True, tag="change_fax"):
    """Cancel one that waits, try one again, take its pages away, or say that it was seen."""

    fax: int
    act: FaxAct
    why: str = ""
    language: str = ""


class FaxAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="fax_answer"):
    """It is done; number of the fax, 0 while its pages come."""

    fax: int = 0


AnyFaxRequest = FaxPart | SendFax | ChangeFax
FAX_ASK = (FaxPart, SendFax, ChangeFax)
