"""Entries of the event log about the sound of trunk calls."""

from __future__ import annotations

from firmware.core.log_entry import LogEntry


class TrunkMeasured(LogEntry, frozen=True, kw_only=True, tag="trunk_measured"):
    """How the sound of one leg travelled, told at its end; may come when the call is closed.

    What arrived here was counted here; what the far side got of ours is what it reported (RTCP,
    RFC 3550, clause 6.4), and 0 where it sends no reports.

    Attributes:
        port: The leg, ``sip/N``.
        codec: As SDP names it, empty where no sound ever flowed.
        transport: Of the messages: udp, tcp, tls.
        secured: Sound was encrypted (SRTP).
        packets: Received.
        lost: Of those that should have come.
        late: Came, and too late to be played.
        jitter_ms: Mean of the interarrival jitter (RFC 3550, clause 6.4.1).
        round_trip_ms: Mean.
        mos: Estimate of what was heard here, 1.0 to 4.5, by the E-model (ITU-T G.107); 0.0 is none.
        sent: Packets that were sent.
        far_lost: Of these, what the far side missed.
        far_jitter_ms: As the far side saw it.
        far_mos: The same estimate for the far side.
    """

    port: str
    codec: str = ""
    transport: str = ""
    secured: bool = False
    packets: int = 0
    lost: int = 0
    late: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    mos: float = 0.0
    sent: int = 0
    far_lost: int = 0
    far_jitter_ms: float = 0.0
    far_mos: float = 0.0

    @property
    def loss_percent(self) -> float:
        """Of what should have been heard here; what came too late was not heard either."""
        due = self.packets + self.lost
        return round(100.0 * min(due, self.lost + self.late) / due, 1) if due else 0.0

    @property
    def far_loss_percent(self) -> float:
        """Of what the far side should have heard."""
        return round(100.0 * self.far_lost / self.sent, 1) if self.sent else 0.0
