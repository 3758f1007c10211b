"""A fax that is to be sent or received, and what became of it."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from firmware.fax.outcome import Result

STATION_ID_LONGEST: Final = 20
"""Characters of a station id: digits, blank and plus (ITU-T T.30 5.3.6.2.4, CSI and TSI)."""
HEADER_LONGEST: Final = 50
"""Characters of the header line over each page that the fax library takes."""
_STATION_ID: Final = frozenset("0123456789+ ")

Direction = Literal["receive", "send"]


def station_id(number: str) -> str:
    """A number as a T.30 station id: what is no digit, plus or blank is left out."""
    return "".join(c for c in number if c in _STATION_ID)[:STATION_ID_LONGEST].strip()


class FaxJob(msgspec.Struct, frozen=True, kw_only=True):
    """One fax session on one call.

    Attributes:
        fax: Its name, once in the life of the box; the call's id is its first part.
        direction: Who sends pages.
        tiff: File to be sent, or to be written; a path in the spool folder of the fax program.
        calling: We placed the call (CNG), else we answered it (CED).
        station: Our own number, as the far machine shows it.
        header: Line over each page that is sent, empty for none.
        zone: POSIX time zone of the clock in that line (``CST-8``), empty for UTC.
        number: Who was dialled, or who calls; for the record, T.30 does not see it.
        ecm: Errors are corrected by repeating (ITU-T T.4 annex A, T.30 annex A).
        modems: Fastest first is the machines' business; these are allowed.
    """

    fax: str
    direction: Direction
    tiff: str
    calling: bool = False
    station: str = ""
    header: str = ""
    zone: str = ""
    number: str = ""
    ecm: bool = True
    modems: tuple[Literal["v17", "v29", "v27ter"], ...] = ("v17", "v29", "v27ter")


class FaxOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A fax that is to be sent once: one try, one call. Trying again is a new order.

    Attributes:
        job: Name of what is to be sent, for whoever ordered it; travels into the entries.
        number: To be dialled outside, without the office's outside prefix.
        tiff: The pages: TIFF, bilevel, 1728 pixels wide (T.4), 204 x 98 or 204 x 196 dpi.
        header: Line over each page, empty for none.
        zone: As in :class:`FaxJob`.
        station: Our own number, as the far machine shows it; empty is the office's.
        extension: In whose name and with whose permission the call goes out; empty is the first.
    """

    job: str
    number: str
    tiff: str
    header: str = ""
    zone: str = ""
    station: str = ""
    extension: str = ""


class FaxOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a job.

    Attributes:
        fax: Name of the job.
        direction: Of the job.
        result: In one word; the sentence is ``outcome.sentence(result, language)``.
        code: Completion code of T.30 as the library numbers it; negative is our own.
        pages: Pages that were sent and confirmed, or received.
        pages_in_file: Pages of the document to be sent, 0 when receiving.
        ecm: Whether errors were corrected by repeating.
        bit_rate: Of the image, bit/s.
        remote_station: The far machine's own number, as it says.
        remote_maker: Its maker and model, if it says.
        retries: Frames that were repeated (ECM).
        bad_rows: Rows of the last page that arrived damaged (without ECM).
        duration_ms: Of the session, in samples of sound.
        tiff: The file, empty when no page is in it.
        sha256: Of the file received, empty when sent or none.
    """

    fax: str
    direction: Direction
    result: Result
    code: int
    pages: int = 0
    pages_in_file: int = 0
    ecm: bool = False
    bit_rate: int = 0
    remote_station: str = ""
    remote_maker: str = ""
    retries: int = 0
    bad_rows: int = 0
    duration_ms: int = 0
    tiff: str = ""
    sha256: str = ""

    @property
    def complete(self) -> bool:
        """Every page arrived."""
        return self.result is Result.COMPLETE
