"""Lua text to syntax tree. The only module that knows luaparser.

Three steps: `lua_tokens` splits the text as LuaJIT does, `lua_syntax` refuses what LuaJIT refuses, and
luaparser's generated parser reads the structure from those tokens; the tree is built from its parse tree by
token positions, so that every node has its exact span.

Two things of luaparser's own are not used. Its builder gives calls, fields and parentheses no span or a
wrong one, turns strings into UTF-8 and shares nodes between places. Its way to run the parser takes 80 s for
a chain of 400 calls: ANTLR's full-context prediction is far from linear on the grammar's several readings of
a chain. Its cheaper prediction (SLL) is linear, and where it succeeds the result is the same; the full one is
only tried behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from antlr4 import CommonTokenStream, ParserRuleContext
from antlr4.atn.PredictionMode import PredictionMode
from antlr4.error.Errors import ParseCancellationException
from antlr4.error.ErrorStrategy import BailErrorStrategy
from antlr4.ListTokenSource import ListTokenSource
from antlr4.Token import CommonToken
from luaparser.parser.LuaParser import LuaParser

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import deep, lua_ast, lua_syntax, lua_tokens
from snippet2wasm.frontend.lua_tokens import Token
from snippet2wasm.source import Source, Span

MAX_BYTES = 1 << 20
MAX_DEPTH = 1500
"""How deep a tree can be. LuaJIT's 200 levels of nesting fit; only chains (`a or b or …`) can exceed it."""


def parse(source: Source) -> lua_ast.Chunk:
    """The tree of a chunk: the body of a handler, an `init_by_lua` text or a module.

    Raises Refusal: S2W101 what LuaJIT refuses too, in its words; S2W102 nested too deeply; S2W103 too large;
    S2W104 what only LuaJIT's FFI or bytecode loader takes. The text need not be UTF-8.
    """
    if len(source.data) > MAX_BYTES:
        raise Refusal(
            Diagnostic(
                "S2W103",
                f"the Lua text has {len(source.data)} bytes, more than {MAX_BYTES}",
                source.span(0, 0),
                reason="no handler is that large; this is probably not the file that was meant",
            )
        )
    return deep.run(lambda: _parse(source))


def _parse(source: Source) -> lua_ast.Chunk:
    tokens = lua_tokens.scan(source)
    lua_syntax.check(source, tokens)
    return _Builder(source, tokens).chunk(_parse_tree(source, tokens))


# --- luaparser's parser ------------------------------------------------------------------------------------

_Context = Any
"""A node of luaparser's parse tree, or a leaf that holds one token; the library has no types."""

_TOKEN_TYPES: dict[str, int] = {
    **{text.strip("'"): number for number, text in enumerate(LuaParser.literalNames) if number},
    lua_tokens.NAME: LuaParser.NAME,
    lua_tokens.STRING: LuaParser.NORMALSTRING,
    lua_tokens.NUMBER: LuaParser.FLOAT,
    lua_tokens.END_OF_FILE: LuaParser.EOF,
}


def _parse_tree(source: Source, tokens: Sequence[Token]) -> _Context:
    """luaparser's parse tree (rule `start_`) of tokens that LuaJIT accepts."""
    for mode in (PredictionMode.SLL, PredictionMode.LL):
        stream = CommonTokenStream(ListTokenSource([_antlr_token(token) for token in tokens]))
        parser = LuaParser(stream)
        parser.removeErrorListeners()
        parser._errHandler = BailErrorStrategy()
        parser._interp.predictionMode = mode
        try:
            return parser.start_()
        except ParseCancellationException:
            place = tokens[stream.index]
    raise Refusal(
        Diagnostic(
            "S2W101",
            "this is right Lua, but luaparser can't read it",
            source.span(place.start, place.end),
            help="please report it; writing the statement in another way should do",
        )
    )


def _antlr_token(token: Token) -> CommonToken:
    made = CommonToken(type=_TOKEN_TYPES[token.kind], start=token.start, stop=token.end - 1)
    made.line = token.line
    made.text = token.kind  # luaparser's predicates and rules look at types only
    return made


# --- the tree ----------------------------------------------------------------------------------------------

_RULE_EXP = LuaParser.RULE_exp
_UNARY = {operator.value: operator for operator in lua_ast.UnaryOperator}
_BINARY = {operator.value: operator for operator in lua_ast.BinaryOperator}
_LOGICAL = {operator.value: operator for operator in lua_ast.LogicalOperator}


def _rule(context: _Context) -> int:
    """The grammar rule of a parse tree node; -1 for a leaf."""
    return context.getRuleIndex() if isinstance(context, ParserRuleContext) else -1


