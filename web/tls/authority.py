"""The box's own authority and its certificates (X.509, RFC 5280). Time is an argument."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Certificates begin no earlier: a box whose clock is not set yet would make them for 1970."""

AUTHORITY_YEARS: Final = 25
LEAF_DAYS: Final = 800
"""Browsers refuse more than 825 days, of private authorities too (Apple, HT210176)."""

RENEW_DAYS: Final = 60
"""So long before its end a certificate is made anew."""

SLACK: Final = timedelta(days=1)
"""Clocks of neighbours differ."""

PRIVATE: Final = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
"""What the authority may vouch for besides names in ``.local`` (RFC 1918, 3927, 4193, 4291)."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes


def new_authority(now: datetime) -> Pair:
    """An authority of its own for one box."""
    key = ec.generate_private_key(ec.SECP256R1())
    begin = _begin(now)
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = _name(f"Box {mark.digest.hex()[:8]}")
    permitted: list[x509.GeneralName] = [x509.DNSName("local"), x509.DNSName("localhost")]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(mark, critical=False)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    return _pair(made, key)


def new_leaf(
    authority: Pair, names: Iterable[str], addresses: Iterable[str], now: datetime
) -> Pair:
    """A certificate for the page.

    Args:
        authority: Signs it.
        names: Under which the box is found.
        addresses: The same as IP addresses.
        now: UTC.
    """
    above = x509.load_pem_x509_certificate(authority.certificate)
    signer = serialization.load_pem_private_key(authority.key, None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101  # made above
    key = ec.generate_private_key(ec.SECP256R1())
    begin = _begin(now)
    others: list[x509.GeneralName] = [x509.DNSName(name) for name in sorted(set(names))]
    others += [x509.IPAddress(ipaddress.ip_address(a)) for a in sorted(set(addresses))]
    made = (
        x509.CertificateBuilder()
        .subject_name(_name("Box"))
        .issuer_name(above.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(others), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA256())
    )
    return _pair(made, key)


def may_vouch(address: str) -> bool:
    """Whether the authority may sign for an IP address.

    One address outside :data:`PRIVATE` makes a certificate worthless for every name in it.
    """
    found = ipaddress.ip_address(address)
    networks = map(ipaddress.ip_network, PRIVATE)
    return any(found.version == one.version and found in one for one in networks)


def still_fits(
    certificate: bytes, names: Iterable[str], addresses: Iterable[str], now: datetime
) -> bool:
    """Whether a certificate covers all names and addresses and does not end soon."""
    found = x509.load_pem_x509_certificate(certificate)
    covered = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    dns = set(covered.get_values_for_type(x509.DNSName))
    ips = {str(address) for address in covered.get_values_for_type(x509.IPAddress)}
    wanted = {str(ipaddress.ip_address(a)) for a in addresses}
    moment = max(now, EARLIEST)
    begun = found.not_valid_before_utc <= moment
    lasting = found.not_valid_after_utc - timedelta(days=RENEW_DAYS) > moment
    return set(names) <= dns and wanted <= ips and begun and lasting


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in pairs, as browsers show it."""
    digest = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()


def _begin(now: datetime) -> datetime:
    return max(now - SLACK, EARLIEST).replace(microsecond=0)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    return Pair(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
