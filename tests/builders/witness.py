"""Another client than ours, so that what the API server is said to do is not our client's opinion.

It sends resources as users do: YAML, with strict validation, nothing repaired on the way.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pykube
import yaml

from tests.builders.resources import Manifest

GROUP = "/apis/headgate.dev/v1alpha1"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
FIELD_MANAGER = "witness"
STRICT = {"fieldValidation": "Strict"}


@dataclass(frozen=True)
class Answer:
    """What the API server said."""

    code: int
    body: Manifest

    @property
    def accepted(self) -> bool:
        return self.code < 300

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))


class Witness:
    """A user of the API server."""

    def __init__(self, kubeconfig: Path) -> None:
        self._http = pykube.HTTPClient(pykube.KubeConfig.from_file(str(kubeconfig)))

    def send(
        self,
        method: str,
        path: str,
        text: str = "",
        *,
        content_type: str = "application/yaml",
        **params: str,
    ) -> Answer:
        """Send a text as it is."""
        response = self._http.session.request(
            method,
            self._http.url + path,
            data=text.encode(),
            params=params,
            headers={"Content-Type": content_type},
            timeout=30,
        )
        return Answer(response.status_code, response.json())

    def create(self, manifest: Manifest, *, dry_run: bool = False) -> Answer:
        """Create an object, or only ask whether it could be."""
        text = yaml.safe_dump(manifest)
        return self.send("POST", _collection(manifest), text, **STRICT, **_dry(dry_run))

    def create_text(
        self, kind: str, namespace: str, text: str, content_type: str = "application/yaml"
    ) -> Answer:
        """Ask whether an object could be created from this very text."""
        path = _collection({"kind": kind, "metadata": {"namespace": namespace}})
        return self.send("POST", path, text, content_type=content_type, **STRICT, **_dry(True))

    def patch(self, manifest: Manifest, change: dict[str, Any], *, subresource: str = "") -> Answer:
        """Change an object by a merge patch."""
        path = f"{_collection(manifest)}/{manifest['metadata']['name']}{subresource}"
        content_type = "application/merge-patch+json"
        return self.send("PATCH", path, json.dumps(change), content_type=content_type, **STRICT)

    def get(self, path: str, **params: str) -> Answer:
        """Read."""
        return self.send("GET", path, **params)

    def table(self, manifest: Manifest) -> dict[str, Any]:
        """Return the row that `kubectl get` shows, by the titles of its columns."""
        path = f"{_collection(manifest)}/{manifest['metadata']['name']}"
        accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
        response = self._http.session.get(
            self._http.url + path, headers={"Accept": accept}, timeout=30
        ).json()
        titles = [column["name"] for column in response["columnDefinitions"]]
        return dict(zip(titles, response["rows"][0]["cells"], strict=True))

    def install(self, crd_files: Sequence[Path]) -> None:
        """Apply CRDs and wait until they are served."""
        for file in crd_files:
            name = yaml.safe_load(file.read_text())["metadata"]["name"]
            answer = self.send(
                "PATCH",
                f"{CRDS}/{name}",
                file.read_text(),
                content_type="application/apply-patch+yaml",
                fieldManager=FIELD_MANAGER,
                force="true",
                **STRICT,
            )
            assert answer.accepted, answer.message
            self._wait_until_served(name)

    def _wait_until_served(self, name: str) -> None:
        end = time.monotonic() + 30
        while not _established(self.get(f"{CRDS}/{name}").body):
            assert time.monotonic() < end, f"{name} is not served"
            time.sleep(0.1)


def _collection(manifest: Manifest) -> str:
    plural = f"{manifest['kind'].lower()}s".replace("policys", "policies")
    return f"{GROUP}/namespaces/{manifest['metadata']['namespace']}/{plural}"


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _established(crd: Manifest) -> bool:
    conditions = crd.get("status", {}).get("conditions") or []
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)
