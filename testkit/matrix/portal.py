"""Pages of portal/, under /p/<slug>/."""

from __future__ import annotations

from testkit.matrix.row import CONSUMER, OCCUPANT, STAFF, Row

PORTAL: dict[str, Row] = {
    "search": Row(STAFF),
    "tour": Row(STAFF | OCCUPANT | CONSUMER),
}
