"""Modems that know no PDU mode: what they are told, by hand from 27.005, and what comes of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.outbox.modem import Modem
from firmware.outbox.pdu import Deliver, PduError, Report
from firmware.outbox.text_mode import Piece, pieces, report_of, stored
from firmware.outbox.vendors import TextForm, vendor_of
from tests.bench.cellular.modem import Faults
from tests.bench.cellular.words_face import WordsFace
from tests.unit.outbox.test_modem import SHOP, Desk

STANDARD = TextForm()
UNICODE = vendor_of("WAVECOM MODEM").text
NUMBER = "10086"
NUMBER_HEX = "00310030003000380036"
CHINA = timezone(timedelta(hours=8))


def test_a_short_text_in_letters_and_in_chinese() -> None:
    """SUBMIT, validity 24 h, report wanted: 49; alphabets 0 and 8 (23.040, 9.2.3.1; 23.038, 4)."""
    assert pieces(NUMBER, "Hi!", 1, STANDARD) == (
        Piece("AT+CSMP=49,167,0,0", f'AT+CMGS="{NUMBER_HEX}"', "004800690021"),
    )
    assert pieces(NUMBER, "你好", 1, STANDARD) == (
        Piece("AT+CSMP=49,167,0,8", f'AT+CMGS="{NUMBER_HEX}"', "4F60597D"),
    )


def test_a_long_text_carries_its_header_in_octets() -> None:
    """Header there: 49 + 64 = 113; 6 octets 05 00 03, reference, how many, which."""
    first, second = pieces(NUMBER, "好" * 71, 0x2A, STANDARD)
    assert first.before == second.before == "AT+CSMP=113,167,0,8"
    assert first.typed == "0500032A0201" + "597D" * 67
    assert second.typed == "0500032A0202" + "597D" * 4
    assert len(pieces(NUMBER, "a" * 160, 1, STANDARD)) == 1
    assert [p.typed[:12] for p in pieces(NUMBER, "a" * 161, 9, STANDARD)] == [
        "050003090301",
        "050003090302",
        "050003090303",
    ]


def test_where_nothing_ties_parts_together_each_says_which_it_is() -> None:
    """Unicode alone: its length in octets stands behind the number, and no kind is told."""
    assert pieces(NUMBER, "Hi", 1, UNICODE) == (Piece("", 'AT+CMGS="10086",4', "00480069"),)
    parts = pieces(NUMBER, "好" * 100, 1, UNICODE)
    words = [bytes.fromhex(part.typed).decode("utf-16-be") for part in parts]
    assert [word[:4] for word in words] == ["1/2 ", "2/2 "]
    assert "".join(word[4:] for word in words) == "好" * 100
    assert max(len(part.typed) for part in parts) <= 280


@given(st.text(min_size=1, max_size=600), st.integers(0, 255))
def test_any_text_gets_through_whole(text: str, reference: int) -> None:
    text = text.encode("utf-16-be", "replace").decode("utf-16-be")
    for form, kind in ((STANDARD, "standard"), (UNICODE, "unicode")):
        face = WordsFace(kind)
        face.reply('AT+CSCS="UCS2"')
        got = []
        for piece in pieces(SHOP, text, reference, form):
            assert not piece.before or face.reply(piece.before) == ["OK"]
            assert face.addressed(piece.command)
            got.append(face.submitted(piece.typed))
        assert {part.number for part in got} == {SHOP}
        parts = [part.text for part in got]
        if kind == "unicode" and len(parts) > 1:
            parts = [part.partition(" ")[2] for part in parts]
        assert "".join(parts) == text


def test_what_came_is_read() -> None:
    """Lines written by hand: UCS-2 with a header, letters, a report, one that lost a character."""
    head = '+CMGR: "REC UNREAD","002B00380036","","26/11/22,09:30:05+32",145'
    long_ = (f'{head},68,0,8,"",145,10', "050003070201597D597D"[:20])
    assert stored(long_, STANDARD) == Deliver(
        "+86", datetime(2026, 11, 22, 9, 30, 5, tzinfo=CHINA), "好好", 7, 2, 1
    )
    letters = (f'{head},4,0,0,"",145,4', "00480069005B")  # the bracket is two septets
    assert stored(letters, STANDARD) == Deliver(
        "+86", datetime(2026, 11, 22, 9, 30, 5, tzinfo=CHINA), "Hi["
    )
    with pytest.raises(PduError):
        stored((f'{head},4,0,0,"",145,4', "00480069"), STANDARD)
    with pytest.raises(PduError):
        stored((f'{head},68,0,8,"",145,10', "050003070201597D597"), STANDARD)
    line = '+CDS: 6,25,"0031",129,"26/11/22,09:30:05+32","26/11/22,09:31:05+32",0'
    told = Report(25, "1", datetime(2026, 11, 22, 9, 31, 5, tzinfo=CHINA), 0)
    assert report_of(line, STANDARD) == told
    kept = '+CMGR: "REC READ",6,25,"0031",129,"26/11/22,09:30:05+32","26/11/22,09:31:05+32",0'
    assert stored((kept,), STANDARD) == told
    with pytest.raises(PduError):
        stored(('+CMGR: "STO SENT","0031",,', "0048"), STANDARD)
    with pytest.raises(PduError):
        report_of("+CDS: 6,25", STANDARD)


def test_a_modem_of_words_alone_sends_and_receives() -> None:
    desk = Desk("wavecom")
    desk.plug()
    desk.send(1, "您好，😀")
    desk.send(2, "好" * 100)
    desk.let(60_000)
    desk.far.arrive(NUMBER, "余额 12.50 元", desk.now)
    desk.let(80_000)
    assert [text for _, text in desk.network.texts()] == [
        "您好，😀",
        "1/2 " + "好" * 62,  # 70, less room for the longest mark
        "2/2 " + "好" * 38,
    ]
    assert set(desk.sent) == {1, 2}
    assert desk.came == [(NUMBER, "余额 12.50 元")]
    assert not desk.far.store


def test_half_of_a_text_in_words_goes_on_where_it_was() -> None:
    """Three of four are out: a process that begins anew may not take it for whole."""
    desk = Desk("wavecom")
    desk.plug()
    desk.send(1, "好" * 200, done=(1, 2, 3))
    desk.let(60_000)
    assert [text for _, text in desk.network.texts()] == ["4/4 " + "好" * 14]
    assert len(desk.sent[1]) == 4


def test_a_lost_character_never_makes_another_text() -> None:
    """Two of a thousand characters to the modem are lost: what goes out is exact all the same."""
    print("seed 20261122")
    desk = Desk("telit", 20261122, faults=Faults(lost_to_modem=0.002))
    desk.plug()
    for n in range(1, 13):
        desk.send(n, f"{n} 您好，您排在第 3 位。")
    desk.let(1_200_000)
    for n in desk.failed:
        assert desk.failed[n].again
    sent = [text for _, text in desk.network.texts()]
    assert sorted(sent) == sorted(f"{n} 您好，您排在第 3 位。" for n in desk.sent)
    assert len(sent) >= 10


def test_a_modem_that_does_not_say_whether_it_knows_pdu_mode_is_asked_again() -> None:
    core = Modem()
    core.opened(0)
    said = []
    for _ in range(200):
        due = core.next_deadline() or 0
        said += core.advance(due)
    assert core.condition.state == "silent"
