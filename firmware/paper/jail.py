"""A program that reads files of strangers shuts itself in before it looks at the first byte.

After :func:`shut_in` it can compute and write to what is open already. It cannot open anything but
fonts and programs, cannot write a file, talk over a network, start a program or a thread, and ends
by itself when it takes too much time or memory. Three means of the kernel, none needs rights:
limits of the process (``setrlimit``), Landlock for files, a filter of system calls (seccomp).
Numbers are of Linux's tables for x86-64 and arm64; Landlock's are the same everywhere.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from pathlib import Path
from typing import Final

MEMORY_BYTES: Final = 640 << 20
"""Address space. Measured: Python, Pillow and PDFium take 190 MB of it before the first page, most
of it never touched; a page of A4 some 20 MB, the largest picture 110 MB."""

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_PATH_BENEATH: Final = 1
_EXECUTE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
_ALL_OF_FIRST: Final = (1 << 13) - 1
"""Every right of Landlock's first version: what is named here and not allowed is refused."""

# Per machine: its audit number (linux/audit.h) and the calls that are refused: socket, socketpair,
# connect, bind, fork, vfork, clone, clone3, execve, execveat, ptrace, kill.
_MACHINES: Final[dict[str, tuple[int, tuple[int, ...]]]] = {
    "x86_64": (0xC000003E, (41, 53, 42, 49, 57, 58, 56, 435, 59, 322, 101, 62)),
    "aarch64": (0xC00000B7, (198, 199, 203, 200, 220, 435, 221, 281, 117, 129)),
}

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000


class NoJailError(OSError):
    """The kernel refuses one of the means; nothing of a stranger may be read then."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def shut_in(readable: tuple[Path, ...], seconds: int) -> None:
    """From now on.

    Args:
        readable: Folders whose files may still be read.
        seconds: Of processor time.

    Raises:
        NoJailError: it is not shut in.
    """
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    libc = ctypes.CDLL(None, use_errno=True)
    _done(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _lock_files(libc, readable)
    _filter_calls(libc)


def _done(result: int, what: str) -> int:
    if result < 0:
        raise NoJailError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def _lock_files(libc: ctypes.CDLL, readable: tuple[Path, ...]) -> None:
    rights = struct.pack("=Q", _ALL_OF_FIRST)
    rules = _done(libc.syscall(_LANDLOCK_CREATE, rights, len(rights), 0), "landlock")
    for folder in readable:
        if not folder.exists():
            continue
        opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        # On a file itself only the rights of files are known.
        wanted = _READ_FILE | (_READ_FOLDER if folder.is_dir() else 0)
        rule = struct.pack("=Qi", wanted, opened)
        _done(libc.syscall(_LANDLOCK_ADD, rules, _PATH_BENEATH, rule, 0), f"landlock {folder}")
        os.close(opened)
    _done(libc.syscall(_LANDLOCK_RESTRICT, rules, 0), "landlock")
    os.close(rules)


def _filter_calls(libc: ctypes.CDLL) -> None:
    machine = platform.machine()
    if machine not in _MACHINES or sys.byteorder != "little":
        raise NoJailError(errno.ENOSYS, f"no list of system calls for {machine}")
    audit, refused = _MACHINES[machine]
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    for at, call in enumerate(refused):
        steps.append((_EQUAL, len(refused) - at, 0, call))
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    program = _Program(len(steps), code)
    _done(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0), "seccomp")
