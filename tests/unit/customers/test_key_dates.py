"""Days of customers: when they fall, how people and tables write them, what is wrong with them."""

from __future__ import annotations

from datetime import date

import pytest

from firmware.core.countries import country
from firmware.customers import csv_form, vcard
from firmware.customers.customer import Customer, checked, merged, sentence
from firmware.customers.key_date import KeyDate, fallen, falls_on, read_dates, written_dates

CN = country("CN")
BORN = KeyDate(name="birthday", day="1980-05-01")
RENEWAL = KeyDate(name="续约", day="2027-03-01", yearly=False)


@pytest.mark.parametrize(
    ("key_date", "day", "falls"),
    [
        (BORN, date(2026, 5, 1), True),
        (BORN, date(2026, 5, 2), False),
        (BORN, date(1979, 5, 1), False),  # not born yet
        (RENEWAL, date(2027, 3, 1), True),
        (RENEWAL, date(2028, 3, 1), False),  # once
        (KeyDate(name="b", day="2000-02-29"), date(2028, 2, 29), True),
        (KeyDate(name="b", day="2000-02-29"), date(2028, 2, 28), False),
        (KeyDate(name="b", day="2000-02-29"), date(2027, 2, 28), True),
    ],
)
def test_on_which_day_it_falls(key_date: KeyDate, day: date, *, falls: bool) -> None:
    assert falls_on(key_date, day) is falls


def test_days_of_a_box_that_was_off_are_not_lost() -> None:
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 2)]
    assert fallen((BORN, RENEWAL), days) == [(BORN, date(2026, 5, 1))]


def test_dates_are_written_as_people_write_them() -> None:
    text = "生日 1980/5/1；续约 2027-03-01\nservice 2026-01-31 yearly"
    card, wrong = checked(Customer(name="Wang", dates=read_dates(text)), CN, (), ())
    assert not wrong
    assert card.dates == (
        KeyDate(name="生日", day="1980-05-01"),
        KeyDate(name="续约", day="2027-03-01", yearly=False),
        KeyDate(name="service", day="2026-01-31"),
    )
    assert read_dates(written_dates(card.dates)) == card.dates


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("birthday", "Date birthday: needed is a name and a day such as 2026-05-01."),
        ("birthday 1980-02-30", "Date birthday 1980-02-30: needed is a name and a day such as"),
        (" 1980-02-03", "needed is a name"),
        ("; ".join(f"d{n} 2026-05-01" for n in range(9)), "At most 8 dates; there are 9."),
    ],
)
def test_a_wrong_date_is_told_and_nothing_is_kept(text: str, words: str) -> None:
    _, wrong = checked(Customer(name="Wang", dates=read_dates(text)), CN, (), ())
    assert words in sentence(wrong["dates"], "en")
    assert sentence(wrong["dates"], "zh-CN")


def test_a_table_brings_dates_and_takes_them_out_again() -> None:
    text = "姓名,电话,生日,联系方式\r\n王,13800138000,1980/5/1,短信\r\n"
    ((_, card),) = csv_form.read(text)
    assert card.dates == (BORN,)
    assert card.channel == "text"
    whole = Customer(name="王", numbers=("+8613800138000",), dates=(BORN, RENEWAL), channel="mail")
    assert csv_form.read("".join(csv_form.write([whole], []))) == [(2, whole)]


def test_a_birthday_comes_from_an_address_book_and_goes_back() -> None:
    text = "BEGIN:VCARD\nFN:Wang\nTEL:13800138000\nBDAY:{}\nEND:VCARD\n"
    for written in ("19800501", "1980-05-01", "1980-05-01T00:00:00Z"):
        ((_, card),) = vcard.read(text.format(written))
        assert card.dates == (BORN,)
    ((_, card),) = vcard.read(text.format("--0501"))  # without its year
    assert card.dates == ()
    assert "BDAY:19800501\r\n" in "".join(vcard.write([Customer(name="Wang", dates=(BORN,))]))


def test_a_channel_there_is_not_is_refused_and_two_cards_lose_no_date() -> None:
    _, wrong = checked(Customer(name="Wang", channel="pigeon"), CN, (), ())
    told = sentence(wrong["channel"], "en")
    assert told == "There is no way pigeon to reach somebody; there are call, text, mail."
    both = merged(
        Customer(name="a", dates=(BORN,)), Customer(dates=(RENEWAL, BORN), channel="text")
    )
    assert (both.dates, both.channel) == ((BORN, RENEWAL), "text")
