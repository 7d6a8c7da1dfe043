"""nginx's variables: what `ngx.var.NAME` reads and writes, and the `set` directives that declare some."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Binary,
    Block,
    ConfigValue,
    Constant,
    Define,
    Evaluate,
    Expr,
    Function,
    If,
    Local,
    Logical,
    Return,
    Stmt,
    Variable,
)
from snippet2wasm.lower.scope import Builtin
from snippet2wasm.lower.secrets import in_named

if TYPE_CHECKING:
    from snippet2wasm.frontend.bindings import Binding
    from snippet2wasm.lower.names import Names
    from snippet2wasm.lower.nginx import LuaText
    from snippet2wasm.lower.program import Program
    from snippet2wasm.source import Span

_INDEXED_HEADERS = frozenset(
    ("http_host", "http_user_agent", "http_referer", "http_via", "http_x_forwarded_for", "http_cookie")
)
"""`$http_…` that nginx knows by their whole names, and not only by how they begin."""


@dataclass(frozen=True)
class SetDirective:
    """A variable that is declared.

    Attributes:
        name: in lower case.
        value: the text as in nginx, with variables; what a bindings file says, for one that it declares.
        span: where.
        runs: it is set for the requests of the handlers, not only declared.
        lua: of set_by_lua, what gives the value, instead of `value`.
        args: of set_by_lua, the arguments behind the code, with variables.
    """

    name: str
    value: str | Binding
    span: Span
    runs: bool = True
    lua: LuaText | None = None
    args: tuple[str, ...] = ()


_TEMPLATE = {
    "balancer_ewma_score": "-1",
    "best_http_host": "$http_host",
    "full_x_forwarded_for": "$proxy_add_x_forwarded_for",
    "pass_access_scheme": "$scheme",
    "pass_port": "$server_port",
    "pass_server_port": "$server_port",
    "proxy_alternative_upstream_name": "",
    "the_real_ip": "$remote_addr",
}
"""Variables that ingress-nginx's configuration sets in a location, and their values."""

_TEMPLATE_ACTS = {
    "connection_upgrade": "nginx.connection_upgrade",
    "literal_dollar": "nginx.literal_dollar",
    "req_id": "nginx.req_id",
}
"""Variables of its http level."""

_FOR_DIRECTIVES = frozenset(("proxy_add_x_forwarded_for",))
"""Variables that nginx does not show to Lua."""


def read(program: Program, name: str, span: Span, in_directive: bool = False) -> Expr:
    """`ngx.var.NAME`, whose name may be anything, or `$NAME` in a directive."""
    lower = name.lower()
    if lower in _FOR_DIRECTIVES and not in_directive:
        program.error(
            Diagnostic(
                "S2W416",
                f"${lower} is nil in Lua",
                span,
                reason="nginx knows it in directives only",
                help="`set $copy $proxy_add_x_forwarded_for;` gives it to Lua as ngx.var.copy",
                severity=Severity.WARNING,
            )
        )
        return Constant(span, None)
    known = catalogue.load()
    if lower in program.computed:
        computed = program.computed[lower].read(span)
        computed.variable = "" if in_directive else f"ngx.var.{name}"
        return computed
    if lower in program.variables:
        before = _of_template(program, lower, span)
        entry = known.entries["ngx.var.$"] if before is None else known.acts["nginx.known"]
        if before is None and lower in program.unset:
            entry = known.acts["ngx.var.$unset"]
        own = Action(span, entry, f"ngx.var.{name}", None, [_text(lower, span)])
        own.adjusted = True
        return own if before is None else Logical(span, "or", own, before)
    template = _of_template(program, lower, span)
    if template is not None:
        return template
    found = known.variable(name)
    if found is not None:
        entry, part = found
        variable = Action(span, entry, f"ngx.var.{name}", None, [_text(part, span)] if part else [])
        if in_directive or lower not in _INDEXED:
            return variable
        return _kept(program, lower, variable, in_lua=True)
    program.error(_unknown(program, lower, span))
    return Constant(span, None)


