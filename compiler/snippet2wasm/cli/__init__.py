"""The command line: parses arguments, calls, renders; no logic. One module per command.

Exit codes: 0 done, 1 internal error, 2 usage, 3 refused input, 4 `verify` found a difference.
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from importlib import import_module

import click

from snippet2wasm import __version__

_COMMANDS = ("compile", "explain", "verify", "build", "push", "serve")
"""Each is the function `command` of the module of that name."""


class _Commands(click.Group):
    """Imports a command's module when the command is named: `compile` needs no registry client."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="snippet2wasm")
def main() -> None:
    """Compile ingress-nginx Lua snippets to proxy-wasm plugins in Go."""


def run() -> None:
    """The entry point: what is not foreseen is an internal error, told apart from all else by exit code 1."""
    try:
        sys.exit(main.main(prog_name="snippet2wasm", standalone_mode=False))
    except click.Abort:
        sys.exit(130)  # the user's Ctrl-C
    except click.ClickException as error:
        _show(error)
        sys.exit(error.exit_code)
    except Exception:
        traceback.print_exc()
        click.echo(
            "snippet2wasm: internal error: please report it with the input and the lines above", err=True
        )
        sys.exit(1)


def _show(error: click.ClickException) -> None:
    """Shows a wrong use; as JSON to who asked for it, even when the arguments could not be parsed."""
    if re.search(r"--format[= ]json\b", " ".join(sys.argv)):
        found: dict[str, object] = {
            "status": "failed",
            "error": error.format_message(),
            "help": None,
            "diagnostics": [],
        }
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        error.show()
