"""What a command says: diagnostics and results, as text or as JSON."""

from __future__ import annotations

import json
import sys
from typing import NoReturn

import click

from snippet2wasm.diagnostics import Diagnostic, Refusal, render_text, to_json

FORMAT_OPTION = click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Of messages.",
)


class Reporter:
    """Prints diagnostics and results, as text on standard error or as one JSON object on standard output."""

    def __init__(self, format_: str) -> None:
        self.json = format_ == "json"
        self.diagnostics: list[Diagnostic] = []

    def diagnose(self, diagnostics: list[Diagnostic]) -> None:
        """Takes in diagnostics; text is shown at once."""
        self.diagnostics.extend(diagnostics)
        if not self.json:
            for diagnostic in diagnostics:
                click.echo(render_text(diagnostic), err=True, nl=False)

    def refused(self, refusal: Refusal) -> NoReturn:
        """Shows why the input is refused and ends the program."""
        self.diagnose(sorted(refusal.diagnostics, key=Diagnostic.sort_key))
        if self.json:
            self._object({"status": "refused"})
        sys.exit(3)

    def fail(self, error: str, hint: str | None, code: int) -> NoReturn:
        """Shows what went wrong outside of the input, and ends the program."""
        if self.json:
            self._object({"status": "failed", "error": error, "help": hint})
        else:
            click.echo(f"snippet2wasm: {error}", err=True)
            if hint:
                click.echo(f"  try: {hint}", err=True)
        sys.exit(code)

    def done(self, text: str, result: dict[str, object]) -> None:
        """Shows a result."""
        if self.json:
            self._object({"status": "done", **result})
        else:
            click.echo(text)

    def _object(self, result: dict[str, object]) -> None:
        found = {**result, "diagnostics": [to_json(diagnostic) for diagnostic in self.diagnostics]}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
