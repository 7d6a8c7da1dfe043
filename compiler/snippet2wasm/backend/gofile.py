"""The Go files of a plugin: main.go (and what it imports)."""

from __future__ import annotations

import json
import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from snippet2wasm import __version__, resources
from snippet2wasm.analysis.effects import uses_redis
from snippet2wasm.backend.context import IMPORTS, RUNTIME, FileContext
from snippet2wasm.backend.goast import quote
from snippet2wasm.backend.naming import Names, camel
from snippet2wasm.backend.stmts import check_types, emit_function, signature
from snippet2wasm.ir.nodes import ConfigField, Function, Handler, Unit

TRANSPORTS = {"higress": "hostredis", "envoy": "webdis"}
"""The package that carries Redis commands, by target."""

_YAML_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_GETTERS = {"string": "String", "number": "Number", "boolean": "Bool"}
_FIELD_TYPES = {"string": "string", "number": "float64", "boolean": "bool"}


def templates() -> Environment:
    """The jinja2 environment of the project's file frames: nothing undefined, nothing escaped by itself.

    Filters for text that a snippet brought: `quoted` makes a YAML and JSON string of it, `key` a YAML key,
    `oneline` something that can stand in a comment.
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
    environment.filters["oneline"] = lambda text: re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    return environment


def _yaml_key(text: str) -> str:
    """A key as YAML reads it back: `on` and `no` would be booleans, and a number a number."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text) and text.lower() not in _YAML_WORDS
    return text if plain else json.dumps(text)


def shown_name(source_name: str) -> str:
    """A file's name for comments: a name can hold anything, a line feed too."""
    return re.sub(r"[^\w.+@ -]", "_", source_name.replace("\\", "/").rpartition("/")[2]) or "input"


def main_go(unit: Unit, target: str, source_name: str) -> str:
    """The text of main.go."""
    file = FileContext()
    fields = Names(frozenset())
    for field in unit.config:
        file.config[field] = fields.new(camel(field.lua_name, exported=True))
    handler_names = {handler: file.names.new(handler.phase.value) for handler in unit.handlers}
    for function in unit.functions:
        file.functions[function] = file.names.new(camel(function.name))
    for handler in unit.handlers:
        file.functions[handler.body] = handler_names[handler]
    for checked in (*(handler.body for handler in unit.handlers), *unit.functions):
        check_types(checked)
    parts = [_handler(file, unit, handler) for handler in unit.handlers]
    parts += [_function(file, function) for function in unit.functions]
    transport = TRANSPORTS[target] if uses_redis(unit) else ""
    body = "\n".join(parts)
    frame = templates().get_template("main.go.j2")
    head = frame.render(
        version=__version__,
        source=shown_name(source_name),
        name=unit.name,
        fields=_fields(file, unit.config),
        parse=_parse(file, unit.config),
        definition=_definition(unit, handler_names, transport),
    )
    blank = f"{RUNTIME}/abi/envoy" if target == "envoy" else ""
    return head.replace("@IMPORTS@", _imports(head + body, blank)) + "\n" + body


def _imports(text: str, blank: str) -> str:
    """The import block: the packages that the text names, in gofmt's order, the standard library first."""
    used = [name for name in IMPORTS if re.search(rf"(?<![\w.\"]){name}\.[A-Z]", text)]
    standard = sorted(f'"{IMPORTS[name]}"' for name in used if "." not in IMPORTS[name])
    ours = sorted([f'"{IMPORTS[name]}"' for name in used if "." in IMPORTS[name]])
    if blank:
        ours = sorted([*ours, f'_ "{blank}"'], key=lambda line: line.removeprefix("_ "))
    groups = ["\n".join(f"\t{line}" for line in group) for group in (standard, ours) if group]
    return "\n\n".join(groups)


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


def _definition(unit: Unit, names: dict[Handler, str], transport: str) -> list[str]:
    """The lines of the plugin's definition, aligned."""
    rows = [("Name", quote(unit.name.encode()))]
    if unit.config:
        rows.append(("Parse", "parseConfig"))
    if unit.location is not None:
        maker = "ExactLocation" if unit.location.modifier == "=" else "PrefixLocation"
        rows.append(
            ("Location", f"ngx.{maker}({quote(unit.location.path.encode('utf-8', 'surrogateescape'))})")
        )
    for handler in unit.handlers:
        suspends = ", Suspends: true" if handler.body.suspends else ""
        chunk = quote(handler.body.chunk.encode("utf-8", "surrogateescape"))
        value = f"plugin.Handler[Config]{{Run: {names[handler]}, Chunk: {chunk}{suspends}}}"
        rows.append((handler.phase.value.capitalize(), value))
    if transport:
        rows.append(("Redis", f"{transport}.Transport"))
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
    return f"{head}func {name}({request} *ngx.Request, {config} *Config) {{\n{_body(lines.render())}}}\n"


def _function(file: FileContext, function: Function) -> str:
    lines, names = emit_function(file, function, handler=False)
    lua_name = function.name if re.fullmatch(r"\w+", function.name, re.ASCII) else "a function"
    head = f"// {file.functions[function]} is {lua_name}, {_place(function)}.\n"
    return f"{head}func {signature(file, function, names)} {{\n{_body(lines.render())}}}\n"


def _body(text: str) -> str:
    return "" if text == "\n" else text
