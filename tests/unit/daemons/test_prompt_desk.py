"""Own prompts from the command line and from the page: parts, sentences, a folder of recordings."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.control.messages import Refused
from firmware.control.prompt_messages import (
    PART_BYTES,
    AskPrompts,
    KeepPrompt,
    PromptKept,
    PromptPart,
    PromptReceived,
    PromptsAnswer,
    RemovePrompt,
    SpeakPrompt,
)
from firmware.daemons.aside import at_once
from firmware.daemons.cli.prompts import PromptCommands
from firmware.daemons.desks.prompt_desk import MOST_UPLOADS, PromptDesk
from ivr import kit
from ivr.wav import pcm_wav, read_wav

WALL = datetime(2026, 11, 22, 9, tzinfo=UTC)


def _voice(ms: int, rate_hz: int) -> np.ndarray:
    at = np.arange(ms * rate_hz // 1000) / rate_hz
    return (6_000 * ((at % 0.25) < 0.18) * np.sin(2 * np.pi * 500 * at)).astype(np.int16)


class Desk:
    """A desk on a folder, asked as a page asks it."""

    def __init__(self, folder: Path) -> None:
        self.desk = PromptDesk(folder)

    def ask(self, request: Any) -> Any:
        answers: list[Any] = []
        self.desk.request(request, answers.append, at_once, WALL)
        assert len(answers) == 1
        return answers[0]

    def upload(self, data: bytes, name: str = "u1") -> None:
        for at in range(0, len(data), PART_BYTES):
            got = self.ask(PromptPart(upload=name, at=at, data=data[at : at + PART_BYTES]))
            assert isinstance(got, PromptReceived)
        assert got.bytes_there == len(data)


def test_an_upload_in_parts_is_in_force_and_can_be_removed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.upload(pcm_wav(_voice(3_000, 48_000), 48_000))  # 288 kB: three parts
    keep = KeepPrompt(upload="u1", language="zh-CN", key="welcome", who="lin", text="您好，欢迎。")
    kept = desk.ask(keep)
    assert isinstance(kept, PromptKept)
    # Twelve syllables of 250 ms, the last pause of 70 ms cut to its tail of 30; 4 characters.
    assert kept.prompt.duration_ms == pytest.approx(2_960, abs=20)
    assert kept.prompt.pace == pytest.approx(4 * 60_000 / 2_960, abs=2)
    assert kept.prompt.notes == ()
    assert (kept.prompt.who, kept.prompt.at) == ("lin", "2026-11-22T09:00:00+00:00")
    assert read_wav((tmp_path / "zh-CN" / "welcome.wav").read_bytes()).rate_hz == 8_000
    shown = desk.ask(AskPrompts())
    assert isinstance(shown, PromptsAnswer)
    assert shown.prompts == (kept.prompt,)
    remove = RemovePrompt(language="zh-CN", key="welcome", who="lin")
    assert desk.ask(remove).prompt == kept.prompt
    assert desk.ask(remove).message == "没有自录提示音“zh-CN/welcome”"


@pytest.mark.parametrize(
    ("reader", "sentence"),
    [
        ("zh-CN", "文件开头不是 WAV 格式（RIFF、WAVE）"),
        ("en", "the file does not begin as a WAV file (RIFF, WAVE)"),
    ],
)
def test_a_refusal_is_a_sentence_in_the_readers_language(
    tmp_path: Path, reader: str, sentence: str
) -> None:
    desk = Desk(tmp_path)
    desk.upload(b"this is no sound")
    keep = KeepPrompt(upload="u1", language="en", key="welcome", who="x", reader=reader)
    assert desk.ask(keep) == Refused(id="prompt-refused", message=sentence)
    assert not any(tmp_path.rglob("*.wav"))


def test_parts_out_of_order_are_refused_and_the_upload_begins_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ask(PromptPart(upload="u", at=0, data=b"1234"))
    refused = desk.ask(PromptPart(upload="u", at=2, data=b"56", reader="en"))
    assert refused.message == "the upload goes on at byte 2, but 4 bytes are there; send it again"
    assert desk.ask(PromptPart(upload="u", at=0, data=b"1")).bytes_there == 1


def test_unfinished_uploads_do_not_pile_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for n in range(MOST_UPLOADS + 1):
        desk.ask(PromptPart(upload=f"u{n}", at=0, data=b"1234"))
    # The first had to make room, so it begins anew.
    assert desk.ask(PromptPart(upload="u0", at=4, data=b"5")).id == "prompt-refused"


def test_text_without_a_voice_says_what_to_do_instead(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    ask = SpeakPrompt(language="zh-CN", key="spring", text="春节快乐", who="x", reader="zh-CN")
    assert desk.ask(ask).message.startswith("没有安装语音包")
    ask = SpeakPrompt(language="zh-HK", key="spring", text="新年快樂", who="x", reader="en")
    assert desk.ask(ask).message.startswith("the voice has no Cantonese")


class Sentence(Exception):  # noqa: N818 - a sentence, not an error of ours
    """What a command ends with."""


def _commands(desk: Desk, printed: list[str]) -> PromptCommands:
    def ask(_chosen: Any, _language: str, request: Any, wanted: type, **_: Any) -> Any:
        answer = desk.ask(request)
        if isinstance(answer, Refused):
            raise Sentence(answer.message)
        assert isinstance(answer, wanted)
        return answer

    def show(_chosen: Any, _answer: Any, lines: Any) -> None:
        printed.extend(lines())

    return PromptCommands(ask, show, lambda: "lin", Sentence)


def _chosen(**given: Any) -> argparse.Namespace:
    plain = {"text": False, "html": False, "folder": None, "prompt_language": "zh-HK"}
    return argparse.Namespace(**{**plain, **given})


def test_a_folder_of_a_studio_is_imported_by_number_and_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, printed = tmp_path / "studio", []
    studio.mkdir()
    script = kit.items("zh-HK")
    goodbye = next(item for item in script if item.key == "goodbye")
    good = pcm_wav(_voice(1_000, 16_000), 16_000)
    (studio / "0001.wav").write_bytes(good)
    (studio / f"{goodbye.label}-goodbye.WAV").write_bytes(good)
    (studio / "menu-main.wav").write_bytes(pcm_wav(np.zeros(8_000, np.int16), 8_000))
    (studio / "holiday snaps.wav").write_bytes(good)
    desk = Desk(tmp_path / "prompts")
    commands = _commands(desk, printed)
    commands.script(_chosen(folder=str(studio)), "en")
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "0001.wav -> welcome",
        f"{goodbye.label}-goodbye.WAV -> goodbye",
        "holiday snaps.wav: neither a number nor a name of the script",
        "menu-main.wav: there is no sound in the recording",
    ]
    assert printed[0].startswith(f"Cantonese: 2 recorded, {len(script) - 2} missing")
    assert printed[1] == "missing 0002  銷售請按一，售後服務請按二，搵職員請按零，或者唔好收線。"
    commands.script(_chosen(html=True), "zh-CN")
    page = capsys.readouterr().out
    assert page.count("<tr") == len(script)
    assert page.count("class=done") == 2
    commands.list_own(_chosen(), "en")
    assert any(line.startswith("zh-HK/welcome 1.0 s came in at") for line in printed)


def test_a_preview_without_the_robot_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # a machine without espeak-ng
    commands = _commands(Desk(tmp_path), [])
    with pytest.raises(Sentence, match="espeak-ng is not installed"):
        commands.robot(_chosen(key="welcome", out=str(tmp_path / "p.wav")), "en")
    with pytest.raises(Sentence, match="There is no prompt nothing"):
        commands.robot(_chosen(key="nothing", out=""), "en")
