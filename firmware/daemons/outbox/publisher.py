"""Events handed to an MQTT broker: one connection that is kept while it is used and holds.

The items in the records are the queue, so the library's own is not used: it never connects again by
itself, and what it has not confirmed is given back. MQTT 5 alone, since before it a broker that
refuses a message says nothing.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from typing import Any, Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from firmware.core.outbox_settings import Broker
from firmware.daemons.outbox.mailer import MailError, trusted
from firmware.daemons.web_look_up import Addresses, resolve
from firmware.outbox.broker import QOS, verdict
from firmware.outbox.delivery import Fault

STEP_S: Final = 5.0
"""For the connection, for its encryption and for each answer."""

KEEP_ALIVE_S: Final = 60
WITHIN_S: Final = 10.0


class _RefusedError(Exception):
    def __init__(self, why: str, fault: Fault = "channel") -> None:
        super().__init__(why)
        self.fault = fault


class Publisher:
    """One broker at a time; used by one thread at a time."""

    def __init__(
        self, *, addresses: Addresses = resolve, step_s: float = STEP_S, within_s: float = WITHIN_S
    ) -> None:
        self._addresses, self._step_s, self._within_s = addresses, step_s, within_s
        self._client: mqtt.Client | None = None
        self._of: Broker | None = None
        self._changed = threading.Condition()
        self._connected: ReasonCode | None = None
        self._ended = False
        self._taken: dict[int, ReasonCode] = {}

    def publish(self, broker: Broker, topic: str, payload: bytes) -> tuple[str, Fault, int]:
        """Publish one event and wait until the broker has it; never raises.

        Returns:
            Why it was not taken (empty if it was), whose fault, how long to wait at least.
        """
        fault: Fault = "channel"
        try:
            client = self._held(broker)
            sent = client.publish(topic, payload, qos=QOS, retain=False)
            why = mqtt.error_string(sent.rc)
            if sent.rc == mqtt.MQTT_ERR_SUCCESS:
                code = self._answer(lambda: self._taken.pop(sent.mid, None))
                why, fault = verdict(code.value, str(code))
        except _RefusedError as refused:
            why, fault = str(refused), refused.fault
        except MailError as problem:  # the authority's certificate is none
            why = str(problem)
        except (OSError, ValueError) as problem:
            why = str(problem) or type(problem).__name__
        if why and fault == "channel":
            self.close()
        return why, fault, 0

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client, self._of = self._client, None, None
        if client is not None:
            client.disconnect()
            client.loop_stop()

    def _held(self, broker: Broker) -> mqtt.Client:
        if self._client is not None and self._of == broker and not self._ended:
            return self._client
        self.close()
        host = broker.server
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        if broker.security == "tls":
            client.tls_set_context(trusted(broker.authority))
        else:
            # Resolved once, and the connection goes to that very address.
            found = self._addresses(host, broker.port)
            if not found or not all(_near(address) for address in found):
                raise _RefusedError(f"{host} is not of the office's own network: TLS is needed")
            host = found[0]
        if broker.user:
            client.username_pw_set(broker.user, broker.password)
        client.connect_timeout = self._step_s
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_publish = self._on_publish
        self._connected, self._ended, self._taken = None, False, {}
        client.connect(host, broker.port, keepalive=KEEP_ALIVE_S)
        self._client, self._of = client, broker
        client.loop_start()
        code = self._answer(lambda: self._connected)
        why, _ = verdict(code.value, str(code))
        if why:
            raise _RefusedError(why)
        return client

    def _answer(self, found: Any) -> ReasonCode:
        """Wait for an answer, but not for ever."""
        ends = time.monotonic() + self._within_s
        with self._changed:
            while True:
                code = found()
                if code is not None:
                    return code  # type: ignore[no-any-return]  # a reason code
                if self._ended:
                    raise _RefusedError("the broker ended the connection")
                left = ends - time.monotonic()
                if left <= 0:
                    raise _RefusedError(f"the broker did not answer within {self._within_s:g} s")
                self._changed.wait(left)

    # --- on the library's thread ----------------------------------------------------------------

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _p: Properties | None
    ) -> None:
        with self._changed:
            if client is self._client:
                self._connected = code
                self._changed.notify_all()

    def _on_disconnect(
        self, client: mqtt.Client, _data: Any, _flags: Any, _code: Any, _p: Properties | None
    ) -> None:
        with self._changed:
            if client is self._client:
                self._ended = True
                self._changed.notify_all()

    def _on_publish(
        self, client: mqtt.Client, _data: Any, mid: int, code: ReasonCode, _p: Properties
    ) -> None:
        with self._changed:
            if client is self._client:
                self._taken[mid] = code
                self._changed.notify_all()


def _near(address: str) -> bool:
    """An address of the office's own network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return ip.is_private and not (ip.is_link_local or ip.is_unspecified)
