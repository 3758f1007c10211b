"""The story of a call and its recordings over a whole calld: heard, taken out, held, put down."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.core.acd_entries import WrapUpEnded
from firmware.core.desk_entries import Audited
from firmware.core.log_entries import CallHeld, CallMarked, CallRetrieved
from firmware.storage.record_reader import ReadRecords
from tests.unit.storage.stories import inbound
from tests.web.desk import signed_in
from tests.web.office import OfficeBox
from web.app import create_app
from web.calls.recordings import LENT_S, MOST_LENT, Loans
from web.calls.ribbon import NOTED, holds, marks
from web.calls.wave import wave_of
from web.numbers import clock, seen, written
from web.words import WORDS

ENGLISH = {"Accept-Language": "en"}
NUMBER = "13800138000"
SINCE = "since=2026-03-01&until=2026-03-31"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[OfficeBox]:
    made = OfficeBox(tmp_path)
    made.set(record="all", record_notice="none")
    yield made
    made.close()


@pytest.fixture
def app(box: OfficeBox, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def judge(app: Flask) -> FlaskClient:
    return signed_in(app, "judge")


@pytest.fixture
def recording(box: OfficeBox, app: Flask) -> str:
    """A call that was recorded: its recording's id."""
    anna = signed_in(app, "anna")
    anna.post("/desk/state", data={"act": "sign_in", "extension": "201"})
    box.ring(NUMBER)
    box.lift()
    box.pass_ms(5_000)
    box.hang_up()
    typed = {"act": "end", "result": "solved", "note": "all well"}
    assert anna.post("/desk/work", data=typed).status_code == 303
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        (record,) = records.calls()
    return record.recordings[0].recording


def audited(box: OfficeBox) -> list[tuple[str, str, str]]:
    with ReadRecords.open(box.recordings.parent / "records.sqlite") as records:
        found = [e.entry for e in records.all_events() if isinstance(e.entry, Audited)]
    return [(e.who, e.action, e.what) for e in found if e.what.startswith("0")]


def test_a_call_is_told_as_a_story(app: Flask, recording: str) -> None:
    call = recording.rpartition("-")[0]
    page = signed_in(app, "boss").get(f"/calls/{call}", headers=ENGLISH).text
    assert 'class="ribbon"' in page
    for words in ("Answered at", "201", "Came to queue", "601", "all well", "Listen"):
        assert words in page, words
    assert re.search(r'<rect class="talk" x="[\d.]+" y="6" width="[\d.]+"', page)
    agent = signed_in(app, "anna").get(f"/calls/{call}", headers=ENGLISH).text
    assert NUMBER not in agent.replace(" ", "")
    assert "/recordings/" not in agent
    assert signed_in(app, "boss").get("/calls/99999999").status_code == 404


def test_a_recording_is_heard_only_by_who_opened_it_and_that_is_put_down(
    box: OfficeBox, app: Flask, judge: FlaskClient, recording: str
) -> None:
    listed = judge.get(f"/recordings/?{SINCE}", headers=ENGLISH).text
    assert recording in listed
    assert "138 0013 8000" in listed
    assert "No recordings in this time" in judge.get("/recordings/", headers=ENGLISH).text
    closed = judge.get(f"/recordings/{recording}", headers=ENGLISH).text
    assert "Open and listen" in closed
    assert "<audio" not in closed
    assert audited(box) == [], "looking at the page opens nothing"
    opened = judge.post(f"/recordings/{recording}/open")
    assert opened.status_code == 303
    assert audited(box) == [("judge", "play", recording)]
    page = judge.get(opened.location, headers=ENGLISH).text
    source = re.search(r'<audio[^>]* src="([^"]+)"', page)
    assert source is not None
    assert page.count("<polygon") == 2, "both sides apart"
    assert "Answered at" in page, "marks to go to"
    address = source.group(1).replace("&amp;", "&")
    whole = judge.get(address)
    assert (whole.status_code, whole.mimetype) == (200, "audio/wav")
    part = judge.get(address, headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.data)) == (206, 100)
    assert signed_in(app, "boss").get(address).status_code == 404, "it is lent to one session"
    assert judge.get(f"/recordings/{recording}.wav").status_code == 404


def test_a_download_is_by_id_and_put_down_as_an_export(
    box: OfficeBox, judge: FlaskClient, recording: str
) -> None:
    answer = judge.post(f"/recordings/{recording}/take")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={recording}.wav"
    assert answer.data[:4] == b"RIFF"
    assert audited(box) == [("judge", "export", recording)]
    for name in ("../../etc/passwd", "%2e%2e%2fsettings", "00000009-rec1"):
        assert judge.post(f"/recordings/{name}/take").status_code in {404, 405}, name
        assert judge.get(f"/recordings/{name}").status_code in {404, 405}, name


def test_a_recording_is_held_with_a_reason(app: Flask, judge: FlaskClient, recording: str) -> None:
    boss = signed_in(app, "boss")
    assert judge.post(f"/recordings/{recording}/hold").status_code == 403
    silent = boss.post(f"/recordings/{recording}/hold", data={"act": "hold"}, headers=ENGLISH)
    assert silent.status_code == 422
    assert "Say why it must stay." in silent.text
    boss.post(f"/recordings/{recording}/hold", data={"act": "hold", "why": "court"})
    assert "Held: court" in boss.get(f"/recordings/{recording}", headers=ENGLISH).text
    assert "court" in boss.get(f"/recordings/?{SINCE}").text
    boss.post(f"/recordings/{recording}/hold", data={"act": "release", "why": "court"})
    assert "Held: court" not in boss.get(f"/recordings/{recording}", headers=ENGLISH).text


