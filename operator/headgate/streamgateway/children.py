"""Keeps what belongs to gateways as it should be: applied where it changes, looked at now and then.

Pods come and go by decisions, and are none of these.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headgate.core import labels
from headgate.kube.client import Kube
from headgate.kube.errors import NotFound
from headgate.kube.resources import resource_of
from headgate.streamgateway.build.owned import Gateway, Manifest

SOON = timedelta(seconds=10)
"""The same, of what no client can do without."""
LOOKED_AGAIN = timedelta(seconds=60)
"""So long a child is believed to be as it was applied; then it is read, and repaired if need be."""


class NameTakenError(Exception):
    """A child's name is taken by an object that is not the gateway's."""


@dataclass(frozen=True, kw_only=True)
class _Applied:
    digest: str
    version: str
    looked_at: datetime


@dataclass
class Children:
    """What this process last applied."""

    kube: Kube
    clock: Callable[[], datetime]
    _applied: dict[tuple[str, str, str], _Applied] = field(default_factory=dict)
    """By uid of the gateway, kind and name."""

    async def ensure(
        self, gateway: Gateway, manifest: Manifest, every: timedelta = LOOKED_AGAIN
    ) -> Manifest | None:
        """Apply a child that is not as it was applied last; return it where it was looked at.

        Raise NameTakenError where an object of its name is not the gateway's: that one is never
        touched.
        """
        meta, kind, now = manifest["metadata"], manifest["kind"], self.clock()
        place, digest = (gateway.uid, kind, meta["name"]), meta["annotations"][labels.APPLIED]
        known = self._applied.get(place)
        if known is not None and known.digest != digest:
            known = None
        if known is not None and now - known.looked_at < every:
            return None
        child = await self._found(manifest)
        if child is not None:
            if not is_owned(child, gateway):
                raise NameTakenError(f"{kind} {meta['name']} is there and not this gateway's")
            told = (child["metadata"].get("annotations") or {}).get(labels.APPLIED)
            untouched = known is not None and known.version == _version_of(child)
            right = told == digest and bool(manifest.get("immutable"))
            if not untouched and not right:
                child = None
        if child is None:
            child = await self.kube.apply(manifest)
        self._applied[place] = _Applied(digest=digest, version=_version_of(child), looked_at=now)
        return child

    def is_fresh(self, gateway: Gateway, kind: str, name: str) -> bool:
        """Whether this process has looked at a child a moment ago."""
        known = self._applied.get((gateway.uid, kind, name))
        return known is not None and self.clock() - known.looked_at < LOOKED_AGAIN

    def doubt(self, gateway: Gateway, kind: str, name: str) -> None:
        """Look at a child at the next `ensure`: it is seen to be otherwise, or gone."""
        self._applied.pop((gateway.uid, kind, name), None)

    def forget_all_but(self, gateways: set[str]) -> None:
        """Forget the children of gateways that are gone; the others are told by uid."""
        for place in [place for place in self._applied if place[0] not in gateways]:
            del self._applied[place]

    def clear(self) -> None:
        """Forget all: another replica leads now."""
        self._applied.clear()

    async def _found(self, manifest: Manifest) -> Manifest | None:
        meta = manifest["metadata"]
        try:
            return await self.kube.get(resource_of(manifest), meta["namespace"], meta["name"])
        except NotFound:
            return None


def is_owned(child: Manifest, gateway: Gateway) -> bool:
    """Whether an object is a gateway's own."""
    owners = child["metadata"].get("ownerReferences") or []
    return any(owner.get("uid") == gateway.uid for owner in owners)


def _version_of(child: Manifest) -> str:
    """Return what changes with what was applied; of kinds that count no generations, with all."""
    meta = child["metadata"]
    return f"{meta['uid']}/{meta.get('generation') or meta['resourceVersion']}"
