"""Commands with bad arguments: one sentence, an exit code, no traceback, nothing stored; on both databases."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Programme
from testkit.world import World
from tests.readings.archive_kit import make_points

pytestmark = pytest.mark.django_db
MAKE = ["create_programme", "--kind", "utility", "--administrator"]
SERVER = ["create_server", "--programme", "tilleuls", "--serial", "A" * 24, "--description"]
TOTALS = ["export_totals", "--programme", "tilleuls", "--by", "month"]
ARCHIVE = ["export_archive", "--programme", "UTILITY", "--point", "101", "--kind", "hour"]


def refused(*arguments: str) -> str:
    errors = io.StringIO()
    with redirect_stderr(errors), pytest.raises(CommandError) as stopped:
        call_command(*arguments, stdout=io.StringIO())
    sentence = str(stopped.value)
    assert sentence.endswith(".") or "argument" in sentence
    assert "\n" not in sentence and "{" not in sentence
    return sentence


@pytest.mark.parametrize(
    "arguments",
    [
        [*MAKE, "x", "--name", "Neuf"],
        [*MAKE, "x" * 300 + "@y.example", "--name", "Neuf"],
        [*MAKE, "x@y.example", "--name", "Neuf", "--slug", "ma maison"],
        [*MAKE, "x@y.example", "--name", "Neuf", "--operator", "a@b.example\nBcc: z@z.example"],
        [*MAKE, "x@y.example", "--name", "a\x1bb"],
        [*MAKE, "x@y.example", "--name", "Neuf", "--time-zone", "../x"],
        [*SERVER, "a\x1b[2Jb"],
        [*SERVER, ""],
        [*TOTALS, "--from", "9999-12-01", "--to", "9999-12-31"],
        [*TOTALS, "--from", "0001-01-01", "--to", "9999-12-31"],
        [*TOTALS, "--from", "2026-02-30", "--to", "2026-03-01"],
        [*TOTALS, "--from", "2026-03-01", "--to", "2026-02-01"],
        [*ARCHIVE, "--from", "0001-01-01", "--to", "9999-12-31"],
        [*ARCHIVE, "--to", "9999-12-31T23:59:59+00:00"],
        [*ARCHIVE, "--from", "2026-03-01", "--to", "2026-02-01"],
    ],
)
def test_a_bad_argument(world: World, arguments: Any) -> None:
    slug = world.utility.programme.slug
    make_points(world.utility.programme)
    before = Programme.objects.count()
    refused(*(slug if argument == "UTILITY" else argument for argument in arguments))
    assert Programme.objects.count() == before


def test_the_controls(world: World) -> None:
    make_points(world.utility.programme)
    slug = world.utility.programme.slug
    for arguments in (
        [*MAKE, "x@y.example", "--name", "Neuf"],
        [*SERVER, "Cave"],
        [*TOTALS, "--from", "2026-02-01", "--to", "2026-03-01"],
        [*ARCHIVE, "--from", "2026-02-01", "--to", "2026-03-01"],
    ):
        out = io.StringIO()
        call_command(*(slug if argument == "UTILITY" else argument for argument in arguments), stdout=out)
        assert out.getvalue()
