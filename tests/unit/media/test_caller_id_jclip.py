"""Japan's identity: frames written by hand, and sound as libspandsp sends it."""

from datetime import datetime

import numpy as np
import pytest

from firmware.core.commands import Caller
from firmware.core.events import IdentityKind
from firmware.media.caller_id import STANDARDS, CallerIdReceiver
from firmware.media.caller_id_jclip import ends, parse
from firmware.media.caller_id_sound import caller_id_sound

HEAD, TAIL = b"\x10\x01\x07\x10\x02", b"\x10\x03"


def frame(body: bytes) -> bytes:
    return HEAD + bytes((0x40, len(body))) + body + TAIL


@pytest.mark.parametrize(
    ("body", "kind", "number"),
    [
        (b"\x02\x0a0312345678", IdentityKind.NUMBER, "0312345678"),
        (b"\x04\x01P", IdentityKind.PRIVATE, ""),
        (b"\x04\x01O", IdentityKind.UNAVAILABLE, ""),
        (b"\x04\x01C", IdentityKind.UNAVAILABLE, ""),  # a public telephone
    ],
)
def test_a_frame_is_read(body: bytes, kind: IdentityKind, number: str) -> None:
    heard = parse(frame(body))
    assert heard is not None
    assert (heard.kind, heard.number, heard.method) == (kind, number, "fsk_jclip")


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        HEAD + b"\x40\x0c\x02\x0a031234567" + TAIL,  # shorter than it says
        frame(b"\x02\x0a03123x5678"),
        frame(b"\x02\x0a0312345678\x02\x0a0312345679"),  # two numbers
        frame(b"\x02\x0a0312345678\x04\x01P"),  # a number that is withheld
        frame(b"\x04\x01Z"),
        HEAD + b"\x41\x0c\x02\x0a0312345678" + TAIL,  # another message
        frame(b"\x02\x0a0312345678")[:-2],
    ],
)
def test_any_doubt_gives_nothing(wrong: bytes) -> None:
    assert parse(wrong) is None


# As libspandsp sends 0312345678: parity in the highest bit, CRC at the end.
FRAME = bytes.fromhex("90818790 82c00c82 0a3033b1 b233b435 36b7b890 03fb52".replace(" ", ""))


def test_a_frame_ends_with_its_crc_and_not_before() -> None:
    assert [ends(FRAME[:length]) for length in range(1, len(FRAME))] == [False] * (len(FRAME) - 1)
    assert ends(FRAME) is True


@pytest.mark.parametrize("place", range(len(FRAME)))
def test_one_wrong_bit_anywhere_makes_no_frame(place: int) -> None:
    for bit in range(8):
        wrong = bytearray(FRAME)
        wrong[place] ^= 1 << bit
        assert ends(bytes(wrong)) is not True


@pytest.mark.parametrize("level_db", [0, -12, -20, -25])
def test_the_sound_of_a_network_is_heard_beside_all_other_receivers(level_db: int) -> None:
    when = datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001  # local wall-clock time
    sound = caller_id_sound("fsk_jclip_before_ring", Caller(number="0312345678"), when)
    rng = np.random.default_rng(31)
    whole = np.concatenate((np.zeros(2000), sound * 10 ** (level_db / 20), np.zeros(2000)))
    whole = (whole + rng.normal(0.0, 4.0, len(whole))).astype(np.float32)
    receiver = CallerIdReceiver((*STANDARDS, "jclip"))
    found = [h for at in range(0, len(whole), 40) for h in receiver.feed(whole[at : at + 40])]
    assert [(h.number, h.method) for h in found] == [("0312345678", "fsk_jclip")], "seed 31"
