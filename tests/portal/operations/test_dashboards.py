"""Every figure that the dashboard and the alerts name exists, with the labels by which they sort it, and the reverse."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from accounts import measures
from accounts.models import Job

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "operations"


def expressions() -> dict[str, str]:
    panels = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))["panels"]
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    return {
        **{f"{p['title']} {t['refId']}": t["expr"] for p in panels for t in p["targets"]},
        **{rule["alert"]: rule["expr"] for rule in rules},
    }


@pytest.fixture
def known(world: Any) -> dict[str, set[str]]:
    """{the name of a sample: its labels} of a portal that has done one of everything."""
    Job.objects.create(kind="mail", state=Job.State.FAILED)
    measures.JOBS.labels("mail", "done").inc()
    measures.JOB_SECONDS.labels("mail").observe(1)
    measures.BATCHES.labels("stored").inc()
    measures.READINGS.labels("accepted").inc()
    measures.REFUSALS.labels("database").inc()
    measures.REPORTS.labels("primary").inc()
    client = Client()
    client.get("/legal/")
    text = client.get("/metrics", headers={"Authorization": "Bearer test-metrics-token"}).content.decode()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("releve_") and not sample.name.endswith("_created"):
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_each_figure_that_is_shown_exists(known: dict[str, set[str]]) -> None:
    for title, expression in expressions().items():
        names = re.findall(r"releve_[a-z_]+", expression)
        assert names, title
        for name in names:
            assert name in known, f"{title}: {name}"
        sorted_by = {
            w.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for w in group.split(",")
        }
        chosen_by = set(re.findall(r"[{,]\s*([a-z]+)\s*=", expression))
        assert sorted_by | chosen_by <= set().union(*(known[name] for name in names)), title


def test_each_figure_is_shown(known: dict[str, set[str]]) -> None:
    shown = {
        name for expression in expressions().values() for name in re.findall(r"releve_[a-z_]+", expression)
    }
    unseen = {re.sub(r"_(bucket|sum|count)$", "", name) for name in known} - {
        re.sub(r"_(bucket|sum|count)$", "", name) for name in shown
    }
    assert not unseen


def test_each_alert_says_what_to_do() -> None:
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "action"} == rule["annotations"].keys()
