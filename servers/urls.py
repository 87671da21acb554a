from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from servers.views import boxes

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

urlpatterns: list[URLPattern | URLResolver] = [*box_urls]
