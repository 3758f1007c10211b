"""calld, outboxd, a modem on a pseudo-terminal and a mail server: processes, as in the box."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firmware.control.messages import AskSettings, Refused, SaveSettings, SettingsAnswer
from firmware.control.outbox_messages import AskMessages, MessagesAnswer, SendTestMail, SendText
from firmware.daemons.outbox.letters import ask_once
from tests.bench.run import ROOT, prepare

SOON_S = 60.0
pytestmark = [pytest.mark.slow, pytest.mark.real]


class Machine:
    """Three processes on one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        prepare(folder, "CN", 1, None)
        self.config = str(folder / "machine.toml")
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.start("mast", "tests.bench", "mast", "--port", "0")
        self.start("calld", "firmware.daemons.start", "calld")
        self.start("outboxd", "firmware.daemons.start", "outboxd")

    def start(self, name: str, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments, "--config", self.config]
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def ask(self, request: msgspec.Struct) -> object:
        return ask_once(self.folder / "run" / "calld.sock", request)

    def until(self, what: str, true: object) -> None:
        ends = time.monotonic() + SOON_S
        while not true():
            assert time.monotonic() < ends, f"{what}: {self.logs()}"
            time.sleep(0.1)  # noqa: TID251  # processes live in real time

    def logs(self) -> str:
        return "\n".join(f.read_text()[-600:] for f in (self.folder / "logs").glob("*.log"))

    def set(self, **outbox: Any) -> None:
        known = self.ask(AskSettings())
        assert isinstance(known, SettingsAnswer)
        document = {**known.settings, "outbox": outbox}
        saved = self.ask(
            SaveSettings(
                base=known.version, who="t", why="t", settings=json.loads(json.dumps(document))
            )
        )
        assert isinstance(saved, SettingsAnswer), saved

    def close(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(20)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.close()


def test_texts_and_mail_leave_the_box_and_a_killed_outboxd_loses_none(machine: Machine) -> None:
    folder = machine.folder
    machine.until("calld", lambda: isinstance(machine.ask(AskMessages()), MessagesAnswer))
    machine.until("the mail server", lambda: "localhost:" in machine.logs())
    mast = (folder / "logs" / "mast.log").read_text()
    port = int(mast.partition("mail server localhost:")[2].split()[0])
    authority = (folder / "mail" / "authority.pem").read_text()
    mail = {
        "server": "localhost", "port": port, "sender": "box@shop.example", "authority": authority,
    }  # fmt: skip
    machine.set(mail=mail)
    assert not isinstance(machine.ask(SendText(number="13800138000", text="您好 😀")), Refused)
    machine.ask(SendTestMail(to="owner@shop.example", language="en"))
    texts = folder / "texts.log"
    machine.until(
        "a text", lambda: texts.exists() and "13800138000 got: 您好 😀" in texts.read_text()
    )
    machine.until("a mail", lambda: list((folder / "mail").glob("*.eml")))
    machine.running["outboxd"].kill()
    machine.running["outboxd"].wait()
    machine.ask(SendText(number="13900139000", text="second"))
    machine.start("outboxd", "firmware.daemons.start", "outboxd")
    machine.until("the second text", lambda: "second" in texts.read_text())
    machine.until("nothing waits", lambda: not machine.ask(AskMessages()).waiting)
    assert len(texts.read_text().splitlines()) == 2
    assert len(list((folder / "mail").glob("*.eml"))) == 1
