"""What operators are given for Prometheus and Grafana asks for numbers that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.web.conftest import Site

ROOT = Path(__file__).parent.parent.parent
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text("utf-8"))
#: A name of ours in an expression, with its labels if some are named: ``monitor_feeds{state="failing"}``.
METRIC = re.compile(r"\b(monitor_\w+)(?:\{([^}]*)\})?")


def rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    yield from (one["query"] for one in DASHBOARD["templating"]["list"])


def test_every_number_and_label_that_is_asked_for_is_there(site: Site):
    exported: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(site.ask.get("/metrics").text):
        exported[family.name + "_total" * (family.type == "counter")] = set()
        for sample in family.samples:
            exported.setdefault(sample.name, set()).update(sample.labels)
    asked = [found for expression in expressions() for found in METRIC.findall(expression)]
    assert len(asked) > 20
    for name, labels in asked:
        assert name in exported, name
        assert set(re.findall(r"(\w+)=", labels)) - {"instance"} <= exported[name], name


def test_every_number_is_shown(site: Site):
    shown = {name for expression in expressions() for name, _ in METRIC.findall(expression)}
    families = text_string_to_metric_families(site.ask.get("/metrics").text)
    assert {family.name for family in families} <= {name.removesuffix("_total") for name in shown}


def test_alerts_and_panels_have_names_of_their_own_and_say_what_is_wrong():
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules())
    panels = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(panels) == len(set(panels))


def test_every_alert_is_described_for_operators():
    guide = (ROOT / "docs/operations.md").read_text("utf-8")
    assert [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in guide] == []