def read_any(program: Program, key: Expr, span: Span, chunk: str) -> Expr:
    """`ngx.var[key]`; variables that functions compute are looked for first."""
    known = catalogue.load()
    if not program.computed:
        return Action(span, known.entries["ngx.var[*]"], "ngx.var[*]", None, [key])
    parameter, name = Variable("key", span), Variable("name", span)
    wanted = Action(
        span, known.acts["nginx.variable_name"], "nginx.variable_name", None, [Local(span, parameter)]
    )
    wanted.adjusted = True
    arms: list[tuple[Expr, Block]] = [
        (
            Binary(span, "==", Local(span, name), _text(each, span)),
            Block([Return(span, [program.computed[each].read(span)])]),
        )
        for each in sorted(program.computed)
    ]
    other = Action(span, known.entries["ngx.var[*]"], "ngx.var[*]", None, [Local(span, parameter)])
    other.adjusted = True
    body = Block([Define(span, [name], [wanted]), If(span, arms, None), Return(span, [other])])
    function = Function("any_variable", span, chunk, [parameter], body)
    program.functions.append(function)
    found = Apply(span, function, [key])
    found.adjusted, found.variable = True, "ngx.var[*]"
    return found


def _of_template(program: Program, name: str, span: Span) -> Expr | None:
    """The value of a variable that ingress-nginx's configuration has around snippets; None for another."""
    if name in _TEMPLATE_ACTS:
        found = Action(span, catalogue.load().acts[_TEMPLATE_ACTS[name]], f"ngx.var.{name}", None, [])
        found.adjusted = True
        return found
    if name not in _TEMPLATE:
        return None
    # The directives of the server run before those of the location that set it.
    return expand(program, "" if program.in_server else _TEMPLATE[name], span)


def _unknown(program: Program, name: str, span: Span) -> Diagnostic:
    refused = catalogue.load().unsupported.get(f"ngx.var.{name}")
    known = [
        each.removeprefix("ngx.var.") for each in catalogue.load().entries if each.startswith("ngx.var.")
    ]
    close = difflib.get_close_matches(name, [*known, *program.variables], 1, 0.8)
    reason = refused[0] if refused else f"this version knows {catalogue.load().variable_names()}"
    way_out = refused[1] if refused else f"did you mean ${close[0]}? Otherwise say" if close else "say"
    return Diagnostic(
        "S2W218",
        f"the nginx variable ${name} can't be compiled",
        span,
        reason=reason,
        help=f"{way_out} in a bindings file (--bindings FILE) what it holds; one of"
        if not refused
        else f"{way_out}; or say in a bindings file (--bindings FILE) what it holds, one of",
        paste=(
            "variables:\n"
            f"  {name}: {{config: {name}}}   # a value of the plugin's configuration\n"
            f'  # {name}: {{set: ""}}   # the value that nginx\'s `set` gives it\n'
            f"  # {name}: {{nil: true}}   # nil, as nginx has it where nothing gives it a value"
        ),
    )


def assignment(
    names: Names, statement: ast.Assign, expression: Callable[[ast.Expression], Expr]
) -> Stmt | None:
    """`ngx.var.NAME = value`; None if the statement is none of these."""
    if len(statement.targets) != 1 or len(statement.values) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Index):
        return None
    base = names.meaning(target.object, quiet=True)
    if not isinstance(base, Builtin) or base.path != "ngx.var":
        return None
    assignments = catalogue.load().assignments
    if not isinstance(target.key, ast.String):
        operands = [expression(target.key), expression(statement.values[0])]
        names.program.lua_sets.add("*")
        return _act(statement, "ngx.var[*] =", operands)
    name = target.key.value.decode("utf-8", "surrogateescape")
    names.program.lua_sets.add(name.lower())
    value = expression(statement.values[0])
    lower, shown = name.lower(), f"ngx.var.{name} ="
    if lower in names.program.variables:
        return _act(statement, "ngx.var.$ =", [_text(lower, target.key.span), value], shown)
    if f"ngx.var.{lower}" in assignments:
        return _act(statement, f"ngx.var.{lower} =", [value], shown)
    fixed = f"ngx.var.{lower}" in catalogue.load().entries or lower in _INDEXED_HEADERS
    if fixed or lower in names.program.computed:
        names.program.error(_not_changeable(lower, target.span))
        return _act(statement, "ngx.var.! =", [_text(lower, target.key.span), value], shown)
    names.program.error(_undeclared(lower, target.span))
    return Evaluate(
        statement.span, Action(statement.span, assignments["ngx.var[*]"], shown, None, [value, value])
    )


