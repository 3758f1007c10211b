"""The owner's own prompts. Files travel to call control in parts; only it writes them."""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, send_file
from flask import url_for as url
from werkzeug.wrappers import Response

from firmware.control.messages import Refused
from firmware.control.prompt_messages import (
    PART_BYTES,
    AskPrompts,
    KeepPrompt,
    PromptGone,
    PromptKept,
    PromptPart,
    PromptsAnswer,
    PromptShown,
    RemovePrompt,
    SpeakPrompt,
)
from web.gate import open_to, the_box
from web.words import t

blueprint = Blueprint("prompts", __name__, url_prefix="/prompts")

LANGUAGES = ("zh-CN", "en", "zh-HK", "music")
KEEP_MS = 20_000  # two minutes of sound are polished in about a second on the slowest board
SPEAK_MS = 200_000

Answer = str | Response | tuple[str, int]


@blueprint.get("/")
@open_to("owner", "installer", "supervisor")
def show() -> Answer:
    """Every prompt of the owner, and how to bring one more."""
    return _page()


@blueprint.get("/<language>/<key>.wav")
@open_to("owner", "installer", "supervisor")
def listen(language: str, key: str) -> Response:
    """One of them, to be heard."""
    if not any((p.language, p.key) == (language, key) for p in own_prompts()):
        abort(404)
    folder: Path = current_app.extensions["prompts"]
    return send_file(folder / language / f"{key}.wav", mimetype="audio/wav", conditional=True)


@blueprint.post("/")
@open_to("owner", "installer")
def bring() -> Answer:
    """Upload a WAV file, or have a text spoken where the voice is installed."""
    typed = request.form
    language, key, text = (
        typed.get("language", ""),
        typed.get("key", "").strip(),
        typed.get("text", ""),
    )
    file = request.files.get("file")
    data = file.read() if file else b""
    if data:
        answer = upload(data, language, key, text)
    elif text.strip():
        spoken = SpeakPrompt(
            language=language, key=key, text=text, who=g.account.name, reader=g.language
        )
        answer = the_box().ask(spoken, answer_ms=SPEAK_MS)
    else:
        return _page(t("prompt-needed")), 422
    if not isinstance(answer, PromptKept):
        return _page(answer.message if isinstance(answer, Refused) else t("failed")), 422
    return redirect(url(".show", kept=f"{answer.prompt.language}/{answer.prompt.key}"), code=303)


@blueprint.post("/<language>/<key>/remove")
@open_to("owner", "installer")
def remove(language: str, key: str) -> Answer:
    """Take one away; the system's own of that name is heard again."""
    answer = the_box().ask(
        RemovePrompt(language=language, key=key, who=g.account.name, reader=g.language)
    )
    if not isinstance(answer, PromptGone):
        return _page(answer.message if isinstance(answer, Refused) else t("failed")), 409
    return redirect(url(".show"), code=303)


def upload(data: bytes, language: str, key: str, text: str) -> object:
    """Hand a WAV file over and put it into force: ``PromptKept``, or ``Refused`` with why."""
    token = secrets.token_hex(8)
    for at in range(0, len(data), PART_BYTES):
        piece = PromptPart(upload=token, at=at, data=data[at : at + PART_BYTES], reader=g.language)
        answer = the_box().ask(piece)
        if isinstance(answer, Refused):
            return answer
    keep = KeepPrompt(
        upload=token,
        language=language,
        key=key,
        who=g.account.name,
        text=text,
        reader=g.language,
    )
    return the_box().ask(keep, answer_ms=KEEP_MS)


def own_prompts() -> tuple[PromptShown, ...]:
    """Every prompt of the owner; none while call control is away."""
    answer = the_box().ask(AskPrompts())
    return answer.prompts if isinstance(answer, PromptsAnswer) else ()


def _page(problem: str = "") -> str:
    return render_template(
        "prompts/show.html",
        prompts=own_prompts(),
        languages=LANGUAGES,
        problem=problem,
        typed=request.form,
        kept=request.args.get("kept", ""),
    )
