"""Where Lua takes a request: what is known of it when the text is compiled."""

from __future__ import annotations

from snippet2wasm.analysis.effects import JUMPS
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.ir.nodes import Action, Constant, Unit


def warnings(unit: Unit) -> list[Diagnostic]:
    """What is likely to surprise.

    Args:
        unit: with all effects settled.
    """
    actions = list(unit.actions(*JUMPS))
    names = {level.name for level in unit.levels}
    found = [_missing(each) for each in actions if _name(each) and _name(each) not in names]
    others = [each for each in actions if not _name(each)]
    return found + ([_comes_back(others[0])] if others and not unit.levels else [])


def _name(action: Action) -> str:
    """The named location that a jump certainly goes to; "" if it does not."""
    match action.args:
        case [Constant(value=bytes() as uri), *_] if uri.startswith(b"@"):
            return uri.partition(b"?")[0].decode("utf-8", "surrogateescape")
        case _:
            return ""


def _missing(action: Action) -> Diagnostic:
    return Diagnostic(
        "S2W490",
        f"there is no location {_name(action)!r} in the input",
        action.span,
        reason="the client gets 500 then, in nginx as from the plugin",
        help="compile the text of the server that has both locations",
        severity=Severity.WARNING,
    )


def _comes_back(action: Action) -> Diagnostic:
    return Diagnostic(
        "S2W491",
        "the request comes back to this handler with its new path",
        action.span,
        reason="the input has no other locations: nginx would go on with those of the server,"
        " here other plugins and other Ingresses' snippets may not see the new path",
        help="compile the text of the server with the locations",
        severity=Severity.WARNING,
    )
