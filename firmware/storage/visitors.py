"""Who is signed in on the page, and who has to wait after wrong passwords.

The page's own file, the only one it writes: nothing of the office is in it. Of a session only the
hash of its key is kept, so that a stolen card opens no page. Waiting times survive a restart;
pulling the plug shall not renew anybody's guesses.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

FILE_NAME: Final = "visitors.sqlite"

IDLE: Final = timedelta(hours=12)
"""A session nobody uses ends: one working day."""

LONGEST: Final = timedelta(days=7)
"""A session ends however much it is used."""

SEEN_EVERY: Final = timedelta(minutes=10)
"""How often its last use is written down: the card is worn by writing."""

TOKEN_PREFIX: Final = "tipring_"  # noqa: S105  # lets a scanner of files know a key when it sees one
"""What every program's key begins with."""

FREE_TRIES: Final = 3
"""Wrong passwords without a wait; typing errors are no attack."""

LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)

_SHAPE: Final = """
CREATE TABLE IF NOT EXISTS session (
    key_hash TEXT PRIMARY KEY, account TEXT NOT NULL, form_key TEXT NOT NULL,
    began TEXT NOT NULL, seen TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS wait (
    who TEXT PRIMARY KEY, wrong INTEGER NOT NULL, last TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS token (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key_hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    account TEXT NOT NULL, scopes TEXT NOT NULL, made TEXT NOT NULL, seen TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is signed in.

    Attributes:
        account: Name of his account, as it is written in the settings.
        form_key: What every form of his carries, so that no other site can send one for him.
    """

    account: str
    form_key: str


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A program that may ask the box.

    Attributes:
        id: Names it on the page.
        name: What its owner calls it.
        account: For whom it acts; it may never do more than he.
        scopes: What of that it may do.
        made, seen: When it was given, and last used; UTC, ISO 8601, ``seen`` empty for never.
    """

    id: int
    name: str
    account: str
    scopes: tuple[str, ...]
    made: str
    seen: str = ""


class Visitors:
    """Sessions and waiting times. Safe to use from many request threads.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._base = sqlite3.connect(
            folder / FILE_NAME, check_same_thread=False, isolation_level=None
        )
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.executescript(_SHAPE)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._base.close()

    # --- sessions ---------------------------------------------------------------------------------

    def begin(self, account: str, now: datetime) -> tuple[str, Session]:
        """Somebody has signed in: the key for his browser, which is kept nowhere else."""
        key = secrets.token_urlsafe(32)
        session = Session(account=account, form_key=secrets.token_urlsafe(24))
        with self._lock:
            self._base.execute(
                "DELETE FROM session WHERE seen < ? OR began < ?",
                (_text(now - IDLE), _text(now - LONGEST)),
            )
            self._base.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
                (_hash(key), account, session.form_key, _text(now), _text(now)),
            )
        return key, session

    def find(self, key: str, now: datetime) -> Session | None:
        """Whose key it is; None for an unknown, ended or too old one."""
        if not key:
            return None
        hashed = _hash(key)
        with self._lock:
            row = self._base.execute(
                "SELECT account, form_key, seen FROM session"
                " WHERE key_hash = ? AND seen >= ? AND began >= ?",
                (hashed, _text(now - IDLE), _text(now - LONGEST)),
            ).fetchone()
            if row is None:
                return None
            if row[2] < _text(now - SEEN_EVERY):
                self._base.execute(
                    "UPDATE session SET seen = ? WHERE key_hash = ?", (_text(now), hashed)
                )
        return Session(account=row[0], form_key=row[1])

    def end(self, key: str) -> None:
        """Sign out."""
        with self._lock:
            self._base.execute("DELETE FROM session WHERE key_hash = ?", (_hash(key),))

    def end_all(self, account: str, *, keep: str = "") -> None:
        """Sign somebody out everywhere, but for the browser with the key ``keep``."""
        with self._lock:
            self._base.execute(
                "DELETE FROM session WHERE account = ? AND key_hash <> ?", (account, _hash(keep))
            )

    def counts(self, now: datetime) -> dict[str, int]:
        """How many browsers are signed in, by account."""
        with self._lock:
            rows = self._base.execute(
                "SELECT account, count(*) FROM session WHERE seen >= ? AND began >= ?"
                " GROUP BY account",
                (_text(now - IDLE), _text(now - LONGEST)),
            ).fetchall()
        return {str(account): int(number) for account, number in rows}

    # --- programs ---------------------------------------------------------------------------------

    def give_token(self, name: str, account: str, scopes: tuple[str, ...], now: datetime) -> str:
        """A key for a program; it is told once and kept as its hash only."""
        key = TOKEN_PREFIX + secrets.token_urlsafe(32)
        with self._lock:
            self._base.execute(
                "INSERT INTO token (key_hash, name, account, scopes, made, seen)"
                " VALUES (?, ?, ?, ?, ?, '')",
                (_hash(key), name, account, " ".join(scopes), _text(now)),
            )
        return key

    def find_token(self, key: str, now: datetime) -> Token | None:
        """Whose key it is; None for an unknown one."""
        if not key.startswith(TOKEN_PREFIX):
            return None
        with self._lock:
            row = self._base.execute(
                "SELECT id, name, account, scopes, made, seen FROM token WHERE key_hash = ?",
                (_hash(key),),
            ).fetchone()
            if row is not None and row[5] < _text(now - SEEN_EVERY):
                self._base.execute("UPDATE token SET seen = ? WHERE id = ?", (_text(now), row[0]))
        return None if row is None else _token(row)

    def tokens(self) -> list[Token]:
        """Every program, the oldest first."""
        with self._lock:
            rows = self._base.execute(
                "SELECT id, name, account, scopes, made, seen FROM token ORDER BY id"
            ).fetchall()
        return [_token(row) for row in rows]

    def take_token(self, token: int) -> None:
        """The program's key is worth nothing from now on."""
        with self._lock:
            self._base.execute("DELETE FROM token WHERE id = ?", (token,))

    # --- notes ------------------------------------------------------------------------------------

    def note(self, name: str) -> str:
        """What the page remembers under a name, such as how far the first steps came."""
        with self._lock:
            row = self._base.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def keep_note(self, name: str, value: str) -> None:
        """Remember something; nothing of the office belongs here."""
        with self._lock:
            self._base.execute(
                "INSERT INTO note VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    # --- waiting ----------------------------------------------------------------------------------

    def wrong(self, who: str, now: datetime) -> None:
        """A wrong password: ``who`` is an account or where it came from."""
        with self._lock:
            self._base.execute("DELETE FROM wait WHERE last < ?", (_text(now - FORGOTTEN_AFTER),))
            self._base.execute(
                "INSERT INTO wait VALUES (?, 1, ?)"
                " ON CONFLICT (who) DO UPDATE SET wrong = wrong + 1, last = excluded.last",
                (who, _text(now)),
            )

    def right(self, who: str) -> None:
        """The right password: what went before is forgotten."""
        with self._lock:
            self._base.execute("DELETE FROM wait WHERE who = ?", (who,))

    def wait_s(self, who: str, now: datetime) -> int:
        """How long he has to wait before the next try, in seconds: 1, 2, 4 and so on."""
        with self._lock:
            row = self._base.execute(
                "SELECT wrong, last FROM wait WHERE who = ?", (who,)
            ).fetchone()
        if row is None or row[0] <= FREE_TRIES:
            return 0
        wait = min(timedelta(seconds=2 ** min(row[0] - FREE_TRIES - 1, 20)), LONGEST_WAIT)
        left = datetime.fromisoformat(row[1]) + wait - now
        return max(0, -int(-left.total_seconds() // 1))


def _token(row: tuple[int, str, str, str, str, str]) -> Token:
    number, name, account, scopes, made, seen = row
    return Token(
        id=number, name=name, account=account, scopes=tuple(scopes.split()), made=made, seen=seen
    )


def _hash(key: str) -> str:
    # The key has 256 random bits: nothing slower than one digest is needed.
    return hashlib.sha256(key.encode()).hexdigest()


def _text(moment: datetime) -> str:
    # One form for all, so that texts compare as times.
    return moment.isoformat(timespec="seconds")
