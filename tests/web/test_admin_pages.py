"""Looking after the box: security check, backups, logs, support bundle, what was done, keys."""

import io
import json
import logging
import re
import zipfile
from datetime import date, timedelta

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from firmware.control.backup_messages import (
    AskBackups,
    BackupRun,
    BackupsAnswer,
    MakeBackup,
    ProtectBackups,
)
from firmware.control.messages import AskLines, LinesAnswer, Refused, SaveSettings
from firmware.control.office_messages import NoteAudit, NotedAnswer
from firmware.core.desk_entries import Audited
from firmware.core.outside_settings import Limits
from firmware.core.product import VERSION
from firmware.core.settings import Extension, Settings
from firmware.daemons.log_file import keep_log
from firmware.storage.records import Records
from tests.unit.storage.stories import BOOT, wall
from tests.web.conftest import ROOT
from tests.web.desk import HASH, WALL, DeskBox, signed_in
from web.admin.checks import Facts, checks
from web.admin.masking import masked, masked_document
from web.app import create_app

ENGLISH = {"Accept-Language": "en"}
PHRASE = "twelve rings and more"
NUMBER = "13912345678"
ABROAD = Extension(number="201", port="fxs/1", calls="international")
OPEN_BOX = Extension(number="201", port="fxs/1", voicemail=True)


class KeptBox(DeskBox):
    """A box that has made a backup and one that failed."""

    folder_away = False

    def _answer(self, request, answer_ms):
        match request:
            case AskBackups():
                good = BackupRun(
                    at="2026-03-01T03:30:00+08:00", file="/media/b/1", files=4, calls=7
                )
                bad = BackupRun(at="2026-03-02T03:30:00+08:00", failed="the stick is full")
                return BackupsAnswer(runs=(bad, good), folder="/media/b")
            case MakeBackup() if self.folder_away:
                return Refused(id="backup-folder", message="there is no /media/b")
            case MakeBackup() | ProtectBackups():
                self.asked.append(request)
                return BackupsAnswer()
            case NoteAudit():
                self.asked.append(request)
                return NotedAnswer()
            case AskLines():
                return LinesAnswer(readings=())
        return super()._answer(request, answer_ms)


@pytest.fixture
def box(tmp_path) -> KeptBox:
    made = KeptBox(tmp_path)
    made.owned_by()
    made.owned_by("installer", ("installer",))
    return made


@pytest.fixture
def app(box: KeptBox, tmp_path) -> Flask:
    logs = tmp_path / "log"
    logs.mkdir()
    (logs / "calld.log").write_text(
        f"2026-03-02 09:00:00,123 INFO x: call from {NUMBER}\npassword=geheim\n<b>bold</b>\n"
    )
    return create_app(box, tmp_path, logs=logs)


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return signed_in(app)


# --- security -------------------------------------------------------------------------------------


def test_at_least_twelve_points_and_each_bad_one_leads_to_where_it_is_mended(owner) -> None:
    page = owner.get("/box/security", headers=ENGLISH).text
    points = re.findall(r'<li class="(good|advice|bad)">(.*?)</li>', page, re.DOTALL)
    assert len(points) >= 12
    order = [verdict for verdict, _ in points]
    assert order == sorted(order, key=["bad", "advice", "good"].index)
    for verdict, text in points:
        if verdict == "good" or "browsers" in text:
            continue
        found = re.search(r'href="([^"]+)"', text)
        assert found, text
        assert owner.get(found[1]).status_code == 200, found[1]


@pytest.mark.parametrize(
    ("change", "facts", "name", "verdict"),
    [
        ({"limits": Limits(money_day=0)}, {}, "money", "bad"),
        ({}, {}, "money", "good"),
        ({"extensions": (ABROAD,)}, {}, "abroad", "advice"),
        ({"extensions": (OPEN_BOX,)}, {}, "mailboxes", "advice"),
        ({"record": "all", "record_notice": "none"}, {}, "notice", "bad"),
        ({"record": "none", "record_notice": "none"}, {}, "notice", "good"),
        ({"lines": ()}, {}, "emergency", "bad"),
        ({}, {"secure": True}, "secure", "good"),
        ({}, {}, "backup", "bad"),
        ({}, {"last_backup": WALL - timedelta(days=5)}, "backup", "good"),
        ({}, {"last_backup": WALL - timedelta(days=40)}, "backup", "advice"),
        ({}, {"sessions": {"owner": 9}}, "sessions", "advice"),
        ({}, {"today": date(2032, 1, 1)}, "support", "bad"),
    ],
)  # fmt: skip
def test_what_each_point_says(change, facts, name, verdict) -> None:
    found = checks(Settings(**change), Facts(**({"today": WALL.date()} | facts)))
    assert {c.name: c.verdict for c in found}[name] == verdict


