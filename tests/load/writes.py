"""Counts writes by what the API server itself counted: the operator's own word is not taken."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from headgate.kube.session import KubeSession, Request

WRITING = frozenset({"APPLY", "PATCH", "POST", "PUT", "DELETE"})
OURS = frozenset(
    {"models", "modelversions", "deployments", "services", "pods", "endpointslices", "events"}
)


@dataclass(frozen=True)
class Writes:
    """Writes by resource (`models`, `models/status`, ...), whatever came of them."""

    by_resource: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_resource.values())

    def __sub__(self, earlier: "Writes") -> "Writes":
        differences = {
            name: count - earlier.by_resource.get(name, 0)
            for name, count in self.by_resource.items()
        }
        return Writes({name: count for name, count in differences.items() if count})

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in sorted(self.by_resource.items()))


async def count_writes(session: KubeSession) -> Writes:
    """Return the writes that this API server has handled since its start, leases left out."""
    request = Request("get", "metrics", "GET", "/metrics")
    async with session.stream(request) as response:
        text = await response.text()
    wanted = [line for line in text.splitlines() if line.startswith("apiserver_request_total{")]
    page = "# TYPE apiserver_request counter\n" + "\n".join(wanted) + "\n"
    counted: Counter[str] = Counter()
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = sample.labels
            resource, subresource = labels["resource"], labels["subresource"]
            if labels["verb"] in WRITING and resource in OURS and not labels.get("dry_run"):
                counted[f"{resource}/{subresource}" if subresource else resource] += int(
                    sample.value
                )
    return Writes(dict(counted))
