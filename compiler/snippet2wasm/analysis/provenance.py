"""Why a variable has no narrower type: the values that it gets, each with the reason why it is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from snippet2wasm.analysis.representation import Repr, representation
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Assign,
    Block,
    Call,
    Define,
    Expr,
    Function,
    GenericFor,
    HookCall,
    Index,
    Invoke,
    Local,
    Logical,
    Stmt,
    Vararg,
    Variable,
    declared,
    spreads,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.ir.types import Type
from snippet2wasm.source import Span


@dataclass(frozen=True)
class Reason:
    """One thing that a variable holds, in words, and where it gets it."""

    text: str
    span: Span


def reasons(variable: Variable, function: Function, functions: list[Function]) -> list[Reason]:
    """Why a variable of a function is carried as `lua.Value`; nothing if it is not.

    Args:
        variable: the variable.
        function: whose variable it is.
        functions: all functions of the unit, in which the callers are looked for.
    """
    if representation(variable.type) is not Repr.VALUE:
        return []
    if variable in function.parameters:
        return _of_parameter(variable, function, functions)
    found = [
        reason
        for statement in walk_statements(function.body)
        for reason in _of_statement(variable, statement)
    ]
    return _told_once(found, variable)


def _told_once(found: list[Reason], variable: Variable) -> list[Reason]:
    """Each reason once; of values whose types are known, all, since they are many."""
    vague = [reason for reason in found if not reason.text.startswith("a value of type ")]
    distinct = list(dict.fromkeys(vague or found))
    return distinct or [Reason("it is nil until it is assigned", variable.span)]


def _of_parameter(variable: Variable, function: Function, functions: list[Function]) -> list[Reason]:
    if function.value:
        return [Reason("the function is used as a value, so its callers are not known", function.span)]
    index = function.parameters.index(variable)
    found = [
        _given(call.args, index, call.span)
        for caller in functions
        for call in walk_expressions(caller.body)
        if isinstance(call, Apply) and call.function is function
    ]
    return _told_once(found, variable)


def _of_statement(variable: Variable, statement: Stmt) -> Iterator[Reason]:
    match statement:
        case Define(variables=variables, values=values) | Assign(variables=variables, values=values):
            for index, each in enumerate(variables):
                if each is variable and (values or isinstance(statement, Assign)):
                    yield _given(values, index, statement.span)
        case GenericFor(variables=variables, over=over) if variable in variables:
            what = f"what {over} goes through" if over else "what an iterator gives"
            yield Reason(what, statement.span)
        case _:
            pass


def _given(values: list[Expr], index: int, span: Span) -> Reason:
    """The value with this index in a list of values."""
    last = spreads(values)
    if last is not None and index >= len(values) - 1:
        return _result(last, index - len(values) + 1)
    if index < len(values):
        return _value(values[index])
    return Reason("a value of type nil", span)


def _result(call: Call, index: int) -> Reason:
    if index == 0 or not call.known:
        return _value(call)
    type_ = call.results[index] if index < len(call.results) else Type(frozenset(("nil",)))
    return Reason(f"a value of type {type_}", call.span)


def _value(expr: Expr) -> Reason:
    """What an expression gives, as far as it is known."""
    if representation(expr.type) is not Repr.VALUE or expr.type.only("nil", "number"):
        return Reason(f"a value of type {expr.type}", expr.span)
    match expr:
        case Index():
            text = "a field of a table"
        case Vararg():
            text = "one of the arguments `...`"
        case ApplyValue():
            text = "a result of a function that is a value"
        case Invoke(method=method):
            text = f"a result of the method {method!r} of a value"
        case Action(name=name):
            text = f"a result of {name}: {expr.type}"
        case Apply(function=function):
            text = f"a result of {function.name}: {expr.type}"
        case HookCall(hook=hook):
            text = f"a result of the hook {hook.lua_name}"
        case Local(variable=variable):
            text = f"the variable {variable.name!r}: {expr.type}"
        case Logical():
            text = f"one of several values: {expr.type}"
        case _:
            text = f"a value of type {expr.type}"
    return Reason(text, expr.span)


def locals_of(block: Block) -> list[Variable]:
    """The variables that the statements of a block declare, in source order; those of functions in it not."""
    return [variable for statement in walk_statements(block) for variable in declared(statement)]
