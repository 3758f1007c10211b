"""Drawings of the state machines in the folders' READMEs, from the tables.

``python -m tests.unit.diagrams`` writes them anew; a test fails while one is stale.
"""

from __future__ import annotations

from pathlib import Path

from firmware.acd.agent import AGENT
from firmware.call.leg import LEG
from firmware.call.session import SESSION
from firmware.call.states import CALL
from firmware.core.fsm import Table, mermaid
from firmware.port.fxo_states import FXO_PORT
from firmware.port.fxs_port import FXS_PORT
from firmware.port.sip_states import SIP_PORT
from firmware.quality.incident import TABLE as INCIDENT
from firmware.quality.review import TABLE as REVIEW
from firmware.sip.trunk import TRUNK
from firmware.tickets.states import TABLE as TICKET

ROOT = Path(__file__).parents[2]
DRAWINGS: dict[str, tuple[Table, ...]] = {
    "firmware/acd/README.md": (AGENT,),
    "firmware/quality/README.md": (REVIEW, INCIDENT),
    "firmware/tickets/README.md": (TICKET,),
    "firmware/sip/README.md": (TRUNK,),
    "firmware/port/README.md": (FXS_PORT, FXO_PORT, SIP_PORT),
    "firmware/call/README.md": (CALL, LEG, SESSION),
}


def drawn(text: str, table: Table) -> str:
    """The README's text with the drawing of one table put between its marks."""
    begin, end = f"<!-- begin {table.name} -->\n", f"<!-- end {table.name} -->"
    before, begin_found, rest = text.partition(begin)
    _, end_found, after = rest.partition(end)
    if not (begin_found and end_found):
        raise ValueError(f"the marks of {table.name} are missing")
    return f"{before}{begin}```mermaid\n{mermaid(table)}```\n{end}{after}"


def main() -> None:
    """Write every drawing."""
    for name, tables in DRAWINGS.items():
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        for table in tables:
            text = drawn(text, table)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
