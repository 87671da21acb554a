"""Passwords that were stolen elsewhere, from a file of one's own: no service is asked, nothing leaves the machine."""

from __future__ import annotations

import os
from hashlib import sha1
from pathlib import Path
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HASH = 40  # characters of a SHA-1


class BreachedPasswordValidator:
    """`path`: lines "SHA1:how often" in the order of the hashes, as *Have I Been Pwned* gives them away (40 GB with all,
    any part of it will do). Found by halving the file: some seventy looks, and no memory."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def validate(self, password: str, user: object = None) -> None:
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest()
        with self.path.open("rb") as file:
            found = _line_from(file, _place_of(file, digest.upper().encode()))
        if found[:HASH].upper() == digest.upper().encode():
            raise ValidationError(
                _("This password stands in a list of stolen passwords: somebody will try it."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("Your password must not stand in a list of stolen passwords.")


def _place_of(file: IO[bytes], wanted: bytes) -> int:
    """From which byte on the first line begins that is not before `wanted`."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        line = _line_from(file, middle)
        if line and line[:HASH].upper() < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def _line_from(file: IO[bytes], place: int) -> bytes:
    """The first line that begins at `place` or after it; empty at the end."""
    file.seek(max(place - 1, 0))
    if place:
        file.readline()
    return file.readline()
