"""The poll journal: what was sent and heard, and what it meant, a line each with its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway_sim.field.errors import FieldError


@dataclass(frozen=True)
class Entry:
    at: datetime
    kind: str  # sent, received, said, warned, failed
    text: str

    def line(self) -> str:
        mark = {"sent": "→", "received": "←", "said": " ", "warned": "!", "failed": "×"}[self.kind]
        return f"{self.at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + f" {mark} {self.text}"


class PollJournal:
    """Keeps the newest `most` entries, and hands each to `listener` as it comes.

    `translate(text, **values)` says a line in the reader's language, `fault(code)` what a kind of error is called
    there; without them lines are English.
    """

    def __init__(
        self,
        listener: Callable[[Entry], None] | None = None,
        *,
        most: int = 20_000,
        translate: Callable[..., str] | None = None,
        fault: Callable[[str], str] | None = None,
    ) -> None:
        self.entries: list[Entry] = []
        self.listener = listener
        self.most = most
        self.translate = translate or _plain
        self.fault = fault
        self.secrets: list[bytes] = []

    def sent(self, data: bytes) -> None:
        for secret in self.secrets:
            data = data.replace(secret, b"*" * len(secret))
        self._add("sent", data.hex(" ").upper())

    def received(self, data: bytes) -> None:
        self._add("received", data.hex(" ").upper())

    def say(self, text: str, **values: object) -> None:
        self._add("said", self.translate(text, **values))

    def warn(self, text: str, **values: object) -> None:
        self._add("warned", self.translate(text, **values))

    def fail(self, text: str, **values: object) -> None:
        self._add("failed", self.translate(text, **values))

    def fail_by(self, error: FieldError, before: str = "", *, kind: str = "failed") -> None:
        """An error in the reader's words; in English with what exactly was wrong."""
        text = self.fault(error.code) if self.fault else str(error)
        told = "".join(f" {name}: {value}." for name, value in error.data.items()) if self.fault else ""
        self._add(kind, f"{before}{text}{told}")

    def _add(self, kind: str, text: str) -> None:
        entry = Entry(datetime.now(), kind, text)  # noqa: DTZ005 the netbook's own clock
        self.entries.append(entry)
        if len(self.entries) > self.most:
            del self.entries[: self.most // 10]
        if self.listener:
            self.listener(entry)

    def text(self) -> str:
        return "".join(f"{entry.line()}\n" for entry in self.entries)


def _plain(text: str, **values: object) -> str:
    return text.format(**values) if values else text
