"""Run the flows by SIPp against sipd: ``python -m tests.sip [WORD ...]``; status 1 if one fails."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from firmware.daemons.trunk.library import load, native
from tests.bench.sip_box import SipBox
from tests.sip.flows import FLOWS
from tests.sip.run import NUMBERS, Runner, free_port


def main(words: list[str]) -> int:
    """Every flow, or those with one of the words in their name."""
    failed = held = 0
    begin = time.monotonic()
    gate = hasattr(native(load()), "tipring_gate_allow")
    with tempfile.TemporaryDirectory(prefix="tipring-sip-") as text:
        for transport in ("udp", "tcp"):
            port = free_port(transport)
            with SipBox(port, transport, NUMBERS) as box:
                runner = Runner(box, port, transport, Path(text))
                for name, flow in FLOWS.items():
                    wanted = not words or any(word in name for word in words)
                    if not wanted or transport not in flow.over:
                        continue
                    if flow.gate and not gate:
                        print(f"{transport}  left out  {name}: this build has no gate")
                        continue
                    wrong = runner.play(name, flow)
                    failed, held = failed + bool(wrong), held + (not wrong)
                    print(f"{transport}  {'FAILED' if wrong else 'held  '}  {name}", flush=True)
                    if wrong:
                        print("      " + wrong.replace("\n", "\n      "), flush=True)
    seconds = time.monotonic() - begin
    print(f"{len(FLOWS)} flows: {held} held, {failed} failed, both transports, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
