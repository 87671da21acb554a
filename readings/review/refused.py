"""Readings of a gateway that were refused but should not be forgotten: too early, or of a register nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from readings.batches.body import Item
from readings.models import ReviewItem
from readings.review.rules import Rule
from readings.services.storing import Outcome

CODES = {"future": Rule.FUTURE, "unknown_register": Rule.UNKNOWN_REGISTER}
MOST = 50  # kept of one batch: a wrong clock makes all of them too early
FARTHEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


def refusals_note(*, server_id: int, items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
    """One item a reading that came too early; one a ref that no register answers to. Twice changes nothing."""
    early: dict[str, ReviewItem] = {}
    unknown: dict[str, list[Item]] = {}
    for item, outcome in zip(items, outcomes, strict=True):
        rule = CODES.get(outcome.code)
        if rule is None or not item.meter or not 0 <= item.at < FARTHEST:
            continue
        if rule is Rule.UNKNOWN_REGISTER:
            unknown.setdefault(f"{item.meter}/{item.register}", []).append(item)
        elif len(early) < MOST and (text := _value(item)):
            new = _item(server_id, rule, item, text)
            early[f"{new.subject}@{new.at}"] = new
    ReviewItem.objects.bulk_create(early.values(), ignore_conflicts=True)
    for name, found in list(unknown.items())[:MOST]:
        _unknown(server_id, name, found)


def _value(item: Item) -> str:
    return item.value[:40]


def _item(server_id: int, rule: Rule, item: Item, value: str) -> ReviewItem:
    name = f"{item.meter}/{item.register}"
    return ReviewItem(
        subject=f"server:{server_id}:{name}", rule=rule.value, at=item.at, until=item.at, server_id=server_id,
        field=name, value=value,
    )  # fmt: skip


def _unknown(server_id: int, name: str, found: list[Item]) -> None:
    newest = max(found, key=lambda item: item.at)
    rows = ReviewItem.objects.filter(
        subject=f"server:{server_id}:{name}", rule=Rule.UNKNOWN_REGISTER.value
    ).order_by("pk")
    have = rows.first()
    if have is None:
        item = _item(server_id, Rule.UNKNOWN_REGISTER, min(found, key=lambda item: item.at), _value(newest))
        item.until, item.count = newest.at, len(found)
        ReviewItem.objects.bulk_create([item], ignore_conflicts=True)
    elif newest.at > have.until:
        rows.filter(pk=have.pk).update(
            until=newest.at,
            count=have.count + len([i for i in found if i.at > have.until]),
            value=_value(newest),
        )
