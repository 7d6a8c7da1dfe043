"""`snippet2wasm explain`."""

from __future__ import annotations

import click

from snippet2wasm.cli import clusters, inputs
from snippet2wasm.cli.report import Reporter
from snippet2wasm.compiler import Options
from snippet2wasm.explain import FORMATS, to_json
from snippet2wasm.frontend import deep
from snippet2wasm.frontend.kubernetes import Manifests


@click.command("explain")
@click.argument("input_", metavar="INPUT")
@inputs.NAME_OPTION
@inputs.PHASE_OPTION
@inputs.TARGET_OPTION
@inputs.BINDINGS_OPTION
@inputs.LIBRARIES_OPTION
@inputs.LUA_PATH_OPTION
@inputs.LISTEN_OPTION
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to tell it.",
)
def command(
    input_: str,
    name: str | None,
    phase: str,
    target: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    lua_path: tuple[str, ...],
    listen: int | None,
    format_: str,
) -> None:
    """Tell in words what a snippet does.

    What it reads, decides, calls and changes, and every way a request can end, with the lines that say so.
    INPUT is what `compile` takes.
    """
    reporter = Reporter(format_)
    objects = inputs.manifests(reporter, [input_])
    if objects is not None:
        given = inputs.existing(bindings, "--bindings") if bindings else inputs.default_bindings(input_)
        shared = tuple(inputs.existing(library, "--with") for library in libraries)
        options = Options("", target=target, bindings=given, libraries=shared, lua_path=lua_path)
        _explain_cluster(reporter, objects, input_, options, format_)
        return
    compilation = inputs.compile_input(
        reporter, input_, name, phase, target, bindings, libraries, lua_path, listen=listen
    )
    explanation = compilation.explanation()
    if format_ == "json":
        deep.run(lambda: reporter.done("", {"explanation": to_json(explanation)}))
    else:
        click.echo(FORMATS[format_](explanation), nl=False)


def _explain_cluster(
    reporter: Reporter, objects: Manifests, input_: str, options: Options, format_: str
) -> None:
    """Tells what each unit of a cluster does."""
    compiled = clusters.compiled_cluster(reporter, objects, input_, options)
    clusters.tell(reporter, compiled)
    explanations = [each.explanation() for each in compiled.compilations]
    if format_ == "json":
        deep.run(lambda: reporter.done("", {"explanations": [to_json(each) for each in explanations]}))
    else:
        click.echo("\n".join(FORMATS[format_](each) for each in explanations), nl=False)
