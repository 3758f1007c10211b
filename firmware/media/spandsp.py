"""Debian's libspandsp 0.0.6 through cffi: analog display messages (caller identity).

ABI mode: no compiler, so a wrong declaration would fail silently (0.0.6 and its successors differ
in argument types). The library is therefore checked when it is loaded and refused in one sentence
otherwise. Only what the box uses is declared; everything works on int16 samples at 8000/s.

Its DTMF receiver, tone detector, echo canceller and FSK modem are left out on purpose: each was
measured and found short of what a line needs (see DECISIONS.md).
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Any, Final, cast

import cffi
import numpy as np
import numpy.typing as npt

LIBRARY: Final = "libspandsp.so.2"
VERSION: Final = "0.0.6"

Samples = npt.NDArray[np.int16]

_ffi: Final = cffi.FFI()
_ffi.cdef("""
typedef void (*put_msg_func_t)(void *user_data, const uint8_t *msg, int len);
typedef struct { const char *name; int freq_zero; int freq_one; int tx_level; int min_level;
                 int baud_rate; } fsk_spec_t;
extern const fsk_spec_t preset_fsk_specs[];
void *adsi_rx_init(void *s, int standard, put_msg_func_t put_msg, void *user_data);
int adsi_rx(void *s, const int16_t *amp, int len);
int adsi_rx_free(void *s);
void *adsi_tx_init(void *s, int standard);
void adsi_tx_set_preamble(void *s, int preamble, int mark, int start, int stop, int postamble);
int adsi_tx(void *s, int16_t *amp, int max_len);
void adsi_tx_send_alert_tone(void *s);
int adsi_tx_put_message(void *s, const uint8_t *msg, int len);
int adsi_tx_free(void *s);
typedef struct { const char *dli_fname; void *dli_fbase; const char *dli_sname; void *dli_saddr; }
    Dl_info;
int dladdr(const void *addr, Dl_info *info);
""")


class SpandspError(Exception):
    """libspandsp is missing or is not the release whose declarations this module holds."""


class Standard(IntEnum):
    """Analog display standards of ``adsi_rx`` and ``adsi_tx`` (spandsp 0.0.6 ``adsi.h``)."""

    CLASS = 1  # Bell 202, Telcordia GR-30
    CLIP = 2  # V.23, ETSI EN 300 659
    JCLIP = 4  # Japan, V.23 with CRC
    CLIP_DTMF = 5


_BELL_202: Final = 6  # index in preset_fsk_specs


def _load() -> Any:
    try:
        library = cast("Any", _ffi.dlopen(LIBRARY))
    except OSError as error:
        raise SpandspError(
            f"{LIBRARY} cannot be loaded ({error}); install the Debian package libspandsp2"
        ) from error
    info = cast("Any", _ffi.new("Dl_info *"))
    system = cast("Any", _ffi.dlopen(None))
    found = system.dladdr(_ffi.cast("void *", _ffi.addressof(library, "adsi_rx_init")), info)
    path = Path(cast("bytes", _ffi.string(info.dli_fname)).decode()) if found else Path(LIBRARY)
    # The release stands in the library as a C string (its answer to AT+GMR); no call returns it.
    if not found or b"\0" + VERSION.encode() + b"\0" not in path.read_bytes():
        raise SpandspError(f"{path} is not spandsp {VERSION}, the release this box was built for")
    bell = library.preset_fsk_specs[_BELL_202]
    if (bell.freq_zero, bell.freq_one, bell.baud_rate) != (2200, 1200, 120_000):
        raise SpandspError(f"{path}: the FSK table is not laid out as in spandsp {VERSION}")
    return library


_library: Final = _load()


def _pointer(samples: Samples) -> Any:
    return _ffi.cast("int16_t *", cast("Any", _ffi).from_buffer(samples))


class DisplayReceiver:
    """``adsi_rx``: whole messages as spandsp hears them; what our own receiver is held against."""

    def __init__(self, standard: Standard) -> None:
        self._messages: list[bytes] = []
        self._put = _ffi.callback("void(void *, uint8_t *, int)", self._message)
        state = _library.adsi_rx_init(_ffi.NULL, int(standard), self._put, _ffi.NULL)
        self._state = _ffi.gc(state, _library.adsi_rx_free)

    def _message(self, _data: object, message: Any, length: int) -> None:
        self._messages.append(bytes(_ffi.buffer(message, length)))

    def receive(self, samples: Samples) -> list[bytes]:
        """Messages completed in a contiguous block of int16 samples, shape (n,)."""
        self._messages = []
        _library.adsi_rx(self._state, _pointer(samples), len(samples))
        return self._messages


class DisplaySender:
    """``adsi_tx``: one standard's message as sound, at the library's own level (about -13 dBm0)."""

    def __init__(self, standard: Standard) -> None:
        self._state = _ffi.gc(
            _library.adsi_tx_init(_ffi.NULL, int(standard)), _library.adsi_tx_free
        )

    def preamble(self, seizure_bits: int, mark_bits: int, *, postamble_bits: int = 5) -> None:
        """Set bits of channel seizure and of mark before the message, and of mark after it."""
        _library.adsi_tx_set_preamble(self._state, seizure_bits, mark_bits, -1, -1, postamble_bits)

    def alert_tone(self) -> None:
        """Send the 2130 + 2750 Hz alert first."""
        _library.adsi_tx_send_alert_tone(self._state)

    def send(self, message: bytes, *, limit_samples: int = 80_000) -> Samples:
        """Return the sound of ``message`` (type, length and payload; the checksum is added).

        Raises:
            ValueError: the library refuses the message, or it is longer than ``limit_samples``.
        """
        if _library.adsi_tx_put_message(self._state, message, len(message)) < 0:
            raise ValueError(f"spandsp does not take a message of {len(message)} bytes")
        sound = np.zeros(limit_samples, np.int16)
        length = int(_library.adsi_tx(self._state, _pointer(sound), limit_samples))
        if length >= limit_samples:
            raise ValueError(f"the message is longer than {limit_samples} samples")
        return sound[:length]
