"""Decides whether LuaJIT takes a chunk, and says why not in LuaJIT's words.

luaparser reads the grammar of Lua 5.4: it takes `//`, `&`, `<const>`, empty statements and a `break` in the
middle of a block, which LuaJIT refuses; it knows nothing of labels' scopes; and where it refuses, it can't
say what it had expected. So a chunk is first walked here the way LuaJIT's own parser walks it, token by
token with one token of lookahead, and luaparser builds the tree of what is left: of Lua that is right.

Also LuaJIT's, and therefore checked: its limits (nesting, locals, upvalues), the rules of `goto`, `break`
and `...`, and that `goto` is an ordinary name wherever no label's name follows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import lua_tokens
from snippet2wasm.frontend.lua_tokens import END_OF_FILE, ERROR, NAME, NUMBER, STRING, Token
from snippet2wasm.source import Source, Span

# LuaJIT's limits.
_MAX_LEVELS = 200
_MAX_LOCALS = 200
_MAX_UPVALUES = 120  # of the OpenResty branch; 60 in LuaJIT itself

_UNARY_PRIORITY = 8
# (left, right); a right priority below the left one makes the operator right associative.
_BINARY_PRIORITY = {
    "+": (6, 6),
    "-": (6, 6),
    "*": (7, 7),
    "/": (7, 7),
    "%": (7, 7),
    "^": (10, 9),
    "..": (5, 4),
    "==": (3, 3),
    "~=": (3, 3),
    "<": (3, 3),
    "<=": (3, 3),
    ">": (3, 3),
    ">=": (3, 3),
    "and": (2, 2),
    "or": (1, 1),
}
_BLOCK_ENDS = frozenset(("else", "elseif", "end", "until", END_OF_FILE))

_BREAK = "break"  # a keyword, so no label can have this name


def check(source: Source, tokens: list[Token]) -> None:
    """Returns if LuaJIT takes the chunk; else Refusal (S2W101; S2W102 where it is nested too deeply).

    Turns every `goto` that is a name into a NAME token. Recursive: call it inside `deep.run`.
    """
    _Parser(source, tokens).chunk()


@dataclass(slots=True)
class _Jump:
    """A `goto`, a `break` or a label that may still have partners.

    Attributes:
        locals: how many locals are active here; for a goto that left its block, at that block's start.
        token: where it stands, for messages.
    """

    name: str
    is_label: bool
    locals: int
    token: Token


@dataclass(slots=True)
class _Scope:
    """A block's scope: where its locals and its jumps begin, and whether `break` ends there."""

    first_local: int
    first_jump: int
    is_loop: bool


@dataclass(slots=True)
class _Function:
    """The function that is being read.

    Attributes:
        locals: names of the active locals, innermost last; the hidden ones of `for` have no name.
        numbers: for each local its number, unique in the function.
        upvalues: variables of enclosing functions that it uses, as (depth of their function, number there).
    """

    outer: _Function | None
    depth: int
    line: int
    is_vararg: bool
    locals: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    declared: int = 0
    upvalues: set[tuple[int, int]] = field(default_factory=set)
    jumps: list[_Jump] = field(default_factory=list)
    scopes: list[_Scope] = field(default_factory=list)

    def find(self, name: bytes) -> int | None:
        """The number of the innermost active local of that name."""
        for index in range(len(self.locals) - 1, -1, -1):
            if self.locals[index] == name:
                return self.numbers[index]
        return None


