"""Directory tables: read before the programme is known, so without row-level security."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail address (stored in lower case)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(max_length=2, default="fr")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)  # the person asked; only the shell is left

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Counting the epoch up ends every session of the person, as a new password does."""
        return f"{super()._get_session_auth_hash(secret)}.{self.session_epoch}"  # type: ignore[misc]


class Programme(models.Model):
    """The tenant: a housing programme or a heat utility."""

    class Kind(models.TextChoices):
        HOUSING = "housing", _("housing")
        UTILITY = "utility", _("utility")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("programme name"), max_length=80)
    name_key = models.CharField(max_length=80, unique=True, editable=False)
    slug = models.SlugField(max_length=90, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.HOUSING)
    currency = models.CharField(max_length=3, default="EUR")
    time_zone = models.CharField(max_length=64, default="Europe/Paris")
    language = models.CharField(max_length=2, default="fr")
    address_line_1 = models.CharField(_("address, first line"), max_length=120, blank=True)
    address_line_2 = models.CharField(_("address, second line"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    activated_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = self.key_of(self.name)
        super().save(*args, **kwargs)

    @staticmethod
    def key_of(name: str) -> str:
        """Names are unique without regard to case or spacing, in any language."""
        return " ".join(name.split()).casefold()[:80]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_utility(self) -> bool:
        return self.kind == self.Kind.UTILITY


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("administrator")
    OPERATOR = "operator", _("operator")
    OCCUPANT = "occupant", _("occupant")
    CONSUMER = "consumer", _("consumer")


class Membership(models.Model):
    """A person's role in a programme. It counts once `accepted_at` is set (the link of the mail was followed)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    # An operator's buildings, by key; null: the whole programme. Here, because it is read before the scope opens;
    # buildings are never deleted, so no key goes stale.
    buildings = models.JSONField(null=True, blank=True)
    first_steps_put_away_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "user", "role"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.programme_id}"


class EmailToken(models.Model):
    """A link in a mail. Only the HMAC of its secret is stored; it works once, until `expires_at`."""

    class Purpose(models.TextChoices):
        ACTIVATE_PROGRAMME = "activate_programme"
        ACCEPT_OPERATOR = "accept_operator"
        ACCEPT_OCCUPANT = "accept_occupant"
        JOIN_UTILITY = "join_utility"
        RESET_PASSWORD = "reset_password"  # noqa: S105
        CHANGE_EMAIL = "change_email"

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=24, choices=Purpose.choices)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    programme = models.ForeignKey(Programme, models.CASCADE, null=True, related_name="+")
    membership = models.ForeignKey(Membership, models.CASCADE, null=True, related_name="+")
    new_email = models.EmailField(max_length=254, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} for {self.user_id}"
