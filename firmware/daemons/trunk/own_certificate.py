"""What the box shows at its TLS port: a certificate that it made itself and keeps.

Without one nobody could call in over TLS. No authority stands behind it: another office enters it
as its own authority (``Sip.authority``), a provider calls over the connection that the box opened.
It names the addresses that the box had when it was made, and is made anew when they changed.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Begin, whatever the clock says: a box may start before it knows the time."""

YEARS: Final = 25  # chosen: as long as the page's own authority, nobody has to do it again
NAME: Final = "tipring"
LOCAL_NAMES: Final = ("tipring.local", "localhost")
END: Final = "-----END CERTIFICATE-----"


def certificate_at(path: Path, addresses: Sequence[str] = ()) -> str:
    """The certificate in a file that holds it with its key, PEM; made if none is there that fits.

    Args:
        path: In a folder that no other program of the box can read.
        addresses: Where the box is found: far sides check what they call (RFC 5922, clause 7.1).

    Raises:
        OSError: nothing can be written there.
    """
    wanted = {ipaddress.ip_address(one) for one in addresses}
    if path.exists():
        found = path.read_text(encoding="ascii")
        shown, _, key_text = found.partition(END)
        if "PRIVATE KEY" in key_text and wanted <= _addresses(shown + END):
            return f"{shown}{END}\n"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in LOCAL_NAMES]
    names += [x509.IPAddress(one) for one in sorted(wanted, key=str)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(EARLIEST)
        .not_valid_after(EARLIEST + timedelta(days=365 * YEARS))
        # It vouches for itself alone: a far side that trusts it trusts nobody else.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(path, public + secret)
    return public.decode()


def _addresses(shown: str) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """IP addresses that a certificate names; none if it is damaged."""
    try:
        found = x509.load_pem_x509_certificate(shown.encode())
    except ValueError:
        return set()
    others = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(others.get_values_for_type(x509.IPAddress))  # type: ignore[arg-type]  # of one machine


def _write(path: Path, text: bytes) -> None:
    """All of it or nothing, for nobody else to read."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
