"""Models as the command line reaches them: with the user's own kubeconfig, by the official client.

The operator has a client of its own; this one knows every way of logging in (exec plugins, cloud
providers), which is what a user's kubeconfig needs.
"""

import json
import os
from http import HTTPStatus
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException

from headgate.core import labels

GROUP, VERSION, PLURAL = "headgate.dev", "v1alpha1", "models"
CALL_SECONDS = 10

type Raw = dict[str, Any]


class ClusterError(Exception):
    """The cluster said no, or did not answer: the text says what to do."""


class Models:
    """The Models of one namespace."""

    def __init__(
        self,
        kubeconfig: str | None = None,
        context: str | None = None,
        namespace: str | None = None,
    ) -> None:
        """Log in; `namespace` defaults to the context's."""
        try:
            loaded = config.new_client_from_config(  # type: ignore[no-untyped-call]
                config_file=kubeconfig, context=context
            )
            self.namespace = namespace or _namespace_of(kubeconfig, context)
        except (ConfigException, OSError) as error:
            raise ClusterError(f"no usable kubeconfig: {error}") from error
        self._api = client.CustomObjectsApi(loaded)

    def get(self, name: str) -> Raw:
        """Return a Model as it is now."""
        found: Raw = self._call("get_namespaced_custom_object", name)
        return found

    def request(self, name: str, value: str) -> None:
        """Make a request by hand: the annotation that the operator answers in status."""
        body = {"metadata": {"annotations": {labels.REQUEST: value}}}
        self._call("patch_namespaced_custom_object", name, body=body)

    def _call(self, method: str, name: str, **arguments: Any) -> Any:
        call = getattr(self._api, method)
        try:
            return call(
                GROUP,
                VERSION,
                self.namespace,
                PLURAL,
                name,
                _request_timeout=CALL_SECONDS,
                **arguments,
            )
        except ApiException as error:
            raise ClusterError(self._explain(error, name)) from error
        except urllib3.exceptions.HTTPError as error:
            raise ClusterError(f"the API server does not answer: {error}") from error

    def _explain(self, error: ApiException, name: str) -> str:
        body = error.body or ""
        if error.status == HTTPStatus.NOT_FOUND:
            if body.startswith("404 page not found"):
                return "this cluster has no Models: install Headgate first"
            return f"there is no Model {name} in namespace {self.namespace}"
        try:
            message = str(json.loads(body)["message"])
        except (ValueError, KeyError, TypeError):
            message = str(error.reason)
        return f"Model {name} in namespace {self.namespace}: {message}"


def _namespace_of(kubeconfig: str | None, context: str | None) -> str:
    contexts, active = config.list_kube_config_contexts(  # type: ignore[no-untyped-call]
        config_file=kubeconfig or _default_file()
    )
    chosen = next((each for each in contexts if each["name"] == context), active)
    return str(chosen["context"].get("namespace") or "default")


def _default_file() -> str:
    return os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
