"""What call control asks of the sound path. Line commands are in ``drivers.line``.

Everything is idempotent where a restart may repeat it: a bridge is set whole, a tone replaces a
tone, a recording that runs is not started again.
"""

from __future__ import annotations

import msgspec


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, as it is sent to a telephone. Empty number with ``withheld`` is 'private'."""

    number: str = ""
    name: str = ""
    withheld: bool = False
    encoding: str = "ascii"  # of the name, as the telephone's set shows it


class MediaCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Something one port, or a bridge of ports, shall do with sound."""


class Ring(MediaCommand, frozen=True, tag="ring"):
    """Ring a telephone in the country's cadence (or a named one), telling it who calls.

    The line states of the cadence, and where the identity goes, are lined's own work.
    """

    port: str
    cadence: str = "normal"
    caller: Caller | None = None


class OfferWaiting(MediaCommand, frozen=True, tag="offer_waiting"):
    """Tell a telephone in conversation who knocks, behind the call waiting tone's first burst.

    The talk path is taken away for a quarter of a second, and for the data if the set can show it.
    Ends by itself, with ``StopTone`` on the port, or with the handset.
    """

    port: str
    caller: Caller


class ShowWaiting(MediaCommand, frozen=True, tag="show_waiting"):
    """Tell an idle telephone's set whether messages wait, where the country has data for it.

    Ringing or a lifted handset ends it.
    """

    port: str
    waiting: bool


class StopRinging(MediaCommand, frozen=True, tag="stop_ringing"):
    """Stop whatever rings on the port; nothing happens if nothing does."""

    port: str


class PlayTone(MediaCommand, frozen=True, tag="play_tone"):
    """Sound a named tone of the country (dial, ringback, busy, congestion, ...) until stopped."""

    port: str
    tone: str


class StopTone(MediaCommand, frozen=True, tag="stop_tone"):
    """Silence the tone on the port."""

    port: str


class Play(MediaCommand, frozen=True, tag="play"):
    """Play prompts one after the other towards a port; replaces what plays there.

    ``prompts`` are names in the prompt store with language (``zh-CN/welcome``) or absolute paths
    of owner's prompts. Ends with ``PlayFinished(play)``, also when a file is missing. It begins
    ``after_ms`` of silence, for a line that was answered this moment.
    """

    port: str
    play: str
    prompts: tuple[str, ...]
    loop: bool = False
    after_ms: int = 0


class StopPlay(MediaCommand, frozen=True, tag="stop_play"):
    """Cut the play-out within the block. No ``PlayFinished`` follows."""

    port: str


class SendDigits(MediaCommand, frozen=True, tag="send_digits"):
    """Send DTMF towards a port (a line, or a telephone's far end). Ends with ``DigitsSent``."""

    port: str
    digits: str
    tone_ms: int = 90
    pause_ms: int = 90


class Listen(MediaCommand, frozen=True, tag="listen"):
    """Say which detectors run on what comes from the port. Replaces what was said before."""

    port: str
    digits: bool = False
    progress: bool = False
    caller_id: bool = False
    speech: bool = False


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """One port in a bridge; ``heard_by`` are those who hear it, everybody if empty.

    ``gain_db`` is applied to what it says; ``raise_db`` is how much louder telephones may hear it
    besides, where its speech is faint.
    """

    port: str
    talks: bool = True
    hears: bool = True
    gain_db: float = 0.0
    raise_db: float = 0.0
    heard_by: tuple[str, ...] = ()


class SetBridge(MediaCommand, frozen=True, tag="set_bridge"):
    """Say who is joined in a bridge: everyone hears every talking party but himself.

    The whole membership each time; empty ``parties`` takes the bridge away. ``call`` travels along
    so that a call control that starts anew can adopt the conversation.
    """

    bridge: str
    call: str
    parties: tuple[Party, ...]


class HearFax(MediaCommand, frozen=True, tag="hear_fax"):
    """Say whether a fax machine is listened for on a port that is in no bridge.

    In a bridge with a line or a trunk it is listened for by itself, and heard means clear: what
    passes between these ports is from then on neither cancelled, levelled nor amplified.
    """

    port: str
    wanted: bool


class AttachFax(MediaCommand, frozen=True, tag="attach_fax"):
    """Let a port and a fax end (``fax/1``) hear each other and nobody else; empty ends that."""

    port: str
    end: str = ""


class StartRecording(MediaCommand, frozen=True, tag="start_recording"):
    """Record what ``port`` says (left) and what it hears (right) into one file.

    It is a WAV file, or sealed as it grows for an X25519 public key (hex).
    """

    port: str
    recording: str
    path: str
    hush_keys: bool = False  # while anybody who is heard in it presses keys, silence is kept
    seal_for: str = ""


class StopRecording(MediaCommand, frozen=True, tag="stop_recording"):
    """Close a recording; ``RecordingFinished`` follows."""

    recording: str


class HushRecording(MediaCommand, frozen=True, tag="hush_recording"):
    """Keep silence instead of sound from now on, or sound again; its length goes on."""

    recording: str
    hush: bool


class CloseRelay(MediaCommand, frozen=True, tag="close_relay"):
    """Close a relay of the board for a while: a door opener. ``port`` is whose door it is."""

    port: str
    relay: int
    hold_ms: int


class MeasureLine(MediaCommand, frozen=True, tag="measure_line"):
    """Measure a free exchange line and fit the port to it; ``LineMeasured`` follows in some 8 s.

    ``digit`` ends its dial tone, as pulses where ``pulse`` says so. ``termination`` and ``hybrid``
    are what is in force, for the case that the measurement is broken off.
    """

    port: str
    digit: str = "5"
    pulse: bool = False
    termination: int = 0
    hybrid: tuple[int, ...] = ()


class TryLoop(MediaCommand, frozen=True, tag="try_loop"):
    """Send digits through a free exchange line's chip and back; ``LoopTested`` follows in 0.7 s."""

    port: str


AnyMediaCommand = (
    Ring
    | OfferWaiting
    | ShowWaiting
    | StopRinging
    | PlayTone
    | StopTone
    | Play
    | StopPlay
    | SendDigits
    | Listen
    | SetBridge
    | HearFax
    | AttachFax
    | StartRecording
    | StopRecording
    | HushRecording
    | MeasureLine
    | TryLoop
    | CloseRelay
)
