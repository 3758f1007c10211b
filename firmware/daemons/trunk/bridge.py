"""The library's conference bridge, worked by hand: a port for each leg, a frame when it is told.

The Python face of the library has no way to let the bridge work one frame, so that call goes to
its C face. A leg's port moves its samples through the address of the library's own buffer; that
this is where the samples are is checked once at the start, and if it is not so they are copied
the slow way.
"""

from __future__ import annotations

import ctypes
import logging
from typing import Any

from firmware.core.clock import SAMPLE_RATE_HZ
from firmware.daemons.trunk.leg_wire import FRAME_SAMPLES, LegWire

log = logging.getLogger(__name__)

FRAME_BYTES = FRAME_SAMPLES * 2
FRAME_US = FRAME_SAMPLES * 1_000_000 // SAMPLE_RATE_HZ


class _Frame(ctypes.Structure):
    """``pjmedia_frame`` of pjmedia/frame.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buf", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    )


class _Vector(ctypes.Structure):
    """The first two words of a C++ vector: where its elements begin and end."""

    _fields_ = (("begin", ctypes.c_void_p), ("end", ctypes.c_void_p))


def vectors_are_plain(module: Any) -> bool:
    """Whether the elements of the library's byte vectors can be reached by address."""
    probe = module.ByteVector(b"tipring!")
    words = _Vector.from_address(int(probe.this))
    if not words.begin or (words.end or 0) - words.begin != len(probe):
        return False
    return ctypes.string_at(words.begin, len(probe)) == b"tipring!"


def leg_port_class(module: Any) -> type:
    """The class of a leg's port, made when the library is there."""
    plain = vectors_are_plain(module)
    if not plain:
        log.warning("samples are copied the slow way: this build lays out its vectors otherwise")
    audio, none = module.PJMEDIA_FRAME_TYPE_AUDIO, module.PJMEDIA_FRAME_TYPE_NONE

    class LegPort(module.AudioMediaPort):  # type: ignore[misc]  # made at run time
        """One leg's place on the bridge."""

        def __init__(self, wire: LegWire, leg: int) -> None:
            super().__init__()
            self._to_far = wire.to_far[leg]
            self._from_far = wire.from_far[leg]
            shape = module.MediaFormatAudio()
            shape.init(module.PJMEDIA_FORMAT_PCM, SAMPLE_RATE_HZ, 1, FRAME_US, 16)
            self.createPort(f"sip/{leg + 1}", shape)

        def onFrameRequested(self, frame: Any) -> None:  # noqa: N802 - the library's name
            """What the box says to the far side."""
            try:
                frame.type = audio
                frame.size = FRAME_BYTES
                buffer = frame.buf
                if plain:
                    buffer.resize(FRAME_BYTES)
                    where = _Vector.from_address(int(buffer.this)).begin
                    ctypes.memmove(where, self._to_far.ctypes.data, FRAME_BYTES)
                else:
                    frame.buf = module.ByteVector(self._to_far.tobytes())
            except Exception:  # an exception in a callback would end the process
                log.exception("a frame could not be given")
                frame.type = none

        def onFrameReceived(self, frame: Any) -> None:  # noqa: N802 - the library's name
            """What the far side says to the box."""
            try:
                size = min(frame.size, FRAME_BYTES)
                if frame.type != audio or not size:
                    self._from_far.fill(0)
                elif plain:
                    where = _Vector.from_address(int(frame.buf.this)).begin
                    ctypes.memmove(self._from_far.ctypes.data, where, size)
                else:
                    sound = bytes(frame.buf)[:size]
                    ctypes.memmove(self._from_far.ctypes.data, sound, size)
            except Exception:  # as above
                log.exception("a frame could not be taken")

    return LegPort


class Bridge:
    """Works the bridge a frame at a time.

    Args:
        library: The library's C face.
        master: Address of the master port, as ``setNoDev`` gives it.
    """

    def __init__(self, library: ctypes.CDLL, master: int) -> None:
        self._get = library.pjmedia_port_get_frame
        self._get.argtypes = (ctypes.c_void_p, ctypes.POINTER(_Frame))
        self._get.restype = ctypes.c_int
        self._master = master
        self._buffer = ctypes.create_string_buffer(FRAME_BYTES)
        self._frame = _Frame()
        self._samples = 0

    def work(self) -> None:
        """One frame, on the thread that was made known to the library."""
        frame = self._frame
        frame.type = 1  # PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = ctypes.cast(self._buffer, ctypes.c_void_p)
        frame.size = FRAME_BYTES
        frame.timestamp = self._samples
        self._samples += FRAME_SAMPLES
        self._get(self._master, ctypes.byref(frame))
