"""Caller identity heard on an exchange line: Bell 202 and V.23 modems and DTMF, all at once.

TIA-777 asks for data at -36 dBm, and for data under mains hum 18 dB stronger. So a steep high-pass
stands in front, linear in phase (bits keep their shape); everything is float, so there is no gain
to control and nothing to clip. libspandsp alone stops at -29 dBm0 and at hum 5 dB below the data.
Any doubt about a frame gives nothing rather than a wrong number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware.media import caller_id_message as messages
from firmware.media.caller_id_dtmf import DtmfIdentity
from firmware.media.caller_id_jclip import JclipReceiver
from firmware.media.caller_id_message import NAME_ENCODINGS, Identity
from firmware.media.caller_id_sound import alert_tone, caller_id_sound
from firmware.media.dtmf import DigitReceiver
from firmware.media.fsk import CHUNK, FskReceiver

__all__ = ["STANDARDS", "CallerIdReceiver", "Identity", "alert_tone", "caller_id_sound"]

Linear = npt.NDArray[np.float32]

_WEAKEST: Final = 110.0
"""About -44 dBm0 (Bell 202) and -42 dBm0 (V.23): below the -37.8 dBm0 that BT SIN 227 asks for,
above the -48 dBm0 that GR-30 wants ignored."""

# ETSI EN 300 659-2 and Telcordia GR-30: (mark, space) in Hz, 1200 baud.
_MODEMS: Final = {"bell202": (1200, 2200), "v23": (1300, 2100)}
STANDARDS: Final = (*_MODEMS, "dtmf")

_QUIET: Final = 25.0**2
"""Mean square of a block that holds nothing: -56 dBm0. The weakest message is three times that in
amplitude, so that even a block it only half fills is louder."""

_REST_SAMPLES: Final = 1600
"""So long a quiet ends whatever was being heard; then the line is only watched. A free line costs
next to nothing, and every free line waits for an identity before the first ring."""

_KNOWN: Final = (*STANDARDS, "jclip")
"""Japan's own frame is listened for where the country's lines send it."""

_REPEAT_SAMPLES: Final = 3 * 8000  # both modems hear one message, and some exchanges repeat it


def _high_pass() -> Linear:
    """129 taps: -40 dB below 200 Hz, flat from 370 Hz; Kaiser window."""
    middle = 64
    at = np.arange(-middle, middle + 1)
    cut = 285 / 8000
    low_pass = 2 * cut * np.sinc(2 * cut * at) * np.kaiser(2 * middle + 1, 4.0)
    taps = -low_pass / low_pass.sum()
    taps[middle] += 1.0
    return np.asarray(taps, np.float32)


_HIGH_PASS: Final = _high_pass()


def _ends(message: bytes) -> bool | None:
    """Whether a message is complete: type, length, payload, checksum. None if it is none."""
    if message[0] not in messages.MESSAGE_TYPES:
        return None
    if len(message) < 2 or len(message) < message[1] + 3:
        return False
    return True if messages.checksum(message[:-1]) == message[-1] else None


class CallerIdReceiver:
    """The receiver of one line, for one call.

    Args:
        standards: which of ``STANDARDS`` to listen for, and ``jclip``.
        encodings: of names with bytes above 7Fh, likeliest first.
        category_digit: DTMF numbers begin with the caller's category (Brazil).

    Raises:
        ValueError: a standard is unknown.
    """

    def __init__(
        self,
        standards: Sequence[str] = STANDARDS,
        *,
        encodings: Sequence[str] = NAME_ENCODINGS,
        category_digit: bool = False,
    ) -> None:
        unknown = set(standards) - set(_KNOWN)
        if unknown or not standards:
            raise ValueError(
                f"caller ID standards {sorted(unknown) or standards} are none of {_KNOWN}"
            )
        self._encodings = tuple(encodings)
        self._modems = [
            FskReceiver(*_MODEMS[standard], _WEAKEST, _ends)
            for standard in standards
            if standard in _MODEMS
        ]
        self._jclip = JclipReceiver(_WEAKEST) if "jclip" in standards else None
        self._keys = DigitReceiver(1) if "dtmf" in standards else None
        self._armed = np.ones(1, np.bool_)
        self._digits = DtmfIdentity(category_digit=category_digit)
        self._window = np.zeros(len(_HIGH_PASS) - 1 + CHUNK, np.float32)
        self._filled = 0
        self._samples = 0
        self._quiet = _REST_SAMPLES
        self._method = ""
        self._last: tuple[bytes, int] = (b"", -_REPEAT_SAMPLES)

    def feed(self, samples: Linear) -> list[Identity]:
        """Listen to the next samples of the line, shape (n,), int16 units, any n."""
        found: list[Identity] = []
        if samples.dot(samples) > _QUIET * len(samples):
            self._quiet = 0
        else:
            self._quiet += len(samples)
            if self._quiet > _REST_SAMPLES:
                self._samples += len(samples)
                return found
        if self._keys is not None:
            now_ms = self._samples // 8
            for heard in self._keys.process(samples[np.newaxis, :], self._armed):
                identity = self._digits.digit(heard.digit, now_ms) if heard.down else None
                found += [identity] if identity else []
        if self._modems or self._jclip is not None:
            start, past = 0, len(_HIGH_PASS) - 1
            while start < len(samples):
                part = samples[start : start + CHUNK - self._filled]
                self._window[past + self._filled : past + self._filled + len(part)] = part
                self._filled += len(part)
                start += len(part)
                if self._filled == CHUNK:
                    found += self._demodulate()
                    self._window[:past] = self._window[-past:]
                    self._filled = 0
        self._samples += len(samples)
        return found

    def _demodulate(self) -> list[Identity]:
        clean = np.convolve(self._window, _HIGH_PASS, "valid").astype(np.float32)
        if self._jclip is not None and (japanese := self._jclip.feed(clean)):
            return japanese
        heard: set[bytes] = set()
        for modem in self._modems:
            heard.update(modem.feed(clean))
            if modem.resting and not heard:
                self._method = _tell_apart(clean[-_MEASURED:])
        if len(heard) != 1:
            return []  # nothing, or two readings of the same bits
        message = heard.pop()[:-1]
        if message == self._last[0] and self._samples - self._last[1] < _REPEAT_SAMPLES:
            return []
        self._last = (message, self._samples)
        identity = messages.parse(message, method=self._method, encodings=self._encodings)
        return [identity] if identity else []


_MEASURED: Final = 120  # samples of mark, of the 133 at least that have sounded
_MARKS: Final = np.exp(
    -2j * np.pi * np.outer([mark for mark, _ in _MODEMS.values()], np.arange(_MEASURED)) / 8000
).astype(np.complex64)


def _tell_apart(mark: Linear) -> str:
    """Which standard's mark a stretch of 15 ms holds."""
    bell, etsi = np.abs(_MARKS @ mark)
    return "fsk_bell202" if bell >= etsi else "fsk_v23"
