"""libspandsp 0.0.6 as the sender: digits, tones, analog display messages, and its own G.711.

cffi in ABI mode, declared here a second time on purpose: a wrong declaration in the product would
otherwise agree with itself. In 0.0.6 levels, twists and durations are ints (dBm0, dB, ms).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cffi
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
CLASS, CLIP = 1, 2  # adsi.h: Bell 202 of GR-30, V.23 of EN 300 659
A_LAW, U_LAW = 0, 1  # g711.h

_DECLARATIONS = """
void *dtmf_tx_init(void *s);
int dtmf_tx(void *s, int16_t *amp, int max_samples);
int dtmf_tx_put(void *s, const char *digits, int len);
void dtmf_tx_set_level(void *s, int level, int twist);
void dtmf_tx_set_timing(void *s, int on_time, int off_time);
int dtmf_tx_free(void *s);
void *tone_gen_descriptor_init(void *s, int f1, int l1, int f2, int l2, int d1, int d2, int d3,
                               int d4, int repeat);
void tone_gen_descriptor_free(void *s);
void *tone_gen_init(void *s, void *t);
int tone_gen(void *s, int16_t *amp, int max_samples);
int tone_gen_free(void *s);
void *adsi_tx_init(void *s, int standard);
void adsi_tx_set_preamble(void *s, int preamble, int mark, int start, int stop, int postamble);
int adsi_tx_put_message(void *s, const uint8_t *msg, int len);
int adsi_tx(void *s, int16_t *amp, int max_len);
int adsi_tx_free(void *s);
void *g711_init(void *s, int mode);
int g711_decode(void *s, int16_t *amp, const uint8_t *data, int bytes);
int g711_encode(void *s, uint8_t *data, const int16_t *amp, int len);
int g711_free(void *s);
"""


@lru_cache(maxsize=1)
def _library() -> tuple[cffi.FFI, Any]:
    ffi = cffi.FFI()
    ffi.cdef(_DECLARATIONS)
    return ffi, ffi.dlopen("libspandsp.so.2")


def _fill(send: Any, state: Any, samples: int) -> Samples:
    ffi, _ = _library()
    sound = np.zeros(samples, np.int16)
    at = 0
    while at < samples:
        part = sound[at : at + 4000]
        made = int(send(state, ffi.from_buffer("int16_t[]", part), part.size))
        if made <= 0:
            break
        at += made
    return sound[:at]


def digits(text: str, *, level_dbm0: int, twist_db: int, on_ms: int, off_ms: int) -> Samples:
    """``dtmf_tx``: nominal frequencies, ``level_dbm0`` the low tone, high is ``twist_db`` above."""
    ffi, library = _library()
    state = ffi.gc(library.dtmf_tx_init(ffi.NULL), library.dtmf_tx_free)
    library.dtmf_tx_set_level(state, level_dbm0, twist_db)
    library.dtmf_tx_set_timing(state, on_ms, off_ms)
    parts = []
    for at in range(0, len(text), 32):  # its queue is short
        library.dtmf_tx_put(state, text[at : at + 32].encode(), -1)
        parts.append(_fill(library.dtmf_tx, state, len(text) * (on_ms + off_ms) * 8 + 4000))
    return np.concatenate(parts)


def tone(
    frequencies_hz: tuple[float, ...], cadence_ms: tuple[int, ...], level_dbm0: int, samples: int
) -> Samples:
    """``tone_gen``: one or two frequencies, up to two bursts a cycle, repeated."""
    ffi, library = _library()
    first, second = (*frequencies_hz, 0)[:2]
    on_off = (*cadence_ms, 0, 0, 0)[:4] if cadence_ms else (1, 0, 0, 0)
    shape = library.tone_gen_descriptor_init(
        ffi.NULL, int(first), level_dbm0, int(second), level_dbm0 if second else 0, *on_off, 1
    )
    state = library.tone_gen_init(ffi.NULL, shape)
    sound = _fill(library.tone_gen, state, samples)
    library.tone_gen_free(state)
    library.tone_gen_descriptor_free(shape)
    return sound


def display_message(standard: int, message: bytes, seizure_bits: int, mark_bits: int) -> Samples:
    """``adsi_tx``: type, length and payload in ``message``; the library adds the checksum."""
    ffi, library = _library()
    state = ffi.gc(library.adsi_tx_init(ffi.NULL, standard), library.adsi_tx_free)
    library.adsi_tx_set_preamble(state, seizure_bits, mark_bits, -1, -1, 5)
    if library.adsi_tx_put_message(state, message, len(message)) < 0:
        raise ValueError(f"spandsp does not take a message of {len(message)} bytes")
    sound = np.zeros(40_000, np.int16)
    made = int(library.adsi_tx(state, ffi.from_buffer("int16_t[]", sound), sound.size))
    return sound[:made]


def g711_encode(samples: Samples, law: int) -> npt.NDArray[np.uint8]:
    """Its codes for 16-bit samples."""
    ffi, library = _library()
    state = ffi.gc(library.g711_init(ffi.NULL, law), library.g711_free)
    codes = np.zeros(samples.size, np.uint8)
    library.g711_encode(
        state,
        ffi.from_buffer("uint8_t[]", codes),
        ffi.from_buffer("int16_t[]", samples),
        samples.size,
    )
    return codes


def g711_decode(codes: npt.NDArray[np.uint8], law: int) -> Samples:
    """Its 16-bit samples for codes."""
    ffi, library = _library()
    state = ffi.gc(library.g711_init(ffi.NULL, law), library.g711_free)
    samples = np.zeros(codes.size, np.int16)
    library.g711_decode(
        state,
        ffi.from_buffer("int16_t[]", samples),
        ffi.from_buffer("uint8_t[]", codes),
        codes.size,
    )
    return samples
