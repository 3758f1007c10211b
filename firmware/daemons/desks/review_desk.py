"""Reviews of bad marks: what there is, and how one ends."""

from __future__ import annotations

import msgspec

from firmware.control.case_messages import EndReview, ReviewsAnswer
from firmware.daemons.desks.case_keeper import CaseKeeper
from firmware.daemons.desks.case_words import CaseError, word
from firmware.quality.marks import SCALES, satisfaction
from firmware.quality.review import CloseReview, closed, pareto


class ReviewDesk(CaseKeeper):
    """What is asked about reviews."""

    def all(self, from_ms: int, until_ms: int) -> ReviewsAnswer:
        """Reviews of a span, causes by how often, and satisfaction on both scales."""
        found = self._cases.reviews(from_ms, until_ms)
        surveys = self._cases.surveys(from_ms, until_ms)
        return ReviewsAnswer(
            reviews=tuple(found),
            causes=tuple(pareto(found)),
            marks=tuple(satisfaction(surveys, scale) for scale in SCALES),
        )

    def end(self, request: EndReview, wall_ms: int) -> tuple[msgspec.Struct, tuple[str, str, str]]:
        """Close one with cause and action; what its recording was held for is over."""
        language, causes = request.language, self._settings().cases.causes
        before = self._cases.review(request.review)
        if before is None:
            raise CaseError("no-review", language, value=request.review)
        order = CloseReview(who=request.who, cause=request.cause, action=request.action)
        after, lacks = closed(before, order, causes, wall_ms)
        if lacks:
            limit = ", ".join(causes)
            fields = {key: word(key, language, value=request.cause, limit=limit) for key in lacks}
            raise CaseError("review-lacks", language, fields, value=request.review)
        with self._records.changing():
            self._cases.keep_review(after)
            self._cases.release(after.call, "bad_mark")
        answer = ReviewsAnswer(reviews=(after,), causes=(), marks=())
        return answer, ("review_closed", f"review/{after.review}", after.cause)
