"""Groups, topics, pairs, weeks and trials, against published intervals and against a pencil."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from firmware.core.menu_entries import NodePassed
from firmware.reports.facts import Facts, Leg, ScoreFact, SurveyFact, Visit, VisitEnd
from firmware.reports.groups import groups
from firmware.reports.interval import difference, needed, wilson
from firmware.reports.measures import figure
from firmware.reports.pairs import pairs
from firmware.reports.report import By
from firmware.reports.topics import topics
from firmware.reports.trend import Note, forecast, mondays, trend
from firmware.reports.trial import trials


def visit(
    call: str,
    *,
    queue: str = "601",
    agent: str = "A",
    solved: bool | None = None,
    topic: str = "",
    talk_s: int = 60,
    end: VisitEnd = VisitEnd.ANSWERED,
) -> Visit:
    legs = ()
    if end is VisitEnd.ANSWERED:
        over = talk_s * 1000
        leg = Leg(agent=agent, started_ms=0, ended_ms=over, wrapped_ms=over, topic=topic)
        legs = (msgspec.structs.replace(leg, solved=solved),)
    return Visit(
        call=call,
        visit=1,
        queue=queue,
        arrived_ms=0,
        offset_min=480,
        entered_ms=0,
        ended_ms=6_000,
        end=end,
        agent=agent,
        legs=legs,
    )


def keyed(queue: str, solved: int, of: int, agent: str = "A") -> list[Visit]:
    return [
        visit(f"{queue}-{agent}-{n}", queue=queue, agent=agent, solved=n < solved)
        for n in range(of)
    ]


@pytest.mark.parametrize(
    ("top", "bottom", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_the_published_ones(top: int, bottom: int, low: float, high: float) -> None:
    assert wilson(top, bottom) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_a_difference_is_the_published_one() -> None:
    """56/70 - 48/80: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II."""
    assert difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference(1, 2, 0, 0) is None
    assert wilson(0, 0) is None


def test_how_many_calls_tell_ten_points_from_chance() -> None:
    """2 x 2.801585^2 x 0.25 / 0.01 = 392.4: 393 calls each; at 90 % 141.3: 142."""
    assert needed(0.5, 0.1) == 393
    assert needed(0.9, 0.1) == 142


def test_a_group_that_solves_little_is_marked_and_one_of_few_calls_is_not() -> None:
    """601: 22 of 40 solved at once (55 %); 602: 68 of 80 (85 %); 603: 2 of 5."""
    facts = Facts(visits=(*keyed("601", 22, 40), *keyed("602", 68, 80), *keyed("603", 2, 5)))
    found = groups(facts, By.QUEUE, "fcr_key")
    assert [(g.key, g.top, g.bottom, g.mark) for g in found] == [
        ("603", 2, 5, "few"),
        ("601", 22, 40, "below"),
        ("602", 68, 80, "above"),
    ]
    # 22/40 by hand: middle 0.545617, half 0.147263
    assert (found[1].low, found[1].high) == pytest.approx((0.3983, 0.6929), abs=5e-5)


def test_what_chance_may_do_is_no_difference() -> None:
    """30 of 40 against 68 of 80: ten points, and the interval holds 0."""
    facts = Facts(visits=(*keyed("601", 30, 40), *keyed("602", 68, 80)))
    assert [g.mark for g in groups(facts, By.QUEUE, "fcr_key")] == ["same", "same"]
    one = Facts(visits=tuple(keyed("601", 3, 40)))
    assert [g.mark for g in groups(one, By.QUEUE, "fcr_key")] == ["alone"]
    with pytest.raises(KeyError):
        groups(facts, By.QUEUE, "aht")


def test_ten_topics_in_the_order_of_their_calls_and_the_blanks_apart() -> None:
    """35 of 100 keyed calls about late delivery, as such offices find; 25 keyed nothing."""
    counts = {"11": 35, "12": 20, "13": 10, "14": 8, "15": 7, "16": 5, "17": 4, "18": 3, "19": 3,
              "20": 2, "21": 2, "22": 1}  # fmt: skip
    visits = [visit(f"{t}-{n}", topic=t) for t, many in counts.items() for n in range(many)]
    visits += [visit(f"blank-{n}") for n in range(25)]
    visits += [visit("lost", end=VisitEnd.ABANDONED)]
    found = topics(Facts(visits=tuple(visits)), {"11": "late delivery"})
    assert [t.topic for t in found.top] == list(counts)[:10]
    first, second = found.top[:2]
    assert (first.name, first.calls, first.share, first.up_to) == ("late delivery", 35, 0.35, 0.35)
    assert second.up_to == pytest.approx(0.55)
    assert (found.others, found.blank, found.calls) == (3, 25, 125)
    assert found.blank_share == 0.2
    assert topics(Facts(), {}).blank_share is None


def test_a_warning_where_calls_became_shorter_and_less_was_solved() -> None:
    """Handling 120 s to 90 s; solved 18 of 20 (90 %) to 12 of 20 (60 %)."""
    before = Facts(visits=tuple(visit(f"{n}", talk_s=120, solved=n < 18) for n in range(20)))
    now = Facts(visits=tuple(visit(f"{n}", talk_s=90, solved=n < 12) for n in range(20)))
    pair = next(p for p in pairs(now, before) if p.first.code == "aht")
    assert (pair.first.before.value, pair.first.now.value) == (120, 90)
    assert (pair.second.before.value, pair.second.now.value) == (0.9, 0.6)
    assert (pair.first.way, pair.second.way, pair.verdict) == ("better", "worse", "one")
    assert pair.improved == "aht"
    assert not pair.first.few
    back = next(p for p in pairs(before, now) if p.first.code == "aht")
    assert (back.verdict, back.improved) == ("one", "fcr_key")


def test_both_better_is_no_warning_and_nothing_to_compare_says_so() -> None:
    before = Facts(visits=tuple(visit(f"{n}", talk_s=120, solved=n < 5) for n in range(10)))
    now = Facts(visits=tuple(visit(f"{n}", talk_s=90, solved=n < 8) for n in range(10)))
    pair = next(p for p in pairs(now, before) if p.first.code == "aht")
    assert (pair.verdict, pair.improved, pair.first.few) == ("both", "", True)
    (new,) = (p for p in pairs(now, Facts()) if p.first.code == "aht")
    assert new.verdict == "unknown"
    # A change of 2 % of a time and of nothing of a share is none.
    still = Facts(visits=tuple(visit(f"{n}", talk_s=122, solved=n < 5) for n in range(10)))
    assert next(p for p in pairs(still, before) if p.first.code == "aht").verdict == "none"


def test_satisfaction_is_weighed_on_its_own_scale() -> None:
    def office(answered: int, happy: int) -> Facts:
        calls = tuple(visit(f"{n}") for n in range(answered))
        lost = tuple(visit(f"x{n}", end=VisitEnd.FLOWED_OUT) for n in range(20 - answered))
        marks = tuple(
            SurveyFact(call=f"{n}", at_ms=0, way="after", scale=2, key=1 if n < happy else 2)
            for n in range(10)
        )
        return Facts(visits=calls + lost, surveys=marks)

    found = {(p.first.code, p.second.code): p for p in pairs(office(18, 6), office(14, 8))}
    assert found["answer", "csat_2"].improved == "answer"
    assert ("answer", "csat_5") not in found


def test_weeks_with_what_was_changed_in_them() -> None:
    weeks = mondays(date(2026, 3, 4), 3)
    assert weeks == [date(2026, 2, 16), date(2026, 2, 23), date(2026, 3, 2)]
    facts = [
        Facts(visits=tuple(keyed("601", 10, 20))),
        Facts(),
        Facts(visits=tuple(keyed("601", 9, 10))),
    ]
    notes = (
        Note(day=date(2026, 3, 8), text="shorter greeting", who="anna", version=4),
        Note(day=date(2026, 3, 2), text="new staff"),
        Note(day=date(2026, 3, 9), text="the week after"),
    )
    found = trend("fcr_key", list(zip(weeks, facts, strict=True)), notes)
    assert [week.value for week in found] == [0.5, None, 0.9]
    assert [week.few for week in found] == [False, True, True]
    assert [note.text for note in found[2].notes] == ["new staff", "shorter greeting"]
    assert forecast(found) is None
    assert forecast([*found, *found]) == pytest.approx((0.5 + 0.9) / 2)


def passed(call: str, way: str, edition: str = "e2", node: str = "greeting") -> NodePassed:
    return NodePassed(
        call=call, at_ms=0, flow="main", edition=edition, node=node, entered_ms=0, exit=way
    )


def split(short: tuple[int, int], long: tuple[int, int]) -> tuple[list[NodePassed], Facts]:
    """Answered and all calls of two wordings."""
    entries, visits = [], []
    for way, (answered, of) in (("short", short), ("long", long)):
        for n in range(of):
            call = f"{way}{n}"
            entries.append(passed(call, way))
            end = VisitEnd.ANSWERED if n < answered else VisitEnd.ABANDONED
            visits.append(visit(call, end=end))
    return entries, Facts(visits=tuple(visits))


SPLITS = (("main", "greeting"),)


def test_not_enough_calls_yet_is_said_however_large_the_difference_looks() -> None:
    """20 of 20 against 10 of 20: 75 % of all, which needs 295 calls each."""
    entries, facts = split((20, 20), (10, 20))
    (trial,) = trials(SPLITS, entries, facts)
    assert [(v.way, v.calls, v.counts["answered"].top) for v in trial.variants] == [
        ("long", 20, 10),
        ("short", 20, 20),
    ]
    verdict = trial.verdicts[0]
    assert (verdict.asked, verdict.says, verdict.have, verdict.need) == (
        "answered",
        "wait",
        20,
        295,
    )
    assert trial.verdicts[2].says == "wait"  # nobody was asked how he liked it


def test_with_enough_calls_the_better_way_is_named_or_there_is_none() -> None:
    (trial,) = trials(SPLITS, *split((320, 400), (240, 400)))  # 80 % against 60 %
    assert (trial.verdicts[0].says, trial.verdicts[0].better) == ("differs", "short")
    (trial,) = trials(SPLITS, *split((284, 400), (280, 400)))  # 71 % against 70 %
    assert (trial.verdicts[0].says, trial.verdicts[0].better) == ("same", "")


def test_another_text_of_the_menu_is_another_trial_and_who_hung_up_chose_nothing() -> None:
    entries, facts = split((5, 10), (5, 10))
    old = [passed(f"old{n}", "short", edition="e1") for n in range(50)]
    (trial,) = trials(SPLITS, [*old, *entries, passed("gone", "hung_up")], facts)
    assert trial.edition == "e2"
    assert [v.calls for v in trial.variants] == [10, 10]
    assert trials((), entries, facts) == []


def test_the_surname_is_counted_only_where_times_were_keyed() -> None:
    """2, 1 and 3 times, once not asked, once marked by a sheet that says yes or no: 2 of 3."""
    marks = ("2", "1", "3", "-", "yes")
    scores = tuple(
        ScoreFact(
            call=f"{n}",
            at_ms=0,
            sheet="standard",
            agent="A",
            queue="601",
            points=50.0 + n,
            marks={"surname": mark},
        )
        for n, mark in enumerate(marks)
    )
    found = figure("surname_ok", Facts(scores=scores))
    assert (found.top, found.bottom) == (2, 3)
    assert figure("quality", Facts(scores=scores)).value == 52.0
    assert figure("quality", Facts()).value is None
