# ruff: noqa: PLW0603, A001, ARG001, PTH110  # the form that nbdkit asks for
"""A card for nbdkit that lives in memory and logs each write and flush. Run by nbdkit alone.

Log records: ``W`` offset (8 bytes) length (4 bytes) data; ``S`` for a flush. Little endian.
"""

import os
import struct

size = 0
disk = bytearray()
log = -1
failing = ""  # while a file of this name exists nothing can be written


def config(key, value):
    global size, disk, log, failing
    if key == "size":
        size = int(value)
        disk = bytearray(size)
    elif key == "log":
        failing = f"{value}.failing"
        log = os.open(value, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def thread_model():
    import nbdkit

    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return 1


def get_size(h):
    return size


def can_flush(h):
    return True


def can_write(h):
    return True


def pread(h, buf, offset, flags=0):
    buf[:] = disk[offset : offset + len(buf)]


def pwrite(h, buf, offset, flags=0):
    if os.path.exists(failing):
        raise OSError("the card takes nothing")
    data = bytes(buf)
    disk[offset : offset + len(data)] = data
    os.write(log, b"W" + struct.pack("<QI", offset, len(data)) + data)


def flush(h, flags=0):
    if os.path.exists(failing):
        raise OSError("the card takes nothing")
    os.write(log, b"S")


API_VERSION = 2
