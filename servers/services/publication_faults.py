"""A document's faults: kept as codes, told as sentences in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from servers.publication_document import Fault


def faults_as_json(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """What is kept: [{"path", "code", "args"}]"""
    return [{"path": fault.path, "code": fault.code, "args": dict(fault.args)} for fault in faults]


def faults_told(kept: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """[{"path", "message"}]; older rows kept the sentence itself."""
    return [
        {
            "path": fault["path"],
            "message": fault["message"] if "message" in fault else _sentence(fault["code"], fault["args"]),
        }
        for fault in kept
    ]


def _sentence(code: str, args: dict[str, Any]) -> str:
    sentences = {
        "missing": _("This is missing."),
        "list": _("This must be a list."),
        "object": _("This must be an object."),
        "boolean": _("This must be true or false."),
        "text": _("This must be a text that can be read."),
        "too_long": _("This is longer than %(longest)s characters."),
        "ref": _("A ref is a text of 1 to 64 characters that can be read."),
        "twice": _("“%(ref)s” stands twice; the first one is %(first)s."),
        "word": _("“%(word)s” is not known here; known are: %(known)s."),
        "whole": _("This must be a whole number from %(low)s to %(high)s."),
        "number": _("This must be a positive number such as 62.5."),
        "place": _("There is no dwelling or common area “%(place)s” in this document."),
        "not_counted": _("A register of %(quantity)s is instantaneous, not cumulative."),
        "rollover": _("This must be a whole number of the register's steps."),
        "commands": _("This must be a list of at most 20 words such as “on”."),
        "anothers": _("The meter %(serial)s is published by another server of this programme."),
        "superseded": _("A newer publication has been applied meanwhile."),
    }
    return sentences[code] % args
