from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from readings.contract_urls import contract_urls
from readings.desk.urls import desk_urls
from readings.imports.urls import import_urls
from readings.review.urls import review_urls
from readings.statements.urls import statement_urls
from readings.views import consumption, costs, hints, overview, sheets

urlpatterns: list[URLPattern | URLResolver] = [
    *contract_urls,
    *import_urls,
    *desk_urls,
    *review_urls,
    *statement_urls,
    path("p/<slug:slug>/home/", consumption.occupant_home, name="occupant_home"),
    path(
        "p/<slug:slug>/dwellings/<str:public_id>/consumption/",
        consumption.dwelling_consumption,
        name="dwelling_consumption",
    ),
    path("p/<slug:slug>/home/cost/", costs.home_cost, name="home_cost"),
    path(
        "p/<slug:slug>/dwellings/<str:public_id>/consumption/cost/", costs.dwelling_cost, name="dwelling_cost"
    ),
    path("p/<slug:slug>/overview/", overview.overview, name="overview"),
    path("p/<slug:slug>/home/hints/", hints.home_hints, name="home_hints"),
    path("p/<slug:slug>/home/hints/<uuid:public_id>/end/", hints.home_hint_end, name="home_hint_end"),
    path("hints/<slug:slug>/<uuid:public_id>/stop/", hints.hint_stop, name="hint_stop"),
    path("p/<slug:slug>/home/sheets/", sheets.home_sheets, name="home_sheets"),
    path("p/<slug:slug>/sheets/", sheets.sheet_list, name="sheet_list"),
    path("p/<slug:slug>/sheets/settings/", sheets.sheet_settings, name="sheet_settings"),
    path("p/<slug:slug>/sheets/<uuid:public_id>/", sheets.sheet_detail, name="sheet_detail"),
    path("p/<slug:slug>/sheets/<uuid:public_id>/pdf/", sheets.sheet_download, name="sheet_download"),
    path("p/<slug:slug>/sheets/<uuid:public_id>/send/", sheets.sheet_send_again, name="sheet_send_again"),
    path(
        "p/<slug:slug>/buildings/<uuid:public_id>/overview/",
        overview.building_overview,
        name="building_overview",
    ),
]
