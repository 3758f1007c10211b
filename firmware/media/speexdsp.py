"""The adaptive filter of Debian's libspeexdsp through cffi (ABI mode, no compiler).

Only what ``echo`` needs of ``speex_echo.h``: run the canceller over a frame, read the impulse
response it has learnt, forget it.
"""

from __future__ import annotations

from typing import Any, Final, cast

import cffi
import numpy as np
import numpy.typing as npt

LIBRARY: Final = "libspeexdsp.so.1"

Samples = npt.NDArray[np.int16]

# speex_echo.h, requests of speex_echo_ctl
_GET_FRAME_SIZE: Final = 3
_SET_SAMPLING_RATE: Final = 24
_GET_IMPULSE_RESPONSE_SIZE: Final = 27
_GET_IMPULSE_RESPONSE: Final = 29
_Q15: Final = 32767.0  # the impulse response is given in Q15, times the length of the inverse FFT

_ffi: Final = cffi.FFI()
_ffi.cdef("""
void *speex_echo_state_init(int frame_size, int filter_length);
void speex_echo_state_destroy(void *st);
void speex_echo_cancellation(void *st, const int16_t *rec, const int16_t *play, int16_t *out);
void speex_echo_state_reset(void *st);
int speex_echo_ctl(void *st, int request, void *ptr);
""")


class SpeexdspError(Exception):
    """libspeexdsp is missing or does not answer as its header says."""


def _load() -> Any:
    try:
        return cast("Any", _ffi.dlopen(LIBRARY))
    except OSError as error:
        raise SpeexdspError(
            f"{LIBRARY} cannot be loaded ({error}); install the Debian package libspeexdsp1"
        ) from error


_library: Final = _load()


def _pointer(samples: Samples) -> Any:
    return _ffi.cast("int16_t *", cast("Any", _ffi).from_buffer(samples))


class EchoFilter:
    """One echo path being learnt, ``frame`` samples at a time, at 8000 samples/s.

    Args:
        frame: samples per call of ``learn``.
        tail: samples of echo path; the library rounds it up to whole frames.

    Raises:
        SpeexdspError: the library does not keep the sizes it was given.
    """

    def __init__(self, frame: int, tail: int) -> None:
        state = _library.speex_echo_state_init(frame, tail)
        self._state = _ffi.gc(state, _library.speex_echo_state_destroy)
        self.frame: Final = frame
        if self._control(_GET_FRAME_SIZE) != frame:
            raise SpeexdspError(f"{LIBRARY} did not keep a frame of {frame} samples")
        rate = _ffi.new("int *", 8000)
        _library.speex_echo_ctl(self._state, _SET_SAMPLING_RATE, rate)
        self.taps: Final = self._control(_GET_IMPULSE_RESPONSE_SIZE)
        if self.taps < tail:
            raise SpeexdspError(f"{LIBRARY} keeps {self.taps} taps of {tail}")
        self._response = np.zeros(self.taps, np.int32)
        self._out = np.zeros(frame, np.int16)
        self._scale = np.float32(1.0 / (_Q15 * 2 * frame))

    def _control(self, request: int) -> int:
        value = _ffi.new("int *", 0)
        if _library.speex_echo_ctl(self._state, request, value) != 0:
            raise SpeexdspError(f"{LIBRARY} does not know request {request} of speex_echo_ctl")
        return int(value[0])

    def learn(self, received: Samples, sent: Samples) -> Samples:
        """Adapt to one frame and return the library's own residual (valid until the next call)."""
        _library.speex_echo_cancellation(
            self._state, _pointer(received), _pointer(sent), _pointer(self._out)
        )
        return self._out

    def response(self) -> npt.NDArray[np.float32]:
        """Impulse response from sent to received, shape (taps,), newly allocated.

        It holds the library's own notch at 0 Hz, which is applied to ``received`` alone.
        """
        into = _ffi.cast("void *", cast("Any", _ffi).from_buffer(self._response))
        _library.speex_echo_ctl(self._state, _GET_IMPULSE_RESPONSE, into)
        return self._response * self._scale

    def reset(self) -> None:
        """Forget what was learnt."""
        _library.speex_echo_state_reset(self._state)
