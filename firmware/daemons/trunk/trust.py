"""Who vouches for a trunk's far side: the machine's authorities and the office's own."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")


def context(own: Path | None, *, check: bool) -> ssl.SSLContext:
    """How the far side of a TLS trunk is met.

    Args:
        own: File of an authority that the office trusts besides the machine's; None for none.
        check: The far side has to prove its name; without it sound and signalling are encrypted
            for whoever is there.
    """
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if own is not None and own.exists():
        made.load_verify_locations(str(own))
    if not check:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def keep(path: Path, own: Sequence[str]) -> None:
    """Write the file by which the library checks far sides: the machine's authorities and ours.

    Args:
        path: In the folder of the sockets, which nobody else can write.
        own: Lines of the office's own authority, PEM.
    """
    known = CERTIFICATES.read_text(encoding="ascii") if CERTIFICATES.exists() else ""
    text = f"{known}\n" + "\n".join(own) + "\n"
    if not path.exists() or path.read_text(encoding="ascii") != text:
        path.write_text(text, encoding="ascii")
