"""The way from a page to its reader's guide: the site of `make docs`, where a setting says that one is served."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language

from accounts.access import Actor
from accounts.models import Role

HOUSING = {Role.ADMINISTRATOR: "installer", Role.OPERATOR: "operator", Role.OCCUPANT: "occupant"}
UTILITY = {Role.ADMINISTRATOR: "desk", Role.OPERATOR: "desk", Role.CONSUMER: "consumer"}
IN_ENGLISH = "en"  # its guides stand at the head of docs/guides/, the others in a folder by their language


def guide_url(actor: Actor | None) -> str:
    """The guide of the person's first role, in the language of the page; empty where DOCS_URL names no site."""
    if not settings.DOCS_URL or actor is None:
        return ""
    guides = UTILITY if actor.programme.is_utility else HOUSING
    guide = next((name for role, name in guides.items() if role in actor.roles), "")
    language = get_language() or IN_ENGLISH
    folder = "" if language == IN_ENGLISH else f"{language}/"
    return f"{settings.DOCS_URL}/guides/{folder}{guide}.html" if guide else ""
