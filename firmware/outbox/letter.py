"""Mails as they are put together: words, what is attached, and a name that a second try has too.

Bytes and values in, a message out; nothing is sent here. RFC 5322 and 2045 to 2047 are the standard
library's; ``Message-ID`` is the same for every try of an item, so that a server or a reader can
tell a second copy (RFC 5322, 3.6.4).
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

import msgspec

NO_CONTROLS: Final = dict.fromkeys((*range(32), 127), " ")


class Attached(msgspec.Struct, frozen=True):
    """One file of a mail: name, MIME type (``application/pdf``), contents."""

    name: str
    kind: str
    data: bytes


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says."""

    subject: str
    text: str
    attached: tuple[Attached, ...] = ()


def message(
    letter: Letter, *, item: int, made_ms: int, sender: str, to: str, office: str, date: str
) -> EmailMessage:
    """The whole mail.

    Args:
        letter: What it says.
        item: Its number.
        made_ms: When it was wanted; with the number it names the mail.
        sender: Address it comes from.
        to: Address it goes to.
        office: Name before the sender's address, empty for none.
        date: As RFC 5322, 3.3 writes it.

    Raises:
        ValueError: an address cannot be one.
    """
    made = EmailMessage()
    made["Subject"] = letter.subject.translate(NO_CONTROLS)
    made["From"] = Address(display_name=office.translate(NO_CONTROLS), addr_spec=sender)
    made["To"] = Address(addr_spec=to)
    made["Date"] = date
    domain = sender.rpartition("@")[2]
    made["Message-ID"] = f"<{made_ms}.{item}.tipring@{domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5: no holiday reply wanted
    made.set_content(letter.text)
    for file in letter.attached:
        main, _, sub = file.kind.partition("/")
        made.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return made


WORDS: Final[dict[str, tuple[str, str]]] = {
    "test": ("测试邮件：邮件工作正常", "A test: mail works"),
    "test-text": (
        "这是总机发出的测试邮件。收到它就说明邮件设置正确。",
        "The telephone system sent this as a test. That you read it says that mail works.",
    ),
    "voicemail": ("{mailbox} 的新留言：{caller}", "New message for {mailbox}: {caller}"),
    "voicemail-text": (
        "{left_at}\n来电：{caller} {name}\n时长：{seconds} 秒\n",
        "{left_at}\nFrom: {caller} {name}\nLength: {seconds} s\n",
    ),
    "no-sound": (
        "录音无法打开，请在话机上听取。\n",
        "The sound could not be opened; listen to it at your telephone.\n",
    ),
    "sound-here": (
        "录音没有附上，请在话机上听取。\n",
        "The sound is not attached; listen to it at your telephone.\n",
    ),
    "sound-large": (
        "录音太长，没有附上，请在话机上听取。\n",
        "The sound is too long to be attached; listen to it at your telephone.\n",
    ),
    "fax": ("传真 #{fax}：{caller}，{pages} 页", "Fax #{fax} from {caller}, {pages} pages"),
    "fax-text": (
        "来自：{caller}\n页数：{pages}\n传真见附件。\n",
        "From: {caller}\nPages: {pages}\nThe fax is attached.\n",
    ),
    "fax-lacks": (
        "注意：没有收全（{why}），请联系对方重发其余页。\n",
        "Note: it is not complete ({why}); ask the sender for the rest.\n",
    ),
    "fax-gone": (
        "页面无法打开，请在网页上查看。\n",
        "The pages could not be opened; look at them on the page.\n",
    ),
    "unknown": ("未知号码", "unknown number"),
    "report-text": ("报表见附件。\n", "The report is attached.\n"),
}


def word(key: str, language: str, **values: object) -> str:
    """A word or sentence in the reader's language."""
    text = WORDS[key][0 if language.startswith("zh") else 1]
    return text.format(**values) if values else text


def voicemail(values: dict[str, str], language: str, sound: bytes) -> Letter:
    """A message of a mailbox.

    Args:
        values: What is known of it; ``sound`` says why its sound is not to be attached.
        language: Of the words.
        sound: A WAV file, empty where it could not be opened.
    """
    known = {**values, "caller": values.get("caller") or word("unknown", language)}
    text = word("voicemail-text", language, **known)
    if not sound:
        why = f"sound-{values['sound']}" if values.get("sound") else "no-sound"
        return Letter(subject=word("voicemail", language, **known), text=text + word(why, language))
    name = f"{known['mailbox']}-{known['left_at'][:19].replace(':', '')}.wav"
    file = Attached(name, "audio/wav", sound)
    return Letter(subject=word("voicemail", language, **known), text=text, attached=(file,))


def fax(values: dict[str, str], language: str, pdf: bytes) -> Letter:
    """A fax that came.

    Args:
        values: What is known of it; ``why`` says why it lacks pages, empty if it does not.
        language: Of the words.
        pdf: Its pages, empty where they could not be opened.
    """
    known = {**values, "caller": values.get("caller") or word("unknown", language)}
    text = word("fax-text", language, **known)
    if known.get("why"):
        text += word("fax-lacks", language, **known)
    if not pdf:
        text = text.splitlines()[0] + "\n" + word("fax-gone", language)
        return Letter(subject=word("fax", language, **known), text=text)
    file = Attached(f"fax-{known['fax']}.pdf", "application/pdf", pdf)
    return Letter(subject=word("fax", language, **known), text=text, attached=(file,))


def test(language: str) -> Letter:
    """A mail that says that mail works."""
    return Letter(subject=word("test", language), text=word("test-text", language))
