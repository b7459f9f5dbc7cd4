"""A simulated tablet's identity: the key that it made, how it enrols and asks for tickets at the real door."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from dispatch.access.proofs import connect_message, enrol_message
from dispatch.sim.reporter import Reporter


@dataclass(frozen=True, slots=True)
class Identity:
    """Which device of which team this is, and its private key; ``base`` is where the service is."""

    base: str
    team: str
    device: str
    key: ec.EllipticCurvePrivateKey

    def ticket(self) -> str:
        """A ticket for one connection; blocks. Raises ReporterError for a "no", OSError where nobody answers."""
        door = Reporter(self.base)
        try:
            nonce = str(door.call("POST", f"/api/devices/{self.device}/challenge")["nonce"])
            proof = {"nonce": nonce, "signature": signed(self.key, connect_message(self.device, nonce))}
            return str(door.call("POST", f"/api/devices/{self.device}/ticket", proof)["ticket"])
        finally:
            door.close()

    def save(self, path: Path) -> None:
        """Keep it in a file of mode 0600."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"base": self.base, "team": self.team, "device": self.device, "key": pem}, file)


def load_identity(path: Path) -> Identity | None:
    """The identity in a file, or None where there is none."""
    if not path.is_file():
        return None
    held = json.loads(path.read_text(encoding="utf-8"))
    key = load_pem_private_key(held["key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Identity(held["base"], held["team"], held["device"], key)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key as a tablet makes it."""
    return ec.generate_private_key(ec.SECP256R1())


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half as the wire has it."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def signed(key: ec.EllipticCurvePrivateKey, message: bytes) -> str:
    """A signature as WebCrypto makes it: r‖s in base64."""
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()


def apply_with(base: str, secret: str, name: str) -> Identity:
    """Enrol a new device by a QR code's secret; it waits for a person then. Raises as ``Identity.ticket``."""
    key, door = new_key(), Reporter(base)
    public = public_text(key)
    body = {"secret": secret, "key": public, "name": name, "signature": signed(key, enrol_message(secret, public))}
    try:
        made = door.call("POST", "/api/devices", body)
    finally:
        door.close()
    return Identity(base, str(made["team"]), str(made["device"]), key)


def enrol(person: Reporter, team: str) -> Identity:
    """The whole way of a tablet: invited and confirmed by ``person``, who is signed in and may do both."""
    invite = person.call("POST", "/api/devices/invites", {"team": team})
    identity = apply_with(person.base, str(invite["url"]).split("#", 1)[1], f"sim-{team}")
    person.call("POST", f"/api/devices/{identity.device}/confirm")
    return identity
