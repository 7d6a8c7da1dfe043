"""`snippet2wasm compile`."""

from __future__ import annotations

from pathlib import Path

import click

from snippet2wasm.backend import project
from snippet2wasm.cli import inputs
from snippet2wasm.cli.inputs import emitted
from snippet2wasm.cli.report import FORMAT_OPTION, Reporter
from snippet2wasm.compiler import Compilation


@click.command("compile")
@click.argument("input_", metavar="INPUT")
@click.option("-o", "--output", metavar="DIR", help="Folder of the plugin project. Default: ./NAME")
@inputs.NAME_OPTION
@inputs.PHASE_OPTION
@inputs.TARGET_OPTION
@inputs.BINDINGS_OPTION
@inputs.LIBRARIES_OPTION
@click.option(
    "--emit",
    type=click.Choice(["project", "ir", "go"]),
    default="project",
    show_default=True,
    help="What to make: the project, or the IR or the Go code on standard output.",
)
@click.option("--build", "build_", is_flag=True, help="Also build plugin.wasm.")
@click.option("--force", is_flag=True, help="Replace a project that is in DIR already.")
@FORMAT_OPTION
def command(
    input_: str,
    output: str | None,
    name: str | None,
    phase: str,
    target: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    emit: str,
    build_: bool,
    force: bool,
    format_: str,
) -> None:
    """Compile a snippet to a plugin project.

    INPUT is a .lua file with a handler's body, nginx text with *_by_lua blocks, or - for standard input.
    """
    # What is emitted to standard output leaves no place for a JSON object there.
    reporter = Reporter(format_ if emit == "project" else "text")
    compilation = inputs.compile_input(reporter, input_, name, phase, target, bindings, libraries)
    if emit == "ir":
        click.echo(compilation.ir(), nl=False)
    elif emit == "go":
        click.echo(emitted(reporter, compilation.main_go), nl=False)
    else:
        _write(reporter, compilation, Path(output or compilation.options.name), force, build_)


def _write(reporter: Reporter, compilation: Compilation, output: Path, force: bool, build_: bool) -> None:
    try:
        project.write(emitted(reporter, compilation.files), output, force)
    except project.NotOurs as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"can't write {output}: {error.strerror or error}") from None
    if build_:
        from snippet2wasm.cli.build import build_project  # the registry client it imports takes its time

        build_project(reporter, output, "auto", None)
    else:
        reporter.done(f"wrote {output}", {"project": str(output)})
