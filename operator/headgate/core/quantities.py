"""Resource quantities as Kubernetes writes them: 100m, 128Mi, 2, 1e3."""

import re
from decimal import Decimal

PATTERN = r"^[0-9]{1,18}(\.[0-9]{1,9})?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|e[0-9]{1,2})?$"
MAX_LENGTH = 32

_WHOLE = re.compile(PATTERN)
_FACTORS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
}


def parse_quantity(text: str) -> Decimal:
    """Return the amount that a quantity names, in its base unit (cores, bytes, pieces)."""
    match = _WHOLE.fullmatch(text)
    if not match or not text.isascii() or len(text) > MAX_LENGTH:
        raise ValueError("must be a quantity such as 100m, 2 or 128Mi")
    suffix = match[2] or ""
    if suffix.startswith("e"):
        return Decimal(text)
    return Decimal(text.removesuffix(suffix)) * _FACTORS[suffix]
