"""Type inference: a forward walk that follows every test.

Each expression gets the type that it can have where it stands: after `if not x then return end`, `x` is no
longer nil. Functions take the join of the arguments of all their calls as parameter types; the walk repeats
until nothing grows.
"""

from __future__ import annotations

import difflib

from snippet2wasm import catalogue
from snippet2wasm.analysis.events import has_event
from snippet2wasm.analysis.narrowing import Env, constant_type, narrow, narrow_equality
from snippet2wasm.catalogue import Entry, Parameter
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    Assign,
    Binary,
    Block,
    Call,
    ConfigValue,
    Constant,
    Define,
    Do,
    Evaluate,
    Expr,
    Function,
    HookCall,
    If,
    Index,
    Invoke,
    LibraryValue,
    Local,
    Logical,
    Record,
    Return,
    Stmt,
    Unary,
    Unit,
    Variable,
    rewrite,
    spreads,
    varies,
)
from snippet2wasm.ir.types import BOOLEAN, FALSE, NEVER, NIL, NUMBER, STRING, TRUE, Type

_NOT_INDEXED = ("nil", "false", "true", "null", "number", "function")
ARITHMETIC = frozenset("+-*/%^")
ORDER = frozenset(("<", "<=", ">", ">="))
EQUALITY = frozenset(("==", "~="))


def infer(unit: Unit) -> list[Diagnostic]:
    """Types everything in a unit in place; returns the warnings.

    Raises:
        Refusal: an operation that can only raise an error in nginx.
    """
    inference = _Inference()
    while inference.changed:
        inference.changed = False
        inference.diagnostics.clear()
        for handler in unit.handlers:
            inference.function(handler.body)
        for function in unit.functions:
            if function in inference.called:
                inference.function(function)
    unit.functions = [function for function in unit.functions if function in inference.called]
    for body in (*(handler.body for handler in unit.handlers), *unit.functions):
        _prune(body.body)
        rewrite(body.body, _resolved)
    found = list(inference.diagnostics.values())
    errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
    if errors:
        raise Refusal(errors)
    return found