def _act(statement: ast.Assign, entry: str, operands: list[Expr], shown: str = "") -> Stmt:
    found = catalogue.load().assignments[entry.removesuffix(" =")]
    return Evaluate(statement.span, Action(statement.span, found, shown or entry, None, operands))


def _not_changeable(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "S2W415",
        f"nginx's variable ${name} can't be changed",
        span,
        reason=f"nginx raises the error 'variable \"{name}\" not changeable' here, and so does the plugin",
        help="use ngx.req.set_uri, ngx.req.set_header and the like to change the request",
        severity=Severity.WARNING,
    )


def _undeclared(name: str, span: Span) -> Diagnostic:
    refused = catalogue.load().unsupported.get(f"ngx.var.{name}")
    if refused:
        return Diagnostic("S2W226", f"${name} can't be set", span, reason=refused[0], help=refused[1])
    return Diagnostic(
        "S2W226",
        f"nothing declares the variable ${name}",
        span,
        reason="nginx raises an error where no `set` directive of its configuration does",
        help=f"give the directive, `set ${name} '';`, or say in a bindings file (--bindings FILE)",
        paste=f'variables:\n  {name}: {{set: ""}}   # what it holds before Lua changes it',
    )


def declare_sets(program: Program, directives: Iterable[SetDirective]) -> None:
    """Takes in the variables that directives declare, before any code is lowered that may name them."""
    program.variables.update(each.name for each in directives if each.name != "args")


def lower_sets(
    program: Program,
    directives: list[SetDirective],
    whole: Span,
    lower: Callable[[SetDirective], Function],
) -> Function | None:
    """The function that gives the declared variables their first values; None if there are none.

    Args:
        program: knows the variables.
        directives: in their order.
        whole: the span of the function.
        lower: makes a function of the code of a set_by_lua directive.
    """
    statements: list[Stmt] = []
    for each in directives:
        if each.lua is not None and each.runs:
            statements += _by_lua(program, each, lower(each))
            continue
        if isinstance(each.value, str):
            program.note_secrets(each.span, [*in_named(each.name, each.value)])
        value = _value(program, each) if each.runs else Constant(each.span, b"")
        if value is not None:
            entry = catalogue.load().assignments["ngx.var.$set"]
            operands = [_text(each.name, each.span), value]
            if each.name == "args":
                entry, operands = catalogue.load().assignments["ngx.var.args"], [value]
            statements.append(
                Evaluate(each.span, Action(each.span, entry, f"set ${each.name}", None, operands))
            )
    if not statements:
        return None
    return Function("set", whole, "set", [], Block(statements), vararg=True)


def _by_lua(program: Program, directive: SetDirective, function: Function) -> list[Stmt]:
    """`set_by_lua`: its arguments, if it has any, and the call."""
    span, assignments = directive.span, catalogue.load().assignments
    found: list[Stmt] = []
    if directive.args:
        given = [expand(program, text, span) for text in directive.args]
        entry = assignments["ngx.var.$args"]
        found.append(Evaluate(span, Action(span, entry, f"set_by_lua ${directive.name}", None, given)))
    result = Apply(span, function, [])
    result.adjusted = True
    operands = [_text(directive.name, span), result]
    action = Action(span, assignments["ngx.var.$lua"], f"set_by_lua ${directive.name}", None, operands)
    return [*found, Evaluate(span, action)]


def _value(program: Program, directive: SetDirective) -> Expr | None:
    """The first value of a variable; None for nil."""
    if isinstance(directive.value, str):
        return expand(program, directive.value, directive.span)
    binding = directive.value
    if binding.form == "nil":
        return None
    if binding.form == "set":
        return expand(program, binding.value, directive.span)
    field = program.configure(binding.value, f"${directive.name}", binding.span, binding.secret, _STRING)
    return ConfigValue(directive.span, field)


_STRING = types.STRING
_PART = re.compile(r"\$(?:\{(\w*)\}|([1-9]|\w*))", re.ASCII)


def expand(program: Program, text: str, span: Span) -> Expr:
    """An nginx text with variables; one that is nil counts as empty."""
    found = _evaluated_before(program, text, span)
    for piece in _pieces(program, text, span):
        found = piece if found is None else Binary(span, "..", found, piece)
    return _text("", span) if found is None else found


