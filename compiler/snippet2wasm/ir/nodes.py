"""The nodes of the IR.

Lowering builds the tree; the type analysis fills in `type` of every expression, `results` of every call and
the types of variables and functions; later passes only read. Control flow is structured because the target
is Go source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from snippet2wasm.ir.types import NEVER, Type

if TYPE_CHECKING:
    from snippet2wasm.catalogue import Entry, ValueEntry
    from snippet2wasm.source import Source, Span


class Phase(Enum):
    """When a handler runs, in nginx's order; the value of one that Lua code can have is the name of its nginx
    directive without `_by_lua…`. The others are for what directives do, by the phase that nginx does it in.
    """

    SERVER_REWRITE = "server_rewrite"  # set, if, return and rewrite of the server
    SET = "set"  # the same of the location, and set_by_lua
    REWRITE = "rewrite"
    INPUT = "input"  # more_set_input_headers
    PREACCESS = "preaccess"  # limit_conn, limit_req
    RULES = "rules"  # allow, deny, auth_basic, auth_request
    ACCESS = "access"
    PRECONTENT = "precontent"  # try_files
    CONTENT = "content"
    PASS = "pass"  # proxy_pass, for subrequests
    TIMER = "timer"  # what ngx.timer.at starts: a phase of no request
    ERROR = "error"  # error_page, where nginx's own page would be the answer
    PROXY = "proxy"  # what goes to the upstream: proxy_set_header
    UPSTREAM = "upstream"  # what comes from it: proxy_hide_header
    HEADER_FILTER = "header_filter"
    HEADERS = "headers"  # more_set_headers, then expires and add_header
    BODY_FILTER = "body_filter"
    BODY = "body"  # sub_filter
    LOG = "log"

    @property
    def context(self) -> str:
        """What nginx calls it in messages."""
        return "ngx.timer" if self is Phase.TIMER else f"{self.value}_by_lua*"

    @property
    def of_response(self) -> bool:
        """Whether its handler is about the response: everything that the request led to is over."""
        return self in _OF_RESPONSE

    @property
    def lua(self) -> bool:
        """Whether handlers of this phase are Lua code of a `*_by_lua` directive."""
        return self in LUA_PHASES

    @property
    def reads_body(self) -> bool:
        """Whether `lua_need_request_body` reads the body in front of its handler."""
        return self in (Phase.REWRITE, Phase.ACCESS, Phase.CONTENT)


LUA_PHASES = (
    Phase.REWRITE,
    Phase.ACCESS,
    Phase.CONTENT,
    Phase.HEADER_FILTER,
    Phase.BODY_FILTER,
    Phase.LOG,
)
"""The phases that have a `*_by_lua` directive, but for `set_by_lua`."""

_OF_RESPONSE = frozenset(
    (Phase.UPSTREAM, Phase.HEADER_FILTER, Phase.HEADERS, Phase.BODY_FILTER, Phase.BODY, Phase.LOG)
)


@dataclass(eq=False)
class Variable:
    """A local variable or a parameter.

    Attributes:
        name: its name in the Lua source.
        span: where it is declared.
        type: all that it may hold during its life.
        exclusive: the other variable of a `v, err` pair: exactly one of the two is nil or false.
        companions: the variables of the other captures of a match: all of them are nil, or none.
        assigned: whether it gets a new value after its declaration.
        captured: whether a function inside its own uses it.
        owner: the function whose variable it is, where `captured`.
        foreign: whether a function inside its own assigns to it: then no test of it shows anything for long.
        origin: the expression whose value it holds, if it is the compiler's and not the program's.
        lasting: "" for a variable of a request; "global" or "upvalue" for one that lives as long as nginx's
            Lua VM, by what Lua's error texts call it.
        field: the name of the field of a record that it was; "" for a variable of the program.
        unset: whether it is declared without a value, and is nil only where nobody reads it.
        counter: set by the type analysis: whether a loop counts with it, so that it is never NaN.
        element: what the elements of the list are that it holds; None if it holds something else.
        keys: what the keys of the table are that it holds; None if others may add to that.
        rows: what is in the table that it holds; None if others may add to that.
        table: the variable in which the emission has it as a table.
        holds_table: whether it is such a variable.
    """

    name: str
    span: Span
    type: Type = NEVER
    exclusive: Variable | None = None
    companions: tuple[Variable, ...] = ()
    assigned: bool = False
    captured: bool = False
    owner: Function | None = field(default=None, repr=False)
    foreign: bool = False
    origin: Expr | None = None
    lasting: str = ""
    element: Type | None = None
    keys: Type | None = None
    rows: Type | None = None
    table: Variable | None = field(default=None, repr=False)
    holds_table: bool = False
    unset: bool = False
    field: str = ""
    counter: bool = False


# Expressions


@dataclass(eq=False)
class Expr:
    """A value.

    Attributes:
        type: what it can be at this very place, after all tests around it.
        meta: set by the type analysis: a metamethod may do it, which is code of the program.
    """

    span: Span
    type: Type = field(default=NEVER, init=False)
    meta: bool = field(default=False, init=False)


@dataclass(eq=False)
class Constant(Expr):
    """nil, a boolean, a number or a string (bytes); `name` is its Lua name (`ngx.HTTP_FORBIDDEN`) if it has
    one.
    """

    value: bool | float | bytes | None
    name: str = ""


@dataclass(eq=False)
class LibraryValue(Expr):
    """A value of a library that is no plain constant: `ngx.null`."""

    entry: ValueEntry


@dataclass(eq=False)
class Index(Expr):
    """`object[key]` of a value.

    Attributes:
        line: the line that LuaJIT reads it in, which is that of an operator behind it; 0 if it ends there.
    """

    object: Expr
    key: Expr
    line: int = field(default=0, init=False)


@dataclass(eq=False)
class Local(Expr):
    """The value of a local variable."""

    variable: Variable


@dataclass(eq=False)
class ConfigValue(Expr):
    """A field of the plugin's configuration."""

    config: ConfigField


