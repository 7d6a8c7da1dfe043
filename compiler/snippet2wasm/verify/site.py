"""From a snippet as the compiler reads it to a site that the reference nginx serves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from snippet2wasm.compiler import Compilation, is_nginx_text
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import files
from snippet2wasm.frontend import nginx as nginx_text
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import Location, Phase
from snippet2wasm.lower.nginx import LuaText, Parts, collect, is_handler, is_whole, lua_text, read
from snippet2wasm.lower.variables import SetDirective
from snippet2wasm.source import Source
from snippet2wasm.verify.nginx import LuaBlock, Site, set_by_lua
from snippet2wasm.verify.nginx import Phase as NginxPhase
from snippet2wasm.verify.process import LOOPBACK
from snippet2wasm.verify.rendering import Levels, MarkOf, Renderer, levels_of, server_names
from snippet2wasm.verify.settings import FILE, USERS

# Nobody listens on the discard port: a site's real upstream is set by who serves it.
_NO_UPSTREAM = (LOOPBACK, 9)


_PHASES: Mapping[Phase, NginxPhase] = {
    Phase.REWRITE: "rewrite",
    Phase.ACCESS: "access",
    Phase.CONTENT: "content",
    Phase.HEADER_FILTER: "header_filter",
    Phase.BODY_FILTER: "body_filter",
    Phase.LOG: "log",
}


_ENVIRONMENT = "env."


@dataclass(frozen=True)
class Text:
    """A Lua text that nginx runs, and the name of its chunk in messages."""

    source: Source
    chunk: str

    def block(self) -> LuaBlock:
        """The text as it is."""
        return LuaBlock(self.source.data.decode("latin-1"), self.chunk)


@dataclass(frozen=True)
class Texts:
    """All Lua of a snippet, and where it acts.

    Attributes:
        handlers: by phase.
        init: what init_by_lua_block runs, if there is one.
        libraries: what runs before that, in order.
        modules: what `require` finds, by name.
        files: what the code reads, by path.
        location: None for everywhere.
        dicts: the sizes of the shared dicts in bytes, by name.
        directives: nginx text for the server, besides these.
        levels: nginx's directives, in the place of handlers and location; None where there is Lua alone.
        codes: the Lua in them.
        init_worker: what init_worker_by_lua_block runs, if there is one.
        names: the arguments of server_name; None where there is no server block.
    """

    handlers: Mapping[Phase, Text]
    init: Text | None
    libraries: tuple[Text, ...]
    location: Location | None
    dicts: Mapping[str, int] = field(default_factory=dict)
    directives: str = ""
    modules: Mapping[str, Text] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    levels: Levels | None = None
    codes: Mapping[Directive, Text] = field(default_factory=dict)
    init_worker: Text | None = None
    names: str | None = None

    def all(self) -> list[Text]:
        """Every text, the handlers first."""
        init = [text for text in (self.init, self.init_worker) if text is not None]
        handlers = (*self.handlers.values(), *self.codes.values())
        return [*handlers, *init, *self.libraries, *self.modules.values()]

    def site(
        self,
        lua_globals: Mapping[str, str | float | bool],
        block: Callable[[Text], LuaBlock] = Text.block,
        mark: MarkOf | None = None,
    ) -> Site:
        """What nginx serves.

        Args:
            lua_globals: the globals that come from the plugin's configuration; with `$`, variables of nginx,
                with `env.`, of its environment; with `file:`, texts of files.
            block: makes a block of a text.
            mark: what is put into the blocks of directives, if anything.
        """
        location = self.location
        given = {name[1:]: str(value) for name, value in lua_globals.items() if name[0] == "$"}
        variables = [_set(name, value) for name, value in given.items()]
        users = {
            name.removeprefix(USERS): str(value).encode("utf-8", "surrogateescape")
            for name, value in lua_globals.items()
            if name.startswith(USERS)
        }
        paths = {path: f"users{number}" for number, path in enumerate(users)}
        renderer = Renderer(lambda directive: block(self.codes[directive]), mark, paths)
        found = Site(
            snippets=None if self.levels is None else renderer.snippets(self.levels, variables=given),
            beside={paths[path]: data for path, data in users.items()},
            handlers={_PHASES[phase]: block(text) for phase, text in self.handlers.items()},
            server_directives="\n".join([*variables, self.directives]),
            upstream=_NO_UPSTREAM,
            location="" if location is None else f"{location.modifier} {_quoted(location.path)}".strip(),
            init=None if self.init is None else block(self.init),
            init_worker=None if self.init_worker is None else block(self.init_worker),
            libraries=[block(text) for text in self.libraries],
            modules={name: block(text) for name, text in self.modules.items()},
            globals={
                name: value
                for name, value in lua_globals.items()
                if name[0] != "$" and not name.startswith((_ENVIRONMENT, FILE, USERS))
            },
            files={
                **self.files,
                **{
                    name.removeprefix(FILE): str(value).encode("utf-8", "surrogateescape")
                    for name, value in lua_globals.items()
                    if name.startswith(FILE)
                },
            },
            environment={
                name.removeprefix(_ENVIRONMENT): str(value)
                for name, value in lua_globals.items()
                if name.startswith(_ENVIRONMENT)
            },
            http_directives=shared_dicts(self.dicts),
        )
        return found if self.names is None else replace(found, names=self.names)


def read_site(path: Path, lua_globals: Mapping[str, str | float | bool]) -> Site:
    """The site of an nginx text: its handlers, their location, its init code.

    Args:
        path: the nginx text; Lua files that it names are looked up beside it.
        lua_globals: the globals that come from the plugin's configuration.

    Raises:
        Refusal: the compiler refuses the text, too.
        OSError: a file cannot be read.
    """
    parts = collect(nginx_text.parse(Source(path.name, path.read_bytes())))
    return site_of(parts, path.parent, lua_globals)


def site_of(parts: Parts, folder: Path, lua_globals: Mapping[str, str | float | bool]) -> Site:
    """The site of the parts of an nginx text; Lua files that it names are looked up in folder."""
    return _texts(parts, folder).site(lua_globals)


def texts_of(compilation: Compilation, folder: Path) -> Texts:
    """The Lua of what was compiled.

    Args:
        compilation: the snippet.
        folder: where the files are that it names.

    Raises:
        Refusal: S2W501, a part of it is Go, which nginx can't run.
        OSError: a file cannot be read.
    """
    unit, options = compilation.unit, compilation.options
    if unit.hooks:
        names = ", ".join(sorted(hook.lua_name for hook in unit.hooks))
        reason = f"{names} are Go functions, and the reference nginx runs Lua"
        help_ = "bind them to the Lua that they stand for, in a bindings file for this comparison only"
        raise Refusal(Diagnostic("S2W501", "nginx can't run Go hooks", reason=reason, help=help_))
    parts = _parts(compilation)
    found = _texts(parts, folder)
    levels = _levels(compilation, parts)
    if levels is not None:
        codes = {each: _text(lua_text(each)[0], folder) for each in levels.all() if is_handler(each)}
        found = replace(found, handlers={}, location=None, levels=levels, codes=codes)
    bindings = compilation.bindings
    bound = sorted({each.value for each in bindings.globals.values() if each.form == "lua"})
    paths = [*(bindings.folder / name for name in bound), *options.libraries]
    libraries = tuple(Text(Source(str(path), path.read_bytes()), path.name) for path in paths)
    modules = {each.name: Text(each.source, each.chunk) for each in compilation.unit.modules}
    libraries += found.libraries
    constants = [_set(name, each.value) for name, each in bindings.variables.items() if each.form == "set"]
    directives = "\n".join([*constants, found.directives])
    data = {each.name: each.data for each in unit.files if each.data is not None}
    return replace(
        found,
        libraries=libraries,
        dicts=unit.dicts,
        directives=directives,
        modules=modules,
        files=data,
    )


def _levels(compilation: Compilation, parts: Parts) -> Levels | None:
    """The directives by level; None where there is Lua alone."""
    layers, level = compilation.layers, compilation.options.level
    if layers is not None:
        return Levels(layers.http, layers.server, layers.location)
    if parts.server is None:
        return None
    parsed = compilation.parsed
    by_level = {"http": Levels(parsed), "server": Levels(server=parsed), "location": Levels(location=parsed)}
    return by_level[level] if level else levels_of(parsed)


def _parts(compilation: Compilation) -> Parts:
    if compilation.layers is not None:
        return read(compilation.layers.tree())
    source, phase = compilation.source, compilation.options.phase
    if is_nginx_text(source):
        return read(list(compilation.parsed), is_whole(list(compilation.parsed)))
    name = source.name.replace("\\", "/").rpartition("/")[2]
    directive = f"{phase.value}_by_lua"
    whole = source.span(0, len(source.data))
    text = LuaText(f"{directive}_block", source, "", f"{directive}({name}:1)", whole)
    return Parts(handlers={phase: text})


def _texts(parts: Parts, folder: Path) -> Texts:
    of_worker = [text for text in parts.init if text.directive.startswith("init_worker")]
    init = [_text(text, folder) for text in parts.init if text not in of_worker]
    handlers = {phase: _text(text, folder) for phase, text in parts.handlers.items()}
    dicts = {name: declared.size for name, declared in parts.dicts.items()}
    directives = [_set_of(each, folder) for each in parts.sets if each.runs and isinstance(each.value, str)]
    directives += ["lua_need_request_body on;"] if parts.need_body else []
    for number, each in enumerate(parts.sets):
        if not each.runs and isinstance(each.value, str):
            directives.append(f"location /.set-{number} {{ {_set(each.name, each.value)} }}")
    first = init[-1] if init else None
    found = Texts(handlers, first, tuple(init[:-1]), parts.location, dicts, "\n".join(directives))
    found = replace(found, names=_names(parts))
    return replace(found, init_worker=_text(of_worker[0], folder)) if of_worker else found


def _names(parts: Parts) -> str | None:
    """What the one server of a text says of its names; None where the text has no server."""
    server = next((each.directive for each in parts.text if each.kind == "server" and each.directive), None)
    return None if server is None else " ".join(server_names(server)) or '""'


def shared_dicts(dicts: Mapping[str, int]) -> str:
    """The nginx directives that declare shared dicts of these sizes in bytes."""
    return "\n".join(f"lua_shared_dict {_quoted(name)} {size};" for name, size in dicts.items())


def _text(text: LuaText, folder: Path) -> Text:
    path = files.beside(folder, text.file)  # the name that the compiler gives it
    return Text(text.source or Source(str(path), path.read_bytes()), text.chunk)


def _set_of(directive: SetDirective, folder: Path) -> str:
    """A `set` or `set_by_lua` directive."""
    if directive.lua is None:
        return _set(directive.name, str(directive.value))
    block = _text(directive.lua, folder).block()
    return set_by_lua(directive.name, block, [_quoted(each) for each in directive.args])


def _set(name: str, value: str) -> str:
    """A `set` directive."""
    return f"set ${name} {_quoted(value)};"


def _quoted(path: str) -> str:
    """A path as an argument of a directive."""
    if re.fullmatch(r"[^\s;{}\"'\\]+", path):
        return path
    return '"' + re.sub(r'(["\\])', r"\\\1", path) + '"'
