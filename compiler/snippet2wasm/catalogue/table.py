"""The compatibility table of the docs, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from snippet2wasm import catalogue
from snippet2wasm.catalogue import Catalogue, Entry, settings

_HEAD = """\
# What snippets can use

Made by `python -m snippet2wasm.catalogue` from the catalogue that the compiler itself reads; a test keeps it
so. Whatever is not here is refused with a message that says why and what to do.
"""


def markdown() -> str:
    """The whole page."""
    names = catalogue.load()
    parts = [
        _HEAD,
        _section("Directives", ["directive", "what happens"], _directives(names)),
        _section("Directives that are left to the gateway", ["directives", "why", "setting"], _left(names)),
        _section("Functions and variables", ["name", "arguments", "results", "waits"], _functions(names)),
        _section("Assignments", ["to", "of"], _assignments(names)),
        _section("Redis commands", ["what they answer", "methods of the client"], _commands(names)),
        _constants(names),
        _section(
            "Settings of ingress-nginx's ConfigMap",
            ["settings", "it …", "what to do on Higress"],
            _settings(),
        ),
        _section("Refused, and what to do instead", ["names", "why", "way out"], _refused(names)),
    ]
    return "\n".join(parts)


def _section(title: str, columns: list[str], rows: Iterable[list[str]]) -> str:
    lines = [f"## {title}", "", _row(columns), _row(["---"] * len(columns))]
    lines.extend(map(_row, rows))
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _directives(names: Catalogue) -> Iterable[list[str]]:
    what = {
        "container": "its block is read",
        "location": "prefix, `^~` and exact locations: the plugin acts on these requests only",
        "shared_dict": "the size of a shared dict",
        "init": "compiled: it runs when the configuration is read",
        "environment": "left to the configuration: `os.getenv` reads it there",
        "set": "compiled",
        "set_by_lua": "compiled",
        "need_body": "compiled: the body is read before the first handler",
        "package_path": "says where modules are, below the input's folder",
    }
    for directive in names.directives.values():
        if directive.role not in ("refused", "ignored", "gateway", "compiled"):
            yield [f"`{directive.name}`", what.get(directive.role, f"compiled, phase {directive.phase}")]
    yield from _compiled(names)


def _compiled(names: Catalogue) -> Iterable[list[str]]:
    """The directives that are compiled by level, those alike in one row."""
    groups: dict[str, list[str]] = {}
    for directive in names.directives.values():
        if directive.role == "compiled":
            what = f"{directive.support}: {directive.differs}" if directive.differs else directive.support
            groups.setdefault(what, []).append(directive.name)
    for what, found in groups.items():
        yield [" ".join(f"`{name}`" for name in found), what]


def _left(names: Catalogue) -> Iterable[list[str]]:
    """The directives that are left to the gateway, with a warning."""
    groups: dict[tuple[str, str], list[str]] = {}
    for directive in names.directives.values():
        if directive.role in ("ignored", "gateway"):
            groups.setdefault((directive.refused, directive.setting or directive.help), []).append(
                directive.shown
            )
    for (why, setting), found in groups.items():
        yield [" ".join(f"`{name}`" for name in dict.fromkeys(found)), why, setting]


def _settings() -> Iterable[list[str]]:
    """Settings that are named in a warning: the groups of the catalogue."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, named in settings.load().named.items():
        groups.setdefault((named.did, named.instead), []).append(f"`{name}`")
    for (did, instead), names in groups.items():
        yield [", ".join(names), did, instead]


def _functions(names: Catalogue) -> Iterable[list[str]]:
    for entry in names.entries.values():
        if (
            entry.name in ("io.files", "package.require")
            or entry.refused
            or (entry.name.startswith("redis:") and entry.exclusive and entry.variadic)
        ):
            continue
        yield [f"`{entry.name}`", _parameters(entry), _results(entry), "yes" if entry.suspends else ""]


def _assignments(names: Catalogue) -> Iterable[list[str]]:
    for name, entry in names.assignments.items():
        yield [f"`{name}`", str(entry.parameters[-1].type)]


def _parameters(entry: Entry) -> str:
    if entry.name.startswith("ngx.var."):
        return ""
    shown = [
        str(parameter.type) if parameter.required else f"[{parameter.type}]"
        for parameter in entry.parameters[1 if entry.name in ("io.open", "io.lines") else 0 :]
    ]
    return ", ".join(shown) + (", …" if entry.variadic else "")


def _results(entry: Entry) -> str:
    if entry.ends:
        return "ends the handler"
    return ", ".join(str(result) for result in entry.results)


def _commands(names: Catalogue) -> Iterable[list[str]]:
    groups: dict[str, list[str]] = {}
    for entry in names.entries.values():
        if entry.name.startswith("redis:") and entry.exclusive and entry.variadic and not entry.refused:
            answer = str(entry.results[0].drop("nil", "false")).removeprefix("reply<").removesuffix(">")
            groups.setdefault(answer, []).append(entry.name.removeprefix("redis:"))
    for answer, commands in groups.items():
        yield [answer, " ".join(f"`{command}`" for command in commands if command != "*")]


def _constants(names: Catalogue) -> str:
    shown = " ".join(f"`{name}`" for name in (*names.constants, *names.values))
    return f"## Constants\n\n{shown}\n"


def _refused(names: Catalogue) -> Iterable[list[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for name, (why, way_out) in names.unsupported.items():
        groups.setdefault((why, way_out), []).append(name)
    for entry in names.entries.values():
        if entry.refused:
            groups.setdefault((entry.refused, entry.help), []).append(entry.name)
    for (action, header), reason in names.refused_names.items():
        groups.setdefault(reason, []).append(f"{action.removesuffix(' =')}: {header}")
    for directive in names.directives.values():
        if directive.role == "refused":
            whole = f"; in a whole configuration a warning says: {directive.whole}" if directive.whole else ""
            groups.setdefault((directive.refused, directive.help + whole), []).append(directive.shown)
    for module, reason in names.refused_modules.items():
        groups.setdefault(reason, []).append(f'require "{module}"')
    for (why, way_out), found in groups.items():
        yield [" ".join(f"`{name}`" for name in dict.fromkeys(found)), why, way_out]