@dataclass(eq=False)
class Record(Expr):
    """A table constructor with constant names that goes straight into a library call."""

    fields: dict[str, Expr]


@dataclass(eq=False)
class Constructor(Expr):
    """`{…}` in general: keys and values in order, no key for a positional value."""

    fields: list[tuple[Expr | None, Expr]]


@dataclass(eq=False)
class Closure(Expr):
    """A function as a value."""

    function: Function


@dataclass(eq=False)
class Call(Expr):
    """A call; its own `type` is its first result.

    Attributes:
        results: types of all results.
        adjusted: the call stands where exactly one value is wanted (in parentheses, or not last in a list).
        known: set by the type analysis: `results` is all that there is.
        line: the line in which its arguments begin, which LuaJIT's errors name; 0 if its own is meant.
    """

    results: list[Type] = field(default_factory=list, init=False)
    adjusted: bool = field(default=False, init=False)
    known: bool = field(default=True, init=False)
    line: int = field(default=0, init=False)


@dataclass(eq=False)
class Action(Call):
    """Something that the catalogue knows: a host effect or a library function.

    Attributes:
        entry: what it is.
        name: how the source calls it (`red:setex`, `ngx.var.arg_d`).
        receiver: the object of a method.
        args: the operands.
        used: how many of its results the program looks at.
        single: set by the type analysis: a match that captures one text, so that it gives that or nil.
        method: whether it is written as a method of its first operand: `text:upper()`.
        tail: whether it is all that a `return` gives: then errors in it have no position in Lua.
        guarded: whether it may stand in a phase that does not allow it, and raises nginx's error there.
        later: the function that a timer calls later, with `premature` and the operands behind the first.
        given: set by the emission: how many of the operands there are; the others are nil, because the
            call that stands for them gives too few.
    """

    entry: Entry
    name: str
    receiver: Expr | None
    args: list[Expr]
    later: Function | None = field(default=None, init=False)
    given: int | None = field(default=None, init=False)
    used: int = field(default=1, init=False)
    single: bool = field(default=False, init=False)
    method: bool = field(default=False, init=False)
    tail: bool = field(default=False, init=False)
    guarded: bool = field(default=False, init=False)


