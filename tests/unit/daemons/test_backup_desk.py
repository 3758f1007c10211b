"""Backups that the box makes by itself: when, where to, and what is said of them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from firmware.control.backup_messages import AskBackups, BackupsAnswer, MakeBackup, ProtectBackups
from firmware.control.messages import Refused
from firmware.core.backup_settings import Backups, is_due, moment
from firmware.core.desk_entries import Audited
from firmware.core.settings import Settings, validate
from firmware.daemons.aside import at_once
from firmware.daemons.desks.backup_desk import BackupDesk
from firmware.storage.backup import BackupError, restore
from firmware.storage.records import Records
from firmware.storage.troubles import said
from tests.unit.storage.stories import BOOT, inbound, wall

PHRASE = "correct horse battery"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


class Office:
    """A box with one call and a stick."""

    def __init__(self, tmp_path: Path, **wanted: object) -> None:
        self.data, self.stick = tmp_path / "data", tmp_path / "stick"
        self.data.mkdir()
        self.stick.mkdir()
        self.records = Records.open(self.data / "records.sqlite")
        story = inbound("00000001")
        now_ms = story[-1].at_ms
        self.records.append(story, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)
        self.settings = Settings(
            language="en", backups=Backups(folder=str(self.stick), what="records", **wanted)
        )
        self.desk = BackupDesk(self.data, lambda: self.settings, "")

    def ask(self, request: object) -> object:
        at = local(2, 9).astimezone(UTC)
        answer, self.noted = self.desk.answer(request, 1_000, at, at_once)
        return answer

    def look(self, at: datetime) -> None:
        self.desk.look(at.astimezone(UTC), at_once)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.stick.iterdir())


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path, keep=2)
    assert isinstance(made.ask(ProtectBackups(passphrase=PHRASE, who="ann")), BackupsAnswer)
    return made


def test_each_night_one_is_made_read_back_and_the_oldest_goes(
    office: Office, tmp_path: Path
) -> None:
    for hours in range(72):
        office.look(local(2, 9) + timedelta(hours=hours))
    # The first at once (its moment of 3:30 had passed), then at 4 o'clock of each night.
    at = [run.at[:16] for run in office.ask(AskBackups()).runs]
    assert at == ["2026-03-05T04:00", "2026-03-04T04:00", "2026-03-03T04:00", "2026-03-02T09:00"]
    assert office.files == ["tipring-20260304-0400.tipring", "tipring-20260305-0400.tipring"]
    run = office.ask(AskBackups()).runs[0]
    assert (run.calls, run.failed, run.size > 1000) == (1, "", True)
    assert run.entries == office.records.verify().events
    found = restore(office.stick / office.files[-1], tmp_path / "other", PHRASE)
    assert found.calls == 1
    with pytest.raises(BackupError, match="another pass-phrase"):
        restore(office.stick / office.files[-1], tmp_path / "third", "wrong horse battery")
    assert office.desk.alarms == ()


def test_a_stick_that_is_out_is_an_alarm_and_tried_again_each_hour(office: Office) -> None:
    shutil.rmtree(office.stick)
    office.look(local(2, 9))
    (alarm,) = office.desk.alarms
    assert alarm == f"The backup was not made: {office.stick} is not there; is the stick in?"
    office.look(local(2, 9, 30))
    assert len(office.ask(AskBackups()).runs) == 1
    office.stick.mkdir()
    office.look(local(2, 10))
    assert office.desk.alarms == ()
    assert office.files == ["tipring-20260302-1000.tipring"]
    # What was kept says the same after a restart.
    again = BackupDesk(office.data, lambda: office.settings, office.desk.document())
    again.look(local(2, 11).astimezone(UTC), at_once)
    assert len(office.files) == 1
    office.settings = Settings(language="zh-CN", backups=office.settings.backups)
    shutil.rmtree(office.stick)
    office.look(local(3, 4))
    (alarm,) = office.desk.alarms
    assert "不存在或未插入" in alarm


def test_a_box_that_was_off_says_that_there_is_no_new_backup(office: Office) -> None:
    office.look(local(2, 9))
    desk = BackupDesk(office.data, lambda: office.settings, office.desk.document())
    office.settings = Settings(
        language="en", backups=Backups(folder=str(office.stick), at="04:00", what="records")
    )
    desk._now = local(4, 17)  # it runs, and its backup does not come to an end
    assert desk.alarms == ("There is no backup since 2026-03-02T09:00.",)


def test_without_a_pass_phrase_or_within_the_box_nothing_is_written(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.ask(ProtectBackups(passphrase=PHRASE[:5])).message.startswith(
        "the pass-phrase has 5"
    )
    office.look(local(2, 9))
    assert "no pass-phrase" in office.desk.alarms[0]
    office.ask(ProtectBackups(passphrase=PHRASE))
    office.settings = Settings(language="en", backups=Backups(folder=str(office.data / "x")))
    office.ask(MakeBackup())
    assert "lies in the box's own data folder" in office.desk.alarms[0]
    office.settings = Settings(language="en")
    refused = office.ask(MakeBackup(language="en"))
    assert refused == Refused(id="backup-not-set", message="The place of backups is not set.")
    assert office.files == []


def test_who_asked_stands_in_the_log(office: Office) -> None:
    office.ask(MakeBackup(who="ann", origin="page"))
    (entry,) = office.noted
    assert isinstance(entry, Audited)
    assert (entry.who, entry.action, entry.what) == ("ann", "backup_made", "backups")
    assert PHRASE.encode() not in (office.data / "keys" / "backup.key").read_bytes()


@pytest.mark.parametrize(
    ("every", "now", "wanted"),
    [
        ("day", local(4, 3, 29), local(3, 3, 30)),
        ("day", local(4, 3, 30), local(4, 3, 30)),
        ("week", local(4, 12), local(2, 3, 30)),
        ("week", local(2, 3, 29), datetime(2026, 2, 23, 3, 30, tzinfo=SHANGHAI)),
    ],
)
def test_the_moment_of_a_backup(every: str, now: datetime, wanted: datetime) -> None:
    assert moment(Backups(folder="/m", every=every), now) == wanted


def test_none_is_due_where_none_is_wanted() -> None:
    assert not is_due(Backups(), None, good=False, now=local(2, 9))


@pytest.mark.parametrize(
    ("backups", "said"),
    [
        (Backups(folder="media/usb"), "must be an absolute path"),
        (Backups(folder="/media/../etc"), "must be an absolute path"),
        (Backups(at="24:00"), "must be from 00:00 to 23:59"),
        (Backups(at="3:30"), "must be from 00:00 to 23:59"),
    ],
)
def test_bad_settings_are_told(backups: Backups, said: str) -> None:
    problems = validate(Settings(backups=backups), "en")
    assert any(said in sentence for sentence in problems.values()), problems


def test_the_empty_place_of_a_stick_takes_no_backup(tmp_path: Path) -> None:
    # The folder is there without a stick too: in memory, where a backup would be gone by morning.
    office = Office(tmp_path)
    desk = BackupDesk(office.data, lambda: office.settings, "", sticks=tmp_path)
    at = local(2, 9).astimezone(UTC)
    for request in (ProtectBackups(passphrase=PHRASE, who="ann"), MakeBackup(who="ann")):
        answer, _ = desk.answer(request, 1_000, at, at_once)
    assert isinstance(answer, BackupsAnswer)
    run = answer.runs[0]
    assert said(run.failed, "en", run.where) == f"{office.stick} is not there; is the stick in?"
    assert office.files == []
