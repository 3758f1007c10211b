"""The fax desk over real records: filing, tries, deadlines, removal, and stops in between."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageDraw

from firmware.control.fax_desk_messages import ChangeFax, FaxAnswer, FaxPart, SendFax
from firmware.control.fax_messages import FaxEndsSeen, FaxProgress
from firmware.control.messages import Refused
from firmware.control.outbox_messages import Item, OutboxNews
from firmware.core.desk_entries import MailWanted
from firmware.core.fax_entries import FaxBegun, FaxFinished
from firmware.core.fax_settings import Fax, FaxLine
from firmware.core.log_entries import AnyLogEntry, CallClosed, CallerKnown, CallOffered, Direction
from firmware.core.log_entries import Outcome as CallOutcome
from firmware.core.outbox_settings import Mail, Outbox
from firmware.core.settings import Settings
from firmware.daemons.aside import at_once
from firmware.daemons.desks.erasing import erase_person
from firmware.daemons.desks.fax_desk import FaxDesk
from firmware.daemons.outbox.letters import letter_of
from firmware.fax.job import FaxOrder
from firmware.paper.printer import as_tiff
from firmware.paper.tiff import pages_of
from firmware.storage.erasure import found_in
from firmware.storage.faxes import FaxRow
from firmware.storage.records import Records
from firmware.storage.settings import SettingsStore, mark_new

BOOT = "boot-a"
ZERO = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CALLER = "13800138002"
MINUTE = 60_000
FAX = Fax(on=True, ticket="request", mail=("office@example.com",), station="021 6625 1234")
SETTINGS = Settings(fax=FAX, outbox=Outbox(mail=Mail(server="m.example.com", sender="b@e.com")))


def pages(count: int) -> bytes:
    made = []
    for n in range(count):
        page = Image.new("1", (1728, 300), 1)
        ImageDraw.Draw(page).text((100, 50 + 10 * n), f"page {n + 1}", 0)
        made.append(page)
    return as_tiff(made, "fine")


class Office:
    """Records and the desk, with a clock that is turned by hand."""

    def __init__(self, folder: Path, settings: Settings = SETTINGS) -> None:
        self.folder, self.settings = folder, settings
        self.now_ms = 0
        self.entries: list[AnyLogEntry] = []
        self.orders: list[FaxOrder] = []
        self.start()

    def start(self) -> None:
        """A start of call control; what was in memory is gone."""
        self.records = Records.open(self.folder / "records.sqlite")
        self.desk = FaxDesk(self.records, lambda: self.settings, self.folder, "")

    def stop(self) -> None:
        self.records.close()

    @property
    def wall(self) -> datetime:
        return ZERO + timedelta(milliseconds=self.now_ms)

    def keep(self, *entries: AnyLogEntry) -> None:
        self.entries += entries
        self.records.append(
            list(entries), boot=BOOT, wall=self.wall, trusted=True, now_ms=self.now_ms
        )
        self.desk.told(entries)

    def settle(self) -> None:
        """What follows now, and what follows from that, as call control does it."""
        while self.desk.deadline() <= self.now_ms:
            found = self.desk.look(self.now_ms, self.wall)
            if found:
                self.keep(*found)
            self.orders += self.desk.take_orders()
            if not found:
                break

    def run_until(self, at_ms: int) -> None:
        while self.desk.deadline() <= at_ms:
            self.now_ms = max(self.now_ms, self.desk.deadline())
            self.settle()
        self.now_ms = at_ms
        self.settle()

    def ask(self, request: msgspec.Struct) -> msgspec.Struct:
        answer, entries = self.desk.answer(request, self.now_ms, self.wall)
        if entries:
            self.keep(*entries)
        self.settle()
        return answer

    def fax(self, fax: int = 1) -> FaxRow:
        found = self.records.faxes.fax(fax)
        assert found is not None
        return found

    def of(self, kind: type) -> list[AnyLogEntry]:
        return [entry for entry in self.entries if isinstance(entry, kind)]

    def take_nothing(self) -> bool:
        """Nothing more is to be dialled."""
        self.run_until(self.now_ms + 60 * MINUTE)
        return not self.orders

    # --- the wire ---------------------------------------------------------------------------------

    def offer(self, call: str = "1", line: str = "fxo/1") -> None:
        self.keep(
            CallOffered(call=call, at_ms=self.now_ms, direction=Direction.INBOUND, origin=line),
            CallerKnown(call=call, at_ms=self.now_ms, kind="number", number=CALLER),
        )

    def begin(self, call: str = "1", session: str = "1-1") -> None:
        self.keep(
            FaxBegun(call=call, at_ms=self.now_ms, port="fax/1", fax=session, direction="receive")
        )

    def end(self, result: str, count: int, call: str = "1", session: str = "1-1") -> None:
        path = self.desk.shelf.path_of(session)
        self.keep(
            FaxFinished(
                call=call,
                at_ms=self.now_ms,
                fax=session,
                direction="receive",
                result=result,
                code=0,
                pages=count,
                tiff=str(path) if count else "",
                sha256=hashlib.sha256(path.read_bytes()).hexdigest() if count else "",
            )
        )
        self.close(call)

    def close(self, call: str, outcome: CallOutcome = CallOutcome.SERVICE) -> None:
        self.keep(CallClosed(call=call, at_ms=self.now_ms, outcome=outcome))

    def receive(self, result: str = "complete", count: int = 2) -> FaxRow:
        self.offer()
        self.begin()
        if count:
            self.desk.shelf.path_of("1-1").write_bytes(pages(count))
        self.now_ms += 2 * MINUTE
        self.end(result, count)
        self.settle()
        return self.fax()

    def send(self, count: int = 3, number: str = CALLER, **more: object) -> int:
        self.ask(FaxPart(upload="u", at=0, data=pages(count), who="anna"))
        answer = self.ask(SendFax(upload="u", number=number, who="anna", **more))  # type: ignore[arg-type]  # of a test
        assert isinstance(answer, FaxAnswer), answer
        return answer.fax

    def try_ends(self, result: str, arrived: int = 0, call: str = "90") -> None:
        """The call of the newest order ends so."""
        order = self.orders.pop(0)
        self.now_ms += MINUTE
        if result not in ("busy", "no_answer"):
            self.keep(
                FaxBegun(
                    call=call,
                    at_ms=self.now_ms,
                    port="fax/1",
                    fax=f"{call}-1",
                    direction="send",
                    job=order.job,
                )
            )
        self.keep(
            FaxFinished(
                call=call,
                at_ms=self.now_ms,
                fax=f"{call}-1",
                direction="send",
                result=result,
                code=0,
                pages=arrived,
                job=order.job,
            )
        )
        self.settle()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


# --- receiving ------------------------------------------------------------------------------------


def test_a_fax_that_came_is_filed_told_by_mail_and_owed_by_a_ticket(office: Office) -> None:
    fax = office.receive()
    assert (fax.state, fax.pages, fax.number) == ("received", 2, CALLER)
    assert len(pages_of(Path(fax.file).read_bytes())) == 2
    assert hashlib.sha256(Path(fax.file).read_bytes()).hexdigest() == fax.sha256
    ticket = office.records.cases.ticket(fax.ticket)
    assert ticket is not None
    assert (ticket.kind, ticket.due_ms - ticket.opened_ms) == ("request", 48 * 60 * MINUTE)
    (mail,) = office.of(MailWanted)
    assert isinstance(mail, MailWanted)
    assert (mail.to, mail.template) == ("office@example.com", "fax:1")
    assert office.desk.alarms.worded("zh-CN", office.wall) == ()


def test_a_line_for_complaints_opens_complaints_and_one_without_tickets_none(
    tmp_path: Path,
) -> None:
    lines = (FaxLine(port="fxo/1", ticket="complaint"), FaxLine(port="fxo/2", ticket="none"))
    settings = msgspec.structs.replace(SETTINGS, fax=msgspec.structs.replace(FAX, lines=lines))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    complaint = Office(tmp_path / "a", settings)
    ticket = complaint.records.cases.ticket(complaint.receive().ticket)
    assert ticket is not None
    assert ticket.kind == "complaint"
    other = Office(tmp_path / "b", settings)
    other.offer(line="fxo/2")
    other.begin()
    other.desk.shelf.path_of("1-1").write_bytes(pages(1))
    other.end("complete", 1)
    other.settle()
    assert (other.fax().state, other.fax().ticket) == ("received", 0)


def test_missing_pages_are_an_alarm_until_somebody_has_seen_it(office: Office) -> None:
    fax = office.receive("carrier_lost", 1)
    assert (fax.state, fax.pages) == ("partial", 1)
    assert fax.ticket
    (alarm,) = office.desk.alarms.worded("zh-CN", office.wall)
    assert alarm.startswith("传真 1 缺页：只收到 1 页")
    (read,) = office.desk.alarms.worded("en", office.wall)
    assert read.startswith("Fax 1 lacks pages: 1 arrived")
    office.ask(ChangeFax(fax=1, act="seen", who="boss"))
    assert office.desk.alarms.worded("zh-CN", office.wall) == ()


def test_a_call_without_a_page_is_no_ticket_and_no_alarm(office: Office) -> None:
    fax = office.receive("no_fax", 0)
    assert (fax.state, fax.pages, fax.ticket, fax.file) == ("failed", 0, 0, "")
    assert office.of(MailWanted) == []
    assert office.desk.alarms.worded("zh-CN", office.wall) == ()


def test_a_stop_in_the_middle_keeps_the_pages_that_were_confirmed(office: Office) -> None:
    """Power goes while the third page comes: two are whole, the third is torn."""
    office.offer()
    office.begin()
    whole, two = pages(3), len(pages(2))
    office.desk.shelf.path_of("1-1").write_bytes(whole[: two + 30])
    office.stop()
    office.now_ms = 5 * MINUTE
    office.start()
    office.records.close_interrupted(boot="boot-b", wall=office.wall, now_ms=office.now_ms)
    office.settle()
    fax = office.fax()
    assert (fax.state, fax.pages, fax.result) == ("partial", 2, "fault")
    assert len(pages_of(Path(fax.file).read_bytes())) == 2
    assert fax.ticket
    assert len(office.desk.alarms.worded("zh-CN", office.wall)) == 1


def test_a_stop_between_the_session_and_its_filing_files_it_once(office: Office) -> None:
    office.offer()
    office.begin()
    office.desk.shelf.path_of("1-1").write_bytes(pages(2))
    office.end("complete", 2)
    office.stop()  # before anything of it was decided
    office.start()
    office.settle()
    office.run_until(3 * MINUTE)
    assert (office.fax().state, office.fax().pages) == ("received", 2)
    assert len(office.records.cases.tickets()) == 1
    assert len(office.of(MailWanted)) == 1


def test_pages_are_on_the_card_as_soon_as_they_have_arrived(office: Office) -> None:
    """What the fax program writes is memory: after a power cut only the card is left."""
    memory = office.folder / "run"
    memory.mkdir()
    office.desk.heard(FaxEndsSeen(ends=1, spool=str(memory)), at_once)
    office.offer()
    office.begin()
    page = FaxProgress(port="fax/1", fax="1-1", at_ms=0, phase="page", pages=1)
    whole, one = pages(2), len(pages(1))
    (memory / "1-1.tif").write_bytes(whole[: one + 20])
    office.desk.heard(page, at_once)
    (memory / "1-1.tif").unlink()  # the power goes
    office.stop()
    office.now_ms = 5 * MINUTE
    office.start()
    office.records.close_interrupted(boot="boot-b", wall=office.wall, now_ms=office.now_ms)
    office.settle()
    assert (office.fax().state, office.fax().pages) == ("partial", 1)
    assert [path.name for path in office.desk.shelf.folder.glob("*")] == ["1-1.tif"]


def test_what_was_kept_in_between_goes_when_the_fax_is_whole(office: Office) -> None:
    memory = office.folder / "run"
    memory.mkdir()
    office.desk.heard(FaxEndsSeen(ends=1, spool=str(memory)), at_once)
    office.offer()
    office.begin()
    (memory / "1-1.tif").write_bytes(pages(1))
    office.desk.heard(FaxProgress(port="fax/1", fax="1-1", at_ms=0, phase="page", pages=1), at_once)
    (memory / "1-1.tif").write_bytes(pages(2))
    office.keep(
        FaxFinished(
            call="1",
            at_ms=0,
            fax="1-1",
            direction="receive",
            result="complete",
            code=0,
            pages=2,
            tiff=str(memory / "1-1.tif"),
        )
    )
    office.settle()
    assert (office.fax().state, office.fax().pages) == ("received", 2)
    assert [path.name for path in office.desk.shelf.folder.glob("*")] == ["1-1.tif"]
    assert list(memory.glob("*")) == []


# --- sending --------------------------------------------------------------------------------------


def test_a_fax_is_dialled_at_once(office: Office) -> None:
    office.send()
    (order,) = office.orders
    assert (order.job, order.number, order.station) == ("1", CALLER, "021 6625 1234")
    assert order.zone == "<+08>-8"  # the clock over each page is China's
    assert office.fax().state == "dialling"
    office.try_ends("complete", 3)
    assert (office.fax().state, office.fax().pages, office.fax().tries) == ("sent", 3, 1)
    office.run_until(60 * MINUTE)
    assert office.orders == []


def test_a_busy_machine_is_tried_again_by_the_table(office: Office) -> None:
    """2, 3, 5 and 10 minutes after a busy tone, five tries in all, then it is given up."""
    office.send()
    waits = []
    for _ in range(4):
        office.try_ends("busy")
        assert office.fax().state == "waiting"
        waits.append((office.fax().due_ms - int(office.wall.timestamp() * 1000)) // MINUTE)
        office.run_until(office.now_ms + waits[-1] * MINUTE - 1)
        assert office.orders == []
        office.run_until(office.now_ms + 1)
    assert waits == [2, 3, 5, 10]
    office.try_ends("busy")
    assert (office.fax().state, office.fax().tries) == ("failed", 5)
    assert office.desk.alarms.worded("zh-CN", office.wall) == ("传真 1 没有发出：对方占线",)
    assert Path(office.fax().file).exists()  # so that a person can have it sent again


def test_a_fax_for_which_no_end_was_free_waits_a_minute_and_goes(office: Office) -> None:
    office.send()
    order = office.orders.pop()
    office.now_ms += 8 * MINUTE
    office.keep(
        FaxFinished(
            call="",
            at_ms=office.now_ms,
            fax=f"order-{order.job}",
            direction="send",
            result="no_end",
            code=-3,
            job=order.job,
        )
    )
    office.settle()
    assert (office.fax().state, office.fax().result) == ("waiting", "no_end")
    office.run_until(office.now_ms + MINUTE)
    assert [order.job for order in office.orders] == ["1"]
    office.try_ends("complete", 3)
    assert office.fax().state == "sent"


def test_pages_that_arrived_are_not_sent_again(office: Office) -> None:
    office.send(3)
    office.try_ends("carrier_lost", 2)
    assert (office.fax().state, office.fax().pages) == ("waiting", 2)
    office.run_until(office.now_ms + 10 * MINUTE)
    (order,) = office.orders
    rest = Path(order.tiff).read_bytes()
    assert order.tiff != office.fax().file
    assert len(pages_of(rest)) == 1
    office.try_ends("complete", 1, call="91")
    assert (office.fax().state, office.fax().pages, office.fax().tries) == ("sent", 3, 2)
    assert not Path(order.tiff).exists()
    assert len(pages_of(Path(office.fax().file).read_bytes())) == 3


def test_where_a_person_answers_he_is_rung_once_more_and_not_again(office: Office) -> None:
    office.send()
    office.try_ends("no_fax")
    office.run_until(office.now_ms + 10 * MINUTE)
    office.try_ends("no_fax", call="91")
    assert office.fax().state == "failed"


def test_later_is_later_and_cancelled_is_never(office: Office) -> None:
    at = int(ZERO.timestamp() * 1000) + 30 * MINUTE
    office.send(at_ms=at)
    second = office.send(at_ms=at + MINUTE)
    office.run_until(29 * MINUTE)
    assert office.orders == []
    office.ask(ChangeFax(fax=second, act="cancel", who="anna"))
    office.run_until(30 * MINUTE)
    assert [order.job for order in office.orders] == ["1"]
    office.try_ends("complete", 3)
    office.run_until(120 * MINUTE)
    assert office.orders == []
    assert (office.fax(second).state, office.fax(second).result) == ("cancelled", "cancelled")
    office.ask(ChangeFax(fax=second, act="again", who="anna"))
    assert [order.job for order in office.orders] == ["2"]


def test_one_fax_at_a_time(office: Office) -> None:
    office.send()
    office.send()
    assert [order.job for order in office.orders] == ["1"]
    office.try_ends("complete", 3)
    assert [order.job for order in office.orders] == ["2"]


def test_a_stop_while_a_fax_is_sent_sends_it_again(office: Office) -> None:
    office.send(2)
    order = office.orders.pop()
    office.keep(
        CallOffered(call="90", at_ms=office.now_ms, direction=Direction.OUTBOUND, origin="fax/1"),
        FaxBegun(
            call="90",
            at_ms=office.now_ms,
            port="fax/1",
            fax="90-1",
            direction="send",
            job=order.job,
        ),
    )
    office.stop()
    office.now_ms = 5 * MINUTE
    office.start()
    office.records.close_interrupted(boot="boot-b", wall=office.wall, now_ms=office.now_ms)
    office.settle()
    assert (office.fax().state, office.fax().tries) == ("waiting", 1)
    office.run_until(office.now_ms + MINUTE)
    assert len(office.orders) == 1


def test_a_reply_goes_to_who_sent_the_fax_and_stands_in_its_ticket(office: Office) -> None:
    came = office.receive()
    sent = office.send(1, number="", reply=1)
    office.try_ends("complete", 1)
    fax = office.fax(sent)
    assert (fax.number, fax.ticket, fax.state) == (CALLER, came.ticket, "sent")
    done = [step.what for step in office.records.cases.steps(came.ticket)]
    assert done == ["open", "fax_ordered", "fax_sent"]


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (SendFax(upload="none", number=CALLER), "no-pages"),
        (SendFax(upload="u", number="12"), "number"),
        (SendFax(upload="u", number="fax"), "number"),
        (SendFax(upload="u", number=CALLER, ticket=77), "no-ticket"),
        (SendFax(upload="u", reply=9), "no-fax"),
        (SendFax(upload="u", number=CALLER, at_ms=1 << 45), "later"),
        (ChangeFax(fax=5, act="cancel"), "no-fax"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_kept(
    office: Office, wanted: msgspec.Struct, key: str
) -> None:
    office.ask(FaxPart(upload="u", at=0, data=pages(1)))
    answer = office.ask(wanted)
    assert isinstance(answer, Refused)
    assert answer.id == key
    assert office.records.faxes.newest() == []
    assert list(office.desk.shelf.folder.glob("*")) == []


def test_without_the_service_nothing_is_sent_and_what_waits_is_told(office: Office) -> None:
    office.send(at_ms=int(ZERO.timestamp() * 1000) + MINUTE)
    office.settings = msgspec.structs.replace(SETTINGS, fax=Fax())
    office.run_until(10 * MINUTE)
    assert office.orders == []
    assert office.desk.alarms.worded("zh-CN", office.wall) == ("传真已关闭，1 份传真在等待",)
    refused = office.ask(SendFax(upload="u", number=CALLER))
    assert isinstance(refused, Refused)
    assert refused.id == "fax-off"


# --- keeping and removing -------------------------------------------------------------------------


def test_pages_leave_when_their_days_are_over_but_not_those_of_a_complaint(office: Office) -> None:
    lines = (FaxLine(port="fxo/1", ticket="complaint"),)
    fax = msgspec.structs.replace(FAX, keep_days=1, lines=lines)
    office.settings = msgspec.structs.replace(SETTINGS, fax=fax)
    held = office.receive()
    sent = office.send(1)
    office.try_ends("complete", 1)
    path = Path(office.fax(sent).file)
    office.run_until(26 * 60 * MINUTE)
    assert not path.exists()
    assert office.fax(sent).file == ""
    assert Path(held.file).exists()
    refused = office.ask(ChangeFax(fax=held.fax, act="delete", who="owner"))
    assert isinstance(refused, Refused)
    assert refused.id == "held"


def test_pages_that_nobody_was_told_of_are_swept_away_at_the_start(office: Office) -> None:
    office.desk.shelf.put("sent-7", pages(1))
    office.desk.shelf.put("kept", pages(1))
    office.stop()
    office.start()
    office.settle()
    assert [path.name for path in office.desk.shelf.folder.glob("*")] == ["kept.tif"]


def test_the_mail_of_a_fax_has_its_pages_as_pdf(office: Office) -> None:
    office.receive("carrier_lost", 2)
    (mail,) = office.of(MailWanted)
    assert isinstance(mail, MailWanted)
    item = Item(
        item=1,
        kind="mail",
        to=mail.to,
        language="en",
        template=mail.template,
        text="",
    )
    news = OutboxNews(change=1, settings=office.settings.outbox)
    letter = letter_of(item, news, office.folder, office.folder / "nobody.sock")
    assert letter.subject == f"Fax #1 from {CALLER}, 2 pages"
    assert "not complete" in letter.text
    (file,) = letter.attached
    assert (file.name, file.kind, file.data[:5]) == ("fax-1.pdf", "application/pdf", b"%PDF-")
    Path(office.fax().file).unlink()
    assert letter_of(item, news, office.folder, office.folder / "nobody.sock").attached == ()


def test_erasing_a_person_leaves_no_byte_of_number_or_pages(office: Office, tmp_path: Path) -> None:
    """In the whole data folder: not the number, not a strip of a page, sent or received."""
    came = Path(office.receive().file)
    office.send(3)
    office.try_ends("carrier_lost", 2)
    office.run_until(office.now_ms + 10 * MINUTE)
    rest = Path(office.orders.pop().tiff)
    strips = [path.read_bytes()[100:160] for path in (came, Path(office.fax(2).file), rest)]
    store = tmp_path / "settings"
    mark_new(store)
    answer = erase_person(
        CALLER,
        who="owner",
        records=office.records,
        settings=SettingsStore(store),
        data=tmp_path,
        boot=BOOT,
        wall=office.wall,
        trusted=True,
        now_ms=office.now_ms,
    )
    assert answer.remains == {}
    assert answer.what["files"] >= 3
    assert found_in(tmp_path, [CALLER.encode(), *strips]) == {}
    office.settle()
    assert office.records.faxes.in_states("waiting", "dialling") == []
    assert office.take_nothing()
