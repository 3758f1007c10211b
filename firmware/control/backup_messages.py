"""What people ask of calld about backups: make one now, protect them, how the last ones went."""

from __future__ import annotations

import msgspec

from firmware.control.office_messages import OfficeRequest


class MakeBackup(OfficeRequest, frozen=True, kw_only=True, tag="make_backup"):
    """Make one now in the folder of the settings; ``language`` is the reader's."""

    language: str = "zh-CN"


class ProtectBackups(OfficeRequest, frozen=True, kw_only=True, tag="protect_backups"):
    """From now on backups are sealed with this pass-phrase; the box keeps only its key."""

    passphrase: str


class AskBackups(OfficeRequest, frozen=True, kw_only=True, tag="ask_backups"):
    """How the last backups went."""


class BackupRun(msgspec.Struct, frozen=True, kw_only=True):
    """One backup: what was found as it was restored into a scratch place, or why there is none.

    Attributes:
        at: When it began (ISO 8601, the office's clock).
        file: Its path; empty if there is none.
        size: Bytes of the file.
        files: In it.
        calls: Call records that were read back.
        entries: Entries of the log, whose whole chain was walked along.
        version: Version of the settings that was read back.
        failed: Why there is none, by its name in ``storage.troubles`` or in a program's own words;
            empty if all is well.
        where: The place that was set for it, for that sentence.
    """

    at: str
    file: str = ""
    size: int = 0
    files: int = 0
    calls: int = 0
    entries: int = 0
    version: int = 0
    failed: str = ""
    where: str = ""


class BackupsAnswer(msgspec.Struct, frozen=True, kw_only=True, tag="backups"):
    """Answer to all three, newest run first."""

    runs: tuple[BackupRun, ...] = ()
    protected: bool = False
    folder: str = ""
    running: bool = False


AnyBackupRequest = MakeBackup | ProtectBackups | AskBackups
