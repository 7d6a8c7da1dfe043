"""Numbers, sizes and times as nginx reads them, and the values that it reads by a common function."""

from __future__ import annotations

import re

from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.table import Form
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.source import Span

_LARGEST = (1 << 63) - 1
_UNITS = "yMwdhms"  # from the largest; behind seconds come milliseconds
_SECONDS = {"y": 31536000, "M": 2592000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_TIME_PART = re.compile(r"(\d+)(ms|[yMwdhms]|(?= |$)) *")


def number(text: str) -> int | None:
    """A number without a sign; None if it is none."""
    if not re.fullmatch(r"[0-9]+", text):
        return None
    found = int(text)
    return found if found <= _LARGEST else None


def size(text: str, units: str = "kKmM") -> int | None:
    """`10`, `10k`, `10m`; None if it is no size."""
    scale = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}.get(text[-1:].lower(), 0)
    if text[-1:] and text[-1:] in units:
        found = number(text[:-1])
        return None if found is None or found > _LARGEST // scale else found * scale
    return number(text)


def offset(text: str) -> int | None:
    """As `size`, and `1g`."""
    return size(text, "kKmMgG")


def time(text: str, in_seconds: bool) -> int | None:
    """`1h 30m`, `10`, in milliseconds or seconds; None if it is no time.

    Units come in falling order, a number without one (seconds) last; years and months are only known where
    the time is in seconds, milliseconds only where it is not.
    """
    position, last, total = 0, -1 if in_seconds else 1, 0
    if not text:
        return None
    while position < len(text):
        part = _TIME_PART.match(text, position)
        if part is None:
            return None
        unit = part[2]
        step = 7 if unit == "ms" else 8 if unit == "" else _UNITS.index(unit)
        if step <= last or (unit == "ms" and in_seconds):
            return None
        if unit == "ms":
            total += int(part[1])
        else:
            total += int(part[1]) * _SECONDS.get(unit, 1) * (1 if in_seconds else 1000)
        last, position = step, part.end()
    return total if total <= _LARGEST else None


def milliseconds(text: str) -> int | None:
    """A time in milliseconds; None if it is none."""
    return time(text, in_seconds=False)


def seconds(text: str) -> int | None:
    """A time in seconds; None if it is none."""
    return time(text, in_seconds=True)


ONCE = frozenset(
    (
        "flag",
        "string",
        "number",
        "size",
        "offset",
        "milliseconds",
        "seconds",
        "buffers",
        "one",
        "path",
        "access",
        "text",
        "text_size",
    )
)
"""Kinds of value that nginx keeps one of: a second such directive in a block is a duplicate."""

_SCALARS = {
    "number": (number, "number"),
    "size": (size, "value"),
    "offset": (offset, "value"),
    "milliseconds": (milliseconds, "value"),
    "seconds": (seconds, "value"),
}


def check(directive: Directive, form: Form) -> None:
    """Raises Fault if the value is not of the form's kind; variables in it are another matter."""
    kind = form.value
    if kind == "flag":
        _flag(directive)
    elif kind in _SCALARS:
        _scalar(directive, form)
    elif kind == "buffers":
        count, each = (argument.value for argument in directive.args)
        if not number(count) or not size(each):
            raise Fault(f'"{directive.name}" directive invalid value', _args(directive))
    elif kind in ("one", "some"):
        words = {word.lower() for word in form.words}
        for argument in directive.args:
            if argument.value.lower() not in words:
                choice = ", ".join(form.words)
                raise Fault(f'invalid value "{argument.value}"', argument.span, help=f"one of {choice}")
    elif kind == "text_size" and "$" not in directive.args[0].value and size(directive.args[0].value) is None:
        raise Fault(f'"{directive.name}" directive invalid value', directive.args[0].span)


def flag(argument: Argument, name: str) -> None:
    """Raises Fault if an argument is neither on nor off."""
    if argument.value.lower() not in ("on", "off"):
        raise Fault(
            f'invalid value "{argument.value}" in "{name}" directive, it must be "on" or "off"', argument.span
        )


def _flag(directive: Directive) -> None:
    flag(directive.args[0], directive.name)


def _scalar(directive: Directive, form: Form) -> None:
    argument = directive.args[0]
    read, what = _SCALARS[form.value]
    found = read(argument.value)
    if found is None:
        raise Fault(f'"{directive.name}" directive invalid {what}', argument.span)
    if form.bounds is not None and not form.bounds[0] <= found <= form.bounds[1]:
        low, high = form.bounds
        raise Fault(f"value must be between {low} and {high}", argument.span)


def _args(directive: Directive) -> Span:
    return directive.args[0].span.to(directive.args[-1].span)
