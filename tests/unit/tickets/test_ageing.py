"""How long tickets take and how old the open ones are; and what customers think, month by month."""

from __future__ import annotations

import msgspec
import pytest

from firmware.core.acd_entries import WrapUpBy, WrapUpEnded
from firmware.core.case_settings import CaseSettings, TicketKind
from firmware.core.settings import Settings, validate
from firmware.reports.facts import Facts, TicketFact
from firmware.reports.measures import figure
from firmware.tickets.ageing import FORMULAS, Ageing, Life, ageing, open_ages
from firmware.tickets.following import after_wrap_up
from firmware.tickets.opinions import opinions
from firmware.tickets.ticket import HOUR_MS, Ticket

NOW = 100 * HOUR_MS


def life(
    number: int, kind: str, opened_h: int, answered_h: int | None, solved_h: int | None
) -> Life:
    return Life(
        ticket=number,
        reference=f"{number:04d}",
        kind=kind,
        state="closed" if solved_h is not None else "open",
        owner="1001",
        opened_ms=opened_h * HOUR_MS,
        due_ms=(opened_h + 24) * HOUR_MS,
        answered_ms=None if answered_h is None else answered_h * HOUR_MS,
        solved_ms=None if solved_h is None else solved_h * HOUR_MS,
    )


LIVES = [
    life(1, "complaint", 0, 1, 10),  # 1 h to the answer, 10 h to the solution
    life(2, "complaint", 0, 5, 30),  # 5 h, 30 h: too late
    life(3, "complaint", 10, 12, 14),  # 2 h, 4 h
    life(4, "complaint", 90, None, None),  # open for 10 h
    life(5, "request", 40, 43, None),  # 3 h; open for 60 h
]


def test_by_kind_and_together_worked_out_by_hand() -> None:
    complaint, request, whole = ageing(LIVES, NOW)
    # answers 1 2 5: middle 2, place ceil(2.7) = 3; solutions 4 10 30 likewise; 2 of 3 in 24 h
    assert complaint == Ageing(
        kind="complaint",
        opened=4,
        answered=3,
        response_p50=2 * 3600,
        response_p90=5 * 3600,
        solved=3,
        solve_p50=10 * 3600,
        solve_p90=30 * 3600,
        in_time=2 / 3,
        open=1,
        oldest=10 * 3600,
        ages_s=(10 * 3600,),
    )
    assert (request.answered, request.response_p50, request.solve_p50) == (1, 3 * 3600, None)
    assert request.in_time is None
    # answers 1 2 3 5: place ceil(2) = 2
    assert (whole.kind, whole.opened, whole.response_p50) == ("", 5, 2 * 3600)
    assert whole.ages_s == (60 * 3600, 10 * 3600)


def test_open_ones_the_oldest_first_and_how_long_they_have() -> None:
    first, second = open_ages(LIVES, NOW)
    assert (first.reference, first.age_s, first.left_s) == ("0005", 60 * 3600, -36 * 3600)
    assert (second.reference, second.left_s) == ("0004", 14 * 3600)


def test_each_figure_has_its_formula() -> None:
    shown = set(Ageing.__struct_fields__) - {"kind", "ages_s"}
    assert set(FORMULAS) == shown
    assert all(all(words) for words in FORMULAS.values())


def test_the_report_says_the_same_of_all() -> None:
    facts = Facts(
        tickets=tuple(
            TicketFact(
                kind=one.kind,
                opened_ms=one.opened_ms,
                answered_ms=one.answered_ms,
                solved_ms=one.solved_ms,
            )
            for one in LIVES
        )
    )
    codes = ("ticket_response", "ticket_response_p90", "ticket_solve", "ticket_solve_p90")
    values = [figure(code, facts).value for code in codes]
    assert values == [2 * 3600, 5 * 3600, 10 * 3600, 30 * 3600]
    assert figure("ticket_solve", Facts()).value is None


# --- opinions -------------------------------------------------------------------------------------


def test_the_list_of_a_month_has_every_kind_and_nothing_else() -> None:
    said = Ticket(ticket=7, reference="9007", kind="praise", opened_ms=5, summary="quick!")
    earlier = msgspec.structs.replace(said, ticket=6, kind="suggestion", opened_ms=3)
    other = msgspec.structs.replace(said, ticket=8, kind="complaint")
    found = opinions("2026-11", CaseSettings(), [said, other, earlier])
    assert found.counts == {"suggestion": 1, "criticism": 0, "praise": 1}
    assert [(one.kind, one.words) for one in found.opinions] == [
        ("suggestion", "quick!"),
        ("praise", "quick!"),
    ]


@pytest.mark.parametrize(
    ("topic", "kind", "hours"),
    [("91", "suggestion", 168), ("92", "criticism", 48), ("93", "praise", 168)],
)
def test_a_keyed_opinion_goes_to_whom_its_kind_names(topic: str, kind: str, hours: int) -> None:
    plain = CaseSettings()
    named = tuple(msgspec.structs.replace(one, owner="201") for one in plain.kinds)
    wrapped = WrapUpEnded(
        call="c",
        at_ms=0,
        queue="300",
        visit=1,
        agent="1001",
        by=WrapUpBy.RESULT,
        result="solved",
        topic=topic,
    )
    for settings, owner in ((plain, "1001"), (CaseSettings(kinds=named), "201")):
        ticket = after_wrap_up(wrapped, settings, 1_000)
        assert ticket is not None
        assert (ticket.kind, ticket.owner) == (kind, owner)
        assert ticket.due_ms - ticket.opened_ms == hours * HOUR_MS


@pytest.mark.parametrize(("owner", "wrong"), [("201", False), ("2999", True)])
def test_who_gets_a_kind_has_to_exist(owner: str, *, wrong: bool) -> None:
    kind = TicketKind(name="praise", owner=owner)
    told = validate(Settings(cases=CaseSettings(kinds=(kind,))), "en")
    path = "cases.kinds.0.owner"
    assert (path in told) is wrong
    if wrong:
        assert told[path] == "Owner 2999 of a kind of ticket is neither an agent nor an extension."
