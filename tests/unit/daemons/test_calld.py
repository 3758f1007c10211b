"""calld without its sockets: what is kept before what is done, and what is refused how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.line import LoopClosed, RingStarted, RingStopped
from firmware.control.messages import (
    AskHistory,
    AskLines,
    AskRegisters,
    AskSettings,
    AskStatus,
    HistoryAnswer,
    PortSnapshot,
    Readings,
    Refused,
    RestoreSettings,
    SaveSettings,
    SeenDamage,
    SettingsAnswer,
    Snapshot,
    Status,
)
from firmware.core.commands import Ring, SetBridge
from firmware.daemons.calld import Calld
from firmware.storage.errors import StorageError
from firmware.storage.record_reader import ReadRecords
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new

BOOT = "boot-1"
WALL = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PORTS = tuple(f"{kind}/{n}" for kind in ("fxs", "fxo") for n in range(1, 5))


class FullCard:
    """Records on a card that is full for a while."""

    def __init__(self, inner: Records):
        self.inner, self.full = inner, False

    def append(self, entries, **more):
        if self.full:
            raise StorageError("no space left on the card")
        self.inner.append(entries, **more)

    def __getattr__(self, name):
        return getattr(self.inner, name)


class Desk:
    """A calld with lined played by hand."""

    def __init__(self, folder: Path):
        self.folder = folder
        if not (folder / "settings").exists():
            mark_new(folder / "settings")
        self.records = FullCard(Records.open(folder / "records.sqlite"))
        self.calld = Calld(
            records=self.records,
            settings=SettingsStore(folder / "settings"),
            country="CN",
            recordings=folder / "recordings",
            boot=BOOT,
            now_ms=0,
            wall=WALL,
        )
        self.now_ms = 0
        self.out: list = []

    def connect(self):
        self.calld.lined_connected(self.now_ms)
        ports = tuple(PortSnapshot(port=port, ready=True) for port in PORTS)
        self.tell(Snapshot(at_ms=self.now_ms, boot=BOOT, alone_ms=0, ports=ports))
        return self

    def tell(self, message):
        wall = WALL + timedelta(milliseconds=self.now_ms)
        new = self.calld.from_lined(message, self.now_ms, wall)
        self.out += new
        return new

    def pass_ms(self, ms):
        end = self.now_ms + ms
        while (due := self.calld.next_deadline()) <= end:
            self.now_ms = max(self.now_ms, due)
            wall = WALL + timedelta(milliseconds=self.now_ms)
            self.out += self.calld.advance(self.now_ms, wall)
        self.now_ms = end

    def ask(self, request):
        answers = []
        self.out += self.calld.request(request, answers.append, self.now_ms, WALL)
        return answers[0] if answers else None

    def ring_line(self, bursts=2):
        for _ in range(bursts):
            self.tell(RingStarted(port="fxo/1", at_ms=self.now_ms))
            self.pass_ms(1000)
            self.tell(RingStopped(port="fxo/1", at_ms=self.now_ms, duration_ms=1000))
            self.pass_ms(4000)

    def kept(self):
        with ReadRecords.open(self.folder / "records.sqlite") as records:
            return records.calls(limit=-1)


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.calld.abandon()


def direct(desk):
    now = desk.ask(AskSettings())
    document = dict(now.settings, inbound="201")
    answer = desk.ask(SaveSettings(base=now.version, who="owner", why="t", settings=document))
    assert isinstance(answer, SettingsAnswer), answer


def test_answer_is_in_the_records_before_voices_are_joined(desk):
    direct(desk)
    desk.connect().ring_line()
    assert any(isinstance(c, Ring) for c in desk.out)
    joined = []
    keep = desk.records.append

    def watched(entries, **more):
        joined.append("kept " + " ".join(type(e).__name__ for e in entries))
        keep(entries, **more)

    desk.records.append = watched
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms, ring_trip=True))
    desk.pass_ms(500)
    assert any("TelephoneAnswered" in j and "VoicesConnected" in j for j in joined)
    assert any(isinstance(c, SetBridge) and c.parties for c in desk.out)
    (record,) = desk.kept()
    assert record.t4_ms is not None
    assert record.t5_ms is not None


def test_offered_call_is_kept_at_once(desk):
    desk.connect().tell(RingStarted(port="fxo/1", at_ms=0))
    (record,) = desk.kept()
    assert record.origin == "fxo/1"
    assert record.outcome is None


def test_full_card_stops_no_call_and_loses_no_record(desk):
    direct(desk)
    desk.connect().ring_line()
    desk.records.full = True
    desk.tell(LoopClosed(port="fxs/1", at_ms=desk.now_ms, ring_trip=True))
    desk.pass_ms(3000)
    assert any(isinstance(c, SetBridge) and c.parties for c in desk.out), "the call had to wait"
    assert any("no space left" in alarm for alarm in desk.calld.status(desk.now_ms).alarms)
    assert desk.kept()[0].t5_ms is None
    desk.records.full = False
    desk.pass_ms(3000)
    assert desk.kept()[0].t5_ms is not None
    assert not desk.calld.status(desk.now_ms).alarms


def test_changed_settings_survive_and_a_stale_change_is_refused(desk, tmp_path):
    now = desk.ask(AskSettings())
    document = dict(now.settings, inbound="202")
    first = desk.ask(SaveSettings(base=now.version, who="owner", why="summer", settings=document))
    stale = desk.ask(SaveSettings(base=now.version, who="other", why="?", settings=now.settings))
    assert isinstance(stale, Refused)
    assert stale.id == "settings-conflict"
    assert first.settings["inbound"] == "202"
    history = desk.ask(AskHistory())
    assert isinstance(history, HistoryAnswer)
    assert (history.versions[0].who, history.versions[0].why) == ("owner", "summer")
    desk.calld.abandon()
    assert Desk(tmp_path).ask(AskSettings()).settings["inbound"] == "202"


def test_damage_of_the_settings_is_an_alarm_until_somebody_has_seen_it(desk, tmp_path):
    for number in ("201", "202"):
        now = desk.ask(AskSettings())
        document = dict(now.settings, inbound=number)
        desk.ask(SaveSettings(base=now.version, who="owner", why="", settings=document))
    desk.calld.abandon()
    (file,) = tmp_path.rglob("settings.json")
    file.write_bytes(b"")
    again = Desk(tmp_path)
    assert any("settings.json" in alarm for alarm in again.calld.status(0).alarms)
    assert "settings.json" in again.ask(AskHistory(language="en")).damage[0]
    assert again.ask(SeenDamage(who="owner")).damage == ()
    assert not any("settings.json" in alarm for alarm in again.calld.status(0).alarms)
    again.calld.abandon()
    assert Desk(tmp_path).ask(AskHistory()).damage == ()


def test_wrong_settings_are_refused_with_the_field_and_change_nothing(desk):
    now = desk.ask(AskSettings())
    wrong = dict(now.settings, inbound="flow:nowhere")
    answer = desk.ask(SaveSettings(base=now.version, who="o", why="w", settings=wrong))
    assert isinstance(answer, Refused)
    assert answer.id == "settings-invalid"
    assert "inbound" in answer.fields
    shape = dict(now.settings, extensions="all")
    answer = desk.ask(SaveSettings(base=now.version, who="o", why="w", settings=shape))
    assert answer.id == "settings-invalid"
    assert desk.ask(AskSettings()) == now


def test_unknown_version_is_refused_by_number(desk):
    answer = desk.ask(RestoreSettings(version=77, who="o", why="w"))
    assert answer.id == "settings-unknown-version"
    assert "77" in answer.message


def test_questions_to_the_lines_are_answered_when_lined_answers(desk):
    assert desk.ask(AskLines()).id == "lines-away"
    desk.connect()
    answers = []
    (ask,) = desk.calld.request(AskLines(), answers.append, 0, WALL)
    assert answers == []
    desk.tell(Readings(ask=ask.ask, readings=()))
    assert answers[0].readings == ()
    desk.calld.request(AskRegisters(port="fxo/1"), answers.append, 0, WALL)
    desk.calld.lined_gone(0, WALL)
    assert answers[1].id == "lines-away"


def test_status_says_whether_lined_is_there(desk):
    status = desk.ask(AskStatus())
    assert isinstance(status, Status)
    assert not status.lines_connected
    assert desk.connect().ask(AskStatus()).lines_connected


def test_call_left_open_by_a_power_cut_is_closed_as_interrupted(tmp_path):
    desk = Desk(tmp_path)
    direct(desk)
    desk.connect().ring_line(1)
    desk.calld.abandon()
    records = Records.open(tmp_path / "records.sqlite")
    after = Calld(
        records=records,
        settings=SettingsStore(tmp_path / "settings"),
        country="CN",
        recordings=tmp_path,
        boot="boot-2",
        now_ms=0,
        wall=WALL + timedelta(hours=1),
    )
    (record,) = desk.kept()
    assert record.outcome == "interrupted"
    after.abandon()
