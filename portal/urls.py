"""Every address of the portal. A view without a stated access fails the start (accounts.checks)."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from portal import security_page, views
from portal.appearance import set_appearance
from portal.search.views import search
from portal.tour.views import tour
from readings.api import router as readings_router
from servers.api import build_api, gateway_urls

# readings may not be imported by servers, so the whole API is put together here
gateway_api = build_api([readings_router])

handler500 = "portal.operations.health.server_error"
urlpatterns = [
    path("legal/", views.legal, name="legal"),
    path("security/", security_page.security, name="security"),
    path(".well-known/security.txt", security_page.security_txt, name="security_txt"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("appearance/", set_appearance, name="set_appearance"),
    path("language/", views.set_language, name="set_language"),
    path("api/v1/", gateway_urls(gateway_api)),
    path("p/<slug:slug>/search/", search, name="search"),
    path("", include("accounts.urls")),
    path("", include("servers.urls")),
    path("", include("tariffs.urls")),
    path("", include("readings.urls")),
]
if settings.DEMO or settings.TESTING:
    urlpatterns += [path("p/<slug:slug>/tour/", tour, name="tour")]
if settings.DEMO_MAILBOX or settings.TESTING:
    urlpatterns += [
        path("demo/mails/", views.mailbox, name="mailbox"),
        path("demo/mails/<str:name>/", views.mail, name="mail"),
        path("demo/mails/<str:name>/html/", views.mail_html, name="mail_html"),
        path("demo/style/", views.style, name="style"),
    ]