class _Inference:
    def __init__(self) -> None:
        self.changed = True
        self.called: set[Function] = set()
        self.analysed: set[Function] = set()
        self.pipelines = False
        self.current: Function | None = None
        self.returns: list[list[Type]] = []
        self.open_ended = False
        self.diagnostics: dict[tuple[str, int], Diagnostic] = {}

    def _say(self, diagnostic: Diagnostic) -> None:
        assert diagnostic.span is not None
        self.diagnostics[(diagnostic.code, diagnostic.span.start)] = diagnostic

    def _raises(self, expr: Expr, message: str) -> None:
        self._say(
            Diagnostic(
                "S2W302",
                f"this always raises an error: {message}",
                expr.span,
                reason="nginx answers 500 to every request that comes here",
                help="correct the snippet; if the error is meant, write ngx.exit(500)",
            )
        )

    # Functions and statements

    def function(self, function: Function) -> None:
        """Types the body of a function with what is known of its parameters."""
        self.current = function
        self.returns, self.open_ended = [], False
        env = Env({parameter: parameter.type for parameter in function.parameters})
        end = self.block(function.body, env)
        if not end.dead:
            self.returns.append([])
        width = max((len(values) for values in self.returns), default=0)
        results = []
        for index in range(width):
            result = NEVER
            for values in self.returns:
                result |= values[index] if index < len(values) else NIL
            results.append(result)
        counts = {len(values) for values in self.returns}
        now_varies = self.open_ended or len(counts) > 1
        if (results, now_varies) != (function.results, function.varies) or function not in self.analysed:
            self.analysed.add(function)
            function.results, function.varies = results, now_varies
            self.changed = True

    def block(self, block: Block, env: Env) -> Env:
        """Types a block; the result is what is known behind it."""
        block.reached = len(block.statements)
        for index, statement in enumerate(block.statements):
            if env.dead:
                self._say(
                    Diagnostic(
                        "S2W303",
                        "nothing behind this point ever runs",
                        statement.span,
                        reason="the statement before it ends the handler",
                        severity=Severity.WARNING,
                    )
                )
                block.reached = index
                break
            env = self.statement(statement, env)
        block.ends = env.dead
        return env

    def statement(self, statement: Stmt, env: Env) -> Env:
        """Types a statement; the result is what is known behind it."""
        match statement:
            case Define(variables=variables, values=values):
                found = self.values(values, env, len(variables))
                if len(variables) > 1 and len(values) == 1:
                    self._link_exclusive(values[0], variables)
                return self._set(variables, found, env)
            case Assign(variables=variables, values=values):
                return self._set(variables, self.values(values, env, len(variables)), env)
            case Evaluate(call=call):
                self.value(call, env)
                _use(call, 0)
                return _after(call, env)
            case If():
                return self._if(statement, env)
            case Do(body=body):
                return self.block(body, env)
            case Return(values=values):
                found = self.values(values, env, None)
                if any(isinstance(value, Action) and value.entry.ends for value in values):
                    return Env(dead=True)  # `return ngx.exit(403)` gives nothing to the caller
                self.returns.append(found)
                last = spreads(values)
                self.open_ended |= last is not None and varies(last)
                return Env(dead=True)
            case _:
                raise AssertionError(f"unknown statement {statement}")

    def _link_exclusive(self, call: Expr, variables: list[Variable]) -> None:
        """Notes a `value, err` pair. While a pipeline is filled, Redis commands return neither of the two."""
        if isinstance(call, Invoke) and call.action is not None:
            call = call.action
        exclusive = isinstance(call, Action) and call.entry.exclusive and not self.pipelines
        first, second = variables[:2]
        linked = exclusive and not first.assigned and not second.assigned
        first.exclusive, second.exclusive = (second, first) if linked else (None, None)

    def _set(self, variables: list[Variable], found: list[Type], env: Env) -> Env:
        env = env.copy()
        for variable, type_ in zip(variables, found, strict=True):
            self._grow(variable, type_)
            env.known[variable] = type_
        return env

    def _grow(self, variable: Variable, type_: Type) -> None:
        grown = variable.type | type_
        if grown != variable.type:
            variable.type = grown
            self.changed = True

    def _if(self, statement: If, env: Env) -> Env:
        after = Env(dead=True)
        statement.verdicts = []
        for condition, body in statement.arms:
            then, env = self.condition(condition, env)
            statement.verdicts.append(False if then.dead else True if env.dead else None)
            after = after.join(self._arm(body, then))
        if statement.otherwise is not None:
            env = self._arm(statement.otherwise, env)
        return after.join(env)

    def _arm(self, body: Block, env: Env) -> Env:
        if not env.dead:
            return self.block(body, env)
        body.reached = 0  # the types rule it out: `if not red` after `redis:new()`
        body.ends = True
        return env

    # Expressions

    def values(self, exprs: list[Expr], env: Env, wanted: int | None) -> list[Type]:
        """The types of a list of expressions, adjusted to `wanted` values (None: as many as there are)."""
        found: list[Type] = []
        for index, expr in enumerate(exprs):
            first = self.value(expr, env)
            expands = isinstance(expr, Call) and not expr.adjusted and index == len(exprs) - 1
            if expands and isinstance(expr, Call):
                count = len(expr.results) if wanted is None else max(wanted - index, 0)
                _use(expr, count)
                padding = NIL if expr.known else NEVER
                found.extend((expr.results + [padding] * count)[:count])
            else:
                found.append(first)
        return found if wanted is None else (found + [NIL] * wanted)[:wanted]

    def value(self, expr: Expr, env: Env) -> Type:
        """Types an expression and all in it; the result is the type of its (first) value."""
        expr.type = self._value(expr, env)
        return expr.type

    def _value(self, expr: Expr, env: Env) -> Type:
        match expr:
            case Constant(value=value):
                return constant_type(value)
            case LibraryValue(entry=entry):
                return entry.type
            case Index():
                return self._index(expr, env)
            case Local(variable=variable):
                known = env.known.get(variable, variable.type)
                # A variable that holds other things, too, carries no union's values as that union.
                return known if known.family == variable.type.family else Type(known.kinds)
            case ConfigValue(config=config):
                return config.type
            case Record(fields=fields):
                for field in fields.values():
                    self.value(field, env)
                return types.of("table")
            case Action():
                return self._action(expr, env)
            case Invoke():
                return self._invoke(expr, env)
            case Apply(function=function, args=args):
                return self._apply(expr, function, self.values(args, env, None), env)
            case HookCall(hook=hook, args=args):
                self.values(args, env, None)
                expr.results = [hook.result]
                return hook.result
            case Unary():
                return self._unary(expr, env)
            case Binary():
                return self._binary(expr, env)
            case Logical():
                return self._logical(expr, env)
            case _:
                raise AssertionError(f"unknown expression {expr}")

    def _action(self, expr: Action, env: Env) -> Type:
        if expr.receiver is not None:
            self.value(expr.receiver, env)
        found = self.values(expr.args, env, None)
        parameters = expr.entry.parameters
        for index, type_ in enumerate(found):
            if index < len(parameters) or (expr.entry.variadic and parameters):
                parameter = parameters[min(index, len(parameters) - 1)]
                self._check_argument(expr, expr.args[min(index, len(expr.args) - 1)], parameter, type_)
        if expr.entry.name == "redis:init_pipeline" and not self.pipelines:
            self.pipelines = self.changed = True
        expr.results = list(expr.entry.results)
        if expr.entry.ends:
            return NEVER
        return expr.results[0] if expr.results else NIL

    def _check_argument(self, action: Action, arg: Expr, parameter: Parameter, type_: Type) -> None:
        if isinstance(arg, Record):
            names = dict(parameter.names)
            complete = parameter.ignored or arg.fields.keys() == names.keys()
            if not names or not arg.fields.keys() <= names.keys() or not complete:
                wanted = ", ".join(names) or "no table"
                self._refuse(
                    arg,
                    f"'{action.name}' can be compiled with {wanted} here, not with this table",
                    "other settings have no counterpart in a plugin",
                    "leave them out if the gateway's settings do it",
                )
            return
        if parameter.fixed and not isinstance(arg, Constant | ConfigValue):
            self._refuse(arg, f"'{action.name}' can be compiled with a constant only")
        elif not parameter.takes_anything and type_.kinds and not type_.kinds & parameter.kinds:
            if parameter.type.only("number") and "string" in type_ and not parameter.raises:
                return  # a string that reads as a number would do in Lua; the backend refuses it
            self._raises(arg, parameter.raises or f"'{action.name}' wants a {parameter.type}, not a {type_}")

    def _refuse(
        self,
        expr: Expr,
        message: str,
        reason: str = "the gateway settles it when the plugin starts",
        help_: str = "use a constant, or a value that the bindings take from the configuration",
    ) -> None:
        self._say(Diagnostic("S2W306", message, expr.span, reason=reason, help=help_))

    def _index(self, expr: Index, env: Env) -> Type:
        object_ = self.value(expr.object, env)
        self.value(expr.key, env)
        if object_.only(*_NOT_INDEXED):
            self._raises(expr, f"attempt to index {describe(expr.object)}(a {Type(object_.kinds)} value)")
        elif object_.kinds and "table" not in object_:
            self._no_field(expr, Type(object_.kinds))
        return types.of("boolean", "nil", "null", "number", "string", "table")

    def _no_field(self, expr: Index, type_: Type) -> None:
        self._say(
            Diagnostic(
                "S2W301",
                f"a field of a {type_} can't be compiled",
                expr.span,
                reason="only tables that Redis answers with have fields here",
                help="call its methods with a colon: object:method(…)",
            )
        )

    def _invoke(self, expr: Invoke, env: Env) -> Type:
        """Finds the action that a method call is, once the receiver's type is known, and types it."""
        expr.known = expr.action is not None
        if expr.action is None:
            receiver = self.value(expr.receiver, env)
            self.values(expr.args, env, None)
            if not receiver.truthy.kinds:
                if receiver.kinds:
                    message = f"attempt to index {describe(expr.receiver)}(a {receiver} value)"
                    self._raises(expr, message)
                return NEVER
            expr.action = self._method(expr, receiver)
            if expr.action is None:
                return NEVER
            expr.known = self.changed = True
        self._check_count(expr, expr.action)
        expr.action.adjusted = expr.adjusted
        result = self.value(expr.action, env)
        expr.results = expr.action.results
        return result

    def _check_count(self, expr: Invoke, action: Action) -> None:
        parameters = action.entry.parameters
        least = sum(1 for parameter in parameters if parameter.required)
        spreads = bool(action.args) and isinstance(action.args[-1], Call) and not action.args[-1].adjusted
        count = len(action.args)
        if (count < least and not spreads) or (count > len(parameters) and not action.entry.variadic):
            wanted = str(least) if least == len(parameters) else f"{least} to {len(parameters)}"
            self._say(
                Diagnostic("S2W304", f"{action.name} wants {wanted} arguments, this gives {count}", expr.span)
            )

    def _method(self, expr: Invoke, receiver: Type) -> Action | None:
        entries = catalogue.load().entries
        kinds = receiver.truthy.kinds
        kind = next(iter(kinds)) if len(kinds) == 1 else ""
        if kind == "string":
            entry = entries.get(f"string.{expr.method}")
            if entry is not None:
                return Action(expr.span, entry, entry.name, None, [expr.receiver, *expr.args])
        entry = entries.get(f"{kind}:{expr.method}")
        if entry is not None and not entry.refused:
            return Action(expr.span, entry, entry.name, expr.receiver, expr.args)
        if kind == "redis" and entry is None and expr.method.islower():
            self._say(
                Diagnostic(
                    "S2W402",
                    f"{expr.method!r} is not a Redis command that this version knows",
                    expr.span,
                    reason="lua-resty-redis sends any method name as a command, and so does the plugin",
                    severity=Severity.WARNING,
                )
            )
            unknown = entries["redis:*"]
            return Action(expr.span, unknown, f"redis:{expr.method}", expr.receiver, expr.args)
        self._say(self._no_method(expr, receiver, kind, entry))
        return None

    def _no_method(self, expr: Invoke, receiver: Type, kind: str, entry: Entry | None) -> Diagnostic:
        if entry is not None:
            return Diagnostic(
                "S2W305",
                f"the method {expr.method!r} can't be compiled",
                expr.span,
                entry.refused,
                entry.help,
            )
        later = catalogue.load().unsupported.get(f"string.{expr.method}") if kind == "string" else None
        if later is not None:
            return Diagnostic("S2W216", f"string.{expr.method} can't be compiled", expr.span, *later)
        names = [name.partition(":")[2] for name in catalogue.load().entries if name.startswith(f"{kind}:")]
        close = difflib.get_close_matches(expr.method, names, 1)
        return Diagnostic(
            "S2W305",
            f"there is no method {expr.method!r} for a {receiver}",
            expr.span,
            reason="" if kind else "the value's type must be known when the plugin is compiled",
            help=f"did you mean {close[0]!r}?" if close else "",
        )

    def _apply(self, expr: Apply, function: Function, found: list[Type], env: Env) -> Type:
        if function not in self.called:
            self.called.add(function)
            self.changed = True
        last = expr.args[-1] if expr.args else None
        missing = NEVER if isinstance(last, Call) and not last.known else NIL
        for index, parameter in enumerate(function.parameters):
            self._grow(parameter, found[index] if index < len(found) else missing)
        expr.results = list(function.results)
        expr.known = function in self.analysed
        return expr.results[0] if expr.results else NIL if expr.known else NEVER

    def _unary(self, expr: Unary, env: Env) -> Type:
        operand = self.value(expr.operand, env)
        if expr.operator == "not":
            return truth(operand, negate=True)
        if expr.operator == "-":
            self._need(expr.operand, operand, ("number", "string"), "perform arithmetic on")
        else:
            self._need(expr.operand, operand, ("string", "table"), "get length of")
        return NUMBER

    def _binary(self, expr: Binary, env: Env) -> Type:
        left, right = self.value(expr.left, env), self.value(expr.right, env)
        if expr.operator in EQUALITY:
            return BOOLEAN
        if expr.operator in ORDER:
            if left.kinds and right.kinds and not (left.kinds & right.kinds & {"number", "string"}):
                names = sorted((str(left), str(right)))
                self._raises(expr, f"attempt to compare {names[0]} with {names[1]}")
            return BOOLEAN
        action = "concatenate" if expr.operator == ".." else "perform arithmetic on"
        self._need(expr.left, left, ("number", "string"), action)
        self._need(expr.right, right, ("number", "string"), action)
        return STRING if expr.operator == ".." else NUMBER

    def _need(self, expr: Expr, type_: Type, kinds: tuple[str, ...], action: str) -> None:
        if type_.kinds and not type_.kinds & set(kinds):
            self._raises(expr, f"attempt to {action} {describe(expr)}(a {type_} value)")

    def _logical(self, expr: Logical, env: Env) -> Type:
        left = self.value(expr.left, env)
        then, otherwise = self.condition(expr.left, env)
        if expr.operator == "and":
            right = self.value(expr.right, then)
            return (left.falsy | right) if left.truthy.kinds else left.falsy
        right = self.value(expr.right, otherwise)
        return (left.truthy | right) if left.falsy.kinds else left.truthy

    def condition(self, expr: Expr, env: Env) -> tuple[Env, Env]:
        """Types a condition; the result is what is known where it holds and where it does not."""
        type_ = self.value(expr, env)
        match expr:
            case Unary(operator="not", operand=operand):
                then, otherwise = self.condition(operand, env)
                return otherwise, then
            case Logical(operator=operator, left=left, right=right):
                first, second = self.condition(left, env)
                if operator == "and":
                    then, otherwise = self.condition(right, first)
                    return then, second.join(otherwise)
                then, otherwise = self.condition(right, second)
                return first.join(then), otherwise
            case Local(variable=variable):
                return narrow(env, variable, type_.truthy), narrow(env, variable, type_.falsy)
            case Binary(operator="==" | "~=" as operator, left=left, right=right):
                return narrow_equality(env, operator, left, right)
            case Constant(value=value):
                holds = value is not None and value is not False
                return (env, Env(dead=True)) if holds else (Env(dead=True), env)
            case _:
                return env, env


