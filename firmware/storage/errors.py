"""What can go wrong in keeping things; the root is an ``OSError``, like all trouble with a card."""

from __future__ import annotations


class StorageError(OSError):
    """Root: something could not be kept or read. The message is one sentence."""


class StorageBusyError(StorageError):
    """Another program has the writer's lock."""


class StorageLostError(StorageError):
    """Neither the document nor any earlier generation can be read; nothing was changed."""


class SchemaTooNewError(StorageError):
    """Written by a newer firmware. Refused rather than guessed at; nothing was changed."""


class RecordsUnavailable(StorageError):  # noqa: N818 - a state, not a mistake
    """The records cannot be read now: not made yet, or call control is starting."""


class RecordsDamagedError(StorageError):
    """The records' file fails its check."""


class SettingsConflictError(Exception):
    """Somebody else saved in between: the editor began with a version that is not the newest."""


class UnknownVersionError(Exception):
    """There is no such version of the settings, or it is no longer kept."""


class SettingsTooLargeError(ValueError):
    """The settings are longer than the limit."""
