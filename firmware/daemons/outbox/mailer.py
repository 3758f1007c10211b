"""Mail by SMTP: encrypted or not at all, the server's certificate checked, never longer than told.

RFC 5321 (SMTP), 3207 (STARTTLS), 8314 (TLS from the first byte), 4954 (AUTH). Replies of the 500s
are lasting, of the 400s worth another try (RFC 5321, 4.2.1).
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Final, cast

from firmware.core.outbox_settings import Mail
from firmware.outbox.delivery import Fault

WITHIN_S: Final = 60.0
"""For a whole mail: a report is 100 kB, a message of two minutes 2 MB. Whoever sends a byte now and
then gets no more time than others."""
STEP_S: Final = 20.0
LONGEST_SAID: Final = 160


class MailError(Exception):
    """It was not taken; ``fault`` says whose fault that is."""

    def __init__(self, why: str, fault: Fault) -> None:
        super().__init__(why)
        self.fault = fault


def trusted(authority: str) -> ssl.SSLContext:
    """Whom we believe: the usual authorities, or the office's own alone.

    Raises:
        MailError: the certificate of the settings is none.
    """
    try:
        return ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError) as problem:
        raise MailError(f"the certificate of the authority is none: {problem}", "channel") from None


def send(mail: Mail, message: EmailMessage, *, within_s: float = WITHIN_S) -> None:
    """Hand one mail over.

    Args:
        mail: The server.
        message: With its sender and its one recipient.
        within_s: For all of it.

    Raises:
        MailError: the server has not taken it.
    """
    try:
        with _opened(mail, within_s) as server:
            if mail.user:
                server.login(mail.user, mail.password)
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        raise MailError(_said(code, said), _fault(code)) from None
    except smtplib.SMTPAuthenticationError as refused:
        why = _said(refused.smtp_code, refused.smtp_error)
        raise MailError(why, "channel") from None
    except smtplib.SMTPSenderRefused as refused:
        raise MailError(_said(refused.smtp_code, refused.smtp_error), "channel") from None
    except smtplib.SMTPDataError as refused:
        why = _said(refused.smtp_code, refused.smtp_error)
        raise MailError(why, _fault(refused.smtp_code)) from None
    except ssl.SSLCertVerificationError as problem:
        why = f"the server's certificate is not believed: {problem.verify_message}"
        raise MailError(why, "channel") from None
    except (smtplib.SMTPException, OSError, ValueError) as problem:
        why = str(problem)[:LONGEST_SAID] or type(problem).__name__
        raise MailError(f"{mail.server}: {why}", "channel") from None


class _Watch:
    """Shuts a connection when its time is over, whatever it is doing then."""

    def __init__(self, within_s: float) -> None:
        self.sock: socket.socket | None = None
        self._timer = threading.Timer(within_s, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def over(self) -> None:
        self._timer.cancel()


class _Smtp(smtplib.SMTP):
    """Watched from its first byte on: the greeting is read by the constructor already."""

    watch: _Watch

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self.watch.sock = found = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # the library's own hook
        return cast("socket.socket", found)


class _SmtpTls(smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""

    watch: _Watch

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self.watch.sock = found = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # the library's own hook
        return cast("socket.socket", found)


@contextlib.contextmanager
def _opened(mail: Mail, within_s: float) -> Iterator[smtplib.SMTP]:
    context = trusted(mail.authority)
    step_s = min(STEP_S, within_s)
    watch = _Watch(within_s)
    server: smtplib.SMTP | None = None
    try:
        if mail.security == "tls":
            watched = type("_Server", (_SmtpTls,), {"watch": watch})
            server = watched(mail.server, mail.port, timeout=step_s, context=context)
        else:
            watched = type("_Server", (_Smtp,), {"watch": watch})
            server = watched(mail.server, mail.port, timeout=step_s)
            server.starttls(context=context)  # a server that offers none ends it here
            watch.sock = server.sock
        yield server
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        watch.over()
        if server is not None:
            server.close()


def _fault(code: int) -> Fault:
    return "lasting" if code >= 500 else "item"


def _said(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"[:LONGEST_SAID]
