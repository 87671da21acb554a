from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tariffs import views
from tariffs.colours.views import day_colours

# a parameters page a place: the programme, a building, a dwelling, and the occupant's own dwelling
parameter_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/parameters/tariffs/", views.tariff_parameters, name="tariff_parameters"),
    path("p/<slug:slug>/parameters/advanced/", views.advanced_parameters, name="advanced_parameters"),
    path("p/<slug:slug>/parameters/days/", day_colours, name="day_colours"),
    path("p/<slug:slug>/parameters/sharing/", views.sharing_parameters, name="sharing_parameters"),
    path(
        "p/<slug:slug>/buildings/<uuid:public_id>/parameters/sharing/",
        views.building_parameters,
        {"page": "sharing"},
        name="building_sharing_parameters",
    ),
    *(
        path(
            f"p/<slug:slug>/{kind}s/<uuid:public_id>/parameters/{page}/",
            view,
            {"page": page},
            name=f"{kind}_{name}_parameters",
        )
        for kind, view in (("building", views.building_parameters), ("dwelling", views.dwelling_parameters))
        for page, name in (("tariffs", "tariff"), ("advanced", "advanced"))
    ),
    path("p/<slug:slug>/home/parameters/tariffs/", views.home_tariffs, name="home_tariffs"),
]

urlpatterns: list[URLPattern | URLResolver] = [*parameter_urls]
