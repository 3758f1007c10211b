"""The form of a kept document: what it is, which generation, and a checksum over its content."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

FORMAT: Final = "tipring-document"

Document = dict[str, Any]


class DamagedError(ValueError):
    """The bytes are no whole document; the message says what is wrong with them."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document with what is needed to trust it.

    Attributes:
        format: Always ``FORMAT``.
        schema: Number of the shape of ``data``; the meaning is the owner's.
        generation: Grows by one with every write.
        written_at: UTC, ISO 8601; for people only.
        sha256: Over the compact, key-sorted UTF-8 JSON of all other fields.
        data: The content.
    """

    format: str
    schema: int
    generation: int
    written_at: str
    sha256: str
    data: Document


def checksum(envelope: Envelope) -> str:
    """SHA-256 of all but the checksum, the same whatever the spacing or order of the file."""
    fields = msgspec.structs.asdict(envelope)
    del fields["sha256"]
    text = json.dumps(
        fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def seal(data: Document, *, schema: int, generation: int, written_at: datetime) -> bytes:
    """The bytes of a document's file, parsed back and compared before they are given out.

    Raises:
        ValueError: ``data`` cannot be said in JSON and come back the same.
    """
    try:
        envelope = Envelope(
            format=FORMAT,
            schema=schema,
            generation=generation,
            written_at=written_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            sha256="",
            data=data,
        )
        envelope = msgspec.structs.replace(envelope, sha256=checksum(envelope))
        text = json.dumps(msgspec.structs.asdict(envelope), ensure_ascii=False, allow_nan=False)
        # One value a line, for people. json's own indent is written by Python, letter by letter.
        content = msgspec.json.format(text.encode(), indent=1) + b"\n"
        same = unseal(content) == envelope
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"The document cannot be kept as JSON: {error}.") from error
    if not same:
        raise ValueError("The document cannot be kept as JSON: it does not come back the same.")
    return content


def unseal(content: bytes) -> Envelope:
    """The document in these bytes.

    Raises:
        DamagedError: they are empty, cut off, mixed, altered, or something else.
    """
    if not content:
        raise DamagedError("it is empty")
    try:
        envelope = msgspec.json.decode(content, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedError(f"it is not a whole document ({error})") from error
    if envelope.format != FORMAT:
        raise DamagedError(f"its format is {envelope.format!r} instead of {FORMAT!r}")
    if checksum(envelope) != envelope.sha256:
        raise DamagedError("its checksum does not fit its content")
    return envelope
