"""Keys that sign updates: an authority that every box knows, and what it vouches for.

They lie outside the tree, in ``TIPRING_KEYS`` or ``~/.config/tipring/keys``. Where there are none,
a pair for development is made: boxes built here take bundles built here, and no others.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from image.stage import BuildError

BITS: Final = 3072
"""ETSI EN 303 645, 5.3-7: best practice; NIST SP 800-57 part 1, table 2: good beyond 2030."""
AUTHORITY_YEARS: Final = 25
SIGNER_YEARS: Final = 5
AUTHORITY: Final = ("authority.pem", "authority.key")
SIGNER: Final = ("signer.pem", "signer.key")


class Keys(NamedTuple):
    """Files of one set of keys.

    Attributes:
        authority: Its certificate: what the image holds as its keyring.
        signer: The certificate that signs bundles.
        key: The signer's key.
    """

    authority: Path
    signer: Path
    key: Path


def folder() -> Path:
    """Where keys lie on this machine."""
    given = os.environ.get("TIPRING_KEYS", "")
    return Path(given) if given else Path.home() / ".config/tipring/keys"


def authority_of(where: Path) -> bytes:
    """The keyring of an image: the authority's certificate; made for development if missing."""
    file = where / AUTHORITY[0]
    if not file.exists():
        make(where, "tipring development")
    return file.read_bytes()


def signer_of(where: Path) -> Keys:
    """What a bundle is signed with.

    Raises:
        BuildError: a key is missing; nothing is made in its place once there is an authority.
    """
    authority_of(where)
    keys = Keys(where / AUTHORITY[0], where / SIGNER[0], where / SIGNER[1])
    for file in keys:
        if not file.exists():
            raise BuildError(f"{file} is missing; image/README.md says how a signer is made.")
    return keys


def make(where: Path, name: str) -> Keys:
    """A new authority and its first signer.

    Raises:
        BuildError: there are keys already; they are never written over.
    """
    if any((where / file).exists() for file in (*AUTHORITY, *SIGNER)):
        raise BuildError(f"{where} holds keys already; name another folder in TIPRING_KEYS.")
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC).replace(microsecond=0)
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    subject = _named(f"{name} authority")
    made = (
        _certificate(subject, subject, key, now, AUTHORITY_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(where / AUTHORITY[1], _private(key))
    _write(where / AUTHORITY[0], made.public_bytes(serialization.Encoding.PEM))
    return vouch(where, name)


def vouch(where: Path, name: str) -> Keys:
    """A new signer by the authority of a folder: the first one, or one after the old one's time.

    Raises:
        BuildError: the authority's key is not here: it belongs offline, and is here for this alone.
    """
    key_file = where / AUTHORITY[1]
    if not key_file.exists():
        raise BuildError(f"{key_file} is not here: bring it from where it is kept offline.")
    authority_key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    authority = x509.load_pem_x509_certificate((where / AUTHORITY[0]).read_bytes())
    now = datetime.now(UTC).replace(microsecond=0)
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    made = (
        _certificate(_named(f"{name} signer"), authority.subject, key, now, SIGNER_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .sign(authority_key, hashes.SHA256())  # type: ignore[arg-type]  # it is the key made above
    )
    _write(where / SIGNER[1], _private(key))
    _write(where / SIGNER[0], made.public_bytes(serialization.Encoding.PEM))
    return Keys(where / AUTHORITY[0], where / SIGNER[0], where / SIGNER[1])


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, now: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
