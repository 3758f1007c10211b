"""The command line against a real socket and real records: what a person reads and types."""

import io
import json
import select
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from drivers.line import Reading
from firmware.control.link import REQUESTS, Link, LinkClosed
from firmware.control.listener import Listener
from firmware.control.messages import (
    AskHistory,
    AskLines,
    AskRegisters,
    AskSettings,
    AskStatus,
    CallStatus,
    Hello,
    HistoryAnswer,
    HistoryItem,
    LinesAnswer,
    PortStatus,
    Refused,
    RegisterDump,
    RegisterValue,
    Request,
    RestoreSettings,
    SaveSettings,
    SettingsAnswer,
    Status,
)
from firmware.core.events import Heartbeat
from firmware.core.log_entries import AnyLogEntry, CallOffered, Direction
from firmware.daemons.cli.__main__ import main
from firmware.daemons.cli.tables import (
    calls_lines,
    columns,
    duration,
    history_lines,
    width,
    written,
)
from firmware.daemons.cli.words import WORDS, language_of, say
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, inbound, outbound, wall

OFFICE = timezone(timedelta(hours=8))

STATUS = Status(
    at_ms=100_000,
    lines_connected=True,
    country="CN",
    settings_version=7,
    alarms=("settings.json could not be read",),
    ports=(
        PortStatus(port="fxs/1", label="201 前台", state="talking", call="00000012"),
        PortStatus(port="fxs/2", label="202", state="idle"),
        PortStatus(port="fxo/1", label="line 1", state="out_of_service", detail="no battery"),
    ),
    calls=(
        CallStatus(
            call="00000012",
            direction="inbound",
            state="talking",
            caller="13800138000",
            destination="201",
            since_ms=35_000,
        ),
    ),
    counters=Heartbeat(
        at_ms=99_000, ticks=20_000, late_ticks=1, longest_tick_us=900, under_runs=0, bus_faults=2
    ),
)
READINGS = (
    Reading(port="fxs/1", at_ms=1, chip="si3215", state="active", line_v=48.04, loop_ma=21.0),
    Reading(port="fxo/1", at_ms=1, chip="si3050", state="on-hook", line_v=-51.5, off_hook=False),
)
DUMP = RegisterDump(
    ask=1,
    port="fxs/1",
    chip="si3215",
    registers=(
        RegisterValue(register="LINEFEED", address=64, value=1, reset=0, fields={"LF": "active"}),
        RegisterValue(register="LOOP_STATUS", address=68, value=5, reset=None),
        RegisterValue(register="PCM_MODE", address=1, value=0x28, reset=0x28),
    ),
)


