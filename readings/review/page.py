"""What the review list and one of its items show, as prepared texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.lists import ListAsked
from accounts.models import AuditEntry
from accounts.templatetags.releve import local_time, plain, unit_name
from readings.archives.parameters import label_of
from readings.ingest.wallclock import point_zone
from readings.models import Reading, ReviewItem
from readings.review.items import rule_labels, rule_text, steps_text
from readings.review.rules import Rule
from servers.doors import visible_points
from servers.models import MeteringPoint

State = ReviewItem.State
STATES = {State.OPEN: "warn", State.ACCEPTED: "ok", State.CORRECTED: "ok", State.LEFT_OUT: "neutral"}
AROUND = 4
_PLACE = ("point__dwelling__building", "point__common_area__building", "point__building", "point__contract",
          "point__programme", "register__installation__meter", "series__meter", "server", "decided_by")  # fmt: skip


def visible_items(actor: Actor) -> QuerySet[ReviewItem]:
    """What flagged values an operator may see: of their points, and of servers unless they look after a part only."""
    rows = ReviewItem.objects.select_related(*_PLACE)
    if not actor.may(Permission.REVIEW_READINGS):
        return rows.none()
    if actor.buildings is None:
        return rows
    return rows.filter(point__in=visible_points(actor).values("pk"))


SEARCHED = (
    "point__name", "point__number", "point__dwelling__name", "point__dwelling__building__name",
    "point__common_area__name", "register__installation__meter__serial", "series__meter__serial", "field",
)  # fmt: skip
REVIEW_ORDER = {
    "place": ("point__contract__number", "point__number", "point__dwelling__building__name", "point__dwelling__name"),
    "rule": ("rule", "at"), "time": ("at",), "state": ("state", "at"),
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    state: str = State.OPEN
    rule: str = ""
    q: str = ""
    point: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], points: QuerySet[MeteringPoint]) -> Filter:
        state = query.get("state", State.OPEN)
        rule = query.get("rule", "")
        point = query.get("point", "")
        return cls(
            state if state in (*State.values, "all") else State.OPEN.value,
            rule if rule in list(Rule) else "",
            query.get("q", "").strip()[:80],
            point[:36],
        )

    def apply(self, rows: QuerySet[ReviewItem], point: MeteringPoint | None) -> QuerySet[ReviewItem]:
        if self.state != "all":
            rows = rows.filter(state=self.state)
        if self.rule:
            rows = rows.filter(rule=self.rule)
        if point is not None:
            rows = rows.filter(point=point)
        for word in self.q.split():
            rows = rows.filter(reduce(or_, (Q(**{f"{path}__icontains": word}) for path in SEARCHED)))
        return rows.order_by("-at", "-pk")

    def asked(self, query: Mapping[str, str]) -> ListAsked:
        return ListAsked.of(
            query, REVIEW_ORDER, keep={"state": self.state, "rule": self.rule, "point": self.point}
        )


def state_choices(chosen: Filter, asked: ListAsked) -> list[dict[str, Any]]:
    labels = {**dict(State.choices), "all": _("All")}
    return [
        {"label": str(label).capitalize() if key != "all" else label, "url": f"?{asked.query(state=key)}",
         "current": key == chosen.state}
        for key, label in labels.items()
    ]  # fmt: skip


def place_of(item: ReviewItem) -> dict[str, str]:
    """Where it was measured, in words a person at the desk knows."""
    point = item.point
    if point is None:
        server = item.server.description if item.server else ""
        return {"name": item.field, "place": server, "medium": ""}
    place = point.dwelling or point.common_area or point.building
    name = f"{point.number} · {point.name}" if point.number else (place.name if place else point.name)
    building = getattr(place, "building", None)
    return {
        "name": name,
        "place": building.name if building else (point.contract.number if point.contract else ""),
        "medium": point.get_medium_display(),
    }


def value_text(text: str, unit: str) -> str:
    if not text:
        return "—"
    return f"{plain(Decimal(text))}\xa0{unit_name(unit)}".rstrip("\xa0")


def moment(at: int, item: ReviewItem) -> str:
    zone = point_zone(item.point) if item.point else item.programme.zone
    return local_time(datetime.fromtimestamp(at, UTC), zone)


def row_of(item: ReviewItem, slug: str) -> dict[str, Any]:
    register, meter = item.register, None
    if register is not None:
        meter = register.installation.meter
    elif item.series is not None:
        meter = item.series.meter
    return {
        "item": item,
        **place_of(item),
        "meter": meter.serial if meter else "",
        "what": register.get_quantity_display() if register else label_of(item.field) if item.series_id else "",
        "rule": rule_labels()[item.rule],
        "value": value_text(item.value, item.unit),
        "correction": value_text(item.correction, item.unit) if item.correction else "",
        "count": item.count,
        "when": moment(item.at, item),
        "until": moment(item.until, item) if item.until > item.at else "",
        "chip": {"kind": STATES[State(item.state)], "label": item.get_state_display()},
        "url": reverse("review_item", args=[slug, item.public_id]),
        "told": rule_text(
            item.rule, item.detail,
            number=lambda text: value_text(str(text), item.unit), time=lambda at: moment(at, item),
            many=item.count > 1,
        ),
    }  # fmt: skip


def table_of(items: Iterable[ReviewItem], slug: str) -> tuple[list[str], list[list[Any]]]:
    """The list to take away: numbers as numbers, times in each point's zone."""
    header = [
        _("Place"), _("Building"), _("Meter"), _("What stands out"), _("Value"), _("Unit"), _("Corrected to"),
        _("Values"), _("Time"), _("Until"), _("State"), _("Decided by"),
    ]  # fmt: skip
    table = []
    for item in items:
        row = row_of(item, slug)
        table.append([
            row["name"], row["place"], row["meter"], row["rule"], _number(item.value), unit_name(item.unit),
            _number(item.correction), item.count, row["when"], row["until"], row["chip"]["label"],
            str(item.decided_by or ""),
        ])  # fmt: skip
    return header, table


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def neighbours(item: ReviewItem) -> list[dict[str, Any]]:
    """The readings around a flagged one, the flagged one marked."""
    register = item.register
    if register is None:
        return []
    rows = Reading.objects.filter(register=register)
    before = list(rows.filter(at__lt=item.at).order_by("-at")[:AROUND])
    after = list(rows.filter(at__gte=item.at).order_by("at")[: AROUND + 1])
    sources = {
        Reading.Source.GATEWAY: _("gateway"), Reading.Source.HAND: _("by hand"), Reading.Source.FILE: _("file"),
        Reading.Source.OPERATOR: _("operator"),
    }  # fmt: skip
    return [
        {
            "when": moment(one.at, item),
            "value": value_text(steps_text(one.value, register.exponent), register.unit),
            "source": sources[Reading.Source(one.source)],
            "used": one.used,
            "this": one.at == item.at,
        }
        for one in [*reversed(before), *after]
    ]


