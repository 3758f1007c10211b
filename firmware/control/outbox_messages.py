"""What outboxd and calld tell each other, and what people ask about what leaves the box."""

from __future__ import annotations

from typing import Literal

import msgspec

from firmware.control.office_messages import OfficeRequest
from firmware.core.outbox_settings import Outbox
from firmware.core.report_settings import Target


class OutboxRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Something that outboxd asks of calld, or tells it.

    ``tell`` numbers what is to be kept; the answer carries it, so that none is taken for another's.
    """

    tell: int = 0


class AskOutbox(OutboxRequest, frozen=True, kw_only=True, tag="ask_outbox"):
    """What is to be sent. Answered as soon as there is something that the asker does not know.

    Attributes:
        change: Of the answer before, 0 for none.
        hands: Items that outboxd has, with how often people had each sent again.
    """

    change: int = 0
    hands: dict[int, int] = {}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be sent, its words filled in.

    ``unsure``: a part of it may be with the network already. ``parts``: references of those that
    are. ``age_ms``: since it was wanted, at ``made_ms`` by the wall clock.
    """

    item: int
    kind: str
    to: str
    language: str
    template: str
    text: str
    data: str = ""
    call: str = ""
    age_ms: int = 0
    made_ms: int = 0
    tries: int = 0
    again: int = 0
    unsure: bool = False
    parts: tuple[int, ...] = ()


class OutboxNews(msgspec.Struct, frozen=True, kw_only=True, tag="outbox_news"):
    """Answer to ``AskOutbox``.

    Attributes:
        change: To be passed with the next question.
        settings: Those in force.
        language: The office's.
        office: Its name.
        items: New ones, and those that people had sent again.
        gone: Items in hand that are not wanted any more.
        balance: Ask the carrier for the balance.
        printed: Number of the last entry whose call is on the printer's cable.
        more: There are others behind these items.
        zone: The office's, of IANA.
        targets: What its figures are to reach.
    """

    change: int
    settings: Outbox
    language: str = "zh-CN"
    office: str = ""
    items: tuple[Item, ...] = ()
    gone: tuple[int, ...] = ()
    balance: int = 0
    printed: int = 0
    more: bool = False
    zone: str = "UTC"
    targets: tuple[Target, ...] = ()


class OutboxTried(OutboxRequest, frozen=True, kw_only=True, tag="outbox_tried"):
    """How an item stands now; answered when that is kept.

    ``state`` is ``waiting`` (it failed and is tried later), ``sending``, ``sent``, ``delivered``
    or ``failed``.
    """

    item: int
    state: str
    tries: int = 0
    why: str = ""
    parts: tuple[int, ...] = ()


class TextReported(OutboxRequest, frozen=True, kw_only=True, tag="text_reported"):
    """The network says what became of a part of a text."""

    reference: int
    number: str
    arrived: bool
    final: bool
    status: int


class TextArrived(OutboxRequest, frozen=True, kw_only=True, tag="text_arrived"):
    """A text came; it may leave the card when this is answered."""

    key: str
    number: str
    text: str


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One way out, for people.

    ``state`` is of ``modem.STATES`` for texts, otherwise ``ready``, ``failing`` or ``off``.
    """

    name: str
    state: str
    detail: str = ""
    signal_dbm: int | None = None
    operator: str = ""
    balance: str = ""
    waiting: int = 0


class ChannelNews(OutboxRequest, frozen=True, kw_only=True, tag="channel_news"):
    """How the ways out are; told when it changes, and every half minute."""

    channels: tuple[Channel, ...]


class LendMessage(OutboxRequest, frozen=True, kw_only=True, tag="lend_message"):
    """Have the sound of a mailbox's message as WAV in memory; ``path`` is of its index."""

    path: str


class OutboxNoted(msgspec.Struct, frozen=True, kw_only=True, tag="outbox_noted"):
    """Answer to what outboxd tells: it is kept, or why not."""

    tell: int
    refused: str = ""


class LinesPrinted(OutboxRequest, frozen=True, kw_only=True, tag="lines_printed"):
    """Calls up to this entry are on the printer's cable."""

    through: int


# --- people -------------------------------------------------------------------------------------


class AskMessages(OfficeRequest, frozen=True, kw_only=True, tag="ask_messages"):
    """How the ways out are."""

    language: str = ""


class ChangeItem(OfficeRequest, frozen=True, kw_only=True, tag="change_item"):
    """Send an item again, or drop it."""

    item: int
    act: Literal["again", "drop"]
    language: str = ""


class AskBalance(OfficeRequest, frozen=True, kw_only=True, tag="ask_balance"):
    """Ask the carrier for the balance of the card."""

    language: str = ""


class SendText(OfficeRequest, frozen=True, kw_only=True, tag="send_text"):
    """Send a text to a number; either words or the name of a wording."""

    number: str
    text: str = ""
    wording: str = ""
    call: str = ""
    language: str = ""


class SendTestMail(OfficeRequest, frozen=True, kw_only=True, tag="send_test_mail"):
    """Send a mail that says that mail works."""

    to: str
    language: str = ""


class MessagesAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="messages_answer"):
    """Answer to all of these: the ways out, and how many wait for each kind."""

    channels: tuple[Channel, ...] = ()
    waiting: dict[str, int] = {}
    item: int = 0


AnyOutboxRequest = (
    AskOutbox
    | OutboxTried
    | TextReported
    | TextArrived
    | ChannelNews
    | LinesPrinted
    | LendMessage
    | AskMessages
    | ChangeItem
    | AskBalance
    | SendText
    | SendTestMail
)
AnyOutboxAnswer = OutboxNews | OutboxNoted | MessagesAnswer
PEOPLE_ASK = (AskMessages, ChangeItem, AskBalance, SendText, SendTestMail)