class Box:
    """A call control that only answers: one thread, one socket, the real links."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[Request] = []
        self.version = 3
        self.hello = Hello(program="calld")
        self._listener = Listener(folder / "calld.sock", REQUESTS, name="a client")
        self._wake, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._stop.close()
        self._thread.join()
        self._wake.close()
        self._listener.close()

    def _serve(self) -> None:
        links: list[Link[Request]] = []
        while True:
            ready, _, _ = select.select([self._wake, self._listener, *links], [], [])
            if self._wake in ready:
                for link in links:
                    link.close()
                return
            links += self._listener.accept()
            for link in list(links):
                try:
                    for request in link.receive():
                        link.send(self._answer(request))
                except LinkClosed:
                    links.remove(link)

    def _answer(self, request: Request) -> msgspec.Struct:
        self.asked.append(request)
        match request:
            case Hello():
                return self.hello
            case AskStatus():
                return STATUS
            case AskLines():
                return LinesAnswer(readings=READINGS)
            case AskRegisters(port="fxs/1"):
                return DUMP
            case AskRegisters(port=port):
                return RegisterDump(ask=1, port=port, error=f"there is no port {port}")
            case AskSettings():
                return SettingsAnswer(version=self.version, settings={"country": "CN"})
            case AskHistory():
                item = HistoryItem(
                    version=3, written_at="2026-03-01T08:30:00+00:00", who="lily", why="换国家"
                )
                return HistoryAnswer(versions=(item,))
            case SaveSettings(base=base) if base != self.version:
                return Refused(id="settings-conflict", message=f"the newest is {self.version}")
            case SaveSettings(settings={"country": "XX"}):
                return Refused(
                    id="settings-invalid", message="one field", fields={"country": "no profile"}
                )
            case SaveSettings(settings=settings):
                return SettingsAnswer(version=4, settings=settings)
            case RestoreSettings(version=version):
                return SettingsAnswer(version=4, settings={"restored": version})
            case _:
                return Refused(id="unknown-request", message="?")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.close()


Tipring = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tipring(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tipring:
    """Type a command; its exit status, and what it printed on either output."""

    def typed(*words: str, lang: str = "en") -> tuple[int, str, str]:
        folders = ["--run", str(tmp_path), "--data", str(tmp_path), "--lang", lang]
        status = main([*folders, *words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return typed


def test_numbers_are_written_as_people_do_with_their_place() -> None:
    assert written("13800138000", "CN") == "138 0013 8000 (Beijing)"
    assert written("13800138000", "CN", "zh-CN") == "138 0013 8000 (北京市)"
    assert written("00442079460018", "CN") == "+44 20 7946 0018 (GB, London)"
    assert written("201", "CN") == "201"
    assert written("13800138000", "") == "13800138000"


def test_status_reads_well(box: Box, tipring: Tipring) -> None:
    assert tipring("status") == (
        0,
        """\
Country CN, settings version 7.
Alarm: settings.json could not be read

port   name      state           call      detail
fxs/1  201 前台  talking         00000012
fxs/2  202       idle
fxo/1  line 1    out of service            no battery

call      direction  state    caller                   destination  lasts
00000012  incoming   talking  138 0013 8000 (Beijing)  201          1:05

Sound: 20000 ticks, 1 late, worst 900 µs; 0 under-runs, 2 faults.
""",
        "",
    )
    assert box.asked == [Hello(program="tipring"), AskStatus()]


@pytest.mark.usefixtures("box")
def test_status_in_chinese(tipring: Tipring) -> None:
    _, printed, _ = tipring("status", lang="zh-CN")
    assert printed.startswith("国家或地区 CN，设置版本 7。\n告警：settings.json")
    assert "fxs/2  202       空闲" in printed
    assert "00000012  呼入  通话中  138 0013 8000 (北京市)  201   1:05" in printed


@pytest.mark.usefixtures("box")
def test_lines_show_what_the_chips_measure(tipring: Tipring) -> None:
    assert (
        tipring("lines")[1]
        == """\
port   chip    state    hook     line V  loop mA  faults
fxs/1  si3215  active   on-hook  48.0    21.0     0
fxo/1  si3050  on-hook  on-hook  -51.5            0
"""
    )


@pytest.mark.usefixtures("box")
def test_registers_show_differences_first(tipring: Tipring) -> None:
    assert (
        tipring("registers", "fxs/1")[1]
        == """\
Port fxs/1, chip si3215.

Different from reset:
register  address  value  reset  fields
LINEFEED  64       0x01   0x00   LF active

