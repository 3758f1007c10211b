"""Stops a program at its N-th write, or makes that write fail, by strace.

Every call that changes a file is a point. A program is killed *before* the call is carried out, so
the points together are all the states a kill can leave.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent
ROOT = PROGRAMS.parents[2]

CHANGING = (
    *("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "msync", "sync_file_range"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "unlink", "unlinkat"),
    *("ftruncate", "truncate", "fallocate", "copy_file_range", "sendfile", "mkdir", "chmod"),
    *("fchmod", "fchmodat"),
)
"""All calls by which a program could change what a file system keeps, but for opening with
O_CREAT or O_TRUNC, which leave what a kill at the next write leaves."""

TIME_LIMIT_S = 30
_LONGEST = 100  # bytes of a message of the nursery

UNSAID = 4
"""Exit status of a program whose acknowledgement could not be said (``acknowledge.py``)."""


class StraceUnusableError(Exception):
    """The kill tests need ptrace; the sentence says what strace said."""


@dataclass(frozen=True)
class Point:
    """The ``count``-th time the program makes this call."""

    call: str
    count: int

    def __str__(self) -> str:
        return f"{self.call} {self.count}"


@dataclass(frozen=True)
class Run:
    """How a run ended: its lines until then, and the exit status (-9 when it was killed)."""

    lines: tuple[str, ...]
    status: int
    said: str

    def last(self, word: str, default: str = "") -> str:
        """What followed ``word`` on its last line, e.g. the version after ``saved``."""
        found = [line.split(" ", 1)[1] for line in self.lines if line.startswith(f"{word} ")]
        return found[-1] if found else default


def check_strace() -> None:
    """Raise ``StraceUnusableError`` where programs cannot be traced."""
    if shutil.which("strace") is None:
        raise StraceUnusableError(
            "strace is not installed: the kill tests need it (apt install strace)."
        )
    sleeper = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    assert sleeper.stdin is not None
    try:
        strace, said = _attach(sleeper.pid, "/dev/null", ["-e", "trace=write"])
    finally:
        sleeper.stdin.close()
        sleeper.wait(TIME_LIMIT_S)
    strace.wait(TIME_LIMIT_S)
    if "attached" not in said:
        raise StraceUnusableError(
            f"strace cannot trace programs here, so nothing can be killed at a write: {said}"
        )


def run(program: str, folder: Path, *options: str, log: str = "/dev/null") -> Run:
    """Run one of the programs of this folder, under strace if there are options for it.

    strace attaches when the program has loaded its modules: only what it does itself counts.
    """
    nursery = _nursery()
    stdin, go = os.pipe()
    told, stdout = os.pipe()
    complained, stderr = os.pipe()
    theirs = [stdin, stdout, stderr]
    socket.send_fds(nursery, [json.dumps([program, str(folder)]).encode()], theirs)
    for descriptor in theirs:
        os.close(descriptor)
    with (
        os.fdopen(go, "wb", 0) as begin,
        os.fdopen(told, "rb") as lines,
        os.fdopen(complained, "rb") as said,
    ):
        process = int(nursery.recv(_LONGEST))
        if lines.readline() != b"ready\n":
            nursery.recv(_LONGEST)
            raise AssertionError(f"{program} did not start: {said.read()!r}")
        strace = None
        if options:
            strace, attached = _attach(process, log, list(options))
            if "attached" not in attached:
                os.kill(process, signal.SIGKILL)
                nursery.recv(_LONGEST)
                raise StraceUnusableError(f"strace did not attach: {attached}")
        begin.write(b"\n")
        status = int(nursery.recv(_LONGEST))
        if strace is not None:
            strace.communicate(timeout=TIME_LIMIT_S)
        return Run(tuple(lines.read().decode().splitlines()), status, said.read().decode())


@functools.cache
def _nursery() -> socket.socket:
    """The way to a process that forks programs (``nursery.py``); it ends with this one."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(TIME_LIMIT_S)
    subprocess.Popen(
        [sys.executable, "-B", str(PROGRAMS / "nursery.py"), str(its.fileno())],
        stdin=subprocess.DEVNULL,
        pass_fds=[its.fileno()],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    its.close()
    return ours


def _attach(process: int, log: str, options: list[str]) -> tuple[subprocess.Popen[str], str]:
    """A tracer on a process that waits, and the first line it said."""
    strace = subprocess.Popen(
        ["strace", "-f", "-y", "-o", log, *options, "-p", str(process)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert strace.stderr is not None
    return strace, strace.stderr.readline().strip()


def trace(program: str, folder: Path) -> list[str]:
    """The changing calls of an undisturbed run, as strace writes them, without process ids."""
    log = folder.parent / f"{folder.name}.strace"
    ended = run(program, folder, "-e", f"trace={','.join(CHANGING)}", log=str(log))
    if ended.status:
        raise AssertionError(f"{program} failed undisturbed: {ended.said}")
    lines = log.read_text("utf-8", "replace").splitlines()
    return [re.sub(r"^\d+ +", "", line) for line in lines]


def points(program: str, folder: Path) -> list[Point]:
    """Every point of an undisturbed run, in order."""
    counts: Counter[str] = Counter()
    found: list[Point] = []
    for line in trace(program, folder):
        if match := re.match(r"(\w+)\(", line):
            counts[match[1]] += 1
            found.append(Point(match[1], counts[match[1]]))
    return found


def killed(program: str, folder: Path, point: Point) -> Run:
    """Run until just before the point, and kill there."""
    inject = f"inject={point.call}:signal=KILL:when={point.count}"
    return run(program, folder, "-e", f"trace={point.call}", "-e", inject)


def failing(program: str, folder: Path, point: Point, error: str, *, forever: bool) -> Run:
    """Run with an error (``ENOSPC``, ``EIO``) at the point, once or from there on."""
    when = f"{point.count}+" if forever else f"{point.count}"
    inject = f"inject={point.call}:error={error}:when={when}"
    return run(program, folder, "-e", f"trace={point.call}", "-e", inject)
