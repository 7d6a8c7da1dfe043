"""Bundles: several inputs compiled into one plugin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from snippet2wasm.backend.bundle import Member, bundle_files, plugin_phase
from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.frontend import deep
from snippet2wasm.frontend.matches import Match, Place, of_location
from snippet2wasm.ir.nodes import Location, Phase, Unit
from snippet2wasm.source import Source


@dataclass(frozen=True)
class Input:
    """What one unit is compiled from; the arguments of `compile_text`."""

    source: Source
    folder: Path
    options: Options


@dataclass(frozen=True)
class Bundle:
    """What came out.

    Attributes:
        name: of the plugin.
        target: what it was compiled for.
        compilations: of its units.
        warnings: those of all units, and those about the bundle.
        others: requests that no unit shall act on, though a match of one would take them.
    """

    name: str
    target: str
    compilations: list[Compilation]
    warnings: list[Diagnostic] = field(repr=False)
    others: tuple[Match, ...] = ()

    def files(self) -> dict[str, bytes]:
        """The files of the plugin project, by path inside it.

        Raises:
            Refusal: what turns out to have no Go form.
        """
        members = [
            Member(each.unit, each.source.name, places_of(each), each.recordings, each.handlers)
            for each in self.compilations
        ]
        return deep.run(lambda: bundle_files(self.name, self.target, members, self.others))


def places_of(compilation: Compilation) -> tuple[Place, ...]:
    """What a unit is for, with the values of its configuration there."""
    match = matches_of(compilation)
    return compilation.places or ((Place(match),) if match else ())


def matches_of(compilation: Compilation) -> tuple[Match, ...]:
    """What a unit is for: as Ingresses or its bindings say, or its own location."""
    if compilation.places:
        return tuple(match for place in compilation.places for match in place.match)
    if compilation.bindings.match:
        return compilation.bindings.match
    return tuple(of_location(location) for location in _locations(compilation.unit))


def _locations(unit: Unit) -> list[Location]:
    """The locations that a unit acts in; none if it acts outside of any, or a table does not know them."""
    if unit.location is not None:
        return [unit.location]
    found = [location for level in unit.levels for location in level.match]
    everywhere = any(each.phase is Phase.SERVER_REWRITE for each in unit.handlers)
    return [] if everywhere or any(each.modifier in ("~", "~*") for each in found) else found


def compile_all(inputs: Sequence[Input]) -> list[Compilation]:
    """Compiles inputs; the names in their options are unique.

    Raises:
        Refusal: with everything that is wrong with any of them.
    """
    found: list[Compilation] = []
    refused: list[Diagnostic] = []
    for each in inputs:
        try:
            found.append(compile_text(each.source, each.folder, each.options))
        except Refusal as refusal:
            refused += refusal.diagnostics
    if refused:
        raise Refusal(refused)
    return found


def bundle(name: str, target: str, compilations: list[Compilation], others: tuple[Match, ...] = ()) -> Bundle:
    """Makes one plugin of compilations for the same target, at least one; see `Bundle` for `others`.

    Raises:
        Refusal: two of them are for the same requests, or one for none.
        ValueError: there is none, or two have one name.
    """
    if not compilations or len({each.unit.name for each in compilations}) < len(compilations):
        raise ValueError("a bundle needs units, each with a name of its own")
    conflicts = _conflicts(compilations)
    if conflicts:
        raise Refusal(conflicts)
    warnings = [warning for compilation in compilations for warning in compilation.warnings]
    told = list(dict.fromkeys([*warnings, *_warnings(target, compilations)]))
    return Bundle(name, target, compilations, told, others)


def by_namespace(compilations: list[Compilation]) -> dict[str, list[Compilation]]:
    """Compilations by namespace: what their bindings say, or else the name of the input's folder."""
    found: dict[str, list[Compilation]] = {}
    for each in compilations:
        folder = each.bindings.folder.absolute().name
        namespace = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")[:63].strip("-")
        found.setdefault(each.bindings.namespace or namespace or "default", []).append(each)
    return dict(sorted(found.items()))


def _conflicts(compilations: list[Compilation]) -> list[Diagnostic]:
    """Matches that two units have, and those that no request can meet."""
    found: list[Diagnostic] = []
    owners: dict[tuple[str, str, bool, str], str] = {}
    for compilation in compilations:
        own = compilation.unit.location
        whole = compilation.source.span(0, 0)
        for match in matches_of(compilation):
            owner = owners.setdefault(match.key(), compilation.unit.name)
            shown = ", ".join(f"{key} {value!r}" for key, value in match.parts().items())
            if owner != compilation.unit.name:
                found.append(
                    Diagnostic(
                        "S2W242",
                        f"the unit {owner!r} of this bundle is for {shown}, too",
                        match.span or whole,
                        reason="one unit acts on a request",
                        help="say in their bindings what each is for (match: [{route: …}]), or merge them",
                    )
                )
            if not match.meets(own):
                found.append(
                    Diagnostic(
                        "S2W243",
                        "no request is for this match and for the input's own location",
                        match.span,
                        reason=f"the handler acts in `location {own.path if own else ''}` only",
                        help="correct one of them",
                    )
                )
    return found


def _warnings(target: str, compilations: list[Compilation]) -> list[Diagnostic]:
    found = [
        Diagnostic(
            "S2W404",
            f"nothing says which requests the unit {each.unit.name!r} is for, so it acts on none",
            each.source.span(0, 0),
            help="name them in its bindings (match: [{route: NAMESPACE/INGRESS}]) or, later, in the plugin's"
            " configuration",
            severity=Severity.WARNING,
        )
        for each in compilations
        if not matches_of(each)
    ]
    if target == "higress" and plugin_phase([each.unit for each in compilations]) == "mixed":
        found.append(
            Diagnostic(
                "S2W405",
                "some units of this bundle decide in nginx's rewrite phase (return, rewrite, rewrite_by_lua),"
                " and others later",
                reason="a plugin has one phase in Higress: all run after IP lists, limits and authentication"
                " here, and in nginx the former before them",
                help="compile the units that decide in the rewrite phase to a bundle of their own",
                severity=Severity.WARNING,
            )
        )
    return found
