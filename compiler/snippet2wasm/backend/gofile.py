"""The Go files that hold units: main.go of a plugin with one unit, unit.go of each in a bundle."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from snippet2wasm import __version__, resources
from snippet2wasm.analysis.effects import reads_body, uses_http, uses_redis
from snippet2wasm.analysis.representation import go_type
from snippet2wasm.backend.context import FileContext
from snippet2wasm.backend.goast import quote
from snippet2wasm.backend.naming import KEYWORDS, Names, camel
from snippet2wasm.backend.packages import IMPORTS, RUNTIME
from snippet2wasm.backend.signatures import signature
from snippet2wasm.backend.stmts import emit_function
from snippet2wasm.ir.nodes import (
    Assign,
    ConfigField,
    Function,
    Handler,
    Local,
    Location,
    Unit,
    Variable,
    walk_expressions,
    walk_statements,
)

TRANSPORTS = {"higress": "hostredis", "envoy": "webdis"}
"""The package that carries Redis commands, by target."""

CLUSTERS = {"higress": "transport.HigressClusters", "envoy": "transport.EnvoyClusters"}
"""What names the clusters of HTTP services, by target."""

_YAML_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_GETTERS = {"string": "String", "number": "Number", "boolean": "Bool"}
_FIELD_TYPES = {"string": "string", "number": "float64", "boolean": "bool"}


@cache
def templates() -> Environment:
    """The jinja2 environment of the project's file frames: nothing undefined, nothing escaped by itself.

    Filters for text that a snippet brought: `quoted` makes a YAML and JSON string of it, `key` a YAML key,
    `oneline` something that can stand in a comment, `cell` something for a table of Markdown.
    """
    environment = Environment(
        loader=FileSystemLoader(resources.templates()),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters["quoted"] = json.dumps
    environment.filters["key"] = _yaml_key
    environment.filters["oneline"] = _one_line
    environment.filters["cell"] = lambda text: _one_line(text).replace("|", "\\|").replace("`", "'")
    return environment


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)


def _yaml_key(text: str) -> str:
    """A key as YAML reads it back: `on` and `no` would be booleans, and a number a number."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text) and text.lower() not in _YAML_WORDS
    return text if plain else json.dumps(text)


def shown_name(source_name: str) -> str:
    """A file's name for comments: a name can hold anything, a line feed too."""
    return re.sub(r"[^\w.+@ -]", "_", source_name.replace("\\", "/").rpartition("/")[2]) or "input"


def main_go(unit: Unit, target: str, source_name: str) -> str:
    """The text of main.go of a plugin with one unit."""
    code = _Code(unit, target)
    head = (
        templates()
        .get_template("main.go.j2")
        .render(
            **code.frame(source_name),
            definition=_definition(unit, code.handlers, code.file.chunks, code.transports),
        )
    )
    blank = f"{RUNTIME}/abi/envoy" if target == "envoy" else ""
    return head.replace("@IMPORTS@", imports(head + code.body, blank)) + "\n" + code.body


@dataclass(frozen=True)
class UnitFile:
    """The text of a bundle's unit.go.

    Attributes:
        text: of the file.
        identity: of the code: units that have the same one differ in name, location, chunk names and
            comments only.
    """

    text: str
    identity: str


def unit_go(unit: Unit, target: str, source_name: str, package: str) -> UnitFile:
    """The unit.go of a bundle's unit; its hooks are in the package below it."""
    code = _Code(unit, target)
    bare = replace(
        unit,
        name="",
        location=None,
        handlers=[Handler(each.phase, replace(each.body, chunk="")) for each in unit.handlers],
    )
    names = {after: code.handlers[before] for before, after in zip(unit.handlers, bare.handlers, strict=True)}

    def text(package: str, definition: list[str]) -> str:
        head = (
            templates()
            .get_template("bundle/unit.go.j2")
            .render(**code.frame(source_name), package=package, definition=definition)
        )
        hooks = f"{UNITS}/{package}/hooks"
        return head.replace("@IMPORTS@", imports(head + code.body, "", {"hooks": hooks})) + "\n" + code.body

    return UnitFile(
        text(package, _definition(unit, code.handlers, code.file.chunks, code.transports)),
        _TOKENS.sub(_without_comment, text("unit", _definition(bare, names, {}, code.transports))),
    )


UNITS = f"{RUNTIME.rpartition('/')[0]}/units"
"""The import path of the folder of a bundle's units."""

