"""An operator with one trivial kind, run as a process of its own: the real controller, lease and
loop, and a reconciler that copies a ConfigMap's text into an annotation.

Started by tests/contract/test_handover.py: `python -m tests.builders.stub_operator NAMESPACE`.
"""

# ruff: noqa: E402  the absence of these modules must come before kopf looks for them
import sys

# As in the operator's image, where neither is installed: kopf imports what it finds.
sys.modules |= dict.fromkeys(("kubernetes", "pykube"))  # type: ignore[arg-type]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import uvloop

from headgate import telemetry
from headgate.controller import Controller, Parts, Settings, run
from headgate.kube.cache import Cache
from headgate.kube.credentials import find_credentials
from headgate.kube.resources import Key, Manifest
from headgate.loop.operation import Followed, Kind
from tests.builders.following import CONFIG_MAPS, COPY, LABEL, WRITER


@dataclass(frozen=True, slots=True)
class Page:
    """A ConfigMap's text, and the copy of it."""

    namespace: str
    name: str
    text: str
    copy: str


def project_page(obj: Manifest) -> Page:
    metadata = obj["metadata"]
    return Page(
        metadata["namespace"],
        metadata["name"],
        (obj.get("data") or {}).get("text", ""),
        (metadata.get("annotations") or {}).get(COPY, ""),
    )


def assemble(namespace: str, parts: Parts) -> tuple[Sequence[Followed[Any]], Sequence[Kind]]:
    cache: Cache[Page] = Cache(project_page)

    async def reconcile(key: Key) -> None:
        page = cache.get(key.namespace, key.name)
        if page is None or page.copy == page.text:
            return
        annotations = {COPY: page.text, WRITER: parts.settings.identity}
        patch = {"metadata": {"annotations": annotations}}
        cache.remember(await parts.kube.patch(CONFIG_MAPS, key.namespace, key.name, patch))

    def keys_of(old: Page | None, new: Page | None) -> list[Key]:
        return [Key("ConfigMap", page.namespace, page.name) for page in (old, new) if page]

    followed = Followed(CONFIG_MAPS, cache, keys_of, f"{LABEL}={namespace}")
    return [followed], [Kind("ConfigMap", cache, reconcile)]


def main() -> None:
    namespace = sys.argv[1]
    credentials = find_credentials()
    settings = Settings.from_environment(credentials)
    telemetry.set_up_logs(settings.log_level)
    uvloop.run(run(Controller(credentials, settings, lambda parts: assemble(namespace, parts))))


if __name__ == "__main__":
    main()