def _resolved(expr: Expr) -> Expr:
    """The action that a method call turned out to be."""
    return expr.action if isinstance(expr, Invoke) and expr.action is not None else expr


def _prune(block: Block) -> None:
    """Takes out what is never reached: statements behind an end, and branches that the types rule out."""
    kept: list[Stmt] = []
    for statement in block.statements[: block.reached]:
        match statement:
            case If():
                kept.extend(_folded(statement))
            case Do(body=body):
                _prune(body)
                kept.append(statement)
            case _:
                kept.append(statement)
    block.statements = kept


def _folded(statement: If) -> list[Stmt]:
    """An `if` without the arms that are never chosen; what their conditions do is still done."""
    arms: list[tuple[Expr, Block]] = []
    otherwise = statement.otherwise
    for (condition, body), verdict in zip(statement.arms, statement.verdicts, strict=True):
        if verdict:
            otherwise = body
            if has_event(condition):
                evaluated = Define(condition.span, [Variable("_", condition.span)], [condition])
                otherwise = Block([evaluated, Do(statement.span, body)], ends=body.ends)
                otherwise.reached = 2
            break
        if verdict is None or has_event(condition):
            arms.append((condition, body))
    for body in (*(body for _, body in arms), *([otherwise] if otherwise is not None else [])):
        _prune(body)
    if otherwise is not None and not otherwise.statements:
        otherwise = None
    if arms:
        statement.arms, statement.otherwise = arms, otherwise
        return [statement]
    return [Do(statement.span, otherwise)] if otherwise is not None else []


def truth(type_: Type, negate: bool = False) -> Type:
    """The type of the truth value of a value of this type."""
    holds, fails = bool(type_.truthy.kinds), bool(type_.falsy.kinds)
    if negate:
        holds, fails = fails, holds
    return (TRUE if holds else NEVER) | (FALSE if fails else NEVER)


def describe(expr: Expr) -> str:
    """How Lua's error texts name an operand: `local 'x' ` or nothing."""
    return f"local '{expr.variable.name}' " if isinstance(expr, Local) else ""


def _after(call: Call, env: Env) -> Env:
    """What is known behind a call: nothing if it ends the handler."""
    return Env(dead=True) if isinstance(call, Action) and call.entry.ends else env


def _use(call: Expr, count: int) -> None:
    """Notes how many results of a call the program looks at."""
    if isinstance(call, Invoke) and call.action is not None:
        call = call.action
    if isinstance(call, Action):
        call.used = count
