"""Addresses of the utility's desk, of applications and of the help."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from readings.applications import views as applications
from readings.desk.views import archives, claims, contracts, home, points, terms

_DESK = "p/<slug:slug>/desk/"
_APPLICATION = "p/<slug:slug>/applications/<uuid:public_id>/"
_CONTRACT = "p/<slug:slug>/contracts/<uuid:public_id>/"

desk_urls: list[URLPattern | URLResolver] = [
    path(_DESK, home.desk_home, name="desk_home"),
    path(f"{_DESK}remind/", home.reminders_send_now, name="reminders_send"),
    path(f"{_DESK}settings/", home.desk_settings_edit, name="desk_settings"),
    path(f"{_DESK}contracts/", contracts.contract_import, name="contract_import"),
    path(f"{_DESK}contracts/export/", contracts.contract_export, name="contract_export"),
    path(f"{_DESK}contracts/new/", contracts.contract_new, name="contract_new"),
    path(f"{_CONTRACT}edit/", contracts.contract_change, name="contract_edit"),
    path(f"{_DESK}claims/", claims.claim_list, name="claim_list"),
    path(f"{_CONTRACT}claims/end/", claims.claim_end, name="claim_end"),
    path(f"{_DESK}points/", points.point_list, name="point_list"),
    path(f"{_DESK}points/new/", points.point_new, name="point_new"),
    path("p/<slug:slug>/points/<uuid:public_id>/edit/", points.point_change, name="point_edit"),
    path("p/<slug:slug>/points/<uuid:public_id>/terms/", terms.point_terms, name="point_terms"),
    path("p/<slug:slug>/points/<uuid:public_id>/retire/", terms.point_retire, name="point_retire"),
    path("p/<slug:slug>/points/<uuid:public_id>/compare/", archives.archive_compare, name="archive_compare"),
    path(f"{_DESK}archives/", archives.archives_export, name="archives_export"),
    path(f"{_DESK}archives/<uuid:public_id>/", archives.parcel_download, name="parcel_download"),
    path("p/<slug:slug>/help/", home.utility_help, name="utility_help"),
    path("p/<slug:slug>/applications/", applications.application_list, name="application_list"),
    path(f"{_CONTRACT}apply/", applications.application_new, name="application_new"),
    path(f"{_CONTRACT}apply/file/", applications.application_prefill, name="application_prefill"),
    path(f"{_CONTRACT}console-settings/", applications.console_settings, name="console_settings"),
    path(_APPLICATION, applications.application_detail, name="application_detail"),
    path(f"{_APPLICATION}number/", applications.application_number, name="application_number"),
    path(f"{_APPLICATION}refuse/", applications.application_refusal, name="application_refusal"),
    path(f"{_APPLICATION}withdraw/", applications.application_take_back, name="application_take_back"),
]
