"""Addresses of contracts, archives and uploads."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from readings.views import archives, contracts, statements

contract_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/contracts/", contracts.contract_list, name="contract_list"),
    path("p/<slug:slug>/contracts/add/", contracts.contract_add, name="contract_add"),
    path("p/<slug:slug>/contracts/<uuid:public_id>/", statements.contract_detail, name="contract_detail"),
    path(
        "p/<slug:slug>/contracts/<uuid:public_id>/remove/", contracts.contract_remove, name="contract_remove"
    ),
    path("p/<slug:slug>/points/<uuid:public_id>/", archives.point_detail, name="point_detail"),
    path("p/<slug:slug>/points/<uuid:public_id>/upload/", archives.archive_upload, name="archive_upload"),
    path("p/<slug:slug>/points/<uuid:public_id>/export/", archives.archive_export, name="archive_export"),
]
