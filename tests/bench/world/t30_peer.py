"""The far machine's T.30: spandsp through ctypes, with nothing of ours in between.

The box speaks T.30 through declarations of its own; an error there that both sides made would be
invisible, so this side is declared once more, by another library.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np

from tests.bench.world.copper import Samples

_library = ctypes.CDLL("libspandsp.so.2")
_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
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

    def _note(self, _t30: object, _user: object, code: int) -> None:
        self.code = code