def _pieces(program: Program, text: str, span: Span) -> Iterator[Expr]:
    """The parts of a text with variables."""
    at = 0
    for part in [*_PART.finditer(text), None]:
        plain = text[at : part.start() if part else len(text)]
        if plain:
            yield from _plain_pieces(program, plain, span)
        if part is not None:
            yield _part(program, part[1] or part[2] or "", span, part[1] is not None)
            at = part.end()


def _plain_pieces(program: Program, text: str, span: Span) -> Iterator[Expr]:
    """The parts of a text without variables: secrets are configuration."""
    secrets = sorted(program.secrets.get(span, ()), key=len, reverse=True)
    for piece in re.split(f"({'|'.join(map(re.escape, secrets))})", text) if secrets else [text]:
        if piece in secrets:
            yield ConfigValue(span, program.secret_text(span, piece))
        elif piece:
            yield _text(piece, span)


def plain(program: Program, text: str, span: Span) -> Expr:
    """The value of a text without variables, whose `$` is one."""
    found: Expr | None = None
    for piece in _plain_pieces(program, text, span):
        found = piece if found is None else Binary(span, "..", found, piece)
    return _text("", span) if found is None else found


def _evaluated_before(program: Program, text: str, span: Span) -> Expr | None:
    """What is computed before a text is put together, whose own value is empty; None for nothing.

    nginx evaluates all variables of a text to learn how long it is, and then again. So what a map's regular
    expressions capture shows in all of the text.
    """
    names = [(part[1] or part[2] or "").lower() for part in _PART.finditer(text)]
    matching = [name for name in names if name in program.computed and program.computed[name].captures]
    if not matching or not any(name.isdigit() or name in program.groups for name in names):
        return None
    entry = catalogue.load().acts["nginx.evaluated"]
    found = Action(span, entry, "nginx.evaluated", None, [_part(program, name, span) for name in matching])
    found.adjusted = True
    return found


_KEPT = ("http_", "cookie_", "sent_http_")
"""Families of variables that directives read once for a request."""

_INDEXED = _INDEXED_HEADERS | {"host", "remote_user", "content_type", "content_length"}
"""Other variables of the request's headers: Lua sees the first value, too, where directives read them."""


def _kept(program: Program, name: str, variable: Action, in_lua: bool = False) -> Action:
    """A variable of which directives see the first value that one of them has read."""
    if name in program.variables or not (name in _INDEXED or name.startswith(_KEPT)):
        return variable
    entry = catalogue.load().acts["nginx.first" if "nil" in variable.entry.results[0] else "nginx.first_text"]
    found = Action(variable.span, entry, variable.name, None, [_text(name, variable.span), variable])
    found.adjusted = not in_lua
    program.kept.setdefault(name, []).append(found)
    program.kept_in_directives |= set() if in_lua else {name}
    return found


def settle_kept(program: Program) -> None:
    """Leaves out what keeps first values, where nothing reads another one."""
    for name, reads in program.kept.items():
        changes = name.startswith("sent_http_") or program.changes_request
        if changes and len(reads) > 1 and name in program.kept_in_directives:
            continue
        for each in reads:
            variable = each.args[1]
            assert isinstance(variable, Action)
            each.entry, each.args = variable.entry, variable.args


def _part(program: Program, name: str, span: Span, braced: bool = False) -> Expr:
    if name.isdigit() and name != "0" and not braced:  # `${1}` is the variable of that name
        group = Constant(span, float(name))
        return Action(span, catalogue.load().acts["nginx.capture"], f"${name}", None, [group])
    if not name:
        program.error(Diagnostic("S2W218", "there is no name behind this $", span))
        return _text("", span)
    variable = read(program, name, span, in_directive=True)
    if isinstance(variable, Action):
        variable.adjusted = True
        if variable.entry.name in ("ngx.var.$", "ngx.var.$unset"):
            variable.entry = catalogue.load().acts["nginx.variable"]
        if "nil" not in variable.entry.results[0]:
            return _kept(program, name.lower(), variable)
        return Logical(span, "or", _kept(program, name.lower(), variable), _text("", span))
    computed = program.computed.get(name.lower())
    if computed is not None and computed.absent:
        return Logical(span, "or", variable, _text("", span))
    return variable


def _text(text: str, span: Span) -> Expr:
    return Constant(span, text.encode("utf-8", "surrogateescape"))
