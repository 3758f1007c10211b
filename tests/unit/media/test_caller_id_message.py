"""Messages written by hand from GR-30 and EN 300 659-3: what a person would read on the display."""

from datetime import datetime

import pytest

from firmware.core.commands import Caller
from firmware.core.events import IdentityKind
from firmware.media.caller_id_message import (
    SDMF,
    build,
    checksum,
    decode_name,
    encode_name,
    parse,
)

WHEN = datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001  # local wall-clock time is what a set shows


def mdmf(*parts: tuple[int, bytes]) -> bytes:
    payload = b"".join(bytes((kind, len(body))) + body for kind, body in parts)
    return bytes((0x80, len(payload))) + payload


def test_gr30_example_of_a_single_message_has_its_printed_checksum():
    # TR-NWT-000031's example: 04 12 ... "09301224" "6095551212", checksum 51h.
    message = b"\x04\x12" + b"09301224" + b"6095551212"
    assert checksum(message) == 0x51
    assert parse(message).number == "6095551212"


def test_number_and_name_are_read():
    heard = parse(mdmf((1, b"03040506"), (2, b"02087654321"), (7, b"SMITH J")), method="fsk_v23")
    assert (heard.kind, heard.number, heard.name) == (IdentityKind.NUMBER, "02087654321", "SMITH J")
    assert heard.method == "fsk_v23"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (mdmf((1, b"03040506"), (4, b"P")), IdentityKind.PRIVATE),
        (mdmf((1, b"03040506"), (4, b"O")), IdentityKind.UNAVAILABLE),
        (mdmf((1, b"03040506"), (2, b"P")), IdentityKind.PRIVATE),
        (mdmf((1, b"03040506"), (2, b"O")), IdentityKind.UNAVAILABLE),
        (mdmf((1, b"03040506"), (2, b"")), IdentityKind.UNAVAILABLE),
        (mdmf((1, b"03040506"), (8, b"P")), IdentityKind.PRIVATE),
        (mdmf((1, b"03040506")), IdentityKind.UNAVAILABLE),
        (b"\x04\x09" + b"03040506P", IdentityKind.PRIVATE),
        (b"\x04\x09" + b"03040506O", IdentityKind.UNAVAILABLE),
    ],
)
def test_withheld_and_unavailable_are_kept_apart(message, kind):
    heard = parse(message)
    assert heard.kind is kind
    assert not heard.number


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (mdmf((1, b"03040506"), (2, b"12345"))[:-1], "shorter than its length says"),
        (mdmf((1, b"03040506"), (2, b"12345")) + b"1", "longer than its length says"),
        (b"\x80\x04\x02\x05\x31\x32", "a parameter reaches beyond the message"),
        (mdmf((2, b"12345"), (2, b"12346")), "two numbers"),
        (mdmf((2, b"12A45")), "a letter in the number"),
        (mdmf((2, b"12345"), (4, b"P")), "a number and a reason for its absence"),
        (b"\x04\x0d" + b"0304O506" + b"12345", "a date that is none"),
        (b"\x82\x03\x0b\x01\xff", "message waiting"),
        (b"", "nothing"),
    ],
)
def test_doubt_gives_nothing(message, why):
    assert parse(message) is None, why


@pytest.mark.parametrize("encoding", ["gb2312", "utf-8", "gbk"])
def test_chinese_name_as_networks_of_the_mainland_send_it(encoding):
    assert decode_name("王小明".encode(encoding)) == "王小明"


def test_big5_name_where_big5_stands_first():
    assert decode_name("陳大文".encode("big5"), ("big5", "gbk")) == "陳大文"


def test_bytes_of_no_encoding_give_no_name_and_the_number_stays():
    heard = parse(mdmf((2, b"12345"), (7, b"\xff\xfe\xff")))
    assert (heard.number, heard.name) == ("12345", "")


def test_message_for_a_set_is_laid_out_as_gr30_says():
    made = build(Caller(number="+86 10 1234", name="Zoë"), WHEN)
    assert made[:2] == bytes((0x80, len(made) - 3))
    assert made[2:12] == b"\x01\x0803040506"
    assert made[12:22] == b"\x02\x0886101234"
    assert made[22:27] == b"\x07\x03Zoe"
    assert sum(made) % 256 == 0


def test_withheld_number_and_name_do_not_leave_the_box():
    made = build(Caller(number="5551234", name="SECRET", withheld=True), WHEN)
    assert b"5551234" not in made
    assert b"SECRET" not in made
    assert parse(made[:-1]).kind is IdentityKind.PRIVATE


def test_unknown_number_is_unavailable_in_both_formats():
    assert parse(build(Caller(), WHEN)[:-1]).kind is IdentityKind.UNAVAILABLE
    assert parse(build(Caller(), WHEN, SDMF)[:-1]).kind is IdentityKind.UNAVAILABLE


def test_name_that_a_set_cannot_show_is_left_out():
    assert encode_name("王小明", "ascii", 15) == b""
    assert encode_name("王小明", "gb2312", 15) == "王小明".encode("gb2312")
    assert encode_name("Jürgen  Groß", "ascii", 15) == b""  # no ASCII for the last letter
    assert encode_name("José  Peña", "ascii", 15) == b"Jose Pena"


def test_long_name_is_cut_between_characters():
    assert encode_name("一二三四五六七八九", "gb2312", 15) == "一二三四五六七".encode("gb2312")
    assert encode_name("Bartholomew Montgomery", "ascii", 15) == b"Bartholomew Mon"
