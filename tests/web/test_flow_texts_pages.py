"""A menu that reads out words is saved: the voice says them first, or the page tells why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firmware.control.prompt_messages import SpeakTexts
from firmware.daemons.aside import at_once
from firmware.daemons.desks.prompt_desk import PromptDesk
from ivr.prompts import PromptStore
from ivr.texts import Text
from tests.unit.daemons.test_flow_texts import ESPEAK
from tests.web.desk import WALL, DeskBox, signed_in
from tests.web.test_flows_pages import Editor
from web.app import create_app

WORDS = {"zh-CN": "停车场在楼后。", "en": "Park behind the house."}


class ReadingBox(DeskBox):
    """A box with a voice, or without; what it says lies where the real one keeps it."""

    def __init__(self, folder: Path, *voice: str) -> None:
        super().__init__(folder)
        self.prompts = PromptDesk(folder / "prompts", voice)

    def _answer(self, request: Any, answer_ms: int) -> Any:
        if not isinstance(request, SpeakTexts):
            return super()._answer(request, answer_ms)
        answers: list[Any] = []
        self.prompts.request(request, answers.append, at_once, WALL)
        return answers[0]


def _editor(box: ReadingBox, folder: Path) -> Editor:
    box.owned_by()
    page = Editor(signed_in(create_app(box, folder)), step="welcome")
    said = f"text: zh-CN={WORDS['zh-CN']} | en={WORDS['en']}"
    page.press("put", n__say=said)
    assert page.status == 200, page.page
    return page


def test_words_are_said_and_the_menu_is_saved_at_once(tmp_path: Path) -> None:
    box = ReadingBox(tmp_path, ESPEAK, str(tmp_path / "said"))
    page = _editor(box, tmp_path)
    assert "where a voice is installed, saving makes it" in page.page
    page.press("save")
    assert page.status == 303, page.page
    store = PromptStore(owner_folder=tmp_path / "prompts")
    for language, words in WORDS.items():
        assert len(store.load(Text(language, words).name)) > 4_000
    assert WORDS["zh-CN"] in str(box.desk.document["flows"])
    tried = page.press("what-if", w__at="2026-03-02T10:00")
    assert f"says: {WORDS['zh-CN']}" in tried


@pytest.mark.parametrize("voice", [(), ("/bin/false",)])
def test_without_a_voice_the_page_says_why_and_keeps_what_was_typed(
    tmp_path: Path, voice: tuple[str, ...]
) -> None:
    box = ReadingBox(tmp_path, *voice)
    page = _editor(box, tmp_path)
    told = page.press("save")
    assert page.status == 422
    why = "the voice failed: status 1" if voice else "record it by handset or upload a WAV file"
    assert why in told
    assert WORDS["en"] in told
    assert box.desk.document["flows"] == {}
