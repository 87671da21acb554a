"""Addresses of statements, bills, closed months and the heat account."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from readings.views import heat_account, periods, statements

CONTRACT = "p/<slug:slug>/contracts/<uuid:public_id>/"
statement_urls: list[URLPattern | URLResolver] = [
    path(f"{CONTRACT}meters/", statements.contract_meters, name="contract_meters"),
    path(f"{CONTRACT}heat-meters/", statements.contract_heat_meters, name="contract_heat_meters"),
    path(f"{CONTRACT}charges/", statements.contract_charges, name="contract_charges"),
    path(f"{CONTRACT}tariffs/", statements.contract_tariffs, name="contract_tariffs"),
    path(f"{CONTRACT}bill/", statements.bill_create, name="bill_create"),
    path("p/<slug:slug>/charges/<uuid:public_id>/", statements.charge_detail, name="charge_detail"),
    path("p/<slug:slug>/bills/<uuid:public_id>/", statements.bill_download, name="bill_download"),
    path("p/<slug:slug>/periods/", periods.period_list, name="period_list"),
    path("p/<slug:slug>/periods/close/", periods.period_shut, name="period_close"),
    path("p/<slug:slug>/periods/import/", periods.statement_import, name="statement_import"),
    path("p/<slug:slug>/periods/<uuid:public_id>/reopen/", periods.period_open_again, name="period_reopen"),
    path("p/<slug:slug>/points/<uuid:public_id>/account/", heat_account.heat_account, name="heat_account"),
]
