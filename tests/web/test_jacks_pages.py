"""Lines and telephones on the page: figures, verdicts, the list before opening, the card."""

from typing import Any

import pytest
from flask import Flask

from drivers.line import Reading
from firmware.control.messages import (
    AskChecklist,
    AskLines,
    ChecklistAnswer,
    LineCheck,
    LinesAnswer,
    MeasuredAnswer,
    MeasureNow,
    PortStatus,
    Readings,
    Refused,
    Status,
)
from firmware.core.events import LineMeasured
from tests.web.desk import DeskBox, signed_in
from tests.web.office import OfficeBox
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}


class LinesBox(DeskBox):
    """Two jacks as lined would tell of them."""

    away = False

    def _answer(self, request, answer_ms):
        if self.away and isinstance(request, AskLines | MeasureNow):
            return Refused(id="lines-away", message="the line daemon is not connected")
        match request:
            case AskLines():
                line = Reading(
                    port="fxo/1",
                    at_ms=0,
                    chip="si3050",
                    state="on_hook",
                    line_v=-48.2,
                    echo_db=31.4,
                    detail="line 1 loses battery <often>",
                )
                phone = Reading(
                    port="fxs/1", at_ms=0, chip="si3215", state="idle", line_v=51.0, off_hook=True
                )
                said = "it echoes" if request.language == "en" else "有回声"
                return LinesAnswer(readings=(phone, line), verdicts={"fxo/1": said})
            case AskChecklist():
                line = LineCheck(port="fxo/1", name="", checks={"seize": "2026-03-02 09:00"})
                return ChecklistAnswer(lines=(line,), all_busy=3, all_busy_ms=42_000)
            case MeasureNow(port=port):
                assert answer_ms >= 10_000, "a measurement takes eight seconds"
                found = LineMeasured(port=port, at_ms=0, echo_before_db=9.0, echo_db=33.5)
                return MeasuredAnswer(name="Line 1", measured=found)
        return super()._answer(request, answer_ms)


@pytest.fixture
def box(tmp_path) -> LinesBox:
    made = LinesBox(tmp_path)
    made.owned_by()
    made.owned_by("agent", ("agent",))
    made.owned_by("boss", ("supervisor",))
    ports = (PortStatus(port="fxo/1", label="line 1", state="idle"),)
    made.publish(
        Status(
            at_ms=0,
            lines_connected=True,
            country="CN",
            ports=ports,
            calls=(),
            settings_version=made.desk.version,
        )
    )
    return made


@pytest.fixture
def app(box: LinesBox, tmp_path) -> Flask:
    return create_app(box, tmp_path)


def test_figures_and_verdicts_of_every_jack(app: Flask) -> None:
    page = signed_in(app).get("/jacks/", headers=ENGLISH).text
    for words in ("Line 1", "-48.2 V", "31.4 dB", "off-hook", "51.0 V", "All is well"):
        assert words in page, words
    assert "loses battery &lt;often&gt;" in page
    assert "✓ 2026-03-02 09:00" in page
    assert page.count("not seen yet") == 3
    assert "All lines were taken 3 times, 42 s in all." in page


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("spi", "The SPI bus of its chips is not there"),
        ("pins", "The pins that control it cannot be used"),
        ("sound", "The sound device of its voice highway is not there"),
    ],
)
def test_a_box_without_its_line_card_says_which_part_is_missing(
    app: Flask, box: LinesBox, part: str, words: str
) -> None:
    status = Status(at_ms=0, lines_connected=False, no_card=part, country="CN", ports=(), calls=())
    box.publish(status)
    page = signed_in(app).get("/", headers=ENGLISH).text
    assert "No line card" in page
    assert words in page
    assert "emergency service" not in page  # nothing serves without a card
    assert "没有线路卡" in signed_in(app).get("/", headers={"Accept-Language": "zh-CN"}).text


def test_a_line_is_measured_by_whoever_may(app: Flask, box: LinesBox) -> None:
    page = signed_in(app).post("/jacks/measure/fxo/1", headers=ENGLISH).text
    assert "Echo return loss 9.0 dB → 33.5 dB." in page
    box.asked.clear()
    assert signed_in(app, "boss").post("/jacks/measure/fxo/1").status_code == 403
    assert "Measure</button>" not in signed_in(app, "boss").get("/jacks/", headers=ENGLISH).text
    assert signed_in(app).post("/jacks/measure/fxs/1").status_code == 404


def test_without_lined_the_page_says_so(app: Flask, box: LinesBox) -> None:
    box.away = True
    browser = signed_in(app)
    assert "The line daemon is not connected" in browser.get("/jacks/", headers=ENGLISH).text
    answer = browser.post("/jacks/measure/fxo/1", headers=ENGLISH)
    assert answer.status_code == 409
    assert "the line daemon is not connected" in answer.text


def test_the_card_tells_help_and_codes_in_the_reader_s_language(app: Flask) -> None:
    browser = signed_in(app, "agent")
    page = browser.get("/jacks/card", headers=ENGLISH).text
    assert "EMERGENCY CARD" in page
    assert "119" in page
    assert "<kbd>*92#</kbd><span>redial the last number</span>" in page
    assert "应急卡" in browser.get("/jacks/card", headers={"Accept-Language": "zh-CN"}).text


def test_what_the_doctor_says_is_said_in_the_reader_s_language(app, tmp_path) -> None:
    for language, said in (("en", "it echoes"), ("zh-CN", "有回声")):
        shown = signed_in(app).get("/jacks/", headers={"Accept-Language": language})
        assert said in shown.text
    office = OfficeBox(tmp_path / "office")
    answers: list[Any] = []
    orders = office.calld.request(AskLines(language="en"), answers.append, 0, office.wall())
    reading = Reading(port="fxo/1", at_ms=0, chip="si3050", state="on_hook")
    office.tell(Readings(ask=orders[-1].ask, readings=(reading,)))
    office.close()
    expected = "new line: how it clears is not learned yet (0 ends of calls seen)"
    assert answers[0].verdicts == {"fxo/1": expected}
