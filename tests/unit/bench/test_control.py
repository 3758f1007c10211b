"""What people may do to the running town, and what those hear and say who join it from outside."""

import socket

import numpy as np
import pytest

from drivers.pcm import IDLE_A_LAW, SLOTS
from tests.bench.audience import Listener, ears, speak
from tests.bench.control import control, party_of
from tests.bench.town import Town, running_town

BLOCK = 40
IDLE = np.full((SLOTS, BLOCK), IDLE_A_LAW, np.uint8)


def let_pass(town: Town, ms: int) -> None:
    for _ in range(ms // 5):
        town.exchange(IDLE)


@pytest.fixture
def town() -> Town:
    return running_town("CN", 2, 2, "si3215")


def line(town: Town, number: int = 1) -> dict[str, object]:
    return dict(control(town, {"do": "state"})["lines"][number - 1])


def test_the_handset_goes_up_and_down_once(town: Town) -> None:
    who = {"who": "telephone 201"}
    assert control(town, {"do": "replace", **who})["id"] == "handset-down"
    assert control(town, {"do": "press", "keys": "1", **who})["id"] == "handset-down"
    assert control(town, {"do": "lift", **who}) == {}
    assert control(town, {"do": "lift", **who})["id"] == "handset-up"
    telephones = control(town, {"do": "state"})["telephones"]
    assert [t["off_hook"] for t in telephones] == [True, False]
    assert control(town, {"do": "flash", **who}) == {}
    assert control(town, {"do": "replace", **who}) == {}


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"do": "fly", "who": "line 1"}, "fly"),
        ({"do": "lift", "who": "telephone 999"}, "telephone 201"),
        ({"do": "lift", "who": "line 1"}, "no telephone"),
        ({"do": "call", "who": "telephone 201"}, "no exchange line"),
        ({"do": "call", "who": "line 1", "number": "12a"}, "12a"),
        ({"do": "call", "who": "line 1", "caller_id": "morse"}, "morse"),
        ({"do": "hang_up", "who": "line 1", "by": "shouting"}, "busy tone"),
        ({"do": "far_end", "who": "line 1", "answer_after_ms": "soon"}, "soon"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    town: Town, request_: dict[str, object], sentence: str
) -> None:
    assert sentence in control(town, request_)["refused"]


def test_a_call_from_outside_rings_and_can_be_given_up(town: Town) -> None:
    assert control(town, {"do": "call", "who": "line 1", "number": "13900000001"}) == {}
    again = control(town, {"do": "call", "who": "line 1", "number": "2"})
    assert again["id"] == "line-busy"
    let_pass(town, 500)
    assert (line(town)["state"], line(town)["ringing"]) == ("alerting", True)
    assert control(town, {"do": "press", "who": "line 1", "keys": "1"})["id"] == "nobody-there"
    assert control(town, {"do": "hang_up", "who": "line 1"}) == {}
    let_pass(town, 50)
    assert (line(town)["state"], line(town)["ringing"]) == ("idle", False)
    assert control(town, {"do": "hang_up", "who": "line 1"})["id"] == "nobody-there"


def test_a_name_no_exchange_can_send_is_refused(town: Town) -> None:
    call = {"do": "call", "who": "line 1", "number": "1", "caller_name": "\U0001f600"}
    assert control(town, call)["id"] == "name-unknown"


def test_a_caller_hears_ringback_until_the_box_answers(town: Town) -> None:
    """CN: 450 Hz, one second on, four off; within any five seconds a fifth is tone."""
    caller = party_of(town, "line 1")
    assert not ears(caller, 0, 800).any()
    control(town, {"do": "call", "who": "line 1", "number": "1"})
    heard = ears(caller, 0, 40_000)
    sounding = np.abs(heard.reshape(-1, 80)).max(axis=1) > 100
    assert sounding.mean() == pytest.approx(0.2, abs=0.01)
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.argmax(spectrum) / 5 == pytest.approx(450, abs=1)


def test_what_a_speaker_says_is_said_in_order_and_never_far_behind(town: Town) -> None:
    telephone = party_of(town, "telephone 201")
    chunk = np.full(1280, 1000, np.int16).tobytes()
    speak(telephone, chunk)
    assert telephone.mouth.end == 0, "nobody can hear a telephone that is hung up"
    control(town, {"do": "lift", "who": "telephone 201"})
    let_pass(town, 100)
    now = telephone.timeline.sample
    for _ in range(10):  # 1.6 s of speech at once
        speak(telephone, chunk)
    # A lead of 480 samples, then whole chunks of 1280 as long as no more than 4000 wait.
    assert telephone.mouth.end - now == 480 + 3 * 1280


def test_a_slow_listener_loses_chunks_and_nobody_waits_for_him(town: Town) -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener = Listener.at(party_of(town, "telephone 201"), near)
    for _ in range(100):  # ten seconds
        let_pass(town, 100)
        assert listener.turn()
    far.setblocking(False)
    chunks = 0
    while True:
        try:
            assert len(far.recv(65536)) == 1600, "100 ms of 16-bit samples"
        except BlockingIOError:
            break
        chunks += 1
    assert 2 <= chunks <= 10, "at most a second waits for him"
    far.close()
    let_pass(town, 100)
    assert not listener.turn(), "he is gone"
    near.close()
