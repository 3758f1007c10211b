"""Customers, tickets, reviews and articles on the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from firmware.control.case_messages import (
    IMPORT_BATCH,
    ArticlesAnswer,
    AskReviews,
    ChangeTicket,
    CustomerAnswer,
    CustomersAnswer,
    EndReview,
    EraseCustomer,
    FindArticles,
    FindCustomers,
    FindTickets,
    ImportAnswer,
    ImportCustomers,
    MergeCustomers,
    OpenTicket,
    RemoveArticle,
    ReviewsAnswer,
    SaveArticle,
    SaveCustomer,
    ShowCustomer,
    ShowTicket,
    TicketAct,
    TicketAnswer,
    TicketsAnswer,
    UseArticle,
)
from firmware.control.office_messages import ErasedAnswer
from firmware.customers import csv_form, vcard
from firmware.customers.csv_form import FormError
from firmware.customers.customer import Customer
from firmware.customers.key_date import read_dates, written_dates
from firmware.daemons.cli.means import Make, Means
from firmware.daemons.cli.office import erased_lines
from firmware.daemons.cli.tables import columns
from firmware.daemons.cli.words import Language
from firmware.daemons.desks.case_words import WORDS, word
from firmware.knowledge.article import KINDS, Article
from firmware.quality.marks import Satisfaction
from firmware.tickets.ticket import Ticket

ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""A spreadsheet of a Chinese office writes CSV in GB 18030 (GB 18030-2022) by itself."""

LISTS: Final = ("numbers", "tags")
Chosen = argparse.Namespace


def add_commands(within: Any, make: Make, language: Language, means: Means) -> None:
    """Add the commands of this module.

    Args:
        within: The parser's commands.
        make: Makes one: (within, name, help, run) to its parser.
        language: Of the help.
        means: What a command needs of the command line itself.
    """
    cases = _Cases(means)

    def group(name: str) -> Callable[..., argparse.ArgumentParser]:
        parser = make(within, name, word(f"help_{name}", language), None)
        inner = parser.add_subparsers(required=True, metavar="COMMAND")

        def command(
            verb: str, run: Callable[[Chosen, Language], None], *names: str
        ) -> argparse.ArgumentParser:
            made = make(inner, verb, word(f"help_{verb}", language), run)
            for argument in names:
                key = f"help_{argument}" if f"help_{argument}" in WORDS else argument
                key = key if key in WORDS else "help_id"
                made.add_argument(argument, metavar=argument.upper(), help=word(key, language))
            return made

        return command

    def text(parser: argparse.ArgumentParser, *options: str) -> None:
        for option in options:
            parser.add_argument(
                f"--{option}", default=None, metavar="TEXT", help=word(_label(option), language)
            )

    customers = group("customers")
    customers("find", cases.find_customers).add_argument(
        "text", nargs="?", default="", metavar="TEXT", help=word("help_text", language)
    )
    customers("show", cases.show_customer, "id")
    save = customers("save", cases.save_customer)
    save.add_argument(
        "id", nargs="?", type=int, default=0, metavar="ID", help=word("help_id", language)
    )
    text(
        save,
        "name",
        "company",
        "numbers",
        "grade",
        "tags",
        "language",
        "agent",
        "note",
        "dates",
        "channel",
    )
    save.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME=TEXT",
        help=word("help_value", language),
    )
    taken = customers("import", cases.import_customers, "file")
    taken.add_argument("--dry-run", action="store_true", help=word("help_dry_run", language))
    customers("export", cases.export_customers, "file")
    customers("merge", cases.merge_customers, "id", "other")
    customers("erase", cases.erase_customer, "id")
    tickets = group("tickets")
    found = tickets("find", cases.find_tickets)
    found.add_argument(
        "text", nargs="?", default="", metavar="TEXT", help=word("help_text", language)
    )
    found.add_argument("--owner", default="", metavar="TEXT", help=word("owner", language))
    found.add_argument("--all", action="store_true", help=word("help_all", language))
    tickets("show", cases.show_ticket, "id")
    new = tickets("open", cases.open_ticket, "kind", "summary")
    text(new, "number", "owner", "call")
    new.add_argument("--hours", type=int, default=0, metavar="N", help=word("help_hours", language))
    change = tickets("change", cases.change_ticket, "id")
    change.add_argument("act", choices=get_args(TicketAct), help=word("help_act", language))
    change.add_argument(
        "note", nargs="?", default="", metavar="TEXT", help=word("help_value", language)
    )
    reviews = group("reviews")
    reviews("find", cases.find_reviews)
    reviews("close", cases.close_review, "id", "cause", "action")
    articles = group("articles")
    articles("find", cases.find_articles).add_argument(
        "text", nargs="?", default="", metavar="TEXT", help=word("help_text", language)
    )
    article = articles("save", cases.save_article, "code", "title", "value")
    article.add_argument("--kind", choices=KINDS, default="article", help=word("kind", language))
    articles("use", cases.use_article, "code", "call")
    articles("remove", cases.remove_article, "code")


