"""PUT a publication, GET what became of it."""

from __future__ import annotations

import math
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictInt, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from accounts.errors import DomainError
from servers.api.auth import ServerRequest, ServerToken, in_server_scope
from servers.api.limits import CALLS
from servers.api.schemas import errors
from servers.models import Publication
from servers.services.presence import server_seen
from servers.services.publication import publication_store, publication_stuck
from servers.services.publication_faults import faults_told

router = Router(tags=["publication"], auth=ServerToken(CALLS))


def _numeric(value: Any) -> Any:
    known = isinstance(value, int | str) or (isinstance(value, float) and math.isfinite(value))
    if value is not None and (isinstance(value, bool) or not known):
        raise PydanticCustomError("number_type", "a number")
    return value


# Only the structure is checked here (400); what the values say is judged by the job, with the path of each fault.
Number = Annotated[Any, AfterValidator(_numeric), WithJsonSchema({"type": ["number", "string", "null"]})]
Text = Annotated[StrictStr, Field(max_length=1000)]
Ref = Annotated[StrictStr, Field(max_length=1000, examples=["A-101"])]


class DwellingIn(BaseModel):
    ref: Ref
    name: Text
    floor: StrictInt | None = None
    area: Annotated[Number, Field(description="living area in m²")] = None


class CommonAreaIn(BaseModel):
    ref: Ref
    name: Text


class BuildingIn(BaseModel):
    ref: Ref
    name: Text
    dwellings: Annotated[list[DwellingIn], Field(max_length=20_000)] = []
    common_areas: Annotated[list[CommonAreaIn], Field(max_length=20_000)] = []


class RegisterIn(BaseModel):
    ref: Ref
    quantity: Text | None = None
    unit: Text | None = None
    exponent: Annotated[
        StrictInt | None, Field(description="the resolution is 10^exponent unit; −3 if left out")
    ] = None
    tariff_index: StrictInt | None = None
    kind: Annotated[Text | None, Field(description="cumulative or instantaneous")] = None
    rollover: Annotated[Number, Field(description="where it starts again from 0, in the unit")] = None
    shared: Annotated[StrictBool, Field(description="only what is shared is stored")] = False


class MeterIn(BaseModel):
    ref: Ref
    place: Annotated[Ref, Field(description="ref of a dwelling or common area")]
    medium: Text
    usage: Text
    manufacturer: Text | None = None
    serial: Text
    registers: Annotated[list[RegisterIn], Field(max_length=200)] = []


class DeviceIn(BaseModel):
    ref: Ref
    place: Ref
    name: Text
    kind: Text
    commands: Annotated[list[StrictStr], Field(max_length=100)] = []


class PublicationIn(BaseModel):
    revision: Annotated[StrictInt, Field(ge=0, lt=2**63)]
    buildings: Annotated[list[BuildingIn], Field(max_length=1000)]
    meters: Annotated[list[MeterIn], Field(max_length=20_000)]
    devices: Annotated[list[DeviceIn], Field(max_length=5000)] = []


class JobOut(Schema):
    job: str


class FaultOut(Schema):
    path: Annotated[str, Field(examples=["meters[3].registers[0].unit"])]
    message: str


class VerdictOut(Schema):
    state: Annotated[str, Field(description="queued, running, done or refused")]
    faults: list[FaultOut]


@router.put("/publication", response={202: JobOut, **errors(400, 401, 403, 409, 413, 415)}, summary="Publish")
@in_server_scope
def publish(request: ServerRequest, document: PublicationIn) -> Status:
    """Tell what stands in the building. The same revision with the same content gets the same answer."""
    server_seen(server=request.server, at=timezone.now())  # who publishes is there
    publication = publication_store(
        server=request.server,
        activation=request.credential.activation_epoch,
        document=document.model_dump(exclude_none=True),
    )
    return Status(202, JobOut(job=str(publication.public_id)))


@router.get("/publication/{job}", response={200: VerdictOut, **errors(401, 403, 404)}, summary="Verdict")
@in_server_scope
def verdict(request: ServerRequest, job: UUID) -> VerdictOut:
    """What became of a publication of this server."""
    publication = (
        Publication.objects.filter(server=request.server, public_id=job)
        .defer("document")
        .select_related("job")
        .first()
    )
    if publication is None:
        raise DomainError("not_found", _("There is no such publication."))
    if publication_stuck(publication):
        fault = FaultOut(path="", message=_("The portal could not work on this document; publish it again."))
        return VerdictOut(state=Publication.State.REFUSED, faults=[fault])
    return VerdictOut(
        state=publication.state, faults=[FaultOut(**fault) for fault in faults_told(publication.faults)]
    )
