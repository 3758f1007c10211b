"""What people ask of calld about recordings: hear one, hold it, remove it, lock them all."""

from __future__ import annotations

import msgspec

from firmware.control.office_messages import OfficeRequest


class OpenRecording(OfficeRequest, frozen=True, kw_only=True, tag="open_recording"):
    """Have a recording as WAV in the box's memory for a while; ``action`` is play or export."""

    recording: str
    action: str = "play"


class HoldRecording(OfficeRequest, frozen=True, kw_only=True, tag="hold_recording"):
    """It may not be removed, or may again."""

    recording: str
    held: bool
    why: str


class DeleteRecording(OfficeRequest, frozen=True, kw_only=True, tag="delete_recording"):
    """Remove it so that no byte of it stays."""

    recording: str
    why: str


class LockRecordings(OfficeRequest, frozen=True, kw_only=True, tag="lock_recordings"):
    """Protect the key by a pass-phrase; ``unlock`` lets recordings be opened until a stop."""

    passphrase: str
    unlock: bool = False


class RecordingDone(msgspec.Struct, frozen=True, kw_only=True, tag="recording_done"):
    """It was done. ``path`` is the WAV, ``size`` and ``sha256`` of what was removed."""

    recording: str = ""
    path: str = ""
    size: int = 0
    sha256: str = ""


AnyRecordingRequest = OpenRecording | HoldRecording | DeleteRecording | LockRecordings
