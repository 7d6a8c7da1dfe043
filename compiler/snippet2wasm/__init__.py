"""snippet2wasm compiles ingress-nginx Lua snippets to proxy-wasm plugins in Go.

`compile` is the whole of it; see `snippet2wasm.api`.
"""

__version__ = "0.1.0"

from snippet2wasm.api import InvalidOption, Plugin, Text, Unit, compile
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity, render_text

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