@dataclass(eq=False)
class Invoke(Call):
    """`receiver:method(args)`: which action that is, the type analysis finds out from the receiver's type.

    `dynamic`: it is none, but a call of a field of a table. `own`: where the receiver may be a string as
    well, the string library's function as a value, which `make_own` makes (None: there is none of that name).
    """

    receiver: Expr
    method: str
    args: list[Expr]
    make_own: Callable[[], Expr] | None = None
    own: Expr | None = field(default=None, init=False)
    action: Action | None = field(default=None, init=False)
    dynamic: bool = field(default=False, init=False)
    tail: bool = field(default=False, init=False)


@dataclass(eq=False)
class Apply(Call):
    """A call of a function of the program.

    Attributes:
        variable: `ngx.var.who`, where Lua reads a variable of nginx that the function computes.
        guarded: it may be read in a timer, where nginx raises an error.
    """

    function: Function
    args: list[Expr]
    tail: bool = field(default=False, init=False)
    variable: str = field(default="", init=False)
    guarded: bool = field(default=False, init=False)


@dataclass(eq=False)
class Load(Call):
    """`require` of a module of the project: runs its main chunk, once, and gives what that returns.

    Attributes:
        name: of the module.
        main: its main chunk.
        kept: what `package.loaded` has of it, where the program names that.
    """

    name: str
    main: Function
    kept: Variable | None = None


@dataclass(eq=False)
class ApplyValue(Call):
    """A call of a value.

    `tail`, as of other calls: whether it is all that a `return` gives.
    """

    callee: Expr
    args: list[Expr]
    tail: bool = field(default=False, init=False)


@dataclass(eq=False)
class Vararg(Call):
    """`...`: as if a call gave all of the extra arguments."""


@dataclass(eq=False)
class HookCall(Call):
    """A call of a Go function of the user's."""

    hook: Hook
    args: list[Expr]


@dataclass(eq=False)
class Unary(Expr):
    """`not`, `-` or `#`."""

    operator: str
    operand: Expr


ORDER = frozenset(("<", "<=", ">", ">="))
"""The operators that compare by order."""


@dataclass(eq=False)
class Binary(Expr):
    """Arithmetic (`+ - * / % ^`), comparison (`== ~= < <= > >=`) or concatenation (`..`)."""

    operator: str
    left: Expr
    right: Expr


@dataclass(eq=False)
class Logical(Expr):
    """`and`, `or`."""

    operator: str
    left: Expr
    right: Expr


# Statements


@dataclass(eq=False)
class Stmt:
    """A statement."""

    span: Span


@dataclass(eq=False)
class Define(Stmt):
    """`local a, b = …`: missing values are nil."""

    variables: list[Variable]
    values: list[Expr]


@dataclass(eq=False)
class Assign(Stmt):
    """`a, b = …` for local variables: all values first, then all assignments."""

    variables: list[Variable]
    values: list[Expr]


@dataclass(eq=False)
class Store(Stmt):
    """`object[key] = value`; `meta` as in Expr."""

    object: Expr
    key: Expr
    value: Expr
    meta: bool = field(default=False, init=False)


@dataclass(eq=False)
class DefineFunction(Stmt):
    """The place of a function that uses variables around it, and is called by name only."""

    function: Function


@dataclass(eq=False)
class Evaluate(Stmt):
    """A call whose results nobody wants."""

    call: Call


