"""What a pass over a ModelVersion tells, once its status is written."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.credentials import Credentials
from headgate.kube.errors import Conflict
from headgate.kube.events import ObjectRef
from headgate.kube.resources import MODEL_VERSIONS, Key, Manifest
from headgate.kube.session import KubeSession
from headgate.model.caches import empty_caches
from headgate.modelversion.reconcile import ModelVersionReconciler
from headgate.validation.caches import empty_validation_caches
from tests.builders.observed import NOW
from tests.builders.resources import a_model_version

KEY = Key(MODEL_VERSIONS.kind, "team-a", "churn-v1")


class OneVersion(KubeClient):
    """An API server that holds one ModelVersion."""

    def __init__(self, stored: Manifest) -> None:
        super().__init__(KubeSession(Credentials("http://127.0.0.1:1")))
        self.stored = stored
        self.refuses = False

    async def patch_status(self, *args: Any, **_: Any) -> Manifest:
        if self.refuses:
            raise Conflict(409, "Conflict", "it was changed meanwhile")
        metadata = self.stored["metadata"]
        version = str(int(metadata["resourceVersion"]) + 1)
        self.stored = {
            **self.stored,
            "metadata": {**metadata, "resourceVersion": version},
            "status": args[3],
        }
        return self.stored


@dataclass
class Notes:
    """The Events that were recorded."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def record(
        self, _ref: ObjectRef, event_type: str, reason: str, _message: str, _action: str
    ) -> None:
        self.told.append((event_type, reason))


def a_reconciler(**spec: Any) -> tuple[ModelVersionReconciler, OneVersion, Notes]:
    made = a_model_version("churn-v1", "team-a", **spec)
    made["metadata"] |= {"uid": "uid-1", "resourceVersion": "1"}
    caches, notes, kube = empty_caches(), Notes(), OneVersion(made)
    caches.versions.take(made)
    reconciler = ModelVersionReconciler(
        kube=kube,
        caches=caches,
        validation=empty_validation_caches(),
        recorder=notes,
        clock=lambda: NOW,
    )
    return reconciler, kube, notes


async def test_a_spec_refused_from_the_start_is_told_once() -> None:
    reconciler, _, notes = a_reconciler(artifact=None)
    for _ in range(3):
        await reconciler.reconcile(KEY)
    assert notes.told == [("Warning", "SpecInvalid")]


async def test_a_spec_accepted_from_the_start_is_no_news() -> None:
    reconciler, _, notes = a_reconciler()
    await reconciler.reconcile(KEY)
    assert notes.told == []


async def test_nothing_is_told_before_it_is_written() -> None:
    reconciler, kube, notes = a_reconciler(artifact=None)
    kube.refuses = True
    with pytest.raises(Conflict):
        await reconciler.reconcile(KEY)
    assert notes.told == []
