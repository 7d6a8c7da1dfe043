"""Assignments to what belongs to nginx: `ngx.status = 401`, `ngx.header["X-A"] = …`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.ir.nodes import Action, Call, Constant, Evaluate, Expr, Stmt
from snippet2wasm.lower.scope import Builtin

if TYPE_CHECKING:
    from snippet2wasm.catalogue import Catalogue, Entry
    from snippet2wasm.lower.scope import Meaning
    from snippet2wasm.source import Span


def assignment_to_nginx(
    statement: ast.Assign,
    catalogue: Catalogue,
    meaning: Callable[[ast.Expression], Meaning | None],
    expression: Callable[[ast.Expression], Expr],
    refuse: Callable[[str, str, Span, str, str], None],
    warn: Callable[[str, str, Span, str, str], None],
) -> Stmt | None:
    """The action that an assignment with one target is, None if its target is nothing of nginx's.

    Args:
        statement: the assignment.
        catalogue: knows what can be assigned to.
        meaning: what a name or path means, without complaint.
        expression: lowers an expression.
        refuse: notes an error: code, message, place, reason, way out.
        warn: notes a warning, in the same way.
    """
    if len(statement.targets) != 1 or len(statement.values) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Index):
        return None
    found = _target(target, catalogue, meaning, expression)
    if found is None:
        return None
    entry, name, operands = found
    check_name(entry, operands, catalogue, refuse, warn)
    value = expression(statement.values[0])
    for operand in (*operands, value):
        if isinstance(operand, Call):
            operand.adjusted = True  # of several results, the first one
    return Evaluate(statement.span, Action(statement.span, entry, f"{name} =", None, [*operands, value]))


def is_of_nginx(
    target: ast.Index, catalogue: Catalogue, meaning: Callable[[ast.Expression], Meaning | None]
) -> bool:
    """Whether a target is something of nginx's that can be assigned to."""
    if meaning(target.object) == Builtin("ngx.var"):
        return True
    return _target(target, catalogue, meaning, lambda key: Constant(key.span, None)) is not None


def check_name(
    entry: Entry,
    operands: list[Expr],
    catalogue: Catalogue,
    refuse: Callable[[str, str, Span, str, str], None],
    warn: Callable[[str, str, Span, str, str], None],
) -> None:
    """Refuses an action whose first operand is a header that can't be set, or says that it does nothing."""
    match operands:
        case [Constant(value=bytes() as value) as operand, *_]:
            header = value.decode("latin-1").lower().replace("_", "-")
            known = catalogue.refused_names.get((entry.name, header))
            if known is not None:
                refuse("S2W225", f"the header {header!r} can't be set", operand.span, *known)
            ignored = catalogue.ignored_names.get((entry.name, header))
            if ignored is not None:
                warn("S2W420", f"this does not change the header {header!r}", operand.span, *ignored)
        case _:
            pass


def _target(
    target: ast.Index,
    catalogue: Catalogue,
    meaning: Callable[[ast.Expression], Meaning | None],
    expression: Callable[[ast.Expression], Expr],
) -> tuple[Entry, str, list[Expr]] | None:
    """The entry for a target, its name, and the operands that name the part of it."""
    base = meaning(target.object)
    if not isinstance(base, Builtin):
        return None
    family = catalogue.assignments.get(f"{base.path}.*")
    key = target.key
    if isinstance(key, ast.Number):
        numbered = catalogue.assignments.get(f"{base.path}.{key.value:g}")
        if numbered is not None:
            return numbered, numbered.name.removesuffix(" ="), []
    if isinstance(key, ast.String):
        text = key.value.decode("utf-8", "surrogateescape")
        exact = catalogue.assignments.get(f"{base.path}.{text}")
        if exact is not None:
            return exact, exact.name.removesuffix(" ="), []
        return None if family is None else (family, f"{base.path}.{text}", [Constant(key.span, key.value)])
    return None if family is None else (family, f"{base.path}[…]", [expression(key)])
