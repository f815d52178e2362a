"""What an edge pod asks for and may use, as numbers. Pure."""

from headgate.core.quantities import parse_quantity
from headgate.streamgateway.types import StreamGatewaySpec


def cpu_requested(spec: StreamGatewaySpec) -> float | None:
    """Return cores, of the limit where there is no request, as Kubernetes has it; None for none."""
    return _amount(spec, "requests", "cpu") or _amount(spec, "limits", "cpu")


def memory_limit(spec: StreamGatewaySpec) -> float | None:
    """Return bytes; None where there is no limit."""
    return _amount(spec, "limits", "memory")


def _amount(spec: StreamGatewaySpec, kind: str, resource: str) -> float | None:
    if spec.resources is None:
        return None
    amounts = spec.resources.limits if kind == "limits" else spec.resources.requests
    if amounts is None or resource not in amounts:
        return None
    return float(parse_quantity(amounts[resource])) or None
