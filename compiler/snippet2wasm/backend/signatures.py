"""The Go signatures of functions."""

from __future__ import annotations

from snippet2wasm.analysis.representation import OPTIONAL, go_type, representation
from snippet2wasm.backend.context import FileContext
from snippet2wasm.ir.nodes import Function


def signature(file: FileContext, function: Function, names: list[str]) -> str:
    """The Go signature of a function of the program, without `func`."""
    return file.functions[function] + parameters_and_results(function, names)


def parameters_and_results(function: Function, names: list[str]) -> str:
    """`(r *ngx.Request, a, b string) (string, bool)`: what follows the name of a function."""
    if function.value:
        return "(args lua.Values) lua.Values"
    parts: list[tuple[str, str]] = []
    if function.needs_request and not function.nested:
        parts.append(("r", "*ngx.Request"))
    if function.needs_config and not function.nested:
        parts.append(("cfg", "*Config"))
    if function.needs_state and not function.nested:
        parts.append(("st", "*State"))
    if function.located:
        parts.append(("at", "lua.Operand"))
    types = [go_type(parameter.type) for parameter in function.parameters]
    parts += zip(names, types, strict=True)
    shown = []
    for index, (name, type_) in enumerate(parts):
        same = index + 1 < len(parts) and parts[index + 1][1] == type_
        shown.append(name if same else f"{name} {type_}")
    return f"({', '.join(shown)}){_results(function)}"


def function_type(function: Function) -> str:
    """The Go type of a function inside of another."""
    types = ["lua.Operand"] if function.located else []
    types += [go_type(parameter.type) for parameter in function.parameters]
    return f"func({', '.join(types)}){_results(function)}"


def _results(function: Function) -> str:
    results = _result_types(function)
    return "" if not results else f" {results[0]}" if len(results) == 1 else f" ({', '.join(results)})"


def _result_types(function: Function) -> list[str]:
    if function.open:
        return ["lua.Values"]
    if len(function.results) == 1 and representation(function.results[0]) in OPTIONAL:
        return [go_type(function.results[0].drop("nil")), "bool"]
    return [go_type(result) for result in function.results]
