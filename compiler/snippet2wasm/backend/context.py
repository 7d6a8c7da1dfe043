"""What the emission of a file and of one function has to remember."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from snippet2wasm.analysis.events import events, have_order, runs_code
from snippet2wasm.analysis.nilness import pairs
from snippet2wasm.analysis.representation import Repr, is_pair, needs_statements
from snippet2wasm.backend import naming
from snippet2wasm.backend.goast import Go, Lines
from snippet2wasm.backend.naming import Names, camel
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.ir.nodes import (
    Block,
    Call,
    ConfigField,
    Expr,
    Function,
    If,
    Index,
    Label,
    LoadedModule,
    Local,
    Logical,
    Stmt,
    Vararg,
    Variable,
    children,
    declared,
    inner_functions,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.ir.types import Type
from snippet2wasm.source import Span

ARGUMENTS = "args"
"""The Go name of what a function that is a value is called with, unless the Lua code around it has it."""


class Emitter(Protocol):
    """What the emission of calls needs of the emission of expressions; see backend/exprs.py."""

    def as_type(self, expr: Expr, wanted: Type) -> Go: ...  # noqa: D102
    def integer(self, expr: Expr) -> Go: ...  # noqa: D102
    def native(self, expr: Expr) -> Go: ...  # noqa: D102
    def native_repr(self, expr: Expr) -> Repr: ...  # noqa: D102
    def number(self, expr: Expr, whole: Expr | None = None) -> Go: ...  # noqa: D102
    def object(self, expr: Expr) -> Go: ...  # noqa: D102
    def operand(self, expr: Expr, whole: Expr | Stmt | None = None) -> Go: ...  # noqa: D102
    def optional(self, expr: Expr) -> Go: ...  # noqa: D102
    def condition(self, expr: Expr) -> Go: ...  # noqa: D102
    def in_chunk(self, operand: Go) -> Go: ...  # noqa: D102
    def text(self, expr: Expr, whole: Expr | None = None) -> Go: ...  # noqa: D102
    def value(self, expr: Expr) -> Go: ...  # noqa: D102


@dataclass
class FileContext:
    """The Go file being written.

    Attributes:
        functions: their Go names.
        config: the fields of the configuration.
        state: the fields of what lives as long as nginx's Lua VM.
        modules: the fields of the State that say whether a module is loaded.
        loads: by a module's main chunk, the function that runs it once.
        chunks: the constants that hold what nginx calls the chunks.
        dicts: the sizes of the shared dicts in bytes, by name.
        levels: the constants for the levels of nginx's configuration, by number.
        patterns: regular expressions of directives, by text and whether they ignore case: name and place.
        tables: other values that directives make once, by their Go text: name, what it is, and place.
    """

    names: Names = field(default_factory=Names)
    functions: dict[Function, str] = field(default_factory=dict)
    config: dict[ConfigField, str] = field(default_factory=dict)
    state: dict[Variable, str] = field(default_factory=dict)
    loads: dict[Function, str] = field(default_factory=dict)
    modules: dict[LoadedModule, str] = field(default_factory=dict)
    chunks: dict[str, str] = field(default_factory=dict)
    dicts: dict[str, int] = field(default_factory=dict)
    has_files: bool = False
    levels: list[str] = field(default_factory=list)
    patterns: dict[tuple[bytes, bool], tuple[str, Span]] = field(default_factory=dict)
    tables: dict[str, tuple[str, str, Span]] = field(default_factory=dict)

    def pattern(self, text: bytes, caseless: bool, span: Span) -> str:
        """The variable that holds a regular expression of a directive."""
        found = self.patterns.get((text, caseless))
        if found is None:
            word = re.search(rb"[A-Za-z]{2,20}", re.sub(rb"\\.", b" ", text))
            base = camel(f"{word[0].decode().lower()}_pattern") if word else "pattern"
            found = self.patterns[text, caseless] = (self.names.new(base), span)
        return found[0]

    def table(self, name: str, text: str, what: str, span: Span) -> str:
        """The variable that holds a value which directives make once; name is one like it, and what says what
        it does.
        """
        found = self.tables.get(text)
        if found is None:
            found = self.tables[text] = (self.names.new(camel(name)), what, span)
        return found[0]


class Unordered(Refusal):
    """An expression has no Go form in its place, since it needs statements, and something comes before it."""


@dataclass(eq=False)
class Rest(Vararg):
    """The values of a list from some place on; `go` gives them in Go."""

    go: str


Unused = tuple[str, Variable | Function]
"""What nothing uses: the value of a variable, the flag of a pair, or a function inside of another."""


class FunctionContext:
    """The Go function being written.

    Attributes:
        function: the IR function.
        handler: whether it is a handler: its chunk is the running one, and `ngx.exit` just returns.
        lines: what is written so far.
        pairs: the variables that are pairs `v, ok` → whether `ok` can be the flag's name.
        flag_name: `ok`, or `found` where the Lua code calls something else `ok`.
        hoistable: whether lines can be put before the expression being written (not inside `&&`, `||` and
            `else if`).
        tables: variables that have been shown to hold a table, and those that hold it as one.
        plain: variables that hold lua.Values, but none of the runtime's own types.
        arguments: the Go name of what a function that is a value is called with.
        varargs: the Go expression for `...`.
        loops: how many loops there are around the statement.
        endless: how many of them may go on for ever.
        lift: computes an expression in front of the current statement; gives the variable that holds it.
        spread: calls something in front of the current statement, for several of its results.
        spread_all: as spread, with a list of all further results at the end.
        own_request: whether `r` is the request that runs, not that of the function around it.
    """

    def __init__(
        self,
        file: FileContext,
        function: Function,
        handler: bool,
        unused: set[Unused],
        outer: FunctionContext | None = None,
    ) -> None:
        self.file = file
        self.function = function
        self.handler = handler
        self.names: Names = (outer or file).names.child()
        self.arguments = self.names.new(ARGUMENTS) if function.value else ""
        self.lines = Lines(indent=1)
        self.pairs = pairs(function.body)
        self.flag_name: str = outer.flag_name if outer is not None else _flag_name(function)
        if self.pairs or _tests_calls(function.body):
            self.names.new(self.flag_name)
        self.hoistable = True
        self.plain: set[Variable] = set()
        self.varargs = "lua.Values(nil)"
        self.loops = 0
        self.endless = 0
        self.lift: Callable[..., Expr] = _not_writing
        self.spread: Callable[[Call, int], list[Local]] = _not_writing
        self.spread_all: Callable[[Call, int], list[Expr]] = _not_writing
        self.own_request: bool = outer is not None and outer.own_request
        self.tables: dict[Variable, Variable] = {} if outer is None else outer.tables
        self._unused = unused
        self._used: set[Variable] = set()
        self._tested: set[Variable] = set()
        self._inside: set[Function] = set()
        self._called: set[Function] = set()
        self._sequence: list[Expr] = []
        self._inner: list[Expr] = []
        self._done: set[int] = set()
        self._labels: dict[Label, str] = {}
        self._origins: dict[Variable, Expr] = {}
        self._variables: dict[Variable, str] = {}
        self._flags: dict[Variable, str] = {}
        self._read = _values_read(function.body, set(self.pairs))
        for inner in inner_functions(function.body):
            self._read |= _values_read(inner.body, set(pairs(inner.body)))
        if outer is not None:  # a function inside of another: its text is part of that one's
            self.lines, self._unused, self._read = outer.lines, outer._unused, outer._read
            self._used, self._tested = outer._used, outer._tested
            self._inside, self._called = outer._inside, outer._called
            self._variables, self._flags, self.plain = outer._variables, outer._flags, outer.plain

    def bounded(self) -> bool:
        """Whether the statement runs a bounded number of times for one request."""
        return not self.endless and (self.handler or not self.function.repeated)

    def chunk(self) -> str:
        """The constant with the name of the function's chunk."""
        return self.file.chunks[self.function.chunk]

    def inside(self, function: Function) -> FunctionContext:
        """The context of a function whose text is part of this one's."""
        return FunctionContext(self.file, function, False, self._unused, self)

    def is_live(self, variable: Variable) -> bool:
        """Whether a call may change a variable while an expression that reads it is evaluated."""
        changes = variable.captured and variable.assigned
        return changes and any(map(runs_code, self._inner))

    def is_unused(self, variable: Variable) -> bool:
        """Whether an earlier round has found that nothing uses a variable of the emission."""
        return ("value", variable) in self._unused

    def is_read(self, variable: Variable) -> bool:
        """Whether the value of the variable is wanted anywhere."""
        return bool(variable.lasting) or (variable in self._read and ("value", variable) not in self._unused)

    def unused(self) -> set[Unused]:
        """What was declared and is not used by anything that was written."""
        values: set[Unused] = {
            ("value", item)
            for item in self._variables
            if item not in self._used and (item.holds_table or self.is_read(item))
        }
        flags: set[Unused] = {("flag", item) for item in self._flags if item not in self._tested}
        return values | flags | {("function", item) for item in self._inside - self._called}

    def holds(self, function: Function) -> bool:
        """Notes that a function stands inside of this one; False if nothing that is written calls it."""
        if ("function", function) in self._unused:
            return False
        self._inside.add(function)
        return True

    def note_call(self, function: Function) -> None:
        """Notes that a call of a function is written."""
        self._called.add(function)

    def declare(self, variable: Variable) -> str:
        """Gives a variable its Go name."""
        name = self.names.new(naming.variable(variable.name))
        self._variables[variable] = name
        return name

    def reuse(self, variable: Variable, name: str) -> None:
        """Lets a variable take over the Go variable of one that it shadows."""
        self._variables[variable] = name

    def name(self, variable: Variable) -> str:
        """The Go name of a variable whose value is used."""
        if variable.lasting:
            return f"st.{self.file.state[variable]}"
        self._used.add(variable)
        return self._variables[variable]

    def is_used(self, variable: Variable) -> bool:
        """Whether anything that was written uses the value of the variable."""
        return variable in self._used

    def is_declared(self, variable: Variable) -> bool:
        """Whether a variable has its Go name already."""
        return variable in self._variables

    def label(self, label: Label) -> str:
        """The Go name of a label; in Go those of a function have one scope."""
        if label not in self._labels:
            name = self.names.new(camel(label.name))
            while name in self._labels.values():
                name = self.names.new(camel(label.name))
            self._labels[label] = name
        return self._labels[label]

    def target(self, variable: Variable) -> str:
        """The Go name of a variable that is assigned to."""
        if variable.lasting:
            return f"st.{self.file.state[variable]}"
        return self._variables[variable]

    def declare_flag(self, variable: Variable) -> str:
        """Gives a pair variable the name of its flag."""
        if ("flag", variable) in self._unused:
            return "_"
        name = self.flag_name if self.pairs[variable] else self.names.new(camel(variable.name) + "OK")
        self._flags[variable] = name
        return name

    def free_flag(self) -> str:
        """A name for the flag of a test that hides no other one's."""
        return self.names.new(self.flag_name) if self.flag_name in self._flags.values() else self.flag_name

    def new_flag(self, variable: Variable) -> str:
        """A name for a flag of a variable that is tested at once."""
        taken = self.flag_name in self._flags.values()
        return self.names.new(camel(variable.name) + "OK") if taken else self.flag_name

    def flag(self, variable: Variable) -> str:
        """The name of a pair variable's flag."""
        self._tested.add(variable)
        return self._flags[variable]

    @contextmanager
    def sequence(self, exprs: list[Expr]) -> Iterator[None]:
        """While the expressions of one Go statement are written: tells what has happened before a part of
        it.
        """
        before = self._sequence, self._inner, self._done
        self._sequence, self._done = events(exprs), set()
        # What a lone call does, comes after all of its operands.
        lone = len(exprs) == 1 and self._sequence[-1:] == exprs
        self._inner = self._sequence[:-1] if lone else self._sequence
        try:
            yield
        finally:
            self._sequence, self._inner, self._done = before

    def move_to_front(self, expr: Expr) -> bool:
        """Whether a part of the statement can happen before all that is left of it, as it then does."""
        inside = {id(item) for item in events([expr])}
        waiting: list[Expr] = []
        for item in self._sequence:
            if id(item) not in inside | self._done:
                waiting.append(item)
            elif id(item) in inside and any(have_order(before, item) for before in waiting):
                return False
        self._done |= inside
        return self.hoistable

    def remember(self, variable: Variable, expr: Expr) -> None:
        """Notes which expression a variable of the emission holds."""
        self._origins[variable] = expr

    def origin(self, expr: Expr) -> Expr:
        """The expression of the program that a variable of the emission holds."""
        return self._origins.get(expr.variable, expr) if isinstance(expr, Local) else expr

    def line_of(self, expr: Expr) -> int:
        """The line of an expression inside its chunk, as nginx counts; of a call, that of its arguments."""
        return (expr.line if isinstance(expr, Call) else 0) or expr.span.line

    def last_line_of(self, part: Expr | Stmt) -> int:
        """The line in which an expression or a statement ends."""
        if isinstance(part, Index) and part.line:
            return part.line
        span = part.span
        return span.source.line_column(max(span.end - 1, span.start))[0]

    def unordered(self, expr: Expr, what: str) -> Unordered:
        """Like `refuse`, for what has a form once the operands before it are computed in front."""
        return Unordered(self.refuse(expr, what).diagnostics)

    def refuse(self, expr: Expr, what: str) -> Refusal:
        """A refusal of an expression that has no Go form."""
        return Refusal(
            Diagnostic(
                "S2W301",
                what,
                expr.span,
                reason=f"its type here is {expr.type}",
                help="assign it to a local variable first, or test it (`if not x then … end`) before its use",
            )
        )


