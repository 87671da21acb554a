"""POST, DELETE and resume of a server's activation."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import BaseModel, Field, StrictStr

from accounts.errors import DomainError
from servers.api.auth import ServerRequest, ServerToken, in_server_scope
from servers.api.limits import CALLS, count_failure, refuse_when_too_many
from servers.api.schemas import errors
from servers.serials import SerialFault, serial_parse
from servers.services.credentials import server_activate, server_resume, server_suspend, token_rotate

router = Router(tags=["activation"])


class ActivationIn(BaseModel):
    serial: Annotated[StrictStr, Field(max_length=64, description="24 letters and digits, dashes allowed")]
    password: Annotated[StrictStr, Field(max_length=128, description="from the portal's mail")]


class ServerOut(Schema):
    id: str
    description: str


class ActivationOut(Schema):
    token: Annotated[str, Field(description="shown once; send it as Authorization: Bearer …")]
    server: ServerOut
    programme: str


class TokenOut(Schema):
    token: Annotated[str, Field(description="shown once; the one it replaces works until this one is used")]


class ActivationState(Schema):
    state: Annotated[str, Field(description="active or suspended")]


@router.post(
    "/activation", response={201: ActivationOut, **errors(400, 401, 413, 415, 429)}, summary="Activate"
)
def activate(request: HttpRequest, activation: ActivationIn) -> Status:
    """Exchange the password of the mail for a token. The password works until that token is first used."""
    try:
        serial = serial_parse(activation.serial)
    except SerialFault:
        serial = ""  # no serial at all: the same answer as for an unknown one
    refuse_when_too_many(request, serial)
    try:
        done = server_activate(serial=serial, password=activation.password.strip())
    except DomainError:
        count_failure(request, serial)
        raise
    server = ServerOut(id=str(done.server.public_id), description=done.server.description)
    return Status(201, ActivationOut(token=done.token, server=server, programme=done.programme.name))


@router.delete(
    "/activation", auth=ServerToken(CALLS), response={200: ActivationState, **errors(401)}, summary="Suspend"
)
@in_server_scope(even_suspended=True)
def suspend(request: ServerRequest) -> ActivationState:
    """Nothing is taken from the server until it resumes with the same token."""
    server_suspend(server=request.server)
    return ActivationState(state="suspended")


@router.post(
    "/activation/resume",
    auth=ServerToken(CALLS),
    response={200: ActivationState, **errors(401)},
    summary="Resume",
)
@in_server_scope(even_suspended=True)
def resume(request: ServerRequest) -> ActivationState:
    server_resume(server=request.server)
    return ActivationState(state="active")


@router.post(
    "/activation/token",
    auth=ServerToken(CALLS),
    response={200: TokenOut, **errors(401, 403)},
    summary="Rotate",
)
@in_server_scope
def rotate(request: ServerRequest) -> TokenOut:
    """A new token. The present one works until the new one is first used; after that it raises an alarm."""
    return TokenOut(token=token_rotate(credential=request.credential))
