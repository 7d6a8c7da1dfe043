"""Where the Go runtime and the templates are: beside the package in a wheel, at the top of a checkout
otherwise.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def _find(name: str) -> Path:
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _CHECKOUT / name


def go_runtime() -> Path:
    """The folder of the Go module that emitted plugins link."""
    return _find("go_runtime")


def templates() -> Path:
    """The folder of the jinja2 templates."""
    return _find("codegen_templates")
