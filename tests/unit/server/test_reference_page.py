import re
from pathlib import Path

from headgate.server.metrics import ServerMetrics
from headgate.server.modelcard import _FIELDS, METHODS
from headgate.server.publishing.metrics import PublishingMetrics
from headgate.server.termination import ExitCode, ExitReason, GivingUpError

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = (ROOT / "docs/reference/model-server.md").read_text()
METRICS = (ROOT / "docs/reference/metrics.md").read_text()
PACKAGING = (ROOT / "docs/how-to/package-a-model.md").read_text()


def test_every_variable_that_the_code_reads_is_on_the_page_and_no_other() -> None:
    sources = (ROOT / "operator/headgate/server").rglob("*.py")
    read = {
        name for path in sources for name in re.findall(r"HEADGATE_[A-Z_0-9]+", path.read_text())
    }
    assert set(re.findall(r"`(HEADGATE_[A-Z_0-9]+)", REFERENCE)) == read


def test_every_metric_is_on_both_pages() -> None:
    metrics = ServerMetrics(model="m", version="v")
    PublishingMetrics(metrics.registry, model="m", version="v")
    told = re.findall(r"^# TYPE (headgate_\w+) ", metrics.exposition().decode(), re.MULTILINE)
    assert len(told) == 7
    for page in (REFERENCE, METRICS):
        assert [name for name in told if f"`{name}" not in page] == []


def test_every_exit_code_is_on_the_page() -> None:
    listed = dict(re.findall(r"^\| (\d) \| `(\w+)`", REFERENCE, re.MULTILINE))
    codes = {str(GivingUpError(reason, "").exit_code.value): str(reason) for reason in ExitReason}
    assert listed == codes
    assert len(codes) == len(ExitCode)


def test_every_field_of_the_card_is_on_the_page() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PACKAGING, re.MULTILINE)) >= set(_FIELDS)
    assert all(f"`{method}`" in PACKAGING for method in METHODS)
