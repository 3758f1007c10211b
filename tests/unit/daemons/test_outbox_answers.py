"""What calld and outboxd tell each other arrives, or is told again: no answer is another's."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import msgspec

from firmware.control.messages import MAX_MESSAGE_BYTES, Refused
from firmware.control.outbox_messages import (
    AskOutbox,
    ChannelNews,
    Item,
    LinesPrinted,
    OutboxNews,
    OutboxNoted,
    OutboxTried,
)
from firmware.core.outbox_settings import Mail, Outbox
from firmware.daemons.outbox.outboxd import Outboxd, SendMail, ToCalld
from tests.unit.daemons.test_outboxd import Office


def told(doing: list[Any]) -> list[Any]:
    return [what.message for what in doing if isinstance(what, ToCalld)]


def with_mail() -> tuple[Outboxd, list[Any]]:
    core = Outboxd(has_modem=False)
    core.connected(0)
    item = Item(item=4, kind="mail", to="a@b.cn", language="en", template="test", text="")
    mail = Mail(server="localhost", sender="box@b.cn")
    news = OutboxNews(change=1, settings=Outbox(mail=mail), items=(item,))
    doing = core.from_calld(news, 10)
    assert any(isinstance(what, SendMail) for what in doing)
    return core, doing


def test_an_answer_belongs_to_what_it_answers_whatever_was_told_meanwhile() -> None:
    """The cable's note is answered first; the mail's is refused, and is told again."""
    core, _ = with_mail()
    (tried,) = [m for m in told(core.done(4, 20)) if isinstance(m, OutboxTried)]
    (printed,) = [m for m in told(core.printed(77, 21)) if isinstance(m, LinesPrinted)]
    assert tried.tell != printed.tell
    assert not told(core.from_calld(OutboxNoted(tell=printed.tell), 22))
    core.from_calld(OutboxNoted(tell=tried.tell, refused="the card is full"), 23)
    core.from_calld(Refused(id="x", message="of nobody"), 24)
    again = told(core.advance(6_000))
    assert [(m.item, m.state) for m in again if isinstance(m, OutboxTried)] == [(4, "delivered")]
    assert not [m for m in again if isinstance(m, LinesPrinted)]


def test_calld_is_asked_once_and_not_again_by_the_clock() -> None:
    core, doing = with_mail()
    assert [m.change for m in told(doing) if isinstance(m, AskOutbox)] == [1]
    later = [m for at in range(1, 20) for m in told(core.advance(at * 30_000))]
    assert not [m for m in later if isinstance(m, AskOutbox)]
    assert [m for m in later if isinstance(m, ChannelNews)], "it lives, and says so"


def test_an_answer_that_could_not_be_put_together_is_given_later(tmp_path: Path) -> None:
    """An item that cannot be read stands in the way; once it is mended, what waits goes."""
    office = Office(tmp_path)
    office.let(10_000)
    assert office.calld is not None
    connection = office.calld._records._connection
    connection.execute("CREATE TRIGGER torn AFTER INSERT ON outbox BEGIN "
                       "UPDATE outbox SET parts = '[1' WHERE item = NEW.item; END")  # fmt: skip
    office.send("first")
    office.let(20_000)
    assert office.postman.network.texts() == []
    connection.execute("DROP TRIGGER torn")
    connection.execute("UPDATE outbox SET parts = '[]'")
    office.let(40_000)
    assert [words for _, words in office.postman.network.texts()] == ["first"]
    office.close()


def test_as_many_long_texts_as_there_may_be_fit_into_packets(tmp_path: Path) -> None:
    """A packet has an end: what does not fit into one answer comes with the next."""
    office = Office(tmp_path)
    office.postman.unplug()
    office.let(1_000)
    for n in range(60):
        office.send(f"{n:02}" + "好" * 998, f"138001380{n:02d}")
    assert office.calld is not None
    hands: dict[int, int] = {}
    for _ in range(60):
        answers: list[OutboxNews] = []
        office.calld.request(AskOutbox(hands=hands), answers.append, office.now, office.wall)
        assert len(msgspec.json.encode(answers[0])) < MAX_MESSAGE_BYTES
        assert answers[0].items
        hands |= {item.item: item.again for item in answers[0].items}
        if not answers[0].more:
            break
    assert len(hands) == 60
    office.close()


def test_what_makes_a_defect_is_answered_too(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.let(1_000)
    assert office.calld is not None
    answers: list[OutboxNoted] = []
    broken = OutboxTried(item=2**70, state="sent", tell=9)  # no number of a row
    with contextlib.suppress(OverflowError):  # the loop around calld notes it and goes on
        office.calld.request(broken, answers.append, office.now, office.wall)
    assert [(one.tell, one.refused) for one in answers] == [(9, "a defect")]
    office.close()
