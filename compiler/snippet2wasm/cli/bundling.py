"""`snippet2wasm compile --bundle`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from snippet2wasm import naming
from snippet2wasm.bundle import Bundle, Input, bundle, by_namespace, compile_all
from snippet2wasm.cli.inputs import (
    NO_PHASE,
    default_bindings,
    emitted,
    input_file,
    phase_was_given,
    plugin_name,
    read_input,
)
from snippet2wasm.cli.output import write_project, write_projects
from snippet2wasm.cli.report import Reporter
from snippet2wasm.compiler import Compilation, Options, is_nginx_text
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity

_DEFAULT_NAME = "snippets"


def compile_bundle(
    reporter: Reporter,
    inputs: Sequence[str],
    name: str | None,
    options: Options,
    output: str | None,
    *,
    split: bool,
    force: bool,
    build: bool,
) -> None:
    """Compiles the inputs and writes one project, or one of each namespace; ends the program when any
    input is refused.

    Args:
        reporter: takes the messages.
        inputs: paths.
        name: of the plugin; with `split`, the end of the plugins' names.
        options: of all inputs; each has a name and bindings of its own.
        output: the folder of the project, or with `split` that of the projects' folders.
        split: make a bundle of each namespace.
        force: replace projects that are there.
        build: build them.
    """
    compilations = _compile(reporter, inputs, options)
    base = _DEFAULT_NAME if name is None else plugin_name(name, "")
    if not split:
        made = _bundles(reporter, {base: compilations}, options.target)
        write_project(reporter, emitted(reporter, made[0].files), Path(output or base), force, build)
        return
    groups = by_namespace(compilations)
    named = {naming.slug(f"{namespace}-{base}"): members for namespace, members in groups.items()}
    made = _bundles(reporter, named, options.target)
    folders = [Path(output or base) / namespace for namespace in groups]
    projects = [(folder, emitted(reporter, each.files)) for folder, each in zip(folders, made, strict=True)]
    write_projects(reporter, projects, force, build)


def _compile(reporter: Reporter, inputs: Sequence[str], options: Options) -> list[Compilation]:
    found: list[Input] = []
    taken: set[str] = set()
    for given in inputs:
        if given == "-":
            raise click.UsageError("a bundle is compiled from files, not from standard input")
        path = input_file(given)
        source, folder = read_input(reporter, path)
        name = naming.unique(plugin_name(None, path), taken)
        own = replace(options, name=name, bindings=default_bindings(path))
        found.append(Input(source, folder, own))
    if phase_was_given() and all(is_nginx_text(each.source) for each in found):
        raise click.UsageError(NO_PHASE)
    try:
        return compile_all(found)
    except Refusal as refusal:
        reporter.refused(refusal)


def _bundles(reporter: Reporter, groups: dict[str, list[Compilation]], target: str) -> list[Bundle]:
    """The bundles, by their names."""
    found: list[Bundle] = []
    refused: list[Diagnostic] = []
    for name, members in groups.items():
        try:
            found.append(bundle(name, target, members))
        except Refusal as refusal:
            refused += refusal.diagnostics
    if refused:
        reporter.refused(Refusal(refused))
    reporter.diagnose([warning for each in found for warning in each.warnings])
    return found


def tell_of_unused_match(reporter: Reporter, compilation: Compilation) -> None:
    """Warns of a match in the bindings, which a plugin with one unit has no table for."""
    if compilation.bindings.match:
        reporter.diagnose(
            [
                Diagnostic(
                    "S2W406",
                    "this match is of no effect: a plugin with one unit has no table",
                    compilation.bindings.match[0].span,
                    help="compile with --bundle, which takes a single input, too, or use the gateway's rules",
                    severity=Severity.WARNING,
                )
            ]
        )
