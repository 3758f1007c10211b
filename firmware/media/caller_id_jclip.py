"""Caller identity as Japan's network sends it (NTT "number display"): V.23, parity, a CRC.

Bits and frame are libspandsp's work, which checks parity and CRC; what stands in the frame is read
here, by the same rule as everywhere: any doubt gives nothing rather than a wrong number.

Source: NTT technical reference for telephone services, number display; the frame is DLE SOH,
header, DLE STX, message, DLE ETX (ISO 1745), the message type 40h with the parameters 02h number
and 04h reason for its absence.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.core.events import IdentityKind
from firmware.media.caller_id_message import LONGEST_NUMBER, Identity
from firmware.media.spandsp import DisplayReceiver, Standard

Linear = npt.NDArray[np.float32]

METHOD: Final = "fsk_jclip"
_FRAME: Final = re.compile(rb"\x10\x01.*?\x10\x02(.*)\x10\x03", re.DOTALL)
_CALLER: Final = 0x40
_NUMBER: Final = 0x02
_REASON: Final = 0x04
_DIGITS: Final = re.compile(rb"[0-9*#]{1,%d}" % LONGEST_NUMBER)

# P: withheld. O: the network cannot tell; C: a public telephone; S: the services clash.
_PRIVATE: Final = b"P"
_UNAVAILABLE: Final = frozenset({b"O", b"C", b"S"})


def parse(frame: bytes) -> Identity | None:
    """Read a whole frame, parity taken off; None if it is no identity or cannot be trusted."""
    found = _FRAME.fullmatch(frame)
    if found is None:
        return None
    # Within a frame a byte 10h is sent twice (ISO 1745).
    message = found[1].replace(b"\x10\x10", b"\x10")
    if len(message) < 2 or message[0] != _CALLER or len(message) != message[1] + 2:
        return None
    fields: dict[int, bytes] = {}
    at = 2
    while at < len(message):
        if at + 2 > len(message) or at + 2 + message[at + 1] > len(message):
            return None
        kind, body = message[at], message[at + 2 : at + 2 + message[at + 1]]
        if fields.setdefault(kind, body) != body:
            return None
        at += 2 + len(body)
    number, reason = fields.get(_NUMBER, b""), fields.get(_REASON, b"")
    if number:
        if reason or not _DIGITS.fullmatch(number):
            return None
        return Identity(IdentityKind.NUMBER, number.decode("ascii"), method=METHOD)
    if reason == _PRIVATE:
        return Identity(IdentityKind.PRIVATE, method=METHOD)
    return Identity(IdentityKind.UNAVAILABLE, method=METHOD) if reason in _UNAVAILABLE else None


_LEVEL: Final = 2500.0
"""What the library is given (RMS, about -19 dBm0): alone it stops at -29 dBm0."""

_MOST_GAIN: Final = 40.0  # 32 dB: data at -45 dBm0; fainter sound stays faint
_DECAY: Final = 0.9  # of the level kept per stretch


class JclipReceiver:
    """The receiver of one line, for one call."""

    def __init__(self) -> None:
        self._receiver = DisplayReceiver(Standard.JCLIP)
        self._level = 0.0

    def feed(self, samples: Linear) -> list[Identity]:
        """Listen to the next samples, shape (n,), int16 units."""
        rms = float(np.sqrt(samples.dot(samples) / max(len(samples), 1)))
        self._level = max(rms, _DECAY * self._level, _LEVEL / _MOST_GAIN)
        sound = np.clip(np.rint(samples * (_LEVEL / self._level)), -32768, 32767).astype(np.int16)
        found = [parse(frame) for frame in self._receiver.receive(sound)]
        return [identity for identity in found if identity is not None]
