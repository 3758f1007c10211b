"""Supervisors: alarms that ring them, conversations they attend, agents they decide over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from firmware.control.messages import BridgeSnapshot
from firmware.core.acd_entries import AgentChanged, HelpAsked, QueueAlarm, SupervisorActed
from firmware.core.acd_settings import Acd, Agent, Membership, Pause, Queue
from firmware.core.commands import Play
from firmware.core.pin import pin_hash
from firmware.core.settings import Language, Settings
from firmware.daemons.floor.queue_alarms import AGAIN_MS, MOST_RINGS
from firmware.daemons.floor.queue_memory import read, write
from firmware.storage.record_reader import OpenCall
from ivr.speech import say_digits
from tests.unit.desk import Desk

PIN = pin_hash("4711", bytes(16))
SUPERVISOR, AGENT, OTHER = "fxs/3", "fxs/1", "fxs/2"


def office(**more: Any) -> Desk:
    """1001 at fxs/1 and 1008 at fxs/2 serve queue 300; 1009 at fxs/3 is the supervisor."""
    queue = Queue(
        number="300", announce_agent=False, whisper=False, wrap_up_s=0, wrap_up_tone_s=0, recall_s=0
    )
    members = (Membership(queue="300"),)
    agents = (
        Agent(number="1001", queues=members, **more.pop("trainee", {})),
        Agent(number="1008", queues=members),
        Agent(number="1009", supervisor=True, pin_hash=PIN),
    )
    more.setdefault("alarm_tone", False)
    acd = Acd(queues=(queue,), agents=agents, **more)
    desk = Desk.ready(Settings(acd=acd, inbound="300", language="en"))
    dial(desk, AGENT, "*2*1001#")
    dial(desk, SUPERVISOR, "*20*1009*4711#")
    return desk


def dial(desk: Desk, port: str, keys: str) -> None:
    desk.lift(port)
    desk.key(port, keys)
    desk.wait(3_000)
    desk.hang_up(port)
    desk.wait(500)


def talking() -> Desk:
    """A caller on fxo/1 talks with 1001."""
    desk = office()
    desk.call_in()
    desk.wait(500)
    assert AGENT in desk.ringing
    desk.lift(AGENT)
    desk.wait(500)
    assert desk.joined == {(("fxo/1"), AGENT)}
    return desk


def listening() -> Desk:
    desk = talking()
    desk.lift(SUPERVISOR)
    desk.key(SUPERVISOR, "#21*1001#")
    return desk


def hears(desk: Desk) -> set[tuple[str, str]]:
    """Pairs of who hears whom."""
    found = set()
    for bridge in desk.bridges.values():
        for speaker in bridge.parties:
            for listener in bridge.parties:
                heard = not speaker.heard_by or listener.port in speaker.heard_by
                if speaker.talks and heard and speaker.port != listener.port:
                    found.add((listener.port, speaker.port))
    return found


BOTH = {("fxo/1", AGENT), (AGENT, "fxo/1")}
LISTENS = {(SUPERVISOR, "fxo/1"), (SUPERVISOR, AGENT)}


def test_who_hears_whom_at_each_step_and_who_did_it() -> None:
    desk = listening()
    assert hears(desk) == BOTH | LISTENS
    desk.key(SUPERVISOR, "2")
    assert hears(desk) == BOTH | LISTENS | {(AGENT, SUPERVISOR)}
    desk.key(SUPERVISOR, "3")
    assert hears(desk) == BOTH | LISTENS | {(AGENT, SUPERVISOR), ("fxo/1", SUPERVISOR)}
    desk.key(SUPERVISOR, "1")
    assert hears(desk) == BOTH | LISTENS
    desk.key(SUPERVISOR, "4")
    assert hears(desk) == {("fxo/1", SUPERVISOR), (SUPERVISOR, "fxo/1")}
    acts = desk.entries(SupervisorActed)
    assert [a.act for a in acts] == ["listen", "whisper", "join", "listen", "take_over"]
    assert {(a.supervisor, a.agent, a.queue, a.port) for a in acts} == {
        ("1009", "1001", "300", SUPERVISOR)
    }
    assert len({a.call for a in acts}) == 1


def test_a_listener_is_nobody_to_the_conversation() -> None:
    """Held, it is held; over, it is over for him too."""
    desk = listening()
    desk.hang_up(AGENT)
    desk.wait(60_000)
    assert hears(desk) == set()
    assert desk.tones[SUPERVISOR] in {"congestion", "busy", "howler"}


def test_a_listener_leaves_by_star_or_by_hanging_up() -> None:
    desk = listening()
    desk.key(SUPERVISOR, "*")
    assert hears(desk) == BOTH
    desk.hang_up(SUPERVISOR)
    desk.wait(500)
    desk.lift(SUPERVISOR)
    desk.key(SUPERVISOR, "#22*1001#")
    assert hears(desk) == BOTH | LISTENS | {(AGENT, SUPERVISOR)}
    desk.hang_up(SUPERVISOR)
    assert hears(desk) == BOTH


def test_his_recall_and_his_strange_keys_do_nothing() -> None:
    desk = listening()
    before = dict(desk.bridges)
    desk.key(SUPERVISOR, "79#")
    assert desk.bridges == before
    assert [a.act for a in desk.entries(SupervisorActed)] == ["listen"]


@pytest.mark.parametrize("tone", [False, True])
def test_a_tone_tells_both_if_the_office_wants_it(tone: bool) -> None:
    desk = office(listen_tone=tone)
    desk.call_in()
    desk.wait(500)
    desk.lift(AGENT)
    desk.wait(500)
    desk.lift(SUPERVISOR)
    desk.key(SUPERVISOR, "#21*1001#")
    beeps = {port for port, play in desk.plays.items() if play.prompts == ("music/beep",)}
    assert beeps == ({AGENT, "fxo/1"} if tone else set())


def test_after_a_restart_a_listener_is_heard_by_nobody_and_his_keys_work() -> None:
    desk = listening()
    call = desk.office.call_at(AGENT)
    assert call is not None
    entries = tuple(entry for entry in desk.log if entry.call == call.call)
    up = tuple(
        BridgeSnapshot(bridge=b.bridge, call=b.call, parties=b.parties)
        for b in desk.bridges.values()
    )
    off_hook = ("fxo/1", AGENT, SUPERVISOR)
    desk.adopt((OpenCall(call=call.call, entries=entries),), bridges=up, off_hook=off_hook)
    desk.wait(500)
    assert hears(desk) == BOTH | LISTENS
    assert desk.listening[SUPERVISOR].digits
    desk.key(SUPERVISOR, "2")
    assert hears(desk) == BOTH | LISTENS | {(AGENT, SUPERVISOR)}
    desk.hang_up(AGENT)
    desk.wait(60_000)
    assert hears(desk) == set()


# --- alarms ---------------------------------------------------------------------------------------


def waiting_too_long() -> Desk:
    desk = office()
    dial(desk, AGENT, "*221")
    desk.call_in()
    desk.wait(61_000)
    return desk


def test_an_alarm_rings_so_often_and_no_more() -> None:
    desk = waiting_too_long()
    rings = 0
    for _ in range(MOST_RINGS + 2):
        rings += SUPERVISOR in desk.ringing
        desk.wait(60_000)
        assert SUPERVISOR not in desk.ringing, "it rings for a while only"
        desk.wait(AGAIN_MS - 60_000 + 5_000 + 35_000)
    assert rings == MOST_RINGS


def test_a_confirmed_alarm_rings_no_more() -> None:
    desk = waiting_too_long()
    assert desk.ringing[SUPERVISOR].cadence == "alarm"
    desk.lift(SUPERVISOR)
    said = desk.plays[SUPERVISOR].prompts
    assert "en/alarm-waiting-before" in said
    advice = said.index("en/advice-recall-before")
    assert said[advice + 1 : -1] == tuple(f"en/{key}" for key in say_digits("1001", "en"))
    desk.key(SUPERVISOR, "1")
    desk.wait(3_000)
    desk.hang_up(SUPERVISOR)
    desk.wait(2 * AGAIN_MS)
    assert SUPERVISOR not in desk.ringing
    (heard,) = (a for a in desk.entries(SupervisorActed) if a.act == "alarm_heard")
    assert (heard.supervisor, heard.queue, heard.detail) == ("1009", "300", "long_wait 300")


def test_without_a_supervisor_the_telephone_for_alarms_of_the_office_rings() -> None:
    desk = office()
    dial(desk, SUPERVISOR, "*21#")
    watch = msgspec.structs.replace(desk.office.queues.settings.watch, support="204")
    desk.office.queues.settings = msgspec.structs.replace(desk.office.queues.settings, watch=watch)
    dial(desk, AGENT, "*221")
    desk.call_in()
    desk.wait(61_000)
    assert set(desk.ringing) == {"fxs/4"}
    desk.lift("fxs/4")
    assert "en/alarm-waiting-before" in desk.plays["fxs/4"].prompts
    desk.key("fxs/4", "1")
    (heard,) = desk.entries(SupervisorActed)
    assert (heard.act, heard.supervisor, heard.port) == ("alarm_heard", "", "fxs/4")


def test_an_alarm_that_is_over_is_told_to_nobody() -> None:
    desk = office()
    dial(desk, AGENT, "*221")
    desk.lift(SUPERVISOR)  # he is busy with something else
    desk.call_in()
    desk.wait(61_000)
    dial(desk, AGENT, "*23#")
    desk.lift(AGENT)
    desk.hang_up(SUPERVISOR)
    desk.wait(AGAIN_MS)
    assert SUPERVISOR not in desk.ringing
    assert [e.step for e in desk.entries(QueueAlarm)] == ["raised", "over"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "Queue 300: somebody has waited for 60 s: call agent 1001 back from the break; "
                "the load asks for 1 more."
            ),
        ),
        (
            "zh-CN",
            "队列 300：有人已等候 60 秒；请叫回休息的坐席 1001；按来电量还需 1 位坐席。",
        ),
    ],
)
def test_an_open_alarm_stands_in_the_status_in_the_reader_s_language(
    language: Language, said: str
) -> None:
    desk = waiting_too_long()
    assert desk.office.alarms_in(language) == (said,)
    own = desk.office.alarms_in(desk.office.settings.language)
    assert desk.office.status(desk.now_ms).alarms == own


def test_an_open_alarm_outlives_a_restart_of_call_control() -> None:
    desk = waiting_too_long()
    kept = desk.office.queues.continuity.memory(desk.now_ms, "boot")
    again = read(write(kept))
    assert again is not None
    other = office()
    wall = datetime(2026, 3, 2, 1, tzinfo=UTC)
    other.office.queues.continuity.know(again, other.now_ms, wall, "boot")
    assert [(a.what, a.about) for a in other.office.queues.alarms.open.values()] == [
        ("long_wait", "300")
    ]


def test_it_stops_ringing_as_soon_as_all_is_well() -> None:
    desk = waiting_too_long()
    assert SUPERVISOR in desk.ringing
    desk.lift(AGENT)
    desk.key(AGENT, "*23#")
    desk.wait(3_000)
    desk.hang_up(AGENT)
    desk.wait(1_000)
    desk.lift(AGENT)
    desk.wait(500)
    assert SUPERVISOR not in desk.ringing
    assert not desk.office.status(desk.now_ms).alarms


# --- help and mentors -----------------------------------------------------------------------------


def test_help_is_asked_of_nobody_when_nobody_is_there() -> None:
    desk = talking()
    desk.lift(SUPERVISOR)  # the only one, at another business
    call = desk.office.call_at(AGENT)
    assert call is not None
    out: list[Any] = []
    assert not desk.office.queues.beckoning.help(call, "1001", desk.now_ms, out)
    (asked,) = (e for e in out if isinstance(e, HelpAsked))
    assert (asked.agent, asked.supervisor) == ("1001", "")


def test_a_mentor_who_does_not_lift_is_left_alone() -> None:
    desk = office(trainee={"mentor": "1008"})
    dial(desk, OTHER, "*2*1008#")
    dial(desk, OTHER, "*221")
    desk.call_in()
    desk.wait(500)
    desk.lift(AGENT)
    desk.wait(500)
    assert desk.ringing[OTHER].cadence == "intercom"
    desk.wait(20_000)
    assert OTHER not in desk.ringing
    assert hears(desk) == BOTH


# --- agents ---------------------------------------------------------------------------------------


def test_the_last_agent_may_be_logged_out_by_a_supervisor_who_is_then_warned() -> None:
    desk = office()
    desk.lift(SUPERVISOR)
    desk.key(SUPERVISOR, "#25*1001#")
    desk.wait(3_000)
    desk.key(SUPERVISOR, "3")
    desk.wait(3_000)
    assert desk.office.queues.acd.hall.agents["1001"].state == "logged_out"
    (change,) = (c for c in desk.entries(AgentChanged) if c.state == "logged_out")
    assert (change.agent, change.by) == ("1001", "supervisor")
    (act,) = desk.entries(SupervisorActed)
    assert (act.supervisor, act.act, act.agent) == ("1009", "log_out", "1001")
    desk.hang_up(SUPERVISOR)
    desk.wait(6_000)
    assert desk.ringing[SUPERVISOR].cadence == "alarm"
    assert desk.ringing[AGENT].cadence == "callback"


def over_agent(desk: Desk, keys: str) -> None:
    """He decides over 1001 by these keys, one after the other's sentence."""
    desk.lift(SUPERVISOR)
    desk.key(SUPERVISOR, "#25*1001#")
    for key in keys:
        desk.wait(2_500)
        desk.key(SUPERVISOR, key)
    desk.wait(2_500)
    desk.hang_up(SUPERVISOR)
    desk.wait(500)


