"""A private certificate authority: keys and certificates for scheduler, workers and client."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dask
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from distributed import Security

from smug2s3.errors import ClusterError, UsageError

AUTHORITY = "ca.pem"

ROLES = ("scheduler", "worker", "client")

LIFE = timedelta(days=825)
"""The longest validity that strict TLS clients accept."""


def make(folder: Path) -> list[Path]:
    """Write all keys and certificates of a cluster to a new or empty folder.

    The authority's own key is not kept, so no further certificate can be issued for this cluster.
    Raises UsageError if the folder is not empty or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty", hint="Name a folder that does not exist yet.")
        return _write(folder)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}", hint="Name another folder.") from error


def security(address: str, folder: Path | None, role: str) -> Security | None:
    """The TLS settings for an address; raises ClusterError if a certificate is missing.

    ``None`` if it has no TLS, or if Dask's own configuration names the certificates.
    """
    if not address.startswith("tls:"):
        return None
    if folder is not None:
        return _from_folder(folder, role)
    if not dask.config.get("distributed.comm.tls.ca-file", None):
        raise ClusterError(
            f"{address} needs certificates, and none are named",
            hint="Name their folder with --certs or CLUSTER_CERTS; `smug2s3 cluster certs` makes one.",
        )
    return None


def _from_folder(folder: Path, role: str) -> Security:
    files = {"ca": folder / AUTHORITY, "cert": folder / f"{role}.pem", "key": folder / f"{role}-key.pem"}
    for file in files.values():
        if not file.is_file():
            raise ClusterError(
                f"there is no {file}", hint="Make certificates with `smug2s3 cluster certs`, and copy them here."
            )
    return Security(
        require_encryption=True,
        tls_ca_file=str(files["ca"]),
        **{f"tls_{role}_cert": str(files["cert"]), f"tls_{role}_key": str(files["key"])},
    )


def _write(folder: Path) -> list[Path]:
    authority = ec.generate_private_key(ec.SECP256R1())
    name = _name("smug2s3 cluster authority")
    root = (
        _certificate(name, authority.public_key(), name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**_usage(key_cert_sign=True, crl_sign=True)), critical=True)
        .sign(authority, hashes.SHA256())
    )
    written = [_file(folder / AUTHORITY, root.public_bytes(serialization.Encoding.PEM))]
    for role in ROLES:
        key = ec.generate_private_key(ec.SECP256R1())
        both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        made = (
            _certificate(_name(f"smug2s3 {role}"), key.public_key(), name)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**_usage(digital_signature=True)), critical=True)
            .add_extension(both, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
            .sign(authority, hashes.SHA256())
        )
        written.append(_file(folder / f"{role}.pem", made.public_bytes(serialization.Encoding.PEM)))
        written.append(_file(folder / f"{role}-key.pem", _private(key)))
    return written


def _certificate(subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks differ
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(**given: bool) -> dict[str, bool]:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return dict.fromkeys(every, False) | given


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _file(path: Path, content: bytes) -> Path:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 - private from the start
        out.write(content)
    return path
