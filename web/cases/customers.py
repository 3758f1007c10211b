"""Customers: found, read, kept, brought in from a file, taken out as one, made one of two."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.case_messages import (
    IMPORT_BATCH,
    CustomerAnswer,
    CustomersAnswer,
    EraseCustomer,
    ImportAnswer,
    ImportCustomers,
    MergeCustomers,
    SaveCustomer,
    ShowCustomer,
)
from firmware.control.office_messages import ErasedAnswer, NoteAudit, NotedAnswer
from firmware.core.case_settings import CaseSettings
from firmware.customers import csv_form, vcard
from firmware.customers.csv_form import FormError
from firmware.customers.customer import LANGUAGES, Customer
from firmware.customers.key_date import CHANNELS, KeyDate, read_dates
from firmware.storage.errors import StorageError
from firmware.storage.faxes import FaxRow
from firmware.storage.masks import SEES_PEOPLE, masked_number, sees_people
from firmware.storage.record_reader import ReadRecords
from web.asking import RefusedError, ask, asker, country, kept, records
from web.export import BATCH, csv_file
from web.gate import open_to, the_box
from web.messages.present import ArrivedRow, arrived_row
from web.numbers import written
from web.table import MOST_ROWS, Cell, Column, shown
from web.words import WORDS, t

blueprint = Blueprint("customers", __name__, url_prefix="/customers")

ROLES: Final = ("agent", "supervisor", "owner")
DECIDE: Final = ("supervisor", "owner")
COLUMNS: Final = (
    Column("name", "customer-name"),
    Column("company", "customer-company"),
    Column("numbers", "customer-numbers"),
    Column("grade", "customer-grade"),
    Column("tags", "customer-tags"),
    Column("agent", "customer-agent"),
)
ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""A spreadsheet of a Chinese office writes CSV in GB 18030 (GB 18030-2022) by itself."""

MOST_HELD: Final = 4
MOST_TEXTS: Final = 500
"""Of the newest texts that came, those of a customer are shown on his card."""
MOST_WRONG: Final = 50
"""Lines of a file that are told; whoever has more mends these first."""

Answer = str | BaseResponse | tuple[str, int]


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """All of them."""
    found, more = _all()
    known = the_box().settings()
    return shown(
        "cases/customers.html",
        "customers",
        COLUMNS,
        [_row(card) for card in found],
        more=more,
        searched=True,
        every=_everybody,
        cases=known.cases if known is not None else CaseSettings(),
    )


def _all() -> tuple[list[Customer], bool]:
    """Cards, by words when there are any: an index finds them among all."""
    text = request.args.get("q", "").strip()
    grade = request.args.get("grade", "")
    try:
        with records() as log:
            found = _named(log, text) if text else log.cases.customers(MOST_ROWS + 1)
    except StorageError:
        return [], False
    chosen = [card for card in found if not grade or card.grade == grade]
    return chosen[:MOST_ROWS], len(found) > MOST_ROWS


def _everybody() -> Iterator[dict[str, Cell]]:
    """Every card that was asked for, for a file."""
    text, grade = request.args.get("q", "").strip(), request.args.get("grade", "")
    if text:
        with records() as log:
            cards: Iterable[Customer] = _named(log, text)
    else:
        cards = _each_card()
    return (_row(card) for card in cards if not grade or card.grade == grade)


def _each_card() -> Iterator[Customer]:
    """Every card, in the order in which they came; the records are opened for some at a time."""
    last = 0
    while True:
        with records() as log:
            found = log.cases.customers(BATCH, last)
        yield from found
        if len(found) < BATCH:
            return
        last = found[-1].customer


def _named(log: ReadRecords, text: str) -> list[Customer]:
    names = [int(name) for _, name in log.cases.found(text, "customer", MOST_ROWS)]
    found = [card for n in names if (card := log.cases.customer(n)) is not None]
    digits = "".join(sign for sign in text if sign.isdecimal())
    if len(digits) >= 3:
        kept = {card.customer for card in found}
        found += [
            card
            for card in log.cases.customers(MOST_ROWS)
            if card.customer not in kept and any(digits in number for number in card.numbers)
        ]
    return found


