"""What functions do beyond computing: whether they may wait, end the handler, or touch the request or the
configuration.
"""

from __future__ import annotations

from snippet2wasm import catalogue
from snippet2wasm.analysis import codecs
from snippet2wasm.analysis.matching import matched
from snippet2wasm.analysis.phases import TIMERS, phases_of
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Assign,
    Block,
    Closure,
    ConfigValue,
    Constant,
    Define,
    DefineFunction,
    Evaluate,
    Expr,
    Function,
    GenericFor,
    HookCall,
    Invoke,
    Load,
    Local,
    Phase,
    Return,
    Stmt,
    Store,
    Unit,
    inner_blocks,
    statement_expressions,
    walk_expression,
    walk_expressions,
    walk_statements,
)

_CALLING = frozenset(("pcall", "xpcall", "coroutine.resume"))
"""Functions that call what they are given, and let it wait."""

_REQUEST_SPECIALS = frozenset(
    (
        "special.log",
        "special.lua_print",
        "special.redis_new",
        "special.os_time",
        "special.ngx_time",
        "special.ngx_now",
        "special.matches",
        "special.rule_match",
        "special.enter",
        "special.at",
        "special.auth_request",
        "special.go_to",
        "special.error_page",
        "special.error_location",
    )
)


def settle(unit: Unit) -> None:
    """Fills in the effects of every function, through all calls."""
    functions = unit.bodies
    codecs.settle(functions)
    objects = _makes_waiting(functions)
    changed = True
    while changed:
        before = [_summary(function) for function in functions]
        values = objects or any(
            function.value and function.suspends and not function.apart for function in functions
        )
        for function in functions:
            _look(function, values)
        changed = before != [_summary(function) for function in functions]


def _summary(function: Function) -> tuple[bool, ...]:
    return (
        function.located,
        function.suspends,
        function.exits,
        function.needs_request,
        function.needs_config,
        function.needs_state,
    )


def _makes_waiting(functions: list[Function]) -> bool:
    """Whether the program makes objects with methods that may wait: any call of a value may be one."""
    waiting = {name.partition(":")[0] for name, entry in catalogue.load().entries.items() if entry.suspends}
    return any(
        isinstance(expr, Action) and any(result.objects & waiting for result in expr.entry.results)
        for function in functions
        for expr in walk_expressions(function.body)
    )


def _look(function: Function, values: bool) -> None:
    """Notes the effects of a function; `values`: whether a function that is a value may wait."""
    for statement in walk_statements(function.body):
        if isinstance(statement, Assign):
            function.needs_state |= any(variable.lasting for variable in statement.variables)
        elif isinstance(statement, Store):
            function.suspends |= values and statement.meta
        elif isinstance(statement, GenericFor):
            function.suspends |= values and not statement.over and matched(statement) is None
    for expr in walk_expressions(function.body):
        function.suspends |= values and expr.meta
        match expr:
            case ApplyValue() | Invoke():
                function.suspends |= values
            case Action(entry=entry):
                function.suspends |= entry.suspends and not (expr.used == 0 and bool(entry.unused))
                function.suspends |= values and entry.name in _CALLING
                function.exits |= entry.ends and entry.name not in ("error", "package.require")
                function.located |= _names_caller(expr) and not function.value
                function.needs_request |= entry.request or expr.guarded or entry.go in _REQUEST_SPECIALS
            case Apply(function=callee, tail=True) if callee.located and not function.value:
                function.located = True
            case Apply(guarded=True):
                function.needs_request = True
            case _:
                pass
        match expr:
            case Apply(function=callee) | Closure(function=callee) | Load(main=callee):
                function.needs_state |= isinstance(expr, Load)
                function.suspends |= callee.suspends and not callee.apart
                function.exits |= callee.exits and not callee.apart
                function.needs_request |= callee.needs_request
                function.needs_config |= callee.needs_config
                function.needs_state |= callee.needs_state
            case Action(later=Function() as callee):
                function.needs_config |= callee.needs_config
                function.needs_state |= callee.needs_state
            case Local(variable=variable):
                function.needs_state |= bool(variable.lasting)
            case HookCall(hook=hook):
                function.needs_request |= hook.takes_request
            case ConfigValue():
                function.needs_config = True
            case _:
                pass


def touches_request(function: Function) -> bool:
    """Whether the Go of a function itself, without that of function values in it, names the request."""
    for expr in walk_expressions(function.body):
        match expr:
            case Action(entry=entry) if entry.request or expr.guarded or entry.go in _REQUEST_SPECIALS:
                return True
            case Apply(guarded=True):
                return True
            case Apply(function=callee) | Load(main=callee) if callee.needs_request and not callee.nested:
                return True
            case HookCall(hook=hook) if hook.takes_request:
                return True
            case _:
                pass
    inner = [item.function for item in walk_statements(function.body) if isinstance(item, DefineFunction)]
    return any(map(touches_request, inner))


