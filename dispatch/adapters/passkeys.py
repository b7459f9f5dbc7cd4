"""WebAuthn by the library ``webauthn``: what a browser is asked, and whether its answer holds.

Passkeys here are discoverable and ask for the person (PIN, finger, face) each time: one is two factors by itself
(NIST SP 800-63B, a multi-factor cryptographic authenticator). Attestation is not asked for.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from typing import Any

import webauthn
from webauthn.helpers import bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from dispatch.access.records import Passkey

_ANSWERS = (WebAuthnException, ValueError, KeyError, TypeError, IndexError)
"""What the library raises for an answer that does not hold, malformed ones among them."""


def site_of(host: str, scheme: str) -> str | None:
    """The RP id of a Host header, None for an IP address and without TLS, but on localhost."""
    name = host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdigit() else host
    name = name.strip("[]").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name if name and (scheme == "https" or name == "localhost") else None
    return None


def asks_new(site: str, account: str, handle: bytes, challenge: bytes, held: Sequence[Passkey]) -> dict[str, Any]:
    """The options of ``navigator.credentials.create`` as JSON (WebAuthn 3, 5.1.8); ``held`` are not made again."""
    options = webauthn.generate_registration_options(
        rp_id=site,
        rp_name="135",
        user_id=handle,
        user_name=account,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(each.passkey)) for each in held
        ],
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def asks_known(site: str, challenge: bytes) -> dict[str, Any]:
    """The options of ``navigator.credentials.get`` as JSON; they name no account and no passkey."""
    options = webauthn.generate_authentication_options(
        rp_id=site, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def challenge_of(client_data: str) -> bytes | None:
    """The challenge that an answer's clientDataJSON (base64url) names, None where it cannot be read."""
    try:
        return parse_client_data_json(webauthn.base64url_to_bytes(client_data)).challenge
    except _ANSWERS:
        return None


def made(
    answer: dict[str, Any], challenge: bytes, site: str, origin: str, *, name: str, now_ms: int
) -> Passkey | None:
    """The passkey of a browser's answer to ``asks_new``, None where the answer does not hold."""
    try:
        checked = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _ANSWERS:
        return None
    return Passkey(
        passkey=bytes_to_base64url(checked.credential_id),
        key=bytes_to_base64url(checked.credential_public_key),
        count=checked.sign_count,
        site=site,
        name=name,
        made_ms=now_ms,
    )


def counted(answer: dict[str, Any], challenge: bytes, held: Passkey, origin: str) -> int | None:
    """The new signature count of an answer to ``asks_known``, None where it does not hold.

    Law: a count that does not grow is refused, for then two authenticators hold one key (WebAuthn 7.2, step 22).
    """
    try:
        checked = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=held.site,
            expected_origin=origin,
            credential_public_key=webauthn.base64url_to_bytes(held.key),
            credential_current_sign_count=held.count,
            require_user_verification=True,
        )
    except _ANSWERS:
        return None
    return checked.new_sign_count
