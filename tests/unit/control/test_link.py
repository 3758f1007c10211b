"""Links as their owners meet them: order, limits, ends, and what a person is told."""

import asyncio
import select
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from firmware.control.link import (
    ANSWERS,
    QUEUE_BYTES,
    QUEUE_MESSAGES,
    REQUESTS,
    TO_CALLD,
    TO_LINED,
    Link,
    LinkClosed,
    LinkError,
    LinkTimeout,
    WhenFull,
    check_hello,
    connect,
    drop_heartbeats,
    new_socket,
    pair,
)
from firmware.control.listener import Listener
from firmware.control.messages import (
    MAX_MESSAGE_BYTES,
    PROTOCOL,
    Answer,
    AskRegisters,
    AskStatus,
    Hello,
    Refused,
    Request,
    ToCalld,
    ToLined,
)
from firmware.core.commands import PlayTone
from firmware.core.events import DigitHeard, Heartbeat


def heartbeat(at_ms: int) -> Heartbeat:
    return Heartbeat(
        at_ms=at_ms, ticks=1, late_ticks=0, longest_tick_us=0, under_runs=0, bus_faults=0
    )


def lines_and_calls() -> tuple[Link[ToLined], Link[ToCalld]]:
    return pair(TO_LINED, TO_CALLD, first_peer="calld", second_peer="lined")


def test_messages_arrive_whole_in_order_and_as_what_they_were() -> None:
    lined, calld = lines_and_calls()
    lined.send(Hello(program="lined"))
    lined.send(DigitHeard(port="fxs/1", at_ms=5, digit="7"))
    assert calld.receive() == [
        Hello(program="lined"),
        DigitHeard(port="fxs/1", at_ms=5, digit="7"),
    ]
    calld.send(PlayTone(port="fxs/1", tone="dial"))
    assert lined.receive() == [PlayTone(port="fxs/1", tone="dial")]


def test_nothing_there_is_an_empty_list_and_not_a_wait() -> None:
    lined, _calld = lines_and_calls()
    assert lined.receive() == []


def test_the_longest_message_passes_and_one_byte_more_is_refused_here() -> None:
    ours, theirs = pair(REQUESTS, ANSWERS, first_peer="page", second_peer="calld")
    empty = len(msgspec.json.encode(Refused(id="x", message="")))
    longest = Refused(id="x", message="m" * (MAX_MESSAGE_BYTES - empty))
    ours.send(longest)
    assert theirs.receive() == [longest]
    with pytest.raises(LinkError, match=f"{MAX_MESSAGE_BYTES + 1} bytes is longer"):
        ours.send(Refused(id="x", message="m" * (MAX_MESSAGE_BYTES - empty + 1)))
    ours.send(Refused(id="y", message=""))
    assert theirs.receive() == [Refused(id="y", message="")]


def fill(link: Link[ToLined]) -> int:
    """Send until the kernel takes no more; how many messages that took."""
    sent = 0
    while not link.waiting:
        link.send(heartbeat(sent))
        sent += 1
    return sent


def test_a_peer_that_does_not_read_is_given_up_when_the_queue_is_full() -> None:
    lined, _calld = lines_and_calls()
    fill(lined)
    for n in range(QUEUE_MESSAGES - 1):
        lined.send(heartbeat(n))
    with pytest.raises(LinkClosed, match=f"calld does not read: {QUEUE_MESSAGES} messages wait"):
        lined.send(heartbeat(0))
    with pytest.raises(LinkClosed, match="does not read"):
        lined.send(heartbeat(0))


def test_a_queue_of_long_messages_is_full_before_it_eats_the_memory() -> None:
    ours, _theirs = pair(REQUESTS, ANSWERS, first_peer="page", second_peer="calld")
    long = Refused(id="x", message="m" * (MAX_MESSAGE_BYTES - 100))
    while (ours.waiting + 1) * MAX_MESSAGE_BYTES <= QUEUE_BYTES:
        ours.send(long)
    with pytest.raises(LinkClosed, match="page does not read"):
        ours.send(long)


