"""How nginx makes its own answers: `default_type` and `types`, `absolute_redirect` and its kind. What they
say counts from the beginning of a level on.
"""

from __future__ import annotations

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Expr, Phase, Stmt
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge


def _default_type(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`default_type type;`: no variables."""
    found = []
    for each in directives:
        act = "nginx.default_type" if each.args[0].value else "nginx.no_default_type"
        found.append(x.act(act, each.span, [x.constant(each.args[0].value, each.args[0].span)]))
    return found


def _types(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`types { type extension…; }`: all blocks of a level are one."""
    lines: list[Expr] = []
    for each in (inner for directive in directives for inner in directive.block or []):
        if each.name == "include":
            x.refuse(
                "S2W230",
                "'include' can't be compiled",
                each.span,
                reason="the files of nginx's container are not there",
                help="put the text of the file in its place",
            )
        elif each.args:
            extensions = " ".join(argument.value for argument in each.args)
            lines.append(x.constant(f"{each.name}: {extensions}", each.span))
    return [x.act("nginx.types" if lines else "nginx.no_types", directives[0].span, lines)]


def _redirects(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`absolute_redirect` and `port_in_redirect`, which is off in the locations of Ingresses."""
    found = []
    for each in directives:
        lost = each.name == "port_in_redirect" and level.of_ingress and each not in level.own
        on = each.args[0].value.lower() == "on" and not lost
        found.append(x.act(f"nginx.{each.name}", each.span, [x.constant(on, each.args[0].span)]))
    return found


def _server_name(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`server_name_in_redirect on;`, where the text says the name of the server."""
    names = level.effective(("server_name",), Merge.VALUE)
    found = []
    for each in directives:
        first = names[0].args[0] if names and names[0].args else None
        name = first.value if first and each.args[0].value.lower() == "on" else ""
        if not name.startswith(("~", "*", ".")):
            found.append(
                x.act("nginx.server_name_in_redirect", each.span, [x.constant(name, each.args[0].span)])
            )
    return found


STEPS = tuple(
    Step(phase, names, merge, lower)
    for phase in (Phase.SERVER_REWRITE, Phase.SET)
    for names, merge, lower in (
        (("types",), Merge.ARRAY, _types),
        (("default_type",), Merge.VALUE, _default_type),
        (("absolute_redirect", "port_in_redirect"), Merge.VALUE, _redirects),
        (("server_name_in_redirect",), Merge.VALUE, _server_name),
    )
)