def test_other_browsers_are_signed_out(app, owner) -> None:
    elsewhere = signed_in(app)
    assert owner.post("/box/security/sign-out").status_code == 303
    assert elsewhere.get("/box/", headers={"Accept": "text/html"}).status_code == 302
    assert owner.get("/box/").status_code == 200


# --- backups --------------------------------------------------------------------------------------


def test_runs_are_listed_and_one_is_made_now(owner, box) -> None:
    page = owner.get("/box/backups", headers=ENGLISH).text
    assert "the stick is full" in page
    assert "4 files, 7 calls" in page
    assert owner.post("/box/backups").status_code == 303
    assert any(isinstance(r, MakeBackup) and r.who == "owner" for r in box.asked)
    box.folder_away = True
    refused = owner.post("/box/backups")
    assert refused.status_code == 409
    assert "there is no /media/b" in refused.text


def test_a_backup_is_carried_away_looked_into_and_brought_back(owner, box) -> None:
    made = owner.post("/box/backups/download", data={"passphrase": PHRASE, "what": "settings"})
    assert made.status_code == 200
    assert "attachment" in made.headers["Content-Disposition"]
    assert HASH.encode() not in made.data
    document = dict(box.desk.document, record="all")
    box.ask(SaveSettings(base=box.desk.version, who="owner", why="", settings=document))
    before = box.desk.version
    sent = {"passphrase": PHRASE, "file": (io.BytesIO(made.data), "b")}
    seen = owner.post("/box/backups/look", data=sent, headers=ENGLISH)
    assert "The backup is whole" in seen.text
    assert "Recording" in seen.text
    assert box.desk.version == before, "looking changes nothing"
    token = re.search(r'name="token" value="(\w+)"', seen.text)
    assert token is not None
    answer = owner.post("/box/backups/bring", data={"token": token[1], "base": str(before)})
    assert answer.status_code == 303
    assert box.desk.settings.record == "none"
    assert len(box.desk.settings.accounts) == 2
    again = owner.post("/box/backups/bring", data={"token": token[1], "base": str(before)})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("phrase", "data", "sentence"),
    [
        (PHRASE, None, "Choose a backup file."),
        ("short", b"x", "at least 12 characters"),
        (PHRASE, b"", "cannot be opened"),
        (PHRASE, b"tipring1" + bytes(200), "cannot be opened"),
        (PHRASE, b"PK\x03\x04" + bytes(100), "cannot be opened"),
    ],
)
def test_what_is_no_backup_is_refused_in_words(owner, tmp_path, phrase, data, sentence) -> None:
    sent = {"passphrase": phrase}
    if data is not None:
        sent["file"] = (io.BytesIO(data), "../../etc/passwd")
    answer = owner.post("/box/backups/look", data=sent, headers=ENGLISH)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not list((tmp_path / "page").glob("tmp*")), "nothing is left behind"


def test_another_pass_phrase_opens_nothing(owner) -> None:
    made = owner.post("/box/backups/download", data={"passphrase": PHRASE})
    sent = {"passphrase": PHRASE + "!", "file": (io.BytesIO(made.data), "b")}
    assert owner.post("/box/backups/look", data=sent).status_code == 422


def test_the_pass_phrase_of_automatic_backups_is_the_owner_s_affair(app, owner) -> None:
    typed = {"passphrase": PHRASE, "again": PHRASE}
    assert owner.post("/box/backups/protect", data=typed).status_code == 303
    wrong = owner.post("/box/backups/protect", data=typed | {"again": "x"}, headers=ENGLISH)
    assert (wrong.status_code, "The two passwords differ" in wrong.text) == (422, True)
    assert signed_in(app, "installer").post("/box/backups/protect", data=typed).status_code == 403
    assert signed_in(app, "installer").post("/box/backups/download").status_code == 403


# --- logs and support -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"2026-03-02 09:00:00,123 by {NUMBER}", "2026-03-02 09:00:00,123 by 139********"),
        ("to 138 0013 8000 and 201", "to 138******** and 201"),
        ("+86 139-1234-5678", "861**********"),
        ("password=secret1 x", "password=••• x"),
        ('"pin": "1234", "port": 8080', '"pin": •••, "port": 8080'),
        (f"hash {HASH}", "hash •••"),
        ("Authorization: Bearer tipring_abc", "Authorization: •••"),
        ("key " + "0f" * 16, "key •••"),
        ("port fxo/1 at 12345 ms", "port fxo/1 at 123** ms"),
    ],
)  # fmt: skip
def test_what_is_masked(line, shown) -> None:
    assert masked(line) == shown


