"""Turns `--set name=value` into the keyword arguments that a test's function takes."""

import difflib
import inspect
import math
import types
import typing
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from headgate.cli.stat_input import InputError

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_KINDS: dict[type, str] = {
    int: "a whole number",
    float: "a finite number",
    bool: "true or false",
}


def option_defaults(run: Callable[..., Any]) -> dict[str, Any]:
    """Return the options that a test takes, with their defaults."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(run).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def read_options(test: str, run: Callable[..., Any], given: Sequence[str]) -> dict[str, Any]:
    """Return the options' values by the types that the function states.

    Raises InputError for what is not of the form name=value, for names that the test does not take
    and for values of another type; whether a value makes sense is for the test to say.
    """
    known = option_defaults(run)
    hints = typing.get_type_hints(run)
    values: dict[str, Any] = {}
    for item in given:
        name, equals, text = item.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise InputError(f"--set {item}: expected name=value")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known) or 'none'}"
            raise InputError(f"--set {item}: {test} has no option {name!r}; {hint}")
        if name in values:
            raise InputError(f"--set {item}: {name} is given twice")
        values[name] = _value(item, text.strip(), hints.get(name, str))
    return values


def _value(item: str, text: str, hint: Any) -> Any:
    """Return the text as the first of the hint's types that it fits."""
    allowed = list(_alternatives(hint))
    for one in allowed:
        found = _read_as(text, one)
        if found is not None:
            return None if one is type(None) else found
    named = [_KINDS[one] for one in allowed if one in _KINDS]
    named += [
        str(one.value if isinstance(one, Enum) else one)
        for one in allowed
        if not isinstance(one, type)
    ]
    raise InputError(f"--set {item}: {text!r} is not {' or '.join(named) or 'understood'}")


def _alternatives(hint: Any) -> typing.Iterator[Any]:
    """Yield the types, or the very values, that a hint allows."""
    if isinstance(hint, typing.TypeAliasType):
        yield from _alternatives(hint.__value__)
    elif isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        for part in typing.get_args(hint):
            yield from _alternatives(part)
    elif typing.get_origin(hint) is typing.Literal:
        yield from typing.get_args(hint)
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield from hint
    else:
        yield hint


def _read_as(text: str, one: Any) -> Any:
    """Return the value, or None where the text is none of this type; for NoneType, True."""
    if one is bool:
        return _TRUTHS.get(text.lower())
    if one is int or one is float:
        return _read_number(text, one)
    if one is type(None):
        return True if text.lower() == "none" else None
    if one is str:
        return text
    if isinstance(one, type):
        return None  # a type that no text on a command line makes
    return one if text == str(one.value if isinstance(one, Enum) else one) else None


def _read_number(text: str, kind: type[int] | type[float]) -> float | None:
    if "_" in text:
        return None
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
