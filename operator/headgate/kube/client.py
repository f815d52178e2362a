"""Reads and writes on the API server, with every outcome typed.

Reconcilers hold a `Kube`; nothing else in Headgate writes to the cluster. Each verb is safe to
repeat: applies carry the whole intent, deletes name the uid they mean, status patches name the
version they were computed from.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from headgate.core import labels
from headgate.kube.errors import ApiError, NotFound, NotLeading, Throttled, Unavailable
from headgate.kube.jitter import jittered
from headgate.kube.mergepatch import difference
from headgate.kube.resources import PODS, Manifest, Resource, resource_of
from headgate.kube.session import TOTAL_SECONDS, KubeSession, Request

PAGE_SIZE = 500
ATTEMPTS = 3
MAX_WAIT_SECONDS = 2.0
APPLY = "application/apply-patch+yaml"  # JSON is YAML
MERGE_PATCH = "application/merge-patch+json"
_WRITING = {"fieldManager": labels.FIELD_MANAGER, "fieldValidation": "Strict"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `resource_version` is that of the whole list's snapshot."""

    items: list[Manifest]
    resource_version: str


class Kube(Protocol):
    """What a reconciler may ask of the API server."""

    async def get(self, resource: Resource, namespace: str, name: str) -> Manifest:
        """Return an object as it is now (a quorum read), or raise NotFound."""

    def list_pages(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str = "",
        limit: int = PAGE_SIZE,
        *,
        field_selector: str = "",
    ) -> AsyncIterator[Page]:
        """Iterate a consistent list, page by page; Gone when it takes too long."""

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str = "",
        *,
        field_selector: str = "",
    ) -> list[Manifest]:
        """Return all objects at once; for few of them."""

    async def apply(self, manifest: Manifest, *, force: bool = True) -> Manifest:
        """Make these fields ours and so (server-side apply); return the object that came of it."""

    async def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        uid: str,
        resource_version: str | None = None,
    ) -> None:
        """Delete this very object. Gone already is success; another uid is a Conflict."""

    async def patch_status(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        status: Mapping[str, Any],
        *,
        previous: Mapping[str, Any],
        resource_version: str,
    ) -> Manifest:
        """Write what changed in status, unless the object moved on meanwhile (Conflict)."""

    async def create(
        self, resource: Resource, namespace: str, manifest: Mapping[str, Any]
    ) -> Manifest:
        """Create an object, or raise AlreadyExists."""

    async def replace(
        self, resource: Resource, namespace: str, manifest: Mapping[str, Any]
    ) -> Manifest:
        """Replace the version that the manifest names, or raise Conflict."""

    async def read_log(self, namespace: str, pod: str, container: str, *, limit_bytes: int) -> str:
        """Return the beginning of what a container has written, or raise NotFound."""


