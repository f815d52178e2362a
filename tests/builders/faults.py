"""Clients and caches that misbehave on demand: the faults that operators are known to die of.

`FaultyKube` stands between a reconciler and a real client, `LaggingCache` between a reflector
and a reader.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate.kube.cache import Cache, Project
from headgate.kube.client import PAGE_SIZE, Kube, Page
from headgate.kube.errors import ApiError, Unavailable
from headgate.kube.resources import Manifest, Resource, resource_of


class CrashError(BaseException):
    """The process dies here: not an Exception, so that no code of ours survives it."""


@dataclass(frozen=True)
class Write:
    """One write that a reconciler asked for."""

    verb: str
    kind: str
    namespace: str
    name: str
    body: Any = None

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.namespace}/{self.name}"


@dataclass
class Misfortune:
    """What happens at one write: before it is sent, or after it went through."""

    error: BaseException
    after: bool


@dataclass
class FaultyKube:
    """Passes everything on, remembers the writes, and fails at those that it was told to.

    Writes are counted from 1 over the whole life of the object.
    """

    kube: Kube
    writes: list[Write] = field(default_factory=list)
    misfortunes: dict[int, Misfortune] = field(default_factory=dict)

    def crash_after(self, number: int) -> None:
        """Die once write `number` has gone through."""
        self.misfortunes[number] = Misfortune(CrashError(f"after write {number}"), after=True)

    def crash_before(self, number: int) -> None:
        """Die when write `number` is about to be sent."""
        self.misfortunes[number] = Misfortune(CrashError(f"before write {number}"), after=False)

    def fail_at(self, number: int, error: ApiError) -> None:
        """Let write `number` fail without effect."""
        self.misfortunes[number] = Misfortune(error, after=False)

    def lose_answer_of(self, number: int) -> None:
        """Let write `number` go through and its answer get lost."""
        error = Unavailable(0, "Timeout", f"the answer to write {number} was lost")
        self.misfortunes[number] = Misfortune(error, after=True)

    async def get(self, resource: Resource, namespace: str, name: str) -> Manifest:
        return await self.kube.get(resource, namespace, name)

    async def read_log(self, namespace: str, pod: str, container: str, *, limit_bytes: int) -> str:
        return await self.kube.read_log(namespace, pod, container, limit_bytes=limit_bytes)

    def list_pages(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str = "",
        limit: int = PAGE_SIZE,
        *,
        field_selector: str = "",
    ) -> AsyncIterator[Page]:
        return self.kube.list_pages(
            resource, namespace, label_selector, limit, field_selector=field_selector
        )

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str = "",
        *,
        field_selector: str = "",
    ) -> list[Manifest]:
        return await self.kube.list(
            resource, namespace, label_selector, field_selector=field_selector
        )

    async def apply(self, manifest: Manifest, *, force: bool = True) -> Manifest:
        metadata = manifest["metadata"]
        after = self._note(
            "apply", resource_of(manifest), metadata["namespace"], metadata["name"], manifest
        )
        return after(await self.kube.apply(manifest, force=force))

    async def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        *,
        uid: str,
        resource_version: str | None = None,
    ) -> None:
        after = self._note("delete", resource, namespace, name)
        await self.kube.delete(
            resource, namespace, name, uid=uid, resource_version=resource_version
        )
        after({})

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
        after = self._note("patch_status", resource, namespace, name, status)
        return after(
            await self.kube.patch_status(
                resource,
                namespace,
                name,
                status,
                previous=previous,
                resource_version=resource_version,
            )
        )

    async def create(
        self, resource: Resource, namespace: str, manifest: Mapping[str, Any]
    ) -> Manifest:
        after = self._note("create", resource, namespace, manifest["metadata"]["name"], manifest)
        return after(await self.kube.create(resource, namespace, manifest))

    async def replace(
        self, resource: Resource, namespace: str, manifest: Mapping[str, Any]
    ) -> Manifest:
        after = self._note("replace", resource, namespace, manifest["metadata"]["name"], manifest)
        return after(await self.kube.replace(resource, namespace, manifest))

    def _note(
        self, verb: str, resource: Resource, namespace: str, name: str, body: Any = None
    ) -> Callable[[Manifest], Manifest]:
        """Count a write and fail now, or return what is to be done with its answer."""
        self.writes.append(Write(verb, resource.kind, namespace, name, body))
        misfortune = self.misfortunes.get(len(self.writes))
        if misfortune is not None and not misfortune.after:
            raise misfortune.error

        def after(answer: Manifest) -> Manifest:
            if misfortune is not None:
                raise misfortune.error
            return answer

        return after


class LaggingCache[T](Cache[T]):
    """A cache that is `lag` changes behind what it was told.

    With `remembers=False` it also forgets our own writes until the watch brings them.
    """

    def __init__(
        self,
        project: Project[T],
        index: Callable[[T], Iterable[Hashable]] | None = None,
        *,
        lag: int = 0,
        remembers: bool = True,
    ) -> None:
        super().__init__(project, index)
        self.lag = lag
        self.remembers = remembers
        self._late: deque[tuple[bool, Callable[[], tuple[T | None, T | None] | None]]] = deque()

    def remember(self, obj: Manifest) -> None:
        if self.remembers:
            super().remember(obj)

    def take(self, obj: Manifest) -> tuple[T | None, T | None] | None:
        self._late.append((True, lambda: super(LaggingCache, self).take(obj)))
        return self._let_through(self.lag)

    def drop(self, name: tuple[str, str], version: int) -> tuple[T | None, T | None] | None:
        self._late.append((True, lambda: super(LaggingCache, self).drop(name, version)))
        return self._let_through(self.lag)

    def seen_up_to(self, version: int) -> None:
        self._late.append((False, lambda: super(LaggingCache, self).seen_up_to(version)))
        self._let_through(self.lag)

    def catch_up(self) -> None:
        """Take in all that is late."""
        self._let_through(0)

    def _let_through(self, keep: int) -> tuple[T | None, T | None] | None:
        news = None
        changes = sum(is_change for is_change, _ in self._late)
        while self._late and (changes > keep or not self._late[0][0]):
            is_change, apply = self._late.popleft()
            changes -= is_change
            news = apply() or news
        return news
