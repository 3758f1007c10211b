"""spandsp's DTMF receiver as the rival on the same audio: cffi in ABI mode over libspandsp2 0.0.6.

In 0.0.6 the parameters of ``dtmf_rx_parms`` are ints; later versions take floats. Only defaults
are used here, so nothing depends on it.
"""

from __future__ import annotations

from functools import lru_cache

import cffi
import numpy as np
import numpy.typing as npt

_DECLARATIONS = """
typedef struct dtmf_rx_state_s dtmf_rx_state_t;
dtmf_rx_state_t *dtmf_rx_init(dtmf_rx_state_t *s, void *callback, void *user_data);
int dtmf_rx(dtmf_rx_state_t *s, const int16_t amp[], int samples);
size_t dtmf_rx_get(dtmf_rx_state_t *s, char *digits, int max);
int dtmf_rx_free(dtmf_rx_state_t *s);
void dtmf_rx_parms(dtmf_rx_state_t *s, int filter_dialtone, int twist, int reverse_twist,
                   int threshold);
"""


@lru_cache(maxsize=1)
def _library() -> tuple[cffi.FFI, object]:
    ffi = cffi.FFI()
    ffi.cdef(_DECLARATIONS)
    return ffi, ffi.dlopen("libspandsp.so.2")


def hear(
    sound: npt.NDArray[np.float32], *, block: int = 160, filter_dial_tone: bool = False
) -> str:
    """Digits that spandsp's receiver reports for one row of sound."""
    ffi, library = _library()
    state = library.dtmf_rx_init(ffi.NULL, ffi.NULL, ffi.NULL)
    if filter_dial_tone:
        library.dtmf_rx_parms(state, 1, -1, -1, -99)
    samples = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    heard = []
    buffer = ffi.new("char[129]")
    for at in range(0, samples.size, block):
        part = np.ascontiguousarray(samples[at : at + block])
        library.dtmf_rx(state, ffi.from_buffer("int16_t[]", part), part.size)
        count = library.dtmf_rx_get(state, buffer, 128)
        heard.append(ffi.string(buffer, count).decode() if count else "")
    library.dtmf_rx_free(state)
    return "".join(heard)