@dataclass(eq=False)
class If(Stmt):
    """`if … then … elseif … else … end`.

    Attributes:
        verdicts: set by the type analysis, for each arm: True if its condition always holds here, False if
            it never does.
    """

    arms: list[tuple[Expr, Block]]
    otherwise: Block | None
    verdicts: list[bool | None] = field(default_factory=list, init=False)


@dataclass(eq=False)
class Do(Stmt):
    """`do … end`: a scope."""

    body: Block


@dataclass(eq=False)
class While(Stmt):
    """`while condition do body end`."""

    condition: Expr
    body: Block


@dataclass(eq=False)
class Repeat(Stmt):
    """`repeat body until condition`; the condition sees the body's variables."""

    body: Block
    condition: Expr


@dataclass(eq=False)
class NumericFor(Stmt):
    """`for variable = start, stop, step do body end`; errors about the numbers name the line of `do`."""

    variable: Variable
    start: Expr
    stop: Expr
    step: Expr | None
    body: Block
    line: int = field(default=0, init=False)


@dataclass(eq=False)
class GenericFor(Stmt):
    """`for variables in values do body end`; `pairs` or `ipairs` if that is what gives the values, whose
    calls' line, or the values', errors name.
    """

    variables: list[Variable]
    values: list[Expr]
    body: Block
    over: str = ""
    line: int = field(default=0, init=False)


@dataclass(eq=False)
class Break(Stmt):
    """`break`."""


@dataclass(eq=False)
class Continue(Stmt):
    """`goto` to the end of the loop around it."""


@dataclass(eq=False)
class Label(Stmt):
    """A place that `goto` goes on at."""

    name: str


@dataclass(eq=False)
class Goto(Stmt):
    """`goto` to another place than the end of the loop around it."""

    label: Label


@dataclass(eq=False)
class Return(Stmt):
    """`return …`."""

    values: list[Expr]


@dataclass(eq=False)
class Block:
    """Statements in order.

    Attributes:
        ends: set by the type analysis: control never reaches the end of the block.
        reached: set by the type analysis: how many of the statements control can reach.
    """

    statements: list[Stmt] = field(default_factory=list)
    ends: bool = False
    reached: int = field(default=0, init=False)


# What a unit is made of


@dataclass(frozen=True)
class ConfigField:
    """A value that the plugin gets from its configuration.

    Attributes:
        key: the name in the configuration.
        lua_name: the Lua name that it stands for.
        type: string, number or boolean; a string or nil for a variable of the environment.
        secret: whether it must not be shown.
        span: where it is first wanted.
        environment: whether it is a variable of nginx's environment, which need not be there.
        literal: what stands in its place in a directive; None for all others.
    """

    key: str
    lua_name: str
    type: Type
    secret: bool
    span: Span
    environment: bool = False
    literal: str | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Hook:
    """A Go function of the user's that stands for a Lua global.

    Attributes:
        lua_name: the Lua name.
        go_name: the exported Go function.
        folder: the folder of its package, as the bindings give it (resolved to a path).
        parameters: types of the parameters.
        result: type of the result; nil-able strings are `(string, bool)` in Go.
        takes_request: whether the first Go parameter is the request.
    """

    lua_name: str
    go_name: str
    folder: str
    parameters: tuple[Type, ...]
    result: Type
    takes_request: bool


