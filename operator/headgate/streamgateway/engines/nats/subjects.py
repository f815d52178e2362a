"""Subjects of messages: which are well formed, and which two can mean the same message. Pure."""

import re
from collections.abc import Sequence
from itertools import zip_longest

MAX_SUBJECT = 255
RESERVED_FIRST_TOKENS = ("headgate", "_INBOX")
"""The operator's own subjects, and clients' private answers. `$...` are the server's."""

_WORD = re.compile(r"[^\s.*>\x00-\x1f\x7f]+")


def problem_with_subject(subject: str) -> str:
    """Return why a stream cannot have a subject; empty: it can."""
    tokens = subject.split(".")
    if not subject or len(subject) > MAX_SUBJECT:
        return f"a subject has 1 to {MAX_SUBJECT} characters"
    words = tokens[:-1] if tokens[-1] == ">" else tokens
    if not all(word == "*" or _WORD.fullmatch(word) for word in words):
        return "a subject is made of words between dots; `*` is any word, a last `>` is all further"
    first = tokens[0]
    if first in {"*", ">"}:
        return "a subject begins with a word: all of them would hold the servers' own messages"
    if first.startswith("$") or first in RESERVED_FIRST_TOKENS:
        return f"subjects that begin with `{first}` are not for streams of users"
    return ""


def do_overlap(one: str, other: str) -> bool:
    """Return whether some message could match both.

    >>> do_overlap("a.*.c", "a.b.>"), do_overlap("a.b", "a.b.>")
    (True, False)
    """
    for mine, theirs in zip_longest(one.split("."), other.split(".")):
        if mine is None or theirs is None:
            return False
        if ">" in {mine, theirs}:
            return True
        if mine != theirs and "*" not in {mine, theirs}:
            return False
    return True


def overlap_of(ones: Sequence[str], others: Sequence[str]) -> tuple[str, str] | None:
    """Return the first two subjects that overlap, if any do."""
    pairs = ((one, other) for one in ones for other in others)
    return next((pair for pair in pairs if do_overlap(*pair)), None)
