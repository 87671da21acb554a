"""The bill of materials and the look for published weaknesses."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.conf import settings
from django.core.management import call_command

from testkit.lint.advisories import judged

pytestmark = pytest.mark.pure


def test_the_bill_names_everything_that_is_locked() -> None:
    out = io.StringIO()
    call_command("sbom", stdout=out)
    bill = json.loads(out.getvalue())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    lock = (settings.BASE_DIR / "lock" / "requirements.txt").read_text()
    pinned = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    named = {part["name"] for part in bill["components"]}
    assert named == pinned | {"bootstrap", "htmx.org"}
    packages = [part for part in bill["components"] if part["purl"].startswith("pkg:pypi/")]
    assert sum(len(part["externalReferences"][0]["hashes"]) for part in packages) == lock.count(
        "--hash=sha256:"
    )
    without = {part["name"] for part in bill["components"] if "licenses" not in part}
    assert without <= {"async-timeout", "colorama", "resvg-py"}, (
        "of another system, or said in 0002-dependencies.md"
    )
    again = io.StringIO()
    call_command("sbom", stdout=again)
    assert again.getvalue() == out.getvalue(), "the same lock gives the same bill"


def test_a_weakness_is_told_and_silence_is_not_taken_for_health() -> None:
    weak = {"name": "lxml", "version": "4.9", "vulns": [{"id": "PYSEC-1", "fix_versions": ["6.1"]}]}
    sound = {"name": "django", "version": "5.2.19", "vulns": []}
    unknown = {"name": "celery", "version": "5.7", "skip_reason": "not found"}
    assert judged({"dependencies": [weak, sound, unknown]}) == (["lxml 4.9: PYSEC-1, mended in 6.1"], 2)
    assert judged({"dependencies": [unknown]}) == ([], 0)
