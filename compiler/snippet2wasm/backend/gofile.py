"""The Go files that hold units: main.go of a plugin with one unit, unit.go of each in a bundle."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from snippet2wasm import __version__, resources
from snippet2wasm.analysis.effects import jumps, reads_body, shows_body_late, uses_http, uses_redis
from snippet2wasm.analysis.representation import Repr, go_type, representation
from snippet2wasm.backend.context import FileContext
from snippet2wasm.backend.filecalls import VARIABLE, files_go
from snippet2wasm.backend.goast import aligned, quote, show, string
from snippet2wasm.backend.naming import KEYWORDS, RESERVED, Names, camel, shown_name
from snippet2wasm.backend.packages import IMPORTS, RUNTIME
from snippet2wasm.backend.signatures import signature
from snippet2wasm.backend.stmts import emit_function
from snippet2wasm.ir.nodes import (
    Assign,
    ConfigField,
    Function,
    Handler,
    Listener,
    Load,
    LoadedModule,
    Local,
    Location,
    Phase,
    Unit,
    UnitLevel,
    Variable,
    walk_expressions,
    walk_statements,
)
from snippet2wasm.ir.types import ANY
from snippet2wasm.source import Source, Span

TRANSPORTS = {"higress": "hostredis", "envoy": "webdis"}
"""The package that carries Redis commands, by target."""

CLUSTERS = {"higress": "transport.HigressClusters", "envoy": "transport.EnvoyClusters"}
"""What names the clusters of HTTP services, by target."""

_YAML_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_GETTERS = {"string": "String", "string?": "OptString", "number": "Number", "boolean": "Bool"}
_FIELD_TYPES = {"string": "string", "string?": "lua.OptString", "number": "float64", "boolean": "bool"}


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


def main_go(unit: Unit, target: str, source_name: str) -> str:
    """The text of main.go of a plugin with one unit."""
    code = _code(unit, target)
    head = (
        templates()
        .get_template("main.go.j2")
        .render(
            **code.frame(source_name),
            definition=_definition(unit, code.handlers, code.file.chunks, code.transports, code.file.levels),
        )
    )
    blank = f"{RUNTIME}/abi/envoy" if target == "envoy" else ""
    return head.replace("@IMPORTS@", imports(head + code.body, blank, free=code.free)) + "\n" + code.body


def module_files(unit: Unit, target: str, package: str = "main") -> dict[str, str]:
    """The Go files of a unit's modules, by name; `package` is the unit's in a bundle."""
    if not unit.modules:
        return {}
    others = {} if package == "main" else {"hooks": f"{UNITS}/{package}/hooks"}
    return _code(unit, target).module_files(package, others)


def embedded_files(unit: Unit, package: str = "main") -> dict[str, bytes]:
    """files.go, and the files of the project that it embeds; nothing for a unit that reads none."""
    if not unit.files:
        return {}
    text, found = files_go(unit.files, package, IMPORTS["luafile"])
    return {"files.go": text.encode(), **found}


@dataclass(frozen=True)
class UnitFile:
    """The text of a bundle's unit.go.

    Attributes:
        text: of the file.
        modules: the texts of the modules' files, by name.
        identity: of the code: units that have the same one differ in name, location, chunk names and
            comments only.
    """

    text: str
    modules: dict[str, str]
    identity: str


def unit_go(unit: Unit, target: str, source_name: str, package: str) -> UnitFile:
    """The unit.go of a bundle's unit; its hooks are in the package below it."""
    code = _code(unit, target)
    bare = replace(
        unit,
        name="",
        location=None,
        handlers=[
            Handler(each.phase, replace(each.body, chunk="-" if each.body.chunk else ""), each.levels)
            for each in unit.handlers
        ],
    )
    names = {after: code.handlers[before] for before, after in zip(unit.handlers, bare.handlers, strict=True)}

    def text(package: str, definition: list[str]) -> str:
        head = (
            templates()
            .get_template("bundle/unit.go.j2")
            .render(**code.frame(source_name), package=package, definition=definition)
        )
        hooks = f"{UNITS}/{package}/hooks"
        shown = imports(head + code.body, "", {"hooks": hooks}, code.free)
        return head.replace("@IMPORTS@", shown) + "\n" + code.body

    hooks = {"hooks": f"{UNITS}/{package}/hooks"}
    alike = text("unit", _definition(bare, names, {}, code.transports, code.file.levels))
    alike += "".join(code.module_files("unit", {}).values())
    return UnitFile(
        text(package, _definition(unit, code.handlers, code.file.chunks, code.transports, code.file.levels)),
        code.module_files(package, hooks),
        _TOKENS.sub(_without_comment, alike),
    )


