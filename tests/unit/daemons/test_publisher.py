"""Events by MQTT against a genuine broker, and against peers that stand still or lie."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from firmware.core.outbox_settings import Broker
from firmware.daemons.outbox.publisher import Publisher
from firmware.outbox.broker import payload_of
from tests.bench.broker import CLEAR_PORT, PASSWORD, PORT, USER, MqttBroker

SOON_S = 60


def settings(broker: MqttBroker, **more: Any) -> Broker:
    known = {
        "server": broker.address, "port": PORT, "user": USER, "password": PASSWORD,
        "authority": broker.authority,
    }  # fmt: skip
    return Broker(**{**known, **more})


@contextlib.contextmanager
def subscriber(broker: MqttBroker) -> Iterator[queue.Queue[Any]]:
    """A program of somebody else: a second client, in clear, that gets what is published."""
    got: queue.Queue[Any] = queue.Queue()
    there = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(USER, PASSWORD)
    client.on_message = lambda _c, _d, message: got.put(message)
    client.on_subscribe = lambda *_: there.set()
    client.connect(broker.address, CLEAR_PORT)
    client.subscribe("tipring/#", qos=1)
    client.loop_start()
    assert there.wait(SOON_S)
    try:
        yield got
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.slow
@pytest.mark.real
def test_a_broker_gets_each_event_and_what_it_refuses_is_said(tmp_path: Path) -> None:
    broker = MqttBroker(tmp_path)
    publisher = Publisher(step_s=20, within_s=20)
    wanted = settings(broker)
    with broker:
        with subscriber(broker) as got:
            for n in range(50):
                body = payload_of(f'{{"event":"call_ended","caller":"1380013{n:04}"}}', n)
                assert publisher.publish(wanted, "tipring/call_ended", body) == ("", "item", 0)
            came = [got.get(timeout=SOON_S) for _ in range(50)]
            assert [msgspec.json.decode(m.payload)["delivery"] for m in came] == list(range(50))
            assert {(m.topic, m.qos, m.retain) for m in came} == {("tipring/call_ended", 1, False)}
        with subscriber(broker) as got:
            publisher.publish(wanted, "tipring/x", b"{}")
            assert got.get(timeout=SOON_S).payload == b"{}"  # nothing of before was retained
        why, fault, _ = publisher.publish(wanted, "elsewhere/x", b"{}")
        assert ("0x87" in why, fault) == (True, "channel"), why
        stranger = settings(broker, user="stranger")
        why, fault, _ = publisher.publish(stranger, "tipring/x", b"{}")
        assert ("0x87" in why or "0x86" in why, fault) == (True, "channel"), why
        why, _, _ = publisher.publish(settings(broker, authority=""), "tipring/x", b"{}")
        assert "certificate" in why.lower(), why
        clear = settings(broker, security="in_clear", port=CLEAR_PORT)
        assert publisher.publish(clear, "tipring/x", b"{}")[0] == ""
        assert publisher.publish(wanted, "tipring/x", b"{}")[0] == ""
    # The broker is gone and comes back: what was not taken is said, and goes the next time.
    assert publisher.publish(wanted, "tipring/x", b"{}")[1:] == ("channel", 0)
    with broker:
        assert publisher.publish(wanted, "tipring/x", b"{}")[0] == ""
    publisher.close()


def test_in_clear_only_within_the_office() -> None:
    publisher = Publisher(addresses=lambda _host, _port: ["8.8.8.8"])
    far = Broker(server="broker.example", security="in_clear")
    why, fault, _ = publisher.publish(far, "tipring/x", b"{}")
    assert "TLS is needed" in why
    assert fault == "channel"
    for address in ("169.254.169.254", "0.0.0.0"):  # noqa: S104  # is refused
        publisher = Publisher(addresses=lambda _host, _port, a=address: [a])
        assert "TLS is needed" in publisher.publish(far, "tipring/x", b"{}")[0]


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x03\x00\x00\x00"]
)
def test_peers_that_stand_still_or_lie_are_given_up(said: bytes) -> None:
    """Nothing at all; a web server; and one that welcomes and never takes the event."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def play() -> None:
            with contextlib.suppress(OSError):
                near, _ = server.accept()
                with near:
                    near.recv(1000)
                    near.sendall(said)
                    ended.wait(SOON_S)

        peer = threading.Thread(target=play, daemon=True)
        peer.start()
        publisher = Publisher(step_s=0.3, within_s=0.3)
        port = server.getsockname()[1]
        broker = Broker(server="127.0.0.1", port=port, security="in_clear")
        why, fault, _ = publisher.publish(broker, "tipring/x", b"{}")
        ended.set()
        assert why
        assert fault == "channel"
        peer.join(SOON_S)
