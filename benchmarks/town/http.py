"""One HTTP request over one connection, by asyncio; an answer counts only when it is whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


class NoAnswer(Exception):
    """Nothing, half of something, or something that is no HTTP."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def ask(
    port: int,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    timeout: float = 30,
) -> Answer:
    """Raises `NoAnswer`."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    request = "\r\n".join([*lines, "", ""]).encode() + body
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(request)
                await writer.drain()
                return parsed(await reader.read(-1))
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        raise NoAnswer(type(error).__name__) from None


def parsed(raw: bytes) -> Answer:
    head, separator, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    words = first.split()
    if not separator or len(words) < 2 or not words[1].isdigit():
        raise NoAnswer("no HTTP")
    headers = {k.decode().lower(): v.decode().strip() for k, _, v in (line.partition(b":") for line in rest)}
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunked(body)
    elif int(headers.get("content-length", len(body))) != len(body):
        raise NoAnswer("cut off")
    return Answer(int(words[1]), headers, body)


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while True:
        size, separator, body = body.partition(b"\r\n")
        if not separator:
            raise NoAnswer("cut off")
        length = int(size, 16)
        if not length:
            return whole
        whole, body = whole + body[:length], body[length + 2 :]
