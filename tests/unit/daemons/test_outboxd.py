"""outboxd with calld and a modem of the bench in virtual time: killed, unplugged, refused."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.control.messages import AskSettings, Refused, SaveSettings
from firmware.control.outbox_messages import ChangeItem, MessagesAnswer, SendText
from firmware.core.menu_entries import SmsWanted
from firmware.daemons.calld import Calld
from firmware.storage.outbox import OutboxItem
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new
from tests.bench.postman import Postman

MAX = "13800138000"
WALL = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Office:
    """calld without lines, and a postman."""

    def __init__(self, folder: Path, maker: str = "huawei", **more: Any) -> None:
        self.folder = folder
        self.now = 0
        self.postman = Postman(maker, **more)
        self.calld: Calld | None = None
        self.start_calld()
        self.postman.start()
        self.postman.plug(0)

    def start_calld(self) -> None:
        settings = self.folder / "settings"
        if not settings.exists():
            settings.mkdir(parents=True)
            mark_new(settings)
        self.calld = Calld(
            records=Records.open(self.folder / "records.sqlite"),
            settings=SettingsStore(settings),
            country="CN",
            recordings=self.folder / "recordings",
            boot="boot",
            now_ms=self.now,
            wall=self.wall,
        )

    def kill_calld(self) -> None:
        assert self.calld is not None
        self.calld.abandon()
        self.calld = None

    @property
    def wall(self) -> datetime:
        return WALL + timedelta(milliseconds=self.now)

    def ask(self, request: msgspec.Struct) -> Any:
        answers: list[Any] = []
        assert self.calld is not None
        self.calld.request(request, answers.append, self.now, self.wall)
        return answers[0]

    def set(self, **outbox: Any) -> None:
        self.set_all(outbox={**self.ask(AskSettings()).settings["outbox"], **outbox})

    def set_all(self, **areas: Any) -> None:
        known = self.ask(AskSettings())
        document = {**known.settings, **areas}
        saved = self.ask(
            SaveSettings(base=known.version, who="owner", why="test", settings=document)
        )
        assert not isinstance(saved, Refused), saved

    def send(self, text: str, number: str = MAX) -> None:
        answer = self.ask(SendText(number=number, text=text, language="en"))
        assert isinstance(answer, MessagesAnswer), answer

    def let(self, ms: int, step: int = 50) -> None:
        end = self.now + ms
        while self.now < end:
            core = self.postman.core
            dates = [end, self.now + 1000]
            if core is not None and self.postman.plugged:
                dates += [d for d in (self.postman.far.next_ms(),) if d is not None]
            if core is not None:
                dates.append(core.next_deadline(self.now))
            if self.calld is not None:
                dates.append(self.calld.next_deadline())
            self.now = max(min(dates), self.now + min(step, 1))
            if self.calld is not None and self.calld.next_deadline() <= self.now:
                self.calld.advance(self.now, self.wall)
            self.postman.turn(self.calld, self.now, self.wall)

    def items(self) -> list[OutboxItem]:
        assert self.calld is not None
        return self.calld._records.newest_items(-1)[::-1]

    def states(self) -> list[str]:
        return [item.state for item in self.items()]

    def close(self) -> None:
        if self.calld is not None:
            self.calld.close(self.now, self.wall)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def test_a_text_is_sent_and_its_arrival_is_kept(office: Office) -> None:
    office.let(10_000)
    office.send("您的排队号码是 3。")
    office.let(500)
    assert office.states() == ["sending"]
    office.let(30_000)
    assert office.postman.network.texts() == [(MAX, "您的排队号码是 3。")]
    assert office.states() == ["delivered"]
    assert office.calld is not None
    (ended,) = office.calld._records.entries_of("item_ended")
    assert (ended.kind, ended.state) == ("sms", "delivered")


def test_what_waits_while_the_modem_is_away_goes_when_it_is_back(office: Office) -> None:
    office.postman.unplug()
    office.let(5_000)
    office.send("one")
    office.send("two")
    office.let(400_000)
    assert office.states() == ["waiting", "waiting"]
    assert office.calld is not None
    assert any("短信模块" in alarm for alarm in office.calld.status(office.now).alarms)
    office.postman.plug(office.now)
    office.let(60_000)
    assert [text for _, text in office.postman.network.texts()] == ["one", "two"]
    office.let(1_000)
    assert not office.calld.status(office.now).alarms


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 11])
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(
    office: Office, seed: int
) -> None:
    """Twelve texts of one to three parts; both daemons are killed again and again meanwhile."""
    print(f"seed {seed}")
    chance = random.Random(seed)
    office.set(texts={"per_minute": 60})
    office.let(8_000)
    wanted = []
    for n in range(12):
        text = f"{n}: " + "您好，请稍候。" * chance.choice((1, 12, 20))
        wanted.append((f"138001380{n:02d}", text))
        office.send(text, wanted[-1][0])
    for _ in range(10):
        office.let(chance.randrange(200, 9_000))
        if chance.random() < 0.6:
            office.postman.kill()
            office.let(chance.randrange(0, 300))
            office.postman.start()
            # The kernel closes the device of a dead process: the modem's own side goes on.
        else:
            office.kill_calld()
            office.let(chance.randrange(0, 3_000))
            office.start_calld()
    office.let(2_000_000)
    assert Counter(office.postman.network.texts()) == Counter(wanted)
    assert set(office.states()) == {"delivered"}


def test_a_text_of_a_customer_is_kept_once_though_the_kill_came_between(office: Office) -> None:
    office.let(10_000)
    office.postman.far.arrive(MAX, "请回电", office.now)
    office.let(300)
    office.postman.kill()
    office.postman.start()
    office.let(90_000)
    assert office.calld is not None
    assert [t.text for t in office.calld._records.arrived()] == ["请回电"]
    assert not office.postman.far.store


def test_who_wants_no_texts_gets_none_unless_a_person_says_so(office: Office) -> None:
    office.set(texts={"do_not_text": ["+86 138 0013 8000".replace(" ", "")]})
    refused = office.ask(SendText(number=MAX, text="x", language="en"))
    assert "wants no texts" in refused.message
    assert office.calld is not None
    wanted = SmsWanted(call="", at_ms=office.now, template="queue_wait", number=MAX, text="x")
    office.calld.execution.enter([wanted], office.now)
    office.calld.execution.commit(office.now, office.wall)
    office.let(60_000)
    (item,) = office.items()
    assert (item.state, item.why) == ("dropped", "do_not_text")
    assert office.postman.network.texts() == []


def test_an_automatic_text_goes_once_a_day(office: Office) -> None:
    assert office.calld is not None
    for _ in range(2):
        wanted = SmsWanted(
            call="", at_ms=office.now, template="missed_call", number=MAX, language="en"
        )
        office.calld.execution.enter([wanted], office.now)
        office.calld.execution.commit(office.now, office.wall)
        office.let(60_000)
    assert [(i.state, i.why) for i in office.items()] == [
        ("delivered", ""),
        ("dropped", "once_a_day"),
    ]


def test_a_dead_letter_may_be_sent_again_and_what_waits_be_dropped(office: Office) -> None:
    office.let(5_000)
    office.send("x", "999")
    assert office.calld is not None
    office.postman.unplug()
    office.let(1_000)
    (item,) = office.items()
    assert isinstance(
        office.ask(ChangeItem(item=item.item, act="drop", who="owner")), MessagesAnswer
    )
    office.postman.plug(office.now)
    office.let(30_000)
    assert office.postman.network.texts() == []
    twice = office.ask(ChangeItem(item=item.item, act="drop", who="owner", language="en"))
    assert "dropped; only one that waits" in twice.message
    office.ask(ChangeItem(item=item.item, act="again", who="owner"))
    office.let(30_000)
    assert office.postman.network.texts() == [("999", "x")]


def test_a_wrong_pin_is_told_and_typed_once(tmp_path: Path) -> None:
    office = Office(tmp_path, "simcom", pin="1234")
    office.set(texts={"pin": "9999"})
    office.let(400_000)
    assert office.postman.far.pin_tries == 2
    assert office.calld is not None
    assert any("密码不对" in alarm for alarm in office.calld.status(office.now).alarms)
    office.set(texts={"pin": "1234"})
    office.send("x")
    office.let(120_000)
    assert office.postman.network.texts() == [(MAX, "x")]
    office.close()
