"""Offices linked with each other, telephones and sound: ``python -m tests.sip.meeting [PART]``.

Parts: ``two`` boxes with a trunk between them; ``three`` boxes that meet at Kamailio; ``asterisk``
as the other office. Status 1 if something does not hold; what is not installed is left out with a
word.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.sip.far_pbx import FarPbx, root_of_asterisk
from tests.sip.meeting_point import Knock, MeetingPoint, code_of, tells_what_runs
from tests.sip.offices import HZ, OVER_S, PORT, SPEECH_DBM0, Handset, Office, hear_each_other

NORTH, SOUTH, WEST = "127.0.77.2", "127.0.77.3", "127.0.77.4"
MEETING, STRANGER, VICTIM = "127.0.77.5", "127.0.77.9", "127.0.77.99"
SENTENCE_S = 5.0
RINGBACK_HZ, NO_TONE_DBM0 = 450.0, -25.0  # GB 3380: -10 dBm; speech has less of it
Steps = Iterator[str]


def check(holds: object, sentence: str) -> None:
    """``AssertionError`` with a sentence unless it holds."""
    if not holds:
        raise AssertionError(sentence)


def call(caller: Office, keys: str, called: Office, number: str, shown: str) -> str:
    """A handset calls one elsewhere, they hear each other; the levels."""
    reached(caller["201"], keys, called[number], shown)
    return hear_each_other(caller["201"], called[number])


def reached(caller: Handset, keys: str, called: Handset, shown: str) -> None:
    """A handset calls another one, which shows who it is; once more if its display stays dark.

    On a machine that stands still for seconds the letters between two rings are lost.
    """
    for last in (False, True):
        caller.dial(keys)
        seen = called.answer()
        caller.office.let_pass(0.5)
        if seen or last:
            break
        caller.hang_up()
        called.hang_up()
        caller.office.let_pass(3.0)
    check(seen == shown, f"{called.number} was shown {seen or 'nothing'}, not {shown}")


def told(office: Office, keys: str) -> str:
    """A call that cannot be put through: a sentence within 5 s, a record with the reason."""
    before = len(office.box.records())
    handset = office["201"]
    handset.dial(keys)
    begun_s = office.town_s()
    office.let_pass(1.2)  # keys have gone by

    def speaks() -> bool:
        return handset.loudness() > SPEECH_DBM0 and handset.hears(RINGBACK_HZ) < NO_TONE_DBM0

    office.wait(speaks, OVER_S)
    took_s = office.town_s() - begun_s
    office.let_pass(3.0)  # the sentence to its end
    handset.hang_up()
    record = office.records(before + 1)[-1]
    check(took_s <= SENTENCE_S, f"the sentence came after {took_s:.1f} s")
    check(record["outcome"] == "refused", f"the record says {record['outcome']}")
    return f"sentence after {took_s:.1f} s; {record['outcome_detail'] or record['cleared_detail']}"


def over(*offices: Office) -> None:
    """No call is left anywhere."""
    for office in offices:
        office.wait(lambda office=office: office.box.status().calls == (), OVER_S)


def one_record_each(caller: Office, called: Office, number: str) -> str:
    """Both boxes have the call, with what its sound was like."""

    def last(office: Office, direction: str) -> dict[str, Any]:
        return next(r for r in reversed(office.box.records()) if r["direction"] == direction)

    # How sound travelled is told by another process than the end of the call.
    caller.wait(lambda: bool(last(caller, "outbound")["legs"]), OVER_S)
    called.wait(lambda: bool(last(called, "inbound")["legs"]), OVER_S)
    out, came = last(caller, "outbound"), last(called, "inbound")
    check(out["outcome"] == came["outcome"] == "answered", f"caller: {out}, called: {came}")
    check(came["caller_number"] == number, f"the record has {came['caller_number']}")
    legs = [*out["legs"], *came["legs"]]
    worst = min(leg["mos"] for leg in legs)
    lost = sum(leg["lost"] for leg in legs)
    packets = sum(leg["packets"] for leg in legs)
    check(packets > 200, f"only {packets} packets")
    return f"{packets} packets, {lost} lost, MOS {worst:.1f} at least"


def two() -> Steps:
    """Two boxes, a trunk between them: 8 before the south's extensions, 7 before the north's."""
    with (
        Office("north", NORTH, {"host": SOUTH, "prefix": "8"}) as north,
        Office("south", SOUTH, {"host": NORTH, "prefix": "7"}) as south,
    ):
        yield f"8201: south's 201 rings, shows 7201, {call(north, '8201', south, '201', '7201')}"
        south["201"].recall("202")
        south["202"].answer()
        south["201"].hang_up()
        south.let_pass(3.0)  # whoever takes over is told who sends
        heard = hear_each_other(north["201"], south["202"])
        yield f"hold, enquiry and transfer to south's 202: {heard}"
        north["201"].hang_up()
        south["202"].hang_up()
        over(north, south)
        yield f"both have the record: {one_record_each(north, south, '7201')}"
        levels = [f"{south.recorded(hz):.1f}" for hz in HZ]
        check(all(float(level) > -25 for level in levels), f"recorded at {levels} dBm0")
        yield f"south's recording has both tones at {' and '.join(levels)} dBm0"
        yield from waiting(north, south)
        south.box.__exit__()
        south.handsets.clear()
        yield f"south is off: {told(north, '8201')}"


def waiting(north: Office, south: Office) -> Steps:
    """A second call from the other office knocks and is taken."""
    call(north, "8201", south, "201", "7201")
    north["202"].dial("8201")
    south.let_pass(4.0)
    south["201"].recall("2")
    south.let_pass(1.0)
    heard = hear_each_other(north["202"], south["201"])
    yield f"a second call knocks at south's 201 and is taken: {heard}"
    for handset in (north["202"], north["201"], south["201"]):
        handset.hang_up()
    over(north, south)


def three() -> Steps:
    """Three boxes that meet at Kamailio: 6, 7 and 8 before the extensions of each."""
    if shutil.which("kamailio") is None:
        yield "left out: kamailio is not installed, tests/sip/packages.sh does"
        return
    everybody = {"6": NORTH, "7": SOUTH, "8": WEST}

    def trunk(own: str) -> dict[str, object]:
        return {"host": MEETING, "offices": [p for p in everybody if p != own]}

    with (
        tempfile.TemporaryDirectory(prefix="tipring-meeting-") as text,
        MeetingPoint(Path(text), MEETING, everybody) as point,
        Office("north", NORTH, trunk("6")) as north,
        Office("south", SOUTH, trunk("7")) as south,
        Office("west", WEST, trunk("8")) as west,
    ):
        yield from calls_meet(point, north, south, west)
        yield from restarted(point, north, south)
        yield from strangers(point, south)
        west.box.__exit__()
        west.handsets.clear()
        yield f"west is off: {told(north, '8201')}"
        yield f"called again: {told(north, '8201')}"
        yield f"the same by who met nothing of it yet: {told(south, '8202')}"
        yield from strays(point)


def calls_meet(point: MeetingPoint, north: Office, south: Office, west: Office) -> Steps:
    """North calls south, south calls west, west transfers."""
    yield f"north calls south by Kamailio, shown 6201: {call(north, '7201', south, '201', '6201')}"
    check(point.udp_ports() == 1, f"the meeting point has {point.udp_ports()} UDP ports")
    yield "sound goes from box to box: Kamailio has one UDP port, for signalling"
    reached(south["202"], "8201", west["201"], "7202")
    heard = hear_each_other(south["202"], west["201"])
    yield f"beside it south's 202 calls west, shown 7202: {heard}"
    west["201"].recall("202")
    west["202"].answer()
    west["201"].hang_up()
    west.let_pass(3.0)
    yield f"west transfers to its 202: {hear_each_other(south['202'], west['202'])}"
    west["202"].recall("6202")
    north["202"].answer()
    west["202"].hang_up()
    west.let_pass(3.0)
    heard = hear_each_other(south["202"], north["202"])
    yield f"and on to north's 202, through both of its trunk calls: {heard}"
    south["202"].hang_up()
    west.wait(lambda: not west.box.status().calls, OVER_S)
    north["202"].hang_up()
    yield f"the first two still talk: {hear_each_other(north['201'], south['201'])}"
    north["201"].hang_up()
    south["201"].hang_up()
    over(north, south, west)
    yield f"both have the record: {one_record_each(north, south, '6201')}"


def restarted(point: MeetingPoint, north: Office, south: Office) -> Steps:
    """Kamailio ends in a conversation and begins anew; its end still arrives."""
    call(north, "7201", south, "201", "6201")
    before = len(south.box.records())
    point.stop()
    yield f"Kamailio is gone, they talk on: {hear_each_other(north['201'], south['201'])}"
    point.start()
    yield f"it is back, they talk on: {hear_each_other(north['201'], south['201'])}"
    north["201"].hang_up()
    took_s = south.wait(lambda: len(south.box.records()) > before, OVER_S)
    south["201"].hang_up()
    record = south.box.records()[-1]
    check(record["cleared_by"] == "signal", f"cleared by {record['cleared_by']}")
    yield f"who hangs up is told through the new one, after {took_s:.1f} s"


def strangers(point: MeetingPoint, south: Office) -> Steps:
    """Whoever is not in the list gets nothing, and nothing goes on from him."""
    ringing = len(south.box.records())
    with Knock(point, STRANGER) as knock, Knock(point, VICTIM) as victim:
        for method in ("OPTIONS", "INVITE", "REGISTER", "SUBSCRIBE", "MESSAGE", "REFER", "BYE"):
            knock.ask(method, f"sip:7201@{MEETING}")
            knock.ask(method, f"sip:7201@{VICTIM}:{victim.port}")
        knock.ask("INVITE", f"sip:7201@{MEETING}", f"Route: <sip:{SOUTH}:{PORT};lr>", totag="x")
        knock.raw(b"INVITE sip:" + b"7" * 9_000 + b" SIP/2.0\r\n\r\n")
        knock.raw(b"\0" * 200)
        answer = (
            f"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {MEETING}:{PORT};branch=z9hG4bKx\r\n"
            f"Via: SIP/2.0/UDP {VICTIM}:{victim.port};branch=z9hG4bKy\r\n"
            "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        knock.raw(answer.encode())
        came, passed = knock.got(1.5), victim.got(0.2)
    check(not came, f"a stranger got {len(came)} answers: {came[:1]}")
    check(not passed, f"{len(passed)} messages went on to somebody else")
    check(len(south.box.records()) == ringing, "something rang")
    yield "18 messages of a stranger: no answer, nothing passed on, nothing rang"


def strays(point: MeetingPoint) -> Steps:
    """An office's own address is used by somebody else: he reaches offices and nothing more."""
    with Knock(point, WEST, PORT) as inside, Knock(point, VICTIM) as victim:
        elsewhere = f"sip:{VICTIM}:{victim.port}"
        wanted = {
            "a number that is no office's": ("INVITE", f"sip:0013105550100@{MEETING}", (), "", 404),
            "an office that is not there": ("INVITE", f"sip:5201@{MEETING}", (), "", 404),
            "itself": ("INVITE", f"sip:8201@{MEETING}", (), "", 404),
            "REGISTER": ("REGISTER", f"sip:{MEETING}", (), "", 405),
            "REFER": ("REFER", f"sip:7201@{MEETING}", (), "", 405),
            "a route to somebody else": (
                "BYE",
                elsewhere,
                (f"Route: <sip:{MEETING}:{PORT};lr>",),
                "x",
                403,
            ),
            "no route": ("BYE", elsewhere, (), "x", 481),
            "whether anybody is there": ("OPTIONS", f"sip:{MEETING}", (), "", 200),
        }
        seen: list[bytes] = []
        for what, (method, uri, more, totag, code) in wanted.items():
            inside.ask(method, uri, *more, totag=totag)
            codes: list[int] = []
            while not codes or codes[-1] < 200:
                came = [m for m in inside.got(3.0, 1) if code_of(m) or m.startswith(b"SIP")]
                check(came, f"{what}: no answer")
                seen += came
                codes += [code_of(m) for m in came if f"CSeq: 1 {method}".encode() in m]
            check(codes[-1] == code, f"{what}: {codes}, not {code}")
        check(not victim.got(0.2), "something went on to somebody who is no office")
        check(not tells_what_runs(seen), f"it says what it is: {seen}")
    yield "an office that misuses it: 404, 405, 403, 481; nothing went elsewhere, no name was told"


def asterisk() -> Steps:
    """Asterisk as the other office: 6 before its extensions."""
    root = root_of_asterisk()
    if root is None:
        yield "left out: Asterisk is not on this machine, see tests/sip/README.md"
        return
    with (
        FarPbx(root, SOUTH, NORTH) as far,
        Office("north", NORTH, {"host": SOUTH, "prefix": "6"}) as north,
    ):
        yield from far.calls(north)


PARTS: dict[str, Callable[[], Steps]] = {"two": two, "three": three, "asterisk": asterisk}


def main(words: list[str]) -> int:
    """The parts named, or all; what held is printed as it is seen."""
    failed = 0
    for name, part in PARTS.items():
        if words and name not in words:
            continue
        try:
            for sentence in part():
                print(f"held    {name}: {sentence}", flush=True)
        except (AssertionError, TimeoutError, RuntimeError) as problem:
            failed += 1
            print(f"FAILED  {name}: {problem}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
