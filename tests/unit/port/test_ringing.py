"""What a telephone's pair gets while it rings: cadence of its country, identity in its place."""

from __future__ import annotations

import pytest

from drivers.line import LineState
from firmware.core.commands import Caller
from firmware.core.countries import COUNTRIES, country
from firmware.port.ringing import PutState, Ringer, SendCallerId, Step, identity_ms

CALLER = Caller(number="01065529988")
SHORT = {
    LineState.RINGING: "R",
    LineState.ACTIVE: "-",
    LineState.ON_HOOK_TRANSMISSION: "t",
    LineState.REVERSED_ON_HOOK_TRANSMISSION: "T",
}


def _mark(step: Step) -> str:
    return "id" if isinstance(step, SendCallerId) else SHORT[step.state]


def _sequence(code: str, caller: Caller | None, until_ms: int) -> list[tuple[int, str]]:
    """(time since the start, what) of a telephone rung at 5 000 ms."""
    start_ms = 5_000
    ringer = Ringer(country(code), caller=caller)
    found = [(0, _mark(step)) for step in ringer.start(start_ms)]
    while (due_ms := ringer.next_deadline()) is not None and due_ms - start_ms <= until_ms:
        found += [(due_ms - start_ms, _mark(step)) for step in ringer.advance(due_ms)]
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("CN", [(0, "R"), (1_000, "-"), (5_000, "R"), (6_000, "-"), (10_000, "R")]),
        ("US", [(0, "R"), (2_000, "-"), (6_000, "R"), (8_000, "-")]),
        (
            "GB",
            [
                (0, "R"),
                (400, "-"),
                (600, "R"),
                (1_000, "-"),
                (3_000, "R"),
                (3_400, "-"),
                (3_600, "R"),
                (4_000, "-"),
            ],
        ),
        ("JP", [(0, "R"), (1_000, "-"), (3_000, "R"), (4_000, "-")]),
    ],
)
def test_without_a_caller_the_cadence_is_the_countrys(code: str, expected: list) -> None:
    assert _sequence(code, None, expected[-1][0]) == expected


def test_china_sends_the_identity_in_the_pause_behind_the_first_ring_only() -> None:
    found = _sequence("CN", CALLER, 11_000)
    assert found[:3] == [(0, "R"), (1_000, "t"), (1_600, "id")]
    assert [at for at, what in found if what == "R"] == [0, 5_000, 10_000]
    assert [what for _, what in found].count("id") == 1
    # Back to battery only after the data: 490 bits of frame and 29 bytes (type, length, date 10,
    # number 13, name or its reason 3, checksum) of 10 bits at 1200 baud are 650 ms.
    # They leave the box some blocks after they were handed over: 50 ms more.
    assert next(at for at, what in found if what == "-") == 1_600 + 650 + 50


def test_data_begins_between_half_a_second_and_one_and_a_half_after_the_ring() -> None:
    for code, profile in COUNTRIES.items():
        if not profile.caller_id_out.endswith("between_rings"):
            continue
        found = _sequence(code, CALLER, 6_000)
        transmission_at = next(at for at, what in found if what == "t")
        data_at = next(at for at, what in found if what == "id")
        assert 500 <= data_at - transmission_at <= 1_500, code


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_ringing_never_cuts_into_the_identity(code: str) -> None:
    caller = Caller(number="0" * 20, name="N" * 20)
    found = _sequence(code, caller, 15_000)
    sent = [at for at, what in found if what == "id"]
    if country(code).caller_id_out == "fsk_jclip_before_ring":
        assert not sent
        return
    (sent_at,) = sent
    next_ring_at = next(at for at, what in found if what == "R" and at > sent_at)
    assert next_ring_at - sent_at >= identity_ms(country(code).caller_id_out, caller) + 200


def test_britain_reverses_the_line_and_sends_the_identity_before_the_first_ring() -> None:
    found = _sequence("GB", CALLER, 3_000)
    data_ms = identity_ms("fsk_v23_before_ring", CALLER)
    assert found[:3] == [(0, "T"), (300, "id"), (300 + data_ms + 400, "R")]


def test_keys_as_identity_are_not_longer_than_planned() -> None:
    # D, eleven digits, C at 70 ms each with 70 ms between.
    assert identity_ms("dtmf_before_ring", CALLER) == 13 * 140


def test_a_withheld_number_takes_no_longer_than_its_reason() -> None:
    withheld = Caller(number="01065529988", withheld=True)
    assert identity_ms("fsk_bell202_between_rings", withheld) < identity_ms(
        "fsk_bell202_between_rings", CALLER
    )


def test_a_ringer_that_is_asked_late_still_says_every_step_in_order() -> None:
    ringer = Ringer(country("CN"))
    ringer.start(0)
    steps = ringer.advance(6_100)
    assert [_mark(step) for step in steps] == ["-", "R", "-"]
    assert ringer.next_deadline() == 10_000


def test_stopping_leaves_battery_on_the_pair() -> None:
    ringer = Ringer(country("CN"))
    ringer.start(0)
    assert ringer.stop() == [PutState(state=LineState.ACTIVE)]
    assert ringer.next_deadline() is None


def test_an_unknown_cadence_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'waltz'"):
        Ringer(country("CN"), "waltz")
