"""Where functions stand in Go: on their own, or inside of the function whose variables they use."""

from __future__ import annotations

from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Block,
    Closure,
    DefineFunction,
    Evaluate,
    Function,
    Goto,
    Load,
    Return,
    Stmt,
    Unit,
    inner_blocks,
    is_loop,
    is_self_call,
    walk_expressions,
    walk_statements,
)


def settle(unit: Unit) -> None:
    """Finds the functions that have to stay inside of others, and takes the others' places out of the IR."""
    functions = unit.bodies
    parents = {inner: function for function in functions for inner in _directly_inside(function.body)}
    changed = True
    while changed:
        changed = False
        for function in functions:
            for expr in walk_expressions(function.body):
                callee = expr.later if isinstance(expr, Action) else None
                callee = expr.function if isinstance(expr, Apply) else callee
                if callee is not None and callee.nested:
                    changed |= _reaches(function, callee, parents)
    while any(_drop(function.body) for function in functions):
        pass  # a main chunk that only loads others may be empty now


def find_recursion(unit: Unit) -> None:
    """Marks the functions that may call themselves by name. (Calls of values are counted by the runtime.)"""
    functions = unit.bodies
    callees = {function: _callees(function) for function in functions}
    for function in functions:
        reached: set[Function] = set()
        pending = list(callees[function])
        while pending and function not in reached:
            callee = pending.pop()
            if callee not in reached:
                reached.add(callee)
                pending += callees.get(callee, [])
        function.recursive = function in reached


def _callees(function: Function) -> list[Function]:
    """The functions that a function calls by name, but for itself where that is a loop."""
    found = [expr.function for expr in walk_expressions(function.body) if isinstance(expr, Apply)]
    repeats = [
        item
        for item in walk_statements(function.body)
        if isinstance(item, Return) and is_self_call(item.values, function)
    ]
    # A function inside of it would see its variables change.
    function.loops = bool(repeats) and not any(item.captured for item in function.parameters)
    for _ in repeats if function.loops else []:
        found.remove(function)
    return found


def find_repetition(unit: Unit) -> None:
    """Marks the functions that may run many times: values, recursion, and what these and loops call."""
    functions = unit.bodies
    pending: list[Function] = []
    for function in functions:
        if function.value or function.recursive or function.loops:
            pending.append(function)
        pending += [
            expr.later
            for expr in walk_expressions(function.body)
            if isinstance(expr, Action) and expr.later is not None
        ]
        statements = list(walk_statements(function.body))
        loops = [item for item in statements if is_loop(item)]
        if any(isinstance(item, Goto) for item in statements):
            loops = statements
        for expr in walk_expressions(Block(list(loops))):
            if isinstance(expr, Apply):
                pending.append(expr.function)
    while pending:
        function = pending.pop()
        if not function.repeated:
            function.repeated = True
            pending += [e.function for e in walk_expressions(function.body) if isinstance(e, Apply)]


def _reaches(function: Function, callee: Function, parents: dict[Function, Function]) -> bool:
    """Marks what stands between a call of a nested function and the function that holds that one."""
    changed = False
    place: Function | None = function
    while place is not None and place is not parents.get(callee):
        changed |= not place.nested
        place.nested = True
        place = parents.get(place)
    return changed


def _directly_inside(block: Block) -> list[Function]:
    found = [item.function for item in walk_statements(block) if isinstance(item, DefineFunction)]
    found += [expr.function for expr in walk_expressions(block) if isinstance(expr, Closure)]
    return found


def _drop(block: Block) -> bool:
    kept = [item for item in block.statements if not _is_dropped(item)]
    changed = len(kept) < len(block.statements)
    block.statements = kept
    for statement in block.statements:
        for inner in inner_blocks(statement):
            changed |= _drop(inner)
    return changed


def _is_dropped(statement: Stmt) -> bool:
    match statement:
        case DefineFunction(function=function):
            return not function.nested
        case Evaluate(call=Load(main=main)):
            return not main.body.statements
        case _:
            return False
