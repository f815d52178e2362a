"""Reads the users of a gateway out of a Secret. Pure: data in, users and problems out.

One key for each user: the key is the name, the value the password, plain or as a bcrypt hash.
What a user may do is not told there: every user may publish and subscribe on every subject that
is not ours, and none may change streams. Finer permissions would need a format of their own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SYSTEM_USER = "headgate-system"
OPERATOR_USER = "headgate-operator"
ANONYMOUS_USER = "headgate-anonymous"
RESERVED = (SYSTEM_USER, OPERATOR_USER, ANONYMOUS_USER)
MAX_USERS = 1000
MAX_NAME = 64
LEAST_PASSWORD = 8
MAX_PASSWORD = 72
"""Characters; bcrypt reads no more than 72 bytes, and a longer one would be cut in silence."""

_NAME = re.compile(r"[-._a-zA-Z0-9]+")
_LIKE_BCRYPT = re.compile(r"\$2[a-z]?\$")
_BCRYPT = re.compile(r"\$2[abxy]\$(0[4-9]|1[0-9])\$[./A-Za-z0-9]{53}")
"""A cost up to 19 here: the server reckons it at each login."""
_SLOW_COST = 12
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who may connect."""

    name: str
    password: str
    """Plain or a bcrypt hash."""

    def __repr__(self) -> str:
        """Hide the password from logs and tracebacks."""
        return f"User(name={self.name!r})"


@dataclass(frozen=True, kw_only=True)
class Users:
    """What a Secret says; with any problem the users are not to be put to use."""

    users: tuple[User, ...] = ()
    problems: tuple[str, ...] = ()
    """They name the Secret's key and never its value."""


def read_users(data: Mapping[str, bytes]) -> Users:
    """Return the users that a Secret's decoded data names, in the order of their names."""
    if not data:
        return Users(problems=("it has no keys; give each user a key with the password in it",))
    if len(data) > MAX_USERS:
        return Users(problems=(f"it has {len(data)} keys, at most {MAX_USERS}",))
    users, problems = [], []
    for key in sorted(data):
        password, problem = _password(data[key])
        problem = _problem_with_name(key) or problem
        if problem:
            problems.append(f"key {_shown(key)}: {problem}")
        else:
            users.append(User(name=key, password=password))
    return Users(users=tuple(users), problems=tuple(problems))


def _problem_with_name(name: str) -> str:
    if len(name) > MAX_NAME:
        return f"a user's name has at most {MAX_NAME} characters, this has {len(name)}"
    if not _NAME.fullmatch(name):
        return "a user's name is made of letters, digits, '-', '_' and '.'"
    if name in RESERVED:
        return "this name is kept for the operator; choose another one"
    return ""


def _password(value: bytes) -> tuple[str, str]:
    """Return the password and, if it cannot be one, why."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "", "the password is not UTF-8 text"
    if not text:
        return "", "the password is empty"
    if text.endswith("\n"):
        return "", "the password ends in a line break; write it with `printf`, not with `echo`"
    if _LIKE_BCRYPT.match(text):
        return text, _problem_with_hash(text)
    if _CONTROL.search(text):
        return "", "the password holds control characters"
    if len(text) < LEAST_PASSWORD:
        return "", f"the password is shorter than {LEAST_PASSWORD} characters"
    if len(text.encode()) > MAX_PASSWORD:
        return "", f"the password is longer than {MAX_PASSWORD} bytes"
    return text, ""


def _problem_with_hash(text: str) -> str:
    match = _BCRYPT.fullmatch(text)
    if not match:
        return "it begins like a bcrypt hash and is none: $2a$, a cost of two digits, $, 53 others"
    if int(match[1]) > _SLOW_COST:
        return (
            f"a bcrypt cost of {int(match[1])} lets few clients log in at a time; "
            f"at most {_SLOW_COST}"
        )
    return ""


def _shown(key: str) -> str:
    return key if len(key) <= MAX_NAME and key.isprintable() else f"{key[:MAX_NAME]!r}..."
