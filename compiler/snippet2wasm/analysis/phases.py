"""Which phases a function may run in, and what nginx does not allow there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Assign,
    Closure,
    Constant,
    Define,
    DefineFunction,
    Expr,
    Function,
    Load,
    Local,
    Phase,
    Unit,
    Variable,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.source import Span

_OF_REQUEST = frozenset((Phase.REWRITE, Phase.ACCESS, Phase.CONTENT))
_ALLOWED = {
    "request": _OF_REQUEST,
    "request, timer": _OF_REQUEST | {Phase.TIMER},
    "request, header_filter, timer": _OF_REQUEST | {Phase.HEADER_FILTER, Phase.TIMER},
    "body_filter": frozenset((Phase.BODY_FILTER,)),
}
"""The phases that `Entry.phases` stands for."""
_ELSEWHERE = {"body_filter": "do it in body_filter_by_lua*"}
"""Where to do what is not allowed, by `Entry.phases`."""


TIMERS = frozenset(("ngx.timer.at", "ngx.timer.every"))
"""What takes a function that runs later, without a request."""
_CALLING = frozenset(("pcall", "xpcall", "ngx.thread.spawn"))
"""What calls the function that it takes, at once."""
_OF_CLIENT = (
    *("ngx.var", "ngx.req.", "ngx.resp.", "ngx.header", "ngx.status", "ngx.headers_sent"),
    "ngx.is_subrequest",
)
"""How the names begin of what raises an error where there is no request."""

_NO_REQUEST = "API disabled in the current context"
"""What these say there."""
_NEEDS_REQUEST = (
    *("ngx.var", "ngx.req.", "ngx.resp.", "ngx.arg", "ngx.header", "ngx.ctx", "ngx.status", "ngx.get_phase"),
    *("ngx.exit", "ngx.redirect", "ngx.say", "ngx.print", "ngx.flush", "ngx.eof", "ngx.send_headers"),
    "resty.cookie",
)
"""How the names begin of what is there with a request only."""


def settle(unit: Unit) -> list[Diagnostic]:
    """Marks the actions that may run in a phase that does not allow them: they raise nginx's error there.

    `ngx.exit` ends no handler where that may be header_filter_by_lua: control comes back. `ngx.req.set_uri`
    ends it where it certainly jumps.

    Returns:
        Warnings about those that always raise.

    Raises:
        Refusal: S2W227, init code needs a request.
    """
    _check_start(unit)
    warnings = []
    captures = any(
        action.entry.name.startswith("ngx.location.capture")
        for function in phases_of(unit)
        for action in _actions(function)
    )
    for function, phases in phases_of(unit).items():
        function.timed = Phase.TIMER in phases
        function.apart = function.value and phases == {Phase.TIMER}
        exprs = list(walk_expressions(function.body))
        for action in (expr for expr in exprs if isinstance(expr, Action)):
            if action.entry.name == "ngx.req.set_uri" and _jumps(action):
                action.entry, action.args = catalogue.load().acts["nginx.jump_to"], action.args[:1]
            if captures and action.entry.name == "ngx.req.get_method":
                action.entry = replace(action.entry, go="r.SubrequestMethod")
            if not action.entry.phases:
                # What computes a variable need not ask: where it is read, that was asked already.
                action.guarded = function.timed and bool(function.chunk) and needs_client(action)
                if action.guarded and len(phases) == 1:
                    warnings.append(_always(action, phases))
                continue
            allowed = _ALLOWED[action.entry.phases]
            action.guarded = bool(phases - allowed)
            if action.guarded and not phases & allowed:
                warnings.append(_always(action, phases))
            if action.entry.name == "ngx.exit" and Phase.HEADER_FILTER in phases:
                action.entry = replace(action.entry, ends=False, effect=True, go="r.ExitFilter")
        for read in _computed(exprs):
            read.guarded = function.timed
            if read.guarded and len(phases) == 1:
                warnings.append(_never(read.variable, read.span, phases))
    return warnings


def _jumps(action: Action) -> bool:
    """Whether the second argument is the constant true."""
    match action.args:
        case [_, Constant(value=True)]:
            return True
        case _:
            return False


def _check_start(unit: Unit) -> None:
    """Refuses what needs a request in the code that runs before there is one: nginx would not start."""
    reached: set[Function] = set()
    pending = [] if unit.start is None else [unit.start]
    while pending:
        function = pending.pop()
        if function not in reached:
            reached.add(function)
            values = {each.function for each in walk_expressions(function.body) if isinstance(each, Closure)}
            pending += [callee for callee in _callees(function) if callee not in values]
    refused = [
        Diagnostic(
            "S2W227",
            f"{name} needs a request, and this runs before there is one",
            span,
            reason="nginx does not start with this in init_by_lua; in init_worker_by_lua it logs an error,"
            " and leaves out the rest",
            help="do it in a handler",
        )
        for function in unit.functions
        if function in reached
        for name, span in _of_requests(function)
    ]
    if refused:
        raise Refusal(refused)


def _of_requests(function: Function) -> Iterator[tuple[str, Span]]:
    """What init code may not do."""
    for action in _actions(function):
        name = action.entry.name
        in_init = function.chunk.startswith("init_by_lua") and name.startswith("ngx.timer.")
        if action.entry.suspends or name.startswith(_NEEDS_REQUEST) or in_init:
            yield action.name, action.span
    for read in _computed(walk_expressions(function.body)):
        yield read.variable, read.span


def phases_of(unit: Unit) -> dict[Function, set[Phase]]:
    """The phases of each function; one that is a value may be called in all, unless all its uses are seen."""
    uses = _Uses(unit)
    every = {handler.phase for handler in unit.handlers}
    if uses.timers:
        every.add(Phase.TIMER)
    found: dict[Function, set[Phase]] = {handler.body: {handler.phase} for handler in unit.handlers}
    for function in unit.functions:
        found[function] = set(every) if function.value and function not in uses.seen else set()
        if function in uses.timers:
            found[function].add(Phase.TIMER)
    pending = list(found)
    while pending:
        function = pending.pop()
        for callee in [*_callees(function), *uses.calls.get(function, ())]:
            known = found.setdefault(callee, set())
            if not found[function] <= known:
                known |= found[function]
                pending.append(callee)
    return found


class _Uses:
    """What is done with the functions that are values.

    Attributes:
        timers: those that timers call.
        calls: those that a function calls, or lets the library call at once.
        seen: those of which these are all uses.
    """

    def __init__(self, unit: Unit) -> None:
        self.timers: list[Function] = []
        self.calls: dict[Function, list[Function]] = {}
        self._holders: dict[Variable, Function] = {}
        functions = list(dict.fromkeys([*(each.body for each in unit.handlers), *unit.functions]))
        self._assigned = Counter(
            variable
            for function in functions
            for statement in walk_statements(function.body)
            if isinstance(statement, Define | Assign)
            for variable in statement.variables
        )
        self._assigned.update(  # by each require
            expr.kept
            for function in functions
            for expr in walk_expressions(function.body)
            if isinstance(expr, Load) and expr.kept is not None
        )
        plain = [self._hold(function) for function in functions]
        known = set[int]().union(*plain, *[self._look(function) for function in functions])
        escaped = {
            target
            for function in functions
            for expr in walk_expressions(function.body)
            if id(expr) not in known and (target := self._target(expr)) is not None
        }
        self.seen = {each for each in functions if each.value} - escaped

    def _hold(self, function: Function) -> set[int]:
        """Notes the variables that hold one function, always the same; gives the closures."""
        known = set[int]()
        for statement in walk_statements(function.body):
            match statement:
                case (
                    Define(variables=[variable], values=[Closure() as closure])
                    | Assign(variables=[variable], values=[Closure() as closure])
                ) if self._assigned[variable] == 1 and (variable.lasting or not variable.assigned):
                    self._holders[variable] = closure.function
                    known.add(id(closure))
                case _:
                    pass
        return known

    def _target(self, expr: Expr) -> Function | None:
        """The function that an expression is, if that is known."""
        match expr:
            case Closure(function=function):
                return function
            case Local(variable=variable):
                return self._holders.get(variable)
            case _:
                return None

    def _look(self, function: Function) -> set[int]:
        """Notes what a function does with others; gives the expressions that this is all about."""
        known = set[int]()
        calls = self.calls[function] = list[Function]()
        for expr in walk_expressions(function.body):
            match expr:
                case Action(later=Function() as later):
                    self.timers.append(later)
                    continue
                case Action(entry=entry, args=[_, taken, *_]) if entry.name in TIMERS:
                    found = self.timers
                case Action(entry=entry, args=[taken, *_]) if entry.name in _CALLING:
                    found = calls
                case ApplyValue(callee=taken):
                    found = calls
                case _:
                    continue
            target = self._target(taken)
            if target is not None:
                known.add(id(taken))
                found.append(target)
        return known


def needs_client(action: Action) -> bool:
    """Whether an action raises an error where there is no request."""
    name = action.entry.name
    return name.startswith(_OF_CLIENT) and name != "ngx.req.start_time"


def _callees(function: Function) -> Iterator[Function]:
    for expr in walk_expressions(function.body):
        if isinstance(expr, Apply) or (isinstance(expr, Closure) and not expr.function.value):
            yield expr.function
        elif isinstance(expr, Load):
            yield expr.main
    for statement in walk_statements(function.body):
        if isinstance(statement, DefineFunction):
            yield statement.function


def _computed(exprs: Iterable[Expr]) -> Iterator[Apply]:
    """Where Lua reads variables of nginx that functions compute."""
    return (expr for expr in exprs if isinstance(expr, Apply) and expr.variable)


def _actions(function: Function) -> Iterator[Action]:
    return (expr for expr in walk_expressions(function.body) if isinstance(expr, Action))


def _always(action: Action, phases: set[Phase]) -> Diagnostic:
    names = ", ".join(phase.context for phase in Phase if phase in phases)
    says = f"API disabled in the context of {names}" if action.entry.phases else _NO_REQUEST
    elsewhere = _ELSEWHERE.get(action.entry.phases, "")
    return _never(action.name, action.span, phases, says, elsewhere)


def _never(
    name: str, span: Span, phases: set[Phase], says: str = _NO_REQUEST, elsewhere: str = ""
) -> Diagnostic:
    way_out = "do it in a handler of an earlier phase"
    if phases == {Phase.TIMER}:
        way_out = "a timer has no request: do it before, and give what it makes to the timer as an argument"
    return Diagnostic(
        "S2W421",
        f"{name} always raises an error here",
        span,
        reason=f"nginx says: {says}",
        help=elsewhere or way_out,
        severity=Severity.WARNING,
    )
