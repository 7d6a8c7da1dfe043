"""Variables that a test has shown to hold a table, and whose fields are read again and again behind it.

`orderTable := lua.AsTable(order)` stands in front of the first statement that surely takes the variable for a
table; from there on its fields are `orderTable.Get("id")`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from snippet2wasm.analysis.representation import Repr, representation
from snippet2wasm.ir.nodes import (
    Block,
    Expr,
    Function,
    GenericFor,
    If,
    Index,
    Label,
    Local,
    Logical,
    Repeat,
    Stmt,
    Store,
    Variable,
    children,
    statement_expressions,
    walk_expression,
    walk_expressions,
    walk_statements,
)

FEWEST = 2
"""So many uses are worth a variable."""


def candidates(function: Function) -> set[Variable]:
    """The variables of a function that some uses take for a table; none where `goto` might skip a new one."""
    if any(isinstance(each, Label) for each in walk_statements(function.body)):
        return set()
    found = Counter(_uses(function.body))
    return {variable for variable, uses in found.items() if uses >= FEWEST}


def starts(block: Block, wanted: set[Variable]) -> dict[int, list[Variable]]:
    """The variables of which a statement of a block, by its place, and those behind it use fields."""
    found: dict[int, list[Variable]] = {}
    if not wanted:
        return found
    uses = [Counter(_uses(Block([statement]))) for statement in block.statements]
    for variable in sorted(
        {each for counter in uses for each in counter} & wanted, key=lambda v: v.span.start
    ):
        for index, statement in enumerate(block.statements):
            if variable in uses[index] and variable in _surely(statement):
                if sum(counter[variable] for counter in uses[index:]) >= FEWEST:
                    found.setdefault(index, []).append(variable)
                break
    return found


def _uses(block: Block) -> Iterator[Variable]:
    """The variables that are taken for a table, once for each time."""
    for expr in walk_expressions(block):
        if isinstance(expr, Index):
            yield from _table(expr.object)
    for statement in walk_statements(block):
        yield from _of_statement(statement)


def _of_statement(statement: Stmt) -> Iterator[Variable]:
    match statement:
        case Store(object=object_):
            yield from _table(object_)
        case GenericFor(over="pairs" | "ipairs", values=[table]):
            yield from _table(table)
        case _:
            pass


def _surely(statement: Stmt) -> set[Variable]:
    """The variables that a statement takes for a table in any case, and has no need to test."""
    match statement:
        case If(arms=[(condition, _), *_]):
            exprs = [condition]
        case Repeat():
            exprs = []
        case _:
            exprs = statement_expressions(statement)
    found = {*_of_statement(statement), *(each for expr in exprs for each in _always(expr))}
    reads = (read for expr in exprs for read in walk_expression(expr) if isinstance(read, Local))
    return found - {read.variable for read in reads if not read.type.only("table")}


def _always(expr: Expr) -> Iterator[Variable]:
    """The variables that are taken for tables whenever an expression is computed."""
    if isinstance(expr, Index):
        yield from _table(expr.object)
    for child in [expr.left] if isinstance(expr, Logical) else children(expr):
        yield from _always(child)


def _table(expr: Expr) -> Iterator[Variable]:
    """The variable that an expression is, if it is known to be a table, and Go has to be told so."""
    match expr:
        case Local(variable=variable) if (
            expr.type.only("table") and expr.type.kinds and not (variable.assigned or variable.lasting)
        ):
            if representation(variable.type) is Repr.VALUE:
                yield variable
        case _:
            pass