def _row(card: Customer) -> dict[str, Cell]:
    numbers = [written(number, country()) for number in card.numbers]
    name = card.name or card.company
    return {
        "name": Cell(name, href=url_for("customers.show", customer=card.customer)),
        "company": Cell(card.company if card.name else ""),
        "numbers": Cell(", ".join(numbers)),
        "grade": Cell(grade_word(card.grade)),
        "tags": Cell(", ".join(card.tags)),
        "agent": Cell(card.agent),
    }


def grade_word(grade: str) -> str:
    """A grade of the office's or one that we know."""
    word = t(f"grade.{grade}") if grade else ""
    return word if grade in {"vip", "regular", "new"} else grade


@blueprint.get("/new")
@open_to(*ROLES)
def new() -> Answer:
    """A form for a new card, with the number that called."""
    numbers = tuple(filter(None, (request.args.get("number", ""),)))
    return _form(Customer(numbers=numbers))


@blueprint.get("/<int:customer>")
@open_to(*ROLES)
def show(customer: int) -> Answer:
    """One card with everything that happened."""
    card = _card(customer)
    found = _history(card)
    return render_template(
        "cases/customer.html",
        card=card,
        found=found,
        grade=grade_word(card.grade),
        others=_doubles(card),
        texts=_texts(card),
        faxes=_faxes(card),
        problem="",
    )


def _faxes(card: Customer) -> list[FaxRow]:
    """His faxes, newest first."""
    try:
        with records() as log:
            return log.shown_faxes(log.faxes.of_customer(card.customer))
    except StorageError:
        return []


def _history(card: Customer) -> CustomerAnswer | None:
    """What happened, as the asker may see it; reading it is put down."""
    try:
        return ask(ShowCustomer(customer=card.customer, **asker()), CustomerAnswer)
    except RefusedError:
        return None


def _card(customer: int) -> Customer:
    return kept(lambda log: log.cases.customer(customer))


def _texts(card: Customer) -> list[ArrivedRow]:
    """What he wrote, newest first."""
    try:
        with records() as log:
            found = [t for t in log.arrived(MOST_TEXTS) if t.customer == card.customer]
    except StorageError:
        return []
    return [arrived_row(text) for text in found]


def _doubles(card: Customer) -> list[Customer]:
    """Cards with the same name: perhaps the same person."""
    name = card.name or card.company
    try:
        with records() as log:
            names = [int(n) for _, n in log.cases.found(name, "customer")] if name else []
            found = [c for n in names if n != card.customer and (c := log.cases.customer(n))]
    except StorageError:
        return []
    return [c for c in found if (c.name or c.company).casefold() == name.casefold()]


@blueprint.get("/<int:customer>/edit")
@open_to(*ROLES)
def edit(customer: int) -> Answer:
    """The form of a card."""
    return _form(_card(customer))


@blueprint.post("/save")
@open_to(*ROLES)
def save() -> Answer:
    """Keep a card; what is wrong stands at its field and nothing typed is lost."""
    typed = request.form
    number = typed.get("customer", "0")
    customer = int(number) if number.isdecimal() and len(number) < 10 else 0
    card = _typed(typed, customer)
    try:
        kept = ask(SaveCustomer(card=card, **asker()), CustomersAnswer).customers[0]
    except RefusedError as refused:
        problems = refused.problems
        if refused.key == "number-taken":
            problems = {"numbers": refused.sentence}
        return _form(card, problems), 422
    return redirect(url_for(".show", customer=kept.customer), code=303)


