"""Make a programme: the only way to a utility, and a way to a housing programme without the web form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug

from accounts.errors import DomainError
from accounts.models import Programme, User
from accounts.services.programmes import SLUG_MAX, programme_create

EMAIL_MAX = User._meta.get_field("email").max_length or 254  # SQLite would not mind a longer one


def _checked(validate: Callable[[str], None], text: str) -> None:
    try:
        validate(text)
    except ValidationError as error:
        raise CommandError(f"{text!r}: {error.messages[0]}") from error


class Command(BaseCommand):
    help = "Make a programme and invite its people by mail. A utility can be made only here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--name", required=True, help="at most 80 characters, unique without regard to case"
        )
        parser.add_argument(
            "--slug", default="", help="its part of the address; made from the name if left out"
        )
        parser.add_argument("--kind", choices=Programme.Kind.values, default=Programme.Kind.HOUSING)
        parser.add_argument("--administrator", required=True, metavar="EMAIL")
        parser.add_argument(
            "--operator", action="append", default=[], metavar="EMAIL", help="may be repeated"
        )
        parser.add_argument("--time-zone", default="", help="for example Asia/Chita")
        parser.add_argument("--currency", default="", help="three letters, for example EUR")
        parser.add_argument("--language", default="", choices=["", "fr", "ru", "en"])
        parser.add_argument(
            "--activated",
            action="store_true",
            help="open at once; the mails still let people choose a password",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        for email in (options["administrator"], *options["operator"]):
            _checked(validate_email, email)
            if len(email) > EMAIL_MAX:
                raise CommandError(f"An e-mail address may have at most {EMAIL_MAX} characters.")
        if options["slug"]:
            _checked(validate_slug, options["slug"])
        if len(options["slug"]) > SLUG_MAX:
            raise CommandError(f"A slug may have at most {SLUG_MAX} characters.")
        try:
            programme = programme_create(
                name=options["name"],
                slug=options["slug"].lower(),
                kind=options["kind"],
                administrator=options["administrator"],
                operators=tuple(options["operator"]),
                time_zone=options["time_zone"],
                currency=options["currency"].upper(),
                language=options["language"],
                activated=options["activated"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        made: dict[str, Any] = {
            "name": programme.name,
            "slug": programme.slug,
            "kind": programme.kind,
            "time_zone": programme.time_zone,
            "currency": programme.currency,
            "activated": programme.activated_at is not None,
            "invited": [options["administrator"].lower(), *(email.lower() for email in options["operator"])],
        }
        if options["json"]:
            self.stdout.write(json.dumps(made, ensure_ascii=False))
        else:
            self.stdout.write(f"{made['name']}: /p/{made['slug']}/; mails go to {', '.join(made['invited'])}")
