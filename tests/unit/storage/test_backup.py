"""A backup that can be restored, and every one that must be refused."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest

from firmware.storage import sealed
from firmware.storage.backup import (
    MANIFEST,
    BackupError,
    Manifest,
    Member,
    backup,
    restore,
    try_restore,
)
from firmware.storage.records import Records
from firmware.storage.sealed import SealedError, Sealing, Unsealed, key_of
from firmware.storage.settings import SettingsStore, mark_new
from firmware.storage.vault import Vault
from tests.unit.storage.stories import BOOT, inbound, outbound, wall
from tests.unit.storage.test_vault import heard, recorded

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PHRASE = "correct horse battery"
KEY = bytes(range(32))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A box with two calls, two versions of settings and a recording; calld is running."""
    data = tmp_path / "data"
    mark_new(data / "settings")
    store = SettingsStore(data / "settings")
    for base in range(2):
        store.save({"site": f"canary {base}"}, base=base, who="o", why="", now=NOW)
    records = Records.open(data / "records.sqlite")
    for story in (inbound("00000001"), outbound("00000002")):
        now_ms = story[-1].at_ms
        records.append(story, boot=BOOT, wall=wall(now_ms), trusted=True, now_ms=now_ms)
    (data / "recordings").mkdir()
    (data / "recordings" / "00000001-rec1.wav").write_bytes(b"RIFF the voice" * 9000)
    return data


