"""Sessions of the page: they end, and guesses are slowed down over restarts."""

from datetime import UTC, datetime, timedelta

import pytest

from firmware.storage.visitors import FILE_NAME, Visitors

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def visitors(tmp_path):
    made = Visitors(tmp_path)
    yield made
    made.close()


def test_a_key_opens_its_own_session_and_no_other(visitors):
    key, session = visitors.begin("chen", NOW)
    other, _ = visitors.begin("lin", NOW)
    assert visitors.find(key, NOW) == session
    assert visitors.find(other, NOW).account == "lin"
    assert visitors.find(key + "x", NOW) is None
    assert visitors.find("", NOW) is None


def test_a_signed_out_key_is_worth_nothing(visitors):
    key, _ = visitors.begin("chen", NOW)
    visitors.end(key)
    assert visitors.find(key, NOW) is None


def test_a_new_password_ends_every_other_session_of_the_account(visitors):
    here, _ = visitors.begin("chen", NOW)
    there, _ = visitors.begin("chen", NOW)
    lin, _ = visitors.begin("lin", NOW)
    visitors.end_all("chen", keep=here)
    assert [visitors.find(k, NOW) is not None for k in (here, there, lin)] == [True, False, True]


def test_a_session_ends_after_twelve_idle_hours_and_after_a_week_in_any_case(visitors):
    key, _ = visitors.begin("chen", NOW)
    assert visitors.find(key, NOW + 13 * HOUR) is None
    used, _ = visitors.begin("chen", NOW)
    for hours in range(6, 7 * 24, 6):
        assert visitors.find(used, NOW + hours * HOUR) is not None, f"after {hours} hours"
    assert visitors.find(used, NOW + timedelta(days=7, seconds=1)) is None


def test_the_card_does_not_hold_the_keys(visitors, tmp_path):
    key, _ = visitors.begin("chen", NOW)
    visitors.close()
    kept = b"".join(f.read_bytes() for f in tmp_path.glob(f"{FILE_NAME}*"))
    assert key.encode() not in kept


def test_guesses_are_slowed_down_and_a_restart_does_not_help(visitors, tmp_path):
    waits = []
    at = NOW
    for _ in range(16):
        visitors.wrong("chen", at)
        waits.append(visitors.wait_s("chen", at))
        at += timedelta(seconds=waits[-1])
    # Three for free, then doubled each time, at most a quarter of an hour.
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    visitors.wrong("chen", at)
    visitors.close()
    again = Visitors(tmp_path)
    assert again.wait_s("chen", at) == 900
    assert again.wait_s("lin", at) == 0
    again.right("chen")
    assert again.wait_s("chen", at) == 0
    again.close()
