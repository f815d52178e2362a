"""Write the quickstart's resources with the digests of what was just trained."""

import base64

from artifact import Artifact

KEY = "model.tar.gz"
VERSIONS = {"v1": "1.0.0", "v2": "2.0.0", "v3": "3.0.0", "v4": "4.0.0"}

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
  model: {model}
  version: {version}
  artifact:
    uri: configmap://{name}/{key}
    sha256: {sha256}
  runtime:
    builtin:
      format: sklearn
  resources:
    requests:
      cpu: 50m
      memory: 192Mi
    limits:
      memory: 512Mi
"""


def config_maps(artifacts: dict[str, Artifact]) -> str:
    """Return a ConfigMap for each artifact, named like its version."""
    return "---\n".join(
        _CONFIG_MAP.format(name=name, key=KEY, content=base64.b64encode(artifact.content).decode())
        for name, artifact in artifacts.items()
    )


def model_versions(model: str, artifacts: dict[str, Artifact]) -> str:
    """Return a ModelVersion for each artifact."""
    return "---\n".join(
        _MODEL_VERSION.format(
            name=name,
            model=model,
            version=VERSIONS[name.removeprefix(f"{model}-")],
            key=KEY,
            sha256=artifact.sha256,
        )
        for name, artifact in artifacts.items()
    )
