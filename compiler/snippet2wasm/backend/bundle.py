"""The project of a bundle: a plugin with several units, each a Go package, and a table that says where they
act.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from snippet2wasm import __version__, naming
from snippet2wasm.analysis.effects import reads_body, uses_http, uses_redis
from snippet2wasm.backend.goast import quote
from snippet2wasm.backend.gofile import (
    UNITS,
    chunk_go,
    embedded_files,
    imports,
    in_order,
    location_go,
    templates,
    unit_go,
)
from snippet2wasm.backend.naming import RESERVED, shown_name
from snippet2wasm.backend.packages import RUNTIME
from snippet2wasm.backend.project import (
    GO_IMAGE,
    MARKER,
    differences,
    exports_of,
    hook_files,
    location_text,
    redis_addresses,
    runtime_files,
)
from snippet2wasm.backend.services import http_addresses
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.explain import explain, markdown
from snippet2wasm.frontend.matches import Match, Place
from snippet2wasm.ir.nodes import Unit

_RESERVED = RESERVED | {"internal", "vendor", "testdata"}
"""Names that mean something else as the name of a package or its folder."""


@dataclass(frozen=True)
class Member:
    """A unit of a bundle.

    Attributes:
        unit: its typed IR; its name is unique in the bundle.
        source_name: the input's name.
        places: what it is for; none if nothing says that.
        recordings: what its test replays, by file name.
        handlers: the digest of its handlers' text.
    """

    unit: Unit
    source_name: str
    places: tuple[Place, ...]
    recordings: dict[str, bytes] = field(repr=False)
    handlers: str = field(repr=False)

    @property
    def match(self) -> tuple[Match, ...]:
        """All that it is for."""
        return tuple(match for place in self.places for match in place.match)


@dataclass
class _Package:
    """A Go package and the units that are made of it: the first one's code is theirs, too."""

    name: str
    files: dict[str, bytes]
    members: list[Member]

    def unit(self, member: Member) -> str:
        """The Go of a unit, outside of the package."""
        return f"{self.name}.{self.inside(member)}"

    def inside(self, member: Member) -> str:
        """The Go of a unit, in the package."""
        if member is self.members[0]:
            return "Unit"
        unit = member.unit
        rows = [("Name", quote(unit.name.encode()))]
        if unit.location is not None:
            rows.append(("Location", location_go(unit.location)))
        chunks = [chunk_go(handler) for handler in in_order(unit) if handler.body.chunk]
        if chunks:
            rows.append(("Chunks", f"[]string{{{', '.join(chunks)}}}"))
        return f"Unit.As(plugin.Variant{{{', '.join(f'{name}: {value}' for name, value in rows)}}})"


def bundle_files(
    name: str, target: str, members: list[Member], others: tuple[Match, ...] = ()
) -> dict[str, bytes]:
    """All files of a bundle's project.

    Args:
        name: the plugin's name.
        target: the gateway.
        members: its units, at least one.
        others: requests that no unit shall act on, though a match of one would take them.

    Raises:
        Refusal: what of all units has no Go form, or S2W241 for hooks in more than one folder.
    """
    packages = _packages(target, members)
    of_member = {id(member): package for package in packages for member in package.members}
    units = [member.unit for member in members]
    exports = exports_of(units, target)
    rows = [_row(member, of_member[id(member)], target) for member in members]
    entries = _entries(rows, members, others)
    context: dict[str, Any] = {
        "version": __version__,
        "name": name,
        "target": target,
        "rows": rows,
        "entries": entries,
        "phase": plugin_phase(units),
        "reads_body": any(map(reads_body, units)),
        "services": list({each["cluster"]: each for row in rows for each in row["http"]}.values()),
        "clusters": list({each["cluster"]: each for row in rows for each in row["redis"]}.values()),
        "table": json.dumps({"units": [_entry(entry) for entry in entries]}, indent=2),
        "differences": list(dict.fromkeys(text for unit in units for text in differences(unit, target))),
        "recordings": sum(len(member.recordings) for member in members),
        "exports": exports,
        "go_image": GO_IMAGE,
    }
    found: dict[str, bytes] = {"main.go": _main_go(context, packages, of_member, members).encode()}
    manifest = "wasmplugin.yaml" if target == "higress" else "envoy.yaml"
    for file, template in {
        "README.md": "bundle/README.md.j2",
        "Dockerfile": "Dockerfile.j2",
        manifest: f"bundle/{manifest}.j2",
    }.items():
        found[file] = templates().get_template(template).render(context).encode()
    for package in packages:
        found.update({f"units/{package.name}/{file}": data for file, data in package.files.items()})
        found.update(_tests(package))
    found.update(runtime_files(found))
    marker = {"format": 1, "name": name, "target": target, "exports": exports}
    marker["units"] = [_described(row, member) for row, member in zip(rows, members, strict=True)]
    found[MARKER] = (json.dumps(marker, indent=2) + "\n").encode()
    return dict(sorted(found.items()))


def plugin_phase(units: list[Unit]) -> str:
    """The phase of Higress's plugins in which all these units run: "rewrite", "access" (for all that is not
    before it), or "mixed" when no one suits all.
    """
    stages = {unit.stage for unit in units} - {""}
    return "mixed" if len(stages) > 1 else next(iter(stages), "access")


