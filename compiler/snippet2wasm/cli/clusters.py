"""`snippet2wasm compile` of Kubernetes objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from snippet2wasm import naming
from snippet2wasm.bundle import Bundle, bundle
from snippet2wasm.cli.inputs import emitted, plugin_name
from snippet2wasm.cli.output import write_project, write_projects
from snippet2wasm.cli.report import Reporter
from snippet2wasm.cluster import Compiled, compile_cluster, others_of
from snippet2wasm.compiler import Compilation, Options
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend.kubernetes import Manifests
from snippet2wasm.ingress.patches import patches, render
from snippet2wasm.ingress.places import compose

_DEFAULT_NAME = "snippets"
_PRINTED: dict[str, Callable[[Compilation], str]] = {
    "ir": Compilation.ir,
    "types": Compilation.types,
    "go": Compilation.main_go,
}


@dataclass(frozen=True)
class Wanted:
    """What to make of a cluster.

    Attributes:
        name: of the plugin; None for what the input's is.
        emit: as of the option.
        one: one plugin of all units.
        split: one of the units of each namespace.
        output: the project's folder, or that of the projects' folders.
        force: replace projects that are there.
        build: build them.
    """

    name: str | None
    emit: str
    one: bool
    split: bool
    output: str | None
    force: bool
    build: bool


def compile_manifests(
    reporter: Reporter, objects: Manifests, input_: str, options: Options, wanted: Wanted
) -> None:
    """Compiles a cluster's snippets, and writes what is wanted; ends the program when any is refused.

    Args:
        reporter: takes the messages.
        objects: the cluster.
        input_: its (first) file, beside which the snippets' files are.
        options: of all units.
        wanted: what to make of them.
    """
    if wanted.emit == "manifests":
        _manifests(reporter, objects, options.target)
        return
    compiled = compiled_cluster(reporter, objects, input_, options)
    base = _DEFAULT_NAME if wanted.name is None else plugin_name(wanted.name, "")
    if wanted.emit != "project":
        _print(reporter, compiled, wanted.emit)
    elif wanted.one:
        made = _bundles(reporter, compiled, {base: compiled.compilations}, options.target)
        _write(reporter, made, [Path(wanted.output or base)], wanted)
    elif wanted.split:
        groups: dict[str, list[Compilation]] = {}
        for namespace, each in zip(compiled.namespaces, compiled.compilations, strict=True):
            groups.setdefault(namespace or "several", []).append(each)
        named = {naming.slug(f"{namespace}-{base}"): members for namespace, members in groups.items()}
        made = _bundles(reporter, compiled, named, options.target)
        _write(reporter, made, [Path(wanted.output or base) / namespace for namespace in groups], wanted)
    else:
        _each(reporter, compiled, base, options.target, wanted)


def _manifests(reporter: Reporter, objects: Manifests, target: str) -> None:
    """Prints what becomes annotations of the Ingresses."""
    if target != "higress":
        raise click.UsageError("--emit manifests writes annotations of Higress; leave --target out")
    try:
        composition = compose(objects, target)
    except Refusal as refusal:
        reporter.refused(refusal)
    click.echo(render(patches(objects, composition)), nl=False)


def compiled_cluster(reporter: Reporter, objects: Manifests, input_: str, options: Options) -> Compiled:
    """The units of a cluster; ends the program when any is refused."""
    folder = Path() if input_ == "-" else Path(input_).parent
    try:
        return compile_cluster(objects, folder, options)
    except Refusal as refusal:
        reporter.refused(refusal)


def tell(reporter: Reporter, compiled: Compiled) -> None:
    """Shows the warnings about a cluster and its units."""
    told = [*compiled.warnings, *(warning for each in compiled.compilations for warning in each.warnings)]
    reporter.diagnose(list(dict.fromkeys(told)))


def _each(reporter: Reporter, compiled: Compiled, base: str, target: str, wanted: Wanted) -> None:
    """Writes a project of each unit: of a single one into the folder itself."""
    units = compiled.compilations
    if wanted.name is not None and len(units) > 1:
        raise click.UsageError(f"--name is for one plugin, and these are {len(units)}; add --bundle")
    named = {each.unit.name if wanted.name is None else base: [each] for each in units}
    made = _bundles(reporter, compiled, named, target)
    if len(units) == 1:
        folders = [Path(wanted.output or next(iter(named)))]
    else:
        folders = [Path(wanted.output or base) / name for name in named]
    _write(reporter, made, folders, wanted)


def _bundles(
    reporter: Reporter, compiled: Compiled, groups: dict[str, list[Compilation]], target: str
) -> list[Bundle]:
    """The plugins, by their names."""
    found: list[Bundle] = []
    refused: list[Diagnostic] = []
    for name, members in groups.items():
        try:
            found.append(bundle(name, target, members, others_of(compiled, members)))
        except Refusal as refusal:
            refused += refusal.diagnostics
    if refused:
        reporter.refused(Refusal(refused))
    told = [*compiled.warnings, *(warning for each in found for warning in each.warnings)]
    reporter.diagnose(list(dict.fromkeys(told)))
    return found


def _write(reporter: Reporter, made: list[Bundle], folders: list[Path], wanted: Wanted) -> None:
    projects = [(folder, emitted(reporter, each.files)) for folder, each in zip(folders, made, strict=True)]
    if len(projects) == 1:
        write_project(reporter, projects[0][1], projects[0][0], wanted.force, wanted.build)
    else:
        write_projects(reporter, projects, wanted.force, wanted.build)


def _print(reporter: Reporter, compiled: Compiled, emit: str) -> None:
    """Prints a form of each unit, behind its name."""
    tell(reporter, compiled)
    for each in compiled.compilations:
        mark = "//" if emit == "go" else "#"
        text = emitted(reporter, partial(_PRINTED[emit], each))
        click.echo(f"{mark} {each.unit.name}\n\n{text}")
