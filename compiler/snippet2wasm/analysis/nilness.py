"""Which variables that may be nil can be a Go pair `v, ok`, and under which name their `ok` goes.

A pair reads best, but it has no value of its own: it serves where the variable is set once, from a call that
gives a pair, and is used otherwise only where a test has shown that it is not nil (design rule: one nil test
dominates every other use).
"""

from __future__ import annotations

from collections.abc import Iterator

from snippet2wasm.analysis.representation import OPTIONAL, is_pair, needs_statements, representation
from snippet2wasm.ir.nodes import (
    Binary,
    Block,
    Call,
    Constant,
    Define,
    Expr,
    If,
    Local,
    Logical,
    Stmt,
    Unary,
    Variable,
    children,
    statement_expressions,
    walk_blocks,
    walk_statements,
)


def pairs(body: Block) -> dict[Variable, bool]:
    """The pair variables of a function; the value says whether plain `ok` can be the name of the flag.

    `ok` can serve when every test of the variable is in the statement right behind its definition: no later
    `ok` gets in between.
    """
    candidates = {
        variable: block.statements[index + 1 : index + 2]
        for block in walk_blocks(body)
        for index, statement in enumerate(block.statements)
        if (variable := _candidate(statement)) is not None
    }
    found: dict[Variable, bool] = {}
    if candidates:
        uses = _uses(body)
        for variable, following in candidates.items():
            tests, others = uses.get(variable, ([], []))
            if not tests or any("nil" in use.type for use in others):
                continue
            near = {id(use) for next_ in following for use in _tests(statement_expressions(next_)[:1])}
            found[variable] = all(id(use) in near for use in tests)
    return found


def _candidate(statement: Stmt) -> Variable | None:
    match statement:
        case Define(variables=[variable], values=[Call() as call]) if is_pair(call) and not (
            variable.assigned or variable.captured
        ):
            return variable if representation(variable.type) in OPTIONAL else None
        case _:
            return None


def _uses(body: Block) -> dict[Variable, tuple[list[Local], list[Local]]]:
    """The uses of each variable as a test of nil, and all its other uses."""
    uses: dict[Variable, tuple[list[Local], list[Local]]] = {}
    for statement in walk_statements(body):
        exprs = statement_expressions(statement)
        conditions = exprs if isinstance(statement, If) else []
        tested = {id(use) for use in _tests(conditions)}
        pending = list(exprs)
        while pending:
            expr = pending.pop()
            if not conditions:
                tested |= {id(use) for use in _tests([expr], value=True)}
            if isinstance(expr, Local):
                tests, others = uses.setdefault(expr.variable, ([], []))
                (tests if id(expr) in tested else others).append(expr)
            pending.extend(children(expr))
    return uses


def _tests(conditions: list[Expr], value: bool = False) -> Iterator[Local]:
    """The variables whose nil-ness decides these conditions; with `value`, only those under `not` and `==
    nil`.
    """
    for condition in conditions:
        match condition:
            case Local() if not value:
                yield condition
            case Unary(operator="not", operand=operand):
                yield from _tests([operand])
            case Logical(left=left, right=right) if not value:
                yield from _tests([left, right])
            case Logical(left=left, right=right) if needs_statements(condition):
                # Becomes an if statement, whose condition is the left operand; see backend/stmts.py.
                yield from _tests([left]) if isinstance(left, Local) else _tests([left], value=True)
                yield from _tests([right], value=True)
            case Binary(operator="==" | "~=", left=Local() as left, right=Constant(value=None)):
                yield left
            case Binary(operator="==" | "~=", left=Constant(value=None), right=Local() as right):
                yield right
            case _:
                pass
