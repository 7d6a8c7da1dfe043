"""`add_header` and `expires`: headers of the response, behind Lua's and headers-more's."""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Phase, Stmt
from snippet2wasm.lower.directives import fields
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge


def add_header(x: Lowering, _level: Level, directives: list[Directive]) -> list[Stmt]:
    """`add_header name value [always]`."""
    found: list[Stmt] = []
    for directive in directives:
        name, value, *always = directive.args
        if name.value.lower() == "content-length" and value.value == "0":
            _empty(x, name)
            continue
        act = "nginx.add_header_always" if always else "nginx.add_header"
        key = fields.name(x, directive.name, name.value, name.span)
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
    time = directive.args[-1]
    if time.value == "off":
        return []
    act = "nginx.expires_modified" if len(directive.args) > 1 else "nginx.expires"
    return [x.act(act, directive.span, [x.text(time)])]


STEPS = (
    Step(Phase.HEADERS, ("expires",), Merge.VALUE, expires),
    Step(Phase.HEADERS, ("add_header",), Merge.ARRAY, add_header),
)
