"""faxd as a process: a page through its sockets, and what its end leaves behind."""

from __future__ import annotations

import signal
import subprocess
import sys

import numpy as np
import pytest

from firmware.control.fax_messages import (
    FROM_FAXD,
    SOCKET_NAME,
    FaxdGone,
    FaxEnded,
    FaxEndsSeen,
    StartFax,
)
from firmware.control.link import LinkClosed, LinkError, connect, new_socket
from firmware.control.messages import Hello
from firmware.core.clock import BLOCK_SAMPLES
from firmware.daemons.wires.leg_sound import ANNOUNCE, FAX_SOCKET_NAME, HEAD
from firmware.fax.job import FaxJob
from firmware.fax.outcome import Result
from tests.bench.chips import g711
from tests.bench.fax_pages import draw, same
from tests.bench.world.t30_peer import Peer

PATIENCE_S = 60.0

CONFIG = """
country = "CN"
fax_ends = 2
[[chains]]
kind = "fxs"
chip = "si3215"
device = "/dev/spidev0.0"
count = 4
slots = [0, 1, 2, 3]
[pins]
reset = 5
[folders]
data = "{folder}/data"
run = "{folder}"
"""


class Around:
    """The process, and the two who talk to it: lined's sound and call control."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "machine.toml").write_text(CONFIG.format(folder=folder))
        self._listener = new_socket()
        self._listener.bind(str(folder / FAX_SOCKET_NAME))
        self._listener.listen(1)
        self._listener.settimeout(PATIENCE_S)
        start = [sys.executable, "-m", "firmware.daemons.start", "faxd"]
        self.process = subprocess.Popen([*start, "--config", str(folder / "machine.toml")])
        self.sound, _ = self._listener.accept()
        self.sound.settimeout(PATIENCE_S)
        self.link = self._connected()
        self.link.send(Hello(program="calld"))
        self.heard = []
        self._number = 0

    def _connected(self):
        while self.process.poll() is None:
            try:
                return connect(self.folder / SOCKET_NAME, FROM_FAXD, name="faxd")
            except LinkError:
                continue
        raise AssertionError("faxd has ended")

    def up(self):
        """The next announcement of which ends talk."""
        number, mask = HEAD.unpack_from(self.sound.recv(4096))
        assert number == ANNOUNCE
        return mask

    def block(self, said):
        """One block to end 1; what it says."""
        codes = g711.encode(said, g711.Law.A)
        self.sound.send(HEAD.pack(self._number, 1) + codes.tobytes())
        while True:
            packet = self.sound.recv(4096)
            number, _ = HEAD.unpack_from(packet)
            if number == self._number:
                break
        self._number += 1
        return g711.decode(np.frombuffer(packet, np.uint8, offset=HEAD.size), g711.Law.A)

    def told(self, kind):
        """The first message of a kind, waited for; a process that is gone ends it."""
        import select

        while True:
            for message in self.heard:
                if isinstance(message, kind):
                    return message
            assert select.select([self.link], [], [], PATIENCE_S)[0], f"no {kind.__name__} came"
            self.heard += self.link.receive()

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.sound.close()
        self._listener.close()


@pytest.fixture
def around(tmp_path):
    found = Around(tmp_path)
    yield found
    found.end()


@pytest.mark.slow
@pytest.mark.real
def test_a_page_comes_through_and_a_kill_ends_only_its_fax(around, tmp_path):
    assert around.told(FaxEndsSeen).ends == 2
    page = draw(tmp_path / "page.tif", lines=4)
    spool = around.told(FaxEndsSeen).spool
    came = f"{spool}/1-fax.tif"
    job = FaxJob(fax="1-fax", direction="receive", tiff=came, station="1")
    around.link.send(StartFax(port="fax/1", job=job))
    assert around.up() == 1
    caller = Peer(calling=True, send=page, station="2")
    heard = np.zeros(BLOCK_SAMPLES, np.float32)
    for _ in range(60 * 8000 // BLOCK_SAMPLES):
        heard = around.block(caller.feed(heard, BLOCK_SAMPLES))
        if caller.code is not None:
            break
    assert caller.code == 0
    for _ in range(100):  # half a second of a quiet line: the last word is out
        around.sound.send(HEAD.pack(around._number, 1) + bytes([0xD5]) * BLOCK_SAMPLES)
        around._number += 1
    ended = around.told(FaxEnded)
    assert (ended.outcome.result, ended.outcome.pages) == (Result.COMPLETE, 1)
    assert same(came, page)

    around.link.send(
        StartFax(
            port="fax/2", job=FaxJob(fax="2-fax", direction="receive", tiff=f"{spool}/2-fax.tif")
        )
    )
    around.process.send_signal(signal.SIGKILL)
    with pytest.raises(LinkClosed):
        around.told(FaxdGone)  # never told by faxd itself: the link is what is noticed
