"""Write the example's resources with the digests of what was just made."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from artifact import Artifact

MODEL_KEY = "model.tar.gz"
DATA_KEY = "rows.parquet"

_CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
immutable: true
binaryData:
  {key}: {content}
"""

_MODEL_VERSION = """\
apiVersion: headgate.dev/v1alpha1
kind: ModelVersion
metadata:
  name: {name}
spec:
  model: digits
  version: {version}
  artifact:
    uri: configmap://{artifact}/{model_key}
    sha256: {artifact_sha256}
  runtime:
    builtin:
      format: sklearn
  resources:
    requests:
      cpu: 50m
      memory: 192Mi
    limits:
      memory: 512Mi
  validation:
    policyRef:
      name: digits
    data:
      reference:
        uri: configmap://digits-reference/{data_key}
        sha256: {reference_sha256}
      candidate:
        uri: configmap://{candidate}/{data_key}
        sha256: {candidate_sha256}
"""


@dataclass(frozen=True)
class Data:
    """A file of rows and the digest that a ModelVersion names."""

    content: bytes
    sha256: str


@dataclass(frozen=True)
class Version:
    """A version: its artifact, and the rows that it is going to meet."""

    name: str
    version: str
    artifact: str
    candidate: str


def config_maps(models: Mapping[str, Artifact], data: Mapping[str, Data]) -> str:
    """Return a ConfigMap for each file."""
    files = {name: (MODEL_KEY, model.content) for name, model in models.items()}
    files |= {name: (DATA_KEY, rows.content) for name, rows in data.items()}
    return "---\n".join(
        _CONFIG_MAP.format(name=name, key=key, content=base64.b64encode(content).decode())
        for name, (key, content) in files.items()
    )


def model_versions(
    versions: Iterable[Version], models: Mapping[str, Artifact], data: Mapping[str, Data]
) -> str:
    """Return the ModelVersions."""
    return "---\n".join(
        _MODEL_VERSION.format(
            name=version.name,
            version=version.version,
            artifact=version.artifact,
            model_key=MODEL_KEY,
            artifact_sha256=models[version.artifact].sha256,
            data_key=DATA_KEY,
            reference_sha256=data["digits-reference"].sha256,
            candidate=version.candidate,
            candidate_sha256=data[version.candidate].sha256,
        )
        for version in versions
    )
