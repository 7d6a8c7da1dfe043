"""Variables of the http level that nginx computes when they are first read: what map, geo and split_clients
have in common.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Apply, Block, Define, Expr, Function, If, Local, Return, Stmt, Variable
from snippet2wasm.lower.directives.context import Lowering
from snippet2wasm.lower.levels import Level
from snippet2wasm.source import Span

Body = Callable[[Callable[[Expr], Stmt]], list[Stmt]]
"""Makes the statements that find a value; it is given what ends the function with one."""


@dataclass(eq=False)
class Computed:
    """A variable that a function computes.

    Attributes:
        body: makes the statements.
        volatile: it is computed anew whenever it is read.
        captures: a regular expression may match meanwhile.
        title: the name of the function; "" for one of the block and the variable.
        absent: the value may be nil.
    """

    x: Lowering
    directive: Directive
    name: str
    body: Body
    volatile: bool
    captures: bool
    title: str = ""
    absent: bool = False
    function: Function | None = field(default=None, init=False)
    open: bool = field(default=False, init=False)

    def read(self, span: Span) -> Apply:
        """The value of the variable."""
        if self.function is None:
            title = self.title or f"{self.directive.name.partition('_')[0]}_{self.name}"
            self.function = Function(title, self.directive.span, "", [], Block([]))
            words = [self.directive.name, *(each.span.shown for each in self.directive.args)]
            # The text of a directive of a level may hold a secret.
            self.function.about = f"${self.name}" if self.title else " ".join(words)
            self.open = True
            self.function.body = Block(self._statements())
            self.open = False
            self.x.program.functions.append(self.function)
        elif self.open:
            self.x.refuse(
                "S2W280",
                f"the value of ${self.name} depends on itself",
                self.directive.span,
                "nginx can't find it either: it logs a cycle",
            )
        found = Apply(span, self.function, [])
        found.adjusted = True
        return found

    def _statements(self) -> list[Stmt]:
        if self.volatile:
            return self.body(lambda value: Return(value.span, [value]))
        x, span = self.x, self.directive.args[-1].span
        name = x.constant(self.name, span)
        known = Variable("known", span)
        kept = If(span, [(Local(span, known), Block([Return(span, [Local(span, known)])]))], None)

        def keep(value: Expr) -> Stmt:
            return Return(value.span, [x.call("nginx.keep", value.span, [name, value])])

        return [Define(span, [known], [x.call("nginx.known", span, [name])]), kept, *self.body(keep)]


def blocks(level: Level, name: str) -> list[Directive]:
    """The directives of that name at the http level, to which a text may have a block or not."""
    own = [inner for each in level.own for inner in (each.block or [] if each.name == "http" else [each])]
    return [each for each in own if each.name == name]


def declare(
    x: Lowering,
    directive: Directive,
    target: Argument,
    body: Body,
    volatile: bool = False,
    captures: bool = False,
) -> None:
    """Declares the variable of a block; the rest as in `Computed`."""
    name = target.value[1:].lower()
    x.program.variables.add(name)
    x.program.computed[name] = Computed(x, directive, name, body, volatile, captures)


def refuse_include(x: Lowering, directive: Directive) -> None:
    """Notes that a file that a block includes is not read."""
    x.refuse(
        "S2W280",
        "the file that this block includes is not part of the input",
        directive.span,
        "its lines would be missing",
        "put its lines in the place of the include",
    )
