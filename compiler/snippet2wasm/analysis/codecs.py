"""The JSON modules: where a unit changes the settings of one, all its calls of that one go by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from snippet2wasm.ir.nodes import Action, Function, walk_expressions

SETTING = "special.cjson_setting"
WITH_SETTINGS = "special.cjson_with_settings"


def settle(functions: Sequence[Function]) -> None:
    """Lets `encode` and `decode` look at the settings, which belong to the unit, if it has any."""
    actions = [
        expr
        for function in functions
        for expr in walk_expressions(function.body)
        if isinstance(expr, Action) and expr.entry.name.startswith("cjson.")
    ]
    changed = {module(action) for action in actions if action.entry.go == SETTING}
    for action in actions:
        if module(action) in changed and _is_codec(action):
            action.entry = replace(action.entry, request=True, go=WITH_SETTINGS)


def module(action: Action) -> str:
    """The module of a call: `cjson` or `cjson.safe`."""
    return action.entry.name.rpartition(".")[0]


def _is_codec(action: Action) -> bool:
    return action.entry.name.rpartition(".")[2] in ("encode", "decode")
