"""Names of images in a registry of the user's own, for clusters that nothing can be loaded into."""

from __future__ import annotations

import os

from hack.cluster.commands import say
from hack.cluster.images import Target

PUSH_SECONDS = 900
PUSH_REMEDY = "log in to the registry, and check that PUSH names one that you may write to"


def registry_name(target: Target, built: str) -> str:
    """Return the name to push as; without PUSH the image's own name, and a word about that.

    The tag changes with the content: nodes that hold an older image then pull the new one.
    """
    prefix = os.environ.get("PUSH", "").rstrip("/")
    if prefix:
        return f"{prefix}/{target.name}:{built.removeprefix('sha256:')[:12]}"
    say(
        f"{target.image} is built, not pushed: nothing can be loaded into this cluster. "
        "`make images PUSH=REGISTRY/PREFIX` pushes it; its nodes have to be able to pull it"
    )
    return target.image
