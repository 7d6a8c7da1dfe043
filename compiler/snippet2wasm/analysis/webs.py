"""Variables that serve several purposes one after the other become several variables.

    local page = ngx.var.arg_page
    page = tonumber(page) or 1          -- from here on a number, and nothing else

A web is a set of definitions of a variable with all the uses that they reach (Muchnick, "Advanced Compiler
Design and Implementation", 16.3). One that begins with an assignment, all of whose other definitions and uses
stand behind that in the same block, becomes a variable of its own, with a type of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from snippet2wasm.ir.nodes import (
    Assign,
    Block,
    Break,
    Continue,
    Define,
    DefineFunction,
    Do,
    Evaluate,
    Expr,
    Function,
    GenericFor,
    If,
    Local,
    NumericFor,
    Repeat,
    Return,
    Stmt,
    Store,
    Unit,
    Variable,
    While,
    declared,
    is_loop,
    spreads,
    statement_expressions,
    walk_blocks,
    walk_expression,
    walk_functions,
    walk_statements,
)

_KNOWN = (
    Assign, Break, Continue, Define, DefineFunction, Do, Evaluate, GenericFor, If, NumericFor, Repeat, Return,
    Store, While,
)  # fmt: skip

_Path = tuple[tuple[int, int], ...]
"""Where something stands: the blocks from the outermost one, each with a place in it."""


@dataclass(eq=False)
class _Definition:
    """A place where a variable gets a value.

    Attributes:
        starts: the assignment, which becomes a definition if a web begins with it.
        is_nil: it is a declaration without a value.
        web: another definition of the same web.
    """

    variable: Variable
    path: _Path
    starts: Assign | None = None
    is_nil: bool = False
    web: _Definition | None = None

    def root(self) -> _Definition:
        """The definition that stands for the whole web."""
        found = self
        while found.web is not None:
            found = found.web
        return found


_State = dict[Variable, _Definition]
"""The web that reaches a place, of each variable; where several meet, they are one from there on."""


def split(unit: Unit) -> None:
    """Splits the variables of all functions of a unit that can be split."""
    for function in walk_functions(unit):
        if all(isinstance(statement, _KNOWN) for statement in walk_statements(function.body)):
            _Webs(function).split()


@dataclass(eq=False)
class _Webs:
    function: Function
    definitions: list[_Definition] = field(default_factory=list)
    uses: list[tuple[Local, _Path, _Definition]] = field(default_factory=list)
    breaks: list[list[_State]] = field(default_factory=list)
    unreached: set[Variable] = field(default_factory=set)
    variables: set[Variable] = field(default_factory=set)

    def split(self) -> None:
        assigned = {
            variable
            for statement in walk_statements(self.function.body)
            if isinstance(statement, Assign)
            for variable in statement.variables
        }
        self.variables = {each for each in assigned if not (each.captured or each.lasting)}
        if not self.variables:
            return
        state: _State = {}
        for parameter in self.function.parameters:
            self._define(state, parameter, ())
        self._block(self.function.body, (), state)
        self._separate()

    # Reaching definitions

    def _define(
        self,
        state: _State,
        variable: Variable,
        path: _Path,
        starts: Assign | None = None,
        is_nil: bool = False,
    ) -> None:
        if variable in self.variables:
            definition = _Definition(variable, path, starts, is_nil)
            self.definitions.append(definition)
            state[variable] = definition

    def _use(self, exprs: Iterable[Expr], path: _Path, state: _State) -> None:
        for root in exprs:
            for expr in walk_expression(root):
                if isinstance(expr, Local) and expr.variable in self.variables:
                    found = state.get(expr.variable)
                    if found is None:
                        self.unreached.add(expr.variable)
                    else:
                        self.uses.append((expr, path, found))

    def _block(self, block: Block, outer: _Path, state: _State | None) -> _State | None:
        """The state behind a block; None where control does not come there."""
        for index, statement in enumerate(block.statements):
            path = (*outer, (id(block), index))
            # What can't be reached is looked at, too: what it uses has to keep its variable.
            state = self._statement(statement, path, {} if state is None else state)
        return state

    def _statement(self, statement: Stmt, path: _Path, state: _State) -> _State | None:
        if is_loop(statement):
            return self._loop(statement, path, state)
        self._use(statement_expressions(statement), path, state)
        match statement:
            case Define(variables=variables, values=values):
                for index, variable in enumerate(variables):
                    is_nil = index >= len(values) and spreads(values) is None
                    self._define(state, variable, path, is_nil=is_nil)
            case Assign(variables=variables):
                distinct = len(set(variables)) == len(variables)
                for variable in variables:
                    self._define(state, variable, path, statement if distinct else None)
            case If(arms=arms, otherwise=otherwise):
                ends = [self._block(body, path, dict(state)) for _, body in arms]
                ends.append(state if otherwise is None else self._block(otherwise, path, dict(state)))
                return _joined(ends)
            case Do(body=body):
                return self._block(body, path, state)
            case Break() | Continue():
                self.breaks[-1].append(state)
                return None
            case Return():
                return None
            case _:
                pass
        return state

    def _loop(self, statement: Stmt, path: _Path, state: _State) -> _State | None:
        """A loop. Whatever its body assigns to may come round: all of it reaches its beginning."""
        head = dict(state)
        match statement:
            case NumericFor() | GenericFor():
                self._use(statement_expressions(statement), path, state)
        mark = len(self.definitions)
        inside = self._assigned_in(statement)
        around = {variable: state[variable] for variable in inside if variable in state}
        for variable in declared(statement):
            self._define(head, variable, (*path, (0, 0)))
        self.breaks.append([])
        body = statement.body  # type: ignore[attr-defined]
        if isinstance(statement, While):
            self._use([statement.condition], path, head)
        end = self._block(body, path, dict(head))
        if isinstance(statement, Repeat):
            self._use([statement.condition], (*path, (id(body), len(body.statements))), end or {})
        for definition in self.definitions[mark:]:
            if definition.variable in around:
                _unite(around[definition.variable], definition)
        return _joined([head, end, *self.breaks.pop()])

    def _assigned_in(self, loop: Stmt) -> set[Variable]:
        found: set[Variable] = set()
        for statement in walk_statements(Block([loop])):
            if isinstance(statement, Assign):
                found.update(each for each in statement.variables if each in self.variables)
        return found

    # Webs

    def _separate(self) -> None:
        """Gives the webs that can stand alone variables of their own."""
        webs: dict[_Definition, list[_Definition]] = defaultdict(list)
        made: dict[Assign, list[_Definition]] = defaultdict(list)
        for definition in self.definitions:
            webs[definition.root()].append(definition)
            if definition.starts is not None:
                made[definition.starts].append(definition)
        users: dict[_Definition, list[tuple[Local, _Path]]] = defaultdict(list)
        for use, path, definition in self.uses:
            users[definition.root()].append((use, path))
        firsts = {
            first
            for root, definitions in webs.items()
            if definitions[0].variable not in self.unreached
            and (first := _begins(definitions, [path for _, path in users[root]])) is not None
        }
        starts = {
            statement
            for statement, each in made.items()
            if len(each) == len(statement.variables) and firsts.issuperset(each)
        }
        for statement in starts:
            for first in made[statement]:
                _rename(first, webs[first.root()], users[first.root()])
        if starts:
            _begin(self.function.body, starts)
        self._note_assigned()
        self._note_unset(webs, users)

    def _note_assigned(self) -> None:
        """Whether the variables that are left are still assigned to."""
        assigned = {
            variable
            for statement in walk_statements(self.function.body)
            if isinstance(statement, Assign)
            for variable in statement.variables
        }
        for variable in self.variables:
            variable.assigned = variable in assigned

    def _note_unset(
        self,
        webs: dict[_Definition, list[_Definition]],
        users: dict[_Definition, list[tuple[Local, _Path]]],
    ) -> None:
        """Notes the variables whose declaration gives them a nil that nobody reads."""
        for root, definitions in webs.items():
            variable = definitions[0].variable
            if len(definitions) == 1 and not users[root] and variable not in self.unreached:
                variable.unset = definitions[0].is_nil


def _rename(first: _Definition, definitions: list[_Definition], users: list[tuple[Local, _Path]]) -> None:
    """Gives a web a variable of its own."""
    old = first.variable
    assert first.starts is not None
    new = Variable(
        old.name, first.starts.span, assigned=len(definitions) > 1, owner=old.owner, field=old.field
    )
    for definition in definitions:
        if definition.starts is not None:
            variables = definition.starts.variables
            definition.starts.variables = [new if each is old else each for each in variables]
    for use, _ in users:
        use.variable = new


def _begin(body: Block, starts: set[Assign]) -> None:
    """Makes assignments definitions."""
    for block in walk_blocks(body):
        for index, statement in enumerate(block.statements):
            if isinstance(statement, Assign) and statement in starts:
                block.statements[index] = Define(statement.span, statement.variables, statement.values)


def _begins(definitions: list[_Definition], uses: list[_Path]) -> _Definition | None:
    """The assignment that a web begins with, if all else of it stands behind that in the same block."""
    first = min(definitions, key=lambda each: [place for _, place in each.path])
    if first.starts is None:
        return None
    depth = len(first.path) - 1
    block, place = first.path[depth]
    paths = [each.path for each in definitions if each is not first] + uses
    behind = (
        path[:depth] == first.path[:depth]
        and len(path) > depth
        and path[depth][0] == block
        and path[depth][1] > place
        for path in paths
    )
    return first if all(behind) else None


def _unite(first: _Definition, other: _Definition) -> None:
    left, right = first.root(), other.root()
    if left is not right:
        left.web = right


def _joined(states: Iterable[_State | None]) -> _State | None:
    """What reaches a place that control can come to from several others."""
    found: _State | None = None
    for state in states:
        if state is None:
            continue
        if found is None:
            found = dict(state)
            continue
        for variable, definition in state.items():
            if variable in found:
                _unite(found[variable], definition)
            else:
                found[variable] = definition
    return found