def _not_writing(*_args: object) -> NoReturn:
    raise AssertionError("statements are not being written")


def _flag_name(function: Function) -> str:
    """The name of the flags of pairs in a function and those inside of it."""
    functions = [function, *inner_functions(function.body)]
    variables = [item for each in functions for item in each.parameters]
    for each in functions:
        variables += [item for statement in walk_statements(each.body) for item in declared(statement)]
    return "found" if any(camel(item.name) == "ok" for item in variables) else "ok"


def _tests_calls(body: Block) -> bool:
    """Whether a test of a call that gives a pair is written: `if _, ok := …; ok`."""
    return any(map(_chooses_by_call, walk_expressions(body))) or any(
        isinstance(expr, Call) and is_pair(expr)
        for statement in walk_statements(body)
        if isinstance(statement, If)
        for condition, _ in statement.arms
        for expr in (condition, *children(condition))
    )


def _chooses_by_call(expr: Expr) -> bool:
    return needs_statements(expr) and any(isinstance(item, Call) and is_pair(item) for item in children(expr))


def _values_read(body: Block, paired: set[Variable]) -> set[Variable]:
    """The variables whose value is used; a pair's tests use only its flag. The left operand of `or` may be
    the value of the whole; where it is not, another round leaves it out.
    """
    found: set[Variable] = set()
    for expr in walk_expressions(body):
        match expr:
            case Local(variable=variable) if variable not in paired or "nil" not in expr.type:
                found.add(variable)
            case Logical(operator="or", left=Local(variable=variable)):
                found.add(variable)
            case _:
                pass
    return found
