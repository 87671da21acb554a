"""An authenticator app and a security key made of software, for tests of the second step."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import time
from typing import Any
from urllib.parse import unquote

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client


def code_of(secret: str, *, ahead: int = 0) -> str:
    """What the app shows now, or `ahead` half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def wrong_code(secret: str) -> str:
    shown = {code_of(secret, ahead=step) for step in (-1, 0, 1)}
    return next(f"{number:06}" for number in range(10) if f"{number:06}" not in shown)


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """Scan the page's key and prove it: (the app's secret, recovery codes)."""
    page = client.get("/account/security/app/").content.decode()
    found = re.search(r'<span class="code">([A-Z2-7 =]+)</span>', page)
    assert found, page
    secret = found[1].replace(" ", "")
    # the code of the step before: so that a test may sign in with the present one
    done = client.post("/account/security/app/", {"code": code_of(secret, ahead=-1)})
    return secret, re.findall(r'<li class="code">(\d{10})</li>', done.content.decode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SecurityKey:
    """An authenticator that keeps one passkey and always finds the finger on it."""

    def __init__(self, origin: str = "https://releve.example") -> None:
        self.origin = origin
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.user_handle = b""

    def _client_data(self, kind: str, challenge: str, origin: str | None) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin or self.origin}).encode()

    def _data(self, rp_id: str, flags: int, attested: bytes = b"") -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + b"\0\0\0\1" + attested

    def create(self, options: dict[str, Any], *, verified: bool = True) -> str:
        from fido2 import cbor

        asked = options["publicKey"]
        self.user_handle = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        numbers = self.private.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = (
            b"\0" * 16 + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor.encode(key)
        )
        data = self._data(asked["rp"]["id"], 0x45 if verified else 0x41, attested)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": _b64(self._client_data("webauthn.create", asked["challenge"], None)),
            "attestationObject": _b64(attestation),
        }
        return self._answer(response)

    def get(self, options: dict[str, Any], *, origin: str | None = None, verified: bool = True) -> str:
        asked = options["publicKey"]
        client_data = self._client_data("webauthn.get", asked["challenge"], origin)
        data = self._data(asked["rpId"], 0x05 if verified else 0x01)
        signature = self.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _b64(client_data),
            "authenticatorData": _b64(data),
            "signature": _b64(signature),
            "userHandle": _b64(self.user_handle),
        }
        return self._answer(response)

    def _answer(self, response: dict[str, str]) -> str:
        identity = _b64(self.credential_id)
        return json.dumps(
            {"id": identity, "rawId": identity, "type": "public-key", "response": response,
             "clientExtensionResults": {}}
        )  # fmt: skip


def options_in(page: Any) -> dict[str, Any]:
    """The question that a page puts to the browser's passkeys."""
    found = re.search(r'id="passkey-options" type="application/json">(.*?)</script>', page.content.decode())
    assert found, page.content.decode()
    options: dict[str, Any] = json.loads(unquote(found[1]))
    return options
