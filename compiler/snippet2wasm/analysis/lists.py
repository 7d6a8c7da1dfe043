"""Tables that are lists of strings and nothing else: Go slices.

Such a table is in one local variable all its life, is appended to, gone through, joined, sorted, measured and
indexed, and nobody else gets to see it. What its elements are, the type inference finds out; a
list that turns out to hold anything but strings stays a table (`Variable.element`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from snippet2wasm.ir.nodes import (
    Action,
    Binary,
    Block,
    Constant,
    Constructor,
    Define,
    Evaluate,
    Expr,
    GenericFor,
    Index,
    Local,
    Record,
    Stmt,
    Store,
    Unary,
    Unit,
    Variable,
    is_open,
    spreads,
    varies,
    walk_blocks,
    walk_expressions,
    walk_functions,
    walk_statements,
)
from snippet2wasm.ir.types import NEVER


def mark(unit: Unit) -> None:
    """Notes the variables that may hold lists, before the types are known."""
    for function in walk_functions(unit):
        candidates = dict.fromkeys(_defined(function.body))
        if not candidates:
            continue
        uses = Counter(expr.variable for expr in walk_expressions(function.body) if isinstance(expr, Local))
        fitting = Counter(_fitting(function.body))
        for variable in candidates:
            if uses[variable] == fitting[variable]:
                variable.element = NEVER


def settle(unit: Unit) -> None:
    """Makes `table.insert(list, value)` the assignment that it is, and `pairs(list)` an `ipairs(list)`; types
    are known now.
    """
    for function in walk_functions(unit):
        for block in walk_blocks(function.body):
            block.statements = [_append_of(statement) or statement for statement in block.statements]
            for statement in block.statements:
                if isinstance(statement, GenericFor) and counts(statement):
                    statement.over = "ipairs"


def list_of(expr: Expr) -> Variable | None:
    """The variable that holds a list, if an expression is one."""
    match expr:
        case Local(variable=variable) if is_list(variable):
            return variable
        case _:
            return None


def elements(value: Expr) -> list[Expr] | None:
    """The values of a table constructor that has positional ones only."""
    match value:
        case Record(fields=fields) if not fields:
            return []
        case Constructor(fields=entries) if all(key is None for key, _ in entries):
            return [each for _, each in entries]
        case _:
            return None


def texts(value: Expr) -> list[Expr] | None:
    """The values of a table constructor that has strings only, and some."""
    found = elements(value)
    strings = all(each.type.kinds <= {"string"} for each in found or ())
    return found if found and strings and is_one(found) else None


def counts(statement: GenericFor) -> bool:
    """Whether a loop goes through items by their numbers: `ipairs`, and `pairs` of a list."""
    if statement.over != "pairs":
        return statement.over == "ipairs"
    return list_of(statement.values[0]) is not None or texts(statement.values[0]) is not None


def is_one(values: list[Expr]) -> bool:
    """Whether the last of several values is just one, and not what a call happens to give."""
    last = spreads(values)
    return last is None or (last.known and len(last.results) == 1 and not is_open(last) and not varies(last))


def is_list(variable: Variable) -> bool:
    """Whether a variable holds a list of strings; an empty one is one of anything."""
    return variable.element is not None and variable.element.kinds <= {"string"}


def _defined(block: Block) -> Iterator[Variable]:
    """The variables that begin as a table of positional values."""
    for statement in walk_statements(block):
        if isinstance(statement, Define) and len(statement.variables) >= len(statement.values):
            for variable, value in zip(statement.variables, statement.values, strict=False):
                is_free = not (variable.assigned or variable.captured or variable.lasting)
                if is_free and elements(value) is not None:
                    yield variable


def _fitting(block: Block) -> Iterator[Variable]:
    """The variables of all uses that a list can have; `#list` in `list[#list + 1]` is one of its own."""
    for statement in walk_statements(block):
        match statement:
            case Store(object=Local(variable=variable), key=key) if is_next_place(statement.object, key):
                yield variable
            case Evaluate(call=Action(args=[Local(variable=variable), _]) as call) if (
                call.entry.name == "table.insert"
            ):
                yield variable
            case GenericFor(over="pairs" | "ipairs", values=[Local(variable=variable)], body=body):
                if variable not in set(_appended(body)):
                    yield variable
            case _:
                pass
    for expr in walk_expressions(block):
        match expr:
            case (
                Index(object=Local(variable=variable)) | Unary(operator="#", operand=Local(variable=variable))
            ):
                yield variable
            case Action(args=[Local(variable=variable), *rest]) if _reads(expr, rest):
                yield variable
            case _:
                pass


def _reads(action: Action, rest: list[Expr]) -> bool:
    name = action.entry.name
    texts = all(isinstance(arg, Constant) and isinstance(arg.value, bytes) for arg in rest)
    return (name == "table.concat" and len(rest) <= 1 and texts) or (name == "table.sort" and not rest)


def _appended(block: Block) -> Iterator[Variable]:
    """The variables whose tables the statements of a block append to."""
    for statement in walk_statements(block):
        match statement:
            case Store(object=Local(variable=variable)):
                yield variable
            case Evaluate(call=Action(args=[Local(variable=variable), *_]) as call):
                if call.entry.name == "table.insert":
                    yield variable
            case _:
                pass


def is_next_place(table: Expr, key: Expr) -> bool:
    """Whether a key is `#table + 1`."""
    match key:
        case Binary(
            operator="+", left=Unary(operator="#", operand=Local() as left), right=Constant(value=1.0)
        ):
            return isinstance(table, Local) and left.variable is table.variable
        case _:
            return False


def _append_of(statement: Stmt) -> Store | None:
    match statement:
        case Evaluate(call=Action(args=[Local() as table, value]) as call) if (
            call.entry.name == "table.insert" and is_list(table.variable)
        ):
            place = Unary(call.span, "#", table)
            key = Binary(call.span, "+", place, Constant(call.span, 1.0))
            return Store(statement.span, table, key, value)
        case _:
            return None
