"""What was inferred, for people: `compile --emit types`.

A line for each parameter, variable and result: its Lua type, its Go type, where it is declared; below those
that nothing narrower than `lua.Value` holds, why.
"""

from __future__ import annotations

from snippet2wasm.analysis.lists import is_list
from snippet2wasm.analysis.nilness import pairs
from snippet2wasm.analysis.provenance import Reason, locals_of, reasons
from snippet2wasm.analysis.representation import go_type
from snippet2wasm.ir.nodes import Function, Unit, Variable, walk_functions
from snippet2wasm.ir.types import ANY, Type

_FEW = 2  # kinds that a type excludes
_ROW = tuple[str, str, str, list[Reason]]


def print_types(unit: Unit) -> str:
    """The types of a whole unit, and at the end how many variables have a Go type of their own."""
    functions = walk_functions(unit)
    handlers = {handler.body: handler.phase.value for handler in unit.handlers}
    lines: list[str] = []
    known = total = 0
    for function in functions:
        rows = _rows(function, functions)
        total += len(rows)
        known += sum(not why for *_, why in rows)
        lines += [_head(function, handlers.get(function)), *_table(rows), ""]

    lines.append(f"Go types: {known} of {total} variables; lua.Value: {total - known}")
    return "\n".join(lines) + "\n"


def _head(function: Function, phase: str | None) -> str:
    line = function.span.outermost().line
    if phase is not None:
        return f"handler {phase}, {function.chunk}"
    names = [parameter.name for parameter in function.parameters] + (["..."] if function.vararg else [])
    given = (
        "any number of values" if function.open or function.value else ", ".join(map(str, function.results))
    )
    return f"function {function.name or '(no name)'}({', '.join(names)}) -> {given or 'nothing'}  :{line}"


def _rows(function: Function, functions: list[Function]) -> list[_ROW]:
    """A row for each variable: its name, Lua type, Go type, and why it has no narrower one."""
    as_pairs = pairs(function.body)
    variables = list(dict.fromkeys([*function.parameters, *locals_of(function.body)]))
    rows = []
    for variable in variables:
        go = "string, bool" if variable in as_pairs else _go_type(variable)
        name = f"{variable.name}:{variable.span.outermost().line}"
        rows.append((name, _shown(variable.type), go, reasons(variable, function, functions)))
    return rows


def _shown(type_: Type) -> str:
    """A type, by what it excludes where that is shorter."""
    missing = ANY.kinds - type_.kinds
    if len(missing) > _FEW or not missing or not type_.kinds <= ANY.kinds:
        return str(type_)
    return f"any but {' and '.join(sorted(missing))}"


def _go_type(variable: Variable) -> str:
    if is_list(variable):
        return "[]string"
    try:
        return go_type(variable.type)
    except ValueError:
        return "lua.Value"


def _table(rows: list[_ROW]) -> list[str]:
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines = []
    for name, type_, go, why in rows:
        lines.append(f"  {name:<{widths[0]}}  {type_:<{widths[1]}}  {go}")
        lines += [f"      :{reason.span.outermost().line} {reason.text}" for reason in why]
    return lines
