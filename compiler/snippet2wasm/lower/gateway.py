"""Directives that a plugin leaves to the gateway: what is told about them."""

from __future__ import annotations

from collections.abc import Sequence

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


def grouped(left: Sequence[tuple[Directive, Known]]) -> list[Diagnostic]:
    """The warnings about directives of a whole configuration that no plugin does: one for all that mean
    nothing to it, and one for all that are done in the same place, each at the first of them.
    """
    groups: dict[tuple[str, str], list[tuple[Directive, Known]]] = {}
    for directive, known in left:
        if not is_default(directive, known) and directive.name not in _OF_ROUTES:
            key = ("", "") if known.role == "ignored" else (known.refused, _instead(known))
            groups.setdefault(key, []).append((directive, known))
    return [_about(group) for group in groups.values()]


_OF_ROUTES = frozenset(("upstream", "root", "alias", "index"))
"""What the warning about routes tells of."""


def _about(group: Sequence[tuple[Directive, Known]]) -> Diagnostic:
    directive, known = group[0]
    names = list(dict.fromkeys(each.name for each, _ in group))
    if known.role == "ignored":
        shown = ", ".join(names)
        message = f"{shown} {'are' if len(names) > 1 else 'is'} left out, meaning nothing to a plugin"
        why = (
            known.refused
            if len(names) == 1
            else "nginx's processes, logs, connections and tables are the gateway's"
        )
        return _warning("S2W481", message, directive, why, "")
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    message = f"{shown} {'are' if len(names) > 1 else 'is'} left to the gateway"
    return _warning("S2W482", message, directive, known.refused, f"set it there: {_instead(known)}")


def _instead(known: Known) -> str:
    return known.whole or known.setting or known.help


_SHOWN = 6
"""How many names a warning about several directives has."""


def _warning(code: str, message: str, directive: Directive, reason: str, help_: str) -> Diagnostic:
    return Diagnostic(code, message, directive.span, reason, help_, severity=Severity.WARNING)
