"""Cards: the form of numbers, mistakes in both languages, two as one, import and export."""

from __future__ import annotations

import pytest

from firmware.core.countries import country
from firmware.customers import csv_form, vcard
from firmware.customers.csv_form import FormError
from firmware.customers.customer import Customer, checked, merged, number_key, sentence
from firmware.customers.importing import planned

CN = country("CN")
GRADES = ("vip", "regular")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("13800138000", "+8613800138000"),
        ("013800138000", "+8613800138000"),  # as a long-distance exchange shows it
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086-13800138000", "+8613800138000"),
        ("(010) 6552-9988", "+861065529988"),
        ("+1 212 555 0123", "+12125550123"),
        ("95588", "95588"),
    ],
)
def test_one_number_has_one_form(written: str, key: str) -> None:
    assert number_key(written, CN) == key


def test_an_extension_is_nobodys_number() -> None:
    with pytest.raises(ValueError, match="201: 5 to 20 digits"):
        number_key("201", CN)


def test_mistakes_are_sentences_in_both_languages() -> None:
    card = Customer(numbers=("12",), grade="gold", language="fr", fields={"dog": "x"})
    _, wrong = checked(card, CN, GRADES, ("cat",))
    assert set(wrong) == {"name", "numbers", "grade", "language", "fields.dog"}
    assert sentence(wrong["grade"], "en") == "There is no grade gold; there are vip, regular."
    assert sentence(wrong["grade"], "zh-CN") == "没有等级 gold；可选：vip, regular"
    assert sentence(wrong["numbers"], "en") == "Number 12: 5 to 20 digits are needed."


def test_two_cards_of_one_person_lose_nothing() -> None:
    first = Customer(customer=1, name="Wang", numbers=("+8613800138000",), note="calls late")
    second = Customer(customer=2, grade="vip", numbers=("+861065529988",), note="likes tea")
    both = merged(first, second)
    assert (both.customer, both.name, both.grade) == (1, "Wang", "vip")
    assert both.numbers == ("+8613800138000", "+861065529988")
    assert both.note == "calls late\nlikes tea"


CSV = (
    "\ufeff姓名;电话;标签;城市\r\n"
    '王小明;"13800138000;010-65529988";vip;北京\r\n'
    "李四;12;;\r\n"
    "王小明;+86 138 0013 8000;care;\r\n"
)


def test_a_dry_run_says_what_is_new_double_and_wrong() -> None:
    plan = planned(csv_form.read(CSV), lambda _number: None, CN, GRADES, ("城市",))
    (card,) = plan.new
    assert card.name == "王小明"
    assert card.numbers == ("+8613800138000", "+861065529988")
    assert card.tags == ("vip", "care")
    assert card.fields == {"城市": "北京"}
    assert (plan.doubles, plan.same, plan.changed) == (1, 0, ())
    (wrong,) = plan.wrong
    assert (wrong.line, wrong.field) == (3, "numbers")


def test_the_same_file_again_changes_nothing() -> None:
    (card,) = planned(csv_form.read(CSV), lambda _number: None, CN, GRADES, ("城市",)).new
    again = planned(csv_form.read(CSV), lambda _number: card, CN, GRADES, ("城市",))
    assert (again.new, again.changed, again.same) == ((), (), 1)


def test_an_export_is_read_back_as_it_was_and_runs_no_formula() -> None:
    card = Customer(
        name="=HYPERLINK(1)",
        numbers=("+8613800138000", "+861065529988"),
        note='said "no", twice\nand left',
        tags=("vip", "care"),
        fields={"city": "北京"},
    )
    text = "".join(csv_form.write([card], ["city"]))
    assert "'=HYPERLINK(1)" in text
    assert csv_form.read(text) == [(3, card)]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "name\nWang\n"])
def test_a_table_without_names_or_numbers_is_refused(text: str) -> None:
    with pytest.raises(FormError):
        csv_form.read(text)


VCARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:王小明\r\nORG:Acme\\, Ltd;Sales\r\n"
    "item1.TEL;TYPE=CELL:138 0013 8000\r\nTEL;VALUE=uri:tel:+86-10-6552-9988\r\n"
    "CATEGORIES:vip,care\r\nNOTE:first line\\nsecond\r\n  line\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E;=E5=\r\n"
    "=9B=9B\r\nTEL;CELL:13900139000\r\nEND:VCARD\r\n"
)


def test_address_books_of_telephones_are_read() -> None:
    (_, first), (line, second) = vcard.read(VCARD)
    assert (first.name, first.company) == ("王小明", "Acme, Ltd Sales")
    assert [number_key(n, CN) for n in first.numbers] == ["+8613800138000", "+861065529988"]
    assert first.tags == ("vip", "care")
    assert first.note == "first line\nsecond line"
    assert (line, second.name, second.numbers) == (11, "李四", ("13900139000",))


def test_a_card_written_is_a_card_read_in_lines_of_75_octets() -> None:
    card = Customer(
        name="王; 小明",
        company="甲,乙",
        numbers=("+8613800138000",),
        note="很长的备注。" * 30,
        tags=("a,b",),
    )
    text = "".join(vcard.write([card]))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert vcard.read(text) == [(1, card)]


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCARD\nFN:x\n"])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(FormError):
        vcard.read(text)
