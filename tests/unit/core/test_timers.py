"""The table of timers, ids and telephone numbers."""

from __future__ import annotations

import pytest

from firmware.call.states import CALL
from firmware.core.countries import COUNTRIES
from firmware.core.destinations import ToFlow, named, spoken
from firmware.core.ids import bridge_id, call_id, counting, play_id, recording_id
from firmware.core.phone_numbers import dialable, is_extension, outside_number, shortened
from firmware.core.settings import Settings
from firmware.core.timers import DEFAULT_TIMES, TIMERS, TimerError, Times
from firmware.port.fxo_states import FXO_PORT
from firmware.port.fxs_port import FXS_PORT


@pytest.mark.parametrize("name", TIMERS)
def test_every_timer_has_a_sound_range_and_a_reason(name: str) -> None:
    timer = TIMERS[name]
    assert 0 <= timer.low_ms <= timer.default_ms <= timer.high_ms
    assert len(timer.source) > 15


def test_an_unknown_timer_and_a_value_out_of_range_are_refused_by_name() -> None:
    with pytest.raises(TimerError, match="'tea'"):
        Times({"tea": 1})
    with pytest.raises(TimerError, match="howler: 1 ms is outside 5000 to 300000 ms"):
        Times({"howler": 1})


def test_what_is_not_changed_keeps_its_default() -> None:
    times = Times({"howler": 30_000})
    assert (times["howler"], times["inter_digit"]) == (30_000, 4_000)
    assert len(times) == len(TIMERS) == len(list(DEFAULT_TIMES))


def test_a_pause_between_rings_never_counts_as_their_end_nor_as_one_ring() -> None:
    for code, profile in COUNTRIES.items():
        pauses = profile.ring_ms[1::2]
        assert max(pauses) < TIMERS["ring_ceased"].low_ms, code
        assert min(pauses) < TIMERS["ring_join"].low_ms or len(pauses) == 1, code
        assert pauses[-1] > TIMERS["ring_join"].high_ms, code


def test_the_busiest_tables_name_only_timers_that_exist() -> None:
    for table in (CALL, FXO_PORT, FXS_PORT):
        named_there = {state.timer for state in table.states.values() if state.timer}
        assert named_there <= set(TIMERS)


def test_ids_grow_in_the_order_of_their_texts() -> None:
    next_id = counting(after=8)
    ids = [next_id() for _ in range(3)]
    assert ids == sorted(ids) == [call_id(9), call_id(10), call_id(11)]
    assert bridge_id(ids[0]).startswith(ids[0])
    assert recording_id(ids[0], 1) != recording_id(ids[0], 2) != play_id(ids[0], 2)
    with pytest.raises(ValueError, match="call 0"):
        call_id(0)


def test_a_number_as_a_person_writes_it_can_be_dialled() -> None:
    assert dialable("(010) 6552-9988") == "01065529988"
    assert dialable("+86 10.6552/9988") == "+861065529988"
    with pytest.raises(ValueError, match="'x'"):
        dialable("12x")
    assert outside_number("+86 (10) 6552-9988") == "+861065529988"
    assert outside_number("110") == "110"
    refused = ("", "12", "12x", "1+2", "*72110", "1" * 21, "٣٣٣٣")
    assert [outside_number(text) for text in refused] == [""] * len(refused)


def test_internal_numbers_have_three_digits() -> None:
    assert is_extension("201")
    assert not is_extension("20")
    assert not is_extension("2*1")


def test_logs_show_the_end_of_a_number_only() -> None:
    assert shortened("01065529988") == "...988"
    assert shortened("201") == "201"


def test_destinations_are_named_and_spoken() -> None:
    office = Settings()
    assert named("flow:main", office) == ToFlow(flow="main")
    assert named("299", office) is None
    spoken_of = {
        text: spoken(place)
        for text in ("flow:main", "201", "200")
        if (place := named(text, office)) is not None
    }
    assert spoken_of == {
        "flow:main": "flow main",
        "201": "extension 201",
        "200": "group 200",
    }
