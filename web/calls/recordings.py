"""Recordings: found, heard with both sides apart, taken out by id, held against removal.

Whoever hears or takes out a recording is put down by calld before he gets it. Opening is a POST;
what is opened is lent to that session for a while, under a name that nobody guesses.
"""

from __future__ import annotations

import secrets
import threading
import time
import wave
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from firmware.control.recording_messages import HoldRecording, OpenRecording, RecordingDone
from firmware.core.log_entries import Direction
from firmware.storage.call_query import CallFilter
from firmware.storage.errors import StorageError
from firmware.storage.projection import CallRecord
from web.asking import RefusedError, ask, asker, phone, records
from web.calls.ribbon import marks
from web.calls.wave import COLUMNS as WAVE_COLUMNS
from web.calls.wave import Wave, wave_of
from web.export import BATCH
from web.gate import form_key, open_to, the_box
from web.numbers import clock
from web.status.present import destination, jack, local_time, names_of
from web.table import MOST_ROWS, Cell, Column, shown
from web.words import t

blueprint = Blueprint("recordings", __name__, url_prefix="/recordings")

ROLES: Final = ("owner", "supervisor", "reviewer")
DECIDE: Final = ("owner", "supervisor")
LENT_S: Final = 1_800.0
"""So long an opened recording may be listened to before it must be opened again."""

MOST_LENT: Final = 64
OPEN_MS: Final = 60_000  # an hour of sound is opened in some ten seconds on the slowest board
USUAL_DAYS: Final = 31
COLUMNS: Final = (
    Column("at", "started"),
    Column("direction", "direction"),
    Column("caller", "caller"),
    Column("to", "destination"),
    Column("length", "length", number=True),
    Column("recording", "recording-id"),
    Column("held", "recording-held"),
)

Answer = str | BaseResponse | tuple[str, int]


class Lent(msgspec.Struct, frozen=True, kw_only=True):
    """One opened recording: for which session, until when (monotonic)."""

    recording: str
    path: Path
    key: str
    until_s: float


