"""Variables of nginx that are tested and then read again: read once.

    if ngx.var.arg_token and ngx.var.arg_token ~= "" then
        ngx.req.set_header("X-Token", ngx.var.arg_token)
    end

What the test reads goes into a variable of the compiler's, which stands for the later reads until something
may change the request. Types narrow it as any other variable: Go has a pair, `token, ok := r.Arg("token")`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable

from snippet2wasm.catalogue import Entry
from snippet2wasm.ir.nodes import (
    Action,
    Binary,
    Block,
    Call,
    Constant,
    Define,
    DefineFunction,
    Do,
    Evaluate,
    Expr,
    Function,
    GenericFor,
    Goto,
    If,
    Invoke,
    Local,
    Logical,
    NumericFor,
    Repeat,
    Return,
    Stmt,
    Unary,
    Unit,
    Variable,
    While,
    children,
    declared,
    inner_blocks,
    rewrite,
    statement_expressions,
    walk_blocks,
    walk_functions,
    walk_statements,
)

_READS = {"ngx.var.arg_*": "arg", "ngx.var.http_*": "http", "ngx.var.cookie_*": "cookie"}
"""Reads of what clients send, which is nil where they do not: what they begin with in Lua, by entry."""
_HARMLESS = ("ngx.log", "ngx.header", "ngx.status", "ngx.ctx", "ngx.say", "ngx.print")
"""How the names begin of what has an effect, but none on the request."""
_OF_HEADERS = ("ngx.req.set_header", "ngx.req.clear_header")
"""What has none on the arguments."""
_OF_TEXTS = frozenset(("byte", "find", "format", "len", "lower", "match", "rep", "reverse", "sub", "upper"))
"""Methods of texts that call nothing."""
_NEAR = 24  # statements behind a test in which its read is looked for: all of them would be too much work

Key = tuple[str, bytes]
"""What is read: the entry, and the name."""


def share(unit: Unit) -> None:
    """Lets later reads take what a test has read, in all functions of a unit."""
    names = {each.entry.name for each in unit.actions()}
    # Where there are metatables, any operator may run code, which may change the request.
    if "setmetatable" not in names and names & _READS.keys():
        for function in walk_functions(unit):
            statements = list(walk_statements(function.body))
            if not any(isinstance(each, Goto) for each in statements):
                variables = [*function.parameters, *(each for item in statements for each in declared(item))]
                _share(function, {each.name for each in variables})


def _share(function: Function, taken: set[str]) -> None:
    """Does so in one function, in which variables have the names `taken`."""
    found: dict[int, Variable] = {}
    for block in walk_blocks(function.body):
        statements: list[Stmt] = []
        for index, statement in enumerate(block.statements):
            first = _leading(statement.arms[0][0]) if isinstance(statement, If) else None
            key = _key(first)
            if first is not None and key is not None and id(first) not in found:
                scan = _Scan(key)
                scan.statements(block.statements[index : index + _NEAR])
                if len(scan.reads) > 1:
                    variable = _variable(first, key, function, taken)
                    statements.append(Define(first.span, [variable], [copy.copy(first)]))
                    found |= {id(read): variable for read in scan.reads}
            statements.append(statement)
        block.statements = statements

    def read(expr: Expr) -> Expr:
        variable = found.get(id(expr))
        return expr if variable is None else Local(expr.span, variable)

    if found:
        rewrite(function.body, read)


def _leading(condition: Expr) -> Action | None:
    """The read that a condition begins with."""
    match condition:
        case Logical(left=first) | Unary(operator="not", operand=first):
            return _leading(first)
        case Binary(operator="==" | "~=", left=first):
            return _leading(first)
        case Action() if _key(condition) is not None:
            return condition
        case _:
            return None


def _key(expr: Expr | None) -> Key | None:
    match expr:
        case Action(entry=entry, args=[Constant(value=bytes() as name)]) if entry.name in _READS:
            return entry.name, name
        case _:
            return None


def _variable(read: Action, key: Key, owner: Function, taken: set[str]) -> Variable:
    entry, name = key
    text = name.decode("utf-8", "surrogateescape")
    whole = f"{_READS[entry]}_{text}"
    shown = whole if text in taken else text
    return Variable(re.sub(r"\W", "_", shown) or whole, read.span, owner=owner, origin=read, field=whole)


class _Scan:
    """Goes through statements in the order in which they run, as long as the request stays what it was.

    Attributes:
        reads: the reads that give the same.
    """

    def __init__(self, key: Key) -> None:
        self.reads: list[Expr] = []
        self._key = key
        self._changed = False

    def statements(self, statements: Iterable[Stmt]) -> None:
        """Takes in statements that follow each other."""
        for statement in statements:
            if self._changed:
                return
            self._statement(statement)

    def _statement(self, statement: Stmt) -> None:
        match statement:
            case If():
                self._if(statement)
            case Do(body=body):
                self.statements(body.statements)
            case While() | Repeat() | NumericFor() | GenericFor():
                if self._acts(statement):
                    self._changed = True
                    return
                self._expressions(statement)
                for body in inner_blocks(statement):
                    self.statements(body.statements)
            case DefineFunction():
                pass  # it runs later
            case _:
                self._expressions(statement)

    def _if(self, statement: If) -> None:
        behind = False
        bodies = [body for _, body in statement.arms]
        for condition, body in statement.arms:
            self._expression(condition)
            if self._changed:
                return
            behind |= self._arm(body)
        if statement.otherwise is not None and statement.otherwise not in bodies:
            behind |= self._arm(statement.otherwise)
        self._changed = behind

    def _arm(self, body: Block) -> bool:
        """Whether what follows may find the request changed."""
        self.statements(body.statements)
        changed, self._changed = self._changed, False
        return changed and not _leaves(body)

    def _expressions(self, statement: Stmt) -> None:
        for expr in statement_expressions(statement):
            self._expression(expr)

    def _expression(self, expr: Expr) -> None:
        for child in children(expr):
            self._expression(child)
        if self._changed:
            return
        if _key(expr) == self._key:
            self.reads.append(expr)
        elif self._is_event(expr):
            self._changed = True

    def _acts(self, loop: Stmt) -> bool:
        """Whether a round of a loop may change what the next one reads."""
        statements = [loop, *(each for body in inner_blocks(loop) for each in walk_statements(body))]
        pending = [expr for each in statements for expr in statement_expressions(each)]
        while pending:
            expr = pending.pop()
            if self._is_event(expr):
                return True
            pending += children(expr)
        return False

    def _is_event(self, expr: Expr) -> bool:
        """Whether the evaluation of an expression itself may change what is read."""
        match expr:
            case Action(entry=Entry(name=name)) if name.startswith(_HARMLESS):
                return False
            case Action(entry=Entry(name=name)) if name in _OF_HEADERS:
                return self._key[0] != "ngx.var.arg_*"
            case Action(entry=entry):
                return entry.suspends or entry.ends or entry.effect
            case Invoke(receiver=Action() as receiver, method=method) if _key(receiver) is not None:
                return method not in _OF_TEXTS
            case Call():
                return True
            case _:
                return False


def _leaves(body: Block) -> bool:
    """Whether nothing of the block that a block stands in runs behind it."""
    match body.statements[-1:]:
        case [Return()]:
            return True
        case [Evaluate(call=Action(entry=entry))]:
            return entry.ends
        case _:
            return False
