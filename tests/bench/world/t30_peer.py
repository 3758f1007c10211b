"""The far machine's T.30: spandsp through ctypes, with nothing of ours in between.

The box speaks T.30 through declarations of its own; an error there that both sides made would be
invisible, so this side is declared once more, by another library.

The library has a fault that machines do not have: a short training of V.17 is not found if its
symbols A and B lie on either side of half a turn (a difference of 32-bit angles that overflows, in
``v17rx.c``). The box hears round it (``carrier_gate``); here it is taken away where it is, by
turning the receiver's oscillator by half a turn while it settles, so that a page the box sends is
judged and not the bench. ``turned=False`` leaves the library as it is.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np

from tests.bench.world.copper import Samples

_library = ctypes.CDLL("libspandsp.so.2")
_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_SYMBOL = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_float * 2), ctypes.c_void_p, ctypes.c_int
)
# Bytes into fax_state_t of 0.0.6, where longs and pointers have 64 bits: the receiver of V.17, and
# in it whether training is short, its stage, the symbols of it so far and the oscillator's phase.
_V17, _SHORT, _STAGE, _COUNT, _PHASE = 82976, 748, 752, 756, 780
_ACQUISITION = 1  # TRAINING_STAGE_SYMBOL_ACQUISITION, of 100 symbols
_SETTLED = 60  # of them: timing has, and what follows empties the equalizer of 8.5 symbols again
_MODEMS = {"v27ter": 1, "v29": 2, "v17": 4}
for _name in ("fax_init", "fax_get_t30_state", "t30_get_logging_state"):
    getattr(_library, _name).restype = ctypes.c_void_p
_library.t30_get_rx_ident.restype = ctypes.c_char_p


def _p(pointer: int) -> ctypes.c_void_p:
    return ctypes.c_void_p(pointer)


class Peer:
    """One end of a fax call.

    Args:
        calling: it placed the call.
        send: pages to be sent, None receives.
        receive: where what comes is written.
        station: its own number.
        ecm: errors are corrected by repeating.
        modem: the only one it has; empty: all three.
        turned: its receiver finds every short training.
    """

    def __init__(
        self,
        *,
        calling: bool,
        send: Path | None = None,
        receive: Path | None = None,
        station: str = "",
        ecm: bool = True,
        modem: str = "",
        turned: bool = True,
    ) -> None:
        self.code: int | None = None
        self._fax = _library.fax_init(None, int(calling))
        self._t30 = t30 = _p(_library.fax_get_t30_state(_p(self._fax)))
        _library.span_log_set_level(_p(_library.t30_get_logging_state(t30)), 0)
        _library.fax_set_transmit_on_idle(_p(self._fax), 1)
        _library.t30_set_tx_ident(t30, station.encode())
        _library.t30_set_ecm_capability(t30, int(ecm))
        _library.t30_set_supported_modems(t30, _MODEMS.get(modem, 7))
        _library.t30_set_supported_compressions(t30, 0x0E)
        _library.t30_set_supported_resolutions(t30, 0x20003)
        _library.t30_set_supported_image_sizes(t30, 0x10001)
        if send is not None:
            _library.t30_set_tx_file(t30, str(send).encode(), -1, -1)
        if receive is not None:
            _library.t30_set_rx_file(t30, str(receive).encode(), -1)
        self._over = _HANDLER(self._note)
        _library.t30_set_phase_e_handler(t30, self._over, None)
        self._v17 = self._fax + _V17
        self._angle = 0j
        if turned:
            self._symbol = _SYMBOL(self._turn)
            _library.v17_rx_set_qam_report_handler(_p(self._v17), self._symbol, None)

    def feed(self, heard: Samples | None, count: int) -> Samples:
        """``count`` samples of the pair, None for silence; as many for it."""
        block = np.zeros(count, np.int16)
        if heard is not None:
            block[:] = np.clip(heard, -32768, 32767)
        said = np.zeros(count, np.int16)
        pointer = ctypes.POINTER(ctypes.c_int16)
        if self.code is None:
            _library.fax_rx(_p(self._fax), block.ctypes.data_as(pointer), count)
        if self.code is None:
            _library.fax_tx(_p(self._fax), said.ctypes.data_as(pointer), count)
        return said.astype(np.float32)

    @property
    def heard_station(self) -> str:
        """The other machine's number, as it told it."""
        return (_library.t30_get_rx_ident(self._t30) or b"").decode().strip()

    def close(self) -> None:
        """The call is over for this machine; its file is complete."""
        if self._fax is not None:
            if self.code is None:
                _library.t30_terminate(self._t30)
            _library.fax_free(_p(self._fax))
            self._fax = None

    def _turn(
        self, _user: object, symbol: ctypes._Pointer[ctypes.Array[ctypes.c_float]], *_: object
    ) -> None:
        stage, short, count, phase = (
            ctypes.c_uint32.from_address(self._v17 + at) for at in (_STAGE, _SHORT, _COUNT, _PHASE)
        )
        if stage.value != _ACQUISITION or not short.value:
            return
        real, imaginary = symbol.contents
        middle, self._angle = self._angle, complex(real, imaginary)
        if count.value == _SETTLED and (middle + self._angle).real < 0:
            phase.value += 1 << 31

    def _note(self, _t30: object, _user: object, code: int) -> None:
        self.code = code