def _code(unit: Unit, target: str) -> _Code:
    """The Go of a unit, in which a package takes a name away only if the unit uses that."""
    code = _Code(unit, target)
    frame = _definition(unit, code.handlers, code.file.chunks, code.transports, code.file.levels)
    free = code.file.names.wished - code.packages - _packages("\n".join(frame)) - _IN_FRAMES
    return _Code(unit, target, frozenset(free)) if free else code


_IN_FRAMES = frozenset(("ngx", "plugin", "lua", "hooks", "transport", *TRANSPORTS.values()))
"""Packages that may be named around the Go of handlers and functions."""

UNITS = f"{RUNTIME.rpartition('/')[0]}/units"
"""The import path of the folder of a bundle's units."""

_TOKENS = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|[ \t]*//[^\n]*')
"""Strings and comments of the Go that this package prints; it prints no other kind of comment, nor `//` or
a quote in a rune.
"""


def _without_comment(token: re.Match[str]) -> str:
    return "" if token[0].lstrip().startswith("//") else token[0]


class _Code:
    """The Go of a unit's handlers and functions, and what goes around it.

    Attributes:
        free: names of packages that the unit does not use, so that something of it has the name.
    """

    def __init__(self, unit: Unit, target: str, free: frozenset[str] = frozenset()) -> None:
        self.unit = unit
        self.free = free
        self.file = file = FileContext(Names(RESERVED - free), dicts=unit.dicts)
        fields = Names(frozenset())
        for field in unit.config:
            name = re.sub(r"[./$-]", "_", field.lua_name)  # it can be a file's, or a variable's
            file.config[field] = fields.new(camel(name, exported=True))
        unit.state = _used_state(unit)
        self.modules = ModuleNames(unit)
        members = Names(frozenset(KEYWORDS))
        if unit.files:
            file.names.new(VARIABLE)
            file.has_files = True
        kept = {module.kept: module for module in unit.modules}
        for variable in unit.state:
            if variable in kept:
                file.state[variable] = members.new(camel(f"loaded_{self.modules.of(kept[variable])}"))
                continue
            prefix = self.modules.prefix(variable.span.source) if variable.lasting != "global" else ""
            file.state[variable] = members.new(camel(f"{prefix}_{variable.name}"))
        file.levels = [file.names.new(_level_name(level)) for level in unit.levels]
        self.handlers = {handler: file.names.new(self._handler_name(handler)) for handler in unit.handlers}
        for function in unit.functions:
            if not function.value:
                file.functions[function] = file.names.new(self._function_name(function))
        self.loaded = loaded(unit)
        for module in self.loaded:
            assert module.main is not None
            file.loads[module.main] = file.names.new(
                f"require{camel(self.modules.of(module), exported=True)}"
            )
            if module.kept is not None:
                file.modules[module] = file.state[module.kept]
            else:
                file.modules[module] = members.new(camel(self.modules.of(module)))
        for handler in unit.handlers:
            file.functions[handler.body] = self.handlers[handler]
        for body in unit.bodies:
            if body.chunk and body.chunk not in file.chunks:
                file.chunks[body.chunk] = file.names.new(self._chunk_name(body))
        parts = [
            _handler(file, handler.body, f"{_does(handler)} {handler.body.name}") for handler in unit.handlers
        ]
        if unit.start is not None:
            parts.append(_start(file, unit.start))
        chunks = {module.chunk for module in unit.modules}
        own = [each for each in unit.functions if not (each.nested or each.value or each is unit.start)]
        parts += [_function(file, each) for each in own if each.chunk not in chunks]
        self.module_bodies = {module: self._module_body(module, own) for module in unit.modules}
        self.body = "\n".join(parts)
        everything = "\n".join([self.body, *self.module_bodies.values()])
        words = frozenset(re.findall(r"\w+", _TOKENS.sub("", everything)))
        file.chunks = {chunk: name for chunk, name in file.chunks.items() if name in words}
        constants = [*_levels(file, unit), *_chunk_constants(file, chunks), *_patterns(file), *_tables(file)]
        self.packages = _packages("\n".join([everything, *constants])) - free
        self.body = "\n".join([*constants, *_state(file, unit, self.loaded), *([self.body] if parts else [])])
        for module, text in self.module_bodies.items():
            constants = _chunk_constants(file, file.chunks.keys() - {module.chunk})
            self.module_bodies[module] = "\n".join([*constants, text]) if text else ""
        self.transports = _transports(unit, target)

    def _handler_name(self, handler: Handler) -> str:
        """The Go name of a handler: that of its phase, and the first level that has it, unless that is 0."""
        name = _GO_PHASES.get(handler.phase, camel(handler.phase.value))
        if not handler.levels or handler.levels[0] == 0:
            return name
        level = self.file.levels[handler.levels[0]]
        return f"{name}{level[0].upper()}{level[1:]}"

    def _function_name(self, function: Function) -> str:
        """The Go name of a function: those of a module begin with the module's."""
        module = self.modules.by_chunk.get(function.chunk)
        if module is None:
            if function.name:
                return camel(function.name)
            directive = re.match(r"\w+_by_lua", function.chunk)
            return camel(directive[0] if directive else f"load_{function.chunk.partition('.')[0]}")
        prefix = self.modules.of(module)
        return camel(f"{prefix}_{function.name}" if function.name else f"load_{prefix}")

    def _module_body(self, module: LoadedModule, own: list[Function]) -> str:
        """The Go of a module's functions."""
        parts = [_require(self.file, module)] if module in self.loaded else []
        parts += [_function(self.file, each) for each in own if each.chunk == module.chunk]
        return "\n".join(parts)

    def module_files(self, package: str, others: Mapping[str, str]) -> dict[str, str]:
        """The Go files of the modules, by name."""
        found: dict[str, str] = {}
        for module, body in self.module_bodies.items():
            if body:
                word = self.modules.of(module)
                head = f"package {package}\n\nimport (\n@IMPORTS@\n)\n\n"
                shown = imports(body, "", others, self.free)
                head = head.replace("@IMPORTS@", shown) if shown else f"package {package}\n\n"
                found[f"module_{word}.go"] = f"{head}{body}"
        return found

    def _chunk_name(self, body: Function) -> str:
        """A name for the constant with the name of a chunk."""
        for handler in self.unit.handlers:
            if handler.body is body:
                return f"{camel(handler.phase.value)}Chunk"
        module = self.modules.by_chunk.get(body.chunk)
        if module is not None:
            return f"{camel(self.modules.of(module))}Chunk"
        return "libraryChunk"

    def frame(self, source_name: str) -> dict[str, object]:
        """What the templates of Go files with a unit need."""
        return {
            "version": __version__,
            "source": shown_name(source_name),
            "name": self.unit.name,
            "fields": _fields(self.file, self.unit.config),
            "state": bool(self.unit.state or self.loaded),
            "parse": _parse(self.file, self.unit.config),
        }


