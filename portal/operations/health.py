"""Is this process alive, may it be sent requests, and what a visitor sees while the database is away."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error as django_server_error

log = logging.getLogger("releve.health")
RETRY_AFTER = 10  # seconds


def live(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nobody: a database that is away is no reason to restart the web server."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, and has the tables of this release; else 503, and the proxy asks another process."""
    try:
        missing = _migrations_missing()
    except Exception as error:  # noqa: BLE001 - whatever it is, this process cannot serve
        log.warning("not ready: %s", type(error).__name__)
        return _away(JsonResponse({"ready": False, "reason": "database"}, status=503))
    if missing:
        return _away(JsonResponse({"ready": False, "reason": "migrations"}, status=503))
    return JsonResponse({"ready": True})


_complete = False


def _migrations_missing() -> bool:
    """Once complete they stay so while this process lives: then the question is one SELECT."""
    global _complete
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _complete:
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        _complete = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not _complete


def _away(response: HttpResponse) -> HttpResponse:
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def is_away(error: BaseException | None) -> bool:
    """The database or the broker cannot be asked just now; that is nobody's fault and passes."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return type(error).__module__.startswith("redis.") and isinstance(error, Exception)


@requires_csrf_token
def server_error(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """`handler500`: 503 with Retry-After while the database is away, else the page of our own mistakes."""
    if is_away(sys.exc_info()[1]):
        return _away(HttpResponse(get_template("503.html").render(), status=503))
    return django_server_error(request)
