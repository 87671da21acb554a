"""What is written down about a running portal: one JSON object a line, with the request, programme and job it is of.

And what never is: no link of a mail (its secret is in the path, and paths are what web servers write down), no
token, no password of a database, no values of a row that a database refused.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from django.apps import apps

# as a path, and quoted in the `next` of a sign-in page or in a Referer
_S = "(?:/|%2F)"
SECRET_PATH = re.compile(
    rf"({_S}(?:activate|password{_S}reset|account{_S}email{_S}confirm){_S})[^/%\s?&\"']+", re.IGNORECASE
)
HIDDEN = (
    (SECRET_PATH, r"\1…"),
    (re.compile(r"(\bBearer\s+)[\w.~+/=-]+", re.IGNORECASE), r"\1…"),
    (re.compile(r"(://[^:/@\s]*:)[^@/\s]+@"), r"\1…@"),
    (
        re.compile(r"(\b(?:password|passwd|secret|token|api_?key|sessionid)\b['\"]?\s*[=:]\s*['\"]?)[^\s'\"&,;}]+", re.I),
        r"\1…",
    ),
    # PostgreSQL quotes the row, which may be somebody's name
    (re.compile(r"(\bDETAIL:\s).*", re.DOTALL), r"\1…"),
)  # fmt: skip
LOGGERS = (
    "django.request",
    "django.server",
    "django.security.csrf",
    "gunicorn.access",
    "gunicorn.error",
)
_context: ContextVar[Mapping[str, Any]] = ContextVar("log_context", default=MappingProxyType({}))


@contextmanager
def log_with(**facts: Any) -> Iterator[None]:
    """Everything that is logged inside says these too: log_with(request="8f1c…"), log_with(job=17, kind="mail")."""
    token = _context.set(
        {**_context.get(), **{name: fact for name, fact in facts.items() if fact is not None}}
    )
    try:
        yield
    finally:
        _context.reset(token)


def request_number() -> str:
    """Of the request that is being answered, or that wanted the job which is being done; empty where there is none."""
    return str(_context.get().get("request", ""))


def without_secrets(text: str) -> str:
    for pattern, replacement in HIDDEN:
        text = pattern.sub(replacement, text)
    return text


def _programme() -> int | None:
    if not apps.models_ready:  # this module is read before them, for the settings' LOGGING
        return None
    from accounts.tenancy import programme_or_none

    return programme_or_none()


class WithoutLinks(logging.Filter):
    """Stands on the loggers, so that every handler gets the line without the secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = SECRET_PATH.sub(r"\1…", message)
        if clean != message:
            record.msg, record.args = clean, None
        return True


class JsonFormatter(logging.Formatter):
    """{"at", "level", "logger", "message", then "request", "programme", "job", "kind" where they are known}.

    One line a record whatever stands in it: a line break of a stranger's is `\\n` in JSON, and no second record.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **_context.get(),
            **getattr(record, "facts", {}),
        }
        if "programme" not in line and (programme := _programme()) is not None:
            line["programme"] = programme
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = without_secrets(self.formatException(record.exc_info))
        # ASCII: no stranger's U+2028 or escape code reaches a terminal
        return json.dumps(line, default=str)


def install() -> None:
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(present, WithoutLinks) for present in logger.filters):
            logger.addFilter(WithoutLinks())
