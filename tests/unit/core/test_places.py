"""Where numbers are from. Area codes as the national plans have them; 138001x is Beijing Mobile."""

from __future__ import annotations

import pytest

from firmware.core.countries import country
from firmware.core.numbering import place_of
from firmware.core.places import Places
from tests.bench.make_places import packed, rows_of

KNOWN = [
    ("CN", "01065529988", "zh-CN", "北京市"),
    ("CN", "01065529988", "en", "Beijing"),
    ("CN", "075583217777", "zh-CN", "广东省深圳市"),
    ("CN", "13800138000", "zh-CN", "北京市"),
    ("CN", "13800138000", "en", "Beijing"),
    ("US", "2025550123", "en", "Washington D.C."),
    ("US", "+862165529988", "en", "Shanghai"),
    ("GB", "02079460000", "en", "London"),
    ("CN", "0044 20 7946 0000", "en", "London"),
    ("JP", "0312345678", "en", "Tokyo"),
    ("CN", "201", "zh-CN", ""),
    ("CN", "", "zh-CN", ""),
    ("CN", "400*", "zh-CN", ""),
]


@pytest.mark.parametrize(("code", "number", "language", "place"), KNOWN)
def test_the_place_of_a_number(code, number, language, place):
    assert place_of(number, country(code), language) == place


def test_a_table_that_is_made_is_read_as_it_was_meant():
    data = {
        "8610": {"zh": "北京市", "en": "Beijing"},
        "86101": {"zh": "北京市", "en": "Beijing"},  # says nothing more
        "86102": {"zh": "", "en": "Elsewhere"},
        "12025": {"en": "too fine"},
        "1202": {"en": "Washington D.C."},
        "7495": {"en": "Moscow"},  # a code that is not kept
    }
    kept = rows_of(data)
    assert set(kept) == {"8610", "86102", "1202"}
    table = Places(packed(kept))
    assert table.of("+8610123", "zh-CN") == "北京市"
    assert table.of("+8610234", "zh-CN") == "Elsewhere"
    assert table.of("+12025550123", "zh-CN") == "Washington D.C."
    assert table.of("+74951234567", "en") == ""