def test_a_full_peer_misses_heartbeats_but_never_an_event() -> None:
    first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    lined = Link(first, TO_LINED, name="calld", when_full=drop_heartbeats, queue_messages=4)
    calld = Link(second, TO_CALLD, name="lined")
    sent = fill(lined)
    for n in range(3):
        assert lined.send(DigitHeard(port="fxs/1", at_ms=n, digit="1"))
    assert not lined.send(heartbeat(99))
    assert lined.dropped == 1
    received: list[ToCalld] = []
    while len(received) < sent + 3:
        received += calld.receive()
        lined.flush()
    assert [m.at_ms for m in received if isinstance(m, DigitHeard)] == [0, 1, 2]
    assert [m.at_ms for m in received if isinstance(m, Heartbeat)] == list(range(sent))
    assert lined.closed is None
    assert drop_heartbeats(DigitHeard(port="fxs/1", at_ms=0, digit="1")) is WhenFull.CLOSE


def test_what_was_said_before_the_end_is_heard_before_the_end() -> None:
    lined, calld = lines_and_calls()
    lined.send(DigitHeard(port="fxs/1", at_ms=1, digit="1"))
    lined.close()
    assert len(calld.receive()) == 1
    with pytest.raises(LinkClosed, match=r"lined closed the link\."):
        calld.receive()


def test_last_words_of_a_peer_that_left_without_reading_are_heard() -> None:
    lined, calld = lines_and_calls()
    calld.send(PlayTone(port="fxs/1", tone="dial"))  # never read
    lined.send(DigitHeard(port="fxs/1", at_ms=1, digit="1"))
    lined.close()
    assert [type(m).__name__ for m in calld.receive()] == ["DigitHeard"]
    with pytest.raises(LinkClosed):
        calld.receive()


def test_last_words_are_heard_even_when_sending_noticed_the_end_first() -> None:
    lined, calld = lines_and_calls()
    lined.send(DigitHeard(port="fxs/1", at_ms=1, digit="1"))
    lined.close()
    with pytest.raises(LinkClosed):
        calld.send(PlayTone(port="fxs/1", tone="dial"))
    assert [type(m).__name__ for m in calld.receive()] == ["DigitHeard"]
    with pytest.raises(LinkClosed):
        calld.receive()


@pytest.mark.parametrize(
    "rubbish", [b"{", b"[]", b'{"type":"no_such_thing"}', b'{"type":"ask_registers"}', b"\xff\xfe"]
)
def test_a_message_that_is_not_understood_ends_the_link_with_a_sentence(rubbish: bytes) -> None:
    first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    calld = Link(first, REQUESTS, name="the page")
    second.send(msgspec.json.encode(AskStatus()))
    second.send(rubbish)
    assert calld.receive() == [AskStatus()]
    with pytest.raises(LinkClosed, match="the page sent a message that is not understood: "):
        calld.receive()


def test_a_packet_longer_than_the_protocol_allows_ends_the_link() -> None:
    first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    second.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MAX_MESSAGE_BYTES)
    second.send(b" " * (MAX_MESSAGE_BYTES + 1))
    with pytest.raises(LinkClosed, match=f"more than {MAX_MESSAGE_BYTES} bytes"):
        Link(first, REQUESTS, name="page").receive()


# --- socket files ------------------------------------------------------------------------------


def test_the_socket_file_belongs_to_owner_and_group_alone(tmp_path: Path) -> None:
    listener = Listener(tmp_path / "calld", REQUESTS, name="page")
    mode = listener.path.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o660
    listener.close()
    assert not (tmp_path / "calld").exists()


def test_a_socket_left_by_a_killed_program_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "calld"
    dead = new_socket()
    dead.bind(str(path))
    dead.listen()
    dead.close()  # the file stays, as after kill -9
    listener = Listener(path, REQUESTS, name="page")
    ours = connect(path, ANSWERS, name="calld")
    ours.send(AskStatus())
    (theirs,) = listener.accept()
    assert theirs.receive() == [AskStatus()]
    assert listener.accept() == []
    listener.close()


