"""T.30 through libspandsp's ``fax_*``: one end of a fax call as samples in, samples out.

ABI mode as in ``spandsp``, which has checked the release when it was loaded. The library reads and
writes TIFF files by its own names, so an end runs where a bad file costs nothing but that fax. It
keeps no clock: its timers count the samples it is given (ITU-T T.30 5.4.3.1), and for every sample
in there is one out. Its receivers hear the line through a ``carrier_gate``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

import cffi
import numpy as np
import numpy.typing as npt

from firmware.media.carrier_gate import CarrierGate
from firmware.media.spandsp import LIBRARY, SpandspError

Samples = npt.NDArray[np.int16]

_ffi: Final = cffi.FFI()
_ffi.cdef("""
typedef struct { int bit_rate; int error_correcting_mode; int pages_tx; int pages_rx;
    int pages_in_file; int x_resolution; int y_resolution; int width; int length; int image_size;
    int encoding; int bad_rows; int longest_bad_row_run; int error_correcting_mode_retries;
    int current_status; int spare[32]; } t30_stats_t;
typedef int (*t30_phase_b_t)(void *t30, void *user_data, int result);
typedef int (*t30_phase_d_t)(void *t30, void *user_data, int result);
typedef void (*t30_phase_e_t)(void *t30, void *user_data, int code);
void *fax_init(void *s, int calling_party);
int fax_free(void *s);
int fax_rx(void *s, int16_t *amp, int len);
int fax_tx(void *s, int16_t *amp, int max_len);
void fax_set_transmit_on_idle(void *s, int on);
void *fax_get_t30_state(void *s);
void *t30_get_logging_state(void *s);
void *fax_get_logging_state(void *s);
int span_log_set_level(void *s, int level);
void t30_terminate(void *s);
int t30_call_active(void *s);
int t30_set_tx_ident(void *s, const char *id);
const char *t30_get_rx_ident(void *s);
const char *t30_get_rx_vendor(void *s);
const char *t30_get_rx_model(void *s);
int t30_set_tx_page_header_info(void *s, const char *info);
int t30_set_tx_page_header_tz(void *s, const char *tz);
void t30_set_rx_file(void *s, const char *file, int stop_page);
void t30_set_tx_file(void *s, const char *file, int start_page, int stop_page);
int t30_set_ecm_capability(void *s, int enabled);
int t30_set_rx_encoding(void *s, int encoding);
int t30_set_supported_modems(void *s, int modems);
int t30_set_supported_compressions(void *s, int compressions);
int t30_set_supported_resolutions(void *s, int resolutions);
int t30_set_supported_image_sizes(void *s, int sizes);
void t30_set_phase_b_handler(void *s, t30_phase_b_t handler, void *user_data);
void t30_set_phase_d_handler(void *s, t30_phase_d_t handler, void *user_data);
void t30_set_phase_e_handler(void *s, t30_phase_e_t handler, void *user_data);
void t30_get_transfer_statistics(void *s, t30_stats_t *t);
const char *t30_completion_code_to_str(int result);
""")

# Callbacks by ctypes: those of cffi want memory that is both written and run, which no daemon has
# (MemoryDenyWriteExecute); libffi's own do not.
_ASKED: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_TOLD: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)

MODEMS: Final = {"v27ter": 0x01, "v29": 0x02, "v17": 0x04}  # T30_SUPPORT_..., t30.h
_COMPRESSIONS: Final = 0x02 | 0x04 | 0x08  # T.4 one- and two-dimensional, T.6
_RESOLUTIONS: Final = 0x01 | 0x02 | 0x04 | 0x20000  # standard, fine, superfine; R8 across
_SIZES: Final = 0x01 | 0x02 | 0x04 | 0x10000  # A4, B4 and A3 width; any length
_ENCODING_T6: Final = 4  # T4_COMPRESSION_ITU_T6, t4_rx.h: the smallest file
_LONGEST_BLOCK: Final = 800
_SILENT: Final = 0  # SPAN_LOG_NONE: what went wrong is in the completion code
_LAST_CODE: Final = (49, b"The call dropped prematurely")


def _load() -> Any:
    library = cast("Any", _ffi.dlopen(LIBRARY))
    code, words = _LAST_CODE
    told = _ffi.string(library.t30_completion_code_to_str(code))
    if told != words:
        raise SpandspError(
            f"{LIBRARY}: completion code {code} is {told!r}, not {words!r}; "
            "its codes are not numbered as in the release this box was built for"
        )
    return library


_library: Final = _load()


class Facts(NamedTuple):
    """What is known of a session."""

    pages: int
    pages_in_file: int
    bit_rate: int
    ecm: bool
    retries: int
    bad_rows: int
    station: str
    maker: str


class T30End:
    """One end of one fax call.

    Args:
        calling: It placed the call (CNG), else it answers (CED).
        send: TIFF file to be sent; empty sends nothing.
        receive: File to be written; empty takes nothing.
        station: Own number, at most 20 of digits, plus and blank.
        header: Line over each page sent, at most 50 characters; empty for none.
        zone: POSIX time zone of the header's clock, such as ``CST-8``; empty is UTC.
        ecm: Allow error correction (T.30 annex A).
        modems: Which may carry pages, of ``MODEMS``.
    """

    def __init__(
        self,
        *,
        calling: bool,
        send: str = "",
        receive: str = "",
        station: str = "",
        header: str = "",
        zone: str = "",
        ecm: bool = True,
        modems: Sequence[str] = ("v17", "v29", "v27ter"),
    ) -> None:
        self.code: int | None = None  # completion code, once the session is over
        self.agreed = False  # the machines have agreed how to talk
        self.pages = 0
        self.samples = 0
        fax = _library.fax_init(_ffi.NULL, int(calling))
        if fax == _ffi.NULL:
            raise MemoryError("spandsp has no memory for another fax")
        self._fax = _ffi.gc(fax, _library.fax_free)
        self._t30 = _library.fax_get_t30_state(self._fax)
        for log in (
            _library.t30_get_logging_state(self._t30),
            _library.fax_get_logging_state(self._fax),
        ):
            _library.span_log_set_level(log, _SILENT)
        self._sending = bool(send)
        _library.fax_set_transmit_on_idle(self._fax, 1)
        _library.t30_set_tx_ident(self._t30, station.encode("ascii", "ignore"))
        if header:
            _library.t30_set_tx_page_header_info(self._t30, header.encode("ascii", "replace"))
            if zone:
                _library.t30_set_tx_page_header_tz(self._t30, zone.encode("ascii", "ignore"))
        _library.t30_set_ecm_capability(self._t30, int(ecm))
        _library.t30_set_supported_modems(self._t30, sum(MODEMS[m] for m in set(modems)))
        _library.t30_set_supported_compressions(self._t30, _COMPRESSIONS)
        _library.t30_set_supported_resolutions(self._t30, _RESOLUTIONS)
        _library.t30_set_supported_image_sizes(self._t30, _SIZES)
        _library.t30_set_rx_encoding(self._t30, _ENCODING_T6)
        if send:
            _library.t30_set_tx_file(self._t30, send.encode(), -1, -1)
        if receive:
            _library.t30_set_rx_file(self._t30, receive.encode(), -1)
        self._stats = _ffi.new("t30_stats_t *")
        # The library keeps the pointers only; these keep the functions alive.
        self._handlers = (
            _ASKED(self._phase_b),
            _ASKED(self._phase_d),
            _TOLD(self._phase_e),
        )
        for name, handler in zip("bde", self._handlers, strict=True):
            address = ctypes.cast(handler, ctypes.c_void_p).value or 0
            put = getattr(_library, f"t30_set_phase_{name}_handler")
            put(self._t30, _ffi.cast(f"t30_phase_{name}_t", address), _ffi.NULL)
        self._gate = CarrierGate()
        self._in = np.zeros(_LONGEST_BLOCK, np.int16)
        self._out = np.zeros(_LONGEST_BLOCK, np.int16)
        self._in_pointer = _pointer(self._in)
        self._out_pointer = _pointer(self._out)

    def feed(self, heard: npt.NDArray[np.generic]) -> Samples:
        """Take samples of the line, at most 800, and return as many for it.

        What is returned is overwritten by the next call.
        """
        count = len(heard)
        self._in[:count] = self._gate.process(heard)
        self.samples += count
        if self.code is None:
            _library.fax_rx(self._fax, self._in_pointer, count)
        made = 0
        if self.code is None:
            made = int(_library.fax_tx(self._fax, self._out_pointer, count))
        self._out[made:count] = 0
        return self._out[:count]

    def stop(self) -> None:
        """The call is over; a file that was being written is closed."""
        if self.code is None:
            _library.t30_terminate(self._t30)

    def facts(self) -> Facts:
        """How far it has come."""
        _library.t30_get_transfer_statistics(self._t30, self._stats)
        stats = self._stats[0]
        maker = f"{_text(_library.t30_get_rx_vendor(self._t30))} "
        maker += _text(_library.t30_get_rx_model(self._t30))
        return Facts(
            pages=int(stats.pages_tx if self._sending else stats.pages_rx),
            pages_in_file=max(0, int(stats.pages_in_file)) if self._sending else 0,
            bit_rate=int(stats.bit_rate),
            ecm=bool(stats.error_correcting_mode),
            retries=int(stats.error_correcting_mode_retries),
            bad_rows=int(stats.bad_rows),
            station=_text(_library.t30_get_rx_ident(self._t30)).strip(),
            maker=maker.strip(),
        )

    def close(self) -> None:
        """Give the library's memory back, and close its files."""
        self.stop()
        _ffi.release(self._fax)

    def _phase_b(self, _t30: object, _user: object, _result: int) -> int:
        self.agreed = True
        return 0

    def _phase_d(self, _t30: object, _user: object, _result: int) -> int:
        self.pages = self.facts().pages
        return 0

    def _phase_e(self, _t30: object, _user: object, code: int) -> None:
        self.code = int(code)


def _text(pointer: Any) -> str:
    if pointer == _ffi.NULL:
        return ""
    return cast("bytes", _ffi.string(pointer)).decode("ascii", "replace")


def _pointer(samples: Samples) -> Any:
    return _ffi.cast("int16_t *", cast("Any", _ffi).from_buffer(samples))
