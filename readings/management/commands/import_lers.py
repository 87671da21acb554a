"""import_lers: LERS files into the archive of a utility's metering points, from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import DomainError
from accounts.models import Programme
from accounts.tenancy import tenant_scope
from readings.imports.work import import_file
from readings.models import ImportJob
from readings.refusals import issue_text, refusal_text
from servers.models import MeteringPoint

DONE, WITH_ISSUES, REFUSED = 0, 1, 2
_EXIT = {"done": DONE, "done_with_issues": WITH_ISSUES, "refused": REFUSED}


class Command(BaseCommand):
    help = "Import LERS archive files. Exit code: 0 done, 1 done with issues, 2 refused (the worst of all files)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--point", metavar="NUMBER", help="for files that carry no metering point number")
        parser.add_argument("--dry-run", action="store_true", help="report what would happen, store nothing")
        parser.add_argument("--replace", action="store_true", help="overwrite values that are stored already")
        parser.add_argument("--json", action="store_true", help="one JSON object a file on standard output")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(slug=options["programme"]).first()
        if programme is None:
            raise CommandError(f"There is no programme {options['programme']!r}.")
        point = _point(programme, options["point"]) if options["point"] else None
        worst = DONE
        for path in options["files"]:
            report = _import(programme, path, point, options)
            worst = max(worst, _EXIT[report["status"]])
            text = json.dumps(report, ensure_ascii=False) if options["json"] else _words(report)
            self.stdout.write(text)
            self.stdout.flush()
        if worst:
            sys.exit(worst)


def _point(programme: Programme, number: str) -> MeteringPoint:
    with tenant_scope(programme.pk):
        point = (
            MeteringPoint.objects.select_related("programme", "building")
            .filter(number=number, retired_at=None)
            .first()
        )
    if point is None:
        raise CommandError(f"There is no metering point {number!r} in programme {programme.slug!r}.")
    return point


def _import(
    programme: Programme, path: Path, point: MeteringPoint | None, options: dict[str, Any]
) -> dict[str, Any]:
    try:
        job = import_file(
            programme=programme,
            path=path,
            point=point,
            replace=options["replace"],
            dry_run=options["dry_run"],
        )
    except DomainError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        issue = {"line": 0, "point": "", "field": "", "value": error.strerror or "", "code": "unreadable"}
        return {
            "file": str(path),
            "sha256": None,
            "status": "refused",
            "points": [],
            "issues": [issue],
            "ignored": [],
        }
    return {
        "file": str(path),
        "sha256": job.sha256,
        "status": str(job.state),
        "points": job.report["points"],
        "issues": _issues(job),
        "ignored": job.report["ignored"],
    }


def _issues(job: ImportJob) -> list[dict[str, Any]]:
    """A refusal of the whole file stands first, unless one of its series says the same."""
    issues: list[dict[str, Any]] = list(job.report["issues"])
    if job.state == ImportJob.State.REFUSED and job.refusal not in {issue["code"] for issue in issues}:
        line = job.refusal_data.get("line", 0)
        value = refusal_text(job.refusal, job.refusal_data)
        issues.insert(0, {"line": line, "point": "", "field": "", "value": value, "code": job.refusal})
    return issues


def _words(report: dict[str, Any]) -> str:
    lines = [f"{report['file']}: {report['status'].replace('_', ' ')}"]
    for point in report["points"]:
        matched = "" if point["matched"] else " (not matched)"
        lines.append(f"  point {point['number'] or '?'}, meter {point['serial'] or '?'}{matched}")
        lines += [
            f"    {i['kind']} {i['start']} – {i['end']}: {i['in_file']} in file, {i['accepted']} accepted, "
            f"{i['skipped']} skipped, {i['replaced']} replaced, {i['rejected']} rejected"
            for i in point["intervals"]
        ]
        lines += [f"    gap ({gap['kind']}) {gap['start']} – {gap['end']}" for gap in point["gaps"]]
    for issue in report["issues"]:
        where = " ".join(part for part in (issue["point"], issue["field"], issue["value"]) if part)
        lines.append(f"  line {issue['line']}: {issue_text(issue['code'])} {where}".rstrip())
    if report["ignored"]:
        lines.append(f"  not understood and left out: {', '.join(report['ignored'])}")
    return "\n".join(lines)
