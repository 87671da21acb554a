"""Who is calling: a server, by the bearer token of its activation, inside its own programme's scope.

router = Router(auth=ServerToken())

@router.post("/readings")
@in_server_scope
def post_readings(request: ServerRequest, batch: BatchIn): ...   # request.server, request.credential
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts.tenancy import tenant_scope
from servers.api.limits import Bucket
from servers.models import Server
from servers.services.credentials import Caller, credential_of_token
from servers.services.presence import server_let_in


class ServerRequest(HttpRequest):
    """What an operation of the gateway API receives."""

    server: Server
    credential: Caller
    json_bytes: bytes


class ServerToken(HttpBearer):
    """`Authorization: Bearer …`; the token's digest is looked up before any programme is known.

    With `limit`, a server that calls too often is refused here, before anything is done for it.
    """

    def __init__(self, limit: Bucket | None = None) -> None:
        super().__init__()
        self._limit = limit

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        credential = credential_of_token(token=token)
        if credential is not None and self._limit is not None:
            self._limit.take(credential.server_id)
        request.credential = credential  # type: ignore[attr-defined]
        return credential


def in_server_scope(view: Callable[..., Any] | None = None, *, even_suspended: bool = False) -> Any:
    """Run the operation in the scope of the server's programme; a suspended server gets 403.

    On PostgreSQL the operation is one transaction; what it raises rolls it back.
    """

    def decorate(operation: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(operation)
        def scoped(request: ServerRequest, *args: Any, **kwargs: Any) -> Any:
            with tenant_scope(request.credential.programme_id):
                request.server = _server_of(request.credential, even_suspended)
                return operation(request, *args, **kwargs)

        # ninja reads the types of the parameters; as text they would be looked up in this module
        scoped.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]
        return scoped

    return decorate(view) if view is not None else decorate


def _server_of(credential: Caller, even_suspended: bool) -> Server:
    server = Server.objects.filter(pk=credential.server_id, removed_at=None).first()
    suspended = server is not None and server.suspended_at is not None
    server_let_in(removed=server is None, suspended=suspended and not even_suspended)
    assert server is not None
    return server


def server_refuse(credential: Caller) -> None:
    """Raises the `DomainError` of a server that is removed or suspended, for an operation that opens its own scope."""
    with tenant_scope(credential.programme_id):
        _server_of(credential, even_suspended=False)