def test_a_second_program_on_the_same_socket_is_refused(tmp_path: Path) -> None:
    listener = Listener(tmp_path / "calld", REQUESTS, name="page")
    with pytest.raises(LinkError, match="Another program listens on"):
        Listener(tmp_path / "calld", REQUESTS, name="page")
    assert (tmp_path / "calld").exists()
    listener.close()


def test_a_file_in_the_way_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "calld").write_text("precious")
    with pytest.raises(LinkError, match="is in the way: it is not a socket"):
        Listener(tmp_path / "calld", REQUESTS, name="page")
    assert (tmp_path / "calld").read_text() == "precious"


def test_the_sentence_when_nobody_is_there(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="calld is not running: there is no "):
        connect(tmp_path / "calld", ANSWERS, name="calld")
    dead = new_socket()
    dead.bind(str(tmp_path / "calld"))
    with pytest.raises(LinkError, match="calld is not running: nobody answers on "):
        connect(tmp_path / "calld", ANSWERS, name="calld")
    dead.close()


def test_waiting_for_an_answer_ends_in_a_sentence() -> None:
    ours, _theirs = pair(ANSWERS, REQUESTS, first_peer="calld", second_peer="page")
    with pytest.raises(LinkTimeout, match=r"calld did not answer within 1 ms\."):
        ours.wait(1)


# --- hello ---------------------------------------------------------------------------------------


def test_hello_of_our_protocol_is_taken() -> None:
    hello = Hello(program="lined")
    assert check_hello(hello, own_program="calld") is hello


def test_another_protocol_is_refused_with_both_numbers_and_the_older_program() -> None:
    with pytest.raises(LinkClosed, match=rf"lined speaks protocol {PROTOCOL + 1} .*; calld is the"):
        check_hello(Hello(program="lined", protocol=PROTOCOL + 1), own_program="calld")
    with pytest.raises(LinkClosed, match="; lined is the older"):
        check_hello(Hello(program="lined", protocol=PROTOCOL - 1), own_program="calld")


def test_a_peer_that_does_not_begin_with_hello_is_refused() -> None:
    with pytest.raises(LinkClosed, match="began with AskStatus instead of Hello"):
        check_hello(AskStatus(), own_program="calld")


# --- loops ---------------------------------------------------------------------------------------


def test_a_plain_loop_serves_links_with_select() -> None:
    lined, calld = lines_and_calls()
    assert select.select([lined, calld], [], [], 0)[0] == []
    lined.send(heartbeat(1))
    assert select.select([lined, calld], [], [], 0)[0] == [calld]


def test_an_asyncio_loop_serves_a_link_both_ways_and_hears_its_end_once() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        page, calld = pair(ANSWERS, REQUESTS, first_peer="calld", second_peer="page")
        answers: list[Answer] = []
        ends: list[str] = []
        ended = asyncio.Event()

        def serve(requests: list[Request]) -> None:
            for request in requests:
                if isinstance(request, AskRegisters):
                    for n in range(150):  # more than the kernel holds: the queue must drain
                        calld.send(Refused(id=f"n{n}", message="m" * 5_000))
                    assert calld.waiting > 0

        def noted(closed: LinkClosed) -> None:
            ends.append(str(closed))
            ended.set()

        def collect(batch: list[Answer]) -> None:
            answers.extend(batch)
            if len(answers) == 150:
                calld.close()

        calld.watch(loop, serve, lambda closed: ends.append(f"calld: {closed}"))
        page.watch(loop, collect, noted)
        page.send(AskRegisters(port="fxs/1"))
        await asyncio.wait_for(ended.wait(), 20)
        assert [a.id for a in answers if isinstance(a, Refused)] == [f"n{n}" for n in range(150)]
        await asyncio.sleep(0)
        assert ends == ["calld closed the link."]

    # On a thread of its own: another test of this worker may have left a loop in the main one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story()).result()
