"""Addresses of the pages about readings themselves: completeness, review, exchanges, and where a figure comes from."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from readings.views import completeness, exchange, origin, review

review_urls: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/readings/", completeness.completeness, name="completeness"),
    path("p/<slug:slug>/readings/export/", completeness.completeness_export, name="completeness_export"),
    path("p/<slug:slug>/readings/review/", review.review_list, name="review_list"),
    path("p/<slug:slug>/readings/review/<str:public_id>/", review.review_item, name="review_item"),
    path(
        "p/<slug:slug>/readings/review/<str:public_id>/take-back/",
        review.review_take_back,
        name="review_take_back",
    ),
    path("p/<slug:slug>/readings/limits/", review.review_limits, name="review_limits"),
    path("p/<slug:slug>/readings/exchange/<str:public_id>/", exchange.meter_exchange, name="meter_exchange"),
    path(
        "p/<slug:slug>/readings/exchange/<str:public_id>/undo/",
        exchange.meter_exchange_undo,
        name="meter_exchange_undo",
    ),
    path(
        "p/<slug:slug>/readings/of-dwelling/<str:public_id>/", origin.origin_dwelling, name="origin_dwelling"
    ),
    path("p/<slug:slug>/readings/of-point/<str:public_id>/", origin.origin_point, name="origin_point"),
    path(
        "p/<slug:slug>/readings/of-register/<str:public_id>/", origin.origin_register, name="origin_register"
    ),
    path(
        "p/<slug:slug>/readings/of-contract-register/<str:public_id>/",
        origin.origin_contract_register,
        name="origin_contract_register",
    ),
]