def _label(option: str) -> str:
    return option if option in WORDS else "help_value"


class _Cases:
    """The commands."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def _ask(
        self, chosen: Chosen, language: Language, kind: type[Any], wanted: type[Any], /, **v: Any
    ) -> Any:
        request = kind(who=self._means.who(), origin="command line", language=language, **v)
        return self._means.ask(chosen, language, request, wanted)

    def _number(self, text: str, language: Language, key: str) -> int:
        if not (text.isascii() and text.isdecimal()):
            raise self._means.mistake(word(key, language, value=text))
        return int(text)

    # --- customers --------------------------------------------------------------------------------

    def _customers(self, chosen: Chosen, language: Language, answer: CustomersAnswer) -> None:
        heads = [
            word(key, language)
            for key in ("customer", "name", "company", "numbers", "grade", "tags")
        ]
        rows = [
            (str(c.customer), c.name, c.company, " ".join(c.numbers), c.grade, " ".join(c.tags))
            for c in answer.customers
        ]
        self._means.show(chosen, answer, lambda: _table(heads, rows, language))

    def find_customers(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(chosen, language, FindCustomers, CustomersAnswer, text=chosen.text)
        self._customers(chosen, language, answer)

    def show_customer(self, chosen: Chosen, language: Language) -> None:
        number = self._number(chosen.id, language, "no-customer")
        answer = self._ask(chosen, language, ShowCustomer, CustomerAnswer, customer=number)
        card = answer.card
        plain = {**msgspec.to_builtins(card), "numbers": card.numbers, "tags": card.tags}

        def lines() -> list[str]:
            shown = [
                f"{word(key, language)}: {' '.join(v) if key in LISTS else v}"
                for key in ("name", "company", "numbers", "grade", "tags", "agent", "note")
                if (v := plain[key])
            ]
            if card.dates:
                shown.append(f"{word('dates', language)}: {written_dates(card.dates)}")
            if card.channel:
                shown.append(f"{word('channel', language)}: {card.channel}")
            shown += [f"{name}: {value}" for name, value in card.fields.items()]
            calls = [
                (c.call, c.at, c.direction, c.outcome, f"{c.talk_ms // 1000} s")
                for c in answer.calls
            ]
            return [
                *shown,
                "",
                *_table([word("call", language), "", "", "", ""], calls, language),
                *(_ticket_lines(answer.tickets, language) if answer.tickets else ()),
            ]

        self._means.show(chosen, answer, lines)

    def save_customer(self, chosen: Chosen, language: Language) -> None:
        card = Customer()
        if chosen.id:
            card = self._ask(
                chosen, language, ShowCustomer, CustomerAnswer, customer=chosen.id
            ).card
        changes: dict[str, Any] = {}
        # --lang is the reader's language; --language is the customer's.
        for name in ("name", "company", "grade", "language", "agent", "note", "channel"):
            if (value := getattr(chosen, name)) is not None:
                changes[name] = value
        if chosen.dates is not None:
            changes["dates"] = read_dates(chosen.dates)
        for name in LISTS:
            if (value := getattr(chosen, name)) is not None:
                changes[name] = tuple(p.strip() for p in value.split(",") if p.strip())
        fields = dict(card.fields)
        for pair in chosen.field:
            name, _, value = pair.partition("=")
            fields[name] = value
        card = msgspec.structs.replace(card, **changes, fields=fields)
        answer = self._ask(chosen, language, SaveCustomer, CustomersAnswer, card=card)
        self._customers(chosen, language, answer)

    def import_customers(self, chosen: Chosen, language: Language) -> None:
        try:
            text = _text_of(Path(chosen.file))
            form = vcard if chosen.file.lower().endswith((".vcf", ".vcard")) else csv_form
            cards = form.read(text)
        except FormError as wrong:
            raise self._means.mistake(word(wrong.key, language, value=wrong.value)) from wrong
        except UnicodeDecodeError as wrong:
            raise self._means.mistake(word("not-text", language, value=chosen.file)) from wrong
        except OSError as problem:
            raise self._means.mistake(f"{chosen.file}: {problem.strerror}") from problem
        total = ImportAnswer(new=0, changed=0, same=0, doubles=0, wrong=(), dry_run=chosen.dry_run)
        for first in range(0, len(cards), IMPORT_BATCH):
            part = self._ask(
                chosen,
                language,
                ImportCustomers,
                ImportAnswer,
                cards=tuple(cards[first : first + IMPORT_BATCH]),
                dry_run=chosen.dry_run,
            )
            total = ImportAnswer(
                new=total.new + part.new,
                changed=total.changed + part.changed,
                same=total.same + part.same,
                doubles=total.doubles + part.doubles,
                wrong=(*total.wrong, *part.wrong),
                dry_run=chosen.dry_run,
            )

        def lines() -> list[str]:
            counts = {name: getattr(total, name) for name in ("new", "changed", "same", "doubles")}
            shown = [word("imported", language, **counts, wrong=len(total.wrong))]
            shown += [
                word(
                    "wrong_line",
                    language,
                    line=line,
                    field=_field(field, language),
                    sentence=sentence,
                )
                for line, field, sentence in total.wrong
            ]
            return [*shown, *([word("would_import", language)] if chosen.dry_run else ())]

        self._means.show(chosen, total, lines)

    def export_customers(self, chosen: Chosen, language: Language) -> None:
        cards = list(self._all_cards(chosen, language))
        fields = list(dict.fromkeys(name for card in cards for name in card.fields))
        of_cards = chosen.file.lower().endswith((".vcf", ".vcard"))
        written = vcard.write(cards) if of_cards else csv_form.write(cards, fields)
        if chosen.file == "-":
            sys.stdout.writelines(written)
            return
        try:
            with Path(chosen.file).open("w", encoding="utf-8", newline="") as file:
                file.writelines(written)
        except OSError as problem:
            raise self._means.mistake(f"{chosen.file}: {problem.strerror}") from problem

    def _all_cards(self, chosen: Chosen, language: Language) -> Iterator[Customer]:
        after, more = 0, True
        while more:
            answer = self._ask(chosen, language, FindCustomers, CustomersAnswer, after=after)
            yield from answer.customers
            more = answer.more
            after = answer.customers[-1].customer if answer.customers else after

    def merge_customers(self, chosen: Chosen, language: Language) -> None:
        keep = self._number(chosen.id, language, "no-customer")
        other = self._number(chosen.other, language, "no-customer")
        answer = self._ask(
            chosen, language, MergeCustomers, CustomersAnswer, keep=keep, other=other
        )
        self._customers(chosen, language, answer)

    def erase_customer(self, chosen: Chosen, language: Language) -> None:
        number = self._number(chosen.id, language, "no-customer")
        answer = self._ask(chosen, language, EraseCustomer, ErasedAnswer, customer=number)
        self._means.show(chosen, answer, lambda: erased_lines(answer, language))

    # --- tickets ----------------------------------------------------------------------------------

    def find_tickets(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(
            chosen,
            language,
            FindTickets,
            TicketsAnswer,
            text=chosen.text,
            owner=chosen.owner,
            all=chosen.all,
        )
        self._means.show(chosen, answer, lambda: _ticket_lines(answer.tickets, language))

    def _ticket(self, chosen: Chosen, language: Language, answer: TicketAnswer) -> None:
        def lines() -> list[str]:
            steps = [(_when(s.at_ms), s.who, s.what, s.note) for s in answer.steps]
            shown = _ticket_lines([answer.ticket], language)
            if answer.ticket.solution:
                shown.append(f"{word('solved', language)}: {answer.ticket.solution}")
            if answer.calls:
                shown.append(f"{word('call', language)}: {' '.join(answer.calls)}")
            return [*shown, "", *columns([word("history", language), "", "", ""], steps)]

        self._means.show(chosen, answer, lines)

    def show_ticket(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(chosen, language, ShowTicket, TicketAnswer, ticket=chosen.id)
        self._ticket(chosen, language, answer)

    def open_ticket(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(
            chosen,
            language,
            OpenTicket,
            TicketAnswer,
            kind=chosen.kind,
            summary=chosen.summary,
            number=chosen.number or "",
            owner=chosen.owner or "",
            hours=chosen.hours,
            calls=(chosen.call,) if chosen.call else (),
        )
        self._ticket(chosen, language, answer)

    def change_ticket(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(
            chosen,
            language,
            ChangeTicket,
            TicketAnswer,
            ticket=chosen.id,
            act=chosen.act,
            note=chosen.note,
        )
        self._ticket(chosen, language, answer)

    # --- reviews ----------------------------------------------------------------------------------

    def find_reviews(self, chosen: Chosen, language: Language) -> None:
        answer = self._ask(chosen, language, AskReviews, ReviewsAnswer)
        self._means.show(chosen, answer, lambda: _review_lines(answer, language))

    def close_review(self, chosen: Chosen, language: Language) -> None:
        number = self._number(chosen.id, language, "no-review")
        answer = self._ask(
            chosen,
            language,
            EndReview,
            ReviewsAnswer,
            review=number,
            cause=chosen.cause,
            action=chosen.action,
        )
        self._means.show(chosen, answer, lambda: _review_lines(answer, language))

    # --- articles ---------------------------------------------------------------------------------

    def _articles(self, chosen: Chosen, language: Language, kind: type[Any], **values: Any) -> None:
        answer = self._ask(chosen, language, kind, ArticlesAnswer, **values)
        heads = [word(key, language) for key in ("code", "kind", "title", "uses")]
        rows = [(a.code, a.kind, a.title, str(a.uses)) for a in answer.articles]
        body = [answer.articles[0].body] if len(answer.articles) == 1 else []
        self._means.show(chosen, answer, lambda: [*_table(heads, rows, language), *body])

    def find_articles(self, chosen: Chosen, language: Language) -> None:
        self._articles(chosen, language, FindArticles, text=chosen.text)

    def save_article(self, chosen: Chosen, language: Language) -> None:
        article = Article(code=chosen.code, kind=chosen.kind, title=chosen.title, body=chosen.value)
        self._articles(chosen, language, SaveArticle, article=article)

    def use_article(self, chosen: Chosen, language: Language) -> None:
        self._articles(chosen, language, UseArticle, code=chosen.code, call=chosen.call)

    def remove_article(self, chosen: Chosen, language: Language) -> None:
        self._articles(chosen, language, RemoveArticle, code=chosen.code)


# --- what is shown --------------------------------------------------------------------------------


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], language: Language) -> list[str]:
    return columns(list(heads), rows) if rows else [word("nothing_found", language)]


def _when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).astimezone().isoformat(" ", "minutes")[:16]


def _ticket_lines(tickets: Sequence[Ticket], language: Language) -> list[str]:
    heads = [
        word(key, language)
        for key in ("reference", "kind", "state", "owner", "due", "numbers", "summary")
    ]
    rows = [
        (
            t.reference,
            t.kind,
            word(t.state, language),
            t.owner,
            _when(t.due_ms),
            t.number,
            t.summary,
        )
        for t in tickets
    ]
    return _table(heads, rows, language)


def _review_lines(answer: ReviewsAnswer, language: Language) -> list[str]:
    heads = [
        word(key, language)
        for key in ("review", "call", "mark", "agent", "state", "due", "cause", "action")
    ]
    rows = [
        (
            str(r.review),
            r.call,
            f"{r.key}/{r.scale}",
            r.agent,
            word(r.state, language),
            _when(r.due_ms),
            r.cause,
            r.action,
        )
        for r in answer.reviews
    ]
    shown = _table(heads, rows, language)
    if answer.causes:
        causes = [(c.cause, str(c.count), _share(c.share), _share(c.up_to)) for c in answer.causes]
        heads = [word("cause", language), "", word("share", language), word("up_to", language)]
        shown += ["", *columns(heads, causes)]
    return [*shown, *(_marks_line(m, language) for m in answer.marks if m.offered)]


def _marks_line(marks: Satisfaction, language: Language) -> str:
    return word(
        "marks",
        language,
        scale=marks.scale,
        answered=marks.answered,
        offered=marks.offered,
        share=_share(marks.share),
        lowest=_share(marks.lowest),
        highest=_share(marks.highest),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f}%"


def _field(name: str, language: Language) -> str:
    return word(name, language) if name in WORDS else name


def _text_of(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode(ENCODINGS[0])
    except UnicodeDecodeError:
        return data.decode(ENCODINGS[1])
