"""The page of updates: a file arrives, is offered, installed when it is quiet."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.update_messages import AskUpdate, OrderUpdate, UpdateState
from firmware.daemons.desks.update_desk import UpdateDesk
from firmware.storage.backup import backup
from tests.web.desk import WALL, DeskBox, signed_in
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}
OFFERED = UpdateState(step="offered", version="0.2.0", ran="0.1.0", notes="Faster <b>queues</b>.")


class UpdateBox(DeskBox):
    """A box with call control's own desk of updates."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.state: UpdateState | None = UpdateState()
        self.calls = 0
        self.updates = UpdateDesk(lambda: self.state, lambda: self.desk.settings, "")

    def _answer(self, request, answer_ms):
        if isinstance(request, AskUpdate | OrderUpdate):
            self.asked.append(request)
            return self.updates.answer(request, self.calls, 0, WALL)[0]
        return super()._answer(request, answer_ms)

    @property
    def orders(self) -> list[str]:
        return [request.act for request in self.asked if isinstance(request, OrderUpdate)]


@pytest.fixture
def box(tmp_path) -> UpdateBox:
    made = UpdateBox(tmp_path)
    made.owned_by()
    made.owned_by("agent", ("agent",))
    (tmp_path / "updates").mkdir()
    return made


@pytest.fixture
def app(box: UpdateBox, tmp_path) -> Flask:
    return create_app(box, tmp_path)


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return signed_in(app)


def upload(client: FlaskClient, content: bytes, name: str = "tipring.raucb"):
    return client.post(
        "/box/updates/file",
        data={"form_key": key_of(client), "file": (io.BytesIO(content), name)},
        headers=ENGLISH,
    )


def key_of(client: FlaskClient) -> str:
    page = client.get("/box/updates", headers=ENGLISH).text
    return page.split('name="form_key" value="')[1].split('"')[0]


def order(client: FlaskClient, act: str, **more):
    return client.post(
        "/box/updates/order", data={"form_key": key_of(client), "act": act, **more}, headers=ENGLISH
    )


def test_a_file_lies_on_the_card_and_is_looked_at(owner, box, tmp_path) -> None:
    content = b"hsqs" + bytes(12_000_000)  # more than any other request may bring
    answer = upload(owner, content)
    assert answer.status_code == 303
    assert (tmp_path / "updates/incoming.raucb").read_bytes() == content
    assert not (tmp_path / "updates/incoming.part").exists()
    assert box.orders == ["check"]
    assert box.updates.take_wishes() == ["update-check"]


