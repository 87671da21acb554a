"""The heartbeat, which brings commands back, and the results of commands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field, StrictInt, StrictStr
from pydantic_core import PydanticCustomError

from servers.api.auth import ServerRequest, ServerToken, in_server_scope
from servers.api.limits import CALLS
from servers.api.schemas import errors
from servers.services.commands import command_result, commands_hand_out, device_states_tell
from servers.services.lost import lost_spans_tell
from servers.services.presence import server_instance_tell, server_seen, server_spool_tell

router = Router(tags=["heartbeat"], auth=ServerToken(CALLS))


def _only_text(value: Any) -> Any:
    # pydantic would read a number, and a text of digits, as seconds since 1970
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "text")
    if "-" not in value:
        raise PydanticCustomError("datetime_parsing", "a date and a time")
    return value


def _of_our_time(value: datetime) -> datetime:
    # in year 1 or 9999 another offset has no date at all: neither a database nor a page could take it
    if not 1970 <= value.year < 9000:
        raise PydanticCustomError("timezone_aware", "a moment of our time")
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_only_text),
    AfterValidator(_of_our_time),
    Field(examples=["2026-11-22T10:15:00+01:00"]),
]
Short = Annotated[StrictStr, Field(max_length=200)]


class SpoolIn(BaseModel):
    pending: Annotated[StrictInt | None, Field(ge=0, lt=2**31)] = None
    oldest: Annotated[Moment | None, Field(description="when the oldest waiting reading was taken")] = None


class GapIn(BaseModel):
    meter: Short
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None


DeviceState = Annotated[StrictStr, Field(max_length=32, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["on"])]


class StandingIn(BaseModel):
    device: Annotated[Short, Field(description="ref of the publication")]
    state: DeviceState


class HeartbeatIn(BaseModel):
    agent: Short = ""
    instance: Annotated[
        StrictStr,
        Field(
            max_length=64, description="made at each start of an agent; tells two agents with one token apart"
        ),
    ] = ""
    devices: Annotated[list[StandingIn], Field(max_length=5000, description="how devices stand")] = []
    spool: SpoolIn | None = None
    clock: Annotated[Moment | None, Field(description="the agent's own clock")] = None
    missing: Annotated[list[GapIn], Field(max_length=10_000)] = []


class CommandOut(Schema):
    id: str
    device: str
    command: str
    expires_at: datetime


class HeartbeatOut(Schema):
    time: Annotated[datetime, Field(description="the portal's clock")]
    commands: list[CommandOut]
    next: Annotated[int, Field(description="seconds until the next heartbeat")]


class ResultIn(BaseModel):
    state: Literal["done", "failed"]
    message: Annotated[StrictStr, Field(max_length=1000)] = ""
    device_state: Annotated[DeviceState | None, Field(description="how the device stands now")] = None


class ResultOut(Schema):
    state: str


@router.post(
    "/heartbeat", response={200: HeartbeatOut, **errors(400, 401, 403, 413, 415)}, summary="Heartbeat"
)
@in_server_scope
def heartbeat(request: ServerRequest, beat: HeartbeatIn) -> HeartbeatOut:
    """The server is there. The answer brings the portal's time and the commands that wait."""
    now = timezone.now()
    server_seen(server=request.server, at=now)
    if beat.spool is not None:
        server_spool_tell(server=request.server, pending=beat.spool.pending, oldest=beat.spool.oldest)
    if beat.missing:
        gaps = ((gap.meter, gap.since, gap.until) for gap in beat.missing)
        lost_spans_tell(server=request.server, gaps=gaps)
    server_instance_tell(server=request.server, instance=beat.instance)
    if beat.devices:
        states = {standing.device: standing.state for standing in beat.devices}
        device_states_tell(server=request.server, states=states, at=now)
    commands = [
        CommandOut(
            id=str(order.public_id),
            device=order.device.ref,
            command=order.command,
            expires_at=order.expires_at,
        )
        for order in commands_hand_out(server=request.server)
    ]
    return HeartbeatOut(time=now, commands=commands, next=settings.HEARTBEAT_SECONDS)


@router.post(
    "/commands/{command}/result",
    response={200: ResultOut, **errors(400, 401, 403, 404, 409, 413, 415)},
    summary="Result of a command",
)
@in_server_scope
def result(request: ServerRequest, command: UUID, outcome: ResultIn) -> ResultOut:
    """What came of a command; the same result again is no fault."""
    order = command_result(
        server=request.server, public_id=command, state=outcome.state, message=outcome.message[:200],
        device_state=outcome.device_state,
    )  # fmt: skip
    return ResultOut(state=order.state)
