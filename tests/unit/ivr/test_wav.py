"""The strict WAV reader: what it plays, and what it refuses with a sentence."""

import random
import struct
import wave
from io import BytesIO

import numpy as np
import pytest

from ivr.wav import ALAW_VALUES, ULAW_VALUES, WavError, alaw_octets, alaw_wav, read_wav


def _pcm(samples: list[int], *, rate_hz: int = 8_000, channels: int = 1, width: int = 2) -> bytes:
    """A file by the standard library's own writer."""
    target = BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(np.array(samples, dtype="<i2").tobytes())
    return target.getvalue()


def _g711(tag: int, body: bytes) -> bytes:
    fmt = struct.pack("<HHIIHH", tag, 1, 8_000, 8_000, 1, 8)
    chunks = (
        b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", len(body)) + body
    )
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def test_pcm_comes_back_as_it_was() -> None:
    wav = read_wav(_pcm([0, 1, -1, 32767, -32768], rate_hz=16_000))
    assert wav.samples.tolist() == [0, 1, -1, 32767, -32768]
    assert wav.rate_hz == 16_000
    assert not wav.samples.flags.writeable


def test_alaw_values_are_those_of_the_standard() -> None:
    # G.711 table 1a, note 2: output values from 1 to 4032 where full scale is 4096; 0xD5 is the
    # smallest positive octet after the inversion of even bits, 0xAA the largest.
    octets = bytes([0xD5, 0x55, 0xAA, 0x2A])
    assert read_wav(_g711(6, octets)).samples.tolist() == [8, -8, 32256, -32256]
    assert sorted(set(np.abs(ALAW_VALUES).tolist()))[:3] == [8, 24, 40]


def test_ulaw_values_are_those_of_the_standard() -> None:
    # G.711 table 2a: 0xFF is plus zero, 0x7F minus zero, 0x80 plus 8031 of 8159, 0x00 minus 8031.
    octets = bytes([0xFF, 0x7F, 0x80, 0x00, 0xFE])
    assert read_wav(_g711(7, octets)).samples.tolist() == [0, 0, 32124, -32124, 8]
    assert len(set(ULAW_VALUES.tolist())) == 255


def test_every_alaw_octet_survives_a_file() -> None:
    assert alaw_octets(ALAW_VALUES).tolist() == list(range(256))
    assert read_wav(alaw_wav(ALAW_VALUES, 8_000)).samples.tolist() == ALAW_VALUES.tolist()


def test_alaw_is_within_half_a_step_of_the_sample() -> None:
    samples = np.arange(-32768, 32768, dtype=np.int16)
    heard = ALAW_VALUES[alaw_octets(samples)].astype(np.int32)
    error = np.abs(heard - samples)
    # Half of the step: 8 up to 1024, then 1/32 to 1/64 of the value; the top value is 32256.
    allowed = np.maximum(8, np.abs(samples.astype(np.int32)) / 32)
    assert (error <= np.where(np.abs(samples.astype(np.int32)) > 32256, 512, allowed)).all()


GOOD = _pcm([1, 2, 3, 4])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "does not begin as a WAV file"),
        (b"RIFX" + GOOD[4:], "does not begin as a WAV file"),
        (b"ID3\x04mp3 is no telephone prompt", "does not begin as a WAV file"),
        (GOOD[:-2], "says it has 52 bytes, it has 50"),
        (GOOD + b"tail", "says it has 52 bytes, it has 56"),
        (_pcm([1, 2], channels=2), "2 channels"),
        (_pcm([1, 2], width=1), "8"),
        (_pcm([1], rate_hz=7_999), "7999"),
        (_pcm([1], rate_hz=192_000), "192000"),
        (_pcm([]), "0 bytes of sound"),
        (GOOD[:20] + struct.pack("<H", 3) + GOOD[22:], "format 3"),
        (GOOD[:20] + struct.pack("<H", 6) + GOOD[22:], "format 6 comes with 8 bits"),
        (GOOD[:28] + struct.pack("<I", 1) + GOOD[32:], "1 bytes a second"),
        (GOOD[:40] + struct.pack("<I", 0xFFFFFFFF) + GOOD[44:], "ends at byte"),
        (GOOD[:16] + struct.pack("<I", 0x7FFFFFFF) + GOOD[20:], "ends at byte"),
        (_g711(6, b"\xd5\xd5").replace(b"fmt ", b"junk"), "before its format"),
        (_g711(6, b"\xd5\xd5").replace(b"data", b"junk"), "lacks"),
    ],
)
def test_a_file_that_is_no_prompt_is_refused_with_its_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(WavError) as refused:
        read_wav(data)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "draws", [3_000, pytest.param(100_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_damaged_files_are_read_or_refused_and_never_anything_else(draws: int) -> None:
    seed = 1_972
    dice = random.Random(seed)
    sound = bytes(dice.randrange(256) for _ in range(32))
    whole = [_pcm(list(range(-20, 20))), _g711(6, sound), alaw_wav(ALAW_VALUES, 8_000)]
    for draw in range(draws):
        data = bytearray(dice.choice(whole))
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(min(len(data), 64))
            kind = dice.randrange(4)
            if kind == 0:
                data[at] = dice.randrange(256)
            elif kind == 1:
                del data[at : at + dice.randrange(1, 9)]
            elif kind == 2:
                data[at:at] = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 9)))
            else:
                data[at : at + 4] = struct.pack(
                    "<I", dice.choice([0, 1, 2**31, 2**32 - 1, len(data)])
                )
            if not data:
                break
        try:
            samples = read_wav(bytes(data)).samples
        except WavError:
            continue
        assert 0 < len(samples) <= len(data), f"seed {seed}, draw {draw}"