def test_logs_are_shown_masked_and_as_text(owner) -> None:
    page = owner.get("/box/logs", headers=ENGLISH).text
    assert "139********" in page
    assert NUMBER not in page
    assert "geheim" not in page
    assert "&lt;b&gt;bold" in page
    assert owner.get("/box/logs?of=../../etc/passwd").status_code == 200


def test_a_support_bundle_holds_what_was_shown_and_no_secret(owner, box) -> None:
    document = dict(box.desk.document, blocked_callers=[NUMBER])
    box.ask(SaveSettings(base=box.desk.version, who="owner", why="", settings=document))
    page = owner.get("/box/support", headers=ENGLISH).text
    answer = owner.post("/box/support")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        everything = "\n".join(archive.read(name).decode() for name in names)
    assert {"about.txt", "settings.json", "lines.json", "logs/calld.txt"} <= set(names)
    for name in names:
        assert f"<summary>{name}" in page
    for secret in (NUMBER, HASH, "geheim", "argon2"):
        assert secret not in everything
        assert secret not in page
    assert VERSION in everything
    noted = [r for r in box.asked if isinstance(r, NoteAudit)]
    assert (noted[-1].action, noted[-1].what) == ("export", "support bundle")


def test_a_masked_document_keeps_its_shape() -> None:
    given = {"extensions": [{"number": "201", "pin": "9876", "port": "fxs/1"}], "n": 7, "on": True}
    assert masked_document(given) == {
        "extensions": [{"number": "201", "pin": "•••", "port": "fxs/1"}],
        "n": 7,
        "on": True,
    }


def test_a_daemon_s_words_lie_beside_its_sockets_for_the_group(tmp_path) -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    keep_log(tmp_path, "calld")
    (added,) = [handler for handler in root.handlers if handler not in before]
    try:
        logging.getLogger("x").error("line 1 is %s", "dead")
    finally:
        root.removeHandler(added)
        added.close()
    file = tmp_path / "log" / "calld.log"
    assert "ERROR x: line 1 is dead" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o640


# --- what was done, updates, keys -----------------------------------------------------------------


def test_what_was_done_is_listed_newest_first_and_as_text(app, owner, tmp_path) -> None:
    records = Records.open(tmp_path / "records.sqlite")
    for n, what in enumerate(("call 00000001", "<script>alert(1)</script>")):
        entry = Audited(at_ms=n, who="lin", action="export", what=what, origin="page 10.0.0.0/24")
        records.append([entry], boot=BOOT, wall=wall(n), trusted=True)
    records.close()
    page = owner.get("/box/done", headers=ENGLISH).text
    assert page.index("&lt;script&gt;") < page.index("call 00000001")
    assert "exported" in page
    assert signed_in(app, "installer").get("/box/done").status_code == 403


def test_the_version_is_the_one_that_was_built(owner) -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{VERSION}"' in project
    assert f"tipring {VERSION}" in owner.get("/box/updates").text


def test_a_key_is_given_shown_once_and_taken_away(app, owner, box) -> None:
    refused = owner.post("/box/programs", data={"name": "crm"}, headers=ENGLISH)
    assert (refused.status_code, "Choose at least one." in refused.text) == (422, True)
    assert 'value="crm"' in refused.text
    given = owner.post("/box/programs", data={"name": "crm", "scopes": ["status", "dial"]})
    key = re.search(r"tipring_[\w-]{40,}", given.text)
    assert key is not None
    assert key[0] not in owner.get("/box/programs").text
    program = app.test_client()
    bearer = {"Authorization": f"Bearer {key[0]}"}
    assert program.get("/api/v1/openapi.json", headers=bearer).status_code == 200
    assert owner.post("/box/programs/1/remove").status_code == 303
    assert program.get("/api/v1/openapi.json", headers=bearer).status_code == 401
    assert key[0] not in json.dumps(
        msgspec.to_builtins([r for r in box.asked if isinstance(r, NoteAudit)])
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_these_has_its_words(owner, language) -> None:
    for page in (
        "",
        "security",
        "trust",
        "backups",
        "updates",
        "logs",
        "support",
        "done",
        "programs",
    ):
        answer = owner.get(f"/box/{page}", headers={"Accept-Language": language})
        assert answer.status_code == 200, page
        assert f'lang="{language}"' in answer.text
