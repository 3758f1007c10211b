"""The far end of a trunk: a provider or another office, with messages written by hand.

Nothing of it comes from the library that the box uses: requests and answers are text after RFC
3261, sound is G.711 A-law in RTP after RFC 3550, keys are events after RFC 4733. One thread reads
the signalling, another sends and takes the sound; a test asks what was heard.
"""

from __future__ import annotations

import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from firmware.media import g711
from tests.bench.sound_relay import SoundRelay

PACKET_SAMPLES = 160  # 20 ms
LONGEST_GAP = 8_000  # beyond it the far side has begun anew
PCMA, EVENTS = 8, 101
RTP = struct.Struct("!BBHII")


class Message:
    """One message as it came."""

    def __init__(self, text: str) -> None:
        head, _, self.body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        self.first = first
        self.text = text
        self.headers: list[tuple[str, str]] = []
        for line in lines:
            name, _, value = line.partition(":")
            self.headers.append((name.strip().lower(), value.strip()))

    @property
    def code(self) -> int:
        """Of an answer, 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        """Of a request; of an answer what it answers."""
        return self.get("cseq").split()[1] if self.code else self.first.split()[0]

    def get(self, name: str) -> str:
        """The first field of that name, empty if there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every field of that name."""
        return [value for key, value in self.headers if key == name]


class SipPeer:
    """A user agent on a UDP port of loopback.

    Args:
        host: Own address.
        answer: What it answers to an INVITE of the box: a row of codes, one after the other.
        rings_s: How long it rings before the last of them.
    """

    def __init__(
        self, host: str = "127.0.0.1", answer: Sequence[int] = (180, 200), rings_s: float = 0.2
    ) -> None:
        self.host = host
        self.answer = answer
        self.rings_s = rings_s
        self.packet_s = 0.02  # by its own clock, which may run fast or slow
        self.holds_s = 0.0  # it keeps its packets for so long, once, and sends them together
        self.realm = ""  # as a registrar: who asks for a password; empty knows nobody
        self.seen: list[Message] = []
        self._signals = self._bound(host)
        self._sound = self._bound(host)
        self.port = self._signals.getsockname()[1]
        self.sound_port = self._sound.getsockname()[1]
        self._random = random.Random(f"{host}:{self.port}")  # two peers never share a branch
        self._dialog: dict[str, str] = {}
        self._box: tuple[str, int] = ("", 0)
        self._far_sound: tuple[str, int] | None = None
        self._own_tag = f"{self._random.getrandbits(32):x}"
        self._cseq = 0
        self._invite = ""
        self._say = np.zeros(0, np.float32)
        self._heard: list[np.ndarray] = []
        self._next_stamp = 0  # of the next packet to be heard, if none is lost
        self.said_s = 0.0  # when the first packet of what is said went out
        self.key_s = 0.0  # when the first packet of the last key went out
        self.heard_s = 0.0  # when the first packet of what was heard came
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._keys: list[str] = []
        self.relay: SoundRelay | None = None  # a bad network that its sound passes
        self._threads = [
            threading.Thread(target=self._signalling, daemon=True),
            threading.Thread(target=self._sounding, daemon=True),
        ]

    @staticmethod
    def _bound(host: str) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((host, 0))
        made.settimeout(0.05)
        return made

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2)
        self._signals.close()
        self._sound.close()

    # --- what a test does -------------------------------------------------------------------------

    def call(self, box: tuple[str, int], number: str, caller: str, extra: str = "") -> None:
        """Call a number of the box."""
        self._box = box
        self._cseq = 1
        self._dialog = {
            "id": f"{self._random.getrandbits(64):x}@{self.host}",
            "local": f"<sip:{caller}@{self.host}>;tag={self._own_tag}",
            "remote": f"<sip:{number}@{box[0]}>",
            "target": f"sip:{number}@{box[0]}:{box[1]}",
        }
        self._invite = self._request("INVITE", extra, self._sdp())
        self._send(self._invite)

    def cancel(self) -> None:
        """Give up a call that is not answered: same branch (RFC 3261, clause 9.1)."""
        via = Message(self._invite).get("via")
        self._send(self._request("CANCEL", via=via, cseq="1 CANCEL"))

    def bye(self) -> None:
        """Clear."""
        self._cseq += 1
        self._send(self._request("BYE"))

    def refer(self, target: str) -> None:
        """Ask the box to call somebody else (RFC 3515)."""
        self._cseq += 1
        self._send(self._request("REFER", f"Refer-To: <{target}>"))

    def options(self, box: tuple[str, int]) -> None:
        """Ask whether anybody is there, outside of any call."""
        self._box = box
        self._dialog = {
            "id": f"{self._random.getrandbits(64):x}@{self.host}",
            "local": f"<sip:probe@{self.host}>;tag={self._own_tag}",
            "remote": f"<sip:100@{box[0]}>",
            "target": f"sip:100@{box[0]}:{box[1]}",
        }
        self._cseq += 1
        self._send(self._request("OPTIONS"))

    def press(self, keys: str) -> None:
        """Keys as events of RFC 4733, 100 ms each."""
        with self._lock:
            self._keys += list(keys)

    def tone(self, hz: float, seconds: float, level: float = 6_000.0) -> np.ndarray:
        """Say a tone; what is said comes back."""
        t = np.arange(int(8_000 * seconds))
        return self.say((level * np.sin(2 * np.pi * hz * t / 8_000)).astype(np.float32))

    def say(self, samples: np.ndarray) -> np.ndarray:
        """Say something, 8 kHz, full scale 32767."""
        with self._lock:
            self._say = samples
            self.said_s = 0.0
        return samples

    def hear(self) -> np.ndarray:
        """Everything heard since this was asked last."""
        with self._lock:
            heard, self._heard = self._heard, []
        return np.concatenate(heard) if heard else np.zeros(0, np.float32)

    def codes(self) -> list[int]:
        """Answers to our INVITE so far."""
        return self.answers("INVITE")

    def answers(self, method: str) -> list[int]:
        """Answers to our requests so far."""
        return [m.code for m in list(self.seen) if m.code and m.method == method]

    def requests(self, method: str) -> list[Message]:
        """Requests of the box."""
        return [m for m in list(self.seen) if not m.code and m.method == method]

    def wait(self, true: Callable[[], bool], timeout_s: float = 10.0) -> bool:
        """Wait until something holds; whether it did."""
        end = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)  # noqa: TID251  # the box is other processes
        return True

    # --- signalling -------------------------------------------------------------------------------

    def _signalling(self) -> None:
        while not self._stop.is_set():
            try:
                packet, source = self._signals.recvfrom(65_535)
            except TimeoutError:
                continue
            except OSError:
                return
            if len(packet) < 8:
                continue
            self.take(Message(packet.decode(errors="replace")), source)

    def take(self, message: Message, source: tuple[str, int]) -> None:
        """A message of the box."""
        self.seen.append(message)
        self._box = source
        if message.code:
            self._answered(message)
        else:
            self._asked(message)

    def _answered(self, message: Message) -> None:
        if message.method != "INVITE" or message.code < 200:
            return
        self._dialog["remote"] = message.get("to")
        if message.code < 300:
            target = re.search(r"<([^>]+)>", message.get("contact"))
            self._dialog["target"] = target[1] if target else self._dialog["target"]
            self._learn(message.body)
            self._send(self._request("ACK", cseq="1 ACK"))
        else:
            via = Message(self._invite).get("via")
            self._send(self._request("ACK", via=via, cseq="1 ACK"))

    def _asked(self, message: Message) -> None:
        if message.method == "INVITE" and "tag=" not in message.get("to"):
            self._dialog = {
                "id": message.get("call-id"),
                "local": f"{message.get('to')};tag={self._own_tag}",
                "remote": message.get("from"),
                "target": re.search(r"<([^>]+)>", message.get("contact"))[1],
            }
            self._cseq = 100
            self._learn(message.body)
            threading.Thread(target=self._answer_call, args=(message,), daemon=True).start()
        elif message.method == "INVITE":
            self._learn(message.body)
            self._reply(message, 200, self._sdp())
        elif message.method == "REGISTER":
            self._register(message)
        elif message.method != "ACK":
            self._reply(message, 200)

    def _register(self, message: Message) -> None:
        """A registrar: it asks for a password once, and grants what then comes."""
        if not self.realm:
            self._reply(message, 404)
        elif not message.get("authorization"):
            ask = f'WWW-Authenticate: Digest realm="{self.realm}", nonce="4f1c", algorithm=MD5'
            self._reply(message, 401, extra=ask)
        else:
            self._reply(message, 200, extra=f"Contact: {message.get('contact')};expires=600")

    def _answer_call(self, message: Message) -> None:
        for code in self.answer[:-1]:
            self._reply(message, code, self._sdp() if code == 183 else "")
        self._stop.wait(self.rings_s)
        for code in self.answer[-1:]:
            self._reply(message, code, self._sdp() if code == 200 else "")

    def _reply(self, message: Message, code: int, body: str = "", extra: str = "") -> None:
        phrase = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK"}.get(code, "No")
        to = message.get("to")
        if code > 100 and "tag=" not in to:
            to += f";tag={self._own_tag}"
        lines = [f"SIP/2.0 {code} {phrase}"]
        lines += [f"Via: {via}" for via in message.all("via")]
        lines += [
            f"From: {message.get('from')}",
            f"To: {to}",
            f"Call-ID: {message.get('call-id')}",
            f"CSeq: {message.get('cseq')}",
            extra or f"Contact: <sip:peer@{self.host}:{self.port}>",
        ]
        self._send(self._whole(lines, body))

    def _request(
        self, method: str, extra: str = "", body: str = "", via: str = "", cseq: str = ""
    ) -> str:
        dialog = self._dialog
        branch = f"z9hG4bK{self._random.getrandbits(64):x}"
        lines = [
            f"{method} {dialog['target']} SIP/2.0",
            f"Via: {via or f'SIP/2.0/UDP {self.host}:{self.port};branch={branch}'}",
            "Max-Forwards: 70",
            f"From: {dialog['local']}",
            f"To: {dialog['remote']}",
            f"Call-ID: {dialog['id']}",
            f"CSeq: {cseq or f'{self._cseq} {method}'}",
            f"Contact: <sip:peer@{self.host}:{self.port}>",
        ]
        if extra:
            lines.append(extra)
        return self._whole(lines, body)

    @staticmethod
    def _whole(lines: list[str], body: str) -> str:
        if body:
            lines = [*lines, "Content-Type: application/sdp"]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    def _send(self, text: str) -> None:
        self._signals.sendto(text.encode(), self._box)

    def _sdp(self) -> str:
        sound_port = self.relay.box_side[1] if self.relay else self.sound_port
        return "\r\n".join(
            [
                "v=0",
                f"o=- 1 1 IN IP4 {self.host}",
                "s=-",
                f"c=IN IP4 {self.host}",
                "t=0 0",
                f"m=audio {sound_port} RTP/AVP {PCMA} {EVENTS}",
                f"a=rtpmap:{PCMA} PCMA/8000",
                f"a=rtpmap:{EVENTS} telephone-event/8000",
                f"a=fmtp:{EVENTS} 0-15",
                "a=ptime:20",
                "",
            ]
        )

    def _learn(self, sdp: str) -> None:
        address = re.search(r"c=IN IP4 (\S+)", sdp)
        port = re.search(r"m=audio (\d+)", sdp)
        if address and port:
            self._far_sound = (address[1], int(port[1]))
            if self.relay is not None:
                self.relay.join((self.host, self.sound_port), self._far_sound)
                self._far_sound = self.relay.peer_side

    # --- sound ------------------------------------------------------------------------------------

    def _sounding(self) -> None:
        number = stamp = 0
        due = time.monotonic()
        codes = np.zeros(PACKET_SAMPLES, np.uint8)
        event: tuple[int, int, int] | None = None  # digit, its stamp, packets so far
        while not self._stop.is_set():
            self._take_sound(due)
            due += self.packet_s
            if self.holds_s:
                hold, self.holds_s = self.holds_s, 0.0
                self._stop.wait(hold)
            if self._far_sound is None:
                continue
            with self._lock:
                if self._say.size and not self.said_s:
                    self.said_s = time.monotonic()
                block, self._say = self._say[:PACKET_SAMPLES], self._say[PACKET_SAMPLES:]
                if event is None and self._keys:
                    event = ("0123456789*#ABCD".index(self._keys.pop(0)), stamp, 0)
            if event is not None:
                digit, began, sent = event
                over = sent >= 5
                length = min(sent + 1, 5) * PACKET_SAMPLES
                body = struct.pack("!BBH", digit, (0x80 if over else 0) | 10, length)
                first = 0x80 if sent == 0 else 0
                if first:
                    self.key_s = time.monotonic()
                event = None if sent >= 12 else (digit, began, sent + 1)
                if sent <= 7:  # the end is sent three times: RFC 4733, clause 2.5.1.4
                    number += 1  # a number without its packet would count as lost
                    head = RTP.pack(0x80, first | EVENTS, number & 0xFFFF, began, 7)
                    self._sound.sendto(head + body, self._far_sound)
            else:
                padded = np.zeros(PACKET_SAMPLES, np.float32)
                padded[: block.size] = block
                g711.encode(padded, codes, "a")
                number += 1
                head = RTP.pack(0x80, PCMA, number & 0xFFFF, stamp, 7)
                self._sound.sendto(head + codes.tobytes(), self._far_sound)
            stamp += PACKET_SAMPLES

    def _take_sound(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            self._sound.settimeout(left)
            try:
                packet = self._sound.recv(2_048)
            except (TimeoutError, OSError):
                return
            if len(packet) > RTP.size and packet[1] & 0x7F == PCMA:
                codes = np.frombuffer(packet, np.uint8, offset=RTP.size)
                linear = np.zeros(codes.size, np.float32)
                g711.decode(codes, linear, "a")
                with self._lock:
                    if not self._heard:
                        self.heard_s = time.monotonic()
                    else:
                        lost = RTP.unpack_from(packet)[3] - self._next_stamp & 0xFFFF_FFFF
                        if 0 < lost <= LONGEST_GAP:  # what is lost is silence in its place
                            self._heard.append(np.zeros(lost, np.float32))
                    self._next_stamp = RTP.unpack_from(packet)[3] + codes.size & 0xFFFF_FFFF
                    self._heard.append(linear)


def level_of(samples: np.ndarray, hz: float) -> float:
    """Level of one frequency in dBm0, A-law full scale being 3.14 dBm0 (G.711)."""
    if not samples.size:
        return -90.0
    t = np.arange(samples.size)
    part = 2 * np.abs(np.mean(samples * np.exp(-2j * np.pi * hz * t / 8_000)))
    return float(20 * np.log10(max(part, 1.0) / 32_124) + 3.14)
