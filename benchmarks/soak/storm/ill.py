"""Web servers with one promise taken away: the controls of the storm.

`gunicorn benchmarks.soak.storm.ill:eager` answers before anything is stored; `:keyless` stores a reading as often as
it comes (the table's key is dropped beside it).
"""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from queue import Queue
from typing import Any

from django.db.backends.signals import connection_created

from portal.wsgi import application

READINGS = "/api/v1/readings"
ON_KEY = re.compile(
    r"ON CONFLICT \(programme_id, register_id, at\) DO (NOTHING|UPDATE SET .*? END)", re.DOTALL
)


def eager(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] != READINGS or environ["REQUEST_METHOD"] != "POST":
        return application(environ, start_response)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    _waiting().put({**environ, "wsgi.input": io.BytesIO(body)})
    try:
        results = [{"seq": item["seq"], "status": "accepted"} for item in json.loads(body)["items"]]
    except (ValueError, KeyError):
        results = []
    answer = json.dumps({"results": results}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


@lru_cache(maxsize=1)  # of each process: one thread, so one connection
def _waiting() -> Queue[dict[str, Any]]:
    waiting: Queue[dict[str, Any]] = Queue(maxsize=4)  # more would be lost to slowness, not to the kill
    threading.Thread(target=_later, args=[waiting], daemon=True).start()
    return waiting


def _later(waiting: Queue[dict[str, Any]]) -> None:
    while True:
        environ = waiting.get()
        time.sleep(0.02)
        application(environ, lambda status, headers, error=None: None).close()


def _without_key(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    return execute(ON_KEY.sub("", sql) if isinstance(sql, str) else sql, params, many, context)


def _watch(sender: Any, connection: Any, **more: Any) -> None:
    connection.execute_wrappers.append(_without_key)


def keyless(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    connection_created.connect(_watch, dispatch_uid="ill")
    return application(environ, start_response)