@dataclass(eq=False)
class Function:
    """A Lua function that is called by name.

    Attributes:
        name: its Lua name.
        span: the whole definition.
        chunk: nginx's name of the chunk that holds it, for error texts.
        parameters, body: as written, but for `tables`.
        tables: places of parameters that mean the table ngx, `function(ngx, name)`, which nobody passes.
        results: types of its results, joined over all returns.
        located: whether it is told where it was called, for errors of level 2.
        varies: whether it returns now more, now fewer results.
        suspends: whether a call of it may wait.
        exits: whether it can end the handler (`ngx.exit` inside).
        needs_request: whether it, or what it calls, touches the request.
        needs_config: the same for the configuration.
        needs_state: the same for what lives as long as nginx's Lua VM.
        vararg: whether it takes `...`.
        value: whether it is used as a value: then it takes and gives lists of values.
        library: whether it is one of the library's, made a value.
        about: what it is for, where that is no function of Lua.
        open: whether it gives a list of values, since their number is not known.
        nested: whether it uses variables of the functions around it.
        recursive: whether it may call itself, through others or not, but for `loops`.
        loops: whether it returns calls of itself, which need no stack.
        repeated: whether it may run many times for one request: strings that it makes can grow without end.
        apart: whether nothing but a timer calls it.
        timed: whether it may run in a timer, where there is another request than around it.
    """

    name: str
    span: Span
    chunk: str
    parameters: list[Variable]
    body: Block
    tables: frozenset[int] = frozenset()
    results: list[Type] = field(default_factory=list)
    located: bool = False
    about: str = ""
    library: bool = False
    varies: bool = False
    vararg: bool = False
    value: bool = False
    open: bool = False
    nested: bool = False
    recursive: bool = False
    loops: bool = False
    repeated: bool = False
    apart: bool = False
    timed: bool = False
    suspends: bool = False
    exits: bool = False
    needs_request: bool = False
    needs_config: bool = False
    needs_state: bool = False