def imports(
    text: str,
    blank: str,
    others: Mapping[str, str] = MappingProxyType({}),
    free: frozenset[str] = frozenset(),
) -> str:
    """The import block: the packages that the text names, in gofmt's order, the standard library first.

    Args:
        text: Go.
        blank: one that is imported for its effect; "" for none.
        others: paths of packages that are not in IMPORTS, or are there with another one.
        free: names of packages that stand for something else.
    """
    paths = {**IMPORTS, **others}
    used = (_packages(text) & paths.keys()) - free
    standard = sorted(f'"{paths[name]}"' for name in used if "." not in paths[name])
    ours = sorted([f'"{paths[name]}"' for name in used if "." in paths[name]])
    if blank:
        ours = sorted([*ours, f'_ "{blank}"'], key=lambda line: line.removeprefix("_ "))
    groups = ["\n".join(f"\t{line}" for line in group) for group in (standard, ours) if group]
    return "\n\n".join(groups)


def _packages(text: str) -> set[str]:
    """What has a member that Go exports: all packages that the text names, and some variables."""
    return set(re.findall(r"(?<![\w.])([a-z]\w*)\.[A-Z]", _TOKENS.sub("", text)))


def _used_state(unit: Unit) -> list[Variable]:
    """The variables that live as long as nginx's Lua VM and that something uses."""
    used: set[Variable] = set()
    for body in unit.bodies:
        used |= {expr.variable for expr in walk_expressions(body.body) if isinstance(expr, Local)}
        for statement in walk_statements(body.body):
            if isinstance(statement, Assign):
                used.update(statement.variables)
    used.update(module.kept for module in loaded(unit) if module.kept is not None)
    return [variable for variable in unit.state if variable in used]


