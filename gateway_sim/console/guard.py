"""Only this machine, only our own pages: host, origin and a token in each form. Headers for every answer."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

COOKIE = "console"
HOSTS = {"127.0.0.1", "localhost", "[::1]", "::1"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def guard(app: Flask, stale: Callable[[], Response]) -> None:
    """A page of another site may send forms to loopback, and a name of its own may lead there: neither is let in."""
    secret = secrets.token_bytes(32)

    def token_of(cookie: str) -> str:
        return hmac.new(secret, cookie.encode(), "sha256").hexdigest()

    @app.before_request
    def check() -> Response | None:
        if (urlsplit(f"//{request.host}").hostname or "") not in HOSTS:
            abort(404)
        if request.method in ("GET", "HEAD"):
            return None
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            abort(404)
        cookie = request.cookies.get(COOKIE, "")
        if not cookie or not hmac.compare_digest(token_of(cookie), request.form.get("token", "")):
            return stale()
        return None

    @app.context_processor
    def give() -> dict[str, str]:
        cookie = request.cookies.get(COOKIE) or _fresh()
        return {"token": token_of(cookie)}

    def _fresh() -> str:
        known = request.environ.get("console.cookie")
        request.environ["console.cookie"] = known = known or secrets.token_urlsafe(24)
        return str(known)

    @app.after_request
    def close(response: Response) -> Response:
        fresh = request.environ.get("console.cookie")
        if fresh:
            response.set_cookie(COOKIE, fresh, httponly=True, samesite="Strict")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"  # without one, browsers send Origin: null
        response.headers.setdefault("Cache-Control", "no-store")
        return response
