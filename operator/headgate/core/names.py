"""Names and label values of child objects, for owners whose names may have 253 characters.

A name is never simply cut: two long names with a common beginning would meet. Whatever had to be
changed or shortened carries a hash of the whole original.
"""

import hashlib
import re

MAX_LABEL = 63
_HASH_DIGITS = 10
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_NOT_IN_DNS_LABEL = re.compile(r"[^a-z0-9]+")


def label_value(name: str) -> str:
    """Return the label value that stands for an object's name: the name itself where it fits.

    A shortened one holds an underscore, which no object's name can: the two never meet.
    """
    if len(name) <= MAX_LABEL and _LABEL_VALUE.fullmatch(name):
        return name
    kept = _dns_label(name)[: MAX_LABEL - _HASH_DIGITS - 1].rstrip("-")
    return f"{kept}_{_digest(name)}" if kept else f"x_{_digest(name)}"


def service_name(model: str) -> str:
    """Return the name of a Model's Service: a DNS-1035 label, the Model's own name if it is one."""
    if len(model) <= MAX_LABEL and _DNS_1035.fullmatch(model):
        return model
    return _with_hash([model], MAX_LABEL)


def child_name(*parts: str, limit: int = MAX_LABEL) -> str:
    """Return a DNS-1035 label for a child that belongs to all the parts together.

    It always ends in a hash of the parts: `a-b` + `c` and `a` + `b-c` read the same when joined.
    """
    return _with_hash(list(parts), limit)


def instance_name(name: str, identity: str, limit: int = MAX_LABEL) -> str:
    """Return a name for what belongs to one very object: the uid is hashed and not shown."""
    kept = _dns_label(name)[: limit - _HASH_DIGITS - 1].rstrip("-")
    kept = kept if kept[:1].isalpha() else f"x{kept}"[: limit - _HASH_DIGITS - 1].rstrip("-")
    return f"{kept}-{_digest(name, identity)}"


def _with_hash(parts: list[str], limit: int) -> str:
    room = limit - _HASH_DIGITS - 1
    labels = [label for label in map(_dns_label, parts) if label]
    kept = "-".join(_shared_out(labels, room)).strip("-")
    if not kept[:1].isalpha():
        kept = f"x{kept}"[:room].rstrip("-")
    return f"{kept}-{_digest(*parts)}"


def _shared_out(labels: list[str], room: int) -> list[str]:
    """Cut the labels so that they fit the room when joined, the shorter ones last."""
    kept: dict[int, str] = {}
    room -= max(len(labels) - 1, 0)
    shortest_first = sorted(range(len(labels)), key=lambda index: len(labels[index]))
    for done, index in enumerate(shortest_first):
        share = room // (len(labels) - done)
        kept[index] = labels[index][:share].strip("-")
        room -= len(kept[index])
    return [kept[index] for index in range(len(labels))]


def _dns_label(name: str) -> str:
    return _NOT_IN_DNS_LABEL.sub("-", name.lower()).strip("-")


def _digest(*parts: str) -> str:
    # "/" is in no Kubernetes name, so the parts can be told apart in what is hashed
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:_HASH_DIGITS]