_TOKENS = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|[ \t]*//[^\n]*')
"""Strings and comments of the Go that this package prints; it prints no other kind of comment, nor `//` or
a quote in a rune.
"""


def _without_comment(token: re.Match[str]) -> str:
    return "" if token[0].lstrip().startswith("//") else token[0]


class _Code:
    """The Go of a unit's handlers and functions, and what goes around it."""

    def __init__(self, unit: Unit, target: str) -> None:
        self.unit = unit
        self.file = file = FileContext(dicts=unit.dicts)
        fields = Names(frozenset())
        for field in unit.config:
            file.config[field] = fields.new(camel(field.lua_name, exported=True))
        unit.state = _used_state(unit)
        members = Names(frozenset(KEYWORDS))
        for variable in unit.state:
            file.state[variable] = members.new(camel(variable.name))
        self.handlers = {handler: file.names.new(camel(handler.phase.value)) for handler in unit.handlers}
        for function in unit.functions:
            if not function.value:
                file.functions[function] = file.names.new(camel(function.name))
        for handler in unit.handlers:
            file.functions[handler.body] = self.handlers[handler]
        for body in (*(handler.body for handler in unit.handlers), *unit.functions):
            if body.chunk not in file.chunks:
                file.chunks[body.chunk] = file.names.new(self._chunk_name(body))
        parts = [_handler(file, unit, handler) for handler in unit.handlers]
        parts += [_function(file, each) for each in unit.functions if not (each.nested or each.value)]
        self.body = "\n".join(parts)
        words = frozenset(re.findall(r"\w+", _TOKENS.sub("", self.body)))
        file.chunks = {chunk: name for chunk, name in file.chunks.items() if name in words}
        self.body = "\n".join([*_chunk_constants(file), *_state(file, unit), self.body])
        self.transports = _transports(unit, target)

    def _chunk_name(self, body: Function) -> str:
        """A name for the constant with the name of a chunk."""
        several = len(self.unit.handlers) > 1
        for handler in self.unit.handlers:
            if handler.body is body:
                return f"{camel(handler.phase.value)}Chunk" if several else "chunk"
        return "libraryChunk"

    def frame(self, source_name: str) -> dict[str, object]:
        """What the templates of Go files with a unit need."""
        return {
            "version": __version__,
            "source": shown_name(source_name),
            "name": self.unit.name,
            "fields": _fields(self.file, self.unit.config),
            "state": bool(self.unit.state),
            "parse": _parse(self.file, self.unit.config),
        }


def imports(text: str, blank: str, others: Mapping[str, str] = MappingProxyType({})) -> str:
    """The import block: the packages that the text names, in gofmt's order, the standard library first.

    Args:
        text: Go.
        blank: one that is imported for its effect; "" for none.
        others: paths of packages that are not in IMPORTS, or are there with another one.
    """
    paths = {**IMPORTS, **others}
    used = set(re.findall(r"(?<![\w.])([a-z]\w*)\.[A-Z]", _TOKENS.sub("", text))) & paths.keys()
    standard = sorted(f'"{paths[name]}"' for name in used if "." not in paths[name])
    ours = sorted([f'"{paths[name]}"' for name in used if "." in paths[name]])
    if blank:
        ours = sorted([*ours, f'_ "{blank}"'], key=lambda line: line.removeprefix("_ "))
    groups = ["\n".join(f"\t{line}" for line in group) for group in (standard, ours) if group]
    return "\n\n".join(groups)


def _used_state(unit: Unit) -> list[Variable]:
    """The variables that live as long as nginx's Lua VM and that something uses."""
    used: set[Variable] = set()
    for body in (*(handler.body for handler in unit.handlers), *unit.functions):
        used |= {expr.variable for expr in walk_expressions(body.body) if isinstance(expr, Local)}
        for statement in walk_statements(body.body):
            if isinstance(statement, Assign):
                used.update(statement.variables)
    return [variable for variable in unit.state if variable in used]


def _state(file: FileContext, unit: Unit) -> list[str]:
    """The State struct, aligned; nothing if there is no state."""
    if not unit.state:
        return []
    rows = []
    for variable in unit.state:
        what = "the global" if variable.lasting == "global" else "the variable"
        span = variable.span.outermost()
        place = f"{shown_name(span.source.name)}:{span.line}"
        rows.append((file.state[variable], go_type(variable.type), f"// {what} {variable.name}, {place}"))
    names, kinds = (max(len(row[index]) for row in rows) for index in (0, 1))
    lines = [f"\t{name:<{names}} {kind:<{kinds}} {comment}\n" for name, kind, comment in rows]
    head = "// State is what lives as long as nginx's Lua VM, and all requests share.\n"
    return [f"{head}type State struct {{\n{''.join(lines)}}}\n"]