@dataclass(eq=False)
class Handler:
    """A handler of one phase: `body.name` is the directive that held it.

    `levels` are the numbers of the levels that have it; none where the unit has one level only.
    """

    phase: Phase
    body: Function
    levels: tuple[int, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it may wait for the network; nginx lets no handler of the response do that."""
        return self.body.suspends and not self.phase.of_response


@dataclass(frozen=True)
class Location:
    """Where a unit acts: an nginx location.

    Attributes:
        modifier: "", "=", "^~", "~" or "~*".
        path: the prefix, the exact URI or the regular expression.
        proxied: it ends with a slash, and its requests go to a service: those for the path without the slash
            are redirected.
    """

    modifier: str
    path: str
    proxied: bool = False


@dataclass(frozen=True)
class Listener:
    """Which requests a server of several is for.

    Attributes:
        names: of `server_name`, in lower case.
        ports: at which it listens; none where all servers listen at the same.
        tls: those of them with TLS.
        default: those of them whose other requests it gets; 0 stands for all where `ports` are none.
    """

    names: tuple[str, ...]
    ports: tuple[int, ...] = ()
    tls: tuple[int, ...] = ()
    default: tuple[int, ...] = ()

    @property
    def shown(self) -> str:
        """How messages and constants call the server."""
        names = [each for each in self.names if each not in ("", "_")]
        ports = [f":{each}" for each in self.ports]
        return " ".join(["server", *names[:1], *ports[:1]])


@dataclass(frozen=True, eq=False)
class UnitLevel:
    """A level of nginx's configuration that requests can be at.

    Attributes:
        text: how it begins, `location /api` or `if ($bot)`; "server" for what is in no location.
        span: where.
        match: the locations that it is, by which requests find it; none for those that they get to otherwise.
        internal: whether requests only get to it from another location.
        within: the number of the location around it, or of its server; 0 for the first server.
        name: of a named location, `@name`; "" for all others.
        listener: of a server, where there are several: which requests it is for.
    """

    text: str
    span: Span
    match: tuple[Location, ...] = ()
    internal: bool = False
    within: int = 0
    name: str = ""
    listener: Listener | None = None


@dataclass(eq=False)
class Unit:
    """All that acts on one request in one place.

    Attributes:
        name: of the plugin, or of the unit in a bundle.
        handlers: by phase, in nginx's order.
        functions: of the program.
        config: what it gets from its configuration.
        hooks: Go functions of the user's.
        location: where it acts.
        state: what lives as long as nginx's Lua VM.
        modules: the project's own modules.
        start: what runs when the configuration is read; None if nothing does.
        dicts: the sizes of the shared dicts that there are, in bytes, by name.
        files: files that its code reads.
        levels: those of nginx's configuration, where there are several; the first is the server.
        routes: where nginx sends requests, each on a line: what the gateway's routes have to do.
    """

    name: str
    handlers: list[Handler]
    functions: list[Function]
    config: list[ConfigField]
    hooks: list[Hook]
    location: Location | None
    state: list[Variable] = field(default_factory=list)
    dicts: dict[str, int] = field(default_factory=dict)
    modules: list[LoadedModule] = field(default_factory=list)
    start: Function | None = None
    files: list[EmbeddedFile] = field(default_factory=list)
    levels: list[UnitLevel] = field(default_factory=list)
    routes: list[str] = field(default_factory=list)

    @property
    def bodies(self) -> list[Function]:
        """The functions of all handlers, and all others that are known by name."""
        return [handler.body for handler in self.handlers] + self.functions

    def actions(self, *names: str) -> Iterator[Action]:
        """Every action of these functions; if names of entries are given, those of them."""
        for function in self.bodies:
            for expr in walk_expressions(function.body):
                if isinstance(expr, Action) and (not names or expr.entry.name in names):
                    yield expr

    @property
    def stage(self) -> str:
        """When it decides on requests: "rewrite", before IP lists, limits and authentication; "access", with
        or behind them; "" for never, since it changes headers and bodies only.
        """
        sets = [each.body for each in self.handlers if each.phase in (Phase.SERVER_REWRITE, Phase.SET)]
        phases = {each.phase for each in self.handlers}
        if Phase.REWRITE in phases or any(
            _decides(each) for body in sets for each in walk_expressions(body.body)
        ):
            return "rewrite"
        return "access" if phases & _DECIDING else ""


def _decides(expr: Expr) -> bool:
    """Whether an expression answers a request, or gives it another path."""
    return isinstance(expr, Action) and (
        expr.entry.ends or expr.entry.name in ("nginx.rewrite", "nginx.rewrite_with")
    )


_DECIDING = frozenset((Phase.PREACCESS, Phase.RULES, Phase.ACCESS, Phase.CONTENT))


@dataclass(frozen=True, eq=False)
class EmbeddedFile:
    """A file that a program reads.

    Attributes:
        name: its path, without a `/` in front.
        data: its bytes; None if only the configuration has them.
        config: the part of the configuration that has its text, None if the plugin brings it along.
    """

    name: str
    data: bytes | None
    config: ConfigField | None


@dataclass(frozen=True, eq=False)
class LoadedModule:
    """A module of the project.

    Attributes:
        name: as it is required.
        chunk: what nginx calls its code.
        source: its file.
        main: its main chunk, None if there is nothing to run.
        static: whether its table is known by its fields' names, so that nothing wants it as a value.
        kept: what `package.loaded` has of it, where the program names that.
    """

    name: str
    chunk: str
    source: Source
    main: Function | None
    static: bool
    kept: Variable | None = None


def children(expr: Expr) -> list[Expr]:
    """The operands of an expression, in evaluation order."""
    match expr:
        case Action(receiver=receiver, args=args):
            return [receiver, *args] if receiver is not None else list(args)
        case Invoke(receiver=receiver, args=args, action=action, own=own):
            if action is not None:
                return [action]
            return [receiver, *args] if own is None else [own, receiver, *args]
        case Apply(args=args) | HookCall(args=args):
            return list(args)
        case ApplyValue(callee=callee, args=args):
            return [callee, *args]
        case Constructor(fields=entries):
            return [item for key, value in entries for item in ((value,) if key is None else (key, value))]
        case Unary(operand=operand):
            return [operand]
        case Binary(left=left, right=right) | Logical(left=left, right=right):
            return [left, right]
        case Index(object=object_, key=key):
            return [object_, key]
        case Record(fields=fields):
            return list(fields.values())
        case _:
            return []


def varies(call: Call) -> bool:
    """Whether a call gives now more, now fewer results: `value` or `nil, err`."""
    match call:
        case Action(entry=entry):
            return entry.trims or (len(entry.results) > 1 and not entry.checked)
        case Invoke(action=action):
            return action is not None and varies(action)
        case Apply(function=function):
            return function.varies
        case _:
            return False


def is_open(expr: Expr) -> bool:
    """Whether a call gives a list of values, whose number is not known."""
    match expr:
        case Action(entry=entry):
            return entry.open and not expr.single
        case Invoke(action=Action() as action):
            return is_open(action)
        case Invoke():
            return expr.dynamic
        case Apply(function=function):
            return function.open
        case _:
            return isinstance(expr, ApplyValue | Vararg)


def spreads(values: list[Expr]) -> Call | None:
    """The call at the end of a list that gives all its results to it."""
    last = values[-1] if values else None
    return last if isinstance(last, Call) and not last.adjusted else None


def is_self_call(values: list[Expr], function: Function) -> bool:
    """Whether `return …` in a function is a tail call of itself."""
    match values:
        case [Apply(function=callee, adjusted=False)]:
            return callee is function
        case _:
            return False


def calls_itself_later(function: Function) -> bool:
    """Whether a function starts a timer that calls it again."""
    return any(
        isinstance(expr, Action) and expr.later is function
        for each in (function, *inner_functions(function.body))
        for expr in walk_expressions(each.body)
    )


def has_call(expr: Expr) -> bool:
    """Whether evaluating an expression calls something."""
    return isinstance(expr, Call) or any(map(has_call, children(expr)))


def has_effect(expr: Expr) -> bool:
    """Whether evaluating an expression does more than compute: then it must happen once, and in its place."""
    match expr:
        case Action(entry=entry, receiver=receiver):
            own = entry.suspends or entry.ends or entry.effect or expr.meta or expr.guarded
            own = own or receiver is not None
        case Call():
            own = True
        case _:
            own = expr.meta
    return own or any(map(has_effect, children(expr)))


def statement_expressions(statement: Stmt) -> list[Expr]:
    """The expressions that a statement itself evaluates (not those of the blocks inside it, but their
    conditions).
    """
    match statement:
        case Define(values=values) | Assign(values=values) | Return(values=values):
            return list(values)
        case Evaluate(call=call):
            return [call]
        case If(arms=arms):
            return [condition for condition, _ in arms]
        case Store(object=object_, key=key, value=value):
            return [object_, key, value]
        case While(condition=condition) | Repeat(condition=condition):
            return [condition]
        case NumericFor(start=start, stop=stop, step=step):
            return [start, stop] if step is None else [start, stop, step]
        case GenericFor(values=values):
            return list(values)
        case _:
            return []


def inner_blocks(statement: Stmt) -> list[Block]:
    """The blocks inside a statement, in source order."""
    match statement:
        case If(arms=arms, otherwise=otherwise):
            return [body for _, body in arms] + ([otherwise] if otherwise is not None else [])
        case Do(body=body) | While(body=body) | Repeat(body=body):
            return [body]
        case NumericFor(body=body) | GenericFor(body=body):
            return [body]
        case _:
            return []


def declared(statement: Stmt) -> list[Variable]:
    """The variables that a statement declares."""
    match statement:
        case Define(variables=variables) | GenericFor(variables=variables):
            return list(variables)
        case NumericFor(variable=variable):
            return [variable]
        case _:
            return []


def inner_functions(block: Block) -> Iterator[Function]:
    """The functions whose code stands in a block, and those inside of them."""
    for statement in walk_statements(block):
        if isinstance(statement, DefineFunction):
            yield statement.function
            yield from inner_functions(statement.function.body)
    for expr in walk_expressions(block):
        if isinstance(expr, Closure):
            yield expr.function
            yield from inner_functions(expr.function.body)


def walk_blocks(block: Block) -> Iterator[Block]:
    """A block and all blocks inside it, in source order."""
    yield block
    for statement in block.statements:
        for body in inner_blocks(statement):
            yield from walk_blocks(body)


def walk_functions(unit: Unit) -> list[Function]:
    """The functions of a unit, each once, and before those inside of it."""
    return list(dict.fromkeys(each for body in unit.bodies for each in (body, *inner_functions(body.body))))


def walk_statements(block: Block) -> Iterator[Stmt]:
    """Every statement of a block and of the blocks inside it, in source order."""
    for statement in block.statements:
        yield statement
        for body in inner_blocks(statement):
            yield from walk_statements(body)


def goes_to(statement: Stmt, label: Stmt) -> bool:
    """Whether a statement is `goto` to a label."""
    return isinstance(statement, Goto) and statement.label is label


def is_loop(statement: Stmt) -> bool:
    """Whether a statement repeats the blocks in it."""
    return isinstance(statement, While | Repeat | NumericFor | GenericFor)


def walk_expressions(block: Block) -> Iterator[Expr]:
    """Every expression of a block, operators before their operands."""
    for statement in walk_statements(block):
        for root in statement_expressions(statement):
            yield from walk_expression(root)


def walk_expression(root: Expr) -> Iterator[Expr]:
    """An expression and all its operands, operators before their operands."""
    pending = [root]
    while pending:
        expr = pending.pop()
        yield expr
        pending.extend(reversed(children(expr)))


def rewrite(block: Block, change: Callable[[Expr], Expr]) -> None:
    """Replaces every expression of a block, operands before their operators, by what `change` makes of it."""
    for statement in walk_statements(block):
        match statement:
            case Define() | Assign() | Return():
                statement.values = [_rewrite(value, change) for value in statement.values]
            case Evaluate():
                call = _rewrite(statement.call, change)
                assert isinstance(call, Call)
                statement.call = call
            case If():
                statement.arms = [(_rewrite(condition, change), body) for condition, body in statement.arms]
            case Store():
                statement.object = _rewrite(statement.object, change)
                statement.key = _rewrite(statement.key, change)
                statement.value = _rewrite(statement.value, change)
            case While() | Repeat():
                statement.condition = _rewrite(statement.condition, change)
            case NumericFor():
                statement.start = _rewrite(statement.start, change)
                statement.stop = _rewrite(statement.stop, change)
                if statement.step is not None:
                    statement.step = _rewrite(statement.step, change)
            case GenericFor():
                statement.values = [_rewrite(value, change) for value in statement.values]
            case _:
                pass


def _rewrite(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    match expr:
        case Action():
            if expr.receiver is not None:
                expr.receiver = _rewrite(expr.receiver, change)
            expr.args = [_rewrite(arg, change) for arg in expr.args]
        case Invoke(action=Action() as action):
            _rewrite(action, change)
        case Invoke():
            expr.receiver = _rewrite(expr.receiver, change)
            expr.args = [_rewrite(arg, change) for arg in expr.args]
        case Apply() | HookCall():
            expr.args = [_rewrite(arg, change) for arg in expr.args]
        case ApplyValue():
            expr.callee = _rewrite(expr.callee, change)
            expr.args = [_rewrite(arg, change) for arg in expr.args]
        case Constructor():
            expr.fields = [
                (None if key is None else _rewrite(key, change), _rewrite(value, change))
                for key, value in expr.fields
            ]
        case Unary():
            expr.operand = _rewrite(expr.operand, change)
        case Binary() | Logical():
            expr.left, expr.right = _rewrite(expr.left, change), _rewrite(expr.right, change)
        case Index():
            expr.object, expr.key = _rewrite(expr.object, change), _rewrite(expr.key, change)
        case Record():
            expr.fields = {name: _rewrite(value, change) for name, value in expr.fields.items()}
        case _:
            pass
    return change(expr)
