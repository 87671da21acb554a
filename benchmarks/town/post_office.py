"""A mail server that counts: which mails came, under which Message-ID, how often; and that is sometimes unwell."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter

MESSAGE_ID = re.compile(rb"^Message-ID: *\r?\n? *<([^>]+)>", re.IGNORECASE | re.MULTILINE)


class PostOffice:
    """`received[recipient][Message-ID]` is how many copies came. `share` of the mails meet a fault."""

    def __init__(self, *, share: float = 0.0, seed: int = 3, pause: float = 0.0) -> None:
        self.received: dict[str, Counter[str]] = {}
        self.share, self.pause, self.rand = share, pause, random.Random(seed)
        self.injected: Counter[str] = Counter()

    async def __aenter__(self) -> PostOffice:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.rand.choice(("busy", "gone", "lost")) if self.rand.random() < self.share else ""
        try:
            await self._talk(reader, writer, fault)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str) -> None:
        async def say(text: str) -> None:
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        if fault == "busy":
            self.injected[fault] += 1
            await say("421 try later")
            return
        await say("220 town ESMTP")
        recipients: list[str] = []
        while line := (await reader.readline()).strip():
            word = line[:4].upper()
            if word == b"RCPT":
                recipients.append(line.split(b"<")[1].split(b">")[0].decode())
            if word == b"DATA":
                if fault == "gone":
                    self.injected[fault] += 1
                    return
                await asyncio.sleep(
                    self.pause * self.rand.random()
                )  # a sender that dies here has sent nothing
                await say("354 go on")
                self._keep(recipients, await reader.readuntil(b"\r\n.\r\n"))
                await asyncio.sleep(self.pause * self.rand.random())  # and here it has, and does not know
                if fault == "lost":  # taken, but the sender is not told
                    self.injected[fault] += 1
                    return
            await say("221 bye" if word == b"QUIT" else "250 OK")
            if word == b"QUIT":
                return

    def _keep(self, recipients: list[str], text: bytes) -> None:
        found = MESSAGE_ID.search(text)
        key = found[1].decode() if found else "none"
        for recipient in recipients:
            self.received.setdefault(recipient, Counter())[key] += 1
