"""What a reflector has seen, projected: the operator's picture of one kind of object.

Full objects are never kept: 30,000 Pods as dicts are 740 MB, as small frozen objects 20.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headgate.kube.resources import Manifest

type Project[T] = Callable[[Manifest], T | None]
"""Turns an object into what we keep of it; None means that it is none of our business."""

type OnChange[T] = Callable[[T | None, T | None, Mapping[str, Any]], None]
"""Told of (old, new, metadata); of a vanished object, metadata holds only namespace and name."""

type Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Entry[T]:
    version: int
    value: T


class Cache[T]:
    """The objects of one kind, by namespace and name and by one index.

    Reads never wait. A read may lag behind the cluster, but never behind this process's own
    writes, as long as their answers are given to `remember`.
    """

    def __init__(
        self, project: Project[T], index: Callable[[T], Iterable[Hashable]] | None = None
    ) -> None:
        """`project` and `index` are pure."""
        self.project = project
        self._index_of = index
        self._objects: dict[str, dict[str, _Entry[T]]] = {}
        self._index: dict[Hashable, set[Name]] = {}
        # What on_change was last told about objects that `remember` has overtaken since.
        self._told: dict[Name, T | None] = {}
        self._seen_up_to = 0
        self.synced = False

    def __len__(self) -> int:
        """Count the objects."""
        return sum(map(len, self._objects.values()))

    def get(self, namespace: str, name: str) -> T | None:
        """Return one object."""
        entry = self._entry((namespace, name))
        return None if entry is None else entry.value

    def values(self, namespace: str | None = None) -> list[T]:
        """Return the objects of a namespace, or of all, in no particular order."""
        if namespace is not None:
            return [entry.value for entry in self._objects.get(namespace, {}).values()]
        return [entry.value for named in self._objects.values() for entry in named.values()]

    def names(self) -> list[Name]:
        """Return (namespace, name) of every object."""
        return [(space, name) for space, named in self._objects.items() for name in named]

    def by_index(self, key: Hashable) -> list[T]:
        """Return the objects that the index function files under this key."""
        found = (self._entry(name) for name in self._index.get(key, ()))
        return [entry.value for entry in found if entry is not None]

    def remember(self, obj: Manifest) -> None:
        """Take in the answer to our own write, so that the next read sees it (read-your-writes).

        Silent: on_change hears of the write when the watch brings it, and then also of whatever
        somebody else changed in between.
        """
        name, version = _identity(obj)
        entry = self._entry(name)
        if entry is None and version <= self._seen_up_to:
            return  # deleted again before its own answer arrived: the watch knew first
        if entry is not None and version <= entry.version:
            return
        self._told.setdefault(name, None if entry is None else entry.value)
        self._store(name, version, self.project(obj))

    def take(self, obj: Manifest) -> tuple[T | None, T | None] | None:
        """Store what a list or watch brought; return (old, new) when there is news."""
        name, version = _identity(obj)
        entry = self._entry(name)
        if entry is not None and version < entry.version:
            return None  # the event of what we remember is still to come, and tells it all
        if entry is not None and version == entry.version and name not in self._told:
            return None
        new = self.project(obj)
        news = self._news(name, entry, new)
        self._store(name, version, new)
        return news

    def drop(self, name: Name, version: int) -> tuple[T | None, T | None] | None:
        """Forget an object that was deleted at this version; return (old, None) if it was there."""
        entry = self._entry(name)
        if entry is not None and entry.version > version:
            return None  # deleted and created again: we remember the new one
        news = self._news(name, entry, None)
        self._remove(name)
        return news

    def seen_up_to(self, version: int) -> None:
        """Note that everything up to this resource version has been taken in."""
        self._seen_up_to = max(self._seen_up_to, version)

    def missing_from(self, listed: set[Name], version: int) -> list[Name]:
        """Return what a complete list of this version no longer holds."""
        return [
            (space, name)
            for space, named in self._objects.items()
            for name, entry in named.items()
            if (space, name) not in listed and entry.version <= version
        ]

    def _entry(self, name: Name) -> _Entry[T] | None:
        return self._objects.get(name[0], {}).get(name[1])

    def _news(
        self, name: Name, entry: _Entry[T] | None, new: T | None
    ) -> tuple[T | None, T | None] | None:
        """Return (old, new) unless nothing changes that is kept, as with most events."""
        current = None if entry is None else entry.value
        told = self._told.pop(name) if name in self._told else current
        if told == new == current:
            return None
        # What was read between our own write and now counts as well: somebody may have acted on
        # it, though on_change never heard of it.
        return (current if told is None and new is None else told), new

    def _store(self, name: Name, version: int, value: T | None) -> None:
        self._remove(name)
        if value is None:
            return
        self._objects.setdefault(name[0], {})[name[1]] = _Entry(version, value)
        if self._index_of is not None:
            for key in self._index_of(value):
                self._index.setdefault(key, set()).add(name)

    def _remove(self, name: Name) -> None:
        named = self._objects.get(name[0])
        entry = None if named is None else named.pop(name[1], None)
        if named is not None and not named:
            del self._objects[name[0]]
        if entry is None or self._index_of is None:
            return
        for key in self._index_of(entry.value):
            filed = self._index.get(key, set())
            filed.discard(name)
            if not filed:
                self._index.pop(key, None)


def _identity(obj: Manifest) -> tuple[Name, int]:
    metadata = obj["metadata"]
    return (metadata.get("namespace", ""), metadata["name"]), int(metadata["resourceVersion"])
