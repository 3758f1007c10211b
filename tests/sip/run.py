"""One flow by SIPp against sipd, and what went wrong in it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.sip_box import RINGS_ON, SipBox
from tests.sip.sheet import sheet
from tests.sip.steps import GIVEN_UP, RINGS, Flow, Pause

KINDS = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}
MODES = {"udp": "u1", "tcp": "t1"}
SETTLE_S = 3.0  # what is told last may come so late on a busy machine
LOOK_S = 0.02
APART_S = 0.15
NUMBERS = {"100": "flow:main", RINGS_ON: "201"}
RECEIVE_MS = 12_000  # a message that was lost four times has come: RFC 3261, clause 17.1.1.2
BESIDE_MS = 6_000  # how long the calls beside a flow ring


def free_port(transport: str) -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET, KINDS[transport]) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(true: Callable[[], bool], limit_s: float) -> bool:
    """Whether something came true in time; it is other processes that are waited for."""
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(LOOK_S)  # noqa: TID251  # the box and SIPp are other processes
    return True


def listens(transport: str, port: int, address: str = "") -> bool:
    """Whether somebody on this machine has that port (proc(5), net/udp and net/tcp).

    ``address`` asks for that one alone, which the kernel writes back to front.
    """
    rows = Path(f"/proc/net/{transport}").read_text(encoding="ascii").splitlines()[1:]
    host = "".join(f"{int(part):02X}" for part in reversed(address.split("."))) if address else ""
    ends = [row.split()[1].partition(":") for row in rows]
    return any(at.startswith(host) and int(of, 16) == port for at, _, of in ends)


class Runner:
    """Plays flows against one box.

    Args:
        box: Its trunk goes to ``port``.
        port: Where flows in which the box calls are heard.
        transport: Of the trunk.
        folder: For what SIPp reads and writes.
    """

    def __init__(self, box: SipBox, port: int, transport: str, folder: Path) -> None:
        self._box = box
        self._port = port
        self._transport = transport
        self._folder = folder
        self._set: object = None

    def play(self, name: str, flow: Flow) -> str:
        """Play one; empty, or what went wrong."""
        box = self._box
        # Words before the change: a trunk that registers says the first of them at once.
        begins = len(box.words)
        if not flow.trunk.get("register"):
            self._change(flow)
            begins = len(box.words)
        beside = self._ring_beside(flow) if flow.beside else None
        if beside is not None:
            begins = len(box.words)
        said = self._sipp(name, flow)
        wanted = list(flow.noticed) * flow.calls
        wait_for(lambda: len(box.words) - begins >= len(wanted), SETTLE_S)
        noticed = box.words[begins:]
        if beside is not None:
            beside.wait(20)
            wait_for(lambda: len(box.words) - begins >= len(wanted) + flow.beside, SETTLE_S)
        if flow.lost:
            # A lost acknowledgement is not missed when the end comes at once: rings and ends count.
            noticed, wanted = ([w for w in words if w != "talks"] for words in (noticed, wanted))
        if said:
            return f"{said}\nnoticed {noticed}"
        if noticed != wanted:
            return f"noticed {noticed}\nwanted  {wanted}"
        return ""

    def _change(self, flow: Flow, port: int = 0) -> None:
        wanted = (dict(flow.trunk), dict(flow.timers), port)
        if wanted != self._set:
            fields = {"numbers": NUMBERS, **flow.trunk, "port": port or self._port}
            self._box.set_trunk(flow.timers, **fields)
            self._set = wanted

    def _ring_beside(self, flow: Flow) -> subprocess.Popen[bytes]:
        box, begins = self._box, len(self._box.words)
        file = self._folder / "beside.xml"
        file.write_text(sheet("beside", Flow((*RINGS, Pause(BESIDE_MS), *GIVEN_UP))))
        command = self._command(file, free_port(self._transport), flow.beside, flow.beside)
        made = subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(lambda: len(box.words) - begins >= flow.beside, 5)
        return made

    def _command(self, file: Path, port: int, calls: int, at_once: int) -> list[str]:
        command = ["sipp", f"127.0.0.1:{self._box.port}", "-sf", str(file), "-i", "127.0.0.1"]
        command += ["-p", str(port), "-m", str(calls), "-l", str(at_once), "-nostdin"]
        command += ["-r", str(5 * at_once), "-t", MODES[self._transport]]
        return [*command, "-recv_timeout", str(RECEIVE_MS)]

    def _sipp(self, name: str, flow: Flow) -> str:
        file, errors = self._folder / "flow.xml", self._folder / "errors.log"
        file.write_text(sheet(name, flow), encoding="utf-8")
        errors.unlink(missing_ok=True)
        # A registrar is there before the box asks it, at a place of its own: what the last one was
        # told at its end is not for the next.
        registers = bool(flow.trunk.get("register"))
        port = self._port if flow.dials and not registers else free_port(self._transport)
        command = self._command(file, port, flow.calls, 1)
        command += ["-trace_err", "-error_file", str(errors)]
        if flow.lost:
            command += ["-lost", str(flow.lost)]
        if flow.echo:
            command += ["-rtp_echo", "-mp", str(free_port("udp") & ~1)]
        limit_s = flow.most_s * flow.calls
        sipp = subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            if flow.dials or registers:
                wait_for(lambda: listens(self._transport, port), 5)
            if registers:
                self._change(flow, port)
            if flow.dials:
                for _ in range(flow.calls):
                    self._dial(flow)
            _, words = sipp.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            sipp.kill()
            sipp.communicate()
            return f"did not end within {limit_s} s"
        # With losses what is noticed inside decides: what SIPp lost it may count as a failure.
        if sipp.returncode == 0 or flow.lost:
            return ""
        said = errors.read_text(errors="replace") if errors.exists() else ""
        return f"status {sipp.returncode}: {(said or words.decode(errors='replace'))[:900]}"

    def _dial(self, flow: Flow) -> None:
        """The box calls, and clears or gives up if the flow says so."""
        box = self._box
        if self._transport == "tcp":
            # The connection to the SIPp before has ended; sipd shall have seen that.
            time.sleep(APART_S)  # noqa: TID251  # as above
        begins = len(box.words)
        box.call(flow.dials, withheld=flow.withheld)
        if flow.gives_up_ms is not None:
            time.sleep(flow.gives_up_ms / 1_000)  # noqa: TID251  # as a person waits
            box.release()
        if flow.clears_ms is not None:
            wait_for(lambda: any(w.startswith("talks") for w in box.words[begins:]), flow.most_s)
            time.sleep(flow.clears_ms / 1_000)  # noqa: TID251  # as a person talks
            box.release()
        wait_for(lambda: any(w.startswith("over") for w in box.words[begins:]), flow.most_s)
