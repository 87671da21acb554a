"""Addresses of the account pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import account, links, operators, passwords, registration, sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    # the front door
    path("", sign_in.home, name="home"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("programmes/", sign_in.choose_programme, name="choose_programme"),
    path("register/", registration.register, name="register"),
    path("mail-sent/", registration.sent, name="mail_sent"),
    # links of mails (accounts/logs.py knows these paths)
    path("activate/<str:token>/", links.activate, name="activate"),
    path("password/forgotten/", passwords.forgotten, name="password_forgotten"),
    path("password/reset/<str:token>/", passwords.reset, name="password_reset"),
    path("account/email/confirm/<str:token>/", account.address_confirm, name="address_confirm"),
    # a person's own account
    path("account/", account.own_account, name="own_account"),
    path("account/email/", account.own_email, name="own_email"),
    path("account/password/", passwords.own_password, name="own_password"),
    # of a programme
    path("p/<slug:slug>/account/", account.programme_account, name="programme_account"),
    path("p/<slug:slug>/account/email/", account.account_email, name="account_email"),
    path("p/<slug:slug>/account/password/", passwords.account_password, name="account_password"),
    path("p/<slug:slug>/operators/", operators.operator_list, name="operator_list"),
    path(
        "p/<slug:slug>/operators/<str:public_id>/change/", operators.operator_change, name="operator_change"
    ),
    path(
        "p/<slug:slug>/operators/<str:public_id>/remove/", operators.operator_remove, name="operator_remove"
    ),
    path("p/<slug:slug>/join/", registration.join_utility, name="join_utility"),
]
