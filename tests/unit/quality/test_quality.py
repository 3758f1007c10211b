"""Marks of two keys and of five stand apart; a bad one is looked into with cause and action."""

from __future__ import annotations

import pytest

from firmware.quality.marks import is_bad, satisfaction
from firmware.quality.review import CloseReview, Review, closed, pareto
from firmware.reports.facts import SurveyFact

CAUSES = ("manner", "explanation")


def fact(scale: int, key: int | None, way: str = "sent") -> SurveyFact:
    return SurveyFact(call="c", at_ms=0, way=way, scale=scale, key=key)


@pytest.mark.parametrize(
    ("scale", "key", "bad"),
    [(2, 1, False), (2, 2, True), (5, 1, True), (5, 2, True), (5, 3, False), (5, 5, False)],
)
def test_which_marks_are_bad(scale: int, key: int, bad: bool) -> None:
    assert is_bad(scale, key) is bad


def test_no_key_is_no_mark() -> None:
    assert not is_bad(2, None)
    assert not is_bad(2, 7)


def test_the_two_scales_are_never_mixed_and_silence_is_shown() -> None:
    told = [fact(2, 1), fact(2, 1, "stayed"), fact(2, 2), fact(2, None), fact(5, 5), fact(5, 2)]
    two = satisfaction(told, 2)
    assert (two.offered, two.answered, two.good) == (4, 3, 2)
    assert two.share == pytest.approx(2 / 3)
    assert two.mean is None
    assert (two.response, two.lowest, two.highest) == (0.75, 0.5, 0.75)
    assert two.ways == {"sent": (3, 2, 1), "stayed": (1, 1, 1)}
    five = satisfaction(told, 5)
    assert (five.offered, five.share, five.mean) == (2, 0.5, 3.5)
    assert satisfaction([], 5).share is None


def test_a_review_is_not_closed_without_cause_and_action() -> None:
    review = Review(review=1, call="c")
    for cause, action, lacks in (
        ("", "", ["review-cause", "review-action"]),
        ("weather", "train the team", ["review-cause"]),
        ("manner", " - ", ["review-action"]),
    ):
        order = CloseReview(who="ann", cause=cause, action=action)
        assert closed(review, order, CAUSES, 5) == (review, lacks)
    order = CloseReview(who="ann", cause="manner", action="train the team")
    done, lacks = closed(review, order, CAUSES, 5)
    assert (done.state, done.closed_by, done.closed_ms, lacks) == ("closed", "ann", 5, [])
    assert closed(done, order, CAUSES, 6) == (done, ["review-closed"])


def test_causes_by_how_often_they_are_found() -> None:
    causes = ["manner", "explanation", "explanation", "explanation"]
    reviews = [Review(state="closed", cause=cause) for cause in causes] + [Review()]
    first, second = pareto(reviews)
    assert (first.cause, first.count, first.share, first.up_to) == ("explanation", 3, 0.75, 0.75)
    assert (second.cause, second.share, second.up_to) == ("manner", 0.25, 1.0)
    assert pareto([]) == []
