"""After the storm: are the day totals those that the readings alone give? Prints one JSON object.

`rows` day totals, `different` of them after a rebuild from nothing, `sums` registers whose days do not add up to
their last index less their first.
"""

from __future__ import annotations

import json

import django

django.setup()

from django.db import connection  # noqa: E402 - Django has to be up

from accounts.models import Programme  # noqa: E402
from accounts.tenancy import tenant_scope  # noqa: E402
from readings.models import DayTotal  # noqa: E402
from readings.totals.drain import totals_drain, totals_rebuild  # noqa: E402
from servers.models import Register  # noqa: E402

SUMS = """
SELECT count(*) FROM
  (SELECT register_id, (array_agg(value ORDER BY at DESC))[1] - (array_agg(value ORDER BY at))[1] AS used
   FROM readings_reading WHERE programme_id = %s GROUP BY register_id) AS r
  LEFT JOIN (SELECT register_id, sum(quantity) AS used FROM readings_daytotal WHERE programme_id = %s
   GROUP BY register_id) AS t USING (register_id)
WHERE r.used <> coalesce(t.used, 0)
"""


def _totals() -> set[tuple[int, ...]]:
    return set(DayTotal.objects.values_list("register_id", "day", "band", "quantity", "seconds", "status"))


def main() -> None:
    found = {"rows": 0, "different": 0, "sums": 0}
    for programme in Programme.objects.order_by("pk"):
        totals_drain(programme_id=programme.pk)
        with tenant_scope(programme.pk):
            stood = _totals()
            totals_rebuild(register_ids=Register.objects.values_list("pk", flat=True))
            found["rows"] += len(stood)
            found["different"] += len(stood ^ _totals())
            with connection.cursor() as cursor:
                cursor.execute(SUMS, [programme.pk, programme.pk])
                found["sums"] += cursor.fetchone()[0]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
