"""A small portal on a real socket that keeps the contract of gateway API v1, and can be told to misbehave.

It holds the ledger of the fault tests: `stored` is what a portal would have, `values` how often each value
arrived under another key (a duplicate that no unique key would catch).
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "tok-3f9a-secret-of-this-test"
PASSWORD = "pass-77-secret"
SERIAL = "TJA480000000000000000001"


class Portal:
    def __init__(self) -> None:
        self.stored: dict[tuple[str, str, str], str] = {}
        self.order: dict[tuple[str, str, str], tuple[str, int]] = {}
        self.batches: dict[str, tuple[str, dict[str, Any]]] = {}
        self.faults: list[str] = []  # one for each coming POST /readings
        self.always: str | None = None
        self.most_rows = 10_000
        self.poison: set[str] = set()  # values that are rejected
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.heartbeats: list[dict[str, Any]] = []
        self.commands: list[dict[str, Any]] = []
        self.results: list[tuple[str, dict[str, Any]]] = []
        self.publications: dict[int, str] = {}
        self.publication_faults: list[dict[str, str]] = []
        self.suspended = False
        self.time_offset = timedelta()
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"portal": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Portal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # the contract

    def take_readings(self, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            data = json.loads(body)
            items, uuid = data["items"], data["batch"]
        except (ValueError, KeyError):
            return 400, {"code": "malformed", "message": "no"}
        self.bodies.append(data)
        if len(items) > self.most_rows:
            return 413, {"code": "too_large", "message": "too many"}
        digest = hashlib.sha256(body).hexdigest()
        with self.lock:
            if uuid in self.batches:
                known, answer = self.batches[uuid]
                return (
                    (200, answer) if known == digest else (422, {"code": "batch_reused", "message": "other"})
                )
            results = [self._store(data["spool"], item) for item in items]
            answer = {"results": results}
            self.batches[uuid] = (digest, answer)
            return 200, answer

    def _store(self, spool: str, item: dict[str, Any]) -> dict[str, Any]:
        if item["value"] in self.poison:
            return {"seq": item["seq"], "status": "rejected", "code": "value_out_of_range"}
        key, order = (item["meter"], item["register"], item["taken_at"]), (spool, item["seq"])
        if key not in self.stored:
            status = "accepted"
        elif self.stored[key] == item["value"]:
            status = "duplicate"
        elif order > self.order[key]:
            status = "corrected"
        else:
            return {"seq": item["seq"], "status": "duplicate", "code": "superseded"}
        self.stored[key], self.order[key] = item["value"], max(order, self.order.get(key, order))
        return {"seq": item["seq"], "status": status, "code": ""}

    def other(self, method: str, path: str, data: dict[str, Any]) -> tuple[int, Any]:
        if path == "/api/v1/activation/resume":
            self.suspended = False
            return 200, {}
        if path == "/api/v1/activation":
            self.suspended = True
            return 204, None
        if path == "/api/v1/heartbeat":
            self.heartbeats.append(data)
            now = datetime.now(UTC) + self.time_offset
            return 200, {"time": now.isoformat(), "commands": self.commands, "next": 1}
        if path.startswith("/api/v1/commands/"):
            self.results.append((path.split("/")[4], data))
            return 200, {}
        if path == "/api/v1/publication" and method == "PUT":
            digest = json.dumps(data, sort_keys=True)
            if self.publications.setdefault(data["revision"], digest) != digest:
                return 409, {"code": "revision_reused", "message": "another body"}
            return 202, {"job": "0b7e1c62-7c52-4b71-9d27-6b9ecf7b4b36"}
        if path.startswith("/api/v1/publication/"):
            state = "refused" if self.publication_faults else "done"
            return 200, {"state": state, "faults": self.publication_faults}
        return 404, {"code": "not_found", "message": path}


class _Handler(BaseHTTPRequestHandler):
    portal: Portal
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the agent was killed while it listened
            super().handle()

    def log_message(self, *_: object) -> None:
        return

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _send(self, status: int, data: Any, **headers: str) -> None:
        text = data if isinstance(data, bytes) else b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _any(self) -> None:
        portal, body = self.portal, self._body()
        portal.requests.append((self.command, self.path))
        if self.path == "/api/v1/activation" and self.command == "POST":
            if portal.always:
                return self._misbehave(portal.always, body)
            data = json.loads(body)
            if (data["serial"], data["password"]) != (SERIAL, PASSWORD):
                return self._send(401, {"code": "bad_credentials", "message": "no"})
            server = {"id": "5", "description": "Local technique"}
            return self._send(201, {"token": TOKEN, "server": server, "programme": "Demo"})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._send(401, {"code": "unauthorised", "message": "unknown token"})
        if self.path == "/api/v1/readings":
            with portal.lock:
                fault = portal.faults.pop(0) if portal.faults else portal.always
            return self._misbehave(fault, body) if fault else self._send(*portal.take_readings(body))
        if portal.always:
            return self._misbehave(portal.always, body)
        return self._send(*portal.other(self.command, self.path, json.loads(body) if body else {}))

    do_GET = do_POST = do_PUT = do_DELETE = _any

    def _misbehave(self, fault: str, body: bytes) -> None:
        portal = self.portal
        if fault == "drop_answer":
            portal.take_readings(body)
            return self._hang_up()
        if fault == "hang_up":
            return self._hang_up()
        if fault == "twice":
            first, second = portal.take_readings(body), portal.take_readings(body)
            assert first == second
            return self._send(*second)
        if fault == "cut_answer":
            status, data = portal.take_readings(body)
            text = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text[: len(text) // 2])
            return self._hang_up()
        if fault == "missing_row":
            items = json.loads(body)["items"][1:]
            return self._send(200, {"results": [{"seq": i["seq"], "status": "accepted"} for i in items]})
        if fault == "foreign_row":
            items = json.loads(body)["items"]
            return self._send(200, {"results": [{"seq": i["seq"] + 1, "status": "accepted"} for i in items]})
        if fault == "unknown_word":
            items = json.loads(body)["items"]
            return self._send(200, {"results": [{"seq": i["seq"], "status": "maybe"} for i in items]})
        answers: dict[str, tuple[int, Any, dict[str, str]]] = {
            "502": (502, b"<html>Bad Gateway</html>", {}),
            "500": (500, {"code": "error", "message": "oops"}, {}),
            "507": (507, b"", {}),
            "garbage": (200, b"\x00\xffgarbage", {}),
            "list": (200, [1, 2, 3], {}),
            "html200": (200, b"<html>Log in to this hotel</html>", {}),
            "html400": (400, b"<html>Bad Request</html>", {}),
            "302": (302, b"", {"Location": "http://127.0.0.1:9/steal"}),
            "400": (400, {"code": "malformed", "message": "The body was cut off."}, {}),
            "401": (401, {"code": "unauthorised", "message": "unknown token"}, {}),
            "409": (409, {"code": "suspended", "message": "suspended"}, {}),
            "413": (413, {"code": "too_large", "message": "too large"}, {}),
            "415": (415, {"code": "media", "message": "no gzip"}, {}),
            "422": (422, {"code": "batch_reused", "message": "other body"}, {}),
            "429": (429, {"code": "slow_down", "message": "later"}, {"Retry_After": "7"}),
            "503": (503, b"", {"Retry_After": "120"}),
        }
        status, data, headers = answers[fault]
        return self._send(status, data, **headers)
