"""The poll journal: what was sent and heard, and what it meant, a line each with its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    at: datetime
    kind: str  # sent, received, said, warned, failed
    text: str

    def line(self) -> str:
        mark = {"sent": "→", "received": "←", "said": " ", "warned": "!", "failed": "×"}[self.kind]
        return f"{self.at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + f" {mark} {self.text}"


class PollJournal:
    """Keeps the newest `most` entries, and hands each to `listener` as it comes."""

    def __init__(self, listener: Callable[[Entry], None] | None = None, *, most: int = 20_000) -> None:
        self.entries: list[Entry] = []
        self.listener = listener
        self.most = most
        self.secrets: list[bytes] = []

    def sent(self, data: bytes) -> None:
        for secret in self.secrets:
            data = data.replace(secret, b"*" * len(secret))
        self._add("sent", data.hex(" ").upper())

    def received(self, data: bytes) -> None:
        self._add("received", data.hex(" ").upper())

    def say(self, text: str) -> None:
        self._add("said", text)

    def warn(self, text: str) -> None:
        self._add("warned", text)

    def fail(self, text: str) -> None:
        self._add("failed", text)

    def _add(self, kind: str, text: str) -> None:
        entry = Entry(datetime.now(), kind, text)  # noqa: DTZ005 the netbook's own clock
        self.entries.append(entry)
        if len(self.entries) > self.most:
            del self.entries[: self.most // 10]
        if self.listener:
            self.listener(entry)

    def text(self) -> str:
        return "".join(f"{entry.line()}\n" for entry in self.entries)
