"""The owner brings prompts by the page; what is wrong with a file is said."""

import io
from datetime import UTC, datetime

import pytest
from flask import Flask

from firmware.control.messages import Refused
from firmware.control.prompt_messages import (
    AskPrompts,
    KeepPrompt,
    PromptGone,
    PromptKept,
    PromptPart,
    PromptReceived,
    PromptsAnswer,
    PromptShown,
    RemovePrompt,
    SpeakPrompt,
)
from ivr.owner import OwnPrompts, PromptRefused, read_upload
from ivr.wav import pcm_wav
from tests.bench.world.level import sine
from tests.web.desk import DeskBox, signed_in
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}


class PromptsBox(DeskBox):
    """The owner's folder, read and written by the same code as in the daemon."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.own = OwnPrompts(folder / "prompts")
        self.parts: dict[str, bytes] = {}
        self.pieces = 0

    def _answer(self, request, answer_ms):
        try:
            return self._about_prompts(request) or super()._answer(request, answer_ms)
        except PromptRefused as refused:
            return Refused(id="prompt", message=refused.sentence(request.reader))

    def _about_prompts(self, request):
        match request:
            case AskPrompts():
                return PromptsAnswer(prompts=tuple(shown(p) for p in self.own))
            case PromptPart():
                assert request.at == len(self.parts.get(request.upload, b""))
                self.parts[request.upload] = self.parts.get(request.upload, b"") + request.data
                self.pieces += 1
                there = len(self.parts[request.upload])
                return PromptReceived(upload=request.upload, bytes_there=there)
            case KeepPrompt():
                polished = read_upload(self.parts[request.upload])
                at = datetime(2026, 3, 2, tzinfo=UTC).isoformat()
                kept = self.own.keep(
                    request.language,
                    request.key,
                    polished,
                    source="upload",
                    who=request.who,
                    at=at,
                    text=request.text,
                )
                return PromptKept(prompt=shown(kept))
            case SpeakPrompt():
                return Refused(id="prompt", message="no voice is installed")
            case RemovePrompt():
                return PromptGone(prompt=shown(self.own.remove(request.language, request.key)))
        return None


def shown(p) -> PromptShown:
    return PromptShown(
        language=p.language,
        key=p.key,
        duration_ms=p.duration_ms,
        level_dbfs=p.level_dbfs,
        pace=p.pace,
        source=p.source,
        who=p.who,
        at=p.at,
        text=p.text,
    )


@pytest.fixture
def box(tmp_path) -> PromptsBox:
    made = PromptsBox(tmp_path)
    made.owned_by()
    made.owned_by("boss", ("supervisor",))
    return made


@pytest.fixture
def app(box: PromptsBox, tmp_path) -> Flask:
    return create_app(box, tmp_path)


def sound(seconds: float = 15.0) -> io.BytesIO:
    samples = sine(700.0, -20.0, int(1000 * seconds))
    return io.BytesIO(pcm_wav(samples.astype("int16"), 8000))


def bring(browser, **typed):
    data = {"language": "zh-CN", "key": "welcome", "text": ""} | typed
    return browser.post("/prompts/", data=data, headers=ENGLISH)


def test_a_file_is_uploaded_in_parts_heard_and_taken_away(app: Flask, box: PromptsBox) -> None:
    owner = signed_in(app)
    answer = bring(owner, file=(sound(), "welcome.wav"), text="欢迎来电" * 10)
    assert answer.status_code == 303, answer.text
    assert box.pieces == 3, "240 kB in parts of 96"
    page = owner.get(answer.location, headers=ENGLISH).text
    assert "zh-CN/welcome is in force." in page
    assert "15.0 s" in page
    assert "160 characters a minute" in page
    heard = owner.get("/prompts/zh-CN/welcome.wav")
    assert heard.mimetype == "audio/wav"
    assert heard.data[:4] == b"RIFF"
    assert owner.post("/prompts/zh-CN/welcome/remove").status_code == 303
    assert owner.get("/prompts/zh-CN/welcome.wav").status_code == 404
    assert "No prompts of your own yet" in owner.get("/prompts/", headers=ENGLISH).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"file": (io.BytesIO(b"MZ not a sound"), "x.wav")}, "RIFF"),
        ({"key": "../../etc/passwd"}, "letters, digits and hyphens"),
        ({"language": "tlh"}, "there is no language"),
        ({"text": "hello", "file": (io.BytesIO(b""), "")}, "no voice is installed"),
        ({"file": (io.BytesIO(b""), "")}, "Choose a WAV file"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_name_typed_stays(app, typed, sentence) -> None:
    given = {"file": (sound(1.0), "a.wav")} | typed
    answer = bring(signed_in(app), **given)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed.get("key", "welcome") in answer.text


@pytest.mark.parametrize("path", ["..%2f..%2fsettings", "welcome%00", "settings"])
def test_nothing_but_prompts_is_read_from_the_card(app: Flask, path: str) -> None:
    assert signed_in(app).get(f"/prompts/zh-CN/{path}.wav").status_code == 404


def test_a_supervisor_listens_and_changes_nothing(app: Flask) -> None:
    boss = signed_in(app, "boss")
    assert boss.get("/prompts/").status_code == 200
    assert bring(boss, file=(sound(1.0), "a.wav")).status_code == 403