@pytest.mark.parametrize(
    ("keys", "said", "act"),
    [
        ("11", "agent-forced-paused", ("pause", "break", "")),
        ("14", "agent-forced-paused", ("pause", "other", "")),
        ("2", "agent-forced-ready", ("ready", "", "")),
        ("5300#", "done", ("queue_out", "", "300")),
        ("4300#", "done", ("queue_in", "", "300")),
        ("4999#", "agent-queue-unknown", None),
        ("9", "number-wrong", None),
    ],
)
def test_each_decision_is_said_and_kept(
    keys: str, said: str, act: tuple[str, str, str] | None
) -> None:
    desk = office()
    over_agent(desk, keys)
    spoken = [p for e in desk.effects if isinstance(e, Play) for p in e.prompts]
    assert f"en/{said}" in spoken
    found = [(a.act, a.detail, a.queue) for a in desk.entries(SupervisorActed)]
    assert found == ([act] if act else [])


def test_a_reason_that_the_office_has_not_is_refused() -> None:
    desk = office(pauses=(Pause(key="1", reason="lunch"),))
    over_agent(desk, "11")
    spoken = [p for e in desk.effects if isinstance(e, Play) for p in e.prompts]
    assert "en/pause-reason-unknown" in spoken
    assert not desk.entries(SupervisorActed)
    assert desk.office.queues.acd.hall.agents["1001"].state == "ready"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("#21*201#", "supervisor-listening"),  # by the extension at which he is
        ("#21*1077#", "agent-unknown"),
        ("#21*204#", "agent-unknown"),
        ("#21*1009#", "code-not-now"),  # himself
        ("#24*1008#", "supervisor-no-call"),
    ],
)
def test_whom_a_supervisor_may_name(code: str, said: str) -> None:
    desk = talking()
    desk.lift(SUPERVISOR)
    desk.key(SUPERVISOR, code)
    assert f"en/{said}" in desk.plays[SUPERVISOR].prompts


def test_who_signed_in_without_a_pin_is_no_supervisor() -> None:
    queue = Queue(number="300", join_empty=True)
    agents = (Agent(number="1001"), Agent(number="1009", supervisor=True))
    desk = Desk.ready(Settings(acd=Acd(queues=(queue,), agents=agents), language="en"))
    dial(desk, SUPERVISOR, "*2*1009#")
    desk.lift(SUPERVISOR)
    desk.key(SUPERVISOR, "#26#")
    assert desk.plays[SUPERVISOR].prompts == ("en/supervisor-only",)