class _Parser:
    """LuaJIT's recursive descent, without the code generation."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.index = 0
        self.token = tokens[0]
        self.scanned_line = self.last_line = 1
        self.level = 0
        self.function = _Function(None, 0, 0, True)

    # --- tokens ---

    def next(self) -> None:
        """Moves to the next token."""
        self.last_line = self.scanned_line
        self.index += 1
        self.token = self.readable(self.index)
        self.scanned_line = self.token.line

    def peek(self) -> Token:
        """The token behind the current one.

        For LuaJIT the current token then ends where this one does, so that `{f` and, on the next line, `()}`
        is a call, which it is not elsewhere.
        """
        token = self.readable(self.index + 1)
        self.scanned_line = token.line
        return token

    def readable(self, index: int) -> Token:
        token = self.tokens[index]
        if token.kind == ERROR:
            assert token.error is not None
            raise Refusal(token.error)
        return token

    def take(self, kind: str) -> bool:
        """Moves on if the current token is a `kind`."""
        if self.token.kind != kind:
            return False
        self.next()
        return True

    def expect(self, kind: str) -> None:
        if not self.take(kind):
            raise self.expected(kind)

    def expect_closing(self, kind: str, opener: Token) -> None:
        """Expects what closes `opener`; names the opener if it stands on another line."""
        if self.take(kind):
            return
        if self.token.line == opener.line:
            raise self.expected(kind)
        line = self.span(opener).outermost().line
        raise self.refused(f"'{kind}' expected (to close '{opener.kind}' at line {line})")

    def name(self) -> bytes:
        """Takes a name; `goto` is one too."""
        if not self.at_name():
            raise self.expected(NAME)
        self.token.kind = NAME
        text = self.text(self.token)
        self.next()
        return text

    def at_name(self) -> bool:
        return self.token.kind in (NAME, "goto")

    def text(self, token: Token) -> bytes:
        return self.source.data[token.start : token.end]

    # --- refusals ---

    def expected(self, kind: str) -> Refusal:
        return self.refused(f"'{kind}' expected")

    def refused(self, message: str) -> Refusal:
        """A refusal at the current token."""
        token = self.token
        near = f"{message} near '{self.shown(token)}'"
        return Refusal(Diagnostic("S2W101", near, self.span(token), help=self.advice()))

    def refused_at(self, token: Token, message: str) -> Refusal:
        return Refusal(Diagnostic("S2W101", message, self.span(token)))

    def shown(self, token: Token) -> str:
        if token.kind == END_OF_FILE:
            return END_OF_FILE
        text = self.text(token)
        if len(text) == 1 and (text[0] < 0x20 or text[0] == 0x7F):
            return f"char({text[0]})"
        return lua_tokens.shown(text)

    def span(self, token: Token) -> Span:
        return self.source.span(token.start, token.end)

    def limited(self, function: _Function, limit: int, what: str) -> Refusal:
        where = "main function" if function.outer is None else f"function at line {function.line}"
        return self.refused_at(self.token, f"{where} has more than {limit} {what}")

    def advice(self) -> str:
        """What the writer probably meant, where the text looks like another language or a later Lua."""
        if self.index > 0 and self.text(self.tokens[self.index - 1]) == b"continue":
            return (
                "Lua has no `continue`: write goto continue, and ::continue:: at the end of the loop's body"
            )
        # Of an operator of two characters that was read as two tokens the second may be the refused one.
        for start in (self.token.start - 1, self.token.start):
            for pattern, advice in _ADVICE:
                if start >= 0 and pattern.match(self.source.data, start):
                    return advice
        return ""

    # --- nesting ---

    def enter(self, more: int = 0) -> None:
        """One level down; LuaJIT refuses 200."""
        self.level += 1
        self.check_level(more)

    def check_level(self, more: int) -> None:
        if self.level + more >= _MAX_LEVELS:
            raise Refusal(
                Diagnostic(
                    "S2W102",
                    "nested too deeply: the chunk has too many syntax levels",
                    self.span(self.token),
                    reason=f"LuaJIT itself refuses {_MAX_LEVELS} levels, in nginx as well",
                    help="put inner parts into locals or functions; concatenate long lists with table.concat",
                )
            )

    def leave(self) -> None:
        self.level -= 1

    # --- variables ---

    def declare(self, names: list[bytes]) -> None:
        """Makes locals active."""
        function = self.function
        for name in names:
            function.locals.append(name)
            function.numbers.append(function.declared)
            function.declared += 1

    def check_locals(self, pending: int) -> None:
        """Before one more local is declared, with `pending` others not yet active."""
        if len(self.function.locals) + pending >= _MAX_LOCALS:
            raise self.limited(self.function, _MAX_LOCALS, "local variables")

    def new_local(self, pending: int) -> bytes:
        name = self.name()
        self.check_locals(pending)
        return name

    def use(self, name: bytes) -> None:
        """Counts an upvalue if the name is a local of an enclosing function."""
        users: list[_Function] = []
        function: _Function | None = self.function
        while function is not None:
            number = function.find(name)
            if number is not None:
                for user in reversed(users):
                    self.add_upvalue(user, (function.depth, number))
                return
            users.append(function)
            function = function.outer

    def add_upvalue(self, function: _Function, variable: tuple[int, int]) -> None:
        if variable in function.upvalues:
            return
        if len(function.upvalues) >= _MAX_UPVALUES:
            raise self.limited(function, _MAX_UPVALUES, "upvalues")
        function.upvalues.add(variable)

    # --- scopes and jumps ---

    def open_scope(self, is_loop: bool = False) -> None:
        function = self.function
        function.scopes.append(_Scope(len(function.locals), len(function.jumps), is_loop))

    def close_scope(self) -> None:
        """Ends the block: its labels meet the gotos behind them; what is left goes to the block around it."""
        function = self.function
        scope = function.scopes.pop()
        del function.locals[scope.first_local :]
        del function.numbers[scope.first_local :]
        jumps = function.jumps[scope.first_jump :]
        del function.jumps[scope.first_jump :]
        labels: set[str] = set()
        for jump in jumps:
            if jump.is_label:
                labels.add(jump.name)
            elif not (jump.name in labels or (scope.is_loop and jump.name == _BREAK)):
                if not function.scopes:
                    raise self.unresolved(jump)
                jump.locals = scope.first_local
                function.jumps.append(jump)

    def unresolved(self, jump: _Jump) -> Refusal:
        if jump.name == _BREAK:
            return self.refused_at(jump.token, "no loop to break")
        return self.refused_at(jump.token, f"undefined label '{jump.name}'")

    def jump(self, name: str, token: Token) -> None:
        self.function.jumps.append(_Jump(name, False, len(self.function.locals), token))

    def label(self) -> None:
        """`::name::` and, as LuaJIT does, the labels right behind it first."""
        self.next()
        token = self.token
        text = self.name()
        name = _decoded(text)
        function = self.function
        scope = function.scopes[-1]
        if any(known.is_label and known.name == name for known in function.jumps[scope.first_jump :]):
            raise self.refused_at(token, f"duplicate label '{name}'")
        label = _Jump(name, True, len(function.locals), token)
        function.jumps.append(label)
        self.expect("::")
        while self.token.kind == "::":
            self.enter()
            self.label()
            self.leave()
        if self.token.kind in _BLOCK_ENDS and self.token.kind != "until":
            label.locals = scope.first_local  # a label at the end of a block is outside its locals' scope
        self.resolve(label, scope)

    def resolve(self, label: _Jump, scope: _Scope) -> None:
        """Joins the gotos in front of a label with it; they must not jump into a local's scope."""
        function = self.function
        remaining = function.jumps[: scope.first_jump]
        for jump in function.jumps[scope.first_jump :]:
            if jump.is_label or jump.name != label.name:
                remaining.append(jump)
            elif jump.locals < label.locals:
                local = _decoded(function.locals[jump.locals])
                raise self.refused_at(
                    jump.token, f"<goto {label.name}> jumps into the scope of local '{local}'"
                )
        function.jumps = remaining

    # --- statements ---

    def chunk(self) -> None:
        """The whole text."""
        self.token = self.readable(0)
        self.scanned_line = self.token.line
        self.open_scope()
        self.block()
        if self.token.kind != END_OF_FILE:
            raise self.expected(END_OF_FILE)
        self.close_scope()

    def block(self) -> None:
        """Statements up to what ends a block, without a scope."""
        self.enter()
        is_last = False
        while not is_last and self.token.kind not in _BLOCK_ENDS:
            is_last = self.statement()
            self.take(";")
        self.leave()

    def scoped_block(self) -> None:
        self.open_scope()
        self.block()
        self.close_scope()

    def statement(self) -> bool:
        """One statement; True if it must be the last of its block."""
        token = self.token
        kind = token.kind
        if kind == "return":
            self.return_()
            return True
        if kind == "break":
            self.next()
            self.jump(_BREAK, token)
            return True
        if kind == "::":
            self.label()
        elif kind == "goto" and self.peek().kind == NAME:
            self.next()
            self.jump(_decoded(self.name()), token)
        else:
            self.statements.get(kind, _Parser.expression_statement)(self)
        return False

    def return_(self) -> None:
        self.next()
        if self.token.kind not in _BLOCK_ENDS and self.token.kind != ";":
            self.expressions()

    def if_(self) -> None:
        opener = self.token
        self.clause()
        while self.token.kind == "elseif":
            self.clause()
        if self.take("else"):
            self.scoped_block()
        self.expect_closing("end", opener)

    def clause(self) -> None:
        self.next()
        self.expression()
        self.expect("then")
        self.scoped_block()

    def while_(self) -> None:
        opener = self.token
        self.next()
        self.expression()
        self.open_scope(is_loop=True)
        self.expect("do")
        self.scoped_block()
        self.expect_closing("end", opener)
        self.close_scope()

    def do(self) -> None:
        opener = self.token
        self.next()
        self.scoped_block()
        self.expect_closing("end", opener)

    def repeat(self) -> None:
        opener = self.token
        self.open_scope(is_loop=True)
        self.open_scope()
        self.next()
        self.block()
        self.expect_closing("until", opener)
        self.expression()  # sees the block's locals
        self.close_scope()
        self.close_scope()

    def for_(self) -> None:
        opener = self.token
        self.open_scope(is_loop=True)
        self.next()
        first = self.name()
        if self.token.kind == "=":
            self.numeric_for(first)
        elif self.token.kind in (",", "in"):
            self.generic_for(first)
        else:
            raise self.refused("'=' or 'in' expected")
        self.expect_closing("end", opener)
        self.close_scope()

    def numeric_for(self, variable: bytes) -> None:
        self.check_locals(3)
        self.next()
        self.expression()
        self.expect(",")
        self.expression()
        if self.take(","):
            self.expression()
        self.declare([b""] * 3)  # LuaJIT's own index, stop and step
        self.loop_body([variable])

    def generic_for(self, first: bytes) -> None:
        names = [first]
        self.check_locals(3)
        while self.take(","):
            names.append(self.new_local(3 + len(names)))
        self.expect("in")
        self.expressions()
        self.declare([b""] * 3)  # LuaJIT's own iterator, state and control
        self.loop_body(names)

    def loop_body(self, names: list[bytes]) -> None:
        self.expect("do")
        self.open_scope()
        self.declare(names)
        self.scoped_block()
        self.close_scope()

    def function_statement(self) -> None:
        opener = self.token
        self.next()
        self.use(self.name())
        is_method = False
        while self.take("."):
            self.name()
        if self.take(":"):
            is_method = True
            self.name()
        self.function_body(opener, is_method)

    def local(self) -> None:
        self.next()
        opener = self.token
        if self.take("function"):
            self.declare([self.new_local(0)])
            self.function_body(opener, False)
            return
        names = [self.new_local(0)]
        while self.take(","):
            names.append(self.new_local(len(names)))
        if self.take("="):
            self.expressions()
        self.declare(names)

    def expression_statement(self) -> None:
        """A call or an assignment."""
        kind = self.prefix_expression()
        if kind == "call":
            return
        targets = 1
        while True:
            if kind != "target":
                raise self.refused("syntax error")
            if not self.take(","):
                break
            kind = self.prefix_expression()
            targets += 1
            self.check_level(targets - 1)
        self.expect("=")
        self.expressions()

    # --- expressions ---

    def expressions(self) -> None:
        self.expression()
        while self.take(","):
            self.expression()

    def expression(self, limit: int = 0) -> None:
        """An expression of operators that bind tighter than `limit`."""
        self.enter()
        if self.token.kind in ("not", "-", "#"):
            self.next()
            self.expression(_UNARY_PRIORITY)
        else:
            self.simple_expression()
        priority = _BINARY_PRIORITY.get(self.token.kind)
        while priority is not None and priority[0] > limit:
            self.next()
            self.expression(priority[1])
            priority = _BINARY_PRIORITY.get(self.token.kind)
        self.leave()

    def simple_expression(self) -> None:
        kind = self.token.kind
        if kind in (NUMBER, STRING, "nil", "true", "false"):
            self.next()
        elif kind == "...":
            if not self.function.is_vararg:
                raise self.refused("cannot use '...' outside a vararg function")
            self.next()
        elif kind == "{":
            self.table()
        elif kind == "function":
            opener = self.token
            self.next()
            self.function_body(opener, False)
        else:
            self.prefix_expression()

    def prefix_expression(self) -> str:
        """A variable or parenthesis with its suffixes; says whether it is a "call", "target" or "value"."""
        if self.token.kind == "(":
            opener = self.token
            self.next()
            self.expression()
            self.expect_closing(")", opener)
            kind = "value"
        elif self.at_name():
            self.use(self.name())
            kind = "target"
        else:
            raise self.refused("unexpected symbol")
        while True:
            if self.token.kind == ".":
                self.next()
                self.name()
                kind = "target"
            elif self.token.kind == "[":
                self.bracket()
                kind = "target"
            elif self.token.kind == ":":
                self.next()
                self.name()
                self.arguments()
                kind = "call"
            elif self.token.kind in ("(", STRING, "{"):
                self.arguments()
                kind = "call"
            else:
                return kind

    def bracket(self) -> None:
        self.next()
        self.expression()
        self.expect("]")

    def arguments(self) -> None:
        opener = self.token
        if opener.kind == "(":
            if opener.line != self.last_line:
                raise self.refused("ambiguous syntax (function call x new statement)")
            self.next()
            if self.token.kind != ")":
                self.expressions()
            self.expect_closing(")", opener)
        elif opener.kind == "{":
            self.table()
        elif opener.kind == STRING:
            self.next()
        else:
            raise self.refused("function arguments expected")

    def table(self) -> None:
        opener = self.token
        self.next()
        while self.token.kind != "}":
            if self.token.kind == "[":
                self.bracket()
                self.expect("=")
            elif self.at_name() and self.peek().kind == "=":
                self.name()
                self.next()
            self.expression()
            if not (self.take(",") or self.take(";")):
                break
        self.expect_closing("}", opener)

    def function_body(self, opener: Token, is_method: bool) -> None:
        """Parameters, block and `end`, in a function of its own."""
        outer = self.function
        line = self.span(opener).outermost().line
        self.function = _Function(outer, outer.depth + 1, line, False)
        self.open_scope()
        self.expect("(")
        self.declare(self.parameters([b"self"] if is_method else []))
        self.expect(")")
        self.block()
        if self.token.kind != "end":
            self.expect_closing("end", opener)
        self.close_scope()
        self.function = outer
        self.next()

    def parameters(self, names: list[bytes]) -> list[bytes]:
        if self.token.kind == ")":
            return names
        while True:
            if self.at_name():
                names.append(self.new_local(len(names)))
            elif self.take("..."):
                self.function.is_vararg = True
                return names
            else:
                raise self.refused("<name> or '...' expected")
            if not self.take(","):
                return names

    statements: dict[str, Callable[[_Parser], None]] = {
        "if": if_,
        "while": while_,
        "do": do,
        "for": for_,
        "repeat": repeat,
        "function": function_statement,
        "local": local,
    }


_BIT = "bit operators are Lua 5.3; here use the module `bit`: bit.band, bit.bor, bit.bxor, bit.lshift, …"
_ASSIGNMENT = "Lua has no compound assignment: write a = a + b"
_ADVICE = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (rb"!=", "Lua writes `~=`"),
        (rb"!", "Lua writes `not`"),
        (rb"&&", "Lua writes `and`"),
        (rb"\|\|", "Lua writes `or`"),
        (rb"//", "`//` is integer division in Lua 5.3; here write math.floor(a / b)"),
        (rb"<\s*(?:const|close)\s*>", "attributes of locals are Lua 5.4: leave them out"),
        (rb"<<|>>|[&|~](?!=)", _BIT),
        (rb"\+\+", "Lua has no `++`: write i = i + 1"),
        (rb"(?:[-+*/%^]|\.\.)=", _ASSIGNMENT),
        (rb"\.=", _ASSIGNMENT),
        (rb";", "LuaJIT takes no empty statement: leave the extra `;` out"),
    )
)


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
