"""Tells in words what a unit does: what it reads, decides, calls and changes, and each way it can end.

`explain` makes an `Explanation` of the typed IR; `FORMATS` shows one as text, Markdown or a Mermaid flow
chart, `to_json` as a JSON object. The words for what the catalogue's entries do are the catalogue's
(`catalogue/phrases.yaml`).
"""

from __future__ import annotations

from collections.abc import Callable

from snippet2wasm.explain.builder import explain
from snippet2wasm.explain.jsonform import JsonExplanation, json_text, to_json
from snippet2wasm.explain.markdown import markdown, readme_part
from snippet2wasm.explain.mermaid import mermaid
from snippet2wasm.explain.model import Explanation
from snippet2wasm.explain.text import text
from snippet2wasm.frontend import deep


def _deep(show: Callable[[Explanation], str]) -> Callable[[Explanation], str]:
    """The function, made safe for explanations that are nested as deeply as a snippet can be."""
    return lambda explanation: deep.run(lambda: show(explanation))


FORMATS: dict[str, Callable[[Explanation], str]] = {
    "text": _deep(text),
    "markdown": _deep(markdown),
    "mermaid": _deep(mermaid),
    "json": _deep(json_text),
}
"""What shows an explanation, by the name of the format."""

__all__ = ["FORMATS", "Explanation", "JsonExplanation", "explain", "markdown", "readme_part", "to_json"]
