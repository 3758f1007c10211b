"""Caller identity as sound for a telephone: FSK of both standards, alert tones, DTMF.

Levels are per frequency at the port's 0 dBr point. The line states around the sound (on-hook
transmission, reversal, the pauses to the ring) belong to the port, not to the sound.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from firmware.core.commands import Caller
from firmware.core.country import CallerIdScheme
from firmware.media.caller_id_message import MDMF, SDMF, build, build_waiting, number_digits
from firmware.media.spandsp import DisplaySender, Standard
from firmware.media.tones import digit_sequence, peak

Linear = npt.NDArray[np.float32]

_RATE: Final = 8000
_BAUD: Final = 1200

FSK_DBM0: Final = -13.5
"""GR-30-CORE 2.3.1.1: -13.5 dBm +-1.5 dB at the exchange's interface."""

SEIZURE_BITS: Final = 300  # GR-30-CORE and EN 300 659-1: 30 bytes of 55h
MARK_BITS: Final = 180  # GR-30-CORE: 150 ms; EN 300 659-1: 180 +-25 bits
_TRAILING_MARKS: Final = 10  # EN 300 659-1: 1 to 10 mark bits after the checksum

# (mark, space) in Hz: GR-30-CORE; ITU-T V.23 by EN 300 659-2.
_TONES: Final = {"bell202": (1200, 2200), "v23": (1300, 2100)}

# EN 300 659-1: DT-AS 100 +-10 ms before data on hook; GR-30-CORE: CAS 80 +-5 ms in a conversation.
ALERT_HZ: Final = (2130, 2750)
_ALERT_MS: Final = {"dt_as": 100, "cas": 80}
ALERT_DBM0: Final = -15.0
"""Per tone: inside GR-30's CAS receiver range (-14 to -32 dBm) and BT SIN 227's."""

_ALERT_TO_DATA_MS: Final = 150  # BT practice: DT-AS, 150 ms, data; EN 300 659-1 allows 45 to 500

_JCLIP_CALLER: Final = 0x40  # NTT technical reference: caller identity message

# DTMF: the letters that China, India and most adapters agree on; codes as in caller_id_dtmf.
_DTMF_START: Final = "D"
_DTMF_END: Final = "C"
_DTMF_PRIVATE: Final = "10"
_DTMF_UNAVAILABLE: Final = "00"
_DTMF_MS: Final = 70  # tone and gap; Denmark asks for at least 50


