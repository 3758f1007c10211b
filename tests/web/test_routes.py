"""Every address of the page, as browsers and strangers meet it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.messages import AskSettings, CallStatus, PortStatus, Status
from firmware.core.events import Heartbeat
from firmware.storage.record_reader import ReadRecords
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, wall
from tests.web.desk import DeskBox, signed_in
from web.app import create_app
from web.box import Box
from web.seats import EACH, FULL, SEATS, YOURS, Seats

PAGES = (
    "/",
    "/calls",
    "/me",
    "/menus/",
    "/menus/flow/main?step=menu",
    "/sign-in",
    "/welcome",
    "/calls?before=00000001",
    "/live",
    "/health",
    "/static/live.js",
)
STATUS = Status(
    at_ms=60_000,
    lines_connected=True,
    country="GB",
    ports=(
        PortStatus(port="fxs/1", label="201", state="in_call"),
        PortStatus(port="fxo/1", label="line 1", state="connected"),
    ),
    calls=(
        CallStatus(
            call="00000002",
            direction="inbound",
            state="talking",
            caller="<b>1380</b>",
            destination="extension 201",
            since_ms=30_000,
            parties=("fxo/1", "fxs/1"),
        ),
    ),
    counters=Heartbeat(
        at_ms=60_000, ticks=9, late_ticks=3, longest_tick_us=900, under_runs=0, bus_faults=0
    ),
    settings_version=4,
)


@pytest.fixture
def box(tmp_path: Path) -> DeskBox:
    made = DeskBox(tmp_path)
    made.owned_by()
    return made


@pytest.fixture
def app(box: Box, tmp_path: Path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return signed_in(app)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Records]:
    records = Records.open(tmp_path / "records.sqlite")
    yield records
    records.close()


def keep(records: Records, call: str) -> None:
    for entry in inbound(call):
        records.append([entry], boot=BOOT, wall=wall(entry.at_ms), trusted=True)


def routes(app: Flask) -> list[str]:
    return sorted({rule.rule for rule in app.url_map.iter_rules()})


def first_event(browser: FlaskClient, event: str) -> str:
    """The first event of a kind on the live stream."""
    answer = browser.get("/live", buffered=False)
    text = ""
    for chunk in answer.response:
        text += chunk.decode()
        if found := re.search(rf"event: {event}\n((?:data:.*\n)+)\n", text):
            answer.close()
            return found.group(1)
    raise AssertionError(f"no {event} in {text!r}")


def test_no_address_is_left_out_of_these_tests(app: Flask) -> None:
    assert routes(app) == [
        "/",
        "/api/v1/calls",
        "/api/v1/calls/<call>",
        "/api/v1/events",
        "/api/v1/figures",
        "/api/v1/lines",
        "/api/v1/openapi.json",
        "/api/v1/settings",
        "/api/v1/settings/history",
        "/api/v1/settings/history/<int:version>",
        "/api/v1/status",
        "/board/",
        "/board/agent",
        "/board/live",
        "/box/",
        "/box/backups",
        "/box/backups/bring",
        "/box/backups/download",
        "/box/backups/look",
        "/box/backups/protect",
        "/box/backups/restore",
        "/box/done",
        "/box/logs",
        "/box/messages",
        "/box/messages/<int:item>",
        "/box/messages/balance",
        "/box/messages/mail",
        "/box/messages/send",
        "/box/programs",
        "/box/programs/<int:token>/remove",
        "/box/security",
        "/box/security/sign-out",
        "/box/support",
        "/box/tipring-ca.crt",
        "/box/trust",
        "/box/updates",
        "/box/updates/file",
        "/box/updates/order",
        "/calls",
        "/calls/<call>",
        "/customers/",
        "/customers/<int:customer>",
        "/customers/<int:customer>/edit",
        "/customers/<int:customer>/erase",
        "/customers/<int:customer>/merge",
        "/customers/export",
        "/customers/import",
        "/customers/new",
        "/customers/save",
        "/desk/",
        "/desk/knowledge",
        "/desk/live",
        "/desk/promise",
        "/desk/send/<code>",
        "/desk/state",
        "/desk/ticket",
        "/desk/used/<code>",
        "/desk/work",
        "/fax/",
        "/fax/<int:fax>",
        "/fax/<int:fax>/<int:page>.png",
        "/fax/<int:fax>/pdf",
        "/fax/draft/<token>",
        "/fax/draft/<token>/<int:page>.png",
        "/fax/new",
        "/health",
        "/incidents/",
        "/incidents/<int:incident>",
        "/incidents/drill",
        "/incidents/drill/end",
        "/jacks/",
        "/jacks/card",
        "/jacks/measure/<kind>/<int:number>",
        "/knowledge/",
        "/knowledge/<code>",
        "/knowledge/<code>/edit",
        "/knowledge/<code>/remove",
        "/knowledge/new",
        "/knowledge/save",
        "/language/<language>",
        "/live",
        "/manual/",
        "/manual/<name>",
        "/me",
        "/menus/",
        "/menus/flow/<name>",
        "/menus/flow/<name>/check",
        "/menus/sound/<token>",
        "/menus/what-if",
        "/prompts/",
        "/prompts/<language>/<key>.wav",
        "/prompts/<language>/<key>/remove",
        "/recordings/",
        "/recordings/<recording>",
        "/recordings/<recording>.wav",
        "/recordings/<recording>/hold",
        "/recordings/<recording>/open",
        "/recordings/<recording>/take",
        "/reports/",
        "/reports/compare/<view>",
        "/reports/figures.csv",
        "/reports/report.pdf",
        "/reports/waits/",
        "/reviews/",
        "/reviews/<int:review>",
        "/scores/",
        "/scores/<call>",
        "/settings/",
        "/settings/<area>",
        "/settings/<area>/<table>/<row>",
        "/settings/history",
        "/settings/history/<int:version>",
        "/settings/history/seen",
        "/settings/history/yesterday",
        "/settings/trial",
        "/setup/",
        "/setup/<step>",
        "/setup/done",
        "/setup/greeting",
        "/setup/hours",
        "/setup/lines",
        "/setup/lines/<int:number>",
        "/setup/live",
        "/setup/office",
        "/setup/telephones",
        "/sign-in",
        "/sign-out",
        "/static/<path:filename>",
        "/tasks/",
        "/tasks/<task>/end",
        "/tickets/",
        "/tickets/<int:ticket>",
        "/tickets/figures/<view>",
        "/tickets/new",
        "/trunks/",
        "/trunks/certificate",
        "/trunks/meeting-point/<name>",
        "/trunks/test",
        "/welcome",
    ]


@pytest.mark.parametrize("path", [*PAGES, "/nothing-here"])
def test_headers_of_every_answer(browser: FlaskClient, path: str) -> None:
    with browser.get(path, buffered=False) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "microphone=()" in answer.headers["Permissions-Policy"]
        if not path.startswith("/static"):
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8080", "192.168.1.20", "localhost:8080", "tipring.local", "[::1]:80"],
)
def test_our_own_names_are_admitted(browser: FlaskClient, host: str) -> None:
    assert browser.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "local", "127.0.0.1.evil.io"]
)
def test_a_foreign_name_that_points_here_is_not(browser: FlaskClient, host: str) -> None:
    answer = browser.get("/", headers={"Host": host, "Accept-Language": "en"})
    assert answer.status_code == 400
    assert "by the box&#39;s own address" in answer.text or "by the box's own" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_make_the_page_act(
    browser: FlaskClient, headers: dict[str, str]
) -> None:
    answer = browser.post("/language/en", headers=headers)
    assert answer.status_code == 403
    assert "language" not in answer.headers.get("Set-Cookie", "")


def test_the_language_is_kept_and_one_comes_back_to_the_same_page(browser: FlaskClient) -> None:
    answer = browser.post("/language/en", data={"back": "/calls?before=7"})
    assert (answer.status_code, answer.location) == (303, "/calls?before=7")
    cookie = answer.headers["Set-Cookie"]
    assert "SameSite=Strict" in cookie
    assert "HttpOnly" in cookie
    assert "Call log" in browser.get("/", headers={"Accept-Language": "zh-CN"}).text
    browser.post("/language/zh-CN")
    assert "通话记录" in browser.get("/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_one_never_comes_back_to_another_site(browser: FlaskClient, back: str) -> None:
    assert browser.post("/language/en", data={"back": back}).location == "/"


def test_an_unknown_language_changes_nothing(browser: FlaskClient) -> None:
    assert "Set-Cookie" not in browser.post("/language/tlh").headers


def test_the_browser_s_language_is_spoken_and_else_chinese(browser: FlaskClient) -> None:
    for wanted, word in (("en-GB,en", "Overview"), ("zh-CN", "总览"), ("fr", "总览")):
        page = browser.get("/", headers={"Accept-Language": wanted}).text
        assert f"<h1>{word}</h1>" in page


@pytest.mark.parametrize("path", ["/", "/calls", "/nothing-here"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_inline_script_and_no_inline_style(
    browser: FlaskClient, path: str, language: str
) -> None:
    page = browser.get(path, headers={"Accept-Language": language}).text
    assert f'<html lang="{language}">' in page
    for script in re.findall(r"<script\b[^>]*>(.*?)</script>", page, re.DOTALL):
        assert not script.strip()
    assert not re.search(r"\son\w+=|\sstyle=|javascript:|<style", page)
    for address in re.findall(r"(?:src|href|action)=\"([^\"]+)\"", page):
        assert address.startswith(("/", "#")), address
        assert not address.startswith("//"), address


def test_looking_writes_nothing(
    browser: FlaskClient, box: DeskBox, log: Records, tmp_path: Path
) -> None:
    keep(log, "00000001")
    box.publish(STATUS)
    before = (list(log.calls()), log.verify())
    names = {path.name for path in tmp_path.iterdir()}
    for path in PAGES:
        browser.get(path, buffered=False).close()
    assert {path.name for path in tmp_path.iterdir()} == names
    assert not [r for r in box.asked if not isinstance(r, AskSettings)]
    assert (list(log.calls()), log.verify()) == before
    with ReadRecords.open(tmp_path / "records.sqlite") as reader:
        assert len(reader.calls()) == 1


@pytest.mark.parametrize("path", ["/", "/calls", "/health", "/static/live.js"])
def test_pages_are_only_read(browser: FlaskClient, path: str) -> None:
    for method in (browser.post, browser.put, browser.delete):
        assert method(path).status_code == 405


def test_a_box_that_has_not_answered_yet_says_so(browser: FlaskClient) -> None:
    page = browser.get("/", headers={"Accept-Language": "en"}).text
    assert "Call control does not answer" in page
    assert "No calls in the log yet" in page
    assert browser.get("/health").status_code == 503


def test_health_is_up_when_lines_are_and_a_port_is_in_service(
    browser: FlaskClient, box: Box
) -> None:
    box.publish(STATUS)
    assert browser.get("/health").status_code == 200
    dead = tuple(PortStatus(port=p.port, label="", state="out_of_service") for p in STATUS.ports)
    for change in ({"lines_connected": False}, {"ports": dead}, {"ports": ()}):
        fields = {name: getattr(STATUS, name) for name in STATUS.__struct_fields__}
        box.publish(Status(**(fields | change)))
        assert browser.get("/health").status_code == 503, change


def test_ports_calls_and_log_in_words(browser: FlaskClient, box: Box, log: Records) -> None:
    keep(log, "00000001")
    box.publish(STATUS)
    page = browser.get("/", headers={"Accept-Language": "en"}).text
    for words in ("In a call", "Line 1", "Connected", "Talking", "Line 1, 201", "United Kingdom"):
        assert words in page, words
    assert "Settings version 4" in page
    assert "Late sound blocks 3" in page
    assert "Answered" in page
    assert "&lt;b&gt;1380&lt;/b&gt;" in page
    assert "<b>1380" not in page


def test_a_call_that_is_up_stands_in_one_place_of_the_overview(
    browser: FlaskClient, box: Box, log: Records
) -> None:
    log.append(inbound("00000002")[:1], boot=BOOT, wall=wall(0), trusted=True)
    box.publish(STATUS)
    page = browser.get("/", headers={"Accept-Language": "en"}).text
    assert "Still up" not in page
    assert "Still up" in browser.get("/calls", headers={"Accept-Language": "en"}).text


def test_the_log_goes_back_page_by_page(browser: FlaskClient, log: Records) -> None:
    numbers = [f"{n:08d}" for n in range(1, 62)]
    for number in numbers:
        log.append(inbound(number)[:1], boot=BOOT, wall=wall(1000 * int(number)), trusted=True)
    first = browser.get("/calls").text
    assert first.count("<tr><td") == 50
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    assert older.group(1) == "/calls?before=00000012"
    second = browser.get(older.group(1)).text
    assert second.count("<tr><td") == 11
    assert 'rel="next"' not in second


@pytest.mark.parametrize("before", ["1;drop", "../..", "1 or 1"])
def test_a_page_of_the_log_that_cannot_be_is_refused(browser: FlaskClient, before: str) -> None:
    assert browser.get("/calls", query_string={"before": before}).status_code == 400


def test_live_parts_come_in_the_reader_s_language(browser: FlaskClient, box: Box) -> None:
    box.publish(STATUS)
    browser.post("/language/en")
    assert "In a call" in first_event(browser, "ports")
    browser.post("/language/zh-CN")
    assert "通话中" in first_event(browser, "ports")


def test_only_what_changed_is_sent_again(browser: FlaskClient, box: Box) -> None:
    box.publish(STATUS)
    answer = browser.get("/live", buffered=False)
    stream = iter(answer.response)
    seen = [next(stream).decode().partition("\n")[0] for _ in range(5)]
    assert seen == [f"event: {part}" for part in ("notices", "ports", "calls", "log", "footer")]
    ports = (PortStatus(port="fxs/1", label="201", state="idle"), STATUS.ports[1])
    fields = {name: getattr(STATUS, name) for name in STATUS.__struct_fields__}
    box.publish(Status(**(fields | {"ports": ports})))
    assert next(stream).decode().startswith("event: ports")
    box.publish(None)
    assert next(stream).decode().startswith("event: notices")
    answer.close()


def test_streams_that_are_gone_make_room_for_others(browser: FlaskClient, box: Box) -> None:
    box.publish(STATUS)
    for _ in range(EACH + 5):  # more than there may be at a time
        with browser.get("/live", buffered=False) as answer:
            assert b"event: notices" in next(iter(answer.response))


def test_one_person_takes_his_places_and_no_others(
    app: Flask, browser: FlaskClient, box: DeskBox
) -> None:
    box.owned_by("second")
    box.publish(STATUS)
    held = [browser.get("/live", buffered=False) for _ in range(EACH)]
    for language, sentence in (("en", f"You follow {EACH} live"), ("zh-CN", f"{EACH} 个实时")):
        refused = browser.get("/live", headers={"Accept-Language": language})
        assert refused.status_code == 200, "a browser shows no words of a refusal"
        assert "event: full" in refused.text
        assert "retry: 10000" in refused.text
        assert sentence in refused.text
    other = signed_in(app, "second").get("/live", buffered=False)
    assert b"event: notices" in next(iter(other.response)), "somebody else has his place"
    for answer in (*held, other):
        answer.close()


def test_places_are_counted_by_person_and_in_all() -> None:
    seats = Seats(total=5, each=2)
    assert [seats.take(who) for who in "aab"] == ["", "", ""]
    assert seats.take("a") == YOURS
    assert [seats.take(who) for who in "bcd"] == ["", "", FULL]
    seats.leave("a")
    assert seats.take("d") == ""
    assert EACH * 5 <= SEATS, "five people leave nobody out"


def test_a_stream_ends_when_the_page_does(browser: FlaskClient, box: Box) -> None:
    box.publish(STATUS)
    with browser.get("/live", buffered=False) as answer:
        box.stop()
        assert len(list(answer.response)) <= 5
