from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from servers.rights import views as rights_views
from servers.views import boxes, devices, estate, first_steps, looks, meters, occupant_lists, occupants

# the tab "Servers"
box_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/servers/", boxes.server_list, name="server_list"),
    path("p/<slug:slug>/servers/by-dwelling/", boxes.server_by_dwelling, name="server_by_dwelling"),
    path("p/<slug:slug>/servers/create/", boxes.server_create, name="server_create"),
    path("p/<slug:slug>/servers/<uuid:public_id>/", boxes.server_detail, name="server_detail"),
    path("p/<slug:slug>/servers/<uuid:public_id>/edit/", boxes.server_edit, name="server_edit"),
    path("p/<slug:slug>/servers/<uuid:public_id>/password/", boxes.server_password, name="server_password"),
    path(
        "p/<slug:slug>/servers/<uuid:public_id>/copies/",
        boxes.server_twin_dismiss,
        name="server_twin_dismiss",
    ),
    path("p/<slug:slug>/servers/<uuid:public_id>/replace/", boxes.server_replace, name="server_replace"),
    path("p/<slug:slug>/servers/<uuid:public_id>/remove/", boxes.server_remove, name="server_remove"),
]

# the programme view, from the programme down to a dwelling
estate_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/", estate.programme_view, name="programme_view"),
    path("p/<slug:slug>/first-steps/", first_steps.first_steps_keep, name="first_steps"),
    path("p/<slug:slug>/buildings/<uuid:public_id>/", estate.building_detail, name="building_detail"),
    path("p/<slug:slug>/dwellings/<uuid:public_id>/", estate.dwelling_detail, name="dwelling_detail"),
    path(
        "p/<slug:slug>/common-areas/<uuid:public_id>/", estate.common_area_detail, name="common_area_detail"
    ),
]

# instruments: their verification, and what a scan found
meter_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/meters/", meters.meter_list, name="meter_list"),
    path("p/<slug:slug>/meters/found/", meters.found_meters, name="found_meters"),
    path("p/<slug:slug>/meters/found/<uuid:public_id>/", meters.found_meter, name="found_meter"),
    path("p/<slug:slug>/meters/<uuid:public_id>/", meters.meter_detail, name="meter_detail"),
]

# what can be switched
device_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/devices/", devices.device_list, name="device_list"),
    path("p/<slug:slug>/devices/settings/", devices.device_settings_edit, name="device_settings"),
    path("p/<slug:slug>/devices/<uuid:public_id>/", devices.device_detail, name="device_detail"),
    path("p/<slug:slug>/devices/<uuid:public_id>/order/", devices.device_order, name="device_order"),
]

# who lives where
occupant_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/who-looked/", looks.looks, name="looks"),
    path("p/<slug:slug>/occupants/", occupants.occupant_list, name="occupant_list"),
    path("p/<slug:slug>/occupants/create/", occupants.occupant_create, name="occupant_create"),
    path("p/<slug:slug>/occupants/import/", occupant_lists.occupant_import, name="occupant_import"),
    path("p/<slug:slug>/occupants/export/", occupant_lists.occupant_export, name="occupant_export"),
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
    path(
        "p/<slug:slug>/occupants/<uuid:public_id>/rights/",
        rights_views.occupant_rights,
        name="occupant_rights",
    ),
]

# what occupants may see and switch: a tab beside the parameters
rights_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/parameters/rights/", rights_views.rights, name="rights"),
    path("p/<slug:slug>/home/common/", rights_views.home_common, name="home_common"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *box_urls,
    *estate_urls,
    *meter_urls,
    *device_urls,
    *occupant_urls,
    *rights_urls,
]
