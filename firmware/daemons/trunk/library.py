"""Which pjsua2 runs here: its version, whether it speaks TLS, its codecs.

A build is not what its version says: a cross-compiled one may have no TLS without a word. So
what it can do is asked of the library itself, at every start and by a test.
``python -m firmware.daemons.trunk.library`` prints it.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from typing import Any, Final

import msgspec

from firmware.sip.why import Why, because

PLACE: Final = "TIPRING_PJSUA2"
"""Environment variable: folder of a build of our own, before whatever is installed."""

NEEDED: Final = ("PCMA", "PCMU", "G722")
"""Codecs without which a trunk is of no use: ITU-T G.711 both laws, G.722."""

MOST_CALLS: Final = 1_000  # asked for; the library takes as many as it was built for

WANTED_VERSION: Final = (2, 17)
"""Of a build for the product; an older one serves development and says so."""


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """What a build of the library can do.

    Attributes:
        version: As the library says.
        own: Built by ``image/pjproject``; otherwise a wheel with a TLS library of its own.
        tls: A TLS transport could be made.
        codecs: Names, as SDP has them, without duplicates.
        gate: Requests of strangers are dropped before the library answers them.
        calls: At a time, 0 if it cannot be said.
        native_legs: Frames are copied without Python.
    """

    version: str
    own: bool
    tls: bool
    codecs: tuple[str, ...]
    gate: bool = False
    calls: int = 0
    native_legs: bool = False

    def problems(self, legs: int = 0) -> list[Why]:
        """What is missing for the product and for so many legs."""
        found = []
        if not self.tls:
            found.append(because("no-tls", version=self.version))
        if missing := [name for name in NEEDED if name not in self.codecs]:
            found.append(because("no-codecs", version=self.version, codecs=", ".join(missing)))
        number = tuple(int(part) for part in self.version.split(".")[:2])
        if number < WANTED_VERSION:
            wanted = ".".join(str(part) for part in WANTED_VERSION)
            found.append(because("old", version=self.version, wanted=wanted))
        if 0 < self.calls < legs:
            found.append(because("few-calls", version=self.version, calls=self.calls, legs=legs))
        return found


class LibraryMissingError(Exception):
    """No pjsua2 fits this machine; the message is one sentence for the log and the page."""


def load() -> Any:
    """The module ``pjsua2``.

    Raises:
        LibraryMissingError: there is none for this Python and machine.
    """
    place = os.environ.get(PLACE, "")
    if place and place not in sys.path:
        sys.path.insert(0, place)
    try:
        return importlib.import_module("pjsua2")
    except ImportError as error:
        raise LibraryMissingError(
            f"SIP stays out: there is no pjsua2 for this machine ({error}); "
            "image/pjproject/build.sh makes one."
        ) from error


def native(module: Any) -> ctypes.CDLL:
    """The library behind the module, for the few calls that its Python face lacks.

    They release the interpreter lock while they run, as ``ctypes.CDLL`` does.
    """
    inner = getattr(module, "_pjsua2", None) or sys.modules.get("_pjsua2")
    if inner is None:
        inner = importlib.import_module("pjsua2._pjsua2")
    return ctypes.CDLL(inner.__file__)


def is_own(module: Any) -> bool:
    """Whether ``image/pjproject`` made it: a wheel is a package, ours is one file."""
    return not hasattr(module, "__path__")


def build_of(module: Any, endpoint: Any) -> Build:
    """What the library says of itself; ``endpoint`` is initialised and not started.

    The transport that is tried listens on a port the kernel chooses, on loopback, and is closed.
    """
    tls = True
    try:
        config = module.TransportConfig()
        config.boundAddress = "127.0.0.1"
        endpoint.transportClose(endpoint.transportCreate(module.PJSIP_TRANSPORT_TLS, config))
    except module.Error:
        tls = False
    library = native(module)
    codecs = [codec.codecId.partition("/")[0] for codec in endpoint.codecEnum2()]
    return Build(
        version=endpoint.libVersion().full,
        own=is_own(module),
        tls=tls,
        codecs=tuple(dict.fromkeys(codecs)),
        gate=hasattr(library, "tipring_gate_allow"),
        calls=int(library.pjsua_call_get_max_count()),
        native_legs=hasattr(library, "tipring_leg_place"),
    )


def look() -> Build:
    """Start the library for a moment, ask, and end it; once in a process."""
    module = load()
    endpoint = module.Endpoint()
    endpoint.libCreate()
    config = module.EpConfig()
    config.logConfig.level = 0
    config.logConfig.consoleLevel = 0
    config.uaConfig.threadCnt = 0
    config.uaConfig.maxCalls = MOST_CALLS
    config.uaConfig.mainThreadOnly = True
    endpoint.libInit(config)
    endpoint.audDevManager().setNoDev()
    found = build_of(module, endpoint)
    endpoint.libDestroy()
    return found


if __name__ == "__main__":
    try:
        sys.stdout.write(msgspec.json.encode(look()).decode() + "\n")
    except LibraryMissingError as missing:
        sys.stderr.write(f"{missing}\n")
        raise SystemExit(3) from None
