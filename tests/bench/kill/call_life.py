"""Keeps the life of one call in three commits; tries once more what was refused.

python call_life.py FOLDER
"""

import sys
from datetime import UTC, datetime, timedelta

from acknowledge import acknowledge, ready

from firmware.core.log_entries import (
    AnyLogEntry,
    CallClosed,
    CallOffered,
    Cleared,
    ClearedBy,
    Direction,
    LineAnswered,
    Outcome,
    Side,
    TelephoneAnswered,
    TelephoneRings,
    VoicesConnected,
)
from firmware.storage.records import Records

BOOT = "boot-a"
STAGES = ("offered", "answered", "ended")


def wall(at_ms: int) -> datetime:
    """The clock ``at_ms`` after the boot."""
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)


def stages(call: str) -> list[list[AnyLogEntry]]:
    """Entries of the three commits."""
    return [
        [CallOffered(call=call, at_ms=1000, direction=Direction.INBOUND, origin="fxo/1")],
        [
            LineAnswered(call=call, at_ms=7000, port="fxo/1"),
            TelephoneRings(call=call, at_ms=9000, port="fxs/1", extension="201"),
            TelephoneAnswered(call=call, at_ms=12_000, port="fxs/1", extension="201"),
        ],
        [
            VoicesConnected(call=call, at_ms=12_010, parties=("fxo/1", "fxs/1")),
            Cleared(call=call, at_ms=72_010, side=Side.CUSTOMER, by=ClearedBy.LOOP_BREAK),
            CallClosed(call=call, at_ms=72_020, outcome=Outcome.ANSWERED),
        ],
    ]


def main(folder: str) -> None:
    try:
        records = Records.open(f"{folder}/records.sqlite")
        records.close_interrupted(boot=BOOT, wall=wall(0), now_ms=0)
        call = records.next_call_id()
        acknowledge(f"id {call}")
        for stage, entries in zip(STAGES, stages(call), strict=True):
            now_ms = entries[-1].at_ms
            for trial in range(2):
                try:
                    records.append(
                        entries, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms
                    )
                    break
                except OSError:
                    acknowledge(f"refused {stage}")
                    if trial:
                        raise
            acknowledge(f"kept {stage}")
        records.close()
        acknowledge("closed")
    except OSError as error:
        sys.exit(f"gave up: {error}")


if __name__ == "__main__":
    ready()
    main(sys.argv[1])
