"""Mail to a genuine server on loopback: encrypted, believed, refused, stuck, lying."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from firmware.core.outbox_settings import Mail
from firmware.daemons.outbox.mailer import MailError, send
from firmware.outbox.letter import Attached, Letter, message
from tests.bench.post_office import PostOffice

LONG_S = 60.0  # no test waits so long
WORDS = "您的报表 😀"


def mail_to(office: PostOffice, **more: Any) -> Mail:
    known = {
        "server": "localhost",
        "port": office.port,
        "sender": "box@shop.example",
        "authority": office.authority,
    }
    return Mail(**{**known, **more})


def letter(to: str = "owner@shop.example") -> EmailMessage:
    return message(
        Letter(
            subject=f"{WORDS}\r\nBcc: thief@evil.example",
            text=WORDS,
            attached=(Attached("r.pdf", "application/pdf", b"%PDF"),),
        ),
        item=7,
        made_ms=1_790_000_000_000,
        sender="box@shop.example",
        to=to,
        office="小店",
        date="Mon, 02 Mar 2026 09:00:00 +0800",
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_arrives_encrypted_with_what_is_attached(security: str) -> None:
    with PostOffice(security=security, user="box", password="secret") as office:  # noqa: S106  # of a test
        send(mail_to(office, security=security, user="box", password="secret"), letter())  # noqa: S106  # the same
    (mail,) = office.mails
    assert mail["Subject"] == f"{WORDS}  Bcc: thief@evil.example"
    assert mail["Bcc"] is None
    assert mail["From"] == "小店 <box@shop.example>"
    assert mail["Message-ID"] == "<1790000000000.7.tipring@shop.example>"
    body, file = mail.iter_parts()
    assert body.get_content().strip() == WORDS
    assert (file.get_filename(), file.get_content()) == ("r.pdf", b"%PDF")


@pytest.mark.parametrize(
    ("more", "settings", "why", "fault"),
    [
        ({}, {"authority": ""}, "certificate is not believed", "channel"),
        ({"name": "other.example"}, {}, "certificate is not believed", "channel"),
        ({"security": "none"}, {}, "STARTTLS", "channel"),
        ({"user": "box", "password": "a"}, {"user": "box", "password": "b"}, "535", "channel"),
        ({}, {"authority": "-----BEGIN CERTIFICATE-----\nx"}, "authority is none", "channel"),
    ],
)
def test_whom_we_do_not_believe_gets_no_mail(
    more: dict[str, str], settings: dict[str, str], why: str, fault: str
) -> None:
    with PostOffice(**more) as office, pytest.raises(MailError, match=why) as refused:
        send(mail_to(office, **settings), letter())
    assert refused.value.fault == fault
    assert not office.mails


@pytest.mark.parametrize(
    ("moment", "said", "fault"),
    [
        ("rcpt", "550 no such user", "lasting"),
        ("rcpt", "451 greylisted", "item"),
        ("data", "452 disk full", "item"),
        ("data", "554 spam", "lasting"),
    ],
)
def test_refusals_say_whose_fault_it_is(moment: str, said: str, fault: str) -> None:
    def answer(now: str, _to: str) -> str | None:
        return said if now == moment else None

    with PostOffice(answer=answer) as office, pytest.raises(MailError, match=said) as refused:
        send(mail_to(office), letter())
    assert refused.value.fault == fault
    assert not office.mails


def test_a_server_that_never_answers_takes_no_more_than_its_time() -> None:
    with PostOffice(stuck=True) as office, pytest.raises(MailError) as refused:
        send(mail_to(office), letter(), within_s=1.0)
    assert refused.value.fault == "channel"


@pytest.fixture
def liar() -> Iterator[int]:
    """Speaks as no mail server does, a byte now and then, without end."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def lie() -> None:
        caller, _ = listener.accept()
        with caller:
            while not over.wait(0.05):
                try:
                    caller.sendall(b"2")
                except OSError:
                    return

    thread = threading.Thread(target=lie, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    over.set()
    thread.join(LONG_S)
    listener.close()


def test_a_server_that_drips_bytes_takes_no_more_than_its_time(liar: int) -> None:
    mail = Mail(server="localhost", port=liar, sender="box@shop.example")
    with pytest.raises(MailError) as refused:
        send(mail, letter(), within_s=1.0)
    assert refused.value.fault == "channel"


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(MailError) as refused:
        send(Mail(server="localhost", port=port, sender="box@shop.example"), letter())
    assert refused.value.fault == "channel"
