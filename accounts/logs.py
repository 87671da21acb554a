"""No link of a mail gets into a log: its secret is in the path, and paths are what web servers write down."""

from __future__ import annotations

import logging
import re

# as a path, and quoted in the `next` of a sign-in page or in a Referer
_S = "(?:/|%2F)"
SECRET_PATH = re.compile(
    rf"({_S}(?:activate|password{_S}reset|account{_S}email{_S}confirm){_S})[^/%\s?&\"']+", re.IGNORECASE
)
LOGGERS = (
    "django.request",
    "django.server",
    "django.security.csrf",
    "gunicorn.access",
    "gunicorn.error",
)


class WithoutLinks(logging.Filter):
    """Stands on the loggers, so that every handler gets the line without the secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = SECRET_PATH.sub(r"\1…", message)
        if clean != message:
            record.msg, record.args = clean, None
        return True


def install() -> None:
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(present, WithoutLinks) for present in logger.filters):
            logger.addFilter(WithoutLinks())
