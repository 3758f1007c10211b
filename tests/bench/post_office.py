"""A mail server of the bench (aiosmtpd): STARTTLS or TLS by its own authority; mails as files.

It may also behave badly: stuck, refusing, without encryption, with a stranger's certificate.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Self

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


class PostOffice:
    """Takes mail on a port of the loopback interface.

    Args:
        port: 0 for any.
        security: ``starttls``, ``tls`` or ``none``.
        name: The certificate is for this name.
        user: Wanted with ``password``; empty for nobody in particular.
        answer: What is said to a recipient and to a mail, by its moment (``rcpt``, ``data``); None
            takes it.
        stuck: A mail is taken and never answered.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        security: str = "starttls",
        name: str = "localhost",
        user: str = "",
        password: str = "",
        answer: Callable[[str, str], str | None] = lambda _moment, _to: None,
        stuck: bool = False,
        took: Callable[[EmailMessage], None] = lambda _mail: None,
    ) -> None:
        self.mails: list[EmailMessage] = []
        authority = trustme.CA()
        self.authority = authority.cert_pem.bytes().decode()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        self._answer, self._stuck, self._took = answer, stuck, took
        self._user, self._password = user, password
        more: dict[str, Any] = {}
        if security == "starttls":
            more = {"tls_context": context, "require_starttls": True}
        if user:
            more |= {"authenticator": self._sign_in, "auth_required": True}
            more["auth_require_tls"] = security != "tls"  # it comes encrypted already
        self._controller = _Controller(
            self,
            hostname=HOST,
            port=port,
            ssl_context=context if security == "tls" else None,
            **more,
            ready_timeout=20.0,
        )

    @property
    def port(self) -> int:
        """Where it is."""
        return self._controller.port

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def _sign_in(
        self, _server: SMTP, _s: Session, _e: Envelope, _how: str, data: Any
    ) -> AuthResult:
        right = LoginPassword(self._user.encode(), self._password.encode())
        return AuthResult(success=data == right, handled=False)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: list[str]
    ) -> str:
        """A recipient."""
        said = self._answer("rcpt", to)
        if said is None:
            envelope.rcpt_tos.append(to)
        return said or "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """A mail."""
        if self._stuck:
            await asyncio.Event().wait()
        said = self._answer("data", envelope.rcpt_tos[0])
        if said is not None and not said.startswith("2"):
            return said
        content = envelope.content
        assert isinstance(content, bytes)
        mail = BytesParser(policy=default).parsebytes(content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self._took(mail)
        return said or "250 taken"


class _Controller(Controller):
    """On a port that the system gives, where none is named."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def open_office(folder: Path, port: int) -> PostOffice:
    """One whose mails become files of ``folder``, with ``authority.pem`` beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    count = len(list(folder.glob("*.eml")))

    def took(mail: EmailMessage) -> None:
        nonlocal count
        count += 1
        (folder / f"{count:04}.eml").write_bytes(bytes(mail))
        print(f"mail to {mail['To']}: {mail['Subject']}", flush=True)

    office = PostOffice(port=port, took=took)
    (folder / "authority.pem").write_text(office.authority, encoding="ascii")
    return office
