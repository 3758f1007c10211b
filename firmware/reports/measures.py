"""Every figure of a report: its name, its formula in plain letters, its value and its calls.

N arrivals, A answered, B abandoned, F flowed out, Bs short abandons; A(T), B(T) within T.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from firmware.core import erlang
from firmware.core.acd_entries import AgentState, OfferResult, TaskKind, WrapUpBy
from firmware.reports.facts import Facts, Leg, LineUse, Visit, VisitEnd, all_legs
from firmware.reports.policy import DEFAULT, Policy

DAY_MS: Final = 86_400_000


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A value and what it is made of.

    Attributes:
        value: ``top / bottom``, or ``top`` of a count; None when there is nothing to divide by.
        top: Above the line.
        bottom: Below it; None for counts and sums.
        calls: The calls behind it.
        note: What must be known with it, e.g. that days are still open.
    """

    value: float | None
    top: float
    bottom: float | None = None
    calls: tuple[str, ...] = ()
    note: str = ""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A named measure. ``unit`` is share, seconds, count, mean or erlang."""

    code: str
    en: str
    zh: str
    unit: str
    formula: str
    compute: Callable[[Facts, Policy], Figure]


MEASURES: Final[dict[str, Measure]] = {}


def _measure(
    code: str, unit: str, formula: str, *, en: str, zh: str
) -> Callable[[Callable[[Facts, Policy], Figure]], Callable[[Facts, Policy], Figure]]:
    def keep(compute: Callable[[Facts, Policy], Figure]) -> Callable[[Facts, Policy], Figure]:
        MEASURES[code] = Measure(
            code=code, en=en, zh=zh, unit=unit, formula=formula, compute=compute
        )
        return compute

    return keep


def figure(code: str, facts: Facts, policy: Policy = DEFAULT) -> Figure:
    """One figure by the code of its measure; ``KeyError`` if there is none of that code."""
    return MEASURES[code].compute(facts, policy)


# --- parts ----------------------------------------------------------------------------------------


def cut(ms: int) -> int:
    """Whole seconds, cut."""
    return ms // 1000


def _done(facts: Facts) -> list[Visit]:
    if facts.settled:
        return list(facts.visits)
    return [visit for visit in facts.visits if not visit.open]


def arrivals(facts: Facts) -> list[Visit]:
    """N: visits that are over and that the office did not begin itself."""
    return [visit for visit in _done(facts) if not visit.callback]


def _ended(facts: Facts, end: VisitEnd) -> list[Visit]:
    return [visit for visit in arrivals(facts) if visit.end is end]


def _a(facts: Facts) -> list[Visit]:
    return _ended(facts, VisitEnd.ANSWERED)


def _b(facts: Facts) -> list[Visit]:
    return _ended(facts, VisitEnd.ABANDONED)


def _f(facts: Facts) -> list[Visit]:
    return _ended(facts, VisitEnd.FLOWED_OUT)


def _within(visits: Iterable[Visit], seconds: int) -> list[Visit]:
    return [visit for visit in visits if cut(visit.wait_ms) <= seconds]


def _short(facts: Facts, policy: Policy) -> list[Visit]:
    return [visit for visit in _b(facts) if cut(visit.wait_ms) < policy.short_s]


def _calls(visits: Iterable[Visit]) -> tuple[str, ...]:
    return tuple(visit.call for visit in visits)


def _share(top: float, bottom: float, visits: Iterable[Visit] = (), note: str = "") -> Figure:
    value = top / bottom if bottom > 0 else None
    return Figure(value=value, top=top, bottom=bottom, calls=_calls(visits), note=note)


def _count(visits: list[Visit]) -> Figure:
    return Figure(value=len(visits), top=len(visits), calls=_calls(visits))


# --- base counts ----------------------------------------------------------------------------------


@_measure("n", "count", "N", en="Offered", zh="进入队列")
def _offered(facts: Facts, _policy: Policy) -> Figure:
    return _count(arrivals(facts))


@_measure("a", "count", "A", en="Answered", zh="接听")
def _answered(facts: Facts, _policy: Policy) -> Figure:
    return _count(_a(facts))


@_measure("b", "count", "B", en="Abandoned", zh="放弃")
def _abandoned(facts: Facts, _policy: Policy) -> Figure:
    return _count(_b(facts))


@_measure("f", "count", "F = N - A - B", en="Flowed out", zh="流出")
def _flowed(facts: Facts, _policy: Policy) -> Figure:
    return _count(_f(facts))


@_measure("a_t", "count", "A(T)", en="Answered in time", zh="门限内接听")
def _answered_in_time(facts: Facts, policy: Policy) -> Figure:
    return _count(_within(_a(facts), policy.threshold_s))


@_measure("b_t", "count", "B(T)", en="Abandoned early", zh="门限内放弃")
def _abandoned_early(facts: Facts, policy: Policy) -> Figure:
    return _count(_within(_b(facts), policy.threshold_s))


@_measure("b_s", "count", "Bs: B with wait < S", en="Short abandons", zh="短促放弃")
def _short_abandons(facts: Facts, policy: Policy) -> Figure:
    return _count(_short(facts, policy))


# --- service level --------------------------------------------------------------------------------


def _level(facts: Facts, policy: Policy, code: str) -> Figure:
    answered, abandoned = len(_a(facts)), len(_b(facts))
    in_time = len(_within(_a(facts), policy.threshold_s))
    early = len(_within(_b(facts), policy.threshold_s))
    short = len(_short(facts, policy))
    late = _within(_a(facts), policy.threshold_s)
    reached = (
        answered + abandoned + len([v for v in _f(facts) if cut(v.wait_ms) >= policy.threshold_s])
    )
    top, bottom = {
        "a": (in_time, answered),
        "b": (in_time, answered + abandoned),
        "c": (in_time, answered + abandoned - early),
        "d": (in_time + early, answered + abandoned),
        "e": (in_time, answered + abandoned - short),
        "f": (in_time + short, answered + abandoned),
        "g": (in_time, len(arrivals(facts))),
        "h_ignored": (in_time, reached - early),
        "h_negative": (in_time, reached),
        "h_positive": (in_time + early, reached),
    }[code]
    return _share(top, bottom, late)


_LEVELS: Final = {
    "a": "A(T) / A",
    "b": "A(T) / (A + B)",
    "c": "A(T) / (A + B - B(T))",
    "d": "(A(T) + B(T)) / (A + B)",
    "e": "A(T) / (A + B - Bs)",
    "f": "(A(T) + Bs) / (A + B)",
    "g": "A(T) / N",
    "h_ignored": "A(T) / (E - B(T)), E: answered or abandoned within T, or reached T",
    "h_negative": "A(T) / E",
    "h_positive": "(A(T) + B(T)) / E",
}


def _keep_level(code: str, formula: str) -> None:
    name = code.replace("_", " ")

    @_measure(
        f"sl_{code}", "share", formula, en=f"Service level SL-{name}", zh=f"服务水平 SL-{name}"
    )
    def _one(facts: Facts, policy: Policy) -> Figure:
        return _level(facts, policy, code)


for _code, _formula in _LEVELS.items():
    _keep_level(_code, _formula)


@_measure("sl", "share", "the office's own formula", en="Service level", zh="服务水平")
def _service_level(facts: Facts, policy: Policy) -> Figure:
    return _level(facts, policy, policy.service_level)


# --- waiting --------------------------------------------------------------------------------------


def _mean_wait(visits: list[Visit]) -> Figure:
    return _share(sum(cut(visit.wait_ms) for visit in visits), len(visits), visits)


@_measure("asa", "seconds", "sum of waits of A / A", en="Speed of answer", zh="平均应答速度")
def _asa(facts: Facts, _policy: Policy) -> Figure:
    return _mean_wait(_a(facts))


@_measure(
    "asa_ring",
    "seconds",
    "sum of (t4 - t0) of A / A",
    en="Speed of answer from the first ring",
    zh="自首响起平均应答速度",
)
def _asa_ring(facts: Facts, _policy: Policy) -> Figure:
    visits = _a(facts)
    return _share(sum(cut(v.lead_ms + v.wait_ms) for v in visits), len(visits), visits)


@_measure(
    "wait_ab",
    "seconds",
    "waits of A and B / (A + B)",
    en="Wait of A and B",
    zh="接听与放弃平均等待",
)
def _wait_ab(facts: Facts, _policy: Policy) -> Figure:
    return _mean_wait([*_a(facts), *_b(facts)])


@_measure("wait_all", "seconds", "waits of all / N", en="Wait of all", zh="全部平均等待")
def _wait_all(facts: Facts, _policy: Policy) -> Figure:
    return _mean_wait(arrivals(facts))


@_measure("wait_longest", "seconds", "longest wait of N", en="Longest wait", zh="最长等待")
def _wait_longest(facts: Facts, _policy: Policy) -> Figure:
    visits = arrivals(facts)
    longest = max(visits, key=lambda visit: visit.wait_ms, default=None)
    if longest is None:
        return Figure(value=None, top=0)
    return Figure(value=cut(longest.wait_ms), top=cut(longest.wait_ms), calls=(longest.call,))


@_measure(
    "wait_p90",
    "seconds",
    "waits of A sorted, place ceil(0.9 A)",
    en="90th percentile of waits",
    zh="等待九成位",
)
def _wait_p90(facts: Facts, _policy: Policy) -> Figure:
    waits = sorted(cut(visit.wait_ms) for visit in _a(facts))
    if not waits:
        return Figure(value=None, top=0)
    value = waits[-(-9 * len(waits) // 10) - 1]
    return Figure(value=value, top=value)


@_measure("tta", "seconds", "sum of waits of B / B", en="Time to abandon", zh="平均放弃时间")
def _tta(facts: Facts, _policy: Policy) -> Figure:
    return _mean_wait(_b(facts))


@_measure(
    "tta_long",
    "seconds",
    "the same without short ones",
    en="Time to abandon, no short",
    zh="平均放弃时间（去短促）",
)
def _tta_long(facts: Facts, policy: Policy) -> Figure:
    short = {(v.call, v.visit) for v in _short(facts, policy)}
    return _mean_wait([v for v in _b(facts) if (v.call, v.visit) not in short])


# --- abandonment and answer rate ------------------------------------------------------------------


def _abandonment(facts: Facts, policy: Policy, *, of_all: bool, short: bool) -> Figure:
    less = len(_short(facts, policy)) if short else 0
    bottom = len(arrivals(facts)) if of_all else len(_a(facts)) + len(_b(facts))
    return _share(len(_b(facts)) - less, bottom - less, _b(facts))


@_measure("abandon_n", "share", "B / N", en="Abandonment of all", zh="放弃率（占全部）")
def _abandon_n(facts: Facts, policy: Policy) -> Figure:
    return _abandonment(facts, policy, of_all=True, short=False)


@_measure(
    "abandon_ab", "share", "B / (A + B)", en="Abandonment of A and B", zh="放弃率（占接听与放弃）"
)
def _abandon_ab(facts: Facts, policy: Policy) -> Figure:
    return _abandonment(facts, policy, of_all=False, short=False)


@_measure("abandon", "share", "(B - Bs) / (N - Bs)", en="Abandonment", zh="放弃率")
def _abandon(facts: Facts, policy: Policy) -> Figure:
    return _abandonment(facts, policy, of_all=True, short=True)


@_measure(
    "abandon_ab_long",
    "share",
    "(B - Bs) / (A + B - Bs)",
    en="Abandonment of A and B, no short",
    zh="放弃率（去短促）",
)
def _abandon_ab_long(facts: Facts, policy: Policy) -> Figure:
    return _abandonment(facts, policy, of_all=False, short=True)


@_measure("answer_n", "share", "A / N", en="Answer rate of all", zh="接通率（占全部）")
def _answer_n(facts: Facts, _policy: Policy) -> Figure:
    return _share(len(_a(facts)), len(arrivals(facts)), _a(facts))


@_measure("answer", "share", "A / (N - Bs)", en="Answer rate", zh="接通率")
def _answer(facts: Facts, policy: Policy) -> Figure:
    return _share(len(_a(facts)), len(arrivals(facts)) - len(_short(facts, policy)), _a(facts))


@_measure(
    "answer_callback",
    "share",
    "(A + completed callbacks) / N",
    en="Answer rate with callbacks",
    zh="接通率（含回拨）",
)
def _answer_callback(facts: Facts, _policy: Policy) -> Figure:
    called = _callbacks(facts)
    return _share(len(_a(facts)) + len(called), len(arrivals(facts)), [*_a(facts), *called])


def _callbacks(facts: Facts) -> list[Visit]:
    return [v for v in _done(facts) if v.callback and v.end is VisitEnd.ANSWERED]


# --- handling -------------------------------------------------------------------------------------


def _leg_seconds(leg: Leg) -> tuple[int, int, int]:
    """Talk, hold, wrap-up in whole seconds."""
    return cut(leg.talk_ms), cut(leg.hold_ms), cut(leg.wrap_ms)


def _sums(visits: Iterable[Visit]) -> tuple[int, int, int]:
    talk = hold = wrap = 0
    for _, leg in all_legs(visits):
        seconds = _leg_seconds(leg)
        talk, hold, wrap = talk + seconds[0], hold + seconds[1], wrap + seconds[2]
    return talk, hold, wrap


def _part(code: str, place: int, *, en: str, zh: str, formula: str) -> None:
    @_measure(code, "seconds", formula, en=en, zh=zh)
    def _one(facts: Facts, _policy: Policy) -> Figure:
        value = _sums(_a(facts))[place]
        return Figure(value=value, top=value, calls=_calls(_a(facts)))


_part("talk", 0, en="Talk", zh="通话", formula="sum over legs of (t6 - t5) minus hold")
_part("hold", 1, en="Hold", zh="保持", formula="sum of hold intervals")
_part("wrap", 2, en="Wrap-up", zh="话后处理", formula="sum of (t7 - t6)")


@_measure("aht", "seconds", "(talk + hold + wrap-up) / A", en="Handle time", zh="平均处理时长")
def _aht(facts: Facts, _policy: Policy) -> Figure:
    return _share(sum(_sums(_a(facts))), len(_a(facts)), _a(facts))


@_measure(
    "aht_callback",
    "seconds",
    "the same with completed callbacks above and below",
    en="Handle time with callbacks",
    zh="平均处理时长（含回拨）",
)
def _aht_callback(facts: Facts, _policy: Policy) -> Figure:
    visits = [*_a(facts), *_callbacks(facts)]
    return _share(sum(_sums(visits)), len(visits), visits)


def _held(facts: Facts) -> list[Visit]:
    return [visit for visit in _a(facts) if visit.hold_ms > 0]


@_measure("hold_mean", "seconds", "hold / held calls", en="Hold of held calls", zh="平均保持时长")
def _hold_mean(facts: Facts, _policy: Policy) -> Figure:
    return _share(sum(cut(v.hold_ms) for v in _held(facts)), len(_held(facts)), _held(facts))


@_measure("held", "share", "held calls / A", en="Held", zh="保持比例")
def _held_share(facts: Facts, _policy: Policy) -> Figure:
    return _share(len(_held(facts)), len(_a(facts)), _held(facts))


def _holds(facts: Facts) -> list[tuple[Visit, int]]:
    return [
        (visit, cut(end - start))
        for visit, leg in all_legs(_a(facts))
        for start, end in leg.holds
        if end is not None
    ]


@_measure("hold_longest", "seconds", "longest hold", en="Longest hold", zh="最长保持")
def _hold_longest(facts: Facts, _policy: Policy) -> Figure:
    holds = _holds(facts)
    if not holds:
        return Figure(value=None, top=0)
    visit, seconds = max(holds, key=lambda found: found[1])
    return Figure(value=seconds, top=seconds, calls=(visit.call,))


@_measure("hold_ok", "share", "holds <= limit / holds", en="Hold compliance", zh="保持合规率")
def _hold_ok(facts: Facts, policy: Policy) -> Figure:
    holds = _holds(facts)
    good = [visit for visit, seconds in holds if seconds <= policy.hold_s]
    return _share(len(good), len(holds), good)


@_measure(
    "wrap_ok",
    "share",
    "wrap-ups <= limit with result / A",
    en="Wrap-up compliance",
    zh="话后合规率",
)
def _wrap_ok(facts: Facts, policy: Policy) -> Figure:
    def good(leg: Leg) -> bool:
        return leg.wrap_by is WrapUpBy.RESULT and cut(leg.wrap_ms) <= policy.wrap_s

    visits = [v for v in _a(facts) if v.legs and all(good(leg) for leg in v.legs)]
    return _share(len(visits), len(_a(facts)), visits)


@_measure("transfer", "share", "transferred at least once / A", en="Transfer rate", zh="转接率")
def _transfer(facts: Facts, _policy: Policy) -> Figure:
    visits = [v for v in _a(facts) if v.transferred]
    return _share(len(visits), len(_a(facts)), visits)


@_measure("transfer_blind", "share", "transferred blind / A", en="Blind transfers", zh="盲转率")
def _transfer_blind(facts: Facts, _policy: Policy) -> Figure:
    visits = [v for v in _a(facts) if v.transferred == "blind"]
    return _share(len(visits), len(_a(facts)), visits)


@_measure(
    "hung_up_first",
    "share",
    "agent cleared first / known side",
    en="Agent hung up first",
    zh="座席先挂机率",
)
def _hung_up_first(facts: Facts, _policy: Policy) -> Figure:
    known = [v for v in _a(facts) if v.first in {"customer", "agent"}]
    ours = [v for v in known if v.first == "agent"]
    return _share(len(ours), len(known), ours)


# --- ringing and VIPs -----------------------------------------------------------------------------


@_measure(
    "ring_ok",
    "share",
    "answered offers taken by burst 3 / answered offers",
    en="Ring compliance",
    zh="振铃合规率",
)
def _ring_ok(facts: Facts, policy: Policy) -> Figure:
    taken = [
        (visit, offer)
        for visit in arrivals(facts)
        for offer in visit.offers
        if offer.result is OfferResult.ANSWERED
    ]
    good = [visit for visit, offer in taken if offer.bursts <= policy.ring_bursts]
    return _share(len(good), len(taken), good)


@_measure(
    "offers",
    "mean",
    "offers / visits that were offered",
    en="Offers per call",
    zh="每个电话派发次数",
)
def _offers(facts: Facts, _policy: Policy) -> Figure:
    visits = [v for v in arrivals(facts) if v.offers]
    return _share(sum(len(v.offers) for v in visits), len(visits), visits)


@_measure(
    "vip_ok",
    "share",
    "VIP calls with wait <= limit / VIP calls; early abandons left out",
    en="VIP compliance",
    zh="重要客户合规率",
)
def _vip_ok(facts: Facts, policy: Policy) -> Figure:
    vips = [
        v
        for v in arrivals(facts)
        if v.vip and not (v.end is VisitEnd.ABANDONED and cut(v.wait_ms) <= policy.vip_s)
    ]
    good = [v for v in vips if v.end is VisitEnd.ANSWERED and cut(v.wait_ms) <= policy.vip_s]
    return _share(len(good), len(vips), good)


# --- time of agents -------------------------------------------------------------------------------


_HANDLING: Final = (AgentState.TALKING, AgentState.HOLDING, AgentState.WRAP_UP)
_READY: Final = (AgentState.READY, AgentState.RINGING)


def _time(facts: Facts, states: Iterable[AgentState]) -> int:
    """Seconds that all agents spent in these states, spans that are over."""
    wanted = set(states)
    total = sum(s.length_ms or 0 for s in facts.spans if AgentState(s.state) in wanted)
    return cut(total)


def login_s(facts: Facts) -> int:
    """L: all states but logged out."""
    return _time(facts, [state for state in AgentState if state is not AgentState.LOGGED_OUT])


def _paid(facts: Facts) -> int:
    agents = {span.agent for span in facts.spans}
    if facts.paid_ms:
        return cut(sum(ms for agent, ms in facts.paid_ms.items() if agent in agents))
    return login_s(facts)


def _sum_of(code: str, states: tuple[AgentState, ...], *, en: str, zh: str, formula: str) -> None:
    @_measure(code, "seconds", formula, en=en, zh=zh)
    def _one(facts: Facts, _policy: Policy) -> Figure:
        value = _time(facts, states)
        return Figure(value=value, top=value)


_sum_of("ready", (AgentState.READY,), en="Ready", zh="就绪", formula="R")
_sum_of("ringing", (AgentState.RINGING,), en="Ringing", zh="振铃", formula="G")
_sum_of("paused", (AgentState.PAUSED,), en="Paused", zh="暂停", formula="P")
_sum_of("handling", _HANDLING, en="Handling", zh="处理", formula="talk + hold + wrap-up")
_sum_of("other", (AgentState.OTHER,), en="Other work", zh="其他工作", formula="O")


@_measure("login", "seconds", "L = P + R + G + talk + hold + wrap-up + O", en="Login", zh="登录")
def _login(facts: Facts, _policy: Policy) -> Figure:
    value = login_s(facts)
    return Figure(value=value, top=value)


@_measure(
    "occupancy",
    "share",
    "(talk + hold + wrap-up) / (talk + hold + wrap-up + ready + ringing)",
    en="Occupancy",
    zh="占用率",
)
def _occupancy(facts: Facts, _policy: Policy) -> Figure:
    handling = _time(facts, _HANDLING)
    return _share(handling, handling + _time(facts, _READY))


@_measure(
    "utilisation_1",
    "share",
    "handling / paid time",
    en="Utilisation, handling",
    zh="利用率（处理）",
)
def _utilisation_1(facts: Facts, _policy: Policy) -> Figure:
    return _share(_time(facts, _HANDLING), _paid(facts))


@_measure(
    "utilisation_2",
    "share",
    "(handling + ready) / paid time",
    en="Utilisation, handling and ready",
    zh="利用率（处理与就绪）",
)
def _utilisation_2(facts: Facts, _policy: Policy) -> Figure:
    return _share(_time(facts, (*_HANDLING, *_READY)), _paid(facts))


@_measure("availability", "share", "R / L", en="Availability", zh="空闲率")
def _availability(facts: Facts, _policy: Policy) -> Figure:
    return _share(_time(facts, (AgentState.READY,)), login_s(facts))


@_measure("calls_per_hour", "mean", "A / (L - P), per hour", en="Calls per hour", zh="每小时接听")
def _calls_per_hour(facts: Facts, _policy: Policy) -> Figure:
    worked = login_s(facts) - _time(facts, (AgentState.PAUSED,))
    return _share(len(_a(facts)) * 3600, worked, _a(facts))


# --- outcome --------------------------------------------------------------------------------------


def _repeated(visit: Visit, others: Iterable[Visit], policy: Policy) -> bool:
    until = visit.arrived_ms + policy.repeat_days * DAY_MS
    return any(
        other.call != visit.call
        and visit.arrived_ms < other.arrived_ms <= until
        and not (visit.topic and other.topic and visit.topic != other.topic)
        for other in others
    )


@_measure(
    "fcr_repeat",
    "share",
    "A without a further contact of that number (and topic) in W days / A",
    en="First-contact resolution by repeats",
    zh="一次解决率（按重复来电）",
)
def _fcr_repeat(facts: Facts, policy: Policy) -> Figure:
    by_number: dict[str, list[Visit]] = {}
    for visit in (*arrivals(facts), *facts.later):
        if visit.number:
            by_number.setdefault(visit.number, []).append(visit)
    once = [v for v in _a(facts) if not _repeated(v, by_number.get(v.number, ()), policy)]
    note = ""
    if facts.until_ms and any(
        v.arrived_ms + policy.repeat_days * DAY_MS > facts.until_ms for v in _a(facts)
    ):
        note = "provisional: the days of repeats are not over"
    return _share(len(once), len(_a(facts)), once, note)


def _fcr_key(facts: Facts, *, net: bool) -> Figure:
    keyed = [v for v in _a(facts) if v.solved is not None and (v.solvable or not net)]
    solved = [v for v in keyed if v.solved]
    return _share(len(solved), len(keyed), solved)


@_measure(
    "fcr_key",
    "share",
    "keyed solved / keyed",
    en="First-contact resolution by key",
    zh="一次解决率（座席按键）",
)
def _fcr_gross(facts: Facts, _policy: Policy) -> Figure:
    return _fcr_key(facts, net=False)


@_measure(
    "fcr_key_net",
    "share",
    "keyed solved / keyed that first level could solve",
    en="First-contact resolution by key, net",
    zh="一次解决率（座席按键，净）",
)
def _fcr_net(facts: Facts, _policy: Policy) -> Figure:
    return _fcr_key(facts, net=True)


def _survey(facts: Facts, question: str, scale: int, good: tuple[int, ...]) -> Figure:
    answers = [s for s in facts.surveys if s.question == question and s.scale == scale and s.key]
    liked = [s for s in answers if s.key in good]
    value = len(liked) / len(answers) if answers else None
    return Figure(
        value=value, top=len(liked), bottom=len(answers), calls=tuple(s.call for s in liked)
    )


@_measure(
    "fcr_survey",
    "share",
    "answered solved at once / answers",
    en="First-contact resolution by survey",
    zh="一次解决率（回访）",
)
def _fcr_survey(facts: Facts, _policy: Policy) -> Figure:
    return _survey(facts, "solved", 2, (1,))


@_measure(
    "csat_2", "share", "key 1 / answers, two keys", en="Satisfaction, two keys", zh="满意率（两键）"
)
def _csat_2(facts: Facts, _policy: Policy) -> Figure:
    return _survey(facts, "satisfaction", 2, (1,))


@_measure(
    "csat_5",
    "share",
    "keys 4 and 5 / answers, five keys",
    en="Satisfaction, five keys",
    zh="满意率（五键）",
)
def _csat_5(facts: Facts, _policy: Policy) -> Figure:
    return _survey(facts, "satisfaction", 5, (4, 5))


def _mean_key(facts: Facts, question: str) -> Figure:
    keys = [s.key for s in facts.surveys if s.question == question and s.scale == 5 and s.key]
    return Figure(value=sum(keys) / len(keys) if keys else None, top=sum(keys), bottom=len(keys))


@_measure("csat_5_mean", "mean", "mean of five keys", en="Mark, five keys", zh="平均分（五键）")
def _csat_5_mean(facts: Facts, _policy: Policy) -> Figure:
    return _mean_key(facts, "satisfaction")


@_measure("ces", "mean", "mean of effort keys", en="Customer effort", zh="客户费力度")
def _ces(facts: Facts, _policy: Policy) -> Figure:
    return _mean_key(facts, "effort")


@_measure(
    "survey_rate", "share", "answers / offered surveys", en="Survey response", zh="评价回复率"
)
def _survey_rate(facts: Facts, _policy: Policy) -> Figure:
    offered = [s for s in facts.surveys if s.question == "satisfaction"]
    answers = [s for s in offered if s.key]
    value = len(answers) / len(offered) if offered else None
    calls = tuple(s.call for s in answers)
    return Figure(value=value, top=len(answers), bottom=len(offered), calls=calls)


@_measure("survey_offer", "share", "offered surveys / A", en="Survey offers", zh="评价邀请率")
def _survey_offer(facts: Facts, _policy: Policy) -> Figure:
    offered = len([s for s in facts.surveys if s.question == "satisfaction"])
    return _share(offered, len(_a(facts)))


# --- score sheets ---------------------------------------------------------------------------------

SURNAME: Final = "surname"
"""The item of a score sheet that counts how often the caller was called by his name."""

SURNAME_TIMES: Final = 2


@_measure(
    "quality",
    "mean",
    "sum of scores / scored calls; a score is 100 x sum(weight x worth) / sum(weights)",
    en="Quality score",
    zh="质检得分",
)
def _quality(facts: Facts, _policy: Policy) -> Figure:
    total, count = sum(s.points for s in facts.scores), len(facts.scores)
    value = total / count if count else None
    return Figure(value=value, top=total, bottom=count, calls=tuple(s.call for s in facts.scores))


@_measure(
    "surname_ok",
    "share",
    "scored calls in which the surname was said twice / scored calls in which it was counted",
    en="Surname said twice",
    zh="两次称呼客户姓氏",
)
def _surname_ok(facts: Facts, _policy: Policy) -> Figure:
    counted = [s for s in facts.scores if s.marks.get(SURNAME, "").isdecimal()]  # no yes or no
    good = [s for s in counted if int(s.marks[SURNAME]) >= SURNAME_TIMES]
    value = len(good) / len(counted) if counted else None
    return Figure(
        value=value, top=len(good), bottom=len(counted), calls=tuple(s.call for s in good)
    )


# --- promises and callbacks -----------------------------------------------------------------------


def _kept(facts: Facts, kind: TaskKind) -> Figure:
    due = [
        t
        for t in facts.tasks
        if t.kind == kind and t.due_ms is not None and t.due_ms <= (facts.until_ms or t.due_ms)
    ]
    good = [t for t in due if t.reached_ms is not None and t.reached_ms <= (t.due_ms or 0)]
    value = len(good) / len(due) if due else None
    return Figure(value=value, top=len(good), bottom=len(due), calls=tuple(t.call for t in good))


@_measure(
    "promise_ok", "share", "reached by due time / promises due", en="Promises kept", zh="承诺兑现率"
)
def _promise_ok(facts: Facts, _policy: Policy) -> Figure:
    return _kept(facts, TaskKind.PROMISE)


@_measure(
    "callback_ok",
    "share",
    "reached in time / callbacks due",
    en="Callbacks in time",
    zh="回拨及时率",
)
def _callback_ok(facts: Facts, _policy: Policy) -> Figure:
    return _kept(facts, TaskKind.CALLBACK)


@_measure(
    "callback_reached",
    "share",
    "callbacks reached / asked for",
    en="Callbacks reached",
    zh="回拨成功率",
)
def _callback_reached(facts: Facts, _policy: Policy) -> Figure:
    asked = [t for t in facts.tasks if t.kind == TaskKind.CALLBACK]
    reached = [t for t in asked if t.reached_ms is not None]
    value = len(reached) / len(asked) if asked else None
    return Figure(value=value, top=len(reached), bottom=len(asked))


# --- tickets --------------------------------------------------------------------------------------


def _place(seconds: list[int], percent: int) -> Figure:
    if not seconds:
        return Figure(value=None, top=0)
    value = sorted(seconds)[-(-percent * len(seconds) // 100) - 1]
    return Figure(value=value, top=value)


def _responses(facts: Facts) -> list[int]:
    return [cut(t.answered_ms - t.opened_ms) for t in facts.tickets if t.answered_ms is not None]


def _solutions(facts: Facts) -> list[int]:
    return [cut(t.solved_ms - t.opened_ms) for t in facts.tickets if t.solved_ms is not None]


def _keep_places(
    code: str, part: Callable[[Facts], list[int]], what: str, en: str, zh: str
) -> None:
    @_measure(code, "seconds", f"{what}, place ceil(0.5 n)", en=f"{en}, median", zh=f"{zh}中位数")
    def _median(facts: Facts, _policy: Policy) -> Figure:
        return _place(part(facts), 50)

    @_measure(
        f"{code}_p90",
        "seconds",
        f"{what}, place ceil(0.9 n)",
        en=f"{en}, 90th percentile",
        zh=f"{zh}九成位",
    )
    def _most(facts: Facts, _policy: Policy) -> Figure:
        return _place(part(facts), 90)


_keep_places(
    "ticket_response",
    _responses,
    "first taken or solved - first opened, of tickets opened in the span, sorted",
    "Tickets: time to first response",
    "工单首次响应",
)
_keep_places(
    "ticket_solve",
    _solutions,
    "solved - first opened, of tickets opened in the span and solved now, sorted",
    "Tickets: time to solve",
    "工单解决时间",
)


# --- lines ----------------------------------------------------------------------------------------


@_measure("line_s", "seconds", "sum of occupied time", en="Lines busy", zh="线路占用")
def _line_s(facts: Facts, _policy: Policy) -> Figure:
    value = cut(sum(use.length_ms for use in facts.lines))
    return Figure(value=value, top=value, calls=tuple(use.call for use in facts.lines))


@_measure("line_load", "erlang", "occupied time / interval", en="Line load", zh="线路话务量")
def _line_load(facts: Facts, _policy: Policy) -> Figure:
    span = cut(facts.until_ms - facts.from_ms)
    return _share(cut(sum(use.length_ms for use in facts.lines)), span)


@_measure(
    "all_lines_busy",
    "seconds",
    "time in which every line was busy",
    en="All lines busy",
    zh="线路全忙",
)
def _all_lines_busy(facts: Facts, _policy: Policy) -> Figure:
    value = cut(all_busy_ms(facts.lines, facts.line_count))
    return Figure(value=value, top=value)


def all_busy_ms(uses: Iterable[LineUse], lines: int) -> int:
    """Milliseconds in which ``lines`` lines were taken at once; 0 when there are none."""
    if lines < 1:
        return 0
    changes = sorted(
        change for use in uses for change in ((use.start_ms, 1), (use.start_ms + use.length_ms, -1))
    )
    busy = total = since = 0
    for at_ms, step in changes:
        if busy >= lines:
            total += at_ms - since
        busy += step
        since = at_ms
    return total


@_measure(
    "lost_calls",
    "count",
    "calls x Pb / (1 - Pb), Pb by Erlang B from the load carried: an estimate",
    en="Calls lost to busy lines",
    zh="因线路全忙损失的来电（估计）",
)
def _lost_calls(facts: Facts, _policy: Policy) -> Figure:
    span_ms = facts.until_ms - facts.from_ms
    incoming = [use for use in facts.lines if use.inbound]
    if facts.line_count < 1 or span_ms <= 0:
        return Figure(value=None, top=0)
    carried = sum(use.length_ms for use in facts.lines) / span_ms
    if carried >= facts.line_count:
        return Figure(value=None, top=0, note="all lines were busy all the time")
    lost = erlang.lost_calls(len(incoming), carried, facts.line_count)
    return Figure(value=lost, top=lost)
