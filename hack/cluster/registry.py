"""Which clone holds which slot on this machine.

One file per slot below /run: a reboot ends every cluster and empties the registry with it.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hack.cluster.commands import run
from hack.cluster.errors import ClusterError
from hack.cluster.slots import SLOT_COUNT, Slot, choose_slot

REGISTRY = Path("/run/headgate/slots")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; the kernel lets go of it when the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def take_slot(clone: Path, registry: Path = REGISTRY) -> Slot:
    """Give the clone a slot of its own, the one it holds already if it holds one."""
    with locked(registry / "lock"):
        holders = _holders(registry)
        for number, holder in holders.items():
            if holder == clone:
                return Slot(number)
        slot = choose_slot(str(clone), holders.keys(), _host_routes())
        if slot is None:
            raise ClusterError(
                f"all {SLOT_COUNT} address blocks for clusters are taken",
                remedy=f"`make cluster-down` in clones you no longer use: {registry} names them",
            )
        (registry / str(slot.number)).write_text(str(clone))
        return slot


def release_slot(clone: Path, registry: Path = REGISTRY) -> None:
    """Let other clones have the slot."""
    if not registry.is_dir():
        return
    with locked(registry / "lock"):
        for number, holder in _holders(registry).items():
            if holder == clone:
                (registry / str(number)).unlink()


def held_slot(clone: Path, registry: Path = REGISTRY) -> Slot | None:
    """Return the slot that the clone holds."""
    if not registry.is_dir():
        return None
    with locked(registry / "lock"):
        numbers = [number for number, holder in _holders(registry).items() if holder == clone]
    return Slot(numbers[0]) if numbers else None


def abandoned_slots(registry: Path = REGISTRY) -> list[tuple[Path, Slot]]:
    """Return the slots of clones that were deleted, and where those clones were."""
    if not registry.is_dir():
        return []
    with locked(registry / "lock"):
        holders = _holders(registry).items()
        return [(holder, Slot(number)) for number, holder in holders if not _is_clone(holder)]


def _is_clone(folder: Path) -> bool:
    """Tell whether a clone is still there: its cluster may write to a folder that was deleted."""
    return (folder / "hack" / "cluster").is_dir()


def _holders(registry: Path) -> dict[int, Path]:
    entries = [entry for entry in registry.iterdir() if entry.name.isdigit()]
    return {int(entry.name): Path(entry.read_text().strip()) for entry in entries}


def _host_routes() -> list[str]:
    """Return the destinations of the host's IPv4 routes."""
    listed = run(["ip", "-json", "-4", "route", "show", "table", "all"], what="listing routes")
    return [str(route.get("dst", "")) for route in json.loads(listed or "[]")]
