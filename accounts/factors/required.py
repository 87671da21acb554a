"""Staff must have a second factor where the settings say so: until then every page of a programme leads to it."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access import Actor
from accounts.models import Role, User

STAFF = frozenset({Role.ADMINISTRATOR, Role.OPERATOR})
SECOND = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND).exists())


def factor_missing(actor: Actor) -> bool:
    """True for an administrator or operator without a second factor, where one is required."""
    return bool(settings.MFA_REQUIRED_OF_STAFF and actor.roles & STAFF and not has_factor(actor.user))


def to_factors(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('own_security')}?{urlencode({'required': 1})}")
