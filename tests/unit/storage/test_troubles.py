"""What an owner reads when a backup cannot be made or read: what he can do something about."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from firmware.storage.backup import BackupError, restore
from firmware.storage.troubles import trouble


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (errno.ENOSPC, "no room is left", "已满"),
        (errno.EIO, "was it pulled out?", "可能已被拔出"),
        (errno.EROFS, "is the stick locked?", "写保护"),
    ],
)
def test_what_the_stick_answers_is_told_in_both_languages(
    number: int, english: str, chinese: str
) -> None:
    cause = OSError(number, os.strerror(number), "/media/backup/tipring-1.tipring.part")
    with pytest.raises(BackupError) as raised:
        raise BackupError(f"the backup was not made: {cause}") from cause
    assert english in trouble(raised.value, "en")
    for language in ("zh-CN", "zh-HK"):
        assert chinese in trouble(raised.value, language)


def test_another_file_is_told_from_another_pass_phrase(tmp_path: Path) -> None:
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7" + bytes(4_000))
    with pytest.raises(BackupError) as raised:
        restore(letter, tmp_path / "data", "twelve rings and more")
    assert trouble(raised.value, "en") == "this is no backup of such a box"
    assert trouble(raised.value, "zh-CN") == "这不是本机的备份文件"


def test_what_nobody_knows_stays_in_the_programs_words() -> None:
    assert trouble(ValueError("the pass-phrase has 3 characters"), "zh-CN") == (
        "the pass-phrase has 3 characters"
    )
