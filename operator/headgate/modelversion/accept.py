"""What makes a ModelVersion's spec unusable though every field reads well.

The API server says the same by the CRD's rules, as far as they can; the hosts of an artifact are
checked in full only here.
"""

import re
from collections.abc import Iterator, Mapping

from headgate.core import artifact_uri
from headgate.core.names import MAX_LABEL
from headgate.core.quantities import parse_quantity
from headgate.core.resource import Problem, unbuilt_parts
from headgate.modelversion.types import (
    INPUT_NAME,
    RESERVED_ENV,
    RESOURCE_NAME,
    Artifact,
    BuiltinRuntime,
    ContainerRuntime,
    Format,
    ModelVersionSpec,
    Resources,
    Runtime,
    Validation,
)


def problems_of(spec: ModelVersionSpec) -> tuple[Problem, ...]:
    """Return everything that keeps the version from being served; empty when it is accepted."""
    return (*unbuilt_parts(spec), *_contradictions(spec))


def _contradictions(spec: ModelVersionSpec) -> Iterator[Problem]:
    yield from _bad_runtime(spec.runtime)
    if spec.artifact is not None:
        yield from _bad_artifact(spec.artifact)
    elif spec.runtime.container is None:
        yield Problem("spec.artifact", "is required: only runtime.container can do without one")
    yield from resource_problems("spec.resources", spec.resources)
    yield from _bad_data(spec.validation)
    yield from _twice("spec.dependsOn", [version.name for version in spec.depends_on])


def _bad_runtime(runtime: Runtime) -> Iterator[Problem]:
    known = [info.alias or name for name, info in Runtime.model_fields.items()]
    used = [name for name in Runtime.model_fields if getattr(runtime, name) is not None]
    if len(used) != 1:
        yield Problem("spec.runtime", f"set exactly one of {', '.join(known)}")
    if runtime.builtin is not None:
        yield from _bad_builtin(runtime.builtin)
    if runtime.container is not None:
        yield from _bad_container(runtime.container)


def _bad_builtin(builtin: BuiltinRuntime) -> Iterator[Problem]:
    if builtin.allow_pickle and builtin.format is not Format.SKLEARN:
        yield Problem(
            "spec.runtime.builtin.allowPickle",
            "is for format sklearn only: the other formats hold no code",
        )


def _bad_container(container: ContainerRuntime) -> Iterator[Problem]:
    path = "spec.runtime.container.env"
    for index, variable in enumerate(container.env):
        if variable.name.startswith(RESERVED_ENV):
            yield Problem(f"{path}[{index}].name", f"names in {RESERVED_ENV} are reserved")
        if variable.value is not None and variable.value_from is not None:
            yield Problem(f"{path}[{index}]", "set value or valueFrom, not both")
    yield from _twice(path, [variable.name for variable in container.env])


def _bad_artifact(artifact: Artifact) -> Iterator[Problem]:
    for message in artifact_uri.problems_of(artifact.uri):
        yield Problem("spec.artifact.uri", message)
    if artifact.secret_ref is not None and not artifact.uri.startswith(
        ("http://", "https://", "s3://")
    ):
        yield Problem("spec.artifact.secretRef", "is used by http://, https:// and s3:// only")


def _bad_data(validation: Validation | None) -> Iterator[Problem]:
    for name, ref in validation.data.items() if validation is not None else ():
        path = f"spec.validation.data.{name}"
        if len(name) > MAX_LABEL or not re.fullmatch(INPUT_NAME[1:-1], name):
            yield Problem(
                "spec.validation.data",
                f"names of inputs hold lower case letters, digits, - and _, not {name!r}",
            )
        for message in artifact_uri.problems_of(ref.uri):
            yield Problem(f"{path}.uri", message)
        if ref.secret_ref is not None and not ref.uri.startswith(("http://", "https://", "s3://")):
            yield Problem(f"{path}.secretRef", "is used by http://, https:// and s3:// only")


def resource_problems(path: str, resources: Resources) -> Iterator[Problem]:
    """Yield what no pod could ask for, below a field."""
    requests, limits = resources.requests or {}, resources.limits or {}
    yield from _bad_names(f"{path}.requests", requests)
    yield from _bad_names(f"{path}.limits", limits)
    for name in requests.keys() & limits.keys():
        if parse_quantity(requests[name]) > parse_quantity(limits[name]):
            yield Problem(
                f"{path}.requests.{name}",
                f"a request must not be above its limit ({requests[name]} > {limits[name]})",
            )


def _bad_names(path: str, amounts: Mapping[str, str]) -> Iterator[Problem]:
    for name in amounts:
        if not re.fullmatch(RESOURCE_NAME[1:-1], name):
            yield Problem(path, f"{name!r} is no resource such as cpu, memory or nvidia.com/gpu")


def _twice(path: str, names: list[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Problem(f"{path}[{index}].name", f"{name} is named twice")
