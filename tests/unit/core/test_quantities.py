"""Quantities, in Kubernetes' notation."""

from decimal import Decimal

import pytest

from headgate.core.quantities import parse_quantity


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1", "1"), ("100m", "0.1"), ("1k", "1000"), ("1Ki", "1024"), ("0.5Gi", "536870912"),
     ("1e3", "1000"), ("2Ti", "2199023255552"), ("0", "0")],
)  # fmt: skip
def test_a_quantity_is_read(text: str, amount: str) -> None:
    assert parse_quantity(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "much", "-1", "1GB", "1 Gi", "Gi", "1ki", "1.", "NaN", "1\n"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a quantity"):
        parse_quantity(text)
