"""A number is erased from every file of the box, and the rest is as it was."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware.core import log_entries as log
from firmware.core.acd_entries import TaskKind, TaskOpened
from firmware.core.desk_entries import MailWanted
from firmware.core.menu_entries import SmsWanted
from firmware.daemons.desks.erasing import erase_person
from firmware.storage.erasure import NumberError, core_digits, found_in
from firmware.storage.messages import MessageRow
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new
from tests.unit.reports.pencil import Day, Part, Stay, tell
from tests.unit.storage.stories import BOOT, outbound, wall

NUMBER = "13911112222"
OTHER = "13800138000"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Office:
    """A data folder with one person all over it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        mark_new(data / "settings")
        self.settings = SettingsStore(data / "settings")
        self.records = Records.open(data / "records.sqlite")
        # Both lists of numbers and single numbers; several versions, so generations hold it too.
        for base in range(3):
            document = {"blocked": [NUMBER, OTHER], "speed": {"1": f"0{NUMBER}"}, "note": base}
            self.settings.save(document, base=base, who="owner", why="t", now=NOW)
        self.settings.mark_booted()
        sound = data / "recordings" / "00000001-rec1.wav"
        sound.parent.mkdir()
        sound.write_bytes(b"RIFF" + bytes(1000) + b"the voice of the caller")
        self.sound = sound
        rows = [
            Day(1, 0, NUMBER, [Stay("sales", 5, [Part("A", 60, 10)])]),
            Day(2, 100, OTHER, [Stay("sales", 5, [Part("A", 60, 10)])]),
        ]
        entries = tell(rows)
        entries += [
            log.CallerKnown(call="00000001", at_ms=2, kind="number", number=NUMBER, name="Wang Er"),
            log.RecordingStarted(
                call="00000001",
                at_ms=6_000,
                recording="00000001-rec1",
                port="fxo/1",
                path=str(sound),
            ),
            TaskOpened(at_ms=90_000, task="t1", kind=TaskKind.CALLBACK, number=f"+86 {NUMBER}"),
        ]
        entries.sort(key=lambda entry: entry.at_ms)
        self.keep(entries)
        dialled = outbound("00000003")
        dialled[1] = log.CallDialled(
            call="00000003", at_ms=106_000, digits=f"0{NUMBER}", destination=f"line:{NUMBER}"
        )
        self.keep(dialled)
        self.records.append(
            [],
            boot=BOOT,
            wall=wall(0),
            trusted=True,
            documents={"outside": f'{{"spent":{{"{NUMBER}":3,"{OTHER}":4}}}}'},
        )
        message = data / "recordings" / "m1.wav"
        message.write_bytes(b"RIFF a message")
        self.records.messages.keep(
            MessageRow(
                message="m1",
                mailbox="201",
                kind="message",
                path=str(message),
                left_at=NOW.isoformat(),
                duration_ms=1000,
                caller=NUMBER,
                caller_name="",
                heard=False,
            )
        )
        copy = sqlite3.connect(data / "records.sqlite.schema-3")
        copy.execute("CREATE TABLE old (number TEXT)")
        copy.execute("INSERT INTO old VALUES (?)", (NUMBER,))
        copy.commit()
        copy.close()

    def keep(self, entries: list[log.AnyLogEntry]) -> None:
        now_ms = entries[-1].at_ms
        self.records.append(entries, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)

    def erase(self, number: str = NUMBER, held: frozenset[str] = frozenset()):
        return erase_person(
            number,
            who="owner",
            records=self.records,
            settings=self.settings,
            data=self.data,
            boot=BOOT,
            wall=wall(200_000),
            trusted=True,
            now_ms=200_000,
            held=held,
        )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_no_byte_of_the_number_remains_anywhere(office: Office) -> None:
    assert len(found_in(office.data, [NUMBER.encode()])) >= 5  # the search itself finds
    receipt = office.erase()
    assert receipt.remains == {}
    # The same with a search that no one here wrote.
    everything = b"".join(p.read_bytes() for p in office.data.rglob("*") if p.is_file())
    assert NUMBER.encode() not in everything
    assert b"Wang Er" not in everything
    assert b"the voice of the caller" not in everything
    assert OTHER.encode() in everything
    assert (receipt.calls, receipt.what["files"]) == (2, 3)


@pytest.mark.parametrize("written", ["139 1111 2222", "139-1111-2222", "(139) 1111.2222"])
def test_a_number_kept_with_signs_within_it_goes_too(office: Office, written: str) -> None:
    entries = [TaskOpened(at_ms=95_000, task="t2", kind=TaskKind.CALLBACK, number=written)]
    office.keep(entries)
    office.erase()
    everything = b"".join(p.read_bytes() for p in office.data.rglob("*") if p.is_file())
    assert written.encode() not in everything


