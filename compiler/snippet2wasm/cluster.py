"""Kubernetes objects compiled: the snippets of a cluster's Ingresses, each with what it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from snippet2wasm.compiler import Compilation, Options, compile_layers
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.frontend import bindings as bindings_module
from snippet2wasm.frontend import files
from snippet2wasm.frontend.bindings import Binding, Bindings
from snippet2wasm.frontend.kubernetes import Manifests
from snippet2wasm.frontend.matches import Match
from snippet2wasm.ingress.places import VARIABLES, Composed, compose


@dataclass(frozen=True)
class Compiled:
    """What came out.

    Attributes:
        compilations: of the units, which know their places.
        namespaces: of the units' Ingresses, "" for one with Ingresses of several; in the same order.
        others: requests that no unit shall act on, though a match of one would take them.
        warnings: about the objects; those about the snippets are the compilations'.
    """

    compilations: list[Compilation]
    namespaces: list[str]
    others: tuple[Match, ...]
    warnings: list[Diagnostic]


def compile_cluster(manifests: Manifests, folder: Path, options: Options) -> Compiled:
    """Compiles the snippets of a cluster; the options' name is not used, their bindings are for all units.

    Raises:
        Refusal: with everything that is wrong with any of them, and S2W360 when there is none.
    """
    given = _bindings(options, folder)
    composition = compose(manifests, options.target)
    if not composition.units:
        raise Refusal([_nothing(manifests), *composition.warnings])
    found: list[Compilation] = []
    refused: list[Diagnostic] = []
    for unit in composition.units:
        try:
            found.append(_compile(unit, given, folder, options))
        except Refusal as refusal:
            refused += refusal.diagnostics
    if refused:
        raise Refusal(dict.fromkeys(refused))
    idle = [each for each in found if not each.unit.handlers]
    warnings = [*composition.warnings, *_unused_match(given)]
    if len(idle) == len(found):
        raise Refusal([_nothing(manifests), *warnings, *(told for each in idle for told in each.warnings)])
    pairs = zip(composition.units, found, strict=True)
    others = [
        *composition.others,
        *(match for each in idle for place in each.places for match in place.match),
    ]
    return Compiled(
        [each for each in found if each.unit.handlers],
        [unit.namespace for unit, each in pairs if each.unit.handlers],
        tuple(others),
        [*warnings, *(told for each in idle for told in each.warnings)],
    )


def others_of(compiled: Compiled, members: Collection[Compilation]) -> tuple[Match, ...]:
    """What a plugin with some units of the cluster must leave alone, though their matches would take it:
    Ingresses without snippets, and those of the other units.
    """
    loose = [match for each in members for place in each.places for match in place.match if not match.route]
    named = [
        match
        for each in compiled.compilations
        if all(each is not member for member in members)
        for place in each.places
        for match in place.match
    ]
    return tuple(each for each in (*compiled.others, *named) if any(_hides(match, each) for match in loose))


def _hides(loose: Match, match: Match) -> bool:
    """Whether a match without a route may take requests of another that goes before it."""
    if loose.host and match.host and loose.host != match.host:
        return False
    return bool(match.route) or (loose.host == match.host and loose.meets(match.where()))


def _compile(unit: Composed, given: Bindings, folder: Path, options: Options) -> Compilation:
    span = unit.layers.source.span(0, 0)
    known = {name: Binding("config", VARIABLES[name], "string", False, span) for name in unit.variables}
    bindings = replace(given, variables={**known, **given.variables}, match=())
    own = replace(options, name=unit.name, bindings=None)
    compilation = compile_layers(unit.layers, bindings, folder, own)
    keys = {config.key for config in compilation.unit.config}
    places = (
        replace(place, values=tuple(each for each in place.values if each[0] in keys))
        for place in unit.places
    )
    return replace(compilation, places=tuple(places))


def _bindings(options: Options, folder: Path) -> Bindings:
    path = options.bindings
    return Bindings(folder) if path is None else bindings_module.parse(files.read(path), path.parent)


def _unused_match(given: Bindings) -> Iterable[Diagnostic]:
    for match in given.match[:1]:
        yield Diagnostic(
            "S2W406",
            "this match is of no effect: the Ingresses say what their snippets are for",
            match.span,
            help="leave it out, or change the table in the plugin's configuration",
            severity=Severity.WARNING,
        )


def _nothing(manifests: Manifests) -> Diagnostic:
    count = len(manifests.ingresses)
    span = manifests.ingresses[0].span if manifests.ingresses else None
    message = "there is no snippet to compile" + (f" in {count} Ingresses" if count > 1 else "")
    reason = (
        "no configuration-snippet or server-snippet of an Ingress, and no snippet of a ConfigMap, that was in"
        " force, has anything that a plugin does"
    )
    controller = manifests.controller
    if not count and controller is not None:
        message, span = "there is no Ingress for the controller's snippets", controller.span
        reason = "they act on the requests of Ingresses"
    elif not count:
        message = "there is no Ingress to compile"
        reason = "the input has no Ingress of networking.k8s.io or extensions, and no Helm values with one"
    return Diagnostic(
        "S2W360",
        message,
        span,
        reason=reason,
        help="give the Ingresses with their annotations, as kubectl get ingress -A -o yaml prints them",
    )
