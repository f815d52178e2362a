"""The caches that a pass over a Model or a ModelVersion reads from."""

from collections.abc import Iterable
from dataclasses import dataclass

from headgate.kube.cache import Cache
from headgate.model.projections import (
    DeploymentRecord,
    EndpointsRecord,
    PodRecord,
    ServiceRecord,
    by_model,
    project_deployment,
    project_endpoints,
    project_pod,
    project_service,
)
from headgate.model.records import ModelRecord, by_predictions, project_model
from headgate.modelversion.records import VersionRecord, project_version, version_keys
from headgate.streamgateway.records import GatewayRecord, project_gateway


@dataclass(frozen=True, kw_only=True)
class Caches:
    """One cache per kind of object that the operator follows."""

    models: Cache[ModelRecord]
    versions: Cache[VersionRecord]
    deployments: Cache[DeploymentRecord]
    services: Cache[ServiceRecord]
    pods: Cache[PodRecord]
    endpoint_slices: Cache[EndpointsRecord]
    gateways: Cache[GatewayRecord]

    def versions_of(self, namespace: str, model: str) -> Iterable[VersionRecord]:
        """Return a Model's versions."""
        return self.versions.by_index(("model", namespace, model))

    def numbered_like(self, record: VersionRecord) -> Iterable[VersionRecord]:
        """Return the versions of a Model that have a version's number, itself among them.

        Apart from versions_of, because each version asks: with hundreds, all would read all.
        """
        return self.versions.by_index(("number", record.namespace, record.model, record.version))

    def validated_by(self, namespace: str, policy: str) -> Iterable[VersionRecord]:
        """Return the versions that name a policy."""
        return self.versions.by_index(("policy", namespace, policy))

    def dependents_of(self, namespace: str, version: str) -> Iterable[VersionRecord]:
        """Return the versions that depend on a version."""
        return self.versions.by_index(("depends", namespace, version))

    def publishing_to(self, namespace: str, gateway: str) -> Iterable[ModelRecord]:
        """Return the Models whose predictions go to a gateway."""
        return self.models.by_index((namespace, gateway))


def empty_caches() -> Caches:
    """Return caches that know how to keep each kind, and hold nothing yet."""
    return Caches(
        models=Cache(project_model, by_predictions),
        versions=Cache(project_version, version_keys),
        deployments=Cache(project_deployment, by_model),
        services=Cache(project_service, by_model),
        pods=Cache(project_pod, by_model),
        endpoint_slices=Cache(project_endpoints, by_model),
        gateways=Cache(project_gateway),
    )
