"""snippet2wasm compiles ingress-nginx Lua snippets to proxy-wasm plugins in Go.

`compile` is the whole of it; see `snippet2wasm.api`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snippet2wasm.api import InvalidOption, Plugin, Text, Unit, compile
    from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity, render_text

__version__ = "0.1.0"

__all__ = [
    "Diagnostic",
    "InvalidOption",
    "Plugin",
    "Refusal",
    "Severity",
    "Text",
    "Unit",
    "__version__",
    "compile",
    "render_text",
]

_DIAGNOSTICS = ("Diagnostic", "Refusal", "Severity", "render_text")


def __getattr__(name: str) -> object:
    """Imports what is asked for: not every command needs the compiler."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "diagnostics" if name in _DIAGNOSTICS else "api"
    return getattr(import_module(f"{__name__}.{module}"), name)
