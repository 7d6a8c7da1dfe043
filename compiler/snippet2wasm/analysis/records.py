"""Tables that are records and nothing else: variables, one for each field.

    local limit = { rate = 100, window = 60 }
    ngx.header["X-Limit"] = limit.rate .. ";w=" .. limit.window

Such a table is in one local variable all its life, its fields have constant names, and nobody else sees it.
So each field can be a variable of its own, which has a type of its own and is narrowed by tests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from snippet2wasm.ir.nodes import (
    Assign,
    Block,
    Call,
    Constant,
    Constructor,
    Define,
    Expr,
    Function,
    Index,
    Local,
    Record,
    Stmt,
    Store,
    Unit,
    Variable,
    rewrite,
    walk_blocks,
    walk_expressions,
    walk_functions,
    walk_statements,
)

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_MOST = 24  # fields of a record; more are a table that is looked things up in


def split(unit: Unit) -> None:
    """Splits the records of all functions of a unit into variables."""
    for function in walk_functions(unit):
        _split(function)


def _split(function: Function) -> None:
    body = function.body
    tables = {
        variable: fields
        for statement in walk_statements(body)
        if isinstance(statement, Define) and (defined := _defined(statement)) is not None
        for variable, fields in [defined]
    }
    if not tables:
        return
    uses = Counter(expr.variable for expr in walk_expressions(body) if isinstance(expr, Local))
    fitting = Counter(variable for variable, _ in _fields_used(body))
    names: dict[Variable, dict[str, None]] = {}
    for variable, fields in tables.items():
        if uses[variable] == fitting[variable]:
            names[variable] = dict.fromkeys(fields)
    for variable, name in _fields_used(body):
        if variable in names:
            names[variable][name] = None
    found = {
        (variable, name): _field(variable, name)
        for variable, fields in names.items()
        if 0 < len(fields) <= _MOST
        for name in fields
    }
    if found:
        _replace(body, found)


def _field(record: Variable, name: str) -> Variable:
    return Variable(f"{record.name}_{name}", record.span, owner=record.owner, field=name)


def _defined(statement: Define) -> tuple[Variable, dict[str, Expr]] | None:
    """The variable that a statement makes a record, and the fields that it begins with."""
    match statement:
        case Define(variables=[variable], values=[value]) if not (
            variable.assigned or variable.captured or variable.lasting
        ):
            fields = _fields(value)
            return None if fields is None else (variable, fields)
        case _:
            return None


def _fields(value: Expr) -> dict[str, Expr] | None:
    """The fields of a table constructor whose keys are all names, each once."""
    match value:
        case Record(fields=fields):
            return dict(fields) if all(map(_NAME.fullmatch, fields)) else None
        case Constructor(fields=entries):
            found: dict[str, Expr] = {}
            for key, item in entries:
                name = _name(key)
                if name is None or name in found:
                    return None
                found[name] = item
            return found
        case _:
            return None


def _name(key: Expr | None) -> str | None:
    """The constant name that a key is."""
    if isinstance(key, Constant) and isinstance(key.value, bytes):
        name = key.value.decode("latin-1")
        return name if _NAME.fullmatch(name) else None
    return None


def _fields_used(body: Block) -> Iterator[tuple[Variable, str]]:
    """Every read and every assignment of a field with a constant name."""
    for expr in walk_expressions(body):
        match expr:
            case Index(object=Local(variable=variable), key=key) if (name := _name(key)) is not None:
                yield variable, name
            case _:
                pass
    for statement in walk_statements(body):
        match statement:
            case Store(object=Local(variable=variable), key=key) if (name := _name(key)) is not None:
                yield variable, name
            case _:
                pass


def _replace(body: Block, found: dict[tuple[Variable, str], Variable]) -> None:
    """Puts the variables in the place of the fields."""
    assigned: set[Variable] = set()

    def read(expr: Expr) -> Expr:
        match expr:
            case Index(object=Local(variable=variable), key=key) if (variable, _name(key)) in found:
                return Local(expr.span, found[variable, str(_name(key))])
            case _:
                return expr

    rewrite(body, read)
    for block in walk_blocks(body):
        block.statements = [_statement(each, found, assigned) for each in block.statements]
    for variable in assigned:
        variable.assigned = True


def _statement(statement: Stmt, found: dict[tuple[Variable, str], Variable], assigned: set[Variable]) -> Stmt:
    match statement:
        case Store(object=Local(variable=variable), key=key) if (variable, _name(key)) in found:
            target = found[variable, str(_name(key))]
            assigned.add(target)
            return Assign(statement.span, [target], [_one(statement.value)])
        case Define(variables=[variable], values=[value]) if any(each is variable for each, _ in found):
            fields = _fields(value) or {}
            begun = [(found[variable, name], _one(item)) for name, item in fields.items()]
            begun_variables = [each for each, _ in begun]
            rest = [each for (record, _), each in found.items() if record is variable]
            rest = [each for each in rest if each not in begun_variables]
            values = [item for _, item in begun]
            if values:
                values += [Constant(statement.span, None) for _ in rest]
            return Define(statement.span, begun_variables + rest, values)
        case _:
            return statement


def _one(value: Expr) -> Expr:
    """A value of which there is just one."""
    if isinstance(value, Call):
        value.adjusted = True
    return value