class _Builder:
    """Turns luaparser's parse tree into ours. Recursion follows nesting; chains are walked in loops."""

    def __init__(self, source: Source, tokens: Sequence[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.depth = 0

    # --- places ---

    def token(self, leaf: _Context) -> Token:
        """Our token of a leaf."""
        index: int = leaf.symbol.tokenIndex
        return self.tokens[index]

    def kind(self, leaf: _Context) -> str:
        """The kind of a leaf's token; "" for an inner node."""
        return "" if isinstance(leaf, ParserRuleContext) else self.token(leaf).kind

    def first(self, context: _Context) -> Token:
        """The first token of a leaf or an inner node."""
        return self.tokens[context.start.tokenIndex] if _rule(context) >= 0 else self.token(context)

    def last(self, context: _Context) -> Token:
        """The last token of a leaf or an inner node."""
        return self.tokens[context.stop.tokenIndex] if _rule(context) >= 0 else self.token(context)

    def span(self, first: _Context, last: _Context | None = None) -> Span:
        """From the first token of one part of the parse tree to the last of another, or of itself."""
        return self.source.span(self.first(first).start, self.last(first if last is None else last).end)

    def enter(self, levels: int, context: _Context) -> None:
        """Goes `levels` down; refuses what would make the tree deeper than MAX_DEPTH."""
        self.depth += levels
        if self.depth > MAX_DEPTH:
            raise Refusal(
                Diagnostic(
                    "S2W102",
                    "nested too deeply: this chain of operators or calls is too long",
                    self.span(context),
                    reason=f"expressions deeper than {MAX_DEPTH} levels are not compiled",
                    help="split it into several statements",
                )
            )

    # --- statements ---

    def chunk(self, start: _Context) -> lua_ast.Chunk:
        body = self.block(start.chunk().block())
        return lua_ast.Chunk(self.source, body, span=self.source.span(0, len(self.source.data)))

    def block(self, context: _Context) -> lua_ast.Block:
        self.enter(1, context)
        parts = [part for part in context.children or () if self.kind(part.children[0]) != ";"]
        statements = tuple(self.statement(part) for part in parts)
        if statements:
            span = statements[0].span.to(statements[-1].span)
        else:
            following = context.start.tokenIndex
            place = self.tokens[following - 1].end if following else 0
            span = self.source.span(place, place)
        self.depth -= 1
        return lua_ast.Block(statements, span=span)

    def statement(self, context: _Context) -> lua_ast.Statement:
        """A `stat` or `retstat`; its first token or part says which statement it is."""
        parts = context.children
        span = self.span(context)
        match self.kind(parts[0]) or _rule(parts[0]):
            case LuaParser.RULE_varlist:
                targets = tuple(self.target(part) for part in parts[0].var())
                return lua_ast.Assign(targets, self.expressions(parts[2]), span=span)
            case LuaParser.RULE_functioncall:
                return lua_ast.CallStatement(self.call(parts[0]), span=span)
            case LuaParser.RULE_label:
                return lua_ast.Label(self.identifier(parts[0].NAME()), span=span)
            case "return":
                return self.return_(parts)
            case "break":
                return lua_ast.Break(span=self.span(parts[0]))
            case "goto":
                return lua_ast.Goto(self.identifier(parts[1]), span=span)
            case "do":
                return lua_ast.Do(self.block(parts[1]), span=span)
            case "while":
                return lua_ast.While(self.expression(parts[1]), self.block(parts[3]), span=span)
            case "repeat":
                return lua_ast.Repeat(self.block(parts[1]), self.expression(parts[3]), span=span)
            case "if":
                return self.if_(parts, span)
            case "for":
                return self.for_(parts, span)
            case "function":
                return self.function_statement(parts, span)
            case "local":
                return self.local(parts, span)
        raise AssertionError(f"unknown statement {span.text!r}")

    def return_(self, parts: list[_Context]) -> lua_ast.Return:
        has_values = len(parts) > 1 and _rule(parts[1]) == LuaParser.RULE_explist
        values = self.expressions(parts[1]) if has_values else ()
        return lua_ast.Return(values, span=self.span(parts[0], parts[1] if has_values else None))

    def if_(self, parts: list[_Context], span: Span) -> lua_ast.If:
        clauses = []
        index = 0
        while self.kind(parts[index]) in ("if", "elseif"):
            condition, body = self.expression(parts[index + 1]), self.block(parts[index + 3])
            place = self.span(parts[index], parts[index + 2]).to(body.span)
            clauses.append(lua_ast.Clause(condition, body, span=place))
            index += 4
        otherwise = self.block(parts[index + 1]) if self.kind(parts[index]) == "else" else None
        return lua_ast.If(tuple(clauses), otherwise, span=span)

    def for_(self, parts: list[_Context], span: Span) -> lua_ast.NumericFor | lua_ast.GenericFor:
        body = self.block(parts[-2])
        if _rule(parts[1]) == LuaParser.RULE_namelist:
            return lua_ast.GenericFor(self.names(parts[1]), self.expressions(parts[3]), body, span=span)
        values = [self.expression(part) for part in parts if _rule(part) == _RULE_EXP]
        step = values[2] if len(values) > 2 else None
        return lua_ast.NumericFor(self.name(parts[1]), values[0], values[1], step, body, span=span)

    def function_statement(self, parts: list[_Context], span: Span) -> lua_ast.FunctionStatement:
        words = parts[1].children
        target: lua_ast.Name | lua_ast.Index = self.name(words[0])
        for word in words[2::2]:
            target = lua_ast.Index(target, self.word(word), True, span=self.span(words[0], word))
        is_method = len(words) > 1 and self.kind(words[-2]) == ":"
        itself = (lua_ast.Name("self", span=self.span(words[-1])),) if is_method else ()
        function = self.function(parts[0], parts[2], itself)
        return lua_ast.FunctionStatement(target, function, is_method, span=span)

    def local(self, parts: list[_Context], span: Span) -> lua_ast.Local | lua_ast.LocalFunction:
        if self.kind(parts[1]) == "function":
            return lua_ast.LocalFunction(
                self.name(parts[2]), self.function(parts[1], parts[3], ()), span=span
            )
        names = tuple(self.name(part.NAME()) for part in parts[1].nameattrib())
        return lua_ast.Local(names, self.expressions(parts[3]) if len(parts) > 2 else (), span=span)

    def function(
        self, keyword: _Context, body: _Context, itself: tuple[lua_ast.Name, ...]
    ) -> lua_ast.Function:
        """A `funcbody` behind the keyword `function`."""
        parameters = body.parlist()
        names = self.names(parameters.namelist()) if parameters.namelist() else ()
        is_vararg = parameters.DDD() is not None
        return lua_ast.Function(
            itself + names, is_vararg, self.block(body.block()), span=self.span(keyword, body)
        )

    # --- names ---

    def identifier(self, leaf: _Context) -> str:
        token = self.token(leaf)
        return self.source.data[token.start : token.end].decode("utf-8", "surrogateescape")

    def name(self, leaf: _Context) -> lua_ast.Name:
        return lua_ast.Name(self.identifier(leaf), span=self.span(leaf))

    def names(self, namelist: _Context) -> tuple[lua_ast.Name, ...]:
        return tuple(self.name(leaf) for leaf in namelist.NAME())

    def word(self, leaf: _Context) -> lua_ast.String:
        """A bare word that stands for a string: a key or a method."""
        span = self.span(leaf)
        return lua_ast.String(self.source.data[span.start : span.end], span=span)

    # --- expressions ---

    def expressions(self, explist: _Context) -> tuple[lua_ast.Expression, ...]:
        return tuple([self.expression(part) for part in explist.exp()])

    def expression(self, context: _Context) -> lua_ast.Expression:
        """An `exp`. A chain of left associative operators is a chain of left children, walked in a loop."""
        self.enter(1, context)
        before = self.depth
        chain = []
        while len(context.children) == 3:
            chain.append(context)
            context = context.children[0]
        self.enter(len(chain), context)
        left = self.operand(context)
        while chain:
            whole = chain.pop()
            _, operator, right = whole.children
            left = self.operation(self.kind(operator), left, self.expression(right), self.span(whole))
        self.depth = before - 1
        return left

    def operation(
        self, operator: str, left: lua_ast.Expression, right: lua_ast.Expression, span: Span
    ) -> lua_ast.Expression:
        if operator in _LOGICAL:
            return lua_ast.Logical(_LOGICAL[operator], left, right, span=span)
        return lua_ast.Binary(_BINARY[operator], left, right, span=span)

    def operand(self, context: _Context) -> lua_ast.Expression:
        """An `exp` without a binary operator at its top."""
        parts = context.children
        span = self.span(context)
        if len(parts) == 2:
            return lua_ast.Unary(_UNARY[self.kind(parts[0])], self.expression(parts[1]), span=span)
        match self.kind(parts[0]) or _rule(parts[0]):
            case "nil":
                return lua_ast.Nil(span=span)
            case "true" | "false" as word:
                return lua_ast.Boolean(word == "true", span=span)
            case "...":
                return lua_ast.Vararg(span=span)
            case LuaParser.RULE_number:
                value = self.first(parts[0]).value
                assert isinstance(value, float)
                return lua_ast.Number(value, span=span)
            case LuaParser.RULE_string:
                return self.string(parts[0])
            case LuaParser.RULE_functiondef:
                keyword, body = parts[0].children
                return self.function(keyword, body, ())
            case LuaParser.RULE_tableconstructor:
                return self.table(parts[0])
            case LuaParser.RULE_prefixexp:
                return self.suffixed(parts[0])
        raise AssertionError(f"unknown expression {span.text!r}")

    def string(self, context: _Context) -> lua_ast.String:
        value = self.first(context).value
        assert isinstance(value, bytes)
        return lua_ast.String(value, span=self.span(context))

    def table(self, context: _Context) -> lua_ast.Table:
        fieldlist = context.fieldlist()
        fields = tuple([self.field(part) for part in fieldlist.field()]) if fieldlist else ()
        return lua_ast.Table(fields, span=self.span(context))

    def field(self, context: _Context) -> lua_ast.Field:
        parts = context.children
        value = self.expression(parts[-1])
        bracketed = self.kind(parts[0]) == "["
        key: lua_ast.Expression | None = None
        if bracketed:
            key = self.expression(parts[1])
        elif len(parts) == 3:
            key = self.word(parts[0])
        return lua_ast.Field(key, value, bracketed, span=self.span(context))

    def target(self, context: _Context) -> lua_ast.Name | lua_ast.Index:
        """A `var` in front of `=`."""
        found = self.suffixed(context)
        assert isinstance(found, lua_ast.Name | lua_ast.Index)
        return found

    def call(self, context: _Context) -> lua_ast.Call | lua_ast.MethodCall:
        """A `functioncall` as a statement."""
        found = self.suffixed(context)
        assert isinstance(found, lua_ast.Call | lua_ast.MethodCall)
        return found

    def suffixed(self, context: _Context) -> lua_ast.Expression:
        """A `prefixexp`, `var` or `functioncall`: a name or a parenthesis, then indexes and calls.

        The grammar wraps these in each other in several ways; what they have in common is the order of the
        tokens.
        """
        whole = context
        before = self.depth
        parts: list[_Context] = []
        while _rule(context) >= 0:  # the innermost of the nested rules starts with a leaf
            parts[:0] = _flat(context.children[1:])
            context = context.children[0]
        if self.kind(context) == "(":
            found = self.parenthesis(context, parts[0], parts[1])
            del parts[:2]
        else:
            found = self.name(context)
        self.enter(sum(_rule(part) >= 0 for part in parts), whole)  # each index, each call
        index = 0
        while index < len(parts):
            part = parts[index]
            if _rule(part) == LuaParser.RULE_tail:
                found = self.index(context, found, part)
            elif _rule(part) == LuaParser.RULE_args:
                span = self.span(context, part)
                found = lua_ast.Call(found, self.arguments(part), span=span)
            else:  # ":" name arguments
                method, part = self.word(parts[index + 1]), parts[index + 2]
                span = self.span(context, part)
                found = lua_ast.MethodCall(found, method, self.arguments(part), span=span)
                index += 2
            index += 1
        self.depth = before
        return found

    def parenthesis(self, opening: _Context, inner: _Context, closing: _Context) -> lua_ast.Expression:
        expression = self.expression(inner)
        if isinstance(expression, lua_ast.Call | lua_ast.MethodCall | lua_ast.Vararg):
            return lua_ast.Parenthesized(expression, span=self.span(opening, closing))
        return expression

    def index(self, start: _Context, value: lua_ast.Expression, tail: _Context) -> lua_ast.Index:
        dotted = self.kind(tail.children[0]) == "."
        key = self.word(tail.children[1]) if dotted else self.expression(tail.children[1])
        return lua_ast.Index(value, key, dotted, span=self.span(start, tail))

    def arguments(self, args: _Context) -> tuple[lua_ast.Expression, ...]:
        first = args.children[0]
        if _rule(first) == LuaParser.RULE_tableconstructor:
            return (self.table(first),)
        if _rule(first) == LuaParser.RULE_string:
            return (self.string(first),)
        return self.expressions(args.children[1]) if len(args.children) == 3 else ()


def _flat(parts: Sequence[_Context]) -> list[_Context]:
    """The parts with each `call` (tails and arguments) replaced by its own parts."""
    found: list[_Context] = []
    for part in parts:
        if _rule(part) == LuaParser.RULE_call:
            found.extend(part.children)
        else:
            found.append(part)
    return found
