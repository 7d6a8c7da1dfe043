"""Type inference: a forward walk that follows every test.

Each expression gets the type that it can have where it stands: after `if not x then return end`, `x` is no
longer nil. Functions take the join of the arguments of all their calls as parameter types; the walk repeats
until nothing grows.
"""

from __future__ import annotations

from collections.abc import Iterable

from snippet2wasm import catalogue
from snippet2wasm.analysis import fields as tables
from snippet2wasm.analysis import lists, records, regexes, rereads, rows, webs
from snippet2wasm.analysis.events import has_event, runs_code
from snippet2wasm.analysis.matching import match_captures, matched
from snippet2wasm.analysis.methods import check_count, find_method
from snippet2wasm.analysis.narrowing import Env, constant_type, narrow, narrow_equality
from snippet2wasm.analysis.pruning import prune
from snippet2wasm.catalogue import Parameter
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import (
    ORDER,
    Action,
    Apply,
    ApplyValue,
    Assign,
    Binary,
    Block,
    Break,
    Call,
    Closure,
    ConfigValue,
    Constant,
    Constructor,
    Continue,
    Define,
    DefineFunction,
    Do,
    Evaluate,
    Expr,
    Function,
    GenericFor,
    Goto,
    HookCall,
    If,
    Index,
    Invoke,
    Label,
    LibraryValue,
    Load,
    Local,
    Logical,
    NumericFor,
    Record,
    Repeat,
    Return,
    Stmt,
    Store,
    Unary,
    Unit,
    Vararg,
    Variable,
    While,
    declared,
    is_open,
    rewrite,
    spreads,
    statement_expressions,
    varies,
    walk_expression,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.ir.types import (
    ANY,
    BOOLEAN,
    FALSE,
    FUNCTION,
    NEVER,
    NIL,
    NUMBER,
    OBJECT,
    OPT_STRING,
    STRING,
    TABLE,
    TRUE,
    Type,
)
from snippet2wasm.lower.folding import fold

_NOT_INDEXED = ("nil", "false", "true", "null", "number", "function", "thread")
_REGEX = ("ngx.re.", "ngx_re.")
_LOOKING = frozenset(("type", "tostring", "tonumber", "ngx.say", "ngx.print", "ngx.log"))
"""Functions that take any value and keep none."""
_SHOWING = frozenset(("tostring", "string.format", "print", "ngx.log", "ngx.say", "ngx.print"))
"""Functions that make text of a table by its metamethod."""
_OPERATOR_EVENTS = {
    "+": "__add",
    "-": "__sub",
    "*": "__mul",
    "/": "__div",
    "%": "__mod",
    "^": "__pow",
    "..": "__concat",
}
_METAMETHODS = frozenset(
    ("__newindex", "__call", "__tostring", "__eq", "__lt", "__le", "__unm", *_OPERATOR_EVENTS.values())
)


def infer(unit: Unit) -> list[Diagnostic]:
    """Types everything in a unit in place; returns the warnings.

    Raises:
        Refusal: an operation that can only raise an error in nginx.
    """
    records.split(unit)
    rereads.share(unit)
    webs.split(unit)
    lists.mark(unit)
    tables.mark(unit)
    rows.mark(unit)
    fields, texts = _field_names(unit)
    metamethods = _metamethods(fields, texts) if _sets_metatables(unit) else frozenset()
    inference = _Inference(fields | texts, metamethods)
    if unit.start is not None:
        inference.called.add(unit.start)
    while inference.changed:
        inference.changed = False
        inference.diagnostics.clear()
        for handler in unit.handlers:
            inference.function(handler.body)
        for function in unit.functions:
            if function in inference.called:
                inference.function(function)
        inference.settle()
    unit.functions = [function for function in unit.functions if function in inference.called]
    for body in unit.bodies:
        prune(body.body)
        rewrite(body.body, _resolved)
    lists.settle(unit)
    found = list(inference.diagnostics.values())
    errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
    if errors:
        raise Refusal(errors)
    return found


def _sets_metatables(unit: Unit) -> bool:
    """Whether the program gives tables metatables."""
    return any(
        isinstance(expr, Action) and expr.entry.name == "setmetatable"
        for function in unit.bodies
        for expr in walk_expressions(function.body)
    )


def _field_names(unit: Unit) -> tuple[frozenset[str], frozenset[str]]:
    """The constant names of all fields that the program itself gives to tables, and all other texts of it,
    which may be names of fields, too: `rawset(t, "__add", add)`.
    """
    names: set[str] = set()
    keys: set[Expr | None] = set()
    texts: set[Expr] = set()
    for function in unit.bodies:
        keys |= {item.key for item in walk_statements(function.body) if isinstance(item, Store)}
        reads: set[Expr] = set()
        for expr in walk_expressions(function.body):
            match expr:
                case Record(fields=fields):
                    names |= fields.keys()
                case Constructor(fields=entries):
                    keys |= {key for key, _ in entries}
                case Index(key=key):
                    reads.add(key)
                case Constant(value=bytes()) if expr not in reads:
                    texts.add(expr)
                case _:
                    pass
    return frozenset(names | _texts(keys)), frozenset(_texts(texts - keys))


def _texts(exprs: Iterable[Expr | None]) -> set[str]:
    return {
        expr.value.decode("utf-8", "surrogateescape")
        for expr in exprs
        if isinstance(expr, Constant) and isinstance(expr.value, bytes)
    }


def _metamethods(fields: frozenset[str], texts: frozenset[str]) -> frozenset[str]:
    """The metamethods that the program may have. Of __index, whose value is a table as a rule, the inference
    finds out if it is one.
    """
    every = _METAMETHODS | {"__index"}
    if any(text.endswith("__") or "__%" in text for text in texts):
        return every  # a name may be put together: "__" .. name
    return (fields & _METAMETHODS) | (texts & every)


_WIDEST = 16  # a function with more results than these gives a list


class _Inference:
    def __init__(self, fields: frozenset[str], metamethods: frozenset[str]) -> None:
        self.fields = fields
        self.metamethods = metamethods
        self.counted: set[Function] = set()
        self.breaks: list[list[Env]] = []
        self.changed = True
        self.called: set[Function] = set()
        self.analysed: set[Function] = set()
        self.pipelines = False
        self.jumps: set[Stmt] = set()  # the labels that some `goto` goes on at
        self.any = (
            ANY  # what a value can be of which nothing is known: grows with the first object that is kept
        )
        self.steady = True  # nothing in this statement changes what lives as long as the VM
        self.current: Function | None = None
        self.returns: list[list[Type]] = []
        self.counts: set[int] = set()
        self.open_ended = False
        self.diagnostics: dict[tuple[str, int], Diagnostic] = {}

    def _say(self, diagnostic: Diagnostic | None) -> None:
        if diagnostic is None:
            return
        assert diagnostic.span is not None
        self.diagnostics[(diagnostic.code, diagnostic.span.start)] = diagnostic

    def _raises(self, expr: Expr, message: str, fatal: bool = False) -> None:
        """Says that an expression always raises an error; `fatal` if no code can be written that does."""
        self._say(
            Diagnostic(
                "S2W302",
                f"this always raises an error: {message}",
                expr.span,
                reason="nginx answers 500 to every request that comes here, unless pcall catches it",
                help="correct the snippet; if the error is meant, write error(…) or ngx.exit(500)",
                severity=Severity.ERROR if fatal else Severity.WARNING,
            )
        )

    # Functions and statements

    def function(self, function: Function) -> None:
        """Types the body of a function with what is known of its parameters."""
        self.current = function
        self.returns, self.counts, self.open_ended = [], set(), False
        if function.value:
            for parameter in function.parameters:
                self._grow(parameter, self.any)
        env = Env({parameter: parameter.type for parameter in function.parameters})
        end = self.block(function.body, env)
        if not end.dead:
            self.returns.append([])
            self.counts.add(0)
        width = max((len(values) for values in self.returns), default=0)
        if function.value or width > _WIDEST:
            self._open(function)
        if function.open:
            width = 0
            for values in self.returns:
                self._forget(*values)
        results = []
        for index in range(width):
            result = NEVER
            for values in self.returns:
                result |= values[index] if index < len(values) else NIL
            results.append(result)
        counts = self.counts
        now_varies = self.open_ended or len(counts) > 1
        if (results, now_varies) != (function.results, function.varies) or function not in self.analysed:
            self.analysed.add(function)
            function.results, function.varies = results, now_varies
            self.changed = True

    def settle(self) -> None:
        """Once all types are found: opens the functions whose number of results varies, and is seen."""
        if not self.changed:
            for function in self.counted:
                if function.varies:
                    self._open(function)

    def _open(self, function: Function) -> None:
        """Lets a function give a list of values."""
        if not function.open:
            function.open = self.changed = True

    def block(self, block: Block, env: Env) -> Env:
        """Types a block; the result is what is known behind it."""
        block.reached = len(block.statements)
        for index, statement in enumerate(block.statements):
            if env.dead and statement not in self.jumps:
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
        outer = self.steady
        self.steady = not _changes_state(statement)
        after = self._statement(statement, self._steadied(env))
        if self.steady and _changes_state(statement):
            self.changed = True  # by a metamethod that has only now been found
        self.steady = outer
        return after

    def _steadied(self, env: Env) -> Env:
        """What a statement leaves of the knowledge of what lives as long as the VM."""
        return env if self.steady else env.without({item for item in env.known if item.lasting})

    def _statement(self, statement: Stmt, env: Env) -> Env:
        match statement:
            case Define() | Assign():
                return self._assignment(statement, env)
            case Evaluate(call=call):
                self.value(call, env)
                _use(call, 0)
                return _after(call, env)
            case If():
                return self._if(statement, env)
            case Do(body=body):
                return self._arm(body, env)
            case Return(values=values):
                found = self.values(values, env, None)
                if any(isinstance(value, Action) and value.entry.ends for value in values):
                    return Env(dead=True)  # `return ngx.exit(403)` gives nothing to the caller
                self.returns.append(found)
                last = spreads(values)
                if last is None or last.known:
                    self.counts.add(len(found))
                if self.current is not None and last is not None and is_open(last):
                    self._open(self.current)
                if self.current is not None and self.current.open:
                    self._counted(values)
                self.open_ended |= last is not None and varies(last)
                return Env(dead=True)
            case Store():
                self._store(statement, env)
                return env
            case DefineFunction():
                return env
            case Break() | Continue() | Goto() | Label():
                return self._jump(statement, env)
            case _:
                return self._loop(statement, env)

    def _forget(self, *kept: Type) -> None:
        """Notes that values go where nothing is known of their types: into tables, to functions as values."""
        if "object" not in self.any and any(type_.objects for type_ in kept):
            self.any |= OBJECT
            self.changed = True

    def _field(self, key: Expr | None, value: Type) -> None:
        """Notes a function that answers for fields that are not there."""
        is_index = isinstance(key, Constant) and key.value == b"__index"
        if is_index and not value.only("table") and value.kinds and "__index" not in self.metamethods:
            self.metamethods |= {"__index"}
            self.changed = True

    def _jump(self, statement: Stmt, env: Env) -> Env:
        match statement:
            case Break():
                self.breaks[-1].append(env)
            case Goto(label=label):
                if label not in self.jumps:
                    self.jumps.add(label)
                    self.changed = True
            case Label():
                return Env()  # nothing is known that does not hold wherever `goto` is
            case _:
                pass
        return Env(dead=True)

    def _assignment(self, statement: Define | Assign, env: Env) -> Env:
        variables, values = statement.variables, statement.values
        found = self.values(values, env, len(variables))
        if _never_comes_back(values):
            return Env(dead=True)
        self._first_elements(variables, values)
        if isinstance(statement, Define):
            if not values:
                found = [NEVER if variable.unset else NIL for variable in variables]
            if len(variables) > 1 and len(values) == 1:
                self._link_exclusive(values[0], variables)
                self._link_captures(values[0], variables)
        return self._set(variables, found, env)

    def _counted(self, values: list[Expr]) -> None:
        """Notes that the number of values that a list ends with is seen."""
        last = spreads(values)
        if isinstance(last, Apply):
            self.counted.add(last.function)

    def _store(self, statement: Store, env: Env) -> None:
        object_ = self.value(statement.object, env)
        key = self.value(statement.key, env)
        value = self.value(statement.value, env)
        self._element(statement.object, value)
        self._row(statement.object, value)
        self._key(statement.object, key)
        self._forget(value, key)
        self._field(statement.key, value)
        statement.meta = self._may_be_meta("__newindex", statement.object)
        if object_.kinds and "table" not in object_ and "object" not in object_:
            if not object_.objects:
                self._raises(
                    statement.object, f"attempt to index {describe(statement.object)}(a {object_} value)"
                )
            else:
                self._no_field(statement.object, object_)
        elif key.only("nil"):
            self._raises(statement.key, "table index is nil")

    def _elements(self, table: Expr) -> Type:
        """The type of what is in a table, nil included."""
        found = lists.list_of(table)
        if found is not None and found.element is not None:
            return found.element | NIL
        return rows.of(table) or self.any

    def _items(self, statement: GenericFor) -> Type:
        """The type of what `pairs` or `ipairs` goes through."""
        return STRING if lists.texts(statement.values[0]) else self._elements(statement.values[0])

    def _first_elements(self, variables: list[Variable], values: list[Expr]) -> None:
        """Notes the elements that lists begin with, and the keys of other tables."""
        for variable, value in zip(variables, values, strict=False):
            self._key(Local(value.span, variable), tables.first_keys(value))
            for item in rows.first(value):
                self._row(Local(value.span, variable), item.type if lists.is_one([item]) else ANY)
            if variable.element is not None:
                for element in lists.elements(value) or []:
                    self._element(
                        Local(element.span, variable), element.type if lists.is_one([element]) else ANY
                    )

    def _key(self, table: Expr, type_: Type) -> None:
        """Notes a key of a table."""
        if isinstance(table, Local) and (variable := table.variable).keys is not None:
            grown = variable.keys | type_
            if grown != variable.keys:
                variable.keys = grown
                self.changed = True

    def _row(self, table: Expr, type_: Type) -> None:
        """Notes what is put into a table."""
        if isinstance(table, Local) and (variable := table.variable).rows is not None:
            grown = variable.rows | type_
            if grown != variable.rows:
                variable.rows = grown
                self.changed = True

    def _element(self, table: Expr, type_: Type) -> None:
        """Notes an element that is appended to a list."""
        if isinstance(table, Local) and (variable := table.variable).element is not None:
            grown = variable.element | type_
            if grown != variable.element:
                variable.element = grown
                self.changed = True

    # Loops

    def _loop(self, statement: Stmt, env: Env) -> Env:
        """Types a loop. Of variables that its body assigns to nothing is known in the beginning."""
        if isinstance(statement, NumericFor):
            self._range(statement, env)
        elif isinstance(statement, GenericFor):
            self._iterated(statement, env)
        head = env.copy()
        for inner in walk_statements(Block([statement])):
            if isinstance(inner, Assign):
                for variable in inner.variables:
                    head.known.pop(variable, None)
            if _changes_state(inner):
                head = head.without({item for item in head.known if item.lasting})
        self.breaks.append([])
        match statement:
            case While(condition=condition, body=body):
                then, after = self.condition(condition, head)
                self._arm(body, then)
            case Repeat(body=body, condition=condition):
                end = self.block(body, head)
                after = end if end.dead else self.condition(condition, end)[0]
            case NumericFor(body=body) | GenericFor(body=body):
                for variable in declared(statement):
                    head.known[variable] = variable.type
                self._arm(body, head)
                after = head
            case _:
                raise AssertionError(f"unknown statement {type(statement).__name__}")
        for env_ in self.breaks.pop():
            after = after.join(env_)
        return self._steadied(after)

    def _range(self, statement: NumericFor, env: Env) -> None:
        for expr, role in (
            (statement.start, "initial value"),
            (statement.stop, "limit"),
            (statement.step, "step"),
        ):
            if expr is not None:
                found = self.value(expr, env)
                if found.kinds and not found.kinds & {"number", "string"}:
                    self._raises(expr, f"'for' {role} must be a number")
        self._grow(statement.variable, NUMBER)
        statement.variable.counter = not statement.variable.assigned

    def _iterated(self, statement: GenericFor, env: Env) -> None:
        found = self.values(statement.values, env, 1 if statement.over else 3)
        if not statement.over:
            self._forget(*found)
        if statement.over and found[0].kinds and "table" not in found[0]:
            message = f"bad argument #1 to '{statement.over}' (table expected, got {found[0]})"
            self._raises(statement.values[0], message)
        captured = matched(statement)
        if captured is not None:
            for index, variable in enumerate(statement.variables):
                self._grow(variable, captured[index] if index < len(captured) else NIL)
            return
        counts = lists.counts(statement)
        statement.variables[0].counter = counts and not statement.variables[0].assigned
        keys = tables.keys_of(statement.values[0]) if statement.over == "pairs" else None
        given = [NUMBER if counts else self.any.drop("nil") if keys is None else keys]
        given += [self._items(statement).drop("nil")] if statement.over else []
        for index, variable in enumerate(statement.variables):
            self._grow(variable, given[index] if index < len(given) else NIL if statement.over else self.any)

    def _link_exclusive(self, call: Expr, variables: list[Variable]) -> None:
        """Notes a `value, err` pair. While a pipeline is filled, Redis commands return neither of the two."""
        if isinstance(call, Invoke) and call.action is not None:
            call = call.action
        exclusive = isinstance(call, Action) and call.entry.exclusive and not self.pipelines
        first, second = variables[:2]
        linked = exclusive and not first.assigned and not second.assigned
        first.exclusive, second.exclusive = (second, first) if linked else (None, None)

    def _link_captures(self, call: Expr, variables: list[Variable]) -> None:
        """Notes that the captures of a match are all there, or none."""
        action = call.action if isinstance(call, Invoke) else call
        found = match_captures(action) if isinstance(action, Action) and not action.adjusted else None
        linked = variables[: len(found)] if found else []
        if any(variable.assigned for variable in linked):
            linked = []
        for variable in variables:
            others = tuple(other for other in linked if other is not variable)
            variable.companions = others if variable in linked else ()

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
        env = self._steadied(env)
        if statement.otherwise is not None:
            env = self._arm(statement.otherwise, env)
        return after.join(env)

    def _arm(self, body: Block, env: Env) -> Env:
        if not env.dead:
            env = self._steadied(env)
            inner = [item for item in body.statements if isinstance(item, Define)]
            return self.block(body, env).without({each for item in inner for each in item.variables})
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
                padding = self.any if is_open(expr) and not _is_match(expr) else NIL if expr.known else NEVER
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
                known = variable.type if self._is_shared(variable) else env.known.get(variable, variable.type)
                # A variable that holds other things, too, carries no union's values as that union.
                return known if known.family == variable.type.family else Type(known.kinds)
            case ConfigValue(config=config):
                return config.type
            case Action():
                return self._action(expr, env)
            case Invoke():
                return self._invoke(expr, env)
            case Apply(function=function, args=args):
                return self._apply(expr, function, self.values(args, env, None), env)
            case Load(main=main, kept=None):
                return self._load(expr, main)
            case Load(main=main, kept=Variable() as kept):
                self._load(expr, main)
                self._grow(kept, self.any)
                expr.results = [kept.type]
                return kept.type
            case HookCall(hook=hook, args=args):
                self.values(args, env, None)
                expr.results = [hook.result]
                return hook.result
            case Unary():
                return self._unary(expr, env)
            case Binary():
                return self._binary(expr, env)
            case Logical():
                self._logical(expr, env)
                return expr.type
            case _:
                return self._dynamic(expr, env)

    def _dynamic(self, expr: Expr, env: Env) -> Type:
        """Types tables and functions as values, and what comes out of them."""
        match expr:
            case Record(fields=fields):
                for name, field in fields.items():
                    self._forget(self.value(field, env))
                    self._field(Constant(field.span, name.encode("utf-8", "surrogateescape")), field.type)
                return TABLE
            case Constructor(fields=entries):
                for key, _ in entries:
                    if key is not None and self.value(key, env).only("nil"):
                        self._raises(key, "table index is nil")
                positional = [value for key, value in entries if key is None]
                for key, value in entries:
                    if key is not None:
                        self._forget(key.type, self.value(value, env))
                        self._field(key, value.type)
                self._forget(*self.values(positional, env, None))
                self._counted(positional)
                return TABLE
            case Closure(function=function):
                self._called(function)
                return FUNCTION
            case Vararg():
                expr.results = [self.any]
                return self.any
            case ApplyValue(callee=callee, args=args):
                found = self.value(callee, env)
                self._forget(*self.values(args, env, None))
                self._counted(args)
                callable_ = found.keep("function", "table") if self._has("__call") else found.keep("function")
                if found.kinds and not callable_.kinds:
                    self._raises(expr, f"attempt to call {describe(callee)}(a {found} value)")
                expr.results = [self.any]
                return self.any
            case _:
                raise AssertionError(f"unknown expression {type(expr).__name__}")

    def _has(self, *events: str) -> bool:
        """Whether the program has a metamethod for one of these events."""
        return not self.metamethods.isdisjoint(events)

    def _may_be_meta(self, event: str, table: Expr) -> bool:
        """Whether reading or setting a field of a value may run a metamethod."""
        is_own = "table" in table.type and not table.type.family and lists.list_of(table) is None
        return self._has(event) and is_own

    def _is_shared(self, variable: Variable) -> bool:
        """Whether another function than this one may have assigned to a variable since a test of it."""
        if variable.lasting:
            return not self.steady
        return variable.foreign or (
            variable.captured and variable.assigned and variable.owner is not self.current
        )

    def _called(self, function: Function) -> None:
        if function not in self.called:
            self.called.add(function)
            self.changed = True

    def _action(self, expr: Action, env: Env) -> Type:
        if expr.receiver is not None:
            self.value(expr.receiver, env)
        found = self.values(expr.args, env, None)
        if expr.later is not None:
            self._later(expr.later, found)
        if expr.entry.variadic:
            self._counted(expr.args)
        if expr.entry.name == "table.insert":
            plain = len(expr.args) == 2 and lists.is_one(expr.args)
            self._element(expr.args[0], found[1] if plain else ANY)
            self._row(expr.args[0], found[1] if plain else ANY)
        if expr.entry.name.startswith(_REGEX):
            self._regex(expr)
        parameters = expr.entry.parameters
        for index, type_ in enumerate(found):
            if index < len(parameters) or (expr.entry.variadic and parameters):
                parameter = parameters[min(index, len(parameters) - 1)]
                self._check_argument(expr, expr.args[min(index, len(expr.args) - 1)], parameter, type_)
                if parameter.takes_anything and expr.entry.name not in _LOOKING:
                    self._forget(type_)
        if expr.entry.name in _SHOWING and self._has("__tostring"):
            expr.meta = any("table" in type_ for type_ in found)
        if expr.entry.name == "redis:init_pipeline" and not self.pipelines:
            self.pipelines = self.changed = True
        expr.results = [self.any if result is ANY else result for result in expr.entry.results]
        expr.results = expr.results or ([self.any] if expr.entry.open else [])
        captured = match_captures(expr)
        if captured:
            expr.single = len(captured) == 1 and len(expr.args) == 2
            expr.results = [OPT_STRING] * len(captured)
        if expr.entry.name == "select" and isinstance(expr.args[0], Constant) and expr.args[0].value == b"#":
            expr.results = [NUMBER]
        if expr.entry.ends:
            return NEVER
        return expr.results[0] if expr.results else NIL

    def _later(self, function: Function, found: list[Type]) -> None:
        """Types the parameters of a function that a timer calls: `premature`, what is behind the delay."""
        self._called(function)
        for index, parameter in enumerate(function.parameters):
            given = found[index] if index < len(found) else NIL
            self._grow(parameter, BOOLEAN if index == 0 else given)

    def _regex(self, expr: Action) -> None:
        """Looks at the regular expression of a call of ngx.re, where it is constant."""
        match expr.args:
            case [_, Constant(value=bytes() as pattern) as where, *more]:
                pass
            case _:
                return
        feature = regexes.unsupported(pattern)
        if feature:
            message = f"the regular expression has {feature}, which a plugin can't match"
            self._say(Diagnostic("S2W308", message, where.span, help="write it without"))
            return
        options = more[-1:] if expr.entry.name in ("ngx.re.sub", "ngx.re.gsub") else more[:1]
        given = options[0].value if options and isinstance(options[0], Constant) else b""
        message = regexes.fault(pattern, given if isinstance(given, bytes) else b"")
        if message:
            self._say(
                Diagnostic(
                    "S2W309",
                    f"nginx does not take this regular expression: {message}",
                    where.span,
                    reason="each call gives nil and this error, in nginx and in the plugin",
                    help="correct it",
                    severity=Severity.WARNING,
                )
            )

    def _check_argument(self, action: Action, arg: Expr, parameter: Parameter, type_: Type) -> None:
        is_plain = "table" in parameter.type or (parameter.takes_anything and action.entry.checked)
        if isinstance(arg, Record) and not is_plain and (parameter.names or not action.entry.checked):
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
            if isinstance(arg, Local) and arg.span == action.span:  # the function is a value
                self._refuse(
                    arg,
                    f"'{action.name}' can't be a value",
                    "one of its arguments has to be a constant, and callers of a value can give any",
                    f"write function(s) return {action.name}(s) end in its place",
                )
                return
            self._refuse(arg, f"'{action.name}' can be compiled with a constant only")
        elif not parameter.takes_anything and type_.kinds and not type_.kinds & parameter.kinds:
            if parameter.type.only("number") and "string" in type_ and not parameter.raises:
                return  # a string that reads as a number would do in Lua; the backend refuses it
            message = (
                parameter.raises.replace("TYPE", str(type_))
                or f"'{action.name}' wants a {parameter.type}, not a {type_}"
            )
            self._raises(arg, message, not parameter.is_checked)

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
        key = self.value(expr.key, env)
        expr.meta = self._may_be_meta("__index", expr.object)
        if expr.meta:
            self._forget(key)
        if object_.only(*_NOT_INDEXED):
            self._raises(expr, f"attempt to index {describe(expr.object)}(a {Type(object_.kinds)} value)")
        elif object_.objects:
            self._forget(object_)  # a method as a value takes whatever object it is given
        if lists.list_of(expr.object) is not None or rows.of(expr.object) is not None:
            return self._elements(expr.object)
        if object_.family:
            return types.of("boolean", "nil", "null", "number", "string", "table")
        return self.any

    def _no_field(self, expr: Expr, type_: Type) -> None:
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
        expr.known = expr.action is not None or expr.dynamic
        if expr.dynamic:
            receiver = self.value(expr.receiver, env)
            self._forget(receiver, *self.values(expr.args, env, None))
            if expr.own is None and expr.make_own is not None and "string" in receiver:
                expr.own, self.changed = expr.make_own(), True
            if expr.own is not None:
                self.value(expr.own, env)
            self._counted(expr.args)
            expr.results = [self.any]
            return self.any
        if expr.action is None:
            receiver = self.value(expr.receiver, env)
            self.values(expr.args, env, None)
            if self._is_dynamic(expr, receiver):
                expr.dynamic = self.changed = True
                return self.any
            if not receiver.truthy.kinds:
                if receiver.kinds:
                    message = f"attempt to index {describe(expr.receiver)}(a {receiver} value)"
                    self._raises(expr, message)
                expr.dynamic = bool(receiver.kinds)
                self.changed |= expr.dynamic
                return NEVER
            if receiver.only(*_NOT_INDEXED):
                self._raises(expr, f"attempt to index {describe(expr.receiver)}(a {receiver} value)")
                expr.dynamic = self.changed = True
                return self.any
            expr.action, diagnostic = find_method(expr, receiver)
            self._say(diagnostic)
            if expr.action is None:
                return NEVER
            expr.known = self.changed = True
        self._say(check_count(expr, expr.action))
        expr.action.adjusted = expr.adjusted
        result = self.value(expr.action, env)
        expr.results = expr.action.results
        if self._is_dynamic(expr, expr.receiver.type):
            expr.action = None  # no string, or no such object, after all
            expr.dynamic = self.changed = True
        return result

    def _is_dynamic(self, expr: Invoke, receiver: Type) -> bool:
        """Whether a method call may be that of a table's field. A value of which nothing is known is taken
        for a string if the name is that of a string's method, and no table of the program has such a field.
        """
        known = len(receiver.truthy.kinds) == 1 and "object" not in receiver
        if receiver.family or not ("table" in receiver or (receiver.objects and not known)):
            return False
        is_string_method = f"string.{expr.method}" in catalogue.load().entries
        return not (is_string_method and "string" in receiver) or expr.method in self.fields

    def _apply(self, expr: Apply, function: Function, found: list[Type], env: Env) -> Type:
        self._called(function)
        last = spreads(expr.args)
        missing = NIL if last is None else self.any if is_open(last) else NIL if last.known else NEVER
        for index, parameter in enumerate(function.parameters):
            self._grow(parameter, found[index] if index < len(found) else missing)
        expr.results = [self.any] if function.open else list(function.results)
        expr.known = function in self.analysed
        return expr.results[0] if expr.results else NIL if expr.known else NEVER

    def _load(self, expr: Load, main: Function) -> Type:
        """What `require` gives: what the main chunk returns, true in the place of nil."""
        self._called(main)
        expr.known = main in self.analysed
        found = main.results[0] if main.results else NIL if expr.known else NEVER
        if found.kinds and not (found.only("table") or found.only("function") or found.only("nil")):
            self._open(main)
        if main.open:
            found = self.any
        expr.results = [found.drop("nil") | TRUE if "nil" in found else found]
        return expr.results[0]

    def _unary(self, expr: Unary, env: Env) -> Type:
        operand = self.value(expr.operand, env)
        if expr.operator == "not":
            return truth(operand, negate=True)
        if expr.operator == "-":
            expr.meta = self._has("__unm") and "table" in operand
            self._need(expr, expr.operand, ("number", "string"), "perform arithmetic on")
        else:
            self._need(expr, expr.operand, ("string", "table"), "get length of")
        return NUMBER | self.any if expr.meta else NUMBER

    def _binary(self, expr: Binary, env: Env) -> Type:
        left, right = self.value(expr.left, env), self.value(expr.right, env)
        if expr.operator in ("==", "~="):
            expr.meta = self._has("__eq") and "table" in left and "table" in right
            return BOOLEAN
        if expr.operator in ORDER:
            expr.meta = self._has("__lt", "__le") and "table" in left and "table" in right
            fits = left.kinds & right.kinds & {"number", "string"}
            if left.kinds and right.kinds and not fits and not expr.meta:
                names = sorted((str(left), str(right)))
                self._raises(expr, f"attempt to compare {names[0]} with {names[1]}")
            return BOOLEAN
        expr.meta = self._has(_OPERATOR_EVENTS[expr.operator]) and ("table" in left or "table" in right)
        if expr.meta:
            self._forget(left, right)
        action = "concatenate" if expr.operator == ".." else "perform arithmetic on"
        self._need(expr, expr.left, ("number", "string"), action)
        self._need(expr, expr.right, ("number", "string"), action)
        result = STRING if expr.operator == ".." else NUMBER
        return result | self.any if expr.meta else result

    def _need(self, whole: Expr, expr: Expr, kinds: tuple[str, ...], action: str) -> None:
        if expr.type.kinds and not expr.type.kinds & set(kinds) and not whole.meta:
            self._raises(expr, f"attempt to {action} {describe(expr)}(a {expr.type} value)")

    def _logical(self, expr: Logical, env: Env) -> tuple[Env, Env]:
        """Types `and` and `or`, each operand once, and what is known where they hold and where not."""
        first, second = self.condition(expr.left, env)
        left = expr.left.type
        if _always_left(expr):
            expr.type = left  # the right operand never runs, and goes
            return first, second
        then, otherwise = self.condition(expr.right, first if expr.operator == "and" else second)
        right = expr.right.type
        if expr.operator == "and":
            expr.type = (left.falsy | right) if left.truthy.kinds else left.falsy
            return then, second.join(otherwise)
        expr.type = (left.truthy | right) if left.falsy.kinds else left.truthy
        return first.join(then), otherwise

    def condition(self, expr: Expr, env: Env) -> tuple[Env, Env]:
        """Types a condition; the result is what is known where it holds and where it does not."""
        if isinstance(expr, Logical):
            return self._logical(expr, env)
        type_ = self.value(expr, env)
        match expr:
            case Unary(operator="not", operand=operand):
                then, otherwise = self.condition(operand, env)
                return otherwise, then
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
    """The action that a method call turned out to be; the operand that `and` or `or` always gives."""
    if isinstance(expr, Invoke) and expr.action is not None:
        return expr.action
    if isinstance(expr, Logical) and _always_left(expr):
        return _one(expr.left)
    if isinstance(expr, Logical) and expr.operator == "and" and _is_true(expr.left):
        return expr if has_event(expr.left) else _one(expr.right)
    if isinstance(expr, Unary | Binary) and not expr.meta:
        # Of operands that are constants now: Go would compute them exactly, and refuses a division by 0.
        folded = fold(expr)
        folded.type = expr.type
        return folded
    return expr


def _always_left(expr: Logical) -> bool:
    """Whether the value is that of the left operand of `or`, whatever the right one is."""
    return expr.operator == "or" and _is_true(expr.left)


def _is_true(expr: Expr) -> bool:
    """Whether a value always counts as true."""
    return bool(expr.type.kinds) and not expr.type.falsy.kinds


def _one(expr: Expr) -> Expr:
    """One value: of a call the first."""
    if isinstance(expr, Call):
        expr.adjusted = True
    return expr


def truth(type_: Type, negate: bool = False) -> Type:
    """The type of the truth value of a value of this type."""
    holds, fails = bool(type_.truthy.kinds), bool(type_.falsy.kinds)
    if negate:
        holds, fails = fails, holds
    return (TRUE if holds else NEVER) | (FALSE if fails else NEVER)


def describe(expr: Expr) -> str:
    """How Lua's error texts name an operand: `local 'x' ` or nothing."""
    if not isinstance(expr, Local):
        return ""
    if expr.variable.field:
        return f"field '{expr.variable.field}' "
    return f"{expr.variable.lasting or 'local'} '{expr.variable.name}' "


def _changes_state(statement: Stmt) -> bool:
    """Whether a statement itself may run code that changes what lives as long as the VM: that of the program,
    or while it waits that of other requests.
    """
    match statement:
        case Store(meta=True):
            return True
        case GenericFor(over="") if matched(statement) is None:
            return True  # each round calls the iterator
        case _:
            return any(
                runs_code(expr) or (isinstance(expr, Action) and expr.entry.suspends)
                for root in statement_expressions(statement)
                for expr in walk_expression(root)
            )


def _never_comes_back(values: list[Expr]) -> bool:
    """Whether all that an assignment is made of is a call that ends the handler."""
    match values:
        case [Action(entry=entry)]:
            return entry.ends
        case _:
            return False


def _is_match(call: Call) -> bool:
    """Whether the results of a call are the captures of a pattern, and none behind them."""
    action = call.action if isinstance(call, Invoke) else call
    return isinstance(action, Action) and match_captures(action) is not None


def _after(call: Call, env: Env) -> Env:
    """What is known behind a call: nothing if it ends the handler."""
    return Env(dead=True) if isinstance(call, Action) and call.entry.ends else env


def _use(call: Expr, count: int) -> None:
    """Notes how many results of a call the program looks at."""
    if isinstance(call, Invoke) and call.action is not None:
        call = call.action
    if isinstance(call, Action):
        call.used = count
