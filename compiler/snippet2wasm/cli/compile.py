"""`snippet2wasm compile`."""

from __future__ import annotations

from pathlib import Path

import click

from snippet2wasm.cli import clusters, inputs
from snippet2wasm.cli.bundling import compile_bundle, tell_of_unused_match
from snippet2wasm.cli.inputs import emitted
from snippet2wasm.cli.output import write_project
from snippet2wasm.cli.report import FORMAT_OPTION, Reporter
from snippet2wasm.compiler import Compilation, Options
from snippet2wasm.ir.nodes import Phase


@click.command("compile")
@click.argument("inputs_", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    help="Folder of the plugin project. Default: ./NAME, or ./NAME-plugin if INPUT is the folder ./NAME",
)
@inputs.NAME_OPTION
@inputs.PHASE_OPTION
@inputs.LEVEL_OPTION
@inputs.TARGET_OPTION
@inputs.BINDINGS_OPTION
@inputs.LIBRARIES_OPTION
@inputs.LUA_PATH_OPTION
@inputs.LISTEN_OPTION
@click.option(
    "--emit",
    type=click.Choice(["project", "ir", "types", "go", "manifests"]),
    default="project",
    show_default=True,
    help="What to make: the project, or on standard output the IR, what was inferred of types, the Go code,"
    " or for Kubernetes files the annotations of Higress that stand for what no plugin does.",
)
@click.option("--bundle", "bundle_", is_flag=True, help="Make one plugin of all inputs: a unit of each.")
@click.option(
    "--bundle-by",
    type=click.Choice(["namespace"]),
    help="Make a bundle of the inputs of each namespace, in DIR/NAMESPACE.",
)
@click.option("--build", "build_", is_flag=True, help="Also build plugin.wasm.")
@click.option("--force", is_flag=True, help="Replace a project that is in DIR already.")
@FORMAT_OPTION
def command(
    inputs_: tuple[str, ...],
    output: str | None,
    name: str | None,
    phase: str,
    level: str | None,
    target: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    lua_path: tuple[str, ...],
    listen: int | None,
    emit: str,
    bundle_: bool,
    bundle_by: str | None,
    build_: bool,
    force: bool,
    format_: str,
) -> None:
    """Compile a snippet, or several to one plugin, to a plugin project.

    INPUT is a .lua file with a handler's body, nginx text (directives, *_by_lua blocks), a project's folder
    that holds one of them, or - for standard input. Kubernetes files (Ingresses, ingress-nginx's ConfigMap,
    Helm values; several are one cluster) give a plugin for each Ingress with snippets, or with --bundle one
    for all.
    """
    # What is emitted to standard output leaves no place for a JSON object there.
    reporter = Reporter(format_ if emit == "project" else "text")
    objects = inputs.manifests(reporter, inputs_)
    if objects is not None:
        if inputs.phase_was_given():
            raise click.UsageError(inputs.NO_PHASE)
        if level is not None:
            raise click.UsageError("--level is for nginx text; Kubernetes objects say the level themselves")
        given = inputs.existing(bindings, "--bindings") if bindings else inputs.default_bindings(inputs_[0])
        shared = tuple(inputs.existing(library, "--with") for library in libraries)
        settings = Options("", target=target, bindings=given, libraries=shared, lua_path=lua_path)
        made = clusters.Wanted(name, emit, bundle_, bundle_by is not None, output, force, build_)
        clusters.compile_manifests(reporter, objects, inputs_[0], settings, made)
        return
    if emit == "manifests":
        raise click.UsageError("--emit manifests takes Kubernetes files")
    if bundle_ or bundle_by is not None:
        if emit != "project" or bindings is not None or level is not None:
            option = "--bindings" if bindings is not None else "--emit"
            option = option if level is None else "--level"
            raise click.UsageError(f"{option} is for one input; each input of a bundle has its own bindings")
        shared = tuple(inputs.existing(library, "--with") for library in libraries)
        options = Options("", Phase(phase), target, libraries=shared, lua_path=lua_path)
        split = bundle_by is not None
        compile_bundle(reporter, inputs_, name, options, output, split=split, force=force, build=build_)
        return
    if len(inputs_) > 1:
        raise click.UsageError("several inputs make a bundle: add --bundle, or compile them one by one")
    compilation = inputs.compile_input(
        reporter,
        inputs_[0],
        name,
        phase,
        target,
        bindings,
        libraries,
        lua_path,
        level=level or "",
        listen=listen,
    )
    tell_of_unused_match(reporter, compilation)
    if emit == "ir":
        click.echo(compilation.ir(), nl=False)
    elif emit == "types":
        click.echo(compilation.types(), nl=False)
    elif emit == "go":
        click.echo(emitted(reporter, lambda: _go_of(compilation)), nl=False)
    else:
        files = emitted(reporter, compilation.files)
        folder = Path(output) if output else _default_folder(compilation.options.name, inputs_[0])
        write_project(reporter, files, folder, force, build_)


def _go_of(compilation: Compilation) -> str:
    """The text of main.go, and behind it, each under its name, those of the modules' files."""
    modules = (f"\n// {name}\n\n{text}" for name, text in sorted(compilation.module_files().items()))
    return compilation.main_go() + "".join(modules)


def _default_folder(name: str, input_: str) -> Path:
    """Where a project goes if nothing says it: not into the folder that is the input itself."""
    folder = Path(name)
    return Path(f"{name}-plugin") if input_ != "-" and folder.resolve() == Path(input_).resolve() else folder
