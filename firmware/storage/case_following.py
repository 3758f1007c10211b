"""Tickets and reviews that follow from entries of the log, in the transaction that keeps these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from firmware.core.acd_entries import SurveyAnswered, TaskClosed, TaskOpened, WrapUpEnded
from firmware.core.case_settings import CaseSettings
from firmware.core.desk_entries import TextCame, TicketWanted
from firmware.core.log_entries import AnyLogEntry
from firmware.core.menu_entries import CallbackWanted
from firmware.quality.marks import is_bad
from firmware.quality.review import HOUR_MS, Review
from firmware.reports.moments import moment_ms
from firmware.storage.cases import Cases
from firmware.storage.projection import CallRecord, Stamp
from firmware.tickets.following import ASKED, after_menu, after_task, after_wrap_up
from firmware.tickets.ticket import ENDED, Ticket, TicketStep, opened

BOX: Final = "box"  # who did what nobody did
BAD_MARK: Final = "bad_mark"
COMPLAINT: Final = "complaint"
FAX_SUMMARY: Final = "传真 Fax #{fax} ({pages} p.)"
"""What a ticket of a fax is about until a person has read it; both languages, and no number."""
TEXT_SUMMARY: Final = "短信 Text"
TOLD: Final = "told"
"""Origin of a ticket whose number the caller has, until the result says what it is about."""


class Follower:
    """Knows what an office wants to follow from what.

    Args:
        cases: Over the writer's connection.
    """

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self.settings_of: Callable[[], CaseSettings] = CaseSettings
        self.key_of: Callable[[str], str] = lambda number: number

    def follow(
        self,
        stamped: Sequence[tuple[AnyLogEntry, Stamp]],
        record_of: Callable[[str], CallRecord | None],
    ) -> None:
        """Open what follows from entries that were just inserted.

        Args:
            stamped: The new entries.
            record_of: The record of a call, the new entries included.
        """
        for entry, stamp in stamped:
            at_ms = moment_ms(stamp.wall)
            match entry:
                case WrapUpEnded():
                    self._wrapped(entry, at_ms, record_of(entry.call))
                case TaskOpened() if entry.kind in ASKED:
                    self._asked(entry, at_ms)
                case CallbackWanted():
                    self._promised(after_menu(entry, self.settings_of(), at_ms), entry.call)
                case TicketWanted():
                    self._told(entry, at_ms, record_of(entry.call))
                case TaskClosed(how="done"):
                    self._done(entry, at_ms)
                case TextCame() if entry.ticket:
                    self._written(entry, at_ms)
                case TextCame() if entry.opens:
                    self._texted(entry, at_ms)
                case SurveyAnswered(question="satisfaction"):
                    self._marked(entry, at_ms)
                case _:
                    pass

    def _wrapped(self, entry: WrapUpEnded, at_ms: int, record: CallRecord | None) -> None:
        ticket = after_wrap_up(entry, self.settings_of(), at_ms)
        if ticket is None:
            return
        about = self._cases.tickets_of_call(entry.call)
        told = [known for known in about if known.origin == TOLD]
        if told:
            self._classify(told[0], ticket, entry, at_ms)
            return
        if any(known.origin == "handset" and not known.task for known in about):
            return  # several agents had a part in one conversation: one ticket
        number = self._number_of(record)
        ticket = msgspec.structs.replace(ticket, number=number, customer=self.customer_of(number))
        step = TicketStep(at_ms=at_ms, who=entry.agent, what="open", note=entry.topic)
        kept = self._cases.open_ticket(ticket, step, [entry.call])
        if entry.note:
            self._cases.add_voice(kept.ticket, entry.note)
        kind = next(k for k in self.settings_of().kinds if k.name == ticket.kind)
        if kind.complaint:
            self._cases.hold(entry.call, COMPLAINT)

    def _told(self, entry: TicketWanted, at_ms: int, record: CallRecord | None) -> None:
        """The caller has its number already; what kind it is comes with the result of the call."""
        number = self._number_of(record)
        kind = self.settings_of().kinds[0]
        ticket = opened(
            kind,
            at_ms,
            owner=entry.extension,
            number=number,
            customer=self.customer_of(number),
            origin=TOLD,
        )
        step = TicketStep(at_ms=at_ms, who=entry.extension, what="open")
        self._cases.open_ticket(ticket, step, [entry.call])

    def _classify(self, told: Ticket, wanted: Ticket, entry: WrapUpEnded, at_ms: int) -> None:
        """What the agent keyed says what the ticket is whose number the caller has."""
        after = msgspec.structs.replace(
            told,
            kind=wanted.kind,
            priority=wanted.priority,
            group=wanted.group,
            owner=wanted.owner,
            due_ms=told.opened_ms + (wanted.due_ms - wanted.opened_ms),
            origin="handset",
        )
        step = TicketStep(at_ms=at_ms, who=entry.agent, what="note", note=entry.topic)
        self._cases.keep_ticket(after, step)
        if entry.note:
            self._cases.add_voice(told.ticket, entry.note)
        if next(k for k in self.settings_of().kinds if k.name == wanted.kind).complaint:
            self._cases.hold(entry.call, COMPLAINT)

    def _asked(self, entry: TaskOpened, at_ms: int) -> None:
        due_ms = moment_ms(entry.due_wall) if entry.due_wall else None
        self._promised(after_task(entry, self.settings_of(), at_ms, due_ms), entry.call)

    def _promised(self, ticket: Ticket, call: str) -> None:
        number = self.key(ticket.number)
        ticket = msgspec.structs.replace(ticket, number=number, customer=self.customer_of(number))
        step = TicketStep(at_ms=ticket.opened_ms, who=ticket.owner or BOX, what="open")
        self._cases.open_ticket(ticket, step, [call] if call else [])

    def _written(self, entry: TextCame, at_ms: int) -> None:
        """A customer wrote about what is owed to him."""
        ticket = self._cases.ticket(entry.ticket)
        if ticket is not None:
            step = TicketStep(at_ms=at_ms, who=entry.number, what="wrote", note=entry.text)
            self._cases.keep_ticket(ticket, step)
            if entry.call:
                self._cases.link(ticket.ticket, entry.call)

    def _texted(self, entry: TextCame, at_ms: int) -> None:
        """A customer wrote of something new: a ticket of the first kind, with his words."""
        number = self.key(entry.number)
        ticket = opened(
            self.settings_of().kinds[0],
            at_ms,
            number=number,
            customer=entry.customer,
            summary=TEXT_SUMMARY,
            origin="text",
        )
        step = TicketStep(at_ms=at_ms, who=entry.number, what="wrote", note=entry.text)
        kept = self._cases.open_ticket(ticket, step, [entry.call] if entry.call else [])
        self._cases.text_on_ticket(entry.key, kept.ticket)

    def _done(self, entry: TaskClosed, at_ms: int) -> None:
        """Who was owed a call was reached: what was owed is done."""
        ticket = self._cases.ticket_of_task(entry.task)
        if ticket is None or ticket.state in ENDED:
            return
        after = msgspec.structs.replace(
            ticket,
            state="solved",
            solved_ms=at_ms,
            answered_ms=ticket.answered_ms or at_ms,
        )
        self._cases.keep_ticket(after, TicketStep(at_ms=at_ms, who=BOX, what="solve"))
        if entry.call:
            self._cases.link(ticket.ticket, entry.call)

    def _marked(self, entry: SurveyAnswered, at_ms: int) -> None:
        about = entry.about or entry.call
        if not is_bad(entry.scale, entry.key) or self._cases.review_of(about) is not None:
            return
        self._cases.hold(about, BAD_MARK)
        review = Review(
            call=about,
            scale=entry.scale,
            key=entry.key,
            agent=entry.agent,
            queue=entry.queue,
            opened_ms=at_ms,
            due_ms=at_ms + self.settings_of().review_hours * HOUR_MS,
        )
        self._cases.open_review(review)

    def _number_of(self, record: CallRecord | None) -> str:
        if record is None:
            return ""
        return self.key(record.caller_number or record.dialled)

    # --- faxes ------------------------------------------------------------------------------------

    def ticket_of_fax(
        self, kind: str, fax: int, call: str, number: str, customer: int, pages: int, at_ms: int
    ) -> int:
        """The ticket that a received fax opens; its number."""
        kinds = self.settings_of().kinds
        wanted = next((k for k in kinds if k.name == kind), kinds[0])
        ticket = opened(
            wanted,
            at_ms,
            owner=wanted.owner,
            number=number,
            customer=customer,
            summary=FAX_SUMMARY.format(fax=fax, pages=pages),
            origin="fax",
        )
        step = TicketStep(at_ms=at_ms, who=BOX, what="open")
        kept = self._cases.open_ticket(ticket, step, [call] if call else [])
        if wanted.complaint and call:
            self._cases.hold(call, COMPLAINT)
        return kept.ticket

    def fax_on_ticket(self, ticket: int, who: str, what: str, fax: int, at_ms: int) -> None:
        """A fax that answers a ticket was ordered, has arrived or has not: a step of the ticket."""
        known = self._cases.ticket(ticket)
        if known is None:
            return
        if what == "fax_sent" and known.answered_ms is None:
            known = msgspec.structs.replace(known, answered_ms=at_ms)
        self._cases.keep_ticket(known, TicketStep(at_ms=at_ms, who=who, what=what, note=f"#{fax}"))

    # --- whose a number is ------------------------------------------------------------------------

    def key(self, number: str) -> str:
        """A number in the one form in which cards have it; as it is, if it is nobody's outside."""
        try:
            return self.key_of(number)
        except ValueError:
            return number

    def customer_of(self, number: str) -> int:
        """His card, 0 for nobody we know."""
        card = self._cases.customer_of(self.key(number)) if number else None
        return card.customer if card is not None else 0
