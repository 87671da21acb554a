"""Headings of the tables that the server sorts."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/th_sort.html", takes_context=True)
def sorted_th(
    context: Any, key: str, label: str, css: str = "", *, card: bool = False, anchor: str = ""
) -> dict[str, Any]:
    """A heading that is a link to the same list in this column's order. `key` as the view's `ListAsked` knows it,
    whose `context` the page was given; `card`: the table is shown as cards on a phone; `anchor`: where on the page it
    stands."""
    return {
        "key": key, "label": label, "css": css, "card": card, "anchor": anchor,
        "sort": context.get("sort", ""), "query": context.get("search", ""),
    }  # fmt: skip
