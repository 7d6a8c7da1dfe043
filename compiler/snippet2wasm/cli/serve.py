"""`snippet2wasm serve`."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import click

from snippet2wasm.backend.project import is_project
from snippet2wasm.build.errors import BuildError
from snippet2wasm.cli import inputs
from snippet2wasm.cli.build import fail
from snippet2wasm.cli.report import Reporter
from snippet2wasm.compiler import Compilation
from snippet2wasm.serve.errors import NotMade
from snippet2wasm.serve.plugin import TARGET, Plugin, Project, Snippet
from snippet2wasm.serve.session import Crashed, Options, Session, Stopped, stoppable
from snippet2wasm.serve.settings import Settings
from snippet2wasm.verify.process import Address, ServerError


def _upstream(_context: click.Context, _option: click.Parameter, value: str | None) -> Address | None:
    """--upstream http://HOST[:PORT]."""
    if value is None:
        return None
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise click.BadParameter("this is no URL") from None
    if url.scheme != "http" or not url.hostname:
        raise click.BadParameter("http://HOST:PORT is wanted; TLS is not spoken")
    if url.path not in ("", "/") or url.query or url.fragment or url.username is not None:
        raise click.BadParameter("only host and port: requests keep their own paths")
    return url.hostname, port or 80


def _redis(_context: click.Context, _option: click.Parameter, value: str | None) -> Address | None:
    """--redis HOST:PORT."""
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.BadParameter("HOST:PORT is wanted")
    return host.strip("[]"), int(port)


@click.command("serve")
@click.argument("input_", metavar="INPUT|DIR")
@click.option(
    "--upstream",
    metavar="URL",
    callback=_upstream,
    help="Where requests go that the plugin does not stop. Default: a built-in one that answers with what it "
    "received.",
)
@click.option(
    "--redis",
    metavar="HOST:PORT",
    callback=_redis,
    help="The Redis for all that the snippet names. Default: one is started if needed.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. Default: a free one.")
@click.option("--config", metavar="FILE", help="The plugin's configuration, YAML or JSON.")
@click.option("--watch", is_flag=True, help="Compile and load anew when a file changes.")
@click.option("--verbose", is_flag=True, help="Show Envoy's own log, too.")
@inputs.NAME_OPTION
@inputs.PHASE_OPTION
@inputs.BINDINGS_OPTION
@inputs.LIBRARIES_OPTION
@inputs.LUA_PATH_OPTION
@inputs.LISTEN_OPTION
def command(
    input_: str,
    upstream: Address | None,
    redis: Address | None,
    port: int | None,
    config: str | None,
    watch: bool,
    verbose: bool,
    name: str | None,
    phase: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    lua_path: tuple[str, ...],
    listen: int | None,
) -> None:
    """Run a snippet in a local Envoy, until Ctrl-C.

    INPUT is what `compile` takes; it is compiled for Envoy and built in a temporary folder. DIR is a project
    that was compiled with --target envoy.
    """
    if watch and input_ == "-":
        raise click.UsageError("--watch: standard input can't be watched")
    settings = Settings(Path(config) if config is not None else None)
    options = Options(port, upstream, redis, watch, verbose)
    with tempfile.TemporaryDirectory(prefix="snippet2wasm-") as folder:
        plugin: Plugin
        if is_project(Path(input_)):
            _refuse_compile_options()
            plugin = Project(Path(input_))
        else:
            input_ = inputs.input_file(input_)
            candidates = inputs.bindings_candidates(input_)
            named = [*map(Path, libraries), *([Path(bindings)] if bindings else candidates)]
            compile_ = _compiler(input_, name, phase, bindings, libraries, lua_path, listen)
            plugin = Snippet(input_, named, compile_, Path(folder) / "project")
        _run(Session(plugin, settings, options))


def _refuse_compile_options() -> None:
    context = click.get_current_context()
    for option in ("name", "phase", "bindings", "libraries", "lua_path", "listen"):
        if context.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE:
            shown = {"libraries": "with", "lua_path": "lua-path"}.get(option, option)
            raise click.UsageError(f"--{shown} is for snippets; DIR is compiled already")


def _compiler(
    input_: str,
    name: str | None,
    phase: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    lua_path: tuple[str, ...],
    listen: int | None,
) -> Callable[[], tuple[Compilation, dict[str, bytes]]]:
    """Compiles the input when called."""

    def compile_() -> tuple[Compilation, dict[str, bytes]]:
        reporter = Reporter("text")
        try:
            found = inputs.compile_input(
                reporter,
                input_,
                name,
                phase,
                TARGET,
                bindings,
                libraries,
                lua_path,
                with_recordings=False,
                listen=listen,
            )
            return found, inputs.emitted(reporter, found.files)
        except click.UsageError as error:
            click.echo(f"snippet2wasm: {error.format_message()}", err=True)
            raise NotMade(error.exit_code) from None
        except SystemExit:  # the reporter has shown why
            raise NotMade(3) from None

    return compile_


def _run(session: Session) -> None:
    """Runs it, and ends the program as it ended."""
    reporter = Reporter("text")
    try:
        with stoppable():
            session.run()
    except Stopped:
        _stopped()
    except NotMade as error:
        sys.exit(error.code)
    except BuildError as error:
        fail(reporter, error)
    except Crashed as error:
        reporter.fail(f"{_readable(error)}; everything else has been stopped", None, 1)
    except ServerError as error:
        reporter.fail(_readable(error), None, 3)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO):
            raise
        _forget_output()


def _stopped() -> None:
    try:
        click.secho("stopped", bold=True)
    except OSError:
        _forget_output()


def _forget_output() -> None:
    """Nobody reads what we write any more (`| head`, a closed terminal): that is an end like any other."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def _readable(error: ServerError) -> str:
    return str(error).replace("\x1e", "").strip()
