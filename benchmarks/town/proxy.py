"""A proxy that is not to be trusted: it refuses, cuts, drops, doubles, delays and answers nonsense.

Each mode is one thing that a network, a load balancer or a proxy really does to a request or to its answer.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter

GARBAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 26\r\n\r\n<html>Please sign in</html>"
)
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n502"
MODES = (
    "refuse", "cut request", "drop answer", "cut answer", "twice", "late", "garbage", "garbage after", "502 before",
    "502 after", "held back",
)  # fmt: skip


class ChaosProxy:
    """`async with ChaosProxy(port) as proxy:` listens on `proxy.port`; `share` of the requests meet a fault."""

    def __init__(self, target: int, *, share: float = 0.5, seed: int = 11) -> None:
        self.target, self.share = target, share
        self.rand = random.Random(seed)
        self.injected: Counter[str] = Counter()

    async def __aenter__(self) -> ChaosProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._through(reader)
            writer.write(answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()

    async def _through(self, reader: asyncio.StreamReader) -> bytes:
        """What the caller gets to see."""
        mode = self.rand.choice(MODES) if self.rand.random() < self.share else "plain"
        if mode == "refuse":
            self.injected[mode] += 1
            return b""
        request = await _request(reader)
        if mode != "plain":
            self.injected[mode] += 1
        match mode:
            case "cut request":
                await self._deliver(request[: self.rand.randrange(1, len(request))], whole=False)
                return b""
            case "502 before":
                return BAD_GATEWAY
            case "garbage":
                return GARBAGE
            case "late" | "held back":
                await asyncio.sleep(self.rand.random() * (0.3 if mode == "late" else 2.0))
        answer = await self._deliver(request)
        match mode:
            case "drop answer":
                return b""
            case "cut answer":
                return answer[: self.rand.randrange(0, len(answer))] if answer else b""
            case "twice":
                return await self._deliver(request)
            case "garbage after":
                return GARBAGE
            case "502 after":
                return BAD_GATEWAY
        return answer

    async def _deliver(self, request: bytes, *, whole: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            writer.write(request)
            await writer.drain()
            if not whole:
                return b""
            async with asyncio.timeout(20):
                return await reader.read(-1)
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head + (await reader.readexactly(length) if length else b"")
