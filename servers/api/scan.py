"""What a scan of the bus found."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils import timezone
from ninja import Router, Schema
from pydantic import BaseModel, Field, StrictStr

from servers.api.auth import ServerRequest, ServerToken, in_server_scope
from servers.api.limits import CALLS
from servers.api.schemas import errors
from servers.services.found import Sighting, found_report
from servers.services.presence import server_seen

router = Router(tags=["scan"], auth=ServerToken(CALLS))
# no control character, and none that hides or turns what stands beside it: the list is read by people
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
Printable = rf"^[^{_HIDDEN}]*$"


class SightingIn(BaseModel):
    address: Annotated[StrictStr, Field(max_length=40, pattern=Printable, examples=["12"])] = ""
    serial: Annotated[
        StrictStr, Field(min_length=1, max_length=40, pattern=rf"^[^\s{_HIDDEN}]+$", examples=["68150101"])
    ]
    manufacturer: Annotated[StrictStr, Field(max_length=60, pattern=Printable, examples=["KAM"])] = ""
    medium: Literal[
        "heat", "cooling", "hot_water", "cold_water", "electricity", "gas", "temperature", "other"
    ] = "other"


class ScanIn(BaseModel):
    found: Annotated[list[SightingIn], Field(max_length=5000)]


class ScanOut(Schema):
    new: Annotated[int, Field(description="not seen before, and not published")]
    waiting: Annotated[int, Field(description="found by this server and placed by nobody yet")]
    placed: Annotated[int, Field(description="of those found, how many are published")]


@router.post("/scan", response={200: ScanOut, **errors(400, 401, 403, 413, 415)}, summary="Report a scan")
@in_server_scope
def scan(request: ServerRequest, report: ScanIn) -> ScanOut:
    """Meters that answered on the bus. Those that nobody has published wait in the portal for a place."""
    now = timezone.now()
    server_seen(server=request.server, at=now)
    sightings = [
        Sighting(one.address, one.serial, " ".join(one.manufacturer.split()), one.medium)
        for one in report.found
    ]
    return ScanOut(**found_report(server=request.server, sightings=sightings, at=now))
