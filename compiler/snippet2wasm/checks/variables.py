"""The variables of a configuration: which are declared, which are used."""

from __future__ import annotations

import difflib

from snippet2wasm.checks import table
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.surroundings import Surroundings
from snippet2wasm.diagnostics import Diagnostic
from snippet2wasm.source import Span


class Variables:
    """Collects declarations and uses; nginx compares them when it has read everything."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.table = table.load()
        self.surroundings = surroundings
        self.declared: set[str] = set(surroundings.variables)
        self.used: dict[str, tuple[str, Span]] = {}

    def declare(self, name: str, at: Span) -> None:
        """A directive makes a variable.

        Raises:
            Fault: it is one of nginx's own that can't be changed.
        """
        lower = name.lower()
        if lower in self.table.fixed:
            raise Fault(
                f'the duplicate "{name}" variable',
                at,
                "S2W136",
                "it is one of nginx's own, which nothing else can set",
                "choose another name",
            )
        self.declared.add(lower)

    def use(self, name: str, at: Span) -> None:
        """A text names a variable."""
        self.used.setdefault(name.lower(), (name, at))

    def is_known(self, name: str) -> bool:
        """Whether anything declares a variable (its name in lower case)."""
        known = self.table
        return (
            name in self.declared
            or name in known.fixed
            or name in known.settable
            or name.startswith((*known.prefixes, *self.surroundings.prefixes))
        )

    def unknown(self) -> list[Diagnostic]:
        """The variables that nothing declares."""
        return [
            self._unknown(name, at) for lower, (name, at) in self.used.items() if not self.is_known(lower)
        ]

    def _unknown(self, name: str, at: Span) -> Diagnostic:
        if "=" in name:
            help_ = "write blanks around the operator"
        elif name.startswith("{"):
            help_ = "a condition names its variable without braces"
        else:
            names = self.declared | self.table.fixed | self.table.settable
            close = difflib.get_close_matches(name.lower(), sorted(names), 1, 0.8)
            help_ = f"did you mean ${close[0]}? " if close else ""
            help_ += "if something else declares it (set, map, geo), give that, too"
        return Diagnostic("S2W135", f'unknown "{name}" variable', at, help=help_)