def _state(file: FileContext, unit: Unit, modules: list[LoadedModule]) -> list[str]:
    """The State struct, aligned; nothing if there is no state."""
    if not unit.state and not modules:
        return []
    rows = [
        (file.modules[module], "lua.Module", f"// the module {_comment(module.name)}")
        for module in modules
        if module.kept is None
    ]
    kept = {module.kept: module for module in unit.modules}
    for variable in unit.state:
        if variable in kept:
            what = f"// package.loaded[{_comment(variable.name)}]"
            rows.append((file.state[variable], go_type(variable.type), what))
            continue
        what = {"global": "the global", "field": "the field"}.get(variable.lasting, "the variable")
        span = variable.span.outermost()
        place = f"{shown_name(span.source.name)}:{span.line}"
        shown = _comment(variable.name)
        rows.append((file.state[variable], go_type(variable.type), f"// {what} {shown}, {place}"))
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
    path = show(string(location.path.encode("utf-8", "surrogateescape")))
    if location.modifier in ("~", "~*"):
        return f"rewrite.{'New' if location.modifier == '~' else 'Caseless'}({path}).Location()"
    return f"ngx.{_LOCATIONS[location.modifier]}({path}){'.Proxied()' * location.proxied}"


_LOCATIONS = {"": "PrefixLocation", "=": "ExactLocation", "^~": "FinalLocation"}


def chunk_go(handler: Handler) -> str:
    """The Go of a handler's chunk name."""
    return quote(handler.body.chunk.encode("utf-8", "surrogateescape"))


def _transports(unit: Unit, target: str) -> list[tuple[str, str]]:
    """The fields of the definition that say how the unit calls others."""
    redis = [("Redis", f"{TRANSPORTS[target]}.Transport")] if uses_redis(unit) else []
    return redis + ([("HTTP", CLUSTERS[target])] if uses_http(unit) else [])


def _chunk_constants(file: FileContext, but: Collection[str]) -> list[str]:
    """The constants with what nginx calls chunks, but for some."""
    return [
        f"// {name} is what nginx's messages call this code.\n"
        f"const {name} lua.Chunk = {quote(chunk.encode('utf-8', 'surrogateescape'))}\n"
        for chunk, name in file.chunks.items()
        if chunk not in but
    ]


def _definition(
    unit: Unit,
    names: dict[Handler, str],
    chunks: dict[str, str],
    transports: list[tuple[str, str]],
    constants: list[str],
) -> list[str]:
    """The lines of the plugin's definition, aligned."""
    rows = [("Name", quote(unit.name.encode()))]
    if unit.config:
        rows.append(("Parse", "parseConfig"))
    if unit.location is not None:
        rows.append(("Location", location_go(unit.location)))
    if not unit.levels:
        rows += [_handler_row(handler, names, chunks) for handler in unit.handlers]
    if unit.start is not None:
        rows.append(("Start", "start"))
    if reads_body(unit):
        rows.append(("ReadsBody", "true"))
    if shows_body_late(unit):
        rows.append(("BuffersBody", "true"))
    rows += transports
    if any(level.listener is not None for level in unit.levels):
        rows.append(("Choose", "ngx.ChooseServer"))
    width = max(len(name) + 1 for name, _ in rows)
    lines = [f"{name + ':':<{width}} {value}," for name, value in rows]
    return lines + (_levels_go(unit, names, chunks, constants) if unit.levels else [])


