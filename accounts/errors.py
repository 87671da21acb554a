"""The one exception that services raise for what a person or a gateway did wrong."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """`code` is stable and for machines, `message` one translated sentence for people, `data` what to show with it."""

    def __init__(self, code: str, message: Any, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.data = data

    def __str__(self) -> str:
        return str(self.message)
