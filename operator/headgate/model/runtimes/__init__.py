"""What runs a version: one module per runtime, each a function from a version to a pod spec."""

from collections.abc import Callable
from typing import Any

from headgate.model.runtimes import builtin, container
from headgate.model.runtimes.publishing import Publishing
from headgate.model.runtimes.settings import ServingImages
from headgate.modelversion.types import ModelVersionSpec

type PodSpec = dict[str, Any]
type BuildPod = Callable[[str, str, ModelVersionSpec, ServingImages, Publishing | None], PodSpec]

# A new runtime is one module and one line here: the field of spec.runtime, and its builder.
RUNTIMES: dict[str, BuildPod] = {
    "builtin": builtin.build_pod,
    "container": container.build_pod,
}


def build_pod(
    model: str,
    version: str,
    spec: ModelVersionSpec,
    images: ServingImages,
    publishing: Publishing | None,
) -> PodSpec:
    """Return the pod spec of a version; ValueError for a runtime that is not built."""
    for field, build in RUNTIMES.items():
        if getattr(spec.runtime, field) is not None:
            return build(model, version, spec, images, publishing)
    raise ValueError(f"ModelVersion {version}: spec.runtime names no runtime that is built")