def test_a_backup_is_read_back_and_restored_into_another_box(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "box.tipring"
    made = backup(data, target, PHRASE, what="all", now=NOW)
    assert (made.calls, made.settings_version, made.files) == (2, 2, 3)
    found = restore(target, tmp_path / "other", PHRASE)
    assert found == made
    store = SettingsStore(tmp_path / "other" / "settings")
    assert store.current() == (2, {"site": "canary 1"})
    assert [item.version for item in store.history()] == [2, 1]
    other = Records.open(tmp_path / "other" / "records.sqlite")
    assert other.call("00000001").caller_number == "13800138000"
    assert int(other.next_call_id()) > 2
    voice = tmp_path / "other" / "recordings" / "00000001-rec1.wav"
    assert voice.read_bytes() == b"RIFF the voice" * 9000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box.tipring", "data", "other"]


def test_another_box_plays_what_the_first_recorded(data: Path, tmp_path: Path) -> None:
    vault = Vault(data / "keys")
    samples = recorded(data / "recordings" / "00000002-rec1.wav", 2)
    vault.keep(data / "recordings" / "00000002-rec1.wav")
    vault.protect("another horse battery")
    (data / "voicemail").mkdir()
    (data / "voicemail" / "m1.tpr").write_bytes(b"a message")
    (data / "faxes").mkdir()
    (data / "faxes" / "00000001-fax.tif").write_bytes(b"a fax")
    target = tmp_path / "box.tipring"
    made = backup(data, target, PHRASE, what="all", now=NOW)
    assert (made.files, try_restore(target, PHRASE, data)) == (8, made)
    assert not (data / "scratch").exists()
    other = tmp_path / "other"
    restore(target, other, PHRASE)
    assert (other / "voicemail" / "m1.tpr").read_bytes() == b"a message"
    assert (other / "faxes" / "00000001-fax.tif").read_bytes() == b"a fax"
    assert (other / "keys").stat().st_mode & 0o777 == 0o700
    found = Vault(other / "keys")
    assert found.locked  # the owner's pass-phrase of recordings is asked for there too
    found.unlock("another horse battery")
    assert np.array_equal(heard(found, other / "recordings" / "00000002-rec1.tpr"), samples)


def test_nothing_in_clear_is_written_beside_the_backup(data: Path, tmp_path: Path) -> None:
    """The stick holds the sealed file and has held nothing else: it takes no second file."""
    stick = tmp_path / "stick"
    stick.mkdir()
    backup(data, stick / "a.tipring", PHRASE, what="all", now=NOW)
    assert [path.name for path in stick.iterdir()] == ["a.tipring"]
    assert b"13800138000" not in (stick / "a.tipring").read_bytes()


def test_settings_alone(data: Path, tmp_path: Path) -> None:
    made = backup(data, tmp_path / "s.tipring", PHRASE, what="settings", now=NOW)
    assert (made.files, made.calls, made.settings_version) == (1, 0, 2)


def test_nothing_of_it_can_be_read_without_the_pass_phrase(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "box.tipring"
    backup(data, target, PHRASE, what="all", now=NOW)
    text = target.read_bytes()
    for canary in (b"canary", b"13800138000", b"the voice", b"manifest", b"PK\x03\x04"):
        assert canary not in text
    with pytest.raises(BackupError, match="another pass-phrase or key"):
        restore(target, tmp_path / "other", "wrong horse battery")
    assert list((tmp_path / "other").iterdir()) == []
    with pytest.raises(ValueError, match="5 characters; at least 12"):
        backup(data, target, "short", what="all", now=NOW)


def test_one_altered_byte_anywhere_is_found(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "box.tipring"
    backup(data, target, PHRASE, what="settings", now=NOW)
    whole = target.read_bytes()
    chance = random.Random(5)
    for place in [0, 9, 25, 33, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(5))]:
        bad = bytearray(whole)
        bad[place] ^= 1
        target.write_bytes(bad)
        with pytest.raises(BackupError):
            restore(target, tmp_path / f"other{place}", PHRASE)
    target.write_bytes(whole[:-20])
    with pytest.raises(BackupError, match="cut off"):
        restore(target, tmp_path / "cut", PHRASE)


def test_a_folder_in_use_is_not_overwritten(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "box.tipring"
    backup(data, target, PHRASE, what="settings", now=NOW)
    with pytest.raises(BackupError, match="is not empty"):
        restore(target, data, PHRASE)
    assert (data / "recordings").exists()


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "settings/../../x", "recordings/../../x", "web.py", "settings"]
)
def test_a_crafted_archive_writes_nothing_outside(tmp_path: Path, name: str) -> None:
    plain = io.BytesIO()
    member = Member(name=name, size=1, sha256="0")
    manifest = Manifest(form=1, what="all", made_at="", members=(member,))
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr(MANIFEST, msgspec.json.encode(manifest))
        archive.writestr(name, b"x")
    target, salt = tmp_path / "evil.tipring", bytes(16)
    with target.open("wb") as file:
        sealing = Sealing(file, key_of(PHRASE, salt), salt)
        sealing.write(plain.getvalue())
        sealing.close()
    with pytest.raises(BackupError, match="which no box has"):
        restore(target, tmp_path / "deep" / "data", PHRASE)
    assert not (tmp_path / "x").exists()


# --- sealed files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_sealed_file_can_be_read_from_any_place(tmp_path: Path, size: int) -> None:
    text = random.Random(size).randbytes(size)
    path = tmp_path / "s"
    with path.open("wb") as file:
        sealing = Sealing(file, KEY)
        sealing.write(text)
        sealing.close()
    with path.open("rb") as file:
        reader = Unsealed(file, KEY)
        assert b"".join(reader.pieces()) == text
        for place in (0, 100, 65_530, 65_536, 131_000):
            assert reader.read_at(place, 20) == text[place : place + 20]


def test_pieces_cannot_be_left_off_or_moved(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with path.open("wb") as file:
        sealing = Sealing(file, KEY)
        sealing.write(bytes(200_000))
        sealing.close()
    whole, piece = path.read_bytes(), sealed.PIECE_BYTES + sealed.TAG_BYTES
    head, first, second = whole[:32], whole[32 : 32 + piece], whole[32 + piece : 32 + 2 * piece]
    for forged in (head + first + second, head + second + first + whole[32 + 2 * piece :]):
        path.write_bytes(forged)
        with path.open("rb") as file, pytest.raises(SealedError):
            list(Unsealed(file, KEY).pieces())