class KubeClient:
    """The Kube that talks HTTP."""

    def __init__(
        self,
        session: KubeSession,
        may_write_seconds: Callable[[], float] = lambda: math.inf,
        *,
        attempts: int = ATTEMPTS,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """`may_write_seconds` says for how long this replica may write yet, 0 or less for not.

        It is asked right before each write goes out, on every attempt, and no attempt lasts longer.
        """
        self._session = session
        self._may_write_seconds = may_write_seconds
        self.writes_cut_off = 0
        """Writes that were cancelled on their way: the server may do them yet."""
        self._attempts = attempts
        self._total_seconds = total_seconds

    async def get(self, resource: Resource, namespace: str, name: str) -> Manifest:
        """See Kube."""
        return await self._read("get", resource, resource.path(namespace, name), {})

    async def list_pages(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str = "",
        limit: int = PAGE_SIZE,
        *,
        field_selector: str = "",
    ) -> AsyncIterator[Page]:
        """See Kube."""
        params = {"limit": str(limit)}
        if label_selector:
            params["labelSelector"] = label_selector
        if field_selector:
            params["fieldSelector"] = field_selector
        while True:
            answer = await self._read("list", resource, resource.path(namespace), params)
            metadata = answer["metadata"]
            yield Page(answer.get("items") or [], metadata["resourceVersion"])
            if not metadata.get("continue"):
                return
            params["continue"] = metadata["continue"]

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str = "",
        *,
        field_selector: str = "",
    ) -> list[Manifest]:
        """See Kube."""
        pages = self.list_pages(resource, namespace, label_selector, field_selector=field_selector)
        return [item async for page in pages for item in page.items]

    async def apply(self, manifest: Manifest, *, force: bool = True) -> Manifest:
        """See Kube."""
        resource = resource_of(manifest)
        metadata = manifest["metadata"]
        return await self._write(
            "apply",
            resource,
            "PATCH",
            resource.path(metadata["namespace"], metadata["name"]),
            manifest,
            params=_WRITING | {"force": "true" if force else "false"},
            content_type=APPLY,
        )

    async def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        uid: str,
        resource_version: str | None = None,
    ) -> None:
        """See Kube."""
        preconditions = {"uid": uid}
        if resource_version is not None:
            preconditions["resourceVersion"] = resource_version
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": preconditions,
        }
        try:
            path = resource.path(namespace, name)
            await self._write("delete", resource, "DELETE", path, body, params={})
        except NotFound:
            return

    async def patch_status(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        status: Mapping[str, Any],
        *,
        previous: Mapping[str, Any],
        resource_version: str,
    ) -> Manifest:
        """See Kube."""
        changed = difference(previous, status)
        if not changed:
            return await self.get(resource, namespace, name)
        return await self._write(
            "patch_status",
            resource,
            "PATCH",
            resource.path(namespace, name, "status"),
            {"metadata": {"resourceVersion": resource_version}, "status": changed},
            params=_WRITING,
            content_type=MERGE_PATCH,
        )

    async def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: Mapping[str, Any],
    ) -> Manifest:
        """Merge-patch an object outside of status; for repeats of events."""
        path = resource.path(namespace, name)
        return await self._write(
            "patch", resource, "PATCH", path, body, params=_WRITING, content_type=MERGE_PATCH
        )

    async def create(
        self, resource: Resource, namespace: str, manifest: Mapping[str, Any]
    ) -> Manifest:
        """See Kube."""
        path = resource.path(namespace)
        return await self._write("create", resource, "POST", path, manifest, params=_WRITING)

    async def replace(
        self, resource: Resource, namespace: str, manifest: Mapping[str, Any]
    ) -> Manifest:
        """See Kube."""
        path = resource.path(namespace, manifest["metadata"]["name"])
        return await self._write("replace", resource, "PUT", path, manifest, params=_WRITING)

    async def read_log(self, namespace: str, pod: str, container: str, *, limit_bytes: int) -> str:
        """See Kube."""
        request = Request(
            "log",
            PODS.plural,
            "GET",
            PODS.path(namespace, pod, "log"),
            {"container": container, "limitBytes": str(limit_bytes)},
            total_seconds=self._total_seconds,
        )

        async def read() -> str:
            return await self._session.text(request)

        return await self._repeated(read)

    async def _read(
        self, verb: str, resource: Resource, path: str, params: Mapping[str, str]
    ) -> Manifest:
        request = Request(
            verb, resource.plural, "GET", path, params, total_seconds=self._total_seconds
        )
        return await self._repeated(lambda: self._session.call(request))

    async def _write(
        self,
        verb: str,
        resource: Resource,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        params: Mapping[str, str],
        content_type: str = "application/json",
    ) -> Manifest:
        request = Request(
            verb,
            resource.plural,
            method,
            path,
            params,
            body,
            content_type,
        )

        async def send() -> Manifest:
            left = self._may_write_seconds()
            if left <= 0:
                raise NotLeading(f"{verb} of {path} was held back: this replica does not lead")
            try:
                # A server cancels what its client hangs up on: when another replica begins, no
                # write of ours is on its way.
                answer: Manifest = await self._session.call(
                    replace(request, total_seconds=min(self._total_seconds, left))
                )
            except asyncio.CancelledError:
                self.writes_cut_off += 1
                raise
            return answer

        # A create, or a replace by version, that timed out may have gone through: sent again it
        # would be refused because of itself. Only the caller can tell.
        return await (send() if method in {"POST", "PUT"} else self._repeated(send))

    async def _repeated[Answer](self, send: Callable[[], Awaitable[Answer]]) -> Answer:
        for attempt in range(1, self._attempts + 1):
            try:
                return await send()
            except (Throttled, Unavailable) as error:
                wait = _wait_before_next(error, attempt)
                if attempt == self._attempts or wait is None:
                    raise
                await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")


def _wait_before_next(error: ApiError, attempt: int) -> float | None:
    """Return the jittered wait in seconds; None when it is better to give the worker back."""
    if error.retry_after is not None:
        if error.retry_after > MAX_WAIT_SECONDS:
            return None
        return jittered(error.retry_after, 1.0, 1.2)
    if error.reason == "Timeout":
        return None  # it cost up to 15 s already
    return jittered(0.1 * 2.0 ** (attempt - 1))
