"""Why a backup could not be made or read, for the person who asked for it, in both languages."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from typing import Final

from firmware.storage.sealed import NotSealedError, SealedError

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "no-key": (
        "备份口令还没有设置：tipring backup protect",
        "there is no pass-phrase for backups yet: tipring backup protect",
    ),
    "no-folder": ("备份位置 {where} 不存在或未插入", "{where} is not there; is the stick in?"),
    "inside": (
        "备份位置 {where} 在本机的数据目录里",
        "{where} lies in the box's own data folder",
    ),
    "wrong": ("口令不对，或者文件已损坏", "the pass-phrase is another one, or the file is damaged"),
    "alien": ("这不是本机的备份文件", "this is no backup of such a box"),
    "full": ("存放的地方已满", "no room is left where it goes"),
    "away": (
        "U 盘读写出错，可能已被拔出",
        "the stick cannot be read or written; was it pulled out?",
    ),
    "locked": ("不允许写入，U 盘可能有写保护", "it may not be written; is the stick locked?"),
}

_ERRNO: Final[Mapping[int, str]] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EIO: "away",
    errno.ENODEV: "away",
    errno.ENXIO: "away",
    errno.ENOENT: "away",
    errno.EROFS: "locked",
    errno.EACCES: "locked",
    errno.EPERM: "locked",
}


def trouble(problem: BaseException, language: str) -> str:
    """What a person can do something about; else what the program itself says.

    Args:
        problem: As it was raised, with its causes.
        language: Of the reader; Chinese for ``zh-CN`` and ``zh-HK``, else English.
    """
    return said(cause(problem), language)


def cause(problem: BaseException) -> str:
    """Its name in ``WORDS``, else what the program itself says; for whoever tells it later."""
    return next((key for key in map(_known, _causes(problem)) if key), str(problem))


def said(found: str, language: str, where: str = "") -> str:
    """A cause in words; ``where`` is the place of the backup."""
    if found not in WORDS:
        return found
    return WORDS[found][0 if language.startswith("zh") else 1].format(where=where)


def _known(problem: BaseException) -> str:
    if isinstance(problem, NotSealedError):
        return "alien"
    if isinstance(problem, SealedError):
        return "wrong"
    return _ERRNO.get(problem.errno or 0, "") if isinstance(problem, OSError) else ""


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__
