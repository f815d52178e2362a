import re
from datetime import UTC, datetime

import pytest
from prometheus_client.exposition import generate_latest

from headgate.core import labels
from headgate.model.decide.steps import canary_replicas
from headgate.model.status_types import Rollout, RolloutKind
from headgate.model.types import ModelSpec
from headgate.telemetry import Metrics
from tests.unit.docs.pages import ROOT

DOCS = ROOT / "docs"
LAUNCH = datetime(2026, 1, 1, tzinfo=UTC)
ENVIRONMENT = re.compile(r"env\.get\(\"([A-Z_]+)\"\)")


def share_reached(replicas: int, weight: int) -> int:
    spec = ModelSpec(version="v2", replicas=replicas)
    rollout = Rollout(
        version="v2",
        kind=RolloutKind.CANARY,
        started_at=LAUNCH,
        waiting_since=LAUNCH,
        weight=weight,
    )
    canary = canary_replicas(spec, rollout)
    return round(100 * canary / (replicas + canary))


def shares_shown() -> list[tuple[int, int, int]]:
    page = (DOCS / "explanation" / "how-a-rollout-works.md").read_text()
    table = page[page.index("| `spec.replicas` |") :].split("\n\n", maxsplit=1)[0].splitlines()
    weights = [int(cell) for cell in re.findall(r"(\d+) %", table[0])]
    rows = [[int(cell) for cell in re.findall(r"\d+", line)] for line in table[2:]]
    return [
        (replicas, weight, share)
        for replicas, *shares in rows
        for weight, share in zip(weights, shares, strict=True)
    ]


@pytest.mark.parametrize(("replicas", "weight", "share"), shares_shown())
def test_the_table_of_shares_shows_what_replica_counts_give(
    replicas: int, weight: int, share: int
) -> None:
    assert share == share_reached(replicas, weight)


def test_every_metric_of_the_operator_is_in_the_reference() -> None:
    metrics = Metrics()
    metrics.watch(float, float, bool)
    named = re.findall(r"^# TYPE (\w+) ", generate_latest(metrics.registry).decode(), re.MULTILINE)
    page = (DOCS / "reference" / "metrics.md").read_text()

    missing = [name for name in named if f"`{name}`" not in page and not name.endswith("_created")]

    assert named
    assert not missing


def test_every_setting_of_the_operator_is_in_the_reference() -> None:
    source = (ROOT / "operator" / "headgate" / "controller.py").read_text()
    page = (DOCS / "reference" / "configuration.md").read_text()

    named = ENVIRONMENT.findall(source)

    assert named
    assert [name for name in named if f"`{name}`" not in page] == []


def test_every_label_and_annotation_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "annotations-and-labels.md").read_text()
    keys = [
        value
        for name, value in vars(labels).items()
        if name.isupper() and "/" in str(value) and "=" not in str(value)
    ]

    assert keys
    assert [key for key in keys if f"`{key}" not in page] == []