As after reset:
register     address  value  reset
LOOP_STATUS  68       0x05
PCM_MODE     1        0x28   0x28
"""
    )


@pytest.mark.usefixtures("box")
def test_a_port_that_is_not_there_is_one_sentence(tipring: Tipring) -> None:
    assert tipring("registers", "fxs/9") == (1, "", "there is no port fxs/9\n")


def test_settings_can_be_shown_into_a_file_and_set_from_it(
    box: Box, tipring: Tipring, tmp_path: Path
) -> None:
    status, shown, aside = tipring("settings", "show")
    assert (status, aside) == (0, "Settings version 3\n")
    assert json.loads(shown) == {"country": "CN"}
    (tmp_path / "s.json").write_text(shown.replace("CN", "GB"), "utf-8")
    status, said, _ = tipring("settings", "set", str(tmp_path / "s.json"), "--why", "we moved")
    assert (status, said) == (0, "Now version 4 is in force.\n")
    saved = box.asked[-1]
    assert isinstance(saved, SaveSettings)
    assert (saved.base, saved.why, saved.settings) == (3, "we moved", {"country": "GB"})
    assert saved.who


def test_settings_printed_as_json_carry_the_version_they_began_with(
    box: Box, tipring: Tipring, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, shown, aside = tipring("settings", "show", "--json")
    assert aside == ""
    assert json.loads(shown) == {"type": "settings", "version": 3, "settings": {"country": "CN"}}
    box.version = 5  # somebody else saved in between
    monkeypatch.setattr("sys.stdin", io.StringIO(shown))
    assert tipring("settings", "set", "-") == (1, "", "Refused: the newest is 5\n")


@pytest.mark.usefixtures("box")
def test_a_refused_field_is_named(tipring: Tipring, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"country": "XX"}')
    status, _, said = tipring("settings", "set", str(tmp_path / "s.json"))
    assert (status, said) == (1, "Refused: one field\n  country: no profile\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot be read: No such file"), ("[1]", "does not hold settings"), ("{", "truncated")],
)
def test_a_settings_file_that_is_none_is_refused_before_anyone_is_asked(
    box: Box, tipring: Tipring, tmp_path: Path, content: str | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "s.json").write_text(content)
    status, _, said = tipring("settings", "set", str(tmp_path / "s.json"))
    assert status == 1
    assert sentence in said
    assert box.asked == []


def test_an_earlier_version_is_restored(box: Box, tipring: Tipring) -> None:
    assert tipring("settings", "restore", "2")[1] == "Now version 4 is in force.\n"
    asked = box.asked[-1]
    assert isinstance(asked, RestoreSettings)
    assert asked.version == 2


@pytest.mark.usefixtures("box")
def test_history_is_a_table(tipring: Tipring) -> None:
    _, printed, _ = tipring("settings", "history")
    head, row = printed.splitlines()
    assert head.split() == ["version", "time", "who", "why"]
    assert row.split()[0] == "3"
    assert row.endswith("lily  换国家")


# --- calls ---------------------------------------------------------------------------------------


def keep(folder: Path, *stories: list[AnyLogEntry]) -> Records:
    records = Records.open(folder / "records.sqlite")
    for story in stories:
        for entry in story:
            records.append([entry], boot=BOOT, wall=wall(entry.at_ms), trusted=True)
    return records


def test_calls_are_seen_while_the_box_is_down(tipring: Tipring, tmp_path: Path) -> None:
    keep(tmp_path, inbound("00000001"), outbound("00000002")).close()
    status, printed, said = tipring("calls")
    assert (status, said) == (0, "")
    head, newest, oldest = printed.splitlines()
    assert head.split()[:3] == ["call", "time", "direction"]
    assert newest.startswith("00000002")
    assert oldest.startswith("00000001")
    assert len(tipring("calls", "1")[1].splitlines()) == 2
    assert len(tipring("calls", "--all")[1].splitlines()) == 3
    assert json.loads(tipring("calls", "1", "--json")[1])[0]["call"] == "00000002"


def test_calls_are_seen_while_the_box_runs(tipring: Tipring, tmp_path: Path) -> None:
    records = keep(tmp_path, inbound("00000001"))
    assert "00000001" in tipring("calls")[1]
    records.close()


def test_the_call_log_reads_well(tmp_path: Path) -> None:
    up = CallOffered(call="00000003", at_ms=200_000, direction=Direction.INBOUND, origin="fxo/1")
    records = keep(tmp_path, inbound("00000001"), outbound("00000002"))
    records.append([up], boot=BOOT, wall=wall(200_000), trusted=False)
    lines = calls_lines(records.calls(), "en", OFFICE)
    text = [[part for part in line.split("  ") if part] for line in lines]
    assert [part.strip() for part in text[1]] == [
        *("00000003", "2026-03-01 08:03:20 (clock not set)", "incoming", "unknown", "fxo/1"),
        "still up",
    ]
    assert [part.strip() for part in text[2]] == [
        *("00000002", "2026-03-01 08:01:40", "outgoing", "fxs/1", "01062551234", "fxo/1"),
        *("0:20 (estimate)", "0:43", "answered", "agent, by on-hook"),
    ]
    assert [part.strip() for part in text[3]] == [
        *("00000001", "2026-03-01 08:00:10", "incoming", "13800138000", "200", "fxo/2", "202"),
        *("0:08", "1:00", "answered", "customer, by tone"),
    ]
    assert calls_lines([], "zh-CN") == ["没有通话记录。"]


# --- mistakes ------------------------------------------------------------------------------------


def test_without_call_control_there_is_one_sentence(tipring: Tipring, tmp_path: Path) -> None:
    sentence = f"calld is not running: there is no {tmp_path}/calld.sock.\n"
    assert tipring("status") == (1, "", f"Call control cannot be reached. {sentence}")
    assert tipring("lines", lang="zh-CN")[2].startswith("呼叫控制 calld 没有运行")


def test_without_records_there_is_one_sentence(tipring: Tipring, tmp_path: Path) -> None:
    status, _, said = tipring("calls")
    assert (status, said.count("\n")) == (1, 1)
    assert f"There are no records: {tmp_path}/records.sqlite does not exist." in said


def test_another_protocol_is_refused(box: Box, tipring: Tipring) -> None:
    box.hello = Hello(program="calld", protocol=99)
    status, _, said = tipring("status")
    assert status == 1
    assert "calld speaks protocol 99 and tipring speaks" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["stat"], "invalid choice: 'stat'"),
        (["calls", "0"], "0 is not a whole number above 0"),
        (["calls", "x"], "x is not a whole number above 0"),
        (["registers"], "required: PORT"),
        (["settings"], "required: COMMAND"),
        ([], "required: COMMAND"),
        (["--lang", "fr", "status"], "invalid choice: 'fr'"),
    ],
)
def test_a_slip_of_typing_is_one_line(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
    assert "--help)" in printed


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_help_names_every_command_in_the_reader_s_language(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help", "--lang", lang])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for command in ("status", "lines", "calls", "registers", "settings"):
        assert f"  {command} " in printed
        assert say(f"help_{command}", "en" if lang == "en" else "zh-CN")[:20] in printed


# --- words and columns ---------------------------------------------------------------------------


def test_every_word_is_there_in_both_languages_with_the_same_places() -> None:
    for key, (chinese, english) in WORDS.items():
        assert chinese, key
        assert english, key
        places = [
            sorted({part.split("}")[0] for part in text.split("{")[1:]})
            for text in (chinese, english)
        ]
        assert places[0] == places[1], key


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_CN.UTF-8", "zh-CN"), ("zh_HK", "zh-CN"), ("C.UTF-8", "en"), ("", "en"), ("en_GB", "en")],
)
def test_the_language_follows_the_locale(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_columns_are_aligned_in_terminal_cells() -> None:
    assert width("前台 a") == 6
    assert columns(["a", "空", "c"], [["前台", "", "x"], ["b", "", "y"]]) == [
        "a     c",
        "前台  x",
        "b     y",
    ]


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, ""),
        (0, "0:00"),
        (999, "0:00"),
        (59_999, "0:59"),
        (65_000, "1:05"),
        (3_605_000, "1:00:05"),
    ],
)
def test_durations_are_cut_to_seconds(ms: Any, shown: str) -> None:
    assert duration(ms) == shown


def test_versions_are_shown_in_the_office_s_time() -> None:
    item = HistoryItem(version=1, written_at="2026-03-01T20:30:00+00:00", who="a", why="")
    assert history_lines([item], "en", OFFICE)[1] == "1        2026-03-02 04:30:00  a"
    assert history_lines([], "en") == [say("no_versions", "en")]
