"""Shapes that several operations share.

Answers are ninja's `Schema`; what comes in is plain pydantic, since a `Schema` reads attributes of anything and
would take a list for an empty object.
"""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field


class ErrorOut(Schema):
    code: Annotated[str, Field(description="stable, for machines")]
    message: Annotated[str, Field(description="one sentence for people, in the language asked for")]


def errors(*statuses: int) -> dict[int, Any]:
    """The error answers of an operation, for its OpenAPI description; each may be malformed, or come too often."""
    return dict.fromkeys(sorted({400, 429, 503, *statuses}), ErrorOut)
