"""What operators decided about archive values, laid over the records when totals are made of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from readings.models import ReviewItem


@dataclass
class Overlay:
    """By parameter: (first, last, state, correction) of each decision about one series."""

    spans: dict[str, list[tuple[int, int, str, str]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def value(self, name: str, start: int, value: float | None) -> tuple[float | None, bool]:
        """(the value that counts, was it put in by an operator)."""
        for first, last, state, correction in self.spans.get(name, ()):
            if first <= start <= last:
                if state == ReviewItem.State.LEFT_OUT:
                    return None, False
                return float(correction), True
        return value, False


def overlay_of(series_id: int, start: int, stop: int) -> Overlay:
    """One query; mostly nothing has been decided."""
    overlay = Overlay()
    rows = ReviewItem.objects.filter(
        series_id=series_id, at__lt=stop, until__gte=start,
        state__in=(ReviewItem.State.CORRECTED, ReviewItem.State.LEFT_OUT),
    )  # fmt: skip
    for name, first, last, state, correction in rows.values_list(
        "field", "at", "until", "state", "correction"
    ):
        overlay.spans.setdefault(name, []).append((first, last, state, correction))
    return overlay


def series_decided(series_ids: Collection[int]) -> set[int]:
    """Those of these series about which anything was ever decided."""
    rows = ReviewItem.objects.filter(
        series__in=series_ids, state__in=(ReviewItem.State.CORRECTED, ReviewItem.State.LEFT_OUT)
    )
    return set(rows.values_list("series_id", flat=True).distinct())
