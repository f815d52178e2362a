"""The plan of a run: everything that decides its outcome, fixed before any data is read. Pure.

The operator writes it into status and the Job gets the same text: who holds the plan and the inputs
can compute the report again, byte by byte.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from headgate.validation.policy_types import ValidationPolicySpec

SCHEMA = "headgate.dev/plan/v1"
POLICY = "policy"
INPUTS = "inputs"
SEED_BITS = 63
_LOCAL: Mapping[str, Any] = {"engine": {"local": {}}}


class PlanError(ValueError):
    """The text is no plan of this release; the message says what is wrong with it."""


def plan_of(
    policy: ValidationPolicySpec,
    inputs: Mapping[str, str],
    image: str,
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Return the plan: the policy as read, what it reads by digest, and what computes.

    `inputs` are sha256:... by name (reference, candidate, model, stable); `versions` those of the
    libraries by package. The seed follows from policy and inputs, so nobody chooses it; not from
    the engine, so that each engine draws the same.
    """
    asked = {POLICY: policy.dump(), INPUTS: dict(inputs)}
    drawn_by = {**asked, POLICY: {**asked[POLICY], **_LOCAL}}
    return {
        "schema": SCHEMA,
        **asked,
        "image": image,
        "versions": dict(versions),
        "seed": _seed(drawn_by),
    }


def canonical(plan: Mapping[str, Any]) -> str:
    """Return the one text that stands for a plan: sorted keys, no spaces, no NaN."""
    return json.dumps(
        plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def plan_digest(plan: Mapping[str, Any]) -> str:
    """Return sha256:... of a plan's text."""
    return digest_of_text(canonical(plan))


def digest_of_text(text: str) -> str:
    """Return sha256:... of a text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def read_plan(text: str) -> dict[str, Any]:
    """Return the plan that a text holds, or raise PlanError."""
    try:
        plan = json.loads(text)
    except ValueError as error:
        raise PlanError(f"the plan is not JSON: {error}") from None
    if not isinstance(plan, dict) or plan.get("schema") != SCHEMA:
        raise PlanError(f"the plan is not of schema {SCHEMA}: made by another release?")
    return plan


def policy_in(plan: Mapping[str, Any]) -> ValidationPolicySpec:
    """Return the policy of a plan, or raise PlanError."""
    policy = ValidationPolicySpec.parse(plan.get(POLICY), POLICY)
    if isinstance(policy, ValidationPolicySpec):
        return policy
    raise PlanError("; ".join(str(problem) for problem in policy[:5]))


def on_inconclusive_in(text: str | None) -> str:
    """Return what a recorded plan says of too little data; Block where there is none yet."""
    if text is None:
        return "Block"
    policy: Mapping[str, Any] = json.loads(text).get(POLICY) or {}
    return str(policy.get("onInconclusive", "Block"))


def seed_of(plan: Mapping[str, Any]) -> int:
    """Return the seed that all of a plan's random draws begin with."""
    return int(plan["seed"])


def _seed(asked: Mapping[str, Any]) -> int:
    digest = hashlib.sha256(canonical(asked).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)
