"""Reading a request's body: its type, its size packed and unpacked, and JSON that every database can store."""

from __future__ import annotations

import json
import math
import re
import zlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from accounts.errors import DomainError
from servers.api.errors import too_large

# \u0000 and half a surrogate pair are valid JSON that no database column takes
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_MAY_BE_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def body_bytes(request: HttpRequest) -> bytes:
    """The unpacked body. Raises `DomainError` content_type, too_large or malformed."""
    kind, _semicolon, parameters = request.headers.get("Content-Type", "").partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters)
    if kind.strip().lower() != "application/json" or (charset and charset[1].lower() != "utf-8"):
        raise DomainError("content_type", _("The body must be application/json in UTF-8."))
    packed = request.body
    if len(packed) > settings.API_BODY_MAX_BYTES:
        raise too_large()
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return packed
    if encoding != "gzip":
        raise DomainError("content_type", _("The only content encoding that is understood is gzip."))
    return _gunzip(packed)


def _gunzip(packed: bytes) -> bytes:
    limit = settings.API_UNPACKED_MAX_BYTES
    reader = zlib.decompressobj(wbits=31)
    try:
        text = reader.decompress(packed, limit + 1)
    except zlib.error:
        raise DomainError("malformed", _("The body is not valid gzip.")) from None
    if len(text) > limit:
        raise too_large()
    if not reader.eof or reader.unused_data:
        raise DomainError("malformed", _("The body is not valid gzip."))
    return text


def _no_double_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("beyond any number")
    return value


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def json_of(text: bytes) -> Any:
    """Strict JSON: no NaN, no doubled key, no character that cannot be stored. Raises `DomainError` malformed."""
    try:
        data = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_no_double_keys,
            parse_float=_finite,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError):
        raise DomainError("malformed", _("The body is not valid JSON.")) from None
    if _MAY_BE_UNSTORABLE.search(text) or b"\x00" in text:
        _refuse_unstorable(data)
    return data


def _refuse_unstorable(data: Any) -> None:
    # json.loads has bounded the depth already
    if isinstance(data, str) and _UNSTORABLE.search(data):
        raise DomainError("malformed", _("The body holds characters that are no text."))
    if isinstance(data, dict):
        for key, value in data.items():
            _refuse_unstorable(key)
            _refuse_unstorable(value)
    elif isinstance(data, list):
        for value in data:
            _refuse_unstorable(value)


class StrictParser(Parser):
    """What ninja calls for each typed body. `request.json_bytes` keeps the unpacked body, for its sha256."""

    def parse_body(self, request: HttpRequest) -> Any:
        request.json_bytes = body_bytes(request)  # type: ignore[attr-defined]
        data = json_of(request.json_bytes)  # type: ignore[attr-defined]
        if not isinstance(data, dict):
            raise DomainError("malformed", _("The body must be a JSON object."))
        return data
