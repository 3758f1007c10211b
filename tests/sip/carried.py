"""Sound and keys really carried: each codec, open and encrypted, by baresip and to it.

``python -m tests.sip.carried [WORD]``. Both sides say a tone of their own and digits as sound, at
the same time. What the box heard is taken where lined takes it, what baresip heard from its WAV:
the levels, the digits by a receiver that is not the box's, keys as events (RFC 4733) both ways, and
whether the tone could be read on the wire.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
import trustme

from firmware.core.sip_events import SipAnswered, SipEnded
from firmware.media import g711
from tests.bench.sip_box import SipBox
from tests.bench.sip_peer import level_of
from tests.bench.world.dtmf_ear import decode_dtmf
from tests.sip.run import free_port, wait_for

NUMBER: Final = "2155550100"
FAR_HZ, OWN_HZ = 1_000.0, 1_250.0  # whole periods in a block: they can be said again and again
SAID_DBM0: Final = -10.0
WITHIN_DB: Final = 1.0
FAR_KEYS, OWN_KEYS = "159D*0", "2468#A"
LOW_HZ, HIGH_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)  # ITU-T Q.23
KEYS: Final = "123A456B789C*0#D"
PATIENT_BLOCKS: Final = 60  # what is judged here is what travels, not how soon
TONE_S, KEY_S, PAUSE_S = 2.0, 0.08, 0.08
KEY_LIMIT_S: Final = 2.0
LISTEN_S: Final = 11.0  # three times what is said, once of which a busy machine may garble
PEAK_0_DBM0: Final = 32_124 * 10 ** (-3.14 / 20)  # of a sine, G.711 A-law in 16-bit units
RATES_HZ: Final = {"PCMA": 8_000, "PCMU": 8_000, "G722": 16_000, "opus": 48_000}
"""What baresip says has the codec's own rate: its resampler takes away what is above 1 kHz."""
CONFIG: Final = """\
module_path /usr/lib/baresip/modules
sip_listen 127.0.0.1:{port}
sip_certificate {folder}/own.pem
sip_cafile {folder}/authority.pem
cons_listen 127.0.0.1:{keys}
audio_player aubridge,ear
audio_source aufile,{folder}/say.wav
audio_channels 1
audio_srate {rate}
ausrc_srate {rate}
auplay_srate {rate}
opus_stereo no
opus_sprop_stereo no
rtp_ports {sound}-{last}
snd_path {folder}
module cons.so
module g711.so
module g722.so
module opus.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


class Way(NamedTuple):
    """How a call is carried."""

    codec: str
    srtp: Literal["off", "optional", "required"] = "off"
    far: str = ""  # baresip's word for encryption; empty for none
    calls: bool = True  # baresip calls the box, or is called

    @property
    def secured(self) -> bool:
        """Whether sound has to be encrypted."""
        return self.srtp != "off" and bool(self.far)


def ways(codecs: tuple[str, ...]) -> list[Way]:
    """Every codec in the open and with both kinds of encryption, both ways round."""
    kinds = (("off", ""), ("optional", "srtp"), ("required", "srtp-mand"))
    found = [
        Way(codec, srtp, far, calls)  # type: ignore[arg-type]  # from the row above
        for codec in codecs
        for srtp, far in kinds
        for calls in (True, False)
    ]
    # One side would, the other cannot: the call goes on in the open.
    return [
        *found,
        Way("PCMA", "optional", "", calls=True),
        Way("PCMA", "optional", "", calls=False),
    ]


def sine(hz: float, seconds: float, rate_hz: int = 8_000) -> np.ndarray:
    """A tone, in 16-bit units."""
    t = np.arange(int(rate_hz * seconds))
    return PEAK_0_DBM0 * 10 ** (SAID_DBM0 / 20) * np.sin(2 * np.pi * hz * t / rate_hz)


def speech(hz: float, keys: str, rate_hz: int = 8_000) -> np.ndarray:
    """What a side says again and again: its tone, then digits as sound."""
    parts = [sine(hz, TONE_S, rate_hz)]
    for key in keys:
        low, high = divmod(KEYS.index(key), 4)
        pair = sine(LOW_HZ[low], KEY_S, rate_hz) + sine(HIGH_HZ[high], KEY_S, rate_hz)
        parts += [np.zeros(int(rate_hz * PAUSE_S)), pair]
    return np.concatenate([*parts, np.zeros(rate_hz // 2)])


@contextlib.contextmanager
def baresip(way: Way, port: int, box: SipBox, authority: trustme.CA) -> Iterator[tuple[Path, int]]:
    """The far end, until the block is left; its folder and where keys are given to it."""
    with tempfile.TemporaryDirectory(prefix="tipring-carried-") as text:
        folder = Path(text)
        keys = free_port("udp")
        sound = 40_000 + port % 10_000 * 2
        rate_hz = RATES_HZ[way.codec]
        names = {
            "rate": rate_hz,
            "port": port,
            "folder": text,
            "sound": sound,
            "last": sound + 20,
            "keys": keys,
        }
        (folder / "config").write_text(CONFIG.format(**names))
        by = "tls" if way.srtp == "required" else "udp"
        secret = f";mediaenc={way.far}" if way.far else ""
        account = f"<sip:{NUMBER}@127.0.0.1:{port};transport={by}>;regint=0;answermode=auto"
        (folder / "accounts").write_text(f"{account};audio_codecs={way.codec}{secret}\n")
        leaf = authority.issue_cert("localhost", "127.0.0.1")
        leaf.private_key_and_cert_chain_pem.write_to_path(str(folder / "own.pem"))
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        with wave.open(str(folder / "say.wav"), "wb") as said:
            said.setnchannels(1)
            said.setsampwidth(2)
            said.setframerate(rate_hz)
            said.writeframes(np.tile(speech(FAR_HZ, FAR_KEYS, rate_hz), 12).astype("<i2").tobytes())
        command = ["baresip", "-4", "-f", text]
        if way.calls:
            to = box.port + (by == "tls")
            command += ["-e", f"/dial sip:100@127.0.0.1:{to};transport={by}"]
        with (folder / "said.log").open("w") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                yield folder, keys
            finally:
                process.send_signal(signal.SIGINT)  # it hangs up and closes its files
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def heard_by_far(folder: Path) -> np.ndarray:
    """What baresip heard, brought to 8 kHz."""
    files = sorted(folder.glob("dump-*-dec.wav"))
    if not files:
        return np.zeros(0)
    content = files[-1].read_bytes()
    rate, channels = int.from_bytes(content[24:28], "little"), content[22]
    # The head may lack its length, when the program was ended; the samples are behind 44 bytes.
    samples = np.frombuffer(content[44 : 44 + (len(content) - 44) // 2 * 2], "<i2")[::channels]
    if rate == 8_000:
        return samples.astype(float)
    spectrum = np.fft.rfft(samples)
    size = samples.size * 8_000 // rate
    return np.fft.irfft(spectrum[: size // 2 + 1], size) * size / samples.size


def tone_level(samples: np.ndarray, hz: float) -> float:
    """Level of a tone that is there for more than half of the time, dBm0."""
    pieces = [samples[n : n + 800] for n in range(0, max(1, samples.size - 799), 800)]
    return float(np.percentile([level_of(piece, hz) for piece in pieces], 75))


def keys_in(samples: np.ndarray) -> str:
    """Digits that were heard as sound."""
    return "".join(digit.key for digit in decode_dtmf(samples.astype(np.float32)))


class Wire:
    """Sound packets on loopback towards a range of ports, as anybody on the way sees them."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        with contextlib.suppress(PermissionError):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
            self._socket.bind(("lo", 0))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self._socket.setblocking(False)

    def payloads(self, ports: range) -> list[bytes]:
        """Sound that went to these ports since this was asked last."""
        found = []
        while self._socket is not None:
            try:
                packet = self._socket.recv(4_096)
            except BlockingIOError:
                break
            head = (packet[0] & 15) * 4
            to = int.from_bytes(packet[head + 2 : head + 4], "big")
            if packet[9] == socket.IPPROTO_UDP and to in ports and to % 2 == 0:
                found.append(packet[head + 8 + 12 :])
        return found

    def close(self) -> None:
        """The end."""
        if self._socket is not None:
            self._socket.close()


