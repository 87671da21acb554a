"""Addresses of files sent, tables, entries by hand, and the profile that files are read with."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from readings.views import entries, imports, lers_profile, tables

_IMPORT = "p/<slug:slug>/imports/<uuid:public_id>/"

import_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/uploads/", imports.upload_list, name="upload_list"),
    path("p/<slug:slug>/uploads/table/", tables.table_new, name="table_new"),
    path(_IMPORT, imports.import_detail, name="import_detail"),
    path(f"{_IMPORT}progress/", imports.import_progress, name="import_progress"),
    path(f"{_IMPORT}decide/", imports.import_decide, name="import_decide"),
    path(f"{_IMPORT}take-back/", imports.import_take_back, name="import_take_back"),
    path(f"{_IMPORT}receipt/", imports.import_receipt_sent, name="import_receipt"),
    path(f"{_IMPORT}send-on/", imports.import_send_on, name="import_send_on"),
    path(f"{_IMPORT}columns/", tables.import_mapping, name="import_mapping"),
    path("p/<slug:slug>/points/<uuid:public_id>/entry/", entries.entry_new, name="entry_new"),
    path("p/<slug:slug>/entries/<uuid:public_id>/", entries.entry_detail, name="entry_detail"),
    path("p/<slug:slug>/entries/<uuid:public_id>/receipt/", entries.entry_pdf, name="entry_receipt"),
    path("p/<slug:slug>/entries/<uuid:public_id>/correct/", entries.entry_change, name="entry_correct"),
    path("p/<slug:slug>/lers-profile/", lers_profile.lers_profile, name="lers_profile"),
]