def _typed(typed: Mapping[str, str], customer: int) -> Customer:
    """A card from a form; numbers that the asker could not see stay as they are."""
    numbers = _parts(typed.get("numbers", ""))
    if customer and not sees_people(g.account.roles):
        hidden = {masked_number(number): number for number in _unmasked(customer).numbers}
        numbers = tuple(hidden.get(number, number) for number in numbers)
    known = the_box().settings()
    names = known.cases.fields if known is not None else ()
    fields = {n: typed.get(f"field-{n}", "").strip() for n in names}
    if customer and not sees_people(g.account.roles):
        before = _unmasked(customer).fields
        fields = {n: value or before.get(n, "") for n, value in fields.items()}
    return Customer(
        customer=customer,
        name=typed.get("name", "").strip(),
        company=typed.get("company", "").strip(),
        numbers=numbers,
        grade=typed.get("grade", ""),
        tags=_parts(typed.get("tags", "")),
        language=typed.get("language", ""),
        agent=typed.get("agent", "").strip(),
        note=typed.get("note", "").strip(),
        dates=read_dates(typed.get("dates", "")),
        channel=typed.get("channel", ""),
        fields={name: value for name, value in fields.items() if value},
    )


def _unmasked(customer: int) -> Customer:
    """The card as it is kept: for putting back what a form could not show."""
    try:
        with records() as log:
            log.show_to(SEES_PEOPLE)
            return log.cases.customer(customer) or Customer()
    except StorageError:
        return Customer()


def _parts(text: str) -> tuple[str, ...]:
    """Lines, or what commas and semicolons of both languages part."""
    for sign in ",;\uff0c\uff1b\u3001":
        text = text.replace(sign, "\n")
    return tuple(part.strip() for part in text.splitlines() if part.strip())


def _form(card: Customer, problems: dict[str, str] | None = None) -> str:
    known = the_box().settings()
    return render_template(
        "cases/customer_form.html",
        card=card,
        problems=problems or {},
        cases=known.cases if known is not None else CaseSettings(),
        agents=known.acd.agents if known is not None else (),
        languages=LANGUAGES,
        dates=request.form.get("dates", _dates(card.dates)),
        channels=CHANNELS,
    )


def _dates(dates: Sequence[KeyDate]) -> str:
    """One on each line, in the reader's words."""
    return "\n".join(
        f"{d.name} {d.day} {t('date-yearly') if d.yearly else t('date-once')}" for d in dates
    )


# --- files ----------------------------------------------------------------------------------------


@blueprint.post("/export")
@open_to(*DECIDE)
def export() -> Answer:
    """All cards for a spreadsheet; that they were taken out is put down first."""
    try:
        ask(NoteAudit(action="export", what="customers", **_audited()), NotedAnswer)
    except RefusedError as refused:
        return _lists(refused.sentence), 503
    known = the_box().settings()
    fields = known.cases.fields if known is not None else ()
    return csv_file("customers", stream_with_context(csv_form.write(_each_card(), fields)))


def _audited() -> dict[str, Any]:
    said = asker()
    del said["language"]
    return said


def _lists(problem: str) -> str:
    return render_template("problem.html", sentence=problem)


@blueprint.get("/import")
@open_to(*DECIDE)
def bring() -> Answer:
    """How to bring customers from a file."""
    return _bring("")


@blueprint.post("/import")
@open_to(*DECIDE)
def brought() -> Answer:
    """A file: first what would happen, and then, when that was read, what happened."""
    file = request.files.get("file")
    data = file.read() if file else b""
    token = request.form.get("held", "")
    keep = request.form.get("act") == "keep"
    if not data and token:
        data = _held().take(token, g.account.name)
    try:
        answer = _import(_cards(data), dry_run=not keep)
    except FormError as wrong:
        known = wrong.key if f"file-{wrong.key}" in WORDS else "csv-broken"
        return _bring(t(f"file-{known}", value=wrong.value)), 422
    except RefusedError as refused:
        return _bring(refused.sentence), 422
    token = _held().keep(g.account.name, data) if answer.dry_run and not answer.wrong else ""
    return _bring("", answer, token)


