"""Where each kind of object lives in the API: the paths that the client and the reflectors use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

type Manifest = dict[str, Any]
"""An object as the API server speaks it: plain JSON."""


class Key(NamedTuple):
    """What the work queue holds: which object of which kind to reconcile."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object that the API server serves."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its manifests."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(
        self, namespace: str | None = None, name: str | None = None, subresource: str | None = None
    ) -> str:
        """Return the URL path of one object, or of all objects when no name is given."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        if self.namespaced and namespace is not None:
            root += f"/namespaces/{namespace}"
        if self.namespaced and name is not None and namespace is None:
            raise ValueError(f"a {self.kind} lives in a namespace: name {name!r} alone is no path")
        path = f"{root}/{self.plural}"
        if name is not None:
            path += f"/{name}"
        if subresource is not None:
            path += f"/{subresource}"
        return path


MODELS = Resource("headgate.dev", "v1alpha1", "models", "Model")
MODEL_VERSIONS = Resource("headgate.dev", "v1alpha1", "modelversions", "ModelVersion")
VALIDATION_POLICIES = Resource("headgate.dev", "v1alpha1", "validationpolicies", "ValidationPolicy")
VALIDATION_RUNS = Resource("headgate.dev", "v1alpha1", "validationruns", "ValidationRun")
STREAM_GATEWAYS = Resource("headgate.dev", "v1alpha1", "streamgateways", "StreamGateway")
DEPLOYMENTS = Resource("apps", "v1", "deployments", "Deployment")
SERVICES = Resource("", "v1", "services", "Service")
PODS = Resource("", "v1", "pods", "Pod")
ENDPOINT_SLICES = Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
JOBS = Resource("batch", "v1", "jobs", "Job")
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")
STATEFUL_SETS = Resource("apps", "v1", "statefulsets", "StatefulSet")
DISRUPTION_BUDGETS = Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
NETWORK_POLICIES = Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease")
# events.k8s.io rather than the core group: a repeat is counted in `series` by one patch, and the
# microsecond times keep the order of events. `kubectl describe` shows both alike.
EVENTS = Resource("events.k8s.io", "v1", "events", "Event")

ALL = (
    MODELS,
    MODEL_VERSIONS,
    VALIDATION_POLICIES,
    VALIDATION_RUNS,
    STREAM_GATEWAYS,
    DEPLOYMENTS,
    SERVICES,
    PODS,
    ENDPOINT_SLICES,
    JOBS,
    CONFIG_MAPS,
    SECRETS,
    STATEFUL_SETS,
    DISRUPTION_BUDGETS,
    NETWORK_POLICIES,
    LEASES,
    EVENTS,
)
_BY_TYPE = {(resource.api_version, resource.kind): resource for resource in ALL}


def resource_of(manifest: Mapping[str, Any]) -> Resource:
    """Return where the API server keeps objects of this manifest's apiVersion and kind."""
    found = _BY_TYPE.get((manifest["apiVersion"], manifest["kind"]))
    if found is None:
        raise KeyError(
            f"{manifest['apiVersion']} {manifest['kind']} is not among the kinds that Headgate"
            " writes: add it to headgate/kube/resources.py"
        )
    return found
