from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from headgate.core.resource import Problem
from headgate.model import accept as model_accept
from headgate.model.types import ModelSpec
from headgate.modelversion import accept as version_accept
from headgate.modelversion.types import ModelVersionSpec
from headgate.streamgateway.accept import problems_of as gateway_problems
from headgate.streamgateway.types import StreamGatewaySpec
from headgate.validation.accept import policy_problems
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.run_types import ValidationRunSpec
from tests.unit.docs.pages import ROOT, all_pages, code_blocks

REFUSED_ON_PURPOSE = "# refused"
KINDS = {"Model", "ModelVersion", "ValidationPolicy", "ValidationRun", "StreamGateway"}


def our_resources() -> Iterator[tuple[str, dict[str, Any]]]:
    for page in all_pages():
        for number, block in enumerate(code_blocks(page, "yaml"), start=1):
            if "headgate.dev/v1alpha1" not in block or REFUSED_ON_PURPOSE in block:
                continue
            for document in yaml.safe_load_all(block):
                if "headgate.dev" not in document["apiVersion"]:
                    continue  # an autoscaler's, which only names ours
                where = f"{_shown(page)} block {number} {document['metadata']['name']}"
                yield where, document


def _shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


def problems_of(document: dict[str, Any]) -> tuple[Problem, ...]:
    if document["kind"] == "Model":
        model = ModelSpec.parse(document["spec"])
        return model_accept.problems_of(model) if isinstance(model, ModelSpec) else model
    if document["kind"] == "ValidationPolicy":
        policy = ValidationPolicySpec.parse(document["spec"])
        return policy_problems(policy) if isinstance(policy, ValidationPolicySpec) else policy
    if document["kind"] == "ValidationRun":
        run = ValidationRunSpec.parse(document["spec"])
        return () if isinstance(run, ValidationRunSpec) else run
    if document["kind"] == "StreamGateway":
        gateway = StreamGatewaySpec.parse(document["spec"])
        name = document["metadata"]["name"]
        return (
            gateway_problems(gateway, name) if isinstance(gateway, StreamGatewaySpec) else gateway
        )
    version = ModelVersionSpec.parse(document["spec"])
    if isinstance(version, ModelVersionSpec):
        return version_accept.problems_of(version)
    return version


@pytest.mark.parametrize(("where", "document"), list(our_resources()))
def test_every_resource_shown_in_the_docs_is_accepted(where: str, document: dict[str, Any]) -> None:
    assert document["apiVersion"] == "headgate.dev/v1alpha1", where
    assert document["kind"] in KINDS, where
    assert problems_of(document) == (), where