def fsk(bits: npt.NDArray[np.int64], mark_hz: int, space_hz: int, level_dbm0: float) -> Linear:
    """Continuous-phase FSK at 1200 baud: ``bits`` of 0 and 1 as samples in int16 units."""
    cycles = np.concatenate(([0.0], np.cumsum(np.where(bits, mark_hz, space_hz) / _BAUD)))
    at = np.arange(len(bits) * _RATE // _BAUD) * (_BAUD / _RATE)  # in bits
    phase = np.interp(at, np.arange(len(bits) + 1), cycles)
    return np.asarray(peak(level_dbm0) * np.sin(2 * np.pi * phase), np.float32)


def frame(message: bytes, *, seizure_bits: int = SEIZURE_BITS) -> npt.NDArray[np.int64]:
    """The bits of a message: channel seizure, mark, bytes between start and stop bit, mark."""
    octets = np.frombuffer(message, np.uint8)[:, np.newaxis]
    data = np.unpackbits(octets, axis=1, bitorder="little")
    framed = np.pad(np.pad(data, ((0, 0), (1, 0))), ((0, 0), (0, 1)), constant_values=1)
    seizure = np.arange(seizure_bits) % 2
    marks = np.ones(MARK_BITS), framed.ravel(), np.ones(_TRAILING_MARKS)
    return np.concatenate((seizure, *marks)).astype(np.int64)


def alert_tone(kind: Literal["dt_as", "cas"]) -> Linear:
    """The dual tone that wakes a telephone: ``dt_as`` before data on hook, ``cas`` in a call."""
    at = np.arange(_ALERT_MS[kind] * _RATE // 1000) * (2 * np.pi / _RATE)
    wave = sum(np.sin(hz * at) for hz in ALERT_HZ)
    return np.asarray(peak(ALERT_DBM0) * wave, np.float32)


def _fsk_sound(standard: str, message: bytes, seizure_bits: int = SEIZURE_BITS) -> Linear:
    return fsk(frame(message, seizure_bits=seizure_bits), *_TONES[standard], FSK_DBM0)


def _dtmf_sound(caller: Caller) -> Linear:
    digits = number_digits(caller.number) or _DTMF_UNAVAILABLE
    if caller.withheld:
        digits = _DTMF_PRIVATE
    text = _DTMF_START + digits + _DTMF_END
    return digit_sequence(text, tone_ms=_DTMF_MS, pause_ms=_DTMF_MS).astype(np.float32)


def _jclip_sound(caller: Caller) -> Linear:
    """NTT's frame (parity, CRC) is libspandsp's work; the parameters are 02h number, 04h reason."""
    number = b"" if caller.withheld else number_digits(caller.number).encode()
    what, body = (0x02, number) if number else (0x04, b"P" if caller.withheld else b"O")
    payload = bytes((what, len(body))) + body
    sound = DisplaySender(Standard.JCLIP).send(bytes((_JCLIP_CALLER, len(payload))) + payload)
    return sound.astype(np.float32)


def caller_id_sound(
    scheme: CallerIdScheme,
    caller: Caller,
    when: datetime,
    *,
    single: bool = False,
    encoding: str = "ascii",
) -> Linear:
    """What a telephone is to hear of its caller, float32 in int16 units, shape (n,).

    Args:
        scheme: the country's, ``Country.caller_id_out``.
        caller: a withheld number is sent as private, an empty one as unavailable.
        when: local wall-clock time for the set's display.
        single: SDMF (date and number only), for old sets; Bell 202 alone.
        encoding: of the name, where the sets are known to show more than ASCII.

    Raises:
        ValueError: the scheme is not sent by this box.
    """
    if scheme == "fsk_bell202_between_rings":
        return _fsk_sound(
            "bell202", build(caller, when, SDMF if single else MDMF, encoding=encoding)
        )
    if scheme == "fsk_v23_between_rings":
        return _fsk_sound("v23", build(caller, when, encoding=encoding))
    if scheme == "fsk_v23_before_ring":
        pause = np.zeros(_ALERT_TO_DATA_MS * _RATE // 1000, np.float32)
        data = _fsk_sound("v23", build(caller, when, encoding=encoding))
        return np.concatenate((alert_tone("dt_as"), pause, data))
    if scheme == "dtmf_before_ring":
        return _dtmf_sound(caller)
    if scheme == "fsk_jclip_before_ring":
        return _jclip_sound(caller)
    raise ValueError(f"caller ID scheme {scheme} is not one this box sends to a telephone")


def message_waiting_sound(
    scheme: CallerIdScheme, when: datetime, *, waiting: bool
) -> Linear | None:
    """What tells an idle set that messages wait, or no longer; None where there is no such data."""
    if not scheme.startswith("fsk") or scheme == "fsk_jclip_before_ring":
        return None
    standard = "bell202" if scheme == "fsk_bell202_between_rings" else "v23"
    return _fsk_sound(standard, build_waiting(when, waiting=waiting))


def call_waiting_sound(
    scheme: CallerIdScheme, caller: Caller, when: datetime, *, encoding: str = "ascii"
) -> Linear:
    """The data of a Type II (call waiting) identity: no seizure, since the set is listening.

    To be sent after ``alert_tone("cas")`` once the set has answered with DTMF D (GR-30-CORE).
    """
    standard = "bell202" if scheme == "fsk_bell202_between_rings" else "v23"
    return _fsk_sound(standard, build(caller, when, encoding=encoding), seizure_bits=0)