def in_order(unit: Unit) -> list[Handler]:
    """The handlers as the runtime has them: by phase and level, one that several levels have for each."""
    if not unit.levels:
        return list(unit.handlers)
    phases = list(Phase)
    pairs = [(phases.index(each.phase), number, each) for each in unit.handlers for number in each.levels]
    return [each for _, _, each in sorted(pairs, key=lambda pair: pair[:2])]


def _handler_row(handler: Handler, names: dict[Handler, str], chunks: dict[str, str]) -> tuple[str, str]:
    """The field of a definition that holds a handler."""
    fields = [f"Run: {names[handler]}"]
    if handler.body.chunk:
        fields.append(f"Chunk: {chunks.get(handler.body.chunk) or chunk_go(handler)}")
    if handler.waits:
        fields.append("Suspends: true")
    return camel(handler.phase.value, exported=True), f"plugin.Handler[Config]{{{', '.join(fields)}}}"


def _levels_go(
    unit: Unit, names: dict[Handler, str], chunks: dict[str, str], constants: list[str]
) -> list[str]:
    """The lines of the definition that say what each level of the configuration runs."""
    lines, empty = ["Levels: []plugin.Level[Config]{"], list[tuple[str, str]]()
    for number, level in enumerate(unit.levels):
        rows = [_handler_row(each, names, chunks) for each in unit.handlers if number in each.levels]
        if level.internal:
            rows.insert(0, ("Internal", "true"))
        if level.within:
            rows.insert(0, ("Within", constants[level.within]))
        if level.listener is not None:
            rows.insert(0, ("Server", _listener_go(level.listener)))
        matches = [*map(location_go, level.match)]
        if level.name and jumps(unit):
            matches.append(
                f"ngx.NamedLocation({show(string(level.name.encode('utf-8', 'surrogateescape')))})"
            )
        if matches:
            rows.insert(0, ("Match", f"[]ngx.Location{{{', '.join(matches)}}}"))
        if not rows:
            empty.append((constants[number], "{}"))
            continue
        lines += [f"\t{line}" for line in aligned(empty)]
        empty = []
        width = max(len(name) + 1 for name, _ in rows)
        lines.append(f"\t{constants[number]}: {{")
        lines += [f"\t\t{name + ':':<{width}} {value}," for name, value in rows]
        lines.append("\t},")
    return [*lines, *(f"\t{line}" for line in aligned(empty)), "},"]


_GO_PHASES = {
    Phase.SERVER_REWRITE: "serverRewrite",
    Phase.SET: "set",
    Phase.INPUT: "input",
    Phase.PREACCESS: "applyLimits",
    Phase.RULES: "accessRules",
    Phase.PRECONTENT: "tryFiles",
    Phase.PASS: "pass",
    Phase.ERROR: "errorPages",
    Phase.PROXY: "toUpstream",
    Phase.UPSTREAM: "fromUpstream",
}
"""What the functions of some phases are called."""


def _does(handler: Handler) -> str:
    """The verb for what a handler is called: one of Lua is a directive, and one of directives does theirs."""
    return _DOES.get(handler.phase, "is") if " of " in handler.body.name else "is"


def handlers_told(unit: Unit, target: str) -> list[dict[str, str]]:
    """What the functions of the handlers are called, and do: `directive` for Lua, else `does`, `what` and the
    `level`.
    """
    names = _code(unit, target).handlers
    found = []
    for each in unit.handlers:
        what, of, level = each.body.name.partition(" of ")
        found.append(
            {
                "function": names[each],
                "directive": "" if of else each.body.name,
                "does": _does(each),
                "what": what,
                "level": level,
                "file": shown_name(each.body.span.outermost().source.name),
            }
        )
    return found


_DOES = {
    Phase.SERVER_REWRITE: "runs",
    Phase.SET: "runs",
    Phase.INPUT: "makes",
    Phase.PREACCESS: "applies",
    Phase.RULES: "applies",
    Phase.PRECONTENT: "looks for",
    Phase.PASS: "asks",
    Phase.ERROR: "serves",
    Phase.PROXY: "changes",
    Phase.UPSTREAM: "changes",
    Phase.HEADERS: "changes",
    Phase.BODY: "changes",
}
"""What functions of directives do with what they are named after, for comments."""


