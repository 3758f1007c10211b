"""Short messages octet by octet: published examples, and a second codec that shares nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.outbox.alphabet import fits, pack, septets, unpack
from firmware.outbox.pdu import Deliver, PduError, Report, read, submits
from firmware.outbox.segments import KEEP_MS, Part, Puzzle, cut
from tests.bench.cellular.codec import delivery, report, submitted

# Examples that are printed in many modem manuals.
HOW_ARE_YOU = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
HELLO = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"
GSM = "\f@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€az"
TEXTS = st.text(st.sampled_from(GSM), min_size=1, max_size=400) | st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from("你好张三😀👨‍👩‍👧é"),
    min_size=1,
    max_size=200,
)
NUMBERS = st.from_regex(r"\A\+?[0-9*#]{1,20}\Z")


def test_hellohello_is_packed_as_every_manual_shows() -> None:
    codes = [code for pair in septets("hellohello") for code in pair]
    assert pack(codes).hex() == "e8329bfd4697d9ec37"
    assert unpack(bytes.fromhex("E8329BFD4697D9EC37"), 10) == codes


def test_published_messages_are_read() -> None:
    at = datetime(2002, 8, 26, 19, 37, 41, tzinfo=timezone(timedelta(hours=-1)))
    message = read(HOW_ARE_YOU)
    assert isinstance(message, Deliver)
    assert (message.sender, message.text) == ("+31641600986", "How are you?")
    assert message.at.replace(tzinfo=None) == at.replace(tzinfo=None)
    other = read(HELLO)
    assert isinstance(other, Deliver)
    assert (other.sender, other.text) == ("27838890001", "hellohello")
    assert other.at == datetime(1999 + 100, 3, 29, 13, 16, 59, tzinfo=UTC)


def test_a_published_submission() -> None:
    """The example of the manuals, valid for a day (A7) where it is four there (AA)."""
    (message,) = submits("+46708251358", "hellohello", 0, report=False)
    assert message.pdu == "0011000B916407281553F80000A70AE8329BFD4697D9EC37"
    assert message.length == 23


def test_chinese_is_sent_as_ucs2() -> None:
    (message,) = submits("13800138000", "你好", 0)
    # 31: SUBMIT, a day, report; 0B 81 and swapped digits; 00 08 A7; 4 octets: 4F60 597D.
    assert message.pdu == "0031000B813108108300F00008A7044F60597D"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),  # 162 septets: 76 to a part of 153, none torn
        ("x" * 152 + "€" + "x" * 100, 2),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("中" * 335, 5),
    ],
)
def test_how_many_messages_a_text_needs(text: str, parts: int) -> None:
    found = cut(text)
    assert len(found) == parts
    assert "".join(found) == text


def test_nothing_is_torn_between_parts() -> None:
    family = "👨‍👩‍👧"
    for part in cut("字" * 63 + family * 3):
        assert part.count("👨") == part.count("👩") == part.count("👧")
    assert not any(part.endswith("\u200d") for part in cut("字" * 66 + family))
    assert cut("中" * 66 + "😀😀😀")[1] == "😀😀😀"


def test_a_text_beyond_all_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 256 messages, at most 255"):
        cut("中" * (67 * 255 + 1))


@pytest.mark.parametrize("number", ["", "+", "13800x", "1" * 21])
def test_a_number_that_cannot_be_dialled_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="no number of 1 to 20 digits"):
        submits(number, "x", 0)


@given(TEXTS, NUMBERS, st.integers(0, 255))
def test_what_is_sent_is_what_the_centre_reads(text: str, number: str, reference: int) -> None:
    got = [submitted(m.pdu, m.length) for m in submits(number, text, reference)]
    assert "".join(part.text for part in got) == text
    assert {part.number for part in got} == {number}
    if len(got) > 1:
        assert [(p.reference, p.total, p.part) for p in got] == [
            (reference, len(got), n) for n in range(1, len(got) + 1)
        ]


@given(TEXTS, st.integers(0, 255), st.randoms(use_true_random=False))
def test_what_comes_in_parts_in_any_order_is_put_together(text, reference, chance) -> None:
    parts = cut(text)
    pdus = [
        delivery("+8613800138000", part, "261121093000", part=(reference, len(parts), n))
        for n, part in enumerate(parts, 1)
    ]
    chance.shuffle(pdus)
    puzzle = Puzzle()
    whole = []
    for pdu in [pdus[0], *pdus]:  # the first comes twice
        message = read(pdu)
        assert isinstance(message, Deliver)
        found = puzzle.add(
            Part(message.sender, message.reference, message.total, message.number, message.text, 0)
        )
        whole += [found] if found is not None else []
    assert whole[0 if len(parts) > 1 else -1] == text


def test_halves_of_a_character_meet_again() -> None:
    """Some telephones cut between the two halves of an emoji."""
    high, low = "\ud83d", "\ude00"
    puzzle = Puzzle()
    assert puzzle.add(Part("1", 7, 2, 2, low + "!", 0)) is None
    assert puzzle.add(Part("1", 7, 2, 1, "hi " + high, 0)) == "hi 😀!"


def test_what_stays_incomplete_is_given_out_after_a_day() -> None:
    puzzle = Puzzle()
    puzzle.add(Part("10086", 9, 3, 1, "one ", 0))
    puzzle.add(Part("10086", 9, 3, 3, " three", 1000))
    assert puzzle.overdue(KEEP_MS) == []
    assert puzzle.overdue(KEEP_MS + 1000) == [("10086", "one [...] three")]
    assert puzzle.overdue(KEEP_MS + 2000) == []


def test_a_report_says_which_and_whether() -> None:
    arrived = read(report(17, "+8613800138000", "261121093000", 0))
    assert isinstance(arrived, Report)
    assert (arrived.reference, arrived.recipient) == (17, "+8613800138000")
    assert arrived.arrived
    assert arrived.final
    assert arrived.at == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    expired = read(report(17, "+8613800138000", "261121093000", 0x46))
    assert isinstance(expired, Report)
    assert not expired.arrived
    assert expired.final
    trying = read(report(17, "+8613800138000", "261121093000", 0x20))
    assert isinstance(trying, Report)
    assert not trying.arrived
    assert not trying.final


def test_a_sender_in_letters() -> None:
    # 49 4E 46 4F as septets: 49 | 4E << 7 | 46 << 14 | 4F << 21 = 09F1A749, 28 bits are 7 nibbles.
    message = read("000407D049A7F10900006211129003002301E1")
    assert isinstance(message, Deliver)
    assert message.sender == "INFO"


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        message = read(data.hex())
    except PduError:
        return
    assert isinstance(message, Deliver | Report)


@given(st.text(max_size=50))
def test_fits_says_whether_the_alphabet_has_it(text: str) -> None:
    assert fits(text) == all(c in GSM or (c.isascii() and c.isalpha()) for c in text)
