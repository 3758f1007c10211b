"""Customers, tickets, reviews and articles: from the command line through the desk to the file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.control.link import ANSWERS, REQUESTS
from firmware.control.messages import Refused
from firmware.core.acd_entries import (
    SurveyAnswered,
    SurveyOffered,
    SurveyWay,
    TaskClosed,
    TaskKind,
    TaskOpened,
    WrapUpBy,
    WrapUpEnded,
)
from firmware.core.desk_entries import TicketWanted
from firmware.core.log_entries import AnyLogEntry, CallerKnown
from firmware.core.settings import Settings
from firmware.daemons.cli.cases import add_commands
from firmware.daemons.cli.means import Means
from firmware.daemons.clock_trust import ClockTrust
from firmware.daemons.desks.memory_desk import MemoryDesk
from firmware.storage.erasure import found_in
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new
from tests.unit.reports.pencil import Day, Part, Stay, tell

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
NUMBER = "13911112222"
CALL = "00000001"


class Mistake(Exception):  # noqa: N818 - as the command line names it
    """What a person reads."""


class Office:
    """The memory of an office with one call of a queue, asked as the command line asks."""

    def __init__(self, data: Path) -> None:
        self.data = data
        mark_new(data / "settings")
        self.records = Records.open(data / "records.sqlite")
        store = SettingsStore(data / "settings")
        clock = ClockTrust(trusted=True)
        self.desk = MemoryDesk(self.records, store, data, boot="b", clock=clock, in_force=Settings)
        self.now_ms = 0
        entries = tell([Day(1, 0, NUMBER, [Stay("300", 5, [Part("1001", 60, 10)])])])
        self.keep([e for e in entries if not isinstance(e, WrapUpEnded)])
        self.lines: list[str] = []

    def keep(self, entries: list[AnyLogEntry]) -> None:
        self.now_ms = max(self.now_ms, *(entry.at_ms for entry in entries))
        self.records.append(entries, boot="b", wall=self.wall, trusted=True, now_ms=self.now_ms)

    @property
    def wall(self) -> datetime:
        return BEGIN + timedelta(milliseconds=self.now_ms)

    def wrap_up(self, result: str, topic: str = "") -> None:
        entry = WrapUpEnded(
            call=CALL,
            at_ms=self.now_ms + 1,
            queue="300",
            visit=1,
            agent="1001",
            by=WrapUpBy.RESULT,
            result=result,
            topic=topic,
        )
        self.keep([entry])

    def type(self, *arguments: str, language: str = "en") -> str:
        """One command of ``tipring``; what it prints."""
        parser = argparse.ArgumentParser()
        within = parser.add_subparsers()

        def make(at: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
            made = at.add_parser(name, help=text)
            if run is not None:
                made.set_defaults(run_command=run)
            return made

        means = Means(self._ask, self._show, Mistake, lambda: "ann")
        add_commands(within, make, language, means)
        chosen = parser.parse_args(arguments)
        self.lines = []
        chosen.run_command(chosen, language)
        return "\n".join(self.lines)

    def _ask(self, _chosen: Any, _language: str, request: Any, wanted: type[Any]) -> Any:
        sent = REQUESTS.decode(msgspec.json.encode(request))
        answer, entries = self.desk.answer(sent, self.now_ms, self.wall)
        if entries:
            self.keep(list(entries))
        came = ANSWERS.decode(msgspec.json.encode(answer))
        if isinstance(came, Refused):
            raise Mistake("\n".join([came.message, *came.fields.values()]))
        assert isinstance(came, wanted)
        return came

    def _show(self, _chosen: Any, _answer: Any, lines: Any) -> None:
        self.lines += lines()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.records.close()


# --- customers ------------------------------------------------------------------------------------


def test_a_customer_is_kept_found_shown_and_known_by_every_form_of_his_number(
    office: Office,
) -> None:
    said = office.type(
        "customers", "save", "--name", "王小明", "--numbers", NUMBER, "--grade", "vip",
        "--note", "上次要求退款",
    )  # fmt: skip
    assert "王小明" in said
    assert "+8613911112222" in said
    for text in ("退款", "小明", "0" + NUMBER, "+86 139-1111-2222"):
        assert "王小明" in office.type("customers", "find", text)
    assert office.type("customers", "find", "发票") == "Nothing was found."
    assert office.type("customers", "find", "发票", language="zh-CN") == "没有找到。"
    shown = office.type("customers", "show", "1")
    assert CALL in shown
    card = office.desk.cases.customer_of("0" + NUMBER)
    assert card is not None
    assert card.grade == "vip"
    assert office.desk.cases.customer_of("201") is None
    # The log says what was changed, and nothing of what it was.
    audits = [e.entry for e in office.records.all_events() if e.entry.at_ms == office.now_ms]
    assert audits[-2].detail == "name, numbers, grade, note"
    assert audits[-1].action == "view"


def test_mistakes_are_sentences_and_change_nothing(office: Office) -> None:
    with pytest.raises(Mistake, match="A name or a company is needed"):
        office.type("customers", "save", "--numbers", NUMBER)
    office.type("customers", "save", "--name", "Wang", "--numbers", NUMBER)
    with pytest.raises(Mistake, match="属于客户 1"):
        office.type("customers", "save", "--name", "Li", "--numbers", NUMBER, language="zh-CN")
    with pytest.raises(Mistake, match="There is no customer 7"):
        office.type("customers", "show", "7")
    with pytest.raises(Mistake, match="There is no customer x"):
        office.type("customers", "show", "x")
    assert len(office.records.cases.customers()) == 1


def test_two_cards_are_made_one(office: Office) -> None:
    office.type("customers", "save", "--name", "Wang", "--numbers", NUMBER)
    office.type("customers", "save", "--name", "Wang X.", "--numbers", "01065529988")
    said = office.type("customers", "merge", "1", "2")
    assert "+8613911112222 +861065529988" in said
    with pytest.raises(Mistake):
        office.type("customers", "show", "2")
    with pytest.raises(Mistake, match="cannot be merged with itself"):
        office.type("customers", "merge", "1", "1")


def test_import_looks_first_keeps_then_and_exports_the_same(office: Office) -> None:
    file = office.data / "in.csv"
    file.write_bytes("姓名,电话\r\n王小明,13911112222\r\n李四,12\r\n".encode("gb18030"))
    looked = office.type("customers", "import", str(file), "--dry-run")
    assert looked.splitlines()[0] == (
        "1 new, 0 added to, 0 as they were, 0 twice in the file, 1 wrong."
    )
    assert "Line 3, numbers: Number 12: 5 to 20 digits are needed." in looked
    assert "nothing was kept" in looked
    assert office.records.cases.customers() == []
    office.type("customers", "import", str(file))
    assert "1 as they were" in office.type("customers", "import", str(file))
    out = office.data / "out.vcf"
    office.type("customers", "export", str(out))
    assert "FN:王小明" in out.read_text("utf-8")
    assert "1 as they were" in office.type("customers", "import", str(out))
    with pytest.raises(Mistake, match="No such file"):
        office.type("customers", "import", str(office.data / "none.csv"))


def test_a_customer_is_erased_to_the_last_byte(office: Office) -> None:
    office.type(
        "customers", "save", "--name", "王小明", "--numbers", f"{NUMBER},01065529988",
        "--note", "codeword zebrafish",
    )  # fmt: skip
    office.wrap_up("not_solved")
    reference = office.records.cases.tickets()[0].reference
    office.type("tickets", "change", reference, "note", f"call {NUMBER} about zebrafish")
    office.type("articles", "save", "107", "Refunds", "ask 139-1111-2222 or 95588")
    said = office.type("customers", "erase", "1")
    assert "No file holds the number any more." in said
    needles = [NUMBER.encode(), "王小明".encode(), b"zebrafish", b"1065529988"]
    assert found_in(office.data, needles) == {}
    (ticket,) = office.records.cases.tickets()
    assert (ticket.reference, ticket.number, ticket.customer) == (reference, "", 0)
    assert "ask  or 95588" in office.type("articles", "find", "107")
    assert office.records.verify().broken_at is None


# --- tickets --------------------------------------------------------------------------------------


def test_a_result_keyed_at_the_handset_opens_a_ticket_in_the_same_commit(office: Office) -> None:
    office.type("customers", "save", "--name", "Wang", "--numbers", NUMBER)
    office.wrap_up("follow_up", "23")
    (ticket,) = office.records.cases.tickets()
    assert (ticket.kind, ticket.owner, ticket.customer) == ("follow_up", "1001", 1)
    assert ticket.number == "+8613911112222"
    assert office.records.cases.calls_of(ticket.ticket) == [CALL]
    assert "Wang" not in office.type("tickets", "find")
    assert ticket.reference in office.type("tickets", "find")
    assert ticket.reference in office.type("customers", "show", "1")
    office.wrap_up("follow_up", "23")  # a second agent of the same conversation
    assert len(office.records.cases.tickets()) == 1


def test_the_number_a_caller_was_told_is_that_of_the_ticket_the_result_asks_for(
    office: Office,
) -> None:
    told, is_new = office.records.cases.reference_of(CALL)
    assert is_new
    office.keep([TicketWanted(call=CALL, at_ms=office.now_ms + 1, extension="201")])
    (ticket,) = office.records.cases.tickets()
    assert (ticket.reference, ticket.owner, ticket.number) == (told, "201", "+8613911112222")
    assert office.records.cases.reference_of(CALL) == (told, False)
    office.wrap_up("not_solved", "90")
    (ticket,) = office.records.cases.tickets()
    assert (ticket.reference, ticket.kind, ticket.owner) == (told, "complaint", "1001")
    assert ticket.priority == "high"
    assert office.records.cases.held_calls() == {CALL: ("complaint",)}
    # Another call has another number, whatever is booked meanwhile.
    assert office.records.cases.reference_of("00000099")[0] != told


def test_a_complaint_keeps_its_recording_until_it_is_closed(office: Office) -> None:
    office.wrap_up("solved", "90")
    assert office.records.cases.held_calls() == {CALL: ("complaint",)}
    (ticket,) = office.records.cases.tickets()
    with pytest.raises(Mistake, match="A complaint needs a note"):
        office.type("tickets", "change", ticket.reference, "solve", "apologised")
    with pytest.raises(Mistake, match="投诉须有文字或语音记录"):
        office.type("tickets", "change", ticket.reference, "solve", "apologised", language="zh-CN")
    office.type("tickets", "change", ticket.reference, "note", "包裹晚到三天")
    assert ticket.reference in office.type("tickets", "find", "晚到")
    office.type("tickets", "change", ticket.reference, "solve", "apologised")
    with pytest.raises(Mistake, match="is solved; this cannot be done"):
        office.type("tickets", "change", ticket.reference, "wait")
    office.type("tickets", "change", ticket.reference, "close")
    assert office.records.cases.held_calls() == {}


def test_a_promise_is_a_ticket_until_its_call_was_made(office: Office) -> None:
    opened = TaskOpened(
        at_ms=office.now_ms,
        task="t1",
        kind=TaskKind.PROMISE,
        number=NUMBER,
        agent="1001",
        due_wall=(office.wall + timedelta(hours=2)).isoformat(),
    )
    office.keep([opened])
    (ticket,) = office.records.cases.open_tickets()
    assert (ticket.kind, ticket.due_ms - ticket.opened_ms) == ("promise", 7_200_000)
    office.keep([TaskClosed(at_ms=office.now_ms + 5, task="t1", how="done", call=CALL)])
    assert office.records.cases.open_tickets() == []
    assert office.records.cases.calls_of(ticket.ticket) == [CALL]


def test_a_ticket_by_hand_and_its_reminders(office: Office) -> None:
    said = office.type(
        "tickets", "open", "request", "send the invoice", "--number", NUMBER, "--hours", "2"
    )
    assert "send the invoice" in said
    assert list(office.desk.cases.advance(office.now_ms, office.wall)) == []
    office.now_ms += 3_600_000
    (half,) = office.desk.cases.advance(office.now_ms, office.wall)
    assert (half.action, half.what, half.detail) == ("ticket_remind_50", "ticket/1", "owner")
    assert list(office.desk.cases.advance(office.now_ms, office.wall)) == []
    office.now_ms += 3_600_000
    (last,) = office.desk.cases.advance(office.now_ms, office.wall)
    assert last.action == "ticket_remind_100"
    assert "remind_50" in office.type("tickets", "show", "#1")
    for wrong, sentence in (
        (("open", "request", " "), "Say what the ticket is about"),
        (("open", "wish", "x"), "There is no kind wish"),
        (("open", "request", "x", "--hours", "9999"), "1 to 720 are possible"),
        (("open", "request", "x", "--number", "12"), "5 to 20 digits"),
        (("open", "request", "x", "--call", "99"), "There is no call 99"),
        (("show", "1001"), "There is no ticket 1001"),
        (("change", "#1", "assign", "9"), "There is no agent or extension 9"),
        (("change", "#1", "note"), "Say what is to be written"),
        (("change", "#1", "solve"), "The solution is missing"),
    ):
        with pytest.raises(Mistake, match=sentence):
            office.type("tickets", *wrong)


# --- reviews --------------------------------------------------------------------------------------


def mark(office: Office, scale: int, key: int) -> None:
    way, at_ms = SurveyWay.SENT, office.now_ms + 1
    office.keep(
        [
            SurveyOffered(call=CALL, at_ms=at_ms, way=way, scale=scale, agent="1001", queue="300"),
            SurveyAnswered(
                call=CALL, at_ms=at_ms, way=way, scale=scale, key=key, agent="1001", queue="300"
            ),
        ]
    )


def test_a_good_mark_asks_for_nothing(office: Office) -> None:
    mark(office, 2, 1)
    mark(office, 5, 3)
    assert office.records.cases.reviews() == []


def test_a_bad_mark_locks_the_recording_until_cause_and_action_are_there(office: Office) -> None:
    mark(office, 2, 2)
    mark(office, 2, 2)  # keyed twice: one review
    (review,) = office.records.cases.reviews()
    assert (review.call, review.agent, review.due_ms - review.opened_ms) == (
        CALL,
        "1001",
        48 * 3_600_000,
    )
    assert office.records.cases.held_calls() == {CALL: ("bad_mark",)}
    for cause, action, sentence in (
        ("", "train", "Cause  is none of waiting, manner"),
        ("manner", " ", "The action is missing"),
    ):
        with pytest.raises(Mistake, match=sentence):
            office.type("reviews", "close", "1", cause, action)
    with pytest.raises(Mistake, match="缺少改进措施"):
        office.type("reviews", "close", "1", "manner", " ", language="zh-CN")
    assert office.records.cases.held_calls()
    office.type("reviews", "close", "1", "manner", "talk with the team")
    assert office.records.cases.held_calls() == {}
    shown = office.type("reviews", "find")
    assert "talk with the team" in shown
    assert "100%" in shown
    assert "2 keys: 2 of 2 answered, 0% satisfied" in shown
    assert "5 keys" not in shown
    with pytest.raises(Mistake, match="It is closed already"):
        office.type("reviews", "close", "1", "manner", "talk with the team")
    with pytest.raises(Mistake, match="There is no review 9"):
        office.type("reviews", "close", "9", "manner", "talk")


# --- articles -------------------------------------------------------------------------------------


def test_articles_are_found_by_code_and_words_and_the_used_come_first(office: Office) -> None:
    office.type("articles", "save", "107", "退款", "一至三个工作日到账")
    office.type("articles", "save", "108", "Invoices", "sent by mail")
    assert "工作日到账" in office.type("articles", "find", "工作")
    assert "Invoices" in office.type("articles", "find", "108")
    office.type("articles", "use", "108", CALL)
    office.type("articles", "use", "108", CALL)
    office.type("articles", "save", "108", "Invoices", "sent by mail or post")
    (first, second) = office.records.cases.articles()
    assert (first.code, first.uses, second.uses) == ("108", 1, 0)
    office.type("articles", "remove", "107")
    assert office.type("articles", "find", "退款") == "Nothing was found."
    with pytest.raises(Mistake, match="2 to 4 digits"):
        office.type("articles", "save", "1", "x", "y")
    with pytest.raises(Mistake, match="There is no article 107"):
        office.type("articles", "use", "107", CALL)


def test_who_calls_is_in_the_log_apart(office: Office) -> None:
    known = [e.entry for e in office.records.events(CALL) if isinstance(e.entry, CallerKnown)]
    assert known[0].number == NUMBER