def _listener_go(listener: Listener) -> str:
    """The Go of which requests a server is for."""
    names = [show(string(each.encode("utf-8", "surrogateescape"))) for each in listener.names]
    fields = [f"Names: []string{{{', '.join(names)}}}"] if names else []
    for name, ports in (("Ports", listener.ports), ("TLS", listener.tls)):
        if ports:
            fields.append(f"{name}: []int{{{', '.join(map(str, ports))}}}")
    if listener.default == (0,):
        fields.append("Default: true")
    elif listener.default:
        fields.append(f"DefaultOf: []int{{{', '.join(map(str, listener.default))}}}")
    return f"&ngx.Server{{{', '.join(fields)}}}"


def _level_name(level: UnitLevel) -> str:
    """A word for a level: `server`, `locationApi`, `ifBot`."""
    words = re.findall(r"[A-Za-z0-9]+", level.text)[:4]
    return camel("_".join(word.lower() for word in words) or "level")


def _levels(file: FileContext, unit: Unit) -> list[str]:
    """The constants for the levels; nothing where there is one only."""
    if not unit.levels:
        return []
    lines = ["// The levels of nginx's configuration that requests can be at.\nconst (\n"]
    width = max(map(len, file.levels))
    for number, (name, level) in enumerate(zip(file.levels, unit.levels, strict=True)):
        shown = f"{_text_comment(level.text)}, {_place_of(level.span)}"
        lines.append(f"\t{name:<{width}} {'= iota' if number == 0 else '      '} // {shown}\n")
    return ["".join([*lines, ")\n"])]


def _patterns(file: FileContext) -> list[str]:
    """The regular expressions of directives."""
    rows = [
        (name, f"{'rewrite.Caseless' if caseless else 'rewrite.New'}({show(string(text))})", _place_of(span))
        for (text, caseless), (name, span) in file.patterns.items()
    ]
    if len(rows) < 2:
        return [f"var {name} = {made} // {place}\n" for name, made, place in rows]
    names, calls = (max(len(row[index]) for row in rows) for index in (0, 1))
    lines = [f"\t{name:<{names}} = {made:<{calls}} // {place}\n" for name, made, place in rows]
    return [f"var (\n{''.join(lines)})\n"]


def _tables(file: FileContext) -> list[str]:
    """The other values that directives make once."""
    return [
        f"// {name} {_text_comment(what)}, {_place_of(span)}.\nvar {name} = {text}\n"
        for text, (name, what, span) in file.tables.items()
    ]


def _place(function: Function) -> str:
    return _place_of(function.span)


def _place_of(span: Span) -> str:
    span = span.outermost()
    return f"{shown_name(span.source.name)}:{span.line}"


def _handler(file: FileContext, handler: Function, what: str) -> str:
    name = file.functions[handler]
    config = "cfg" if handler.needs_config else "_"
    request = "r" if handler.needs_request else "_"
    lines, _ = emit_function(file, handler, handler=True)
    body = _body(lines.render())
    if re.search(r"\bst\b", _TOKENS.sub("", body)):
        config, body = "cfg", f"\tst := &cfg.state\n{body}"
    head = f"// {name} {what}, {_place(handler)}.\n"
    return f"{head}func {name}({request} *ngx.Request, {config} *Config) {{\n{body}}}\n"


def _start(file: FileContext, start: Function) -> str:
    """What runs when the configuration is read."""
    text = _handler(file, start, "")
    return "// start runs when the configuration is read.\n" + text.partition("\n")[2]


