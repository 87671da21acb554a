from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from servers.views import boxes, estate, occupants

# the tab "Servers"
box_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/servers/", boxes.server_list, name="server_list"),
    path("p/<slug:slug>/servers/by-dwelling/", boxes.server_by_dwelling, name="server_by_dwelling"),
    path("p/<slug:slug>/servers/create/", boxes.server_create, name="server_create"),
    path("p/<slug:slug>/servers/<uuid:public_id>/", boxes.server_detail, name="server_detail"),
    path("p/<slug:slug>/servers/<uuid:public_id>/edit/", boxes.server_edit, name="server_edit"),
    path("p/<slug:slug>/servers/<uuid:public_id>/password/", boxes.server_password, name="server_password"),
    path("p/<slug:slug>/servers/<uuid:public_id>/replace/", boxes.server_replace, name="server_replace"),
    path("p/<slug:slug>/servers/<uuid:public_id>/remove/", boxes.server_remove, name="server_remove"),
]

# the programme view, from the programme down to a dwelling
estate_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/", estate.programme_view, name="programme_view"),
    path("p/<slug:slug>/buildings/<uuid:public_id>/", estate.building_detail, name="building_detail"),
    path("p/<slug:slug>/dwellings/<uuid:public_id>/", estate.dwelling_detail, name="dwelling_detail"),
    path(
        "p/<slug:slug>/common-areas/<uuid:public_id>/", estate.common_area_detail, name="common_area_detail"
    ),
]

# who lives where
occupant_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/occupants/", occupants.occupant_list, name="occupant_list"),
    path("p/<slug:slug>/occupants/create/", occupants.occupant_create, name="occupant_create"),
    path("p/<slug:slug>/occupants/<uuid:public_id>/", occupants.occupant_edit, name="occupant_edit"),
    path(
        "p/<slug:slug>/occupants/<uuid:public_id>/move-out/",
        occupants.occupant_move_out,
        name="occupant_move_out",
    ),
    path(
        "p/<slug:slug>/occupants/<uuid:public_id>/invite/", occupants.occupant_invite, name="occupant_invite"
    ),
    path(
        "p/<slug:slug>/occupants/<uuid:public_id>/remove/", occupants.occupant_remove, name="occupant_remove"
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [*box_urls, *estate_urls, *occupant_urls]
