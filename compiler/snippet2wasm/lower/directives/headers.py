"""`add_header` and `expires`: headers of the response, behind Lua's and headers-more's."""

from __future__ import annotations

import re

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Phase, Stmt
from snippet2wasm.lower.directives import fields
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge

_TIME = re.compile(
    r"\d+|(?=\d)(?:\d+y ?)?(?:\d+M ?)?(?:\d+w ?)?(?:\d+d ?)?(?:\d+h ?)?(?:\d+m ?)?(?:\d+s? ?)?"
)


def add_header(x: Lowering, _level: Level, directives: list[Directive]) -> list[Stmt]:
    """`add_header name value [always]`."""
    found: list[Stmt] = []
    for directive in directives:
        name, value, *always = directive.args
        if always and always[0].value != "always":
            invalid(x, f'invalid parameter "{always[0].value}"', always[0])
            continue
        if name.value.lower() == "content-length" and value.value == "0":
            _empty(x, name)
            continue
        act = "nginx.add_header_always" if always else "nginx.add_header"
        key = fields.name(x, "nginx.add_header", name.value, name.span)
        if key is not None:
            found.append(x.act(act, directive.span, [key, fields.value(x, value.value, value.span)]))
    return found


def _empty(x: Lowering, name: Argument) -> None:
    """`add_header Content-Length 0`, as in preflight answers that are copied everywhere."""
    x.warn(
        "S2W420",
        "this does not change the header 'Content-Length'",
        name.span,
        reason="the gateway writes it itself; nginx adds a second one to an answer that has a body",
        help="leave the line out",
    )


def expires(x: Lowering, _level: Level, directives: list[Directive]) -> list[Stmt]:
    """`expires [modified] time`, of which a level has one."""
    directive = directives[-1]
    values = [argument.value for argument in directive.args]
    time = directive.args[-1]
    if len(values) == 1 and values[0] == "off":
        return []
    modified = len(values) == 2 and values[0] == "modified"
    if len(values) == 2 and not modified:
        invalid(x, '"expires" directive invalid value', time)
        return []
    if "$" not in time.value:
        problem = _wrong(time.value, modified)
        if problem:
            invalid(x, f'"expires" directive {problem}', time)
            return []
    act = "nginx.expires_modified" if modified else "nginx.expires"
    return [x.act(act, directive.span, [x.text(time)])]


def _wrong(text: str, modified: bool) -> str:
    """What nginx says of a time that it does not take."""
    if text in ("epoch", "max", "off"):
        return "invalid value" if modified else ""
    daily = text.startswith("@")
    if daily and modified:
        return 'daily time cannot be used with "modified" parameter'
    rest = text[1:] if text[:1] in ("@", "+", "-") else text
    if not rest or not _TIME.fullmatch(rest):
        return "invalid value"
    return "daily time value must be less than 24 hours" if daily and seconds(rest) > 86400 else ""


_UNITS = {"y": 31536000, "M": 2592000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1, "": 1}


def seconds(text: str) -> int:
    """A time as nginx writes it, in seconds."""
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([yMwdhms]?)", text))


def invalid(x: Lowering, message: str, argument: Argument) -> None:
    """An argument that nginx refuses, in its words."""
    x.refuse("S2W114", message, argument.span, reason="nginx does not start with it")


STEPS = (
    Step(Phase.HEADERS, ("expires",), Merge.VALUE, expires),
    Step(Phase.HEADERS, ("add_header",), Merge.ARRAY, add_header),
)
