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
Linear = npt.NDArray[np.float32]

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
    """Address of an array that outlives the pointer."""
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
        self._frames = np.zeros((2, frame), np.int16)
        self._rounded = np.zeros((2, frame), np.float32)
        self._residual = np.zeros(frame, np.int16)  # the library's own output: not used
        self._received_at = _pointer(self._frames[0])
        self._sent_at = _pointer(self._frames[1])
        self._residual_at = _pointer(self._residual)
        self._response_at = _ffi.cast("void *", cast("Any", _ffi).from_buffer(self._response))
        self._scale = np.float32(1.0 / (_Q15 * 2 * frame))

    def _control(self, request: int) -> int:
        value = _ffi.new("int *", 0)
        if _library.speex_echo_ctl(self._state, request, value) != 0:
            raise SpeexdspError(f"{LIBRARY} does not know request {request} of speex_echo_ctl")
        return int(value[0])

    def learn(self, received_and_sent: Linear) -> None:
        """Adapt to one frame: shape (2, frame), rounded and limited to 16 bits here."""
        np.maximum(received_and_sent, -32768.0, out=self._rounded)
        np.minimum(self._rounded, 32767.0, out=self._rounded)
        np.rint(self._rounded, out=self._rounded)
        self._frames[...] = self._rounded
        _library.speex_echo_cancellation(
            self._state, self._received_at, self._sent_at, self._residual_at
        )

    def response(self) -> Linear:
        """Impulse response from sent to received, shape (taps,), newly allocated.

        It holds the library's own notch at 0 Hz, which is applied to ``received`` alone.
        """
        _library.speex_echo_ctl(self._state, _GET_IMPULSE_RESPONSE, self._response_at)
        return self._response.astype(np.float32) * self._scale

    def reset(self) -> None:
        """Forget what was learnt."""
        _library.speex_echo_state_reset(self._state)
