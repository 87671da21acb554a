"""What stands around every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

register = template.Library()
Crumbs = Sequence[dict[str, str]]


@register.simple_tag(takes_context=True)
def trail(context: Any) -> Crumbs:
    """The way to a page: the view's `crumbs` below the programme, or what the menu says where it has none.

    Both are dicts label, url; the programme's crumb always leads to the reader's first page."""
    own: Crumbs = context.get("crumbs") or []
    known: Crumbs = (context.get("shell") or {}).get("crumbs", [])
    if not own or not known:
        return own or known
    below = own[1:] if own[0]["label"] == known[0]["label"] else own
    return [known[0], *below]