class Loans:
    """Recordings that are open, by their tokens; the oldest makes room."""

    def __init__(self) -> None:
        self._lent: dict[str, Lent] = {}
        self._lock = threading.Lock()

    def lend(self, recording: str, path: Path, key: str, now_s: float) -> str:
        """Remember it; the token that opens it."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._lent[token] = Lent(
                recording=recording, path=path, key=key, until_s=now_s + LENT_S
            )
            while len(self._lent) > MOST_LENT:
                del self._lent[next(iter(self._lent))]
        return token

    def find(self, token: str, recording: str, key: str, now_s: float) -> Path | None:
        """The file, for the session that opened this recording, while its time lasts."""
        with self._lock:
            lent = self._lent.get(token)
        if lent is None or now_s > lent.until_s or (lent.recording, lent.key) != (recording, key):
            return None
        return lent.path if lent.path.exists() else None


@blueprint.record_once
def _keep(state: Any) -> None:
    state.app.extensions["loans"] = Loans()


def _loans() -> Loans:
    found: Loans = current_app.extensions["loans"]
    return found


@blueprint.get("/")
@open_to(*ROLES)
def index() -> str | Response:
    """Recordings of a span of days, newest first."""
    return _list()


def _list(problem: str = "") -> str | Response:
    since, until = _span()
    direction = request.args.get("direction", "")
    wanted = CallFilter(
        since=since,
        until=until,
        direction=Direction(direction) if direction in set(Direction) else None,
        number=_digits(request.args.get("number", "")),
    )
    try:
        rows = list(islice(_everything(wanted), MOST_ROWS + 1))
    except StorageError:
        rows = []
    return shown(
        "calls/recordings.html",
        "recordings",
        COLUMNS,
        rows[:MOST_ROWS],
        more=len(rows) > MOST_ROWS,
        every=lambda: _everything(wanted),
        since=since.date().isoformat(),
        until=(until - timedelta(days=1)).date().isoformat(),
        directions=[str(one) for one in Direction],
        problem=problem,
    )


def _everything(wanted: CallFilter) -> Iterator[dict[str, Cell]]:
    """Every recording of these calls, newest first; the records are opened for some at a time."""
    last = None
    while True:
        with records() as log:
            held, by_hand = log.cases.held_calls(), log.cases.held_recordings()
            calls = log.calls(BATCH, last, wanted)
        for record in calls:
            for one in record.recordings:
                why = (*held.get(record.call, ()), *filter(None, (by_hand.get(one.recording),)))
                yield _row(record, one, why)
        if len(calls) < BATCH:
            return
        last = calls[-1].call


def _span() -> tuple[datetime, datetime]:
    """From one day to another, both whole; the last month unless something else is asked for."""
    now = datetime.now().astimezone()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for name, usual in (("since", today - timedelta(days=USUAL_DAYS)), ("until", today)):
        try:
            found.append(datetime.fromisoformat(request.args.get(name, "")[:10]).astimezone())
        except ValueError:
            found.append(usual)
    return found[0], found[1] + timedelta(days=1)


def _digits(text: str) -> str | None:
    digits = "".join(sign for sign in text if sign.isdecimal() and sign.isascii())
    return digits or None


def _row(record: CallRecord, one: Any, held: tuple[str, ...]) -> dict[str, Cell]:
    why = [t(f"held.{w}") if w in {"bad_mark", "complaint"} else w for w in held]
    to = record.extension or record.dialled or destination(record.destination, g.language)
    return {
        "at": Cell(local_time(record.t0_wall)[:16], record.t0_wall),
        "direction": Cell(t(f"direction.{record.direction}")),
        "caller": Cell(phone(record.caller_number), small=record.caller_name),
        "to": Cell(phone(to)),
        "length": Cell(clock(one.duration_ms or 0), one.duration_ms or 0),
        "recording": Cell(one.recording, href=url_for("recordings.show", recording=one.recording)),
        "held": Cell(", ".join(why)),
    }


@blueprint.get("/<recording>")
@open_to(*ROLES)
def show(recording: str) -> Answer:
    """One recording: to be opened, or, once it is, to be heard."""
    return _page(recording)


@blueprint.post("/<recording>/open")
@open_to(*ROLES)
def open_one(recording: str) -> Answer:
    """Open it for this session; that is put down."""
    _record(recording)
    try:
        done = ask(
            OpenRecording(recording=recording, **_audited()), RecordingDone, answer_ms=OPEN_MS
        )
    except RefusedError as refused:
        return _page(recording, refused.sentence), 409
    token = _loans().lend(recording, Path(done.path), form_key(), time.monotonic())
    return redirect(url_for(".show", recording=recording, opened=token), code=303)


@blueprint.get("/<recording>.wav")
@open_to(*ROLES)
def sound(recording: str) -> Response:
    """What was opened, to be heard; parts of it when the browser asks for parts."""
    path = _loans().find(request.args.get("opened", ""), recording, form_key(), time.monotonic())
    if path is None:
        raise NotFound
    return send_file(path, mimetype="audio/wav", conditional=True)


@blueprint.post("/<recording>/take")
@open_to(*ROLES)
def take(recording: str) -> Answer:
    """Take it out as a file; that is put down as an export."""
    _record(recording)
    try:
        wanted = OpenRecording(recording=recording, action="export", **_audited())
        done = ask(wanted, RecordingDone, answer_ms=OPEN_MS)
    except RefusedError as refused:
        return _page(recording, refused.sentence), 409
    try:
        return send_file(
            done.path,
            mimetype="audio/wav",
            as_attachment=True,
            download_name=f"{recording}.wav",
        )
    except OSError as problem:
        return _page(recording, str(problem)), 409


@blueprint.post("/<recording>/hold")
@open_to(*DECIDE)
def hold(recording: str) -> Answer:
    """It may not be removed, or may again; with a reason."""
    _record(recording)
    why, held = request.form.get("why", "").strip(), request.form.get("act") == "hold"
    if held and not why:
        return _page(recording, problems={"why": t("hold-why")}), 422
    wanted = HoldRecording(recording=recording, held=held, why=why, **_audited())
    try:
        ask(wanted, RecordingDone)
    except RefusedError as refused:
        return _page(recording, refused.sentence), 409
    return redirect(url_for(".show", recording=recording), code=303)


def _audited() -> dict[str, Any]:
    said = asker()
    del said["language"]
    return said


def _record(recording: str) -> CallRecord:
    """The call of a recording.

    Raises:
        NotFound: there is none of that id.
    """
    call = recording.rpartition("-")[0]
    try:
        with records() as log:
            record = log.call(call)
    except StorageError:
        record = None
    if record is None or all(one.recording != recording for one in record.recordings):
        raise NotFound
    return record


def _page(recording: str, problem: str = "", problems: dict[str, str] | None = None) -> str:
    record = _record(recording)
    token = request.args.get("opened", "")
    path = _loans().find(token, recording, form_key(), time.monotonic()) if token else None
    picture: Wave | None = None
    if path is not None:
        try:
            picture = wave_of(path)
        except (OSError, wave.Error, EOFError) as wrong:
            problem = problem or str(wrong)
    with records() as log:
        entries = [event.entry for event in log.events(record.call)]
    one = next(r for r in record.recordings if r.recording == recording)
    names = names_of(the_box().status(), g.language)
    return render_template(
        "calls/recording.html",
        record=record,
        recording=recording,
        one=one,
        port=names.get(one.port) or jack(one.port, g.language),
        picture=picture,
        token=token if path is not None else "",
        marks=[
            m
            for m in marks(entries, recording)
            if one.duration_ms is None or m.at_ms <= one.duration_ms
        ],
        holds=_holds(recording),
        width=WAVE_COLUMNS,
        problem=problem,
        problems=problems or {},
        typed=request.form,
    )


def _holds(recording: str) -> str:
    """Why it is held by hand, empty if it is not."""
    try:
        with records() as log:
            return log.cases.held_recordings().get(recording, "")
    except StorageError:
        return ""
