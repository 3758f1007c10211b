"""A telephone that no one here wrote, at the far end of a trunk: baresip calls, and is called.

It says a tone from a file and keeps what it hears in another; the box gives back what it hears,
so that a tone in the second file has gone both ways.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

from tests.bench.sip_box import SipBox
from tests.bench.sip_peer import level_of
from tests.sip.run import free_port, listens, wait_for

NUMBER = "2155550100"
TONE_HZ = 1_004.0
SAID_DBM0, HEARD_DBM0 = -10.7, -15.0  # 0.2 of full scale; what may be missing is at its two ends
TALK_S = 6
CONFIG = """\
module_path /usr/lib/baresip/modules
sip_listen 127.0.0.1:{port}
audio_player aubridge,ear
audio_source aufile,{folder}/say.wav
audio_channels 1
audio_srate 8000
ausrc_srate 8000
auplay_srate 8000
rtp_ports {sound}-{last}
snd_path {folder}
module stdio.so
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


def prepare(folder: Path, port: int) -> None:
    """Its settings, its account, and what it says."""
    sound = 40_000 + port % 10_000 * 2
    config = CONFIG.format(port=port, folder=folder, sound=sound, last=sound + 20)
    (folder / "config").write_text(config)
    account = f"<sip:{NUMBER}@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMA\n"
    (folder / "accounts").write_text(account)
    t = np.arange(8_000 * 60)
    samples = (0.2 * 32_767 * np.sin(2 * np.pi * TONE_HZ * t / 8_000)).astype("<i2")
    with wave.open(str(folder / "say.wav"), "wb") as said:
        said.setnchannels(1)
        said.setsampwidth(2)
        said.setframerate(8_000)
        said.writeframes(samples.tobytes())


def heard(folder: Path) -> float:
    """Level of the tone in the middle of what it heard, dBm0."""
    files = sorted(folder.glob("dump-*-dec.wav"))
    if not files:
        return -90.0
    # The head may lack its length, when the program was ended; the samples are behind 44 bytes.
    samples = np.frombuffer(files[-1].read_bytes()[44:][: 8_000 * 2 * 60], "<i2")
    middle = samples[samples.size // 2 : samples.size // 2 + 8_000]
    return level_of(middle.astype(np.float32), TONE_HZ)


def play(box: SipBox, port: int, *, calls: bool) -> str:
    """One call, by the telephone or to it; empty, or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="tipring-baresip-") as text:
        folder = Path(text)
        prepare(folder, port)
        begins = len(box.words)
        command = ["baresip", "-4", "-f", text, "-t", str(TALK_S)]
        if calls:
            command += ["-e", f"/dial sip:100@127.0.0.1:{box.port}"]
        telephone = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if not calls:
                wait_for(lambda: listens("udp", port), 5)
                box.call(NUMBER)
            telephone.wait(TALK_S + 20)
        finally:
            telephone.kill()
            telephone.wait()
        wait_for(lambda: any(word.startswith("over") for word in box.words[begins:]), 5)
        words = [word for word in box.words[begins:] if not word.startswith("far side")]
        first = [f"rings 100 from {NUMBER} to flow:main"] if calls else []
        wanted = [*first, "talks", "sound", "over 200"]
        level = heard(folder)
    if words != wanted:
        return f"noticed {words}\nwanted  {wanted}"
    if level < HEARD_DBM0:
        return f"the tone came back at {level:.1f} dBm0, said at {SAID_DBM0}"
    print(f"          the tone came back at {level:.1f} dBm0, said at {SAID_DBM0}")
    return ""


def main() -> int:
    """Both ways round; status 1 if one fails."""
    if shutil.which("baresip") is None:
        print("left out: baresip is not installed, tests/sip/packages.sh does")
        return 0
    port = free_port("udp")
    failed = 0
    with SipBox(port, numbers={"100": "flow:main"}) as box:
        for calls, name in ((True, "baresip calls the box"), (False, "the box calls baresip")):
            wrong = play(box, port, calls=calls)
            failed += bool(wrong)
            print(f"{'FAILED' if wrong else 'held  '}  {name} {wrong}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
