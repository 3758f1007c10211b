"""Messages as words. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec

from firmware.control.outbox_messages import Channel
from firmware.outbox.reasons import reason
from firmware.outbox.segments import cut
from firmware.storage.outbox import OPEN, Arrived, OutboxItem

LONGEST = 120
KINDS = {"sms": "text", "mail": "mail", "hook": "hook", "mqtt": "mqtt"}


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the list; words by their keys."""

    item: int
    at: str
    kind: str
    to: str
    text: str
    state: str
    why: str
    tries: int
    parts: int
    call: str
    open: bool
    again: bool


def item_row(item: OutboxItem, language: str) -> ItemRow:
    """What the list shows of a message."""
    words = item.text or item.template
    try:
        parts = len(cut(item.text)) if item.kind == "sms" and item.text else 0
    except ValueError:
        parts = 0
    return ItemRow(
        item=item.item,
        at=moment(item.created_ms),
        kind=f"message-kind.{KINDS.get(item.kind, item.kind)}",
        to=item.number,
        text=words if len(words) <= LONGEST else words[:LONGEST] + "…",
        state=f"message-state.{item.state}",
        why=reason(item.why, language),
        tries=item.tries,
        parts=parts,
        call=item.call,
        open=item.state in OPEN,
        again=bool(item.number),
    )


class ArrivedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One text that came."""

    at: str
    number: str
    text: str
    customer: int
    ticket: int
    call: str


def arrived_row(text: Arrived) -> ArrivedRow:
    """What the list shows of a text that came."""
    return ArrivedRow(
        at=moment(text.came_ms),
        number=text.number,
        text=text.text,
        customer=text.customer,
        ticket=text.ticket,
        call=text.call,
    )


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One way out."""

    name: str
    state: str
    bad: bool
    details: tuple[str, ...]


GOOD = frozenset({"ready", "off", "starting"})


def channel_row(channel: Channel, language: str) -> ChannelRow:
    """How a way out is."""
    signal = "" if channel.signal_dbm is None else f"{channel.signal_dbm} dBm"
    if signal:
        zh = language.startswith("zh")
        signal += f"（{bars(channel.signal_dbm)}/5）" if zh else f" ({bars(channel.signal_dbm)}/5)"
    details = (channel.operator, signal, channel.balance, channel.detail)
    return ChannelRow(
        name=f"way.{channel.name}",
        state=f"channel-state.{channel.state}",
        bad=channel.state not in GOOD,
        details=tuple(part for part in details if part),
    )


MAY_SEE_MONEY = frozenset({"owner", "supervisor", "installer"})
"""Those who may open the page of messages: what a carrier says may name the office's number."""


def modem_row(channel: Channel, roles: Collection[str], language: str) -> ChannelRow:
    """How the modem is, for the overview that everybody sees."""
    if not MAY_SEE_MONEY & set(roles):
        channel = msgspec.structs.replace(channel, balance="", detail="")
    return channel_row(channel, language)


def bars(dbm: int | None) -> int:
    """Bars as a mobile telephone shows them, 0 to 5; chosen, steps of 10 dB from -105 dBm."""
    return 0 if dbm is None else max(0, min(5, (dbm + 115) // 10))


def moment(ms: int) -> str:
    """Milliseconds since 1970 as the page's clock reads them."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()
