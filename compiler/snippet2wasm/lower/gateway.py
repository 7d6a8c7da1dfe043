"""Directives that a plugin leaves to the gateway: what is told about them."""

from __future__ import annotations

from snippet2wasm.catalogue import Directive as Known
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.nginx import Directive


def is_default(directive: Directive, known: Known) -> bool:
    """Whether a directive only says what nginx does anyway, so that nothing is missing without it."""
    texts = [argument.value for argument in directive.args]
    return len(texts) == 1 and texts[0].lower() in known.default


def check(directive: Directive, known: Known) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The warnings and the errors about a directive that no plugin does."""
    if is_default(directive, known):
        return [], []
    if known.role == "refused":
        message = f"{directive.name!r} can't be compiled"
        return [], [Diagnostic("S2W230", message, directive.span, known.refused, known.help)]
    if known.role == "ignored":
        message = f"{directive.name} is left out: it means nothing to a plugin"
        return [_warning("S2W481", message, directive, known.refused, known.help)], []
    message = f"{directive.name} is left to the gateway"
    return [_warning("S2W482", message, directive, known.refused, f"set it there: {known.setting}")], []


def _warning(code: str, message: str, directive: Directive, reason: str, help_: str) -> Diagnostic:
    return Diagnostic(code, message, directive.span, reason, help_, severity=Severity.WARNING)
