"""The syntax tree of Lua as LuaJIT reads it: Lua 5.1 plus goto, labels and LuaJIT's number and string forms.

What the tree leaves out, because it has no meaning: comments, empty statements, and parentheses, except
around a call or `...`, where they cut several values down to one (`Parenthesized`). Everything else stands
as it was written.

Nodes are immutable and compare by identity, so that passes can key their findings by node. A tree is at most
`lua.MAX_DEPTH` nodes deep; walk it inside `deep.run`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from snippet2wasm.source import Source, Span


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """What all nodes have.

    Attributes:
        span: the node's own text, without parentheses around it, comments or semicolons beside it.
    """

    span: Span = field(kw_only=True)


class Expression(Node):
    """Something with a value, or with several (`Call`, `MethodCall`, `Vararg`)."""

    __slots__ = ()


class Statement(Node):
    """Something that is done."""

    __slots__ = ()


# --- expressions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Nil(Expression):
    """`nil`."""


@dataclass(frozen=True, slots=True, eq=False)
class Boolean(Expression):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class Number(Expression):
    """A number; its spelling is `span.text`. Never negative: `-1` is a `Unary`."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class String(Expression):
    """A string in any of its notations, and the key in `t.key` and `{key = v}`; `value` is what it means."""

    value: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Vararg(Expression):
    """`...` as an expression: all of the function's extra arguments."""


@dataclass(frozen=True, slots=True, eq=False)
class Name(Expression):
    """A variable's name, where it is used and where it is declared.

    LuaJIT takes any byte from 0x80 on as a letter; `name` holds it decoded as UTF-8, stray bytes as
    surrogates (`surrogateescape`).
    """

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Index(Expression):
    """`object[key]`, or with `dotted` `object.key`; then `key` is a `String` that spans the bare word."""

    object: Expression
    key: Expression
    dotted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expression):
    """`function(arguments)`, and `function"s"`, `function{…}` with one argument."""

    function: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MethodCall(Expression):
    """`object:method(arguments)`; `object` is evaluated once. `method` spans the bare word."""

    object: Expression
    method: String
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Parenthesized(Expression):
    """`(call)` or `(...)`: exactly one value of several or none. Other parentheses are not in the tree."""

    expression: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Function(Expression):
    """A function's parameters and body; the span starts at `function`.

    `function t:m(a)` has the parameters `self` (spanned by the method's name) and `a`.
    """

    parameters: tuple[Name, ...]
    is_vararg: bool
    body: Block


@dataclass(frozen=True, slots=True, eq=False)
class Field(Node):
    """One entry of a table constructor: `value`, `name = value` or `[key] = value`.

    Attributes:
        key: None for a positional value; a `String` spanning the bare word for `name = value`.
        bracketed: written as `[key] = value`.
    """

    key: Expression | None
    value: Expression
    bracketed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Table(Expression):
    """`{…}`. Only a last positional field spreads several values."""

    fields: tuple[Field, ...]


class UnaryOperator(Enum):
    """Operators before an operand, by their spelling."""

    NEGATE = "-"
    NOT = "not"
    LENGTH = "#"


class BinaryOperator(Enum):
    """Operators between two operands that are both always evaluated, left first, by their spelling."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"
    POWER = "^"
    CONCAT = ".."
    EQUAL = "=="
    NOT_EQUAL = "~="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="


class LogicalOperator(Enum):
    """Operators that evaluate their right operand only if the left does not decide, by their spelling."""

    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Expression):
    """`operator operand`."""

    operator: UnaryOperator
    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Expression):
    """`left operator right`."""

    operator: BinaryOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Logical(Expression):
    """`left and right`, `left or right`: the value is one of the operands."""

    operator: LogicalOperator
    left: Expression
    right: Expression


# --- statements --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Block(Node):
    """Statements with a scope of their own. The span of an empty block is empty, behind what opens it."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Local(Statement):
    """`local names = values`; the names are in scope only after the values. Missing values are nil."""

    names: tuple[Name, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Assign(Statement):
    """`targets = values`; each target is a `Name` or an `Index`."""

    targets: tuple[Name | Index, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CallStatement(Statement):
    """A call whose values are dropped."""

    call: Call | MethodCall


@dataclass(frozen=True, slots=True, eq=False)
class Do(Statement):
    """`do body end`."""

    body: Block


@dataclass(frozen=True, slots=True, eq=False)
class While(Statement):
    """`while condition do body end`."""

    condition: Expression
    body: Block


@dataclass(frozen=True, slots=True, eq=False)
class Repeat(Statement):
    """`repeat body until condition`; the condition sees the body's locals."""

    body: Block
    condition: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Clause(Node):
    """One `if`/`elseif condition then body`; the span starts at that keyword."""

    condition: Expression
    body: Block


@dataclass(frozen=True, slots=True, eq=False)
class If(Statement):
    """`if … elseif … else … end`.

    Attributes:
        clauses: the `if` and each `elseif`, in order; at least one.
        otherwise: the body of `else`, if there is one.
    """

    clauses: tuple[Clause, ...]
    otherwise: Block | None


@dataclass(frozen=True, slots=True, eq=False)
class NumericFor(Statement):
    """`for variable = start, stop, step do body end`; `step` is None where it was left out (then it is 1)."""

    variable: Name
    start: Expression
    stop: Expression
    step: Expression | None
    body: Block


@dataclass(frozen=True, slots=True, eq=False)
class GenericFor(Statement):
    """`for variables in values do body end`; the values are adjusted to three: iterator, state, control."""

    variables: tuple[Name, ...]
    values: tuple[Expression, ...]
    body: Block


@dataclass(frozen=True, slots=True, eq=False)
class FunctionStatement(Statement):
    """`function target() … end`.

    Attributes:
        target: a `Name`, or an `Index` whose keys are all dotted names.
        function: its parameters include `self` if `is_method`.
        is_method: written with a colon, `function t:m()`.
    """

    target: Name | Index
    function: Function
    is_method: bool


@dataclass(frozen=True, slots=True, eq=False)
class LocalFunction(Statement):
    """`local function name() … end`; the function sees its own name."""

    name: Name
    function: Function


@dataclass(frozen=True, slots=True, eq=False)
class Return(Statement):
    """`return values`; always the last statement of its block."""

    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Break(Statement):
    """`break`; always inside a loop and the last statement of its block."""


@dataclass(frozen=True, slots=True, eq=False)
class Goto(Statement):
    """`goto label`; the label exists and may be jumped to from here."""

    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Label(Statement):
    """`::label::`."""

    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Chunk(Node):
    """A whole text.

    Attributes:
        source: the text.
        body: may be empty: an empty text is a chunk that does nothing. `...` is allowed in it, and stands for
            nothing when ngx_lua runs it.
    """

    source: Source
    body: Block
