"""What the checks of single directives share: variables, zones, log formats."""

from __future__ import annotations

from collections.abc import Callable

from snippet2wasm.checks import pcre, texts
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Scope
from snippet2wasm.checks.surroundings import Surroundings
from snippet2wasm.checks.variables import Variables
from snippet2wasm.diagnostics import Diagnostic
from snippet2wasm.frontend.nginx import Argument, Directive
from snippet2wasm.source import Span


class Context:
    """What is known of the whole configuration so far."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.variables = Variables(surroundings)
        self.zones: dict[str, tuple[str, str]] = {}
        self.wanted_zones: dict[str, Span] = {}
        self.formats: set[str] = {"combined", *(surroundings.formats or ())}
        self.upstreams: set[str] = set()

    def text(self, argument: Argument, text: str | None = None) -> None:
        """Takes in the variables of an argument, or of a part of it.

        Raises:
            Fault: a `$` without a name.
        """
        value = argument.value if text is None else text
        for piece in texts.variables(value, argument):
            if not piece.is_capture:
                self.variables.use(piece.name, argument.span)

    def regex(self, argument: Argument, pattern: str | None = None) -> None:
        """Takes in a regular expression, whose named groups are variables.

        Raises:
            Fault: PCRE refuses it.
        """
        value = argument.value if pattern is None else pattern
        texts.regex(value, argument)
        for name in pcre.names(value):
            self.variables.declare(name, argument.span)

    def declare(self, argument: Argument) -> None:
        """Takes in the variable that an argument (`$name`) declares.

        Raises:
            Fault: it is no variable, or one that can't be declared.
        """
        if not argument.value.startswith("$"):
            raise Fault(f'invalid variable name "{argument.value}"', argument.span)
        if argument.value == "$":
            raise Fault('invalid variable name "$"', argument.span)
        self.variables.declare(argument.value[1:], argument.span)

    def at_the_end(self) -> list[Diagnostic]:
        """What only shows when everything has been read: zones that nothing declares."""
        if not self.surroundings.whole:
            return []
        return [
            Diagnostic(
                "S2W138",
                f'zero size shared memory zone "{zone}"',
                at,
                "no limit_req_zone or limit_conn_zone declares it",
            )
            for zone, at in self.wanted_zones.items()
            if zone not in self.zones
        ]


Check = Callable[[Context, Directive, Scope], None]
"""What checks a directive; raises Fault."""
