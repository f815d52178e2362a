"""The alerts and the dashboard, held against Prometheus' own checker and against our metrics."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import generate_latest

from hack.monitoring.promtool import find_promtool
from headgate.server.metrics import ServerMetrics
from headgate.server.publishing.metrics import PublishingMetrics
from headgate.telemetry import Metrics

MONITORING = Path(__file__).parents[3] / "manifests" / "monitoring"
RULES = MONITORING / "rules.yaml"
DASHBOARD = MONITORING / "dashboard.json"
OURS = re.compile(r"headgate_[a-z_]+")
SITUATIONS = Path(__file__).parent / "situations.yaml"


@pytest.fixture(scope="session")
def promtool() -> Path:
    return find_promtool()


def known_metrics() -> set[str]:
    """The names in the expositions of operator and server, whether or not they have a value yet."""
    server = ServerMetrics(model="m", version="v")
    PublishingMetrics(server.registry, model="m", version="v")
    text = generate_latest(Metrics().registry).decode() + server.exposition().decode()
    names = re.findall(r"^# TYPE (\S+) (\S+)$", text, flags=re.MULTILINE)
    watched = {"headgate_leading", "headgate_queue_depth", "headgate_queue_scheduled"}
    return watched | {name for name, _ in names} | {f"{name}_total" for name, _ in names}


def test_prometheus_takes_the_rules(promtool: Path) -> None:
    done = subprocess.run(
        [promtool, "check", "rules", RULES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout


def test_alerts_are_raised_where_they_should_be(promtool: Path) -> None:
    done = subprocess.run(
        [promtool, "test", "rules", SITUATIONS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout


def test_rules_and_dashboard_ask_for_metrics_that_there_are() -> None:
    asked = set(OURS.findall(RULES.read_text())) | {
        name
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for target in panel["targets"]
        for name in OURS.findall(target["expr"])
    }
    assert asked - known_metrics() == set()


def test_every_alert_says_what_is_wrong_and_where_to_read_on() -> None:
    root = MONITORING.parents[1]
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"], rule["alert"]
            assert (root / rule["annotations"]["page"]).exists(), rule["alert"]