def test_without_a_file_it_says_what_is_needed(owner, box) -> None:
    answer = owner.post("/box/updates/file", data={"form_key": key_of(owner)}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "Choose the update&#39;s file." in answer.text
    assert box.orders == []


def test_nobody_else_brings_a_large_file(app, tmp_path) -> None:
    agent = signed_in(app, "agent")
    large = {"file": (io.BytesIO(bytes(12_000_000)), "x.raucb")}
    assert agent.post("/box/updates/file", data=large).status_code in {403, 413}
    stranger = app.test_client()
    large = {"file": (io.BytesIO(bytes(12_000_000)), "x.raucb")}
    assert stranger.post("/box/updates/file", data=large).status_code in {401, 403, 413}
    assert list((tmp_path / "updates").iterdir()) == []


def test_what_is_offered_is_shown_with_its_notes_as_text(owner, box) -> None:
    box.state = OFFERED
    page = owner.get("/box/updates", headers=ENGLISH).text
    assert "Version 0.2.0 passed its check" in page
    assert "Faster &lt;b&gt;queues" in page
    assert "Install tonight" in page


def test_an_order_waits_for_calls_and_says_so(owner, box) -> None:
    box.state, box.calls = OFFERED, 3
    assert order(owner, "now").status_code == 303
    page = owner.get("/box/updates", headers=ENGLISH).text
    assert "3 calls are up" in page
    assert "Do not install" in page
    assert 'http-equiv="refresh"' in page
    order(owner, "cancel")
    assert "3 calls are up" not in owner.get("/box/updates", headers=ENGLISH).text


def test_an_older_one_wants_a_tick(owner, box) -> None:
    box.state = UpdateState(step="offered", version="0.0.9", ran="0.1.0", older=True)
    answer = order(owner, "now")
    assert answer.status_code == 409
    assert "Tick the box" in answer.text
    assert order(owner, "now", older="yes").status_code == 303


def test_what_came_back_is_said_in_words_in_both_languages(owner, box) -> None:
    box.state = UpdateState(step="returned", version="0.2.0", ran="0.1.0", problem="unwell-page")
    assert "went back to 0.1.0 by itself" in owner.get("/box/updates", headers=ENGLISH).text
    assert "已自动回到 0.1.0" in owner.get("/box/updates", headers={"Accept-Language": "zh"}).text


def test_a_machine_without_slots_takes_no_file(owner, box) -> None:
    box.state = None
    page = owner.get("/box/updates", headers=ENGLISH).text
    assert "make install" in page
    assert "Upload an update" not in page


@pytest.mark.parametrize("act", ["", "check", "rm -rf"])
def test_an_order_that_is_none_is_told(owner, box, act) -> None:
    box.state = OFFERED
    assert order(owner, act).status_code == 422
    assert box.orders == []


PHRASE = "twelve rings and more"


@pytest.fixture
def stick(app: Flask, tmp_path):
    """A stick with a backup of this very box."""
    folder = tmp_path / "stick"
    folder.mkdir()
    app.config["STICK"] = folder
    backup(tmp_path, folder / "tipring-1.tipring", PHRASE, what="settings", now=WALL)
    return folder


def bring(client: FlaskClient, **typed):
    return client.post(
        "/box/backups/restore",
        data={"form_key": key_of(client), "stick": "tipring-1.tipring", **typed},
        headers=ENGLISH,
    )


@pytest.mark.usefixtures("stick")
def test_a_backup_on_a_stick_is_brought_back_when_no_call_is_up(owner, box, tmp_path) -> None:
    assert "tipring-1.tipring" in owner.get("/box/backups", headers=ENGLISH).text
    box.calls = 1
    assert bring(owner, passphrase=PHRASE, sure="yes").status_code == 303
    waiting = tmp_path / "updates/restored"
    assert (waiting / "settings/settings.json").exists()
    assert "restarts when no call is up (1 now)" in owner.get("/box/updates", headers=ENGLISH).text
    assert box.updates.take_wishes() == []
    box.updates.look(0, 5_000, WALL)
    assert box.updates.take_wishes() == ["restart"]
    box.updates.look(0, 10_000, WALL)
    assert box.updates.take_wishes() == []


@pytest.mark.usefixtures("stick")
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"passphrase": PHRASE}, "Tick the box"),
        (
            {"passphrase": "another one that is long", "sure": "yes"},
            "cannot be brought back: the pass-phrase is another one, or the file is damaged",
        ),
        ({"passphrase": "short", "sure": "yes"}, "cannot be brought back"),
        ({"passphrase": PHRASE, "sure": "yes", "stick": "../settings"}, "no backup ../settings"),
    ],
)
def test_what_cannot_be_brought_back_is_told_and_nothing_waits(
    owner, box, tmp_path, typed, says
) -> None:
    answer = bring(owner, **typed)
    assert answer.status_code == 422
    assert says in answer.text
    assert list((tmp_path / "updates").iterdir()) == []
    assert box.orders == []


@pytest.mark.usefixtures("stick")
def test_a_stick_of_a_form_that_the_box_does_not_know_is_told(owner, stick) -> None:
    for page in ("backups", "updates"):
        assert "Format it" not in owner.get(f"/box/{page}", headers=ENGLISH).text
    (stick / "unreadable").write_text("ntfs\n", encoding="utf-8")
    for page in ("backups", "updates"):
        text = owner.get(f"/box/{page}", headers=ENGLISH).text
        assert "has the file system ntfs" in text
        assert "Format it as FAT32 or exFAT" in text
    assert "格式化为 FAT32 或 exFAT" in owner.get("/box/backups").text


def test_without_a_stick_the_page_says_how_a_whole_backup_comes_back(owner) -> None:
    assert "put the stick with it into the box" in owner.get("/box/backups", headers=ENGLISH).text
