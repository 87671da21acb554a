"""HTTP to the portal: one request, one typed answer, nothing believed that is not JSON of the contract.

The token travels in the Authorization header only. Redirects are not followed (they would carry the token
elsewhere), certificates are checked, TLS is 1.2 or later, plain http is for this machine only.
"""

from __future__ import annotations

import gzip
import http.client
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

AGENT = "releve-gateway/0.1"
LONGEST_ANSWER = 4 * 1024 * 1024
GZIP_FROM = 512  # bytes; below, zipping makes it longer


class PortalError(Exception):
    """The portal could not be asked; the message is one sentence. `code` goes into logs and tests."""

    code = "portal"


class PortalAddressError(PortalError):
    """The URL is no portal we may talk to."""

    code = "address"


class PortalUnreachable(PortalError):
    """No connection, or it ended before the answer did."""

    code = "unreachable"


class PortalUntrusted(PortalError):
    """The certificate does not prove who answers; nothing was sent."""

    code = "untrusted"


@dataclass(frozen=True)
class Answer:
    """`data` is the JSON of the body, None if it is none. `retry_after` in seconds."""

    status: int
    data: Any
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The portal's own error code; empty if something else than the portal answered."""
        code = self.data.get("code") if isinstance(self.data, dict) else None
        return code if isinstance(code, str) else ""

    @property
    def message(self) -> str:
        text = self.data.get("message") if isinstance(self.data, dict) else None
        return " ".join(text.split())[:300] if isinstance(text, str) else ""


@dataclass(frozen=True)
class _Address:
    tls: bool
    host: str
    port: int
    prefix: str


def parse_portal(url: str) -> _Address:
    """Raises `PortalAddressError` for anything but https, or http to this machine."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise PortalAddressError(f"{url!r} is no address of a portal.") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise PortalAddressError(f"{url!r} is no address of a portal: it begins with https://.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise PortalAddressError("The portal's address holds no user, password, query or fragment.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise PortalAddressError(f"Plain http to {host} would show the token to the network: use https://.")
    tls = parts.scheme == "https"
    return _Address(tls, host, port or (443 if tls else 80), parts.path.rstrip("/"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class PortalClient:
    """Requests to one portal. `timeout` is the deadline of a whole exchange in seconds."""

    def __init__(self, url: str, token: str | None = None, *, ca_file: str = "", timeout: float = 30) -> None:
        self.address = parse_portal(url)
        self.timeout = timeout
        self._token = token
        self._tls: ssl.SSLContext | None = None
        if self.address.tls:
            try:
                self._tls = ssl.create_default_context(cafile=ca_file or None)
            except (OSError, ssl.SSLError):
                raise PortalAddressError(f"The CA file {ca_file} cannot be read as certificates.") from None
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2

    def use_token(self, token: str) -> None:
        """From the next request on."""
        self._token = token

    def request(
        self, method: str, path: str, body: bytes | dict[str, Any] | None = None, *, zipped: bool = False
    ) -> Answer:
        """Send one request. Raises `PortalUnreachable` or `PortalUntrusted`; any HTTP status is an `Answer`."""
        headers = {"Accept": "application/json", "User-Agent": AGENT, "Connection": "close"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        data: bytes | None = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode() if isinstance(body, dict) else body
            headers["Content-Type"] = "application/json"
            if zipped and len(data) >= GZIP_FROM:
                data = gzip.compress(data, compresslevel=6, mtime=0)
                headers["Content-Encoding"] = "gzip"
        deadline = time.monotonic() + self.timeout
        connection = self._connect()
        try:
            connection.connect()
            connection.request(method, self.address.prefix + path, body=data, headers=headers)
            response = connection.getresponse()
            text = self._read(connection, response, deadline)
            return Answer(response.status, _json(text), _retry_after(response.getheader("Retry-After")))
        except ssl.SSLCertVerificationError as error:
            raise PortalUntrusted(
                f"The certificate of {self.address.host} is not trusted: {error.verify_message}."
            ) from None
        except ssl.SSLError as error:
            raise PortalUntrusted(
                f"No secure connection to {self.address.host}: {error.reason or error}."
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise PortalUnreachable(f"No answer from {self._where()}: {_why(error)}.") from None
        finally:
            connection.close()

    def _where(self) -> str:
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        return f"{host}:{self.address.port}"

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self.address.host, self.address.port
        if self._tls is not None:
            return http.client.HTTPSConnection(host, port, timeout=self.timeout, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=self.timeout)

    def _read(
        self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline: float
    ) -> bytes:
        """The whole body before the deadline, or an exception: a cut answer must not pass for a whole one."""
        parts: list[bytes] = []
        total = 0
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            if connection.sock is not None:
                connection.sock.settimeout(left)
            part = response.read1(65536)
            if not part:
                break
            parts.append(part)
            total += len(part)
            if total > LONGEST_ANSWER:
                raise http.client.HTTPException("the answer is too long")
        length = response.getheader("Content-Length")
        if length is not None and length.isdecimal() and total != int(length):
            raise http.client.HTTPException("the answer was cut off")
        return b"".join(parts)


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _retry_after(text: str | None) -> float | None:
    """Seconds, from either form of RFC 9110 10.2.3; None for anything else."""
    if text is None:
        return None
    text = text.strip()
    if text.isdecimal() and len(text) < 9:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _why(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "the name is not known"
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer was cut off"
    return str(error.strerror if isinstance(error, OSError) and error.strerror else error) or "it hung up"