def _require(file: FileContext, module: LoadedModule) -> str:
    """The Go of `require` of a module of the project."""
    main = module.main
    assert main is not None
    name, field = file.loads[main], file.modules[module]
    parameters = "r *ngx.Request, " * main.needs_request + "cfg *Config, " * main.needs_config
    arguments = ", ".join(
        ["r"] * main.needs_request + ["cfg"] * main.needs_config + ["st"] * main.needs_state
    )
    run = f"{file.functions[main]}({arguments})"
    shown = quote(module.name.encode("utf-8", "surrogateescape"))
    if module.kept is not None:
        gives = main.open or main.results
        value = "value" if gives else "nil"
        first = f"\t\t{'value := ' if gives else ''}{run}{'.At(0)' if main.open else ''}\n"
        return (
            f"// {name} is require {_comment(shown)}: its main chunk runs if package.loaded has nothing.\n"
            f"func {name}({parameters}st *State, at lua.Operand) any {{\n"
            f"\tif lua.BeginLoad(st.{field}, {shown}, at) {{\n\t\tst.{field} = lua.Loading\n{first}"
            f"\t\tst.{field} = lua.EndLoad({value}, st.{field})\n\t}}\n\treturn st.{field}\n}}\n"
        )
    result, give = "", ""
    if main.open or main.results:
        wanted = ANY if main.open else main.results[0]
        result = f" {go_type(wanted)}"
        kept = f"st.{field}.Value()"
        as_type = {Repr.TABLE: "lua.AsTable", Repr.FUNCTION: "lua.AsFunction"}.get(representation(wanted))
        give = f"\treturn {as_type}({kept})\n" if as_type else f"\treturn {kept}\n"
        end = f"\t\tst.{field}.End({run}{'.At(0)' if main.open else ''})\n"
    else:
        end = f"\t\t{run}\n\t\tst.{field}.End(nil)\n"
        if not module.static:
            result, give = " bool", "\treturn true\n"
    return (
        f"// {name} is require {_comment(shown)}, whose main chunk runs once.\n"
        f"func {name}({parameters}st *State, at lua.Operand){result} {{\n"
        f"\tif st.{field}.Begin({shown}, at) {{\n{end}\t}}\n{give}}}\n"
    )


def _function(file: FileContext, function: Function) -> str:
    lines, names = emit_function(file, function, handler=False)
    name = file.functions[function]
    plain = re.fullmatch(r"\w+", function.name, re.ASCII) and function.name != name
    what = f"the function{f' {function.name}' if plain else ''} at" if function.name else "the main chunk of"
    if function.about:
        what = f"{_text_comment(function.about)},"
    place = _place(function) if function.name else shown_name(function.span.outermost().source.name)
    head = f"// {name} is {what} {place}.\n"
    return f"{head}func {signature(file, function, names)} {{\n{_body(lines.render())}}}\n"


def _comment(text: str) -> str:
    """A name as a comment shows it."""
    return re.sub(r"[^\w.+@ \"/-]", "_", text)


def loaded(unit: Unit) -> list[LoadedModule]:
    """The modules whose main chunk runs when they are first required."""
    bodies = unit.bodies
    mains = {expr.main for body in bodies for expr in walk_expressions(body.body) if isinstance(expr, Load)}
    return [module for module in unit.modules if module.main in mains]


class ModuleNames:
    """Words for the modules of a unit, for names in Go: the last part of a module's name, or more of it."""

    def __init__(self, unit: Unit) -> None:
        self.by_chunk = {module.chunk: module for module in unit.modules}
        self._by_source = {module.source: module for module in unit.modules}
        self._words: dict[LoadedModule, str] = {}
        for module in unit.modules:
            parts = re.findall(r"[a-z0-9]+", module.name.lower()) or ["module"]
            choices = ["_".join(parts[-count:]) for count in range(1, len(parts) + 1)]
            choices += [f"{choices[-1]}{number}" for number in range(2, len(unit.modules) + 2)]
            taken = self._words.values()
            self._words[module] = next(word for word in choices if word not in taken and word != "test")

    def of(self, module: LoadedModule) -> str:
        """The word of a module."""
        return self._words[module]

    def prefix(self, source: Source) -> str:
        """The word of the module with this text; "" for another text."""
        module = self._by_source.get(source)
        return "" if module is None else self._words[module]


def _text_comment(text: str) -> str:
    """A part of the configuration as a comment shows it."""
    shown = re.sub(r"\s+", " ", "".join(c if c.isprintable() or c == " " else "_" for c in text))
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _body(text: str) -> str:
    return "" if text == "\n" else text
