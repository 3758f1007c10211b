"""Nodes that talk with the caller: menus, entries, callbacks, notices, surveys, messages, look-ups.

Each is a small machine of questions and keys; what is common to steps is in :mod:`ivr.steps`.

The module is longer than others since the kinds share one way of counting tries and silences,
which must stay the same for all of them.
"""

from __future__ import annotations

from typing import Any, Final

from firmware.core.acd_entries import SurveyAnswered, SurveyOffered, SurveyWay
from firmware.core.destinations import FlowLearned, ToExtension
from firmware.core.menu_entries import (
    CallbackWanted,
    ConsentGiven,
    ConsentRefused,
    EntryTaken,
    ForgetAsked,
    LookUpEnded,
)
from ivr.entries import fits
from ivr.nodes import (
    AskExtension,
    Callback,
    Collect,
    Forget,
    LookUp,
    Menu,
    Node,
    Notice,
    Record,
    Said,
    Speech,
    Survey,
)
from ivr.orders import LookedUp, LookUpWanted, RecordEnds, RecordWanted
from ivr.steps import NOTHING, OPERATOR, LeaveStep, PlayStep, Step, Turn
from ivr.visitor import Visitor

BEEP: Final = "music/beep"
MUSIC: Final = "music/default"
CLOSE_MS: Final = 3_000
"""A recording that is not closed by then is lost; lined takes 120 ms (chosen)."""

SILENCES: Final = 2
"""Waits without a key that end a question where its node has no number of its own (chosen)."""

LEAST_CALLBACK: Final = 5
"""Shortest number that can be called back: service numbers such as 95588 (chosen)."""

MOST_CALLBACK: Final = 20
WAIT_MS: Final = 6_000