def _bring(problem: str, answer: ImportAnswer | None = None, token: str = "") -> str:
    return render_template(
        "cases/import.html",
        answer=answer,
        problem=problem,
        columns=csv_form.COLUMNS,
        wrong=answer.wrong[:MOST_WRONG] if answer is not None else (),
        held=token,
    )


class Held:
    """Files between the look at them and the import, in memory; the oldest makes room."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        self._lock = threading.Lock()

    def keep(self, who: str, data: bytes) -> str:
        """Keep a file for somebody: by what he gets it back."""
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._files[token] = (who, data)
            while len(self._files) > MOST_HELD:
                del self._files[next(iter(self._files))]
        return token

    def take(self, token: str, who: str) -> bytes:
        """His file, once; nothing if it is not there any more."""
        with self._lock:
            owner, data = self._files.pop(token, ("", b""))
        return data if owner == who else b""


@blueprint.record_once
def _hold(state: Any) -> None:
    state.app.extensions["held files"] = Held()


def _held() -> Held:
    found: Held = current_app.extensions["held files"]
    return found


def _cards(data: bytes) -> list[tuple[int, Customer]]:
    """Cards of a CSV or vCard file.

    Raises:
        FormError: it is neither.
    """
    if not data:
        raise FormError("csv-none")
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.lstrip()[:11].upper() == "BEGIN:VCARD":
            return list(vcard.read(text))
        return csv_form.read(text)
    raise FormError("csv-broken", "?")


def _import(cards: Sequence[tuple[int, Customer]], *, dry_run: bool) -> ImportAnswer:
    """All batches as one answer."""
    if not dry_run:
        checked = _import(cards, dry_run=True)
        if checked.wrong:
            return msgspec.structs.replace(checked, dry_run=True)
    total: ImportAnswer | None = None
    for batch in _batches(cards):
        wanted = ImportCustomers(cards=tuple(batch), dry_run=dry_run, **asker())
        one = ask(wanted, ImportAnswer)
        total = one if total is None else _sum(total, one)
    if total is None:
        raise FormError("csv-none")
    return total


def _batches(cards: Sequence[tuple[int, Customer]]) -> Iterator[Sequence[tuple[int, Customer]]]:
    for at in range(0, len(cards), IMPORT_BATCH):
        yield cards[at : at + IMPORT_BATCH]


def _sum(one: ImportAnswer, other: ImportAnswer) -> ImportAnswer:
    return ImportAnswer(
        new=one.new + other.new,
        changed=one.changed + other.changed,
        same=one.same + other.same,
        doubles=one.doubles + other.doubles,
        wrong=(*one.wrong, *other.wrong),
        dry_run=one.dry_run,
    )


# --- two of one, and none -------------------------------------------------------------------------


@blueprint.post("/<int:customer>/merge")
@open_to(*DECIDE)
def merge(customer: int) -> Answer:
    """Another card is the same person."""
    other = request.form.get("other", "").strip().lstrip("#")
    if not (other.isdecimal() and len(other) < 10):
        return _refused(customer, t("merge-needed")), 422
    try:
        wanted = MergeCustomers(keep=customer, other=int(other), **asker())
        ask(wanted, CustomersAnswer)
    except RefusedError as refused:
        return _refused(customer, refused.sentence), 422
    return redirect(url_for(".show", customer=customer), code=303)


@blueprint.post("/<int:customer>/erase")
@open_to("owner")
def erase(customer: int) -> Answer:
    """Take him out of everything; the receipt is shown once."""
    if request.form.get("sure") != "yes":
        return _refused(customer, t("erase-sure")), 422
    try:
        receipt = ask(EraseCustomer(customer=customer, **asker()), ErasedAnswer)
    except RefusedError as refused:
        return _refused(customer, refused.sentence), 422
    return render_template("cases/erased.html", receipt=receipt)


def _refused(customer: int, problem: str) -> str:
    card = _card(customer)
    return render_template(
        "cases/customer.html",
        card=card,
        found=_history(card),
        grade=grade_word(card.grade),
        others=_doubles(card),
        problem=problem,
    )
