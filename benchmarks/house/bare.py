"""The barest honest receiver of batches: it checks the token and upserts, in one table, and nothing else.

`gunicorn benchmarks.house.bare:application`. Django without one middleware; the same database and driver.
"""

from __future__ import annotations

import gc
import json
from datetime import datetime

import django
from django.conf import settings

django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks.house.bare"

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 - Django has to be up
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

from accounts.secrets import digest_of  # noqa: E402
from servers.services.credentials import TOKEN  # noqa: E402


def receive(request: HttpRequest) -> HttpResponse:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT server_id FROM servers_servercredential WHERE token_digest = %s",
            [digest_of(token, purpose=TOKEN)],
        )
        found = cursor.fetchone()
        if found is None:
            return HttpResponse(status=401)
        items = json.loads(request.body)["items"]
        cells = [
            cell
            for item in items
            for cell in (
                found[0], item["meter"], int(datetime.fromisoformat(item["taken_at"]).timestamp()), item["value"]
            )
        ]  # fmt: skip
        places = ",".join(["(%s, %s, %s, %s)"] * len(items))
        cursor.execute(
            f"INSERT INTO bench_bare VALUES {places} ON CONFLICT (server, register, at) "
            "DO UPDATE SET value = excluded.value",
            cells,
        )
    return JsonResponse({"results": [{"seq": item["seq"], "status": "accepted"} for item in items]})


urlpatterns = [path("api/v1/readings", receive)]
application = WSGIHandler()
gc.collect()
gc.freeze()  # as portal/wsgi.py does
