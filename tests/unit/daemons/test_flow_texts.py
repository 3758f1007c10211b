"""What flows read out is said by the optional voice when they are saved, and only then.

The voice is a program of its own; here it is a small one on Debian's espeak-ng.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.config import ConfigError, Voice, load
from firmware.control.messages import Refused, SaveSettings
from firmware.control.prompt_messages import PromptsAnswer, SpeakPrompt, SpeakTexts
from firmware.core.settings import Settings
from firmware.daemons.aside import at_once
from firmware.daemons.desks.claim import ClaimWindow
from firmware.daemons.desks.prompt_desk import PromptDesk
from firmware.daemons.desks.settings_desk import SettingsDesk
from firmware.daemons.prompt_book import PromptBook
from firmware.storage.settings import SettingsStore, mark_new
from ivr.document import read_flow
from ivr.orders import Caller, QuietOffice
from ivr.prompts import PromptStore
from ivr.texts import Text, texts
from ivr.visitor import Visitor
from tests.unit.test_config import EXAMPLE

WALL = datetime(2026, 11, 22, 9, tzinfo=UTC)
ESPEAK = str(Path(__file__).with_name("espeak_voice.sh"))
WORDS = {"zh-CN": "我们搬到了二楼。", "en": "We have moved to the second floor."}
FLOW: dict[str, Any] = {
    "schema": 2,
    "name": "own",
    "start": "moved",
    "operator": "all",
    "exhausted": "bye",
    "languages": ["zh-CN", "en"],
    "nodes": {
        "moved": {"kind": "play", "say": [{"kind": "text", "text": WORDS}], "next": "all"},
        "all": {"kind": "ring_group", "number": "200", "no_answer": "bye", "busy": "bye"},
        "bye": {"kind": "hang_up"},
    },
}


class Box:
    """Own prompts and settings on folders, with a voice or without."""

    def __init__(self, folder: Path, *voice: str) -> None:
        self.store = PromptStore(owner_folder=folder / "prompts")
        self.prompts = PromptDesk(folder / "prompts", voice)
        if not (folder / "settings").exists():
            mark_new(folder / "settings")
        self.desk = SettingsDesk(
            SettingsStore(folder / "settings"),
            "CN",
            ClaimWindow(lambda: "000000"),
            has_prompt=PromptBook(self.store, folder).has,
        )

    def ask(self, request: Any) -> Any:
        answers: list[Any] = []
        self.prompts.request(request, answers.append, at_once, WALL)
        assert len(answers) == 1
        return answers[0]

    def read_aloud(self, flow: dict[str, Any] = FLOW, reader: str = "en") -> Any:
        return self.ask(SpeakTexts(flows=(flow,), who="lin", reader=reader))

    def save(self, flow: dict[str, Any] = FLOW, language: str = "en") -> Any:
        settings = msgspec.structs.replace(Settings(), flows={"own": flow}, inbound="flow:own")
        document = msgspec.to_builtins(settings)
        request = SaveSettings(
            base=self.desk.version, who="lin", why="", settings=document, language=language
        )
        return self.desk.save(request, WALL)


def test_words_of_a_flow_are_said_once_kept_and_heard_by_callers(tmp_path: Path) -> None:
    log = tmp_path / "said"
    box = Box(tmp_path, ESPEAK, str(log))
    refused = box.save()
    assert "where a voice is installed, saving makes it" in refused.message
    made = box.read_aloud()
    assert isinstance(made, PromptsAnswer)
    assert {(p.language, p.text, p.source, p.who) for p in made.prompts} == {
        (language, words, "text", "lin") for language, words in WORDS.items()
    }
    assert box.save() is None

    class Office(QuietOffice):
        def has_prompt(self, name: str) -> bool:
            return box.store.has(name)

    visitor = Visitor(Caller(call="00000001"), Office(), ("zh-CN", "en"))
    play = read_flow(FLOW).nodes["moved"]
    heard = visitor.words(play.say)  # type: ignore[union-attr]  # it is a play
    assert heard == tuple(text.name for text in texts(read_flow(FLOW)))
    # Eight syllables and eight words of speech, levelled as every prompt is.
    assert all(8_000 < len(box.store.load(name)) < 40_000 for name in heard)

    assert box.read_aloud().prompts == ()
    assert sorted(log.read_text("utf-8").split("\n")) == ["", *sorted(WORDS.values())]


def test_the_same_words_are_not_said_twice_even_after_a_prompt_is_gone(tmp_path: Path) -> None:
    log = tmp_path / "said"
    box = Box(tmp_path, ESPEAK, str(log))
    ask = SpeakPrompt(language="en", key="moved", text=WORDS["en"], who="lin")
    first = box.ask(ask).prompt
    (tmp_path / "prompts" / "en" / "moved.wav").unlink()
    assert box.ask(ask).prompt == first
    assert log.read_text("utf-8").count("\n") == 1


@pytest.mark.parametrize(
    ("reader", "why", "missing"),
    [
        ("zh-CN", "没有安装语音包", "还没有普通话录音"),
        ("en", "no voice is installed", "no sound in Mandarin yet"),
    ],
)
def test_without_a_voice_the_owner_is_told_and_nothing_is_saved(
    tmp_path: Path, reader: str, why: str, missing: str
) -> None:
    box = Box(tmp_path)
    silent = box.read_aloud(reader=reader)
    assert isinstance(silent, Refused)
    assert silent.message.startswith(why)
    refused = box.save(language=reader)
    assert missing in refused.fields["flows.own.nodes.moved.say"]
    assert box.desk.version == 0


@pytest.mark.parametrize(
    ("voice", "sentence"),
    [
        (("/opt/gone/voice",), "the voice /opt/gone/voice is not there"),
        (("/bin/false",), "the voice failed: status 1"),
        (("/bin/sh", "-c", "echo out of memory >&2; exit 9"), "the voice failed: out of memory"),
        (("/bin/echo", "no sound"), "the voice failed"),
    ],
)
def test_a_voice_that_fails_says_why_and_leaves_nothing(
    tmp_path: Path, voice: tuple[str, ...], sentence: str
) -> None:
    box = Box(tmp_path, *voice)
    failed = box.read_aloud()
    assert isinstance(failed, Refused)
    assert failed.message.startswith(sentence)
    assert list((tmp_path / "prompts").rglob("*.wav")) == []


def test_cantonese_words_without_a_recording_are_said_in_mandarin(tmp_path: Path) -> None:
    words = {**WORDS, "zh-HK": "我哋搬咗上二樓。"}
    say = [{"kind": "text", "text": words}]
    flow = {**FLOW, "languages": ["zh-HK", "zh-CN"]}
    flow["nodes"] = {**FLOW["nodes"], "moved": {"kind": "play", "say": say, "next": "all"}}
    box = Box(tmp_path, ESPEAK, str(tmp_path / "said"))
    box.read_aloud(flow)
    assert box.save(flow) is None

    class Office(QuietOffice):
        def has_prompt(self, name: str) -> bool:
            return box.store.has(name)

    visitor = Visitor(Caller(call="00000001", language="zh-HK"), Office(), ("zh-HK",))
    play = read_flow(flow).nodes["moved"]
    heard = visitor.words(play.say)  # type: ignore[union-attr]  # it is a play
    assert heard == ("zh-CN/mandarin-instead", Text("zh-CN", WORDS["zh-CN"]).name)


def test_the_machine_configuration_names_the_voice(tmp_path: Path) -> None:
    path = tmp_path / "machine.toml"
    given = EXAMPLE.read_text("utf-8")
    path.write_text(f'{given}\n[voice]\ncommand = ["/opt/v/python", "/opt/v/say.py"]\n', "utf-8")
    assert load(path).voice == Voice(command=("/opt/v/python", "/opt/v/say.py"))
    assert load(EXAMPLE).voice.command == ()
    path.write_text(f'{given}\n[voice]\ncommand = "/opt/v/say"\n', "utf-8")
    with pytest.raises(ConfigError, match="a list is needed"):
        load(path)
