"""G.711 tables against the Recommendation's own words, for every input there is.

Limits: ITU-T G.711 (11/88) tables 1a, 1b, 2a, 2b and 5 (the 1 kHz sequences at 0 dBm0).
"""

import cffi
import numpy as np
import pytest

from firmware.media import g711

LAWS = ("a", "u")


def a_law_by_the_text(sample: int) -> int:
    """One sample to its A-law code by shifting, as the segment table is read aloud."""
    positive = sample >= 0
    thirteen_bit = (sample if positive else -sample - 1) / 8  # 0 .. 4096
    segment = 0
    start, step = 0.0, 2.0
    while thirteen_bit >= start + 16 * step and segment < 7:
        start += 16 * step
        segment += 1
        step = 2.0 if segment == 1 else step * 2
    interval = int((thirteen_bit - start) // step)
    return ((0x80 if positive else 0) | segment << 4 | interval) ^ 0x55


def u_law_by_the_text(sample: int) -> int:
    """One sample to its u-law code: intervals of 1, then 15 of 2, then 16 of 4, 8, ..."""
    fourteen_bit = abs(sample) / 4  # 0 .. 8192
    edge, number = 1.0, 0
    while number < 127 and fourteen_bit >= edge:
        number += 1
        edge += 2.0 * 2 ** (number // 16)
    return (0x7F if sample < 0 else 0xFF) - number


def encode_all(law):
    linear = np.arange(-32768, 32768, dtype=np.float32).reshape(8, -1)
    codes = np.empty(linear.shape, np.uint8)
    g711.encode(linear, codes, law)
    return codes.ravel()


def decode_all(law):
    out = np.empty((1, 256), np.float32)
    g711.decode(np.arange(256, dtype=np.uint8)[None], out, law)
    return out[0]


@pytest.mark.parametrize(
    ("law", "by_the_text"), [("a", a_law_by_the_text), ("u", u_law_by_the_text)]
)
def test_every_linear_value_gets_the_code_of_the_table(law, by_the_text):
    expected = np.array([by_the_text(sample) for sample in range(-32768, 32768)], np.uint8)
    assert np.array_equal(encode_all(law), expected)


@pytest.mark.parametrize("law", LAWS)
def test_every_code_comes_back_as_itself(law):
    codes = np.empty((1, 256), np.uint8)
    g711.encode(decode_all(law)[None], codes, law)
    expected = np.arange(256)
    if law == "u":
        expected[0x7F] = 0xFF  # minus zero and plus zero are the same linear value
    assert np.array_equal(codes[0], expected)


def test_known_rows_of_the_tables():
    a, u = decode_all("a"), decode_all("u")
    # Table 1a: number 128 is 4032 of 4096, number 1 is 1; table 2a: 8031 and 0 of 8159.
    assert a[0xFF ^ 0x55] == 4032 * 8
    assert a[0x80 ^ 0x55] == 1 * 8
    assert a[0x7F ^ 0x55] == -4032 * 8
    assert u[0x80] == 8031 * 4
    assert u[0xFF] == 0
    assert u[0x00] == -8031 * 4


@pytest.mark.parametrize("law", LAWS)
def test_silence_is_the_idle_code(law):
    codes = np.empty((8, 40), np.uint8)
    g711.encode(np.zeros((8, 40), np.float32), codes, law)
    assert (codes == g711.IDLE[law]).all()


@pytest.mark.parametrize("law", LAWS)
def test_too_loud_clips_and_never_wraps(law):
    loud = np.array([[40_000.0, -40_000.0, 250_000.0, -250_000.0]], np.float32)
    codes = np.empty(loud.shape, np.uint8)
    g711.encode(loud, codes, law)
    heard = np.empty(loud.shape, np.float32)
    g711.decode(codes, heard, law)
    peak = {"a": 32256, "u": 32124}[law]
    assert heard[0].tolist() == [peak, -peak, peak, -peak]


@pytest.mark.parametrize(
    ("law", "one_kilohertz"),
    [  # G.711 tables 5 and 6: 1 kHz at 0 dBm0
        ("a", (0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4)),
        ("u", (0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E)),
    ],
)
def test_the_digital_milliwatt_measures_as_0_dbm0(law, one_kilohertz):
    from firmware.media.tones import PEAK_0_DBM0

    rms = np.sqrt(np.mean(decode_all(law)[list(one_kilohertz)] ** 2))
    level_dbm0 = 20 * np.log10(rms * np.sqrt(2) / PEAK_0_DBM0)
    assert abs(level_dbm0) < 0.1


@pytest.mark.parametrize(("law", "mode"), [("a", 0), ("u", 1)])
def test_spandsp_says_the_same(law, mode):
    ffi = cffi.FFI()
    ffi.cdef(
        """
        typedef struct g711_state_s g711_state_t;
        g711_state_t *g711_init(g711_state_t *s, int mode);
        int g711_encode(g711_state_t *s, uint8_t data[], const int16_t amp[], int len);
        int g711_decode(g711_state_t *s, int16_t amp[], const uint8_t data[], int bytes);
        """
    )
    spandsp = ffi.dlopen("libspandsp.so.2")
    state = spandsp.g711_init(ffi.NULL, mode)
    linear = np.arange(-32768, 32768, dtype=np.int16)
    theirs = np.empty(65536, np.uint8)
    spandsp.g711_encode(
        state, ffi.from_buffer("uint8_t[]", theirs), ffi.from_buffer("int16_t[]", linear), 65536
    )
    assert np.array_equal(theirs, encode_all(law))
    codes = np.arange(256, dtype=np.uint8)
    back = np.empty(256, np.int16)
    spandsp.g711_decode(
        state, ffi.from_buffer("int16_t[]", back), ffi.from_buffer("uint8_t[]", codes), 256
    )
    assert np.array_equal(back.astype(np.float32), decode_all(law))
