"""error_page, recursive_error_pages, try_files and internal: requests that nginx serves from elsewhere."""

from __future__ import annotations

import re

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Block, Expr, If, Phase, Stmt
from snippet2wasm.lower.directives import authrequest
from snippet2wasm.lower.directives.context import Lowering, Step
from snippet2wasm.lower.levels import Level, Merge, server_of

_RECURSIVE = ("recursive_error_pages",)


def is_internal(level: Level) -> bool:
    """Whether requests only get to a level from another location; a location inherits that."""
    named = [each.name for outer in level.chain() for each in outer.own]
    return level.kind == "location" and "internal" in named


def _error_pages(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    recursive = [
        each.args[0].value.lower() for each in level.effective(_RECURSIVE, Merge.VALUE) if each.args
    ] == ["on"]
    found: list[Stmt] = []
    for directive in directives:
        codes, status, target = _parts(directive)
        span = directive.span
        numbers: list[Expr] = [x.constant(int(each.value), each.span) for each in codes]
        condition = x.call("nginx.failed", span, numbers)
        page = _page(x, level, directive, target, status)
        if page is not None:
            found.append(If(span, [(condition, Block([page, x.leave(span)]))], None))
    if found and recursive:
        found.insert(0, x.act("nginx.recursive_error_pages", directives[0].span))
    return found


def _parts(directive: Directive) -> tuple[list[Argument], int, Argument]:
    """The codes, the status of the answer (-1: the code, 0: the page's own) and the target."""
    *codes, target = directive.args
    status = -1
    if codes and codes[-1].value.startswith("="):
        given = codes.pop().value[1:]
        status = int(given) if given else 0
    return codes, status, target


def _page(x: Lowering, at: Level, directive: Directive, target: Argument, status: int) -> Stmt | None:
    number = x.constant(status, directive.span)
    if not target.value.startswith("@"):
        return x.act("nginx.error_page", directive.span, [number, x.text(target)])
    level = _named(x, at, target)
    if level is None:
        return None
    return x.act("nginx.error_location", directive.span, [number, x.constant(level.number, target.span)])


def _named(x: Lowering, at: Level, target: Argument) -> Level | None:
    """The level that a named location is; None (and an error noted) if there is none."""
    for level in x.levels:
        if server_of(level) is not server_of(at):
            continue
        args = level.directive.args if level.kind == "location" and level.directive is not None else []
        if args and args[-1].value == target.value:
            return level
    x.refuse(
        "S2W252",
        f"there is no location {target.value!r}",
        target.span,
        reason="nginx answers 500 and logs that it could not find the named location",
        help="give the location in the same input, at the level of the server (a server-snippet)",
    )
    return None


def for_the_service(level: Level, directive: Directive) -> bool:
    """Whether the `try_files` of a whole configuration is about nothing but files: those of a `root`, and
    what it ends with is a status, or another file.
    """
    if not level.effective(("root", "alias"), Merge.VALUE):
        return False
    last = directive.args[-1].value
    if last.startswith("@"):
        return False
    if last.startswith("=") or "$" in last:
        return last.startswith("=")
    target = authrequest.target_of(server_of(level), last.partition("?")[0])
    return target is None or target is level or not any(_ANSWERS.match(each.name) for each in target.own)


_ANSWERS = re.compile(r"return|content_by_lua|\w+_pass$|access_by_lua|rewrite")


def _try_files(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """No file is there, so the last argument counts."""
    directive = directives[-1]
    target = directive.args[-1]
    if x.whole and for_the_service(level, directive):
        x.warn(
            "S2W431",
            "try_files is left to the service that has the files",
            directive.span,
            reason="a plugin sees no files, and nothing of this text answers where there is none",
            help="let the service answer for files that are not there",
        )
        return []
    if directive.span.start == directive.span.end:  # it stands for a location without any answer
        message, reason = "what nothing else in this location answers gets 404", "nginx serves a file then"
    else:
        message = f"try_files always goes to its last argument, {target.value!r}"
        reason = "a plugin sees no files, so none of the others is there"
    x.warn("S2W431", message, directive.span, reason=reason, help="serve files from a service of their own")
    if target.value.startswith("="):
        return [x.act("nginx.exit", directive.span, [x.constant(int(target.value[1:]), target.span)])]
    if target.value.startswith("@"):
        named = _named(x, level, target)
        if named is None:
            return []
        return [x.act("nginx.go_to", directive.span, [x.constant(named.number, target.span)])]
    return [x.act("nginx.redirect_inside", directive.span, [x.text(target)])]


def _intercept(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """`proxy_intercept_errors on`, before the request goes to the upstream."""
    values = [argument.value.lower() for argument in directives[-1].args]
    return [x.act("nginx.intercept_errors", directives[-1].span)] if values == ["on"] else []


def _flag(x: Lowering, level: Level, directives: list[Directive]) -> list[Stmt]:
    """What others ask for."""
    return []


STEPS = (
    Step(Phase.PRECONTENT, ("try_files",), Merge.OWN, _try_files),
    Step(Phase.PROXY, ("proxy_intercept_errors",), Merge.VALUE, _intercept),
    Step(Phase.ERROR, _RECURSIVE, Merge.VALUE, _flag),
    Step(Phase.ERROR, ("error_page",), Merge.ARRAY, _error_pages),
)
