"""The walk over a tree of directives, and what is checked of each of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from snippet2wasm.checks import access, core, headers, levels, limits, maps, proxying, rewriting, table
from snippet2wasm.checks import values as values_module
from snippet2wasm.checks.context import Check, Context
from snippet2wasm.checks.faults import Fault
from snippet2wasm.checks.scope import Place, Scope
from snippet2wasm.checks.surroundings import Surroundings
from snippet2wasm.checks.table import Form
from snippet2wasm.diagnostics import Diagnostic
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.source import Span

OWN: dict[str, Check] = {
    **rewriting.CHECKS,
    **headers.CHECKS,
    **access.CHECKS,
    **limits.CHECKS,
    **maps.CHECKS,
    **proxying.CHECKS,
    **core.CHECKS,
}
"""What directives check for themselves, by name."""

_DATA = frozenset(("map", "geo", "types", "split_clients", "charset_map", "match", "geoip2"))
"""Blocks whose entries are data, and no directives."""

_ELSEWHERE = frozenset(("events", "stream", "mail"))
"""Blocks whose directives have nothing to do with requests for HTTP."""

_TEXTS = frozenset(("text", "text_size", "predicate", "pair"))
"""Kinds of value that may hold variables."""

_ONE_OF = {"root": "root", "alias": "root", "source_charset": "source_charset"}
"""Directives that share a setting."""


class Checker:
    """Checks levels one after the other; `finish` gives what was found, and what only shows at the end."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.table = table.load()
        self.surroundings = surroundings
        self.context = Context(surroundings)
        self.diagnostics: list[Diagnostic] = []
        self.scopes: dict[str, Scope] = {}

    def check(self, directives: Sequence[Directive], level: str) -> None:
        """Takes in the directives of a level."""
        if level not in self.scopes:
            place = Place("", self.surroundings.location) if level == "location" else None
            self.scopes[level] = Scope(levels.contexts(level), place=place)
        self._block(directives, self.scopes[level])

    def finish(self) -> list[Diagnostic]:
        """Everything that is wrong, in the order of the text."""
        for scope in self.scopes.values():
            self._end(scope)
        found = [*self.diagnostics, *self.context.variables.unknown(), *self.context.at_the_end()]
        return sorted(found, key=Diagnostic.sort_key)

    def _block(self, directives: Sequence[Directive], scope: Scope) -> None:
        for directive in directives:
            try:
                self._directive(directive, scope)
            except Fault as fault:
                self._report(fault, directive)

    def _report(self, fault: Fault, directive: Directive) -> None:
        at = fault.at or _head(directive)
        self.diagnostics.append(Diagnostic(fault.code, fault.message, at, fault.reason, fault.help))

    def _directive(self, directive: Directive, scope: Scope) -> None:
        form = self._form(directive, scope)
        if form is None:
            return
        self._arguments(directive, form)
        self._once(directive, form, scope)
        values_module.check(directive, form)
        if form.value in _TEXTS:
            for argument in directive.args:
                self.context.text(argument)
        own = rewriting.set_misc if form.value == "sets" else OWN.get(directive.name)
        if own is not None:
            own(self.context, directive, scope)
        if directive.block is not None and directive.name not in _DATA | _ELSEWHERE:
            inner = self._inner(directive, scope)
            self._block(directive.block, inner)
            self._end(inner)
            if directive.name == "upstream":
                core.after_upstream(directive)

    # --- name, place, arguments ---

    def _form(self, directive: Directive, scope: Scope) -> Form | None:
        """How the directive is written here.

        Raises:
            Fault: there is no such directive, or not here.
        """
        name = directive.name
        forms = self.table.directives.get(name)
        if forms is None:
            raise self._unknown(name, directive.name_span)
        fitting = [form for form in forms if form.contexts & scope.contexts]
        if not fitting:
            allowed = [each.replace("_if", " if") for form in forms for each in sorted(form.contexts)]
            raise Fault(
                f'"{name}" directive is not allowed here',
                directive.name_span,
                "S2W132",
                help=f"nginx takes it in: {', '.join(dict.fromkeys(allowed))}",
            )
        return fitting[0]

    def _unknown(self, name: str, at: Span) -> Fault:
        where = self.table.foreign.get(name, "")
        if where:
            return Fault(f'unknown directive "{name}"', at, "S2W131", where)
        close = difflib.get_close_matches(name, self.table.directives, 1, 0.75)
        return Fault(
            f'unknown directive "{name}"',
            at,
            "S2W131",
            "neither nginx nor the modules of ingress-nginx have it",
            f"did you mean {close[0]}?" if close else "",
        )

    def _arguments(self, directive: Directive, form: Form) -> None:
        name, count = directive.name, len(directive.args)
        is_lua = directive.lua is not None or "_by_lua" in name
        if not is_lua and form.block != (directive.block is not None):
            if form.block:
                raise Fault(f'directive "{name}" has no opening "{{"', code="S2W114")
            raise Fault(f'directive "{name}" is not terminated by ";"', code="S2W114")
        if count < form.least or (form.most is not None and count > form.most):
            raise Fault(f'invalid number of arguments in "{name}" directive', code="S2W114")

    def _once(self, directive: Directive, form: Form, scope: Scope) -> None:
        """Refuses the second of what nginx keeps one of."""
        name = directive.name
        is_handler = "_by_lua" in name and not name.startswith("set_by_lua")
        setting = name.partition("_by_lua")[0] + "_by_lua" if is_handler else _ONE_OF.get(name, name)
        if not (is_handler or form.value in values_module.ONCE or name in core.ONCE):
            return
        first = scope.settings.setdefault(setting, directive)
        if first is directive:
            return
        message = f'"{name}" directive is duplicate'
        if first.name != name and not is_handler:
            message += f', "{first.name}" directive was specified earlier'
        raise Fault(
            message,
            directive.name_span,
            "S2W234" if is_handler else "S2W134",
            f"the first is in {_line(first)}",
        )

    # --- blocks ---

    def _inner(self, directive: Directive, scope: Scope) -> Scope:
        """The scope of a directive's block."""
        name = directive.name
        if name == "if":
            contexts = frozenset(f"{each}_if" for each in scope.contexts & {"server", "location"})
            return Scope(contexts, scope)
        if name == "location":
            return Scope(frozenset(("location",)), scope, core.place_of(directive))
        return Scope(frozenset((name,)), scope)

    def _end(self, scope: Scope) -> None:
        """What nginx checks when a block has been read."""
        for fault, directive in core.at_the_end(scope):
            self._report(fault, directive)


def _head(directive: Directive) -> Span:
    """A directive without its block."""
    return directive.name_span.to(directive.args[-1].span) if directive.args else directive.name_span


def _line(directive: Directive) -> str:
    place = directive.name_span.outermost()
    return f"line {place.line}"