def _fields(file: FileContext, config: list[ConfigField]) -> list[str]:
    """The lines of the Config struct, aligned."""
    rows = [
        (
            file.config[field],
            _FIELD_TYPES[str(field.type)],
            f"{field.key!r}".replace("'", '"'),
            field.lua_name,
        )
        for field in config
    ]
    names = max((len(row[0]) for row in rows), default=0)
    kinds = max((len(row[1]) for row in rows), default=0)
    return [
        f"{name:<{names}} {kind:<{kinds}} // {key}: the snippet's {lua_name}"
        for name, kind, key, lua_name in rows
    ]


def _parse(file: FileContext, config: list[ConfigField]) -> list[str]:
    """The lines of the literal that parseConfig returns, aligned."""
    names = max((len(file.config[field]) + 1 for field in config), default=0)
    return [
        f"{file.config[field] + ':':<{names}} c.{_GETTERS[str(field.type)]}({quote(field.key.encode())}),"
        for field in config
    ]


def location_go(location: Location) -> str:
    """The Go of a location."""
    maker = "ExactLocation" if location.modifier == "=" else "PrefixLocation"
    return f"ngx.{maker}({quote(location.path.encode('utf-8', 'surrogateescape'))})"


def chunk_go(handler: Handler) -> str:
    """The Go of a handler's chunk name."""
    return quote(handler.body.chunk.encode("utf-8", "surrogateescape"))


def _transports(unit: Unit, target: str) -> list[tuple[str, str]]:
    """The fields of the definition that say how the unit calls others."""
    redis = [("Redis", f"{TRANSPORTS[target]}.Transport")] if uses_redis(unit) else []
    return redis + ([("HTTP", CLUSTERS[target])] if uses_http(unit) else [])


def _chunk_constants(file: FileContext) -> list[str]:
    """The constants with what nginx calls chunks."""
    return [
        f"// {name} is what nginx's messages call this code.\n"
        f"const {name} = {quote(chunk.encode('utf-8', 'surrogateescape'))}\n"
        for chunk, name in file.chunks.items()
    ]


def _definition(
    unit: Unit, names: dict[Handler, str], chunks: dict[str, str], transports: list[tuple[str, str]]
) -> list[str]:
    """The lines of the plugin's definition, aligned."""
    rows = [("Name", quote(unit.name.encode()))]
    if unit.config:
        rows.append(("Parse", "parseConfig"))
    if unit.location is not None:
        rows.append(("Location", location_go(unit.location)))
    for handler in unit.handlers:
        suspends = ", Suspends: true" if handler.waits else ""
        chunk = chunks.get(handler.body.chunk) or chunk_go(handler)
        value = f"plugin.Handler[Config]{{Run: {names[handler]}, Chunk: {chunk}{suspends}}}"
        rows.append((camel(handler.phase.value, exported=True), value))
    if reads_body(unit):
        rows.append(("ReadsBody", "true"))
    rows += transports
    width = max(len(name) + 1 for name, _ in rows)
    return [f"{name + ':':<{width}} {value}," for name, value in rows]


def _place(function: Function) -> str:
    span = function.span.outermost()
    return f"{shown_name(span.source.name)}:{span.line}"


def _handler(file: FileContext, unit: Unit, handler: Handler) -> str:
    name = file.functions[handler.body]
    config = "cfg" if handler.body.needs_config else "_"
    request = "r" if handler.body.needs_request else "_"
    lines, _ = emit_function(file, handler.body, handler=True)
    head = f"// {name} is {handler.body.name}, {_place(handler.body)}.\n"
    body = _body(lines.render())
    if re.search(r"\bst\b", _TOKENS.sub("", body)):
        config, body = "cfg", f"\tst := &cfg.state\n{body}"
    return f"{head}func {name}({request} *ngx.Request, {config} *Config) {{\n{body}}}\n"


def _function(file: FileContext, function: Function) -> str:
    lines, names = emit_function(file, function, handler=False)
    name = file.functions[function]
    plain = re.fullmatch(r"\w+", function.name, re.ASCII) and function.name != name
    head = f"// {name} is the function{f' {function.name}' if plain else ''} at {_place(function)}.\n"
    return f"{head}func {signature(file, function, names)} {{\n{_body(lines.render())}}}\n"


def _body(text: str) -> str:
    return "" if text == "\n" else text
