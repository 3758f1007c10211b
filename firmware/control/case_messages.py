"""What people ask of calld about customers, tickets, reviews and articles."""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.control.office_messages import OfficeRequest
from firmware.customers.customer import Customer
from firmware.knowledge.article import Article
from firmware.quality.marks import Satisfaction
from firmware.quality.review import Review, Share
from firmware.tickets.ticket import Priority, Ticket, TicketStep

IMPORT_BATCH = 100
"""Cards in one request of an import: a message is at most ``messages.MAX_MESSAGE_BYTES``."""


class CaseRequest(OfficeRequest, frozen=True, kw_only=True):
    """Something about customers and what is owed to them. ``language`` is the asker's."""

    language: str = "en"


# --- customers ------------------------------------------------------------------------------------


class FindCustomers(CaseRequest, frozen=True, kw_only=True, tag="find_customers"):
    """Customers by number or by words of name, note, tags and own fields; all without either."""

    text: str = ""
    after: int = 0


class ShowCustomer(CaseRequest, frozen=True, kw_only=True, tag="show_customer"):
    """A card with everything that happened."""

    customer: int


class SaveCustomer(CaseRequest, frozen=True, kw_only=True, tag="save_customer"):
    """Keep a card; number 0 makes a new one."""

    card: Customer


class ImportCustomers(CaseRequest, frozen=True, kw_only=True, tag="import_customers"):
    """Cards with the numbers of their lines; a dry run keeps nothing."""

    cards: tuple[tuple[int, Customer], ...]
    dry_run: bool


class MergeCustomers(CaseRequest, frozen=True, kw_only=True, tag="merge_customers"):
    """Two cards are one person: the first is kept, with what only the second had."""

    keep: int
    other: int


class EraseCustomer(CaseRequest, frozen=True, kw_only=True, tag="erase_customer"):
    """Take a customer with all his numbers out of everything the box keeps."""

    customer: int


class CustomersAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="customers"):
    """Answer to ``FindCustomers``, ``SaveCustomer`` and ``MergeCustomers``."""

    customers: tuple[Customer, ...]
    more: bool = False


class CallLine(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a customer."""

    call: str
    at: str
    direction: str
    outcome: str
    talk_ms: int


class CustomerAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="customer"):
    """Answer to ``ShowCustomer``: card, calls (newest first), tickets, messages, reviews."""

    card: Customer
    calls: tuple[CallLine, ...]
    tickets: tuple[Ticket, ...]
    messages: tuple[str, ...]
    reviews: tuple[Review, ...]


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="imported"):
    """What an import did, or would do; ``wrong`` is line, field, sentence."""

    new: int
    changed: int
    same: int
    doubles: int
    wrong: tuple[tuple[int, str, str], ...]
    dry_run: bool


# --- tickets --------------------------------------------------------------------------------------


class FindTickets(CaseRequest, frozen=True, kw_only=True, tag="find_tickets"):
    """Open tickets, the most urgent first; with words or ``all``, others too."""

    text: str = ""
    owner: str = ""
    all: bool = False


class ShowTicket(CaseRequest, frozen=True, kw_only=True, tag="show_ticket"):
    """One ticket by its reference, or by ``#`` and its number."""

    ticket: str


class OpenTicket(CaseRequest, frozen=True, kw_only=True, tag="open_ticket"):
    """A new ticket, by hand."""

    kind: str
    summary: str
    number: str = ""
    owner: str = ""
    priority: Priority | Literal[""] = ""
    hours: int = 0
    calls: tuple[str, ...] = ()


TicketAct = Literal[
    "take", "wait", "solve", "close", "reopen", "note", "assign", "verify", "link", "voice"
]


class ChangeTicket(CaseRequest, frozen=True, kw_only=True, tag="change_ticket"):
    """Do something with a ticket; ``note`` is a text, an agent, a call or a path, by ``act``."""

    ticket: str
    act: TicketAct
    note: str = ""


class TicketsAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="tickets"):
    """Answer to ``FindTickets``."""

    tickets: tuple[Ticket, ...]


class TicketAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="ticket"):
    """Answer to everything about one ticket."""

    ticket: Ticket
    steps: tuple[TicketStep, ...]
    calls: tuple[str, ...]
    voices: tuple[str, ...]


# --- reviews --------------------------------------------------------------------------------------


class AskReviews(CaseRequest, frozen=True, kw_only=True, tag="ask_reviews"):
    """Reviews and satisfaction of a span of wall time (UTC, ms since 1970)."""

    from_ms: int = 0
    until_ms: int = 1 << 62


class EndReview(CaseRequest, frozen=True, kw_only=True, tag="end_review"):
    """A bad mark was looked into."""

    review: int
    cause: str
    action: str


class ReviewsAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="reviews"):
    """Answer to both. Marks of two keys and of five stand apart."""

    reviews: tuple[Review, ...]
    causes: tuple[Share, ...]
    marks: tuple[Satisfaction, ...]


# --- articles -------------------------------------------------------------------------------------


class FindArticles(CaseRequest, frozen=True, kw_only=True, tag="find_articles"):
    """Articles by code or words; all, the most used first, without either."""

    text: str = ""


class SaveArticle(CaseRequest, frozen=True, kw_only=True, tag="save_article"):
    """Keep an article under its code."""

    article: Article


class RemoveArticle(CaseRequest, frozen=True, kw_only=True, tag="remove_article"):
    """Take an article away."""

    code: str


class UseArticle(CaseRequest, frozen=True, kw_only=True, tag="use_article"):
    """It answered this call."""

    code: str
    call: str


class ArticlesAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="articles"):
    """Answer to all four."""

    articles: tuple[Article, ...]


AnyCaseRequest = (
    FindCustomers
    | ShowCustomer
    | SaveCustomer
    | ImportCustomers
    | MergeCustomers
    | EraseCustomer
    | FindTickets
    | ShowTicket
    | OpenTicket
    | ChangeTicket
    | AskReviews
    | EndReview
    | FindArticles
    | SaveArticle
    | RemoveArticle
    | UseArticle
)
AnyCaseAnswer = (
    CustomersAnswer
    | CustomerAnswer
    | ImportAnswer
    | TicketsAnswer
    | TicketAnswer
    | ReviewsAnswer
    | ArticlesAnswer
)
