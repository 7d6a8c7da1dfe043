"""The module headers-more: `more_set_headers` and its like, for responses and for requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Block, Expr, If, Logical, Phase, Stmt
from snippet2wasm.lower.directives import fields
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge
from snippet2wasm.source import Span


@dataclass
class _Options:
    """What stands between the headers of a directive: `-s 404 -t text/html -r`."""

    statuses: list[Expr] = field(default_factory=list)
    types: list[Expr] = field(default_factory=list)
    replace: bool = False
    headers: list[Argument] = field(default_factory=list)


def response(x: Lowering, _level: Level, directives: list[Directive]) -> list[Stmt]:
    """`more_set_headers` and `more_clear_headers`, outer levels first."""
    found: list[Stmt] = []
    for directive in directives:
        options = _options(x, directive)
        clears = directive.name == "more_clear_headers"
        changes = [
            each
            for header in options.headers
            for each in _change(x, directive, header, "nginx.more_set", clears)
        ]
        conditions = [
            x.call(act, directive.name_span, operands)
            for act, operands in (("nginx.status_in", options.statuses), ("nginx.type_in", options.types))
            if operands
        ]
        found += _when(conditions, changes, directive.span)
    return found


def request(x: Lowering, _level: Level, directives: list[Directive]) -> list[Stmt]:
    """`more_set_input_headers` and `more_clear_input_headers`, outer levels first."""
    found: list[Stmt] = []
    for directive in directives:
        options = _options(x, directive)
        clears = directive.name == "more_clear_input_headers"
        act = "nginx.more_replace_input" if options.replace and not clears else "nginx.more_set_input"
        changes = [each for header in options.headers for each in _change(x, directive, header, act, clears)]
        conditions = (
            [x.call("nginx.request_type_in", directive.name_span, options.types)] if options.types else []
        )
        found += _when(conditions, changes, directive.span)
    return found


def _when(conditions: Sequence[Expr], changes: list[Stmt], span: Span) -> list[Stmt]:
    """Statements that run where all conditions hold."""
    if not conditions or not changes:
        return changes
    condition = conditions[0]
    for each in conditions[1:]:
        condition = Logical(span, "and", condition, each)
    return [If(span, [(condition, Block(changes))], None)]


def _change(x: Lowering, directive: Directive, header: Argument, act: str, clears: bool) -> list[Stmt]:
    """What one `name: value` does; without a value it removes the header."""
    key, _, text = header.value.partition(":")
    text = text.strip(" ")
    if not header.value:
        return []
    if clears or not text:
        act = "nginx.more_clear" if act == "nginx.more_set" else "nginx.more_clear_input"
    name = fields.name(x, directive.name, key.rstrip(" "), header.span)
    if name is None:
        return []
    values = [] if clears or not text else [fields.value(x, text, header.span)]
    return [x.act(act, directive.span, [name, *values])]


def _options(x: Lowering, directive: Directive) -> _Options:
    """The arguments of a directive, apart; they have been checked."""
    options = _Options()
    arguments = iter(directive.args)
    for argument in arguments:
        match argument.value:
            case "-r":
                options.replace = True
            case "-s":
                given = next(arguments)
                options.statuses += [x.constant(int(each), given.span) for each in given.value.split()]
            case "-t":
                given = next(arguments)
                kinds = (each.partition(";")[0] for each in given.value.split())
                options.types += [x.constant(each, given.span) for each in kinds]
            case _:
                options.headers.append(argument)
    return options


INPUT = (Step(Phase.INPUT, ("more_set_input_headers", "more_clear_input_headers"), Merge.APPEND, request),)
RESPONSE = (Step(Phase.HEADERS, ("more_set_headers", "more_clear_headers"), Merge.APPEND, response),)
