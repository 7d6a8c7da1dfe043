"""The command line: parses arguments, calls, renders; no logic. One module per command.

Exit codes: 0 done, 1 internal error, 2 usage, 3 refused input, 4 `verify` found a difference; 128 and the
signal's number for a command that a signal ended.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import traceback
from importlib import import_module
from types import FrameType

import click

from snippet2wasm import __version__

_COMMANDS = ("compile", "explain", "verify", "build", "push", "serve")
"""Each is the function `command` of the module of that name."""

_INTERNAL = "internal error: please report it with"


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
    _unwind_on_signals()
    try:
        sys.exit(main.main(prog_name="snippet2wasm", standalone_mode=False))
    except click.Abort:
        sys.exit(130)  # the user's Ctrl-C
    except click.ClickException as error:
        _show(error)
        sys.exit(error.exit_code)
    except Exception as error:
        traceback.print_exc()
        click.echo(f"snippet2wasm: {_INTERNAL} the input and the lines above", err=True)
        if _wants_json():
            _failed(f"{_INTERNAL} the input and what stands on standard error: {error}")
        sys.exit(1)


def _unwind_on_signals() -> None:
    """Makes SIGTERM and a closed terminal end the program as Ctrl-C does: what was started is stopped, and
    temporary files go. Who ignores a signal (nohup) goes on doing so.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    signals = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) is signal.SIG_DFL]
    for each in signals:
        signal.signal(each, stop)


def _show(error: click.ClickException) -> None:
    """Shows a wrong use; as JSON to who asked for it, even when the arguments could not be parsed."""
    if _wants_json():
        _failed(error.format_message())
    else:
        error.show()


def _wants_json() -> bool:
    return re.search(r"--format[= ]json\b", " ".join(sys.argv)) is not None


def _failed(error: str) -> None:
    found: dict[str, object] = {"status": "failed", "error": error, "help": None, "diagnostics": []}
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))
