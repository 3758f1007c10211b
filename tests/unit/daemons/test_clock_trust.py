"""A clock that nobody has confirmed: what is written says so, people are told when it lasts."""

from firmware.daemons.clock_trust import PATIENCE_MS, ClockTrust, confirmed


def test_a_service_that_has_no_answer_yet_confirms_nothing(tmp_path):
    folder = tmp_path / "timesync"
    assert confirmed(folder), "another service, or a clock"
    folder.mkdir()
    assert not confirmed(folder)
    (folder / "synchronized").touch()
    assert confirmed(folder)


def test_people_are_told_after_ten_minutes_and_no_longer_than_it_lasts():
    clock = ClockTrust(trusted=True)
    assert not clock.know(0, trusted=False)
    assert not clock.trusted
    assert not clock.know(PATIENCE_MS - 1, trusted=False)
    assert clock.alarms("en") == ()
    assert clock.know(PATIENCE_MS, trusted=False)
    assert "confirmed the time" in clock.alarms("en")[0]
    assert "时间" in clock.alarms("zh-CN")[0]
    assert clock.know(PATIENCE_MS + 1, trusted=True)
    assert clock.trusted
    assert clock.alarms("en") == ()