class Question(Step):
    """A step that asks, counts wrong keys and silences, and knows the key for a person."""

    listens = True
    broken = False

    def __init__(self, node: Any, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self.wrongs = 0
        self.silences = 0

    def _ask(self, *speeches: Speech, flush: bool = False) -> Turn:
        """Say a question. One that cannot be said in any language leads to a person."""
        turn = self._say(*speeches)
        if not turn.say:
            self.broken = True
            turn = self._say(("system-error",))
        return Turn(say=turn.say, flush=flush)

    def _wrong(self, tries: int, failed: str, *again: Speech) -> Turn:
        self.wrongs += 1
        if self.wrongs >= tries:
            return Turn(exit=failed, flush=True)
        return self._ask(*again, flush=True)

    def _silent(self, silences: int, no_input: str, *again: Speech) -> Turn:
        self.silences += 1
        return Turn(exit=no_input) if self.silences >= silences else self._ask(*again)

    def _wants_person(self, key: str) -> bool:
        return key == "0" and self.visitor.has_operator

    def _wait(self, ms: int) -> Turn:
        return Turn(exit=OPERATOR) if self.broken else Turn(wait_ms=ms)


class MenuStep(Question):
    """One key out of several."""

    node: Menu

    def begin(self) -> Turn:
        """Offer the choices."""
        return self._ask(self.node.say)

    def key(self, key: str) -> Turn | None:
        """Choose."""
        node = self.node
        extension = node.direct and any(e.startswith(key) for e in self.visitor.office.extensions())
        if key in node.choices:
            return Turn(exit=key, choice=key, direct=node.direct if extension else "")
        if extension:
            return Turn(exit="direct", ahead=key)
        if self._wants_person(key):
            return Turn(exit=OPERATOR, choice=key)
        return self._wrong(node.tries, "failed", node.wrong, node.say)

    def played(self) -> Turn:
        """Wait for a key."""
        return self._wait(self.node.wait_ms)

    def expired(self) -> Turn:
        """No key came."""
        return self._silent(self.node.silences, "no_input", self.node.silent, self.node.say)


class CollectStep(Question):
    """Several keys, checked, read back if wanted."""

    node: Collect

    def __init__(self, node: Collect, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self._digits = ""
        self._confirming = False

    def begin(self) -> Turn:
        """Ask."""
        return self._ask(self.node.say)

    def key(self, key: str) -> Turn | None:
        """One more key."""
        if self._confirming:
            return self._confirm_key(key)
        node = self.node
        if key == node.terminator:
            return self._complete()
        if key == "*" and not (node.check == "id_card" and len(self._digits) == 17):
            self._digits = ""
            return self._ask(node.say)
        if key == "#":
            return Turn(wait_ms=node.between_ms)
        self._digits += key
        if len(self._digits) >= node.longest:
            return self._complete()
        return Turn(wait_ms=node.between_ms)

    def played(self) -> Turn:
        """Wait for a key."""
        return self._wait(WAIT_MS if self._confirming else self.node.first_ms)

    def expired(self) -> Turn:
        """No key came, or none more."""
        if self._confirming:
            return self._silent(SILENCES, "no_input", *self._read_back())
        if self._digits:
            return self._complete()
        return self._silent(SILENCES, "no_input", ("no-input",), self.node.say)

    def _complete(self) -> Turn:
        node, digits = self.node, self._digits
        if len(digits) < node.shortest:
            self._digits = ""
            if self._wants_person(digits):
                return Turn(exit=OPERATOR)
            return self._wrong(node.tries, "failed", ("number-too-short",), node.say)
        table = self.visitor.office.table(node.table) if node.table else None
        rows = None if table is None else {key: dict(row) for key, row in table.items()}
        if not fits(node, digits, rows):
            self._digits = ""
            return self._wrong(node.tries, "failed", ("number-wrong",), node.say)
        if node.confirm and not node.secret:
            self._confirming = True
            self.silences = 0
            return self._ask(*self._read_back())
        return self._accept()

    def _read_back(self) -> tuple[Speech, ...]:
        said = Said(kind=self.node.read_as, value=self._digits)
        return ("you-entered-before",), (said,), ("confirm",)

    def _confirm_key(self, key: str) -> Turn:
        if key == "1":
            return self._accept()
        if key == "2":
            self._digits, self._confirming = "", False
            return self._wrong(self.node.tries, "failed", self.node.say)
        if self._wants_person(key):
            return Turn(exit=OPERATOR)
        return self._wrong(self.node.tries, "failed", ("wrong-choice",), *self._read_back())

    def _accept(self) -> Turn:
        node, visitor = self.node, self.visitor
        visitor.values[node.store] = self._digits
        if node.secret:
            visitor.secrets.add(node.store)
        else:
            visitor.secrets.discard(node.store)
        taken = EntryTaken(
            call=visitor.caller.call,
            at_ms=visitor.now_ms,
            name=node.store,
            digits="" if node.secret else self._digits,
            secret=node.secret,
        )
        return Turn(exit="next", then=(taken,))


class AskExtensionStep(Question):
    """An extension by its number, then there."""

    node: AskExtension

    def __init__(self, node: AskExtension, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self._digits = ""

    def begin(self) -> Turn:
        """Ask."""
        return self._ask(self.node.say)

    def key(self, key: str) -> Turn | None:
        """One more digit; a number nobody has is said so as soon as that is sure."""
        known = self.visitor.office.extensions()
        digits = self._digits + key
        begun = [number for number in known if number.startswith(digits)]
        if not begun:
            if not self._digits and self._wants_person(key):
                return Turn(exit=OPERATOR, choice=key)
            return self._unknown()
        self._digits = digits
        if begun == [digits]:
            return self._connect()
        return Turn(wait_ms=self.node.between_ms)

    def played(self) -> Turn:
        """Wait for a key, or go."""
        if self.leaving:
            return Turn(goto=ToExtension(number=self._digits), choice=self._digits)
        return self._wait(self.node.first_ms)

    def expired(self) -> Turn:
        """No key came, or none more."""
        if self._digits in self.visitor.office.extensions():
            return self._connect()
        if self._digits:
            return self._unknown()
        return self._silent(SILENCES, "failed", ("no-input",), self.node.say)

    def _connect(self) -> Turn:
        self.leaving = True
        return self._say(self.node.connecting)

    def _unknown(self) -> Turn:
        self._digits = ""
        return self._wrong(self.node.tries, "failed", ("number-not-in-service",), self.node.say)


class CallbackStep(Question):
    """Offer to call back: at the number he calls from, or one that he keys."""

    node: Callback

    def __init__(self, node: Callback, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        known = visitor.caller.number
        self._number = known if known.isdigit() and len(known) >= LEAST_CALLBACK else ""
        self._entering = not self._number
        self._booked = False

    def begin(self) -> Turn:
        """Offer his own number, or ask for one."""
        return self._ask(*self._question())

    def _question(self) -> tuple[Speech, ...]:
        if self._entering:
            return (("enter-number",),)
        said = Said(kind="digits", value=self._number)
        return ("callback-number-before",), (said,), ("callback-number-confirm",)

    def key(self, key: str) -> Turn | None:
        """A digit of a number, or an answer."""
        if self._booked:
            return Turn(exit="next", ahead=key)
        if self._entering:
            return self._digit(key)
        if key == "1":
            return self._book()
        if key == "2":
            self._number, self._entering = "", True
            return self._wrong(3, "failed", *self._question())
        if self._wants_person(key):
            return Turn(exit=OPERATOR, choice=key)
        return self._wrong(3, "failed", ("wrong-choice",), *self._question())

    def _digit(self, key: str) -> Turn:
        if key == "*":
            self._number = ""
            return self._wrong(3, "failed", *self._question())
        if key == "#":
            return self._entered()
        self._number += key
        return self._entered() if len(self._number) >= MOST_CALLBACK else Turn(wait_ms=WAIT_MS)

    def _entered(self) -> Turn:
        if self._wants_person(self._number):
            return Turn(exit=OPERATOR)
        if len(self._number) < LEAST_CALLBACK:
            self._number = ""
            return self._wrong(3, "failed", ("number-too-short",), *self._question())
        self._entering = False
        self.silences = 0
        return self._ask(*self._question())

    def played(self) -> Turn:
        """Wait for an answer, or go on."""
        return Turn(exit="next") if self._booked else self._wait(WAIT_MS)

    def expired(self) -> Turn:
        """No key came, or none more."""
        if self._entering and self._number:
            return self._entered()
        return self._silent(SILENCES, "failed", ("no-input",), *self._question())

    def _book(self) -> Turn:
        visitor = self.visitor
        self._booked = True
        visitor.served = True
        wanted = CallbackWanted(
            call=visitor.caller.call,
            at_ms=visitor.now_ms,
            number=self._number,
            due_min=self.node.due_min,
            language=visitor.language,
        )
        told = FlowLearned(at_ms=visitor.now_ms, served=True)
        return Turn(then=(wanted, told), say=visitor.words(("callback-booked",)))


class NoticeStep(Question):
    """Something that must have been heard, and an answer to it if one is wanted."""

    listens = False
    node: Notice

    def __init__(self, node: Notice, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self._since_ms = visitor.now_ms
        self._prompts: tuple[str, ...] = ()
        self._heard_ms: int | None = None
        self._decided = False

    def begin(self) -> Turn:
        """Say it."""
        self._prompts = self.visitor.words(self.node.say)
        return Turn(say=self._prompts)

    def key(self, key: str) -> Turn | None:
        """Only what is pressed after the whole notice is an answer to it."""
        if self._heard_ms is None:
            return None
        if key == "1":
            return self._decide(given=True, key=key)
        if key == "2":
            return self._decide(given=False, key=key)
        if self._wants_person(key):
            return Turn(exit=OPERATOR, choice=key, then=self.gone())
        turn = self._wrong(self.node.tries + 1, "refused", ("wrong-choice",), self.node.question)
        return self._decide(given=False) if turn.exit else turn

    def played(self) -> Turn:
        """It was heard; ask, or take staying on the line for an agreement."""
        if self._heard_ms is None:
            self._heard_ms = self.visitor.now_ms - self._since_ms
            if not self.node.ask:
                # A notice that could not be said is none, and nobody agrees to nothing.
                return self._decide(given=bool(self._prompts))
            return self._ask(self.node.question, flush=True)
        return self._wait(self.node.wait_ms)

    def expired(self) -> Turn:
        """Silence is no consent."""
        self.silences += 1
        if self.silences >= self.node.tries:
            return self._decide(given=False)
        return self._ask(self.node.question)

    def gone(self) -> tuple[Any, ...]:
        """He hung up, or asked for a person: how much he heard is kept, and he has not agreed."""
        return () if self._decided else self._decide(given=False).then

    def _decide(self, *, given: bool, key: str = "") -> Turn:
        self._decided = True
        visitor = self.visitor
        heard_ms = self._heard_ms
        kind = ConsentGiven if given else ConsentRefused
        proof = kind(
            call=visitor.caller.call,
            at_ms=visitor.now_ms,
            prompts=self._prompts,
            sha256=visitor.office.fingerprint(self._prompts),
            language=visitor.language,
            heard_ms=visitor.now_ms - self._since_ms if heard_ms is None else heard_ms,
            key=key,
        )
        told = FlowLearned(at_ms=visitor.now_ms, consent="given" if given else "refused")
        return Turn(exit="agreed" if given else "refused", then=(proof, told))


class ForgetStep(Question):
    """Whether recordings of his earlier calls are removed; who says nothing keeps them."""

    node: Forget

    def __init__(self, node: Forget, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self._exit = ""

    def begin(self) -> Turn:
        """Ask; of a number that nobody knows there is nothing to find."""
        number = self.visitor.caller.number
        if len(number) < LEAST_CALLBACK or not number.removeprefix("+").isdigit():
            self._exit = "failed"
            return self._say(("recordings-unknown-number",))
        return self._ask(self.node.question)

    def key(self, key: str) -> Turn | None:
        """1 removes them, 2 leaves them."""
        if self._exit:
            return Turn(exit=self._exit, ahead=key)
        if key == "1":
            return self._forget(key)
        if key == "2":
            return Turn(exit="next", choice=key)
        if self._wants_person(key):
            return Turn(exit=OPERATOR, choice=key)
        return self._wrong(self.node.tries + 1, "next", ("wrong-choice",), self.node.question)

    def played(self) -> Turn:
        """Wait for his answer, or go on."""
        return Turn(exit=self._exit) if self._exit else self._wait(self.node.wait_ms)

    def expired(self) -> Turn:
        """Silence removes nothing."""
        return self._silent(self.node.tries, "next", self.node.question)

    def _forget(self, key: str) -> Turn:
        self._exit = "next"
        visitor = self.visitor
        asked = ForgetAsked(
            call=visitor.caller.call,
            at_ms=visitor.now_ms,
            number=visitor.caller.number,
            language=visitor.language,
            key=key,
        )
        return Turn(then=(asked,), say=visitor.words(("recordings-forgotten",)))


class SurveyStep(Question):
    """An opinion by one key."""

    node: Survey

    def __init__(self, node: Survey, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self._answered = False
        shipped = {2: "survey-two", 3: "survey-ask", 5: "survey-five"}[node.scale]
        self._question: Speech = node.say or (shipped,)

    def _offer(self) -> SurveyOffered:
        return SurveyOffered(
            call=self.visitor.caller.call,
            at_ms=self.visitor.now_ms,
            way=SurveyWay.STAYED,
            scale=self.node.scale,
            question=self.node.name,
        )

    def begin(self) -> Turn:
        """Ask."""
        turn = self._ask(self._question)
        return Turn(say=turn.say, then=(self._offer(),))

    def key(self, key: str) -> Turn | None:
        """The opinion."""
        if self._answered:
            return Turn(exit="next", ahead=key)
        if key in "12345"[: self.node.scale]:
            self._answered = True
            answered = SurveyAnswered(
                call=self.visitor.caller.call,
                at_ms=self.visitor.now_ms,
                way=SurveyWay.STAYED,
                scale=self.node.scale,
                key=int(key),
                question=self.node.name,
            )
            told = FlowLearned(at_ms=self.visitor.now_ms, served=True)
            return Turn(then=(answered, told), say=self.visitor.words(self.node.thanks))
        if self._wants_person(key):
            return Turn(exit=OPERATOR, choice=key)
        return self._wrong(self.node.tries, "next", ("wrong-choice",), self._question)

    def played(self) -> Turn:
        """Wait for a key, or go on."""
        return Turn(exit="next") if self._answered else self._wait(self.node.wait_ms)

    def expired(self) -> Turn:
        """He does not want to say."""
        return self._silent(self.node.tries, "next", self._question)


class RecordStep(Question):
    """Words into a mailbox."""

    listens = False
    node: Record

    def __init__(self, node: Record, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self._state = "asking"  # recording, closing

    def begin(self) -> Turn:
        """Say how it goes, and the beep."""
        return self._say(self.node.say, (BEEP,))

    def key(self, key: str) -> Turn | None:
        """``#`` ends the message, or cuts the instructions short; 0 wants a person before it."""
        if self._state == "asking" and key == "#":
            return self._say((BEEP,))
        if self._state == "asking" and self._wants_person(key):
            return Turn(exit=OPERATOR, choice=key)
        if self._state == "recording" and key == "#":
            return self._close()
        return NOTHING if self._state == "recording" else None

    def played(self) -> Turn:
        """The beep was heard: record."""
        if self._state != "asking":
            return NOTHING
        self._state = "recording"
        wanted = RecordWanted(mailbox=self.node.mailbox, shortest_ms=self.node.shortest_ms)
        return Turn(then=(wanted,), wait_ms=self.node.longest_ms)

    def expired(self) -> Turn:
        """It is long enough, or it could not be closed."""
        return self._close() if self._state == "recording" else Turn(exit="failed")

    def _close(self) -> Turn:
        self._state = "closing"
        return Turn(then=(RecordEnds(),), wait_ms=CLOSE_MS)

    def recorded(self, duration_ms: int) -> Turn:
        """The recording is kept, or was too short."""
        if duration_ms >= self.node.shortest_ms:
            self.visitor.served = True
            told = FlowLearned(at_ms=self.visitor.now_ms, served=True)
            return Turn(exit="next", then=(told,))
        self._state = "asking"
        return self._wrong(2, "failed", ("voicemail-too-short",), (BEEP,))

    def gone(self) -> tuple[Any, ...]:
        """What he said so far is kept."""
        return (RecordEnds(),) if self._state == "recording" else ()


class LookUpStep(Step):
    """An answer from somewhere; the caller hears that it is waited for."""

    node: LookUp

    def __init__(self, node: LookUp, visitor: Visitor) -> None:
        super().__init__(node, visitor)
        self._since_ms = visitor.now_ms
        self._ask = 0
        self._sorry = False

    def begin(self) -> Turn:
        """Ask; what the box has itself is there at once."""
        node, visitor = self.node, self.visitor
        key = visitor.filled(node.key)
        if node.source in {"table", "customers"}:
            table = visitor.office.table(node.name or node.source)
            row = None if table is None else table.get(key)
            failed = "" if table is not None else f"there is no table {node.name}"
            return self.looked_up(
                LookedUp(ask=0, row=None if row is None else dict(row), failed=failed)
            )
        visitor.asks += 1
        self._ask = visitor.asks
        wanted = LookUpWanted(
            ask=self._ask, source=node.source, name=node.name, key=key, limit_ms=node.limit_ms
        )
        say = visitor.words(node.waiting) or (MUSIC,)
        return Turn(then=(wanted,), say=say, wait_ms=node.limit_ms)

    def looked_up(self, answer: LookedUp) -> Turn:
        """It is known, or it is known that nobody knows."""
        if answer.ask != self._ask or self._sorry:
            return NOTHING
        if answer.failed:
            return self._fail()
        if answer.row is None:
            return Turn(exit="not_found", then=(self._end("not_found"),))
        for field, name in self.node.store.items():
            self.visitor.values[name] = answer.row.get(field, "")
        return Turn(exit="found", then=(self._end("found"),))

    def played(self) -> Turn:
        """Still waiting: music, so that he knows the line is alive."""
        return Turn(exit="failed") if self._sorry else Turn(say=(MUSIC,))

    def expired(self) -> Turn:
        """Too late."""
        return NOTHING if self._sorry else self._fail()

    def _fail(self) -> Turn:
        self._sorry = True
        return Turn(then=(self._end("failed"),), say=self.visitor.words(self.node.sorry))

    def _end(self, result: str) -> LookUpEnded:
        visitor = self.visitor
        return LookUpEnded(
            call=visitor.caller.call,
            at_ms=visitor.now_ms,
            source=self.node.source,
            name=self.node.name,
            result=result,
            took_ms=visitor.now_ms - self._since_ms,
        )


_STEPS: Final[dict[str, type[Step]]] = {
    "Play": PlayStep,
    "Menu": MenuStep,
    "Collect": CollectStep,
    "AskExtension": AskExtensionStep,
    "Callback": CallbackStep,
    "Notice": NoticeStep,
    "Forget": ForgetStep,
    "Survey": SurveyStep,
    "Record": RecordStep,
    "LookUp": LookUpStep,
}


def step_for(node: Node, visitor: Visitor) -> Step:
    """The step of a node that talks with the caller, or sends him on."""
    return _STEPS.get(type(node).__name__, LeaveStep)(node, visitor)