def history(item: ReviewItem, programme_zone: Any) -> list[dict[str, Any]]:
    words = {
        "review.accepted": _("accepted as it is"), "review.corrected": _("corrected"),
        "review.left_out": _("left out"), "review.undo": _("decision taken back"),
    }  # fmt: skip
    entries = (
        AuditEntry.objects.filter(target=str(item.public_id)).select_related("actor").order_by("at", "pk")
    )
    return [
        {
            "what": words.get(entry.action, entry.action),
            "who": str(entry.actor) if entry.actor else "—",
            "when": local_time(entry.at, programme_zone),
            "reason": entry.detail.get("reason", ""),
            "value": value_text(entry.detail.get("correction", ""), item.unit)
            if entry.detail.get("correction")
            else "",
        }
        for entry in entries
    ]


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The pages about readings that this person may open."""
    slug = actor.programme.slug
    pages: Sequence[tuple[str, str, Permission]] = (
        ("completeness", _("Completeness"), Permission.SEE_SERVERS),
        ("review_list", _("To review"), Permission.REVIEW_READINGS),
        ("review_limits", _("Limits"), Permission.MANAGE_PARAMETERS),
    )
    return [
        {"label": label, "url": reverse(name, args=[slug]), "current": name == current}
        for name, label, permission in pages
        if actor.may(permission)
    ]
