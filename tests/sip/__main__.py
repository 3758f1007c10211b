"""Run the flows by SIPp against sipd: ``python -m tests.sip [WORD ...]``; status 1 if one fails."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.sip_box import SipBox
from tests.sip.flows import FLOWS, xml

LIMIT_S = 20


def free_port(kind: socket.SocketKind) -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def play(box: SipBox, name: str, folder: Path, port: int, transport: str, calls: int = 2) -> str:
    """One flow, so many times one after the other; empty, or what went wrong."""
    file = folder / "flow.xml"
    file.write_text(xml(name, FLOWS[name]), encoding="utf-8")
    errors = folder / "errors.log"
    errors.unlink(missing_ok=True)
    command = ["sipp", f"127.0.0.1:{box.port}", "-sf", str(file), "-i", "127.0.0.1"]
    command += ["-p", str(port), "-m", str(calls), "-l", "1", "-nostdin", "-r", "5"]
    command += ["-t", {"udp": "u1", "tcp": "t1"}[transport], "-recv_timeout", "4000"]
    command += ["-trace_err", "-error_file", str(errors)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LIMIT_S, cwd=folder
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {LIMIT_S} s"
    if done.returncode == 0:
        return ""
    said = errors.read_text(errors="replace") if errors.exists() else done.stderr
    return f"status {done.returncode}: {said[:300]}"


def main(words: list[str]) -> int:
    """Every flow, or those with one of the words in their name."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="tipring-sip-") as text:
        for transport, kind in (("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)):
            port = free_port(kind)
            with SipBox(port, transport, {"100": "flow:main", "200": "201"}) as box:
                for name in FLOWS:
                    if words and not any(word in name for word in words):
                        continue
                    # A port of its own each time: a connection that just ended lingers.
                    wrong = play(box, name, Path(text), free_port(kind), transport)
                    failed += bool(wrong)
                    print(f"{transport}  {'FAILED' if wrong else 'held  '}  {name}")
                    if wrong:
                        print("      " + wrong.replace("\n", "\n      "))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