def test_what_was_to_be_mailed_and_texted_of_a_person_goes_too(office: Office) -> None:
    """A voicemail's mail names caller and number; nobody's address is the caller's own."""
    values = {"caller": NUMBER, "name": "Wang Er", "mailbox": "201"}
    mail = MailWanted(
        at_ms=96_000,
        template="voicemail:m1",
        to="chen@office.example",
        language="en",
        values=values,
    )
    text = SmsWanted(call="00000002", at_ms=97_000, number=OTHER, template="missed", values=values)
    office.keep([mail, text])
    assert found_in(office.data, [b"Wang Er"])
    office.erase()
    everything = b"".join(p.read_bytes() for p in office.data.rglob("*") if p.is_file())
    assert NUMBER.encode() not in everything
    assert b"Wang Er" not in everything


def test_the_sealed_sound_goes_and_what_is_held_stays(office: Office) -> None:
    sealed = office.sound.with_suffix(".tpr")
    office.sound.rename(sealed)
    receipt = office.erase(held=frozenset({str(office.sound)}))
    assert (receipt.kept_back, sealed.exists()) == ((str(office.sound),), True)


def test_the_sealed_sound_of_an_erased_person_is_gone(office: Office) -> None:
    sealed = office.sound.with_suffix(".tpr")
    office.sound.rename(sealed)
    office.erase()
    assert not sealed.exists()


def test_the_log_still_verifies_and_says_what_it_lost(office: Office) -> None:
    before = office.records.verify().events
    receipt = office.erase()
    found = office.records.verify()
    assert (found.broken_at, found.events) == (None, before + 1)
    (erased,) = [
        event.entry
        for event in office.records.all_events()
        if type(event.entry).__name__ == "PersonErased"
    ]
    assert len(erased.entries) == receipt.entries
    # Whoever has the receipt can show what the proof is of; without the salt nobody can guess it.
    digest = hashlib.sha256(bytes.fromhex(receipt.salt) + NUMBER.encode()).hexdigest()
    assert digest == receipt.proof == erased.proof
    assert receipt.salt.encode() not in (office.data / "records.sqlite").read_bytes()


def test_calls_and_figures_stay_without_the_person(office: Office) -> None:
    begin = round(wall(0).timestamp() * 1000)
    before = office.records.facts(begin, begin + 10**7).visits
    office.erase()
    after = office.records.facts(begin, begin + 10**7).visits
    assert [(v.call, v.wait_ms, v.talk_ms) for v in after] == [
        (v.call, v.wait_ms, v.talk_ms) for v in before
    ]
    assert [v.number for v in after] == ["", OTHER]
    assert {record.caller_number for record in office.records.calls()} == {"", OTHER}
    assert office.records.rebuild() == 3
    assert {record.caller_number for record in office.records.calls()} == {"", OTHER}


def test_settings_lose_the_number_and_nothing_else(office: Office) -> None:
    office.erase()
    version, document = office.settings.current()
    assert version == 3
    assert document == {"blocked": [OTHER], "speed": {"1": ""}, "note": 2}
    assert [item.version for item in office.settings.history()] == [3, 2, 1]
    assert office.settings.alarms == ()


@pytest.mark.parametrize("form", ["139 1111 2222", "+86 139-1111-2222", "013911112222"])
def test_a_number_is_found_in_every_form(office: Office, form: str) -> None:
    assert core_digits(form) == NUMBER
    assert office.erase(form).remains == {}
    assert NUMBER.encode() not in (office.data / "records.sqlite").read_bytes()


def test_a_number_too_short_to_name_a_person_is_refused(office: Office) -> None:
    with pytest.raises(NumberError, match="201 has 3 digits; at least 5"):
        office.erase("201")
    assert office.records.call("00000001").caller_number == NUMBER


def test_erasing_twice_finds_nothing_and_says_so(office: Office) -> None:
    office.erase()
    again = office.erase()
    assert (again.calls, again.entries, again.what) == (0, 0, {})


def test_what_a_later_forger_removes_is_found(office: Office) -> None:
    office.erase()
    office.records._connection.execute("DELETE FROM event_private WHERE seq = 2")
    remaining = office.records._connection.execute("SELECT min(seq) FROM event_private").fetchone()
    office.records._connection.execute("DELETE FROM event_private WHERE seq = ?", remaining)
    assert "no erasure tells why" in office.records.verify().reason
