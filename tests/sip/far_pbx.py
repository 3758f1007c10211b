"""Asterisk as the other office: an engine that others wrote at the far end of a trunk.

Debian 12 and 13 carry none; a folder of unstable does, made once by ``mmdebstrap
--include=asterisk sid FOLDER`` and named by ``TIPRING_ASTERISK_ROOT``.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np

from tests.bench.figures.rival import ASTERISK, MODULES, root_of_asterisk
from tests.bench.sip_peer import level_of
from tests.sip.offices import HZ, PORT, Handset, Office
from tests.sip.run import listens, wait_for

__all__ = ["FarPbx", "root_of_asterisk"]

UP_S, PATIENCE_S = 60.0, 20.0
RECORDED_S = 4
MILLIWATT_HZ = 1_004.0  # Asterisk's Milliwatt(), ITU-T O.41
PJSIP = """\
[udp]
type=transport
protocol=udp
bind={own}:{port}

[box]
type=endpoint
context=office
disallow=all
allow=alaw
dtmf_mode=rfc4733
direct_media=no
media_address={own}
bind_rtp_to_media_address=yes
trust_id_inbound=yes
send_pai=yes
aors=box

[box]
type=aor
contact=sip:{far}:{port}

[box]
type=identify
endpoint=box
match={far}
"""
PLAN = """\
[office]
exten => 600,1,Answer()
 same => n,Milliwatt()
exten => 601,1,Answer()
 same => n,Record({folder}/heard.wav,0,{seconds},kx)
 same => n,Hangup()
exten => 602,1,Busy(20)
exten => 603,1,Answer()
 same => n,Read(KEYS,,4,,1,8)
 same => n,System(echo ${{KEYS}} > {folder}/keys)
 same => n,Milliwatt()
"""


class FarPbx:
    """One Asterisk on loopback.

    Args:
        root: Where its files are, ``/`` or a folder.
        own: Its address.
        far: Of the box.
    """

    def __init__(self, root: Path, own: str, far: str) -> None:
        temporary = root / "tmp"
        self._outer = Path(tempfile.mkdtemp(prefix="tipring-far-", dir=temporary))
        self._outer.chmod(0o777)
        inner = Path("/") / self._outer.relative_to(root)
        values = {
            "folder": inner,
            "own": own,
            "far": far,
            "port": PORT,
            "seconds": RECORDED_S,
        }
        for name, text in (
            ("asterisk.conf", ASTERISK),
            ("modules.conf", MODULES),
            ("pjsip.conf", PJSIP),
            ("extensions.conf", PLAN),
            ("logger.conf", "[logfiles]\nmessages => error\n"),
            ("rtp.conf", "[general]\nrtpstart=21000\nrtpend=21100\n"),
        ):
            (self._outer / name).write_text(text.format(**values), encoding="utf-8")
        inside = ["asterisk", "-C", f"{inner}/asterisk.conf"]
        self._command = inside if root == Path("/") else ["chroot", str(root), *inside]
        self._own = own
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [*self._command, "-f", "-n"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        up = wait_for(
            lambda: (
                listens("udp", PORT, self._own)
                and "fully booted" in self.ask("core waitfullybooted")
            ),
            UP_S,
        )
        if not up:
            self.__exit__()
            raise RuntimeError(f"Asterisk did not come up within {UP_S:.0f} s")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._outer, ignore_errors=True)

    def ask(self, words: str) -> str:
        """What its console answers."""
        try:
            done = subprocess.run(
                [*self._command, "-rx", words],
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE_S,
            )
        except subprocess.TimeoutExpired:
            return ""  # whoever waits asks again
        return done.stdout

    def calls(self, north: Office) -> Iterator[str]:
        """Calls both ways, sound both ways, a key, busy, who clears."""
        version = self.ask("core show version").split(" built")[0].strip()
        handset = north["201"]
        handset.dial("6600")
        yield f"{version}: north calls it and hears its tone: {hears_it(north, handset)}"
        handset.hang_up()
        north.records(1)

        handset.dial("6601")
        north.wait(self._recording, 10)
        handset.say(HZ[1])
        north.records(2)  # it clears after its seconds
        handset.hang_up()
        level = self._heard(HZ[1])
        assert level > -25, f"it recorded the handset at {level:.1f} dBm0"
        record = north.box.records()[-1]
        assert (record["outcome"], record["cleared_by"]) == ("answered", "signal"), record
        yield f"what the handset says is in its recording at {level:.1f} dBm0; it clears"

        handset.dial("6603")
        north.let_pass(2.0)
        handset.press("4711")
        keys = self._outer / "keys"
        north.wait(lambda: keys.exists() and keys.read_text().strip() == "4711", 15)
        handset.hang_up()
        north.records(3)
        yield "keys of the handset arrive as events of RFC 4733: 4711"

        handset.dial("6602")
        record = north.records(4)[-1]
        handset.hang_up()
        assert record["outcome"] == "busy", record
        yield "busy there is busy tone here and in the record"

        self.ask("channel originate PJSIP/201@box application Milliwatt")
        handset.answer()
        yield f"it calls 201: {hears_it(north, handset)}"
        handset.hang_up()
        record = north.records(5)[-1]
        assert (record["direction"], record["outcome"]) == ("inbound", "answered"), record
        north.wait(lambda: "0 active channels" in self.ask("core show channels count"), 10)
        yield "the handset hangs up, it has no call left, the record is complete"

    def _recording(self) -> bool:
        return (self._outer / "heard.wav").exists()

    def _heard(self, hz: float) -> float:
        with wave.open(str(self._outer / "heard.wav"), "rb") as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        pieces = [sound[n : n + 4_000] for n in range(0, max(1, sound.size - 4_000), 2_000)]
        return max(level_of(piece, hz) for piece in pieces)


def hears_it(office: Office, handset: Handset) -> str:
    """Its test tone arrives at the handset."""
    office.wait(lambda: handset.hears(MILLIWATT_HZ) > -25, 10)
    office.let_pass(0.5)
    return f"{handset.hears(MILLIWATT_HZ):.1f} dBm0"
