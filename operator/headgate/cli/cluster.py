"""Models as the command line reaches them: with the user's own kubeconfig, by the official client.

The operator has a client of its own; this one knows every way of logging in (exec plugins, cloud
providers), which is what a user's kubeconfig needs.
"""

import base64
import json
import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException

from headgate.core import labels

GROUP, VERSION = "headgate.dev", "v1alpha1"
CALL_SECONDS = 10

type Raw = dict[str, Any]


class ClusterError(Exception):
    """The cluster said no, or did not answer: the text says what to do."""


class Objects:
    """The objects of one of our kinds in one namespace."""

    kind = ""
    plural = ""

    def __init__(
        self,
        kubeconfig: str | None = None,
        context: str | None = None,
        namespace: str | None = None,
    ) -> None:
        """Log in; `namespace` defaults to the context's."""
        try:
            loaded = config.new_client_from_config(config_file=kubeconfig, context=context)
            self.namespace = namespace or _namespace_of(kubeconfig, context)
        except (ConfigException, OSError) as error:
            raise ClusterError(f"no usable kubeconfig: {error}") from error
        self._loaded = loaded
        self._api = client.CustomObjectsApi(loaded)

    def get(self, name: str) -> Raw:
        """Return an object as it is now."""
        found: Raw = self._call("get_namespaced_custom_object", name)
        return found

    def annotate(self, name: str, annotations: Mapping[str, str | None]) -> None:
        """Write annotations, all at once; None takes one away."""
        body = {"metadata": {"annotations": dict(annotations)}}
        self._call("patch_namespaced_custom_object", name, body=body)

    def _call(self, method: str, name: str, **arguments: Any) -> Any:
        call = getattr(self._api, method)
        place = (GROUP, VERSION, self.namespace, self.plural, name)
        return self._answered(
            lambda: call(*place, _request_timeout=CALL_SECONDS, **arguments), self.kind, name
        )

    def _answered[Answer](self, call: Callable[[], Answer], kind: str, name: str) -> Answer:
        try:
            return call()
        except ApiException as error:
            raise ClusterError(self._explain(error, kind, name)) from error
        except urllib3.exceptions.HTTPError as error:
            raise ClusterError(f"the API server does not answer: {error}") from error

    def _explain(self, error: ApiException, kind: str, name: str) -> str:
        body = error.body or ""
        if error.status == HTTPStatus.NOT_FOUND:
            if body.startswith("404 page not found"):
                return f"this cluster has no {kind}s: install Headgate first"
            return f"there is no {kind} {name} in namespace {self.namespace}"
        try:
            message = str(json.loads(body)["message"])
        except (ValueError, KeyError, TypeError):
            message = str(error.reason)
        return f"{kind} {name} in namespace {self.namespace}: {message}"


class Models(Objects):
    """The Models of one namespace."""

    kind = "Model"
    plural = "models"

    def request(self, name: str, value: str) -> None:
        """Make a request by hand: the annotation that the operator answers in status."""
        self.annotate(name, {labels.REQUEST: value})


class Runs(Objects):
    """The ValidationRuns of one namespace."""

    kind = "ValidationRun"
    plural = "validationruns"

    def config_map(self, name: str) -> dict[str, bytes]:
        """Return what a ConfigMap holds in bytes."""
        core = client.CoreV1Api(self._loaded)
        found = self._answered(
            lambda: core.read_namespaced_config_map(
                name, self.namespace, _request_timeout=CALL_SECONDS
            ),
            "ConfigMap",
            name,
        )
        return {key: base64.b64decode(text) for key, text in (found.binary_data or {}).items()}


def _namespace_of(kubeconfig: str | None, context: str | None) -> str:
    contexts, active = config.list_kube_config_contexts(config_file=kubeconfig or _default_file())
    chosen = next((each for each in contexts if each["name"] == context), active)
    return str(chosen["context"].get("namespace") or "default")


def _default_file() -> str:
    return os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