def _names_caller(expr: Action) -> bool:
    """Whether an action raises an error with the place where its function was called."""
    if expr.entry.name != "error":
        return expr.guarded and replaces_caller(expr)
    level = expr.args[1] if len(expr.args) > 1 else None
    if level is None:
        return expr.tail
    return not expr.tail and not (isinstance(level, Constant) and level.value in (None, 0.0, 1.0))


def replaces_caller(expr: Action) -> bool:
    """Whether a call stands behind `return`, so that its errors have the place of the function's own call."""
    return expr.tail and not expr.entry.value and not expr.entry.name.startswith(("ngx.var", "ngx.header"))


def check_target(unit: Unit, target: str) -> None:
    """Checks that the target can do all that the unit wants.

    Raises:
        Refusal: S2W307.
    """
    refused = [
        Diagnostic(
            "S2W307",
            f"'{expr.name}' can't be compiled for the target {target}",
            expr.span,
            reason=dict(expr.entry.not_for)[target],
            help="use red:eval(script, …), whose answers do get through, or another target",
        )
        for expr in unit.actions()
        if target in dict(expr.entry.not_for)
    ]
    if refused:
        raise Refusal(refused)


def acts_at_end(unit: Unit) -> bool:
    """Whether the plugin has something to do when a request is over: `limit_conn` counts it down."""
    return any(unit.actions("nginx.limit_conn"))


def changes_responses(unit: Unit) -> bool:
    """Whether any function of the unit can change the answer of an upstream: by setting a header and then
    letting the request pass.
    """
    return any(_changes_responses(function.body) for function in unit.bodies)


def _changes_responses(block: Block) -> bool:
    for index, statement in enumerate(block.statements):
        changes = any(
            isinstance(expr, Action) and expr.entry.response
            for root in statement_expressions(statement)
            for expr in walk_expression(root)
        )
        if changes and not _answers(block.statements[index:]):
            return True
        if any(map(_changes_responses, inner_blocks(statement))):
            return True
    return False


def _answers(statements: list[Stmt]) -> bool:
    """Whether statements, without a branch, end in an answer of the handler's own."""
    for statement in statements:
        match statement:
            case Return(values=[Action() as call]) | Evaluate(call=Action() as call) if call.entry.ends:
                return call.entry.name == "ngx.redirect" or _is_final_status(call.args)
            case Define() | Assign() | Store() | Evaluate():
                pass
            case _:
                return False
    return False


def _is_final_status(args: list[Expr]) -> bool:
    match args:
        case [Constant(value=float() as status)]:
            return status >= 200
        case _:
            return False


def shows_body_late(unit: Unit) -> bool:
    """Whether the body of the request is shown, or replaced, on the way to the upstream or in a handler of
    the response: nginx has read it by then.
    """
    return any(
        isinstance(expr, Action) and expr.entry.shows_body
        for function, phases in phases_of(unit).items()
        if any(phase.of_response or phase is Phase.PROXY for phase in phases)
        for expr in walk_expressions(function.body)
    )


def reads_body(unit: Unit) -> bool:
    """Whether the unit needs the body of the request."""
    return shows_body_late(unit) or any(action.entry.body for action in unit.actions())


def uses_redis(unit: Unit) -> bool:
    """Whether any function of the unit makes a Redis client."""
    return _makes(unit, "special.redis_new")


def uses_http(unit: Unit) -> bool:
    """Whether any function of the unit calls HTTP services."""
    return _makes(unit, "special.http_new") or _makes(unit, "r.AuthPass") or _makes(unit, "r.PassTo")


JUMPS = frozenset(("ngx.exec", "nginx.jump_to"))
"""The entries with which Lua takes a request to another location."""


def jumps(unit: Unit) -> bool:
    """Whether Lua of the unit takes requests to other locations."""
    return any(action.entry.name in JUMPS or _jumps(action) for action in unit.actions())


def looks_for_locations(unit: Unit) -> bool:
    """Whether the locations of the text matter beyond the one that a request is in."""
    return jumps(unit) or _makes(unit, "special.capture") or _makes(unit, "special.capture_multi")


def _jumps(expr: Action) -> bool:
    """Whether an action is ngx.req.set_uri(uri, jump) where jump may be true."""
    if expr.entry.name != "ngx.req.set_uri" or len(expr.args) < 2:
        return False
    jump = expr.args[1]
    return not (isinstance(jump, Constant) and not jump.value)


def uses_timers(unit: Unit) -> bool:
    """Whether any function of the unit starts a timer."""
    return any(unit.actions(*TIMERS))


def works_side_by_side(unit: Unit) -> bool:
    """Whether several requests to services may be under way at once for one request of a client."""
    return any(unit.actions(*TIMERS, "ngx.thread.spawn", "ngx.location.capture_multi"))


def _makes(unit: Unit, spelling: str) -> bool:
    return any(action.entry.go == spelling for action in unit.actions())
