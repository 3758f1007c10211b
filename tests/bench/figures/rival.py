"""Goal G13: processor time of a bridged, recorded call, beside Asterisk's in the same minute.

Printed where Asterisk is: on the path, or in a root folder named by ``TIPRING_ASTERISK_ROOT``
(``mmdebstrap --include=asterisk sid FOLDER``; Debian 12 and 13 have no such package). One Asterisk
is the exchange under test: two channels a call, A-law, digits heard in band, joined and recorded.
Another one plays the far ends and is not counted, as our town is not. Beside it run our lined and
calld with as many calls on eight ports.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from tests.bench.figures.figure import Figure
from tests.bench.real_box import RealBox
from tests.bench.run import free_port
from tests.bench.voice import speech

CALLS = 4
SECONDS = 30
UP_S = 120
PATIENCE_S = 20
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")

ASTERISK = """\
[directories]
astetcdir => {folder}
astvarlibdir => {folder}
astdbdir => {folder}
astrundir => {folder}
astlogdir => {folder}
astspooldir => {folder}
"""
MODULES = """\
[modules]
autoload=yes
noload = chan_iax2.so
noload = chan_unistim.so
noload = chan_console.so
noload = chan_motif.so
noload = res_phoneprov.so
noload = pbx_ael.so
noload = pbx_dundi.so
"""
PJSIP = """\
[udp]
type=transport
protocol=udp
bind=127.0.0.1:{own}

[peer]
type=endpoint
context=far
disallow=all
allow=alaw
dtmf_mode=inband
direct_media=no
aors=peer

[peer]
type=aor
contact=sip:127.0.0.1:{other}

[peer]
type=identify
endpoint=peer
match=127.0.0.1
"""
# The one under test calls one far end, records, and joins it with another one.
NEAR = """\
[near]
exten => _c.,1,MixMonitor({folder}/${{EXTEN}}.wav)
 same => n,Dial(PJSIP/talk@peer)
"""
FAR = """\
[far]
exten => talk,1,Answer()
 same => n(again),Playback({folder}/speech)
 same => n,Goto(again)
"""


class Asterisk:
    """One Asterisk in the foreground, with a folder of its own."""

    def __init__(self, root: Path, own: int, other: int, plan: str) -> None:
        """``root`` is where its files are, ``/`` or a folder; ports of its SIP and its peer's."""
        self._root = root
        temporary = root / "tmp"
        self._outer = Path(tempfile.mkdtemp(prefix="tipring-rival-", dir=temporary))
        self.folder = Path("/") / self._outer.relative_to(root)
        self._outer.chmod(0o777)
        for name, text in (
            ("asterisk.conf", ASTERISK),
            ("modules.conf", MODULES),
            ("pjsip.conf", PJSIP),
            ("extensions.conf", plan),
            ("logger.conf", "[logfiles]\nmessages => error\n"),
            ("rtp.conf", f"[general]\nrtpstart={own + 1000}\nrtpend={own + 1200}\n"),
        ):
            words = text.format(folder=self.folder, own=own, other=other)
            (self._outer / name).write_text(words, encoding="utf-8")
        self._say("speech.wav")
        inside = ["asterisk", "-C", f"{self.folder}/asterisk.conf"]
        self._command = inside if root == Path("/") else ["chroot", str(root), *inside]
        self.process = subprocess.Popen(
            [*self._command, "-f", "-n"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _say(self, name: str) -> None:
        sound = np.clip(speech(20_000.0, seed=5), -32768, 32767).astype("<i2")
        with wave.open(str(self._outer / name), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(sound.tobytes())

    def ask(self, words: str) -> str:
        """What its console answers."""
        asking = [*self._command, "-rx", words]
        try:
            done = subprocess.run(
                asking, capture_output=True, text=True, check=False, timeout=PATIENCE_S
            )
        except subprocess.TimeoutExpired:
            return ""  # whoever waits asks again
        return done.stdout

    def end(self) -> None:
        """Stop it and forget its folder."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self._outer, ignore_errors=True)


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def root_of_asterisk() -> Path | None:
    """Where it is, if it is."""
    named = os.environ.get("TIPRING_ASTERISK_ROOT")
    if named and (Path(named) / "usr/sbin/asterisk").exists():
        return Path(named)
    return Path("/") if shutil.which("asterisk") else None


def figures() -> list[Figure]:
    """Ours and theirs over the same time; ours alone where Asterisk is not."""
    root = root_of_asterisk()
    with RealBox() as box:
        box.busy_lines(CALLS)
        ours = [box.pid("lined"), box.pid("calld")]
        if root is None:
            used = _used(box, ours)
            return [_ours(used, "", None, "Asterisk is not on this machine")]
        near_port, far_port = free_port(0), free_port(0)
        near = Asterisk(root, near_port, far_port, NEAR)
        far = Asterisk(root, far_port, near_port, FAR)
        try:
            for one in (near, far):
                box.wait(lambda one=one: "fully booted" in one.ask("core waitfullybooted"), UP_S)
            version = near.ask("core show version").split(" built")[0].strip()
            for n in range(CALLS):
                near.ask(f"channel originate PJSIP/talk@peer extension c{n}@near")
            box.wait(
                lambda: near.ask("core show channels concise").count("!Up!") == 2 * CALLS, UP_S
            )
            used = _used(box, [*ours, near.process.pid])
        finally:
            near.end()
            far.end()
    theirs = 100 * used[-1] / CALLS
    limit = theirs / 2
    mine = 100 * sum(used[:-1]) / CALLS
    beside = f"{version} {theirs:.2f} %; limit half of it"
    return [_ours(used[:-1], beside, mine <= limit, "")]


def _used(box: RealBox, pids: list[int]) -> list[float]:
    """Seconds of processor time a second, by process."""
    before = [cpu_s(pid) for pid in pids]
    box.let_pass(SECONDS)
    return [(cpu_s(pid) - was) / SECONDS for pid, was in zip(pids, before, strict=True)]


def _ours(used: list[float], beside: str, holds: bool | None, unjudged: str) -> Figure:
    mine = 100 * sum(used) / CALLS
    name = f"bridged recorded call, of {CALLS} at once: lined and calld"
    return Figure(name, "% of a core", mine, mine, mine, beside, holds, unjudged)
