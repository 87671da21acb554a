"""Addresses of the account pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.audit import views as audit
from accounts.factors.views import confirm, second_step, security
from accounts.privacy import views as privacy
from accounts.views import account, links, mails, operators, passwords, registration, sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    # the front door
    path("", sign_in.home, name="home"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("programmes/", sign_in.choose_programme, name="choose_programme"),
    path("sign-in/second-step/", second_step.second_step, name="second_step"),
    path("sign-in/passkey/options/", second_step.passkey_options, name="passkey_options"),
    path("sign-in/passkey/", second_step.passkey_sign_in, name="passkey_sign_in"),
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
    # second factors, browsers, asking again
    path("account/confirm/", confirm.confirm, name="confirm"),
    path("account/security/", security.own_security, name="own_security"),
    path("account/security/app/", security.app_add, name="app_add"),
    path("account/security/app/remove/", security.app_remove, name="app_remove"),
    path("account/security/passkeys/add/", security.passkey_add, name="passkey_add"),
    path(
        "account/security/passkeys/<uuid:public_id>/remove/", security.passkey_remove, name="passkey_remove"
    ),
    path("account/security/recovery-codes/", security.recovery_renew, name="recovery_renew"),
    path("account/security/browsers/end/", security.browsers_end, name="browsers_end"),
    path("account/security/browsers/<str:handle>/end/", security.browser_end, name="browser_end"),
    # one's own data
    path("account/data/", privacy.own_data, name="own_data"),
    path("account/data/export/", privacy.data_export, name="data_export"),
    path("account/data/<uuid:public_id>/", privacy.data_download, name="data_download"),
    path("account/data/erase/", privacy.data_erase, name="data_erase"),
    # of a programme
    path("p/<slug:slug>/account/", account.programme_account, name="programme_account"),
    path("p/<slug:slug>/account/email/", account.account_email, name="account_email"),
    path("p/<slug:slug>/account/password/", passwords.account_password, name="account_password"),
    path("p/<slug:slug>/journal/", audit.audit, name="audit"),
    path("p/<slug:slug>/mails/", mails.mail_list, name="mail_list"),
    path("p/<slug:slug>/mails/<uuid:public_id>/retry/", mails.mail_retry, name="mail_retry"),
    path("p/<slug:slug>/operators/", operators.operator_list, name="operator_list"),
    path(
        "p/<slug:slug>/operators/<str:public_id>/change/", operators.operator_change, name="operator_change"
    ),
    path(
        "p/<slug:slug>/operators/<str:public_id>/remove/", operators.operator_remove, name="operator_remove"
    ),
    path(
        "p/<slug:slug>/operators/<str:public_id>/buildings/",
        operators.operator_buildings,
        name="operator_buildings",
    ),
    path("p/<slug:slug>/join/", registration.join_utility, name="join_utility"),
]