def _packages(target: str, members: list[Member]) -> list[_Package]:
    """The packages: units with the same code share one."""
    names = _package_names([member.unit.name for member in members])
    found: dict[tuple[Any, ...], _Package] = {}
    refused: list[Diagnostic] = []
    for member, name in zip(members, names, strict=True):
        try:
            code = unit_go(member.unit, target, member.source_name, name)
            hooks = hook_files(member.unit, "hooks")
            data = embedded_files(member.unit, name)
        except Refusal as refusal:
            refused += refusal.diagnostics
            continue
        words = markdown(explain(member.unit, member.source_name))
        own = {file: text.encode() for file, text in code.modules.items()}
        files = {"unit.go": code.text.encode(), "README.md": words.encode(), **own, **data, **hooks}
        alike = sorted(embedded_files(member.unit, "unit").items())
        package = found.setdefault((code.identity, *hooks.items(), *alike), _Package(name, files, []))
        package.members.append(member)
    if refused:
        raise Refusal(refused)
    return list(found.values())


def _package_names(names: list[str]) -> list[str]:
    """A Go package name for each unit name."""
    taken: set[str] = set()
    found = []
    for name in names:
        base = re.sub(r"[^a-z0-9]", "", name)
        base = base if base[:1].isalpha() else f"u{base}"
        base = f"{base}unit" if base in _RESERVED else base
        package, number = base, 2
        while package in taken:
            package, number = f"{base}{number}", number + 1
        taken.add(package)
        found.append(package)
    return found


def _main_go(
    context: dict[str, Any], packages: list[_Package], of_member: dict[int, _Package], members: list[Member]
) -> str:
    units = [of_member[id(member)].unit(member) for member in members]
    text = templates().get_template("bundle/main.go.j2").render(context, units=units)
    others = {package.name: f"{UNITS}/{package.name}" for package in packages}
    blank = f"{RUNTIME}/abi/envoy" if context["target"] == "envoy" else ""
    return text.replace("@IMPORTS@", imports(text, blank, others))


def _tests(package: _Package) -> dict[str, bytes]:
    """The test of a package, and the recordings that it replays: each unit's own, if it has any."""
    found: dict[str, bytes] = {}
    replays = []
    for member in package.members:
        if member.recordings:
            folder = f"testdata/{member.unit.name}"
            replays.append((member.unit.name, package.inside(member), folder))
            for file, data in member.recordings.items():
                found[f"units/{package.name}/{folder}/{file}"] = data
    if replays:
        frame = templates().get_template("bundle/unit_test.go.j2")
        text = frame.render(package=package.name, replays=replays)
        others = {"testing": "testing", "testhost": f"{RUNTIME}/testhost"}
        text = text.replace("@IMPORTS@", imports(text, "", others))
        found[f"units/{package.name}/unit_test.go"] = text.encode()
    return found


def _row(member: Member, package: _Package, target: str) -> dict[str, Any]:
    """What the templates tell of a unit."""
    unit = member.unit
    return {
        "name": unit.name,
        "source": shown_name(member.source_name),
        "package": package.name,
        "handlers": [handler.body.name.removeprefix("the ").partition(" of ") for handler in unit.handlers],
        "location": location_text(unit),
        "match": [match.parts() for match in member.match],
        "config": unit.config,
        "redis": redis_addresses(unit, target),
        "uses_redis": uses_redis(unit),
        "http": http_addresses(unit, target),
        "uses_http": uses_http(unit),
        "recordings": len(member.recordings),
    }


OTHERS = "without-snippets"
"""The entry for requests that no unit acts on."""


def _entries(
    rows: list[dict[str, Any]], members: list[Member], others: tuple[Match, ...]
) -> list[dict[str, Any]]:
    """What the templates tell of the table's entries: one of each place of each unit."""
    found = []
    taken = {row["name"] for row in rows} | {OTHERS}
    for row, member in zip(rows, members, strict=True):
        for i, place in enumerate(member.places or (Place(()),)):
            name = row["name"] if i == 0 else naming.unique(row["name"], taken)
            found.append(
                {
                    **row,
                    "name": name,
                    "unit": "" if i == 0 else row["name"],
                    "match": [match.parts() for match in place.match],
                    "values": dict(place.values),
                    "disabled": False,
                }
            )
    if others:
        nothing: dict[str, Any] = {"config": [], "redis": [], "http": [], "values": {}}
        match = [match.parts() for match in others]
        unit = rows[0]["name"]
        found.append({**nothing, "name": OTHERS, "unit": unit, "match": match, "disabled": True})
    return found


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    """A place's entry in the configuration; values that nobody knows are left open."""
    found: dict[str, Any] = {"name": entry["name"]}
    if entry["unit"]:
        found["unit"] = entry["unit"]
    found["match"] = entry["match"]
    if entry["disabled"]:
        found["disabled"] = True
    if entry["config"]:
        found["config"] = {config.key: entry["values"].get(config.key) for config in entry["config"]}
    return found


def _described(row: dict[str, Any], member: Member) -> dict[str, Any]:
    """What the project's marker says of a unit."""
    config = [{"key": each.key, "type": str(each.type), "secret": each.secret} for each in row["config"]]
    return {
        "name": row["name"],
        "source": row["source"],
        "package": f"units/{row['package']}",
        "handlers_sha256": member.handlers,
        "match": row["match"],
        "config": config,
        "redis": {f"{each['host']}:{each['port']}": each["cluster"] for each in row["redis"]},
        "uses_redis": row["uses_redis"],
        "http": {f"{each['host']}:{each['port']}": each["cluster"] for each in row["http"]},
    }
