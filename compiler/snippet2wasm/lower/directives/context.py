"""What the lowering of a directive works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.ir.nodes import Action, Constant, Evaluate, Expr, Function, Phase, Return, Stmt
from snippet2wasm.lower import variables
from snippet2wasm.lower.levels import Level, Merge
from snippet2wasm.lower.program import Program
from snippet2wasm.source import Span


@dataclass(eq=False)
class Lowering:
    """Makes IR of directives.

    Attributes:
        program: what all code of the unit shares.
        code_of: makes a function of the code of a `set_by_lua` directive.
        levels: all levels that requests can be at.
        subrequests: those of them that serve subrequests of auth_request.
        captures: Lua may make subrequests, too.
        whole: the text is a whole configuration, so ingress-nginx has nothing around it.
    """

    program: Program
    code_of: Callable[[Directive], Function]
    levels: list[Level] = field(default_factory=list)
    subrequests: list[Level] = field(default_factory=list)
    captures: bool = False
    whole: bool = False

    def text(self, argument: Argument | str, span: Span | None = None) -> Expr:
        """The value of an argument, variables in it read when it is evaluated."""
        if isinstance(argument, str):
            assert span is not None
            return variables.expand(self.program, argument, span)
        return variables.expand(self.program, argument.value, argument.span)

    def plain(self, text: str, span: Span) -> Expr:
        """The value of a text in which `$` means nothing."""
        return variables.plain(self.program, text, span)

    def constant(self, value: str | bytes | float | bool | None, span: Span) -> Constant:
        """A constant; the bytes of a text."""
        data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        return Constant(span, float(data) if type(data) is int else data)

    def call(self, name: str, span: Span, operands: list[Expr] | None = None) -> Action:
        """A value: the entry of the catalogue's nginx.yaml with this name, on operands."""
        action = Action(span, catalogue.load().acts[name], name, None, operands or [])
        action.adjusted = True
        return action

    def act(self, name: str, span: Span, operands: list[Expr] | None = None) -> Stmt:
        """A statement: what `call` does."""
        return Evaluate(span, self.call(name, span, operands))

    def leave(self, span: Span) -> Stmt:
        """The end of the directives of a level."""
        return Return(span, [])

    def refuse(self, code: str, message: str, span: Span, reason: str = "", help: str = "") -> None:
        """Notes an error."""
        self.program.error(Diagnostic(code, message, span, reason, help))

    def warn(self, code: str, message: str, span: Span, reason: str = "", help: str = "") -> None:
        """Notes a warning."""
        self.program.error(Diagnostic(code, message, span, reason, help, severity=Severity.WARNING))


Lower = Callable[[Lowering, Level, list[Directive]], list[Stmt]]


@dataclass(frozen=True)
class Step:
    """What some directives do in a phase.

    Attributes:
        phase: in which they act.
        names: of the directives.
        merge: which of them a level has.
        lower: what makes statements of those.
    """

    phase: Phase
    names: tuple[str, ...]
    merge: Merge
    lower: Lower