def test_agents_and_installers_hear_nothing(app: Flask, recording: str) -> None:
    anna = signed_in(app, "anna")
    for path in ("/recordings/", f"/recordings/{recording}"):
        assert anna.get(path).status_code == 403
    assert anna.post(f"/recordings/{recording}/open").status_code == 403


def test_what_is_lent_comes_to_an_end(tmp_path: Path) -> None:
    wav = tmp_path / "a.wav"
    wav.write_bytes(b"x")
    loans = Loans()
    token = loans.lend("r", wav, "key", 0.0)
    assert loans.find(token, "r", "key", LENT_S) == wav
    assert loans.find(token, "r", "key", LENT_S + 1) is None
    assert loans.find(token, "r", "another key", 1.0) is None
    assert loans.find(token, "s", "key", 1.0) is None
    for _ in range(MOST_LENT):
        loans.lend("r", wav, "key", 0.0)
    assert loans.find(token, "r", "key", 1.0) is None, "the oldest made room"


def test_the_wave_form_shows_who_spoke_when(tmp_path: Path) -> None:
    samples = np.zeros((16_000, 2), np.int16)
    samples[:8_000, 0] = 32_767  # the near side for the first second, as loud as can be
    samples[8_000:, 1] = 8_192  # the far side for the second, a quarter of that
    with wave.open(str(tmp_path / "w.wav"), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(samples.tobytes())
    picture = wave_of(tmp_path / "w.wav")
    assert picture.duration_ms == 2_000
    near = [point.split(",") for point in picture.near.split(" ")]
    far = [point.split(",") for point in picture.far.split(" ")]
    assert len(near) == len(far) == 1_200, "600 above, 600 below"
    # Middles are 50 and 150; 47.5 high is the loudest, half of that (a root) is a quarter.
    assert [near[10], near[590]] == [["10", "3"], ["590", "49"]]
    assert [far[10], far[590]] == [["10", "149"], ["590", "126"]]


def test_marks_and_holds_of_a_log_worked_out_by_hand() -> None:
    entries = list(inbound("1"))
    begin = entries[0].at_ms
    entries.append(CallHeld(call="1", at_ms=begin + 20_000, port="fxs/1"))
    entries.append(CallRetrieved(call="1", at_ms=begin + 24_000, port="fxs/1"))
    entries.append(CallHeld(call="1", at_ms=begin + 30_000, port="fxs/1"))
    assert holds(entries, begin + 33_000) == [
        (begin + 20_000, begin + 24_000),
        (begin + 30_000, begin + 33_000),
    ]
    found = {(mark.word, mark.at_ms) for mark in marks(entries)}
    assert {("mark-held", 20_000), ("mark-back", 24_000)} <= found
    done = WrapUpEnded(call="1", at_ms=5, queue="1", visit=1, agent="1", by="result", result="x")  # type: ignore[arg-type]  # as it is read
    assert marks([done])[0].detail == "x"
    noted = [CallMarked(call="1", at_ms=5, mark=m) for m in ("not_business", "hint_12", "own")]
    assert [(mark.word, mark.detail) for mark in marks(noted)] == [
        ("noted.not_business", ""),
        ("noted.hint", "12"),
        ("noted.other", "own"),
    ]
    assert all(f"noted.{name}" in WORDS for name in NOTED)


@pytest.mark.parametrize(
    ("number", "country", "as_written"),
    [
        ("13800138000", "CN", "138 0013 8000"),
        ("+8613800138000", "CN", "138 0013 8000"),
        ("02168889999", "CN", "021 6888 9999"),
        ("+442079460018", "CN", "+44 20 7946 0018"),
        ("95588", "CN", "95588"),
        ("201", "CN", "201"),
        ("", "CN", ""),
        ("not a number", "CN", "not a number"),
    ],
)
def test_numbers_as_their_country_writes_them(number: str, country: str, as_written: str) -> None:
    assert written(number, country) == as_written


def test_numbers_are_masked_for_who_does_not_see_people() -> None:
    assert seen("13800138000", "CN", ("agent",)) == "138****8000"
    assert seen("13800138000", "CN", ("agent", "supervisor")) == "138 0013 8000"


@pytest.mark.parametrize(("ms", "words"), [(0, "0:00"), (65_999, "1:05"), (3_725_000, "1:02:05")])
def test_lengths(ms: int, words: str) -> None:
    assert clock(ms) == words


def test_the_call_log_is_searched_sorted_and_taken_away(app: Flask, recording: str) -> None:
    boss = signed_in(app, "boss")
    log = boss.get("/calls", headers=ENGLISH).text
    assert f'href="/calls/{recording.rpartition("-")[0]}"' in log, "each call leads to its story"
    for query in ("number=0013", "extension=201", "direction=inbound", "outcome=answered", "q=138"):
        page = boss.get(f"/calls?{query}&since=2026-03-01", headers=ENGLISH).text
        assert "138 0013 8000" in page, query
        assert "1 rows, page 1 of 1" in page, query
    for query in ("number=777", "extension=209", "direction=outbound", "until=2026-02-01"):
        page = boss.get(f"/calls?{query}", headers=ENGLISH).text
        assert "No calls are like that." in page, query
    assert boss.get("/calls?direction=sideways&since=never").status_code == 200
    taken = boss.get("/calls?as=csv", headers=ENGLISH).text
    assert taken.splitlines()[0].lstrip("\ufeff").startswith("Started,Direction,Caller")
    masked = signed_in(app, "anna").get("/calls?as=csv", headers=ENGLISH).text
    assert NUMBER not in masked.replace(" ", "")
