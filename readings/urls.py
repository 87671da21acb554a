from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from readings.contract_urls import contract_urls
from readings.views import consumption, overview

urlpatterns: list[URLPattern | URLResolver] = [
    *contract_urls,
    path("p/<slug:slug>/home/", consumption.occupant_home, name="occupant_home"),
    path(
        "p/<slug:slug>/dwellings/<str:public_id>/consumption/",
        consumption.dwelling_consumption,
        name="dwelling_consumption",
    ),
    path("p/<slug:slug>/overview/", overview.overview, name="overview"),
    path(
        "p/<slug:slug>/buildings/<uuid:public_id>/overview/",
        overview.building_overview,
        name="building_overview",
    ),
]