def readable(payloads: list[bytes], codec: str) -> bool:
    """Whether the tone can be read from what was on the wire (G.711 alone can be judged so)."""
    law: g711.Law = "u" if codec == "PCMU" else "a"
    # What follows 20 ms of sound is the tag of authentication.
    rows = [np.frombuffer(p[:160], np.uint8) for p in payloads if len(p) >= 160]
    if not rows:
        return False
    linear = np.zeros(160 * len(rows), np.float32)
    g711.decode(np.concatenate(rows), linear, law)
    return tone_level(linear.astype(float), OWN_HZ) > SAID_DBM0 - 3


def play(way: Way, box: SipBox, port: int, authority: trustme.CA) -> str:
    """One call; empty, or what went wrong."""
    codes = np.zeros(speech(OWN_HZ, OWN_KEYS).size // 40 * 40, np.uint8)
    g711.encode(speech(OWN_HZ, OWN_KEYS)[: codes.size].astype(np.float32), codes, "a")
    box.heard, box.says = [], codes
    begins, told = len(box.words), len(box.told)
    wire = Wire()
    with baresip(way, port, box, authority) as (folder, keys):
        if not way.calls:
            ready = folder / "said.log"
            wait_for(lambda: "baresip is ready" in ready.read_text(errors="replace"), 10)
            box.call(NUMBER)
        if not wait_for(lambda: any(w.startswith("talks") for w in box.words[begins:]), 10):
            return f"no call: {box.words[begins:]} {(folder / 'said.log').read_text()[-600:]}"
        box.heard = []
        missed = box.sound.missed
        wait_for(lambda: len(box.heard) * 0.005 > LISTEN_S, LISTEN_S + 10)
        box_heard = np.concatenate([rows[0] for rows in box.heard])
        sound = range(40_000 + port % 10_000 * 2, 40_000 + port % 10_000 * 2 + 20)
        payloads = wire.payloads(sound)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as console:
            for key in "73":
                console.sendto(key.encode(), ("127.0.0.1", keys))
                wait_for(lambda k=key: f"key {k}" in box.words[begins:], KEY_LIMIT_S)
        box.press("94")
        log = folder / "said.log"
        wait_for(lambda: "'4'" in log.read_text(errors="replace"), KEY_LIMIT_S)
        answered = [e for e in box.told[told:] if isinstance(e, SipAnswered)]
        box.release()
        wait_for(lambda: any(w.startswith("over") for w in box.words[begins:]), 5)
        said = (folder / "said.log").read_text(errors="replace")
        far_heard = heard_by_far(folder)
    wire.close()
    linear = np.zeros(box_heard.size, np.float32)
    g711.decode(box_heard, linear, "a")
    levels = tone_level(linear.astype(float), FAR_HZ), tone_level(far_heard, OWN_HZ)
    found = []
    last = answered[-1]
    if last.codec.lower() != way.codec.lower():
        found.append(f"codec {last.codec}")
    if last.secured != way.secured:
        found.append(f"the box tells secured={last.secured}")
    for who, level in zip(("box", "far side"), levels, strict=True):
        if abs(level - SAID_DBM0) > WITHIN_DB:
            found.append(f"the {who} heard {level:.2f} dBm0")
    for who, heard, wanted in (
        ("box", keys_in(linear), FAR_KEYS),
        ("far side", keys_in(far_heard), OWN_KEYS),
    ):
        if wanted not in heard:
            found.append(f"the {who} heard digits {heard}")
    events = [w for w in box.words[begins:] if w.startswith("key")]
    # Opus has a clock of 48 kHz and its events too (RFC 4733, clause 2.1); baresip knows them with
    # 8 kHz alone, so that no events are agreed on and keys are sound, as the box then tells.
    wanted = [] if way.codec == "opus" else ["key 7", "key 3"]
    if last.keys != bool(wanted):
        found.append(f"the box tells keys={last.keys}")
    if events != wanted:
        found.append(f"events {events}")
    if wanted and not all(f"'{key}'" in said for key in "94"):
        found.append(f"far side had no events: {said[-400:]}")
    if way.codec.startswith("PCM") and payloads and readable(payloads, way.codec) == way.secured:
        found.append(f"on the wire the tone is {'' if way.secured else 'not '}readable")
    if missed := box.sound.missed - missed:
        # It stood where lined stands and was not given the processor.
        found = [f"{one} ({missed} blocks of 5 ms missed here)" for one in found]
    if not found:
        print(f"          levels {levels[0]:+.2f} and {levels[1]:+.2f} dBm0", flush=True)
    return "; ".join(found)


def refused(box: SipBox, port: int, authority: trustme.CA) -> str:
    """Both ends without encryption where it must be; empty, or what went wrong."""
    way = Way("PCMA", "required", "", calls=True)
    begins = len(box.words)
    with baresip(way, port, box, authority) as (folder, _):
        log = folder / "said.log"
        if not wait_for(lambda: "488" in log.read_text(errors="replace"), 10):
            return f"baresip heard {log.read_text(errors='replace')[-300:]}"
    wait_for(lambda: len(box.words) > begins, 3)
    with baresip(way._replace(calls=False), port, box, authority) as (folder, _):
        log = folder / "said.log"
        # It is told of the first call and waits, this time.
        wait_for(lambda: "baresip is ready" in log.read_text(errors="replace"), 10)
        box.call(NUMBER)
        wait_for(lambda: len(box.words) > begins + 1, 10)
    told = box.words[begins:]
    ended = [e.reason for e in box.told if isinstance(e, SipEnded)][-1:]
    if told != ["stranger INVITE: no SRTP", "over 488, congestion"] or "SRTP" not in str(ended):
        return f"noticed {told}, {ended}"
    return ""


def main(words: list[str]) -> int:
    """Every way; status 1 if one fails."""
    if shutil.which("baresip") is None:
        print("left out: baresip is not installed, tests/sip/packages.sh does")
        return 0
    authority = trustme.CA()
    failed = 0
    own = "TIPRING_PJSUA2" in os.environ
    codecs = ("PCMA", "PCMU", "G722", "opus") if own else ("PCMA", "PCMU", "G722")
    if not own:
        print("left out: Opus, which the library for development lacks")
    for transport in ("udp", "tls"):
        port = free_port("udp" if transport == "udp" else "tcp")
        at = port if transport == "udp" else port + 1
        with SipBox(
            at,
            transport,  # type: ignore[arg-type]  # from the row above
            {"100": "flow:main"},
            authority=authority.cert_pem.bytes().decode(),
            depth=PATIENT_BLOCKS,
        ) as box:
            for way in ways(codecs):
                name = f"{way.codec}, srtp {way.srtp}/{way.far or 'none'}, " + (
                    "baresip calls" if way.calls else "the box calls"
                )
                if (way.srtp == "required") != (transport == "tls"):
                    continue
                if words and not all(word in name for word in words):
                    continue
                box.set_trunk(codecs=(way.codec,), srtp=way.srtp)
                wrong = play(way, box, port, authority)
                if wrong:  # a machine that does much else may not have kept pace
                    print(f"again     {name} {wrong}", flush=True)
                    wrong = play(way, box, port, authority)
                failed += bool(wrong)
                print(f"{'FAILED' if wrong else 'held  '}  {name} {wrong}", flush=True)
            if transport == "tls" and own and (not words or "refused" in words):
                box.set_trunk(codecs=("PCMA",), srtp="required")
                wrong = refused(box, port, authority)
                failed += bool(wrong)
                print(f"{'FAILED' if wrong else 'held  '}  no SRTP where it must be {wrong}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
