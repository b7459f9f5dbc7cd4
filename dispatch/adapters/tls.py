"""A local certificate authority for an isolated network: made on first start, installed on tablets once.

The authority may sign for private addresses and for the names it was started with, nothing else (name constraints),
so that a stolen key of it is of no use outside this service.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dispatch.domain.errors import SetupError

CA_DAYS: Final = 3650
LEAF_DAYS: Final = 397
"""Browsers take no certificate that lives longer."""

RENEW_DAYS: Final = 30
_BACK: Final = datetime.timedelta(hours=1)
"""Tablets whose clock is behind."""

_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files for a TLS server; ``authority`` is what tablets install, None where a public one signed."""

    cert: Path
    key: Path
    authority: Path | None = None


def given_certificate(cert: Path, key: Path) -> Certificate:
    """A certificate that the operator brings; raises SetupError where the files do not belong together."""
    try:
        leaf = x509.load_pem_x509_certificate(cert.read_bytes())
        private = load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise SetupError(
            f"--tls-cert and --tls-key cannot be read ({error}): give PEM files, no passphrase"
        ) from error
    if private.public_key() != leaf.public_key():
        raise SetupError("--tls-key does not belong to --tls-cert: give the two files of one certificate")
    if leaf.not_valid_after_utc < datetime.datetime.now(datetime.UTC):
        raise SetupError(f"{cert} ended on {leaf.not_valid_after_utc:%Y-%m-%d}: renew it")
    return Certificate(cert, key)


def local_certificate(folder: Path, names: Sequence[str]) -> Certificate:
    """A certificate for ``names`` (host names and addresses) by the local authority, both made where missing.

    The authority is kept; the leaf is made anew where a name is missing or it ends within 30 days.
    """
    files = Certificate(folder / "server.crt", folder / "server.key", folder / "ca.crt")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority, signer = _authority(folder, names)
        if not _leaf_fits(files, authority, names):
            _make_leaf(files, authority, signer, names)
    except (OSError, ValueError) as error:
        raise SetupError(
            f"{folder} holds no usable certificates ({error}): move it away and start again"
        ) from error
    return files


def _authority(folder: Path, names: Sequence[str]) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    cert, key = folder / "ca.crt", folder / "ca.key"
    if cert.is_file() and key.is_file():
        private = load_pem_private_key(key.read_bytes(), None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise ValueError("ca.key is no key on a curve")
        return x509.load_pem_x509_certificate(cert.read_bytes()), private
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "135 local authority")])
    allowed: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_network(net)) for net in _PRIVATE]
    for text in ("localhost", *names):
        address = _address(text)
        if address is None:
            allowed.append(x509.DNSName(text))
        elif not address.is_private:
            allowed.append(x509.IPAddress(ipaddress.ip_network(address)))
    builder = (
        _builder(name, name, private.public_key(), CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True)
    )
    made = builder.sign(private, hashes.SHA256())
    _write(key, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write(cert, made.public_bytes(Encoding.PEM), 0o644)
    return made, private


def _make_leaf(
    files: Certificate, authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "135 service")])
    builder = (
        _builder(subject, authority.subject, private.public_key(), LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    made = builder.sign(signer, hashes.SHA256())
    _write(files.key, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write(files.cert, made.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM), 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACK)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


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


def _leaf_fits(files: Certificate, authority: x509.Certificate, names: Sequence[str]) -> bool:
    if not (files.cert.is_file() and files.key.is_file()):
        return False
    leaf = x509.load_pem_x509_certificate(files.cert.read_bytes())
    held = set(leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    left = leaf.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    return (
        leaf.issuer == authority.subject
        and {_general(name) for name in names} <= held
        and left > datetime.timedelta(days=RENEW_DAYS)
    )


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _general(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _write(path: Path, data: bytes, mode: int) -> None:
    draft = path.with_suffix(path.suffix + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def fingerprint(pem: bytes) -> str:
    """SHA-256 of a certificate as people compare it: pairs of hex figures with colons."""
    return x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex(":").upper()
