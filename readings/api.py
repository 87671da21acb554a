"""`POST /api/v1/readings`: the one door for a gateway's index readings."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from ninja import Router, Schema

from accounts.errors import DomainError
from readings.batches.accept import batch_ingest
from servers.api.auth import ServerRequest, ServerToken, server_refuse
from servers.api.body import body_bytes
from servers.api.limits import Bucket
from servers.api.schemas import errors

_limit = Bucket("INGEST_BATCHES", "too_many_batches")
router = Router(auth=ServerToken(_limit), tags=["readings"])


class ItemResult(Schema):
    seq: int
    status: str
    code: str = ""


class BatchAnswer(Schema):
    results: list[ItemResult]


_ITEM = {
    "type": "object",
    "required": ["seq", "meter", "register", "taken_at", "value"],
    "properties": {
        "seq": {"type": "integer", "minimum": 0, "description": "ever-increasing within one spool"},
        "meter": {"type": "string", "maxLength": 64},
        "register": {"type": "string", "maxLength": 64},
        "taken_at": {"type": "string", "format": "date-time", "description": "RFC 3339 with an offset"},
        "value": {"type": "string", "pattern": r"^-?[0-9]{1,20}(\.[0-9]{1,18})?$"},
    },
}
_TELEGRAM = {
    "type": "object",
    "required": ["meter", "taken_at", "frames"],
    "properties": {
        "meter": {"type": "string", "maxLength": 64},
        "taken_at": {"type": "string", "format": "date-time", "description": "as in the items it explains"},
        "frames": {
            "type": "string",
            "maxLength": 2048,
            "pattern": "^([0-9a-fA-F]{2})+(,([0-9a-fA-F]{2})+)*$",
            "description": "hexadecimal, the telegrams of one answer separated by commas",
        },
    },
}
_BODY = {
    "type": "object",
    "required": ["batch", "items"],
    "properties": {
        "batch": {"type": "string", "format": "uuid"},
        "spool": {"type": "string", "pattern": "^[0-9]{1,18}$", "description": "epoch of the spool's file"},
        "items": {"type": "array", "maxItems": 10000, "items": _ITEM},
        "telegrams": {
            "type": "array",
            "maxItems": 10000,
            "items": _TELEGRAM,
            "description": "the meters' raw answers, kept for a while to show where a reading comes from",
        },
    },
}


# The items are judged one by one (readings.batches.body): a schema would refuse a thousand for the sake of one.
@router.post(
    "/readings",
    response={200: BatchAnswer, **errors(400, 401, 403, 413, 415, 422, 429)},
    summary="Send a batch of readings",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}}},
)
def post_readings(request: ServerRequest) -> HttpResponse:
    caller = request.credential
    try:
        answer = batch_ingest(
            programme_id=caller.programme_id,
            server_id=caller.server_id,
            activation_epoch=caller.activation_epoch,
            body=body_bytes(request),
        )
    except DomainError:
        server_refuse(caller)  # whoever is not let in is told that before what is wrong with the body
        raise
    return JsonResponse(answer)
