"""What is brought back from a backup is opened by the same programs as before."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from firmware.storage.rights import CALL, RIGHTS, settle

GROUP_READS, GROUP_WRITES = 0o040, 0o020


def made(data: Path, part: str) -> Path:
    """A part as it is unsealed: for nobody but who unsealed it."""
    if "." in part:
        (data / part).write_text("x")
        (data / part).chmod(0o600)
        return data / part
    (data / part / "2026").mkdir(parents=True, mode=0o700)
    (data / part / "2026/one").write_text("x")
    (data / part / "2026/one").chmod(0o600)
    return data / part


@pytest.mark.parametrize(
    ("part", "reads", "writes"),
    [
        ("records.sqlite", True, False),  # the page
        ("prompts", True, False),  # lined plays them
        ("recordings", True, True),  # lined records, call control removes
        ("voicemail", True, True),
        ("faxes", True, True),  # faxd and call control
        ("keys", False, False),
        ("lines.json", False, False),
        ("something-new", False, False),
    ],
)
def test_others_of_the_group_may_do_what_they_have_to(
    tmp_path: Path, part: str, reads: bool, writes: bool
) -> None:
    settle(made(tmp_path, part), like=tmp_path)
    file = tmp_path / part if "." in part else tmp_path / part / "2026/one"
    mode = file.stat().st_mode
    assert (bool(mode & GROUP_READS), bool(mode & GROUP_WRITES)) == (reads, writes)
    assert mode & 0o007 == 0, "nobody else"
    if reads and "." not in part:
        assert file.parent.stat().st_mode & 0o050 == 0o050


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives things away")
@pytest.mark.skipif(
    CALL in {one.pw_name for one in pwd.getpwall()}, reason="this machine has the box's users"
)
def test_on_a_machine_without_the_boxs_users_they_are_the_folders(tmp_path: Path) -> None:
    os.chown(tmp_path, 4242, 4243)
    for part in RIGHTS:
        settle(made(tmp_path, part), like=tmp_path)
        found = (tmp_path / part).stat()
        assert (found.st_uid, found.st_gid) == (4242, 4243)


def test_a_link_in_a_backup_leads_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    part = made(tmp_path / "data", "faxes")
    (part / "link").symlink_to(outside)
    settle(part, like=tmp_path)
    assert outside.stat().st_mode & 0o777 == 0o644
