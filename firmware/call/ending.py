"""What every call has: parties, a journal, and one end that gives everything back."""

from __future__ import annotations

from typing import Any

from firmware.call.feature_codes import Asked
from firmware.call.hunting import Hunt
from firmware.call.journal import Journal
from firmware.call.leg import LegEnd
from firmware.call.orders import Dissolve, Interrupt, Summon
from firmware.call.outside import Outside
from firmware.call.parties import Parties
from firmware.call.routing import Ports
from firmware.core.commands import StopRecording
from firmware.core.countries import country as country_of
from firmware.core.destinations import Destination, EndFlow, FlowResult
from firmware.core.events import RecordingFinished
from firmware.core.fsm import STAY, Machine
from firmware.core.log_entries import ClearedBy, Direction, Outcome, PartyLeft, Side
from firmware.core.port_events import CallerIdentified, PortLost
from firmware.core.settings import Mode, Settings
from firmware.core.timers import Times

SPOKEN = ("zh-CN", "en")
"""Languages in which a call has sentences of its own."""


class Ending(Machine):
    """What a call is made of.

    Args:
        call: Its id.
        settings: The office's settings when it began; a later change counts from the next call.
        ports: What routing may ask about the jacks.
        emergency: The country's emergency numbers.
        folder: Where recordings go.
        times: Timers in force.
        mode: Day, lunch, night or holiday, as the call began.
        announcement: A message that a caller from the outside hears first, empty for none.
        outside: Who may call outside, by which line, and how much; the office's one object.
    """

    __slots__ = (
        "_asked",
        "_cadence",
        "_consent",
        "_dial_out",
        "_emergency",
        "_flow",
        "_folder",
        "_hunt",
        "_hushed",
        "_keys",
        "_language",
        "_last_result",
        "_noticed",
        "_notices",
        "_onward",
        "_outside",
        "_paused",
        "_plays",
        "_ports",
        "_record_anyway",
        "_returned",
        "_rooms",
        "_sender",
        "_sent_on",
        "_served_by_flow",
        "_sounding",
        "_summons",
        "_target",
        "_told",
        "_tried",
        "_whispered",
        "_whispers",
        "account",
        "agents",
        "announcement",
        "call",
        "called_place",
        "destination",
        "forwarder",
        "goes_back",
        "hops",
        "journal",
        "known_of_him",
        "mode",
        "parties",
        "price",
        "settings",
        "transfer_allowed",
        "walker",
    )

    def __init__(
        self,
        call: str,
        settings: Settings,
        ports: Ports,
        emergency: tuple[str, ...],
        folder: str = "recordings",
        times: Times | None = None,
        *,
        mode: Mode = "day",
        announcement: str = "",
        outside: Outside | None = None,
    ) -> None:
        super().__init__(times)
        self.call = call
        self.mode: Mode = mode
        self.called_place = ""  # where a trunk says that calls to the dialled number go
        self.announcement = announcement
        self.settings = settings
        self.journal = Journal(call)
        self.parties = Parties(call)
        self.destination: Destination | None = None
        self._ports = ports
        self._emergency = emergency
        self._folder = folder
        self._outside = outside or Outside(settings, country_of(settings.country))
        self._tried: set[str] = set()  # lines this call has had
        self._rooms = 0  # how often a line was asked for in an emergency
        self._dial_out = ""  # what the line taken is to be sent
        self._keys = ""  # pressed in a conversation that went out
        self.walker = ""  # the extension whose user calls from another's telephone
        self.account = ""  # what the call is booked to
        self._cadence = "normal"
        self._hunt = Hunt()
        self._onward = ("", "")  # a telephone, and where its calls go that nobody answers
        self.goes_back = False  # a code was carried out and its sentence is over
        self.hops = 0  # how often the caller was passed on
        self.known_of_him: tuple[str, ...] = ()  # prompts for whoever has the caller next
        self.transfer_allowed = False  # a PIN allows one more time
        self._record_anyway = False  # asked for during the conversation
        self._target = ""  # the extension the caller is passed to
        self._told = ""  # the telephone that hears who sends it a call
        self._whispered: tuple[str, ...] = ()  # what it hears
        self._returned: tuple[str, ...] = ()  # what the sender will hear of a call that is back
        self._summons: Summon | None = None  # why the box rings its telephone
        self.forwarder = ""  # the extension that sends this call outside, if not the caller
        self.price: int | None = None  # of a minute on the way taken
        self._flow = ""
        self._asked = Asked(service="")
        self._plays = 0
        self._sent_on = False  # forwarded since nobody answered, once in a call
        self._sender = ""  # the telephone that held, handed over or parked the call
        self._sounding: tuple[str, ...] = ()  # who hears our ringback or music
        self._last_result: FlowResult | None = None
        self._language = ""  # that the caller chose
        self._consent = ""  # to recording, as a flow learned it
        self._notices: dict[str, tuple[str, int]] = {}  # plays of the notice: port, begun at
        self._noticed = False  # those who are recorded have heard it
        self.agents: tuple[str, ...] = ()  # who were rung for the caller, by queue
        self._paused = False  # by code
        self._hushed = False  # while the caller is in a menu
        self._served_by_flow = False
        self._whispers = 0  # sentences still to be heard before an agent has his caller

    @property
    def label(self) -> str:
        """The call's name in the log of transitions."""
        return f"call {self.call}"

    @property
    def language(self) -> str:
        """In which people outside are spoken to: as they chose in a menu, or the office's."""
        return self._language or self.settings.language

    @property
    def origin(self) -> str:
        """The port where the call began."""
        return self.journal.origin

    def take_moves(self) -> list[str]:
        """Transitions of the call and of its legs."""
        legs, self.parties.moves = self.parties.moves, []
        return legs + super().take_moves()

    def ring_as(self, cadence: str) -> None:
        """Telephones of this call ring so."""
        self._cadence = cadence

    def go_on_to(self, extension: str, number: str) -> None:
        """Nobody answers: the call goes to this number, at the expense of this telephone."""
        self._onward = (extension, number)

    def _ignore(self, _event: Any, _now_ms: int) -> str:
        return STAY

    def _identity(self, event: CallerIdentified, _now_ms: int) -> str:
        self.do(self.journal.identified(event))
        return STAY

    def _recording_ended(self, event: RecordingFinished, _now_ms: int) -> str:
        self.do(self.journal.recording_ended(event.recording, event.duration_ms, event.at_ms))
        return "closed" if self.state == "closing" else STAY

    def _leave(self, port: str, now_ms: int, cause: LegEnd = LegEnd.GONE) -> None:
        self.do(PartyLeft(call=self.call, at_ms=now_ms, port=port))
        self.do(*self.parties.end(port, cause, now_ms))

    def _others_go_on(self, port: str, now_ms: int, cause: LegEnd) -> bool:
        """The party leaves; whether enough people are left for the call to go on."""
        waits = self.state in {"held", "transferring", "parked", "returning"}
        left = [other for other in self.parties.here() if other != port]
        leg = self.parties.legs.get(port)
        if leg is None or port in self.parties.away or len(left) < (1 if waits else 2):
            return False
        self._leave(port, now_ms, cause)
        self.do(*self.parties.join())
        return True

    def _side_of(self, port: str) -> Side:
        leg = self.parties.legs.get(port)
        if leg is not None and leg.kind == "line":
            return Side.CUSTOMER
        if self.journal.direction is Direction.INTERNAL and port == self.origin:
            return Side.CUSTOMER
        return Side.AGENT

    def _port_lost(self, event: PortLost, now_ms: int) -> str:
        leg = self.parties.legs.get(event.port)
        if leg is None:
            return STAY
        if leg.ringing:
            self.do(*self.parties.end(event.port, LegEnd.FAILED, now_ms))
            return STAY
        if self._others_go_on(event.port, now_ms, LegEnd.GONE):
            return STAY
        return self._end(
            Outcome.ANSWERED if self.journal.connected else Outcome.FAILED,
            Side.SYSTEM,
            ClearedBy.FAULT,
            event.at_ms,
            event.port,
            event.reason,
            gone=event.port,
        )

    def _dissolved(self, order: Dissolve, now_ms: int) -> str:
        for port in tuple(self.parties.legs):
            self.parties.give_away(port)
        return self._end(
            Outcome.ANSWERED if self.journal.connected else Outcome.SERVICE,
            Side.AGENT,
            ClearedBy.ROUTING,
            now_ms,
            detail=order.detail,
        )

    def _interrupted(self, order: Interrupt, _now_ms: int) -> str:
        if self.state == "closing":
            return "closed"  # the conversation was over; only its recording was waited for
        if self.state in {"refusing", "parting"}:
            self._let_go(order.at_ms)  # how it ended has been said
            return "closed"
        outcome = Outcome.ANSWERED if self.journal.connected else Outcome.INTERRUPTED
        self._end(outcome, order.side, order.by, order.at_ms, order.port, order.detail)
        return "closed"

    def _end(
        self,
        outcome: Outcome,
        side: Side,
        by: ClearedBy,
        at_ms: int,
        port: str = "",
        detail: str = "",
        *,
        gone: str = "",
        tone: LegEnd = LegEnd.CLEARED,
        ringing: LegEnd = LegEnd.WITHDRAWN,
    ) -> str:
        """End everything the call owns; the state to go to is the answer.

        ``gone`` is the party that needs nothing more, ``tone`` what the others are left with.
        """
        self.do(*self.journal.ended(outcome, side, by, at_ms, port, detail))
        return self._let_go(at_ms, gone=gone, tone=tone, ringing=ringing)

    def _let_go(
        self,
        at_ms: int,
        *,
        gone: str = "",
        tone: LegEnd = LegEnd.CLEARED,
        ringing: LegEnd = LegEnd.WITHDRAWN,
    ) -> str:
        """Give back everything the call owns."""
        if self._flow:
            self.do(EndFlow(call=self.call))
        self.do(*self.parties.bridge.clear())
        if self.journal.recording:
            self.do(StopRecording(recording=self.journal.recording))
        self.do(*self.parties.end_all(at_ms, gone=gone, present=tone, ringing=ringing))
        return "closing" if self.journal.recording else "closed"

    def _close(self, now_ms: int) -> None:
        self.do(*self.journal.closed(now_ms))
