"""The program around the handlers: globals from init code, libraries and bindings, and the configuration
they need.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from snippet2wasm import catalogue
from snippet2wasm.diagnostics import Diagnostic, Refusal, Severity
from snippet2wasm.frontend import hooks
from snippet2wasm.frontend import lua_ast as ast
from snippet2wasm.frontend.bindings import Binding, Bindings
from snippet2wasm.frontend.names import Resolution, resolve
from snippet2wasm.frontend.trees import walk
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import Action, Block, ConfigField, Constant, Function, Hook, Load, Variable
from snippet2wasm.lower.dicts import Dicts
from snippet2wasm.lower.embedded import Files
from snippet2wasm.lower.globals import Written
from snippet2wasm.lower.modules import Modules, OwnModule
from snippet2wasm.lower.scope import Builtin, KnownConstant, Meaning
from snippet2wasm.lower.secrets import SecretText, config_key, is_secret_name
from snippet2wasm.source import Span

if TYPE_CHECKING:
    from snippet2wasm.lower.directives.computed import Computed
    from snippet2wasm.lower.directives.limits import Zone

_CONFIG_TYPES = {"string": types.STRING, "number": types.NUMBER, "boolean": types.BOOLEAN}
_RESERVED_KEYS = frozenset(("redis", "http"))


class Program:
    """What all chunks of one compilation share.

    Attributes:
        globals: meanings of the globals that init code and libraries define.
        functions: all functions, in source order.
        config: configuration fields, by key.
        hooks: Go hooks in use.
        diagnostics: warnings and errors so far.
        written: the globals that the program assigns to.
        variables: nginx variables that are declared, in lower case.
        lua_sets: those that Lua sets; `*` stands for a computed name.
        unset: those of them that are nil until something sets them; others are empty.
        groups: those of them that are named groups of regular expressions.
        computed: those of them that functions compute, of map and the like.
        in_server: the rewrite directives of a server are being lowered.
        kept: reads of variables whose first value directives see, by name.
        kept_in_directives: those of them that a directive reads.
        changes_request: something may change the request's headers.
        zones: what limit_req and limit_conn count in, by name.
        state: what lives as long as nginx's Lua VM.
        dicts: the shared dicts.
        modules: the project's own modules.
        files: the files that the code reads.
        starting: the names of the chunks that run before there is a request, in order.
        secrets: the secrets in texts of directives, by where the text stands and by what they are.
    """

    def __init__(
        self,
        bindings: Bindings,
        modules: Modules,
        load_library: Callable[[str, Binding], None],
        folder: Path,
    ) -> None:
        self.bindings = bindings
        self.globals: dict[str, Meaning] = {}
        self.functions: list[Function] = []
        self.config: dict[str, ConfigField] = {}
        self.hooks: list[Hook] = []
        self.diagnostics: list[Diagnostic] = []
        self.written = Written()
        self.variables: set[str] = set()
        self.lua_sets: set[str] = set()
        self.unset: set[str] = set()
        self.groups: set[str] = set()
        self.computed: dict[str, Computed] = {}
        self.in_server = False
        self.kept: dict[str, list[Action]] = {}
        self.kept_in_directives: set[str] = set()
        self.changes_request = False
        self.zones: dict[str, Zone] = {}
        self.secrets: dict[Span, dict[str, SecretText]] = {}
        self.state: list[Variable] = []
        self.objects: set[Variable] = set()  # variables that always hold the library's object they began with
        self.starting: list[Resolution] = []
        self._resolutions: dict[ast.Chunk, Resolution] = {}
        self._global_variables: dict[str, Variable] = {}
        self.dicts = Dicts(bindings.shared_dicts)
        self.modules = modules
        self.files = Files(self, folder, bindings.files)
        self._load_library = load_library
        self._loading: set[str] = set()
        names = catalogue.load()
        self._roots = {name.partition(".")[0] for name in (*names.entries, *names.unsupported, *names.values)}
        self._roots = {name for name in self._roots if ":" not in name} - {"resty", "cjson"}

    def error(self, diagnostic: Diagnostic) -> None:
        """Notes a diagnostic; the compilation goes on to find more, and fails in the end if it is an
        error.
        """
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)

    def forget_errors(self, first: int) -> bool:
        """Takes out the errors noted from the `first` diagnostic on, and says whether there were some."""
        later = self.diagnostics[first:]
        warnings = [each for each in later if each.severity is not Severity.ERROR]
        self.diagnostics[first:] = warnings
        return len(warnings) < len(later)

    def check(self) -> None:
        """Raises what was noted, if there is an error among it."""
        if any(diagnostic.severity is Severity.ERROR for diagnostic in self.diagnostics):
            raise Refusal(self.diagnostics)

    def global_(self, name: ast.Name, only_tested: bool = False) -> Meaning | None:
        """What a global means; None (and an error noted) if nobody defines it.

        One that nobody defines, and that is only tested, is nil.
        """
        known = self.own_global(name.name)
        if known is not None:
            return known
        binding = self.bindings.globals.get(name.name)
        if binding is not None:
            return self._bound(name, binding)
        if self.is_library(name.name):
            return Builtin(name.name)
        if only_tested:
            self.error(_taken_for_nil(name))
            return KnownConstant(Constant(name.span, None))
        self.error(_unresolved(name, sorted({*self.globals, *self.bindings.globals, *self._roots})))
        return None

    def declare_absent(self, chunk: ast.Chunk, resolution: Resolution) -> None:
        """Takes in the globals that a chunk uses and nothing sets, where all code that could is known: they
        are nil. What all code assigns to has to be known.
        """
        for node in walk(chunk):
            if isinstance(node, ast.Name) and node not in resolution.symbols:
                known = node.name in self.written.places or node.name in self.bindings.globals
                if node.name in resolution.used and not known and not self.is_library(node.name):
                    self.error(_never_defined(node))
                    self.written.places[node.name] = [node.span]

    def resolution(self, chunk: ast.Chunk) -> Resolution:
        """What the names of a chunk mean."""
        found = self._resolutions.get(chunk)
        if found is None:
            found = self._resolutions[chunk] = resolve(chunk)
        return found

    def main_of(self, module: OwnModule) -> Function:
        """The function that a module's main chunk is."""
        if module.main is None:
            module.main = Function("", module.syntax.span, module.chunk, [], Block())
        return module.main

    def load(self, module: OwnModule, span: Span) -> Load:
        """What runs a module's main chunk, the first time."""
        kept = self.loaded_of(module) if module.watched else None
        return Load(span, module.name, self.main_of(module), kept)

    def loaded_of(self, module: OwnModule) -> Variable:
        """The variable that `package.loaded[name]` of a module is."""
        if module.kept is None:
            module.kept = self.lasting(module.name, module.syntax.span, "field")
            module.kept.type = types.ANY
        return module.kept

    def own_global(self, name: str) -> Meaning | None:
        """What a global means that the program itself defines or assigns to."""
        known = self.globals.get(name)
        if known is not None or self.is_library(name):
            return known
        binding = self.bindings.globals.get(name)
        if binding is not None and binding.form != "nil":
            return self._global_variables.get(name)  # there once the bindings' library is read
        return self.global_variable(name) if name in self.written.places else None

    def is_library(self, name: str) -> bool:
        """Whether a global belongs to the Lua library or to nginx."""
        return name in self._roots or name in ("require", "_G")

    def global_variable(self, name: str) -> Variable:
        """The variable that a global is which the program assigns to; it is nil until then."""
        found = self._global_variables.get(name)
        if found is None:
            found = self.lasting(name, self.written.places[name][0], "global")
            found.type = types.NIL
            self._global_variables[name] = found
        return found

    def lasting(self, name: str, span: Span, what: str) -> Variable:
        """A new variable that lives as long as nginx's Lua VM; `what` is what error texts call it."""
        variable = Variable(name, span, assigned=True, captured=True, lasting=what)
        self.state.append(variable)
        return variable

    def warn_of_global(self, name: ast.Name) -> None:
        """Warns, once for each, of a global that a handler assigns to."""
        shown = {each.message for each in self.diagnostics if each.code == "S2W408"}
        warning = Diagnostic(
            "S2W408",
            f"this assigns to the global {name.name!r}, which all requests share",
            name.span,
            reason="it lives as long as the nginx worker, and a request that waits can find another's value"
            " in it; the plugin does the same",
            help=f"if it is meant for this request only, write `local {name.name} = …`",
            severity=Severity.WARNING,
        )
        if warning.message not in shown:
            self.error(warning)

    def _bound(self, name: ast.Name, binding: Binding) -> Meaning | None:
        match binding.form:
            case "config":
                return self.configure(
                    binding.value, name.name, binding.span, binding.secret, _CONFIG_TYPES[binding.type]
                )
            case "go":
                hook = hooks.find(name.name, binding, self.bindings.folder)
                if hook not in self.hooks:
                    self.hooks.append(hook)
                return hook
            case "nil":
                return KnownConstant(Constant(name.span, None))
            case _:
                return self._from_library(name, binding)

    def _from_library(self, name: ast.Name, binding: Binding) -> Meaning | None:
        if binding.value not in self._loading:
            self._loading.add(binding.value)
            self._load_library(binding.value, binding)
        found = self.globals.get(name.name)
        if found is None and name.name in self.written.places:
            found = self.global_variable(name.name)
        if found is None:
            self.error(
                Diagnostic(
                    "S2W212",
                    f"{binding.value} does not define the global {name.name!r}",
                    binding.span,
                    help=f"define it there: function {name.name}(…) … end",
                )
            )
        return found

    def configure(
        self,
        key: str,
        lua_name: str,
        span: Span,
        secret: bool,
        type_: types.Type,
        literal: str | None = None,
    ) -> ConfigField:
        """The configuration field for a key, made at its first use."""
        if key in _RESERVED_KEYS or not re.fullmatch(r"[A-Za-z][\w.-]*", key, re.ASCII):
            help_ = "use letters, digits, `_`, `-`, `.`; the plugin's own settings take `redis` and `http`"
            raise Refusal(Diagnostic("S2W204", f"{key!r} can't be a configuration key", span, help=help_))
        found = self.config.get(key)
        if found is not None and (found.type, found.secret) != (type_, secret):
            help_ = f"it is {found.lua_name}'s already, with another type or secrecy; choose another key"
            raise Refusal(Diagnostic("S2W204", f"{key!r} can't be a configuration key", span, help=help_))
        if found is None:
            found = ConfigField(key, lua_name, type_, secret, span, literal=literal)
            self.config[key] = found
        return found

    def environment(self, name: str, span: Span) -> ConfigField:
        """The configuration field for a variable of nginx's environment: key `env.NAME`, nil unless given.

        Raises:
            Refusal: S2W204, the name can't be part of a key.
        """
        key = f"env.{name}"
        if not re.fullmatch(r"\w+", name, re.ASCII):
            raise Refusal(Diagnostic("S2W204", f"{key!r} can't be a configuration key", span))
        if key not in self.config:
            self.config[key] = ConfigField(key, name, types.of("string?"), is_secret_name(name), span, True)
        return self.config[key]

    def note_secrets(self, span: Span, found: list[SecretText]) -> None:
        """Takes in the secrets in a text of a directive; they become configuration where the text acts."""
        for each in found:
            self.secrets.setdefault(span, {})[each.text] = each
            place = place_of(span, each.text).outermost()
            place.source.hide(place.start, place.end)

    def secret_text(self, span: Span, text: str) -> ConfigField:
        """The configuration field for a secret that was noted."""
        return self.lift_secret(self.secrets[span][text].name, place_of(span, text), text)

    def lift_secret(self, name: str, span: Span, literal: str | None = None) -> ConfigField:
        """Turns a secret literal into a configuration field; the literal goes no further."""
        place = span.outermost()
        place.source.hide(place.start, place.end)
        base = config_key(name)
        key, number = base, 2
        bound = {binding.value for binding in self.bindings.globals.values() if binding.form == "config"}
        while key in bound or (key in self.config and self.config[key].span != span):
            key, number = f"{base}{number}", number + 1
        self.error(
            Diagnostic(
                "S2W401",
                f"this literal looks like a secret; the plugin reads it from its configuration, key {key!r}",
                span,
                reason="generated code, images and logs must not hold secrets",
                help=f"put it into the plugin's configuration, key {key!r} (a reference to a Secret is best)",
                severity=Severity.WARNING,
            )
        )
        return self.configure(key, name, span, True, types.STRING, literal)

    def undeclared_dict(self, name: str, span: Span) -> None:
        """Notes that nothing declares a shared dict."""
        self.error(
            Diagnostic(
                "S2W430",
                f"nothing declares the shared dict {name!r}, so ngx.shared.{name} is nil",
                span,
                reason="the input shows nginx's http level, and no lua_shared_dict there has that name",
                help=f"declare it there: lua_shared_dict {name} 10m;",
                severity=Severity.WARNING,
            )
        )

    def refuse_library(self, name: ast.Name) -> None:
        """Notes that the program must not give a name of the library another meaning."""
        self.error(
            Diagnostic(
                "S2W213",
                f"this redefines {name.name!r} of the Lua library",
                name.span,
                reason="every use of it, in other files too, would mean something else",
                help="choose another name",
            )
        )

    def define(self, name: ast.Name, meaning: Meaning) -> None:
        """Defines a global."""
        if name.name in self.globals:
            self.error(
                Diagnostic(
                    "S2W213",
                    f"the global {name.name!r} is defined twice",
                    name.span,
                    reason="which definition a handler meets would depend on the order of the files",
                    help="keep one of them",
                )
            )
        self.globals[name.name] = meaning


def _taken_for_nil(name: ast.Name) -> Diagnostic:
    return Diagnostic(
        "S2W407",
        f"nothing defines the global {name.name!r}, so it is nil",
        name.span,
        reason="it is only tested, as a switch that is set elsewhere; nginx would find nil, too",
        help=f"if something sets it, say what it is in a bindings file: globals: {{{name.name}: …}}",
        severity=Severity.WARNING,
    )


def _never_defined(name: ast.Name) -> Diagnostic:
    return Diagnostic(
        "S2W419",
        f"nothing defines the global {name.name!r}, so it is nil",
        name.span,
        reason="the input shows nginx's http level, and no code of it assigns to this name;"
        " nginx finds nil, too",
        help=f"correct the spelling; or say what it is in a bindings file: globals: {{{name.name}: …}}",
        severity=Severity.WARNING,
    )


def _unresolved(name: ast.Name, known: list[str]) -> Diagnostic:
    close = difflib.get_close_matches(name.name, known, 1)
    guess = f"did you mean {close[0]!r}? Otherwise say" if close else "say"
    return Diagnostic(
        "S2W210",
        f"nothing defines the global {name.name!r}",
        name.span,
        reason="looked for it in the input's init_by_lua code, in the --with libraries, in the bindings file"
        " and in the Lua and nginx libraries",
        help=f"{guess} in a bindings file (--bindings FILE) what it is; one of",
        paste=(
            "globals:\n"
            f"  {name.name}: {{config: {config_key(name.name)}, type: string}}   # from the configuration\n"
            f"  # {name.name}: {{lua: lib.lua}}   # a function or constant of a Lua file\n"
            f"  # {name.name}: {{go: ./hooks}}   # a Go function of yours\n"
            f"  # {name.name}: {{nil: true}}   # nil, as nginx has it where nobody sets it"
        ),
    )


def place_of(span: Span, text: str) -> Span:
    """Where a part of a directive's text stands; all of the text if it is not written there as it is."""
    data = text.encode("utf-8", "surrogateescape")
    at = span.source.data.find(data, span.start, span.end)
    return span if at < 0 else span.source.span(at, at + len(data))


def relative(folder: Path, name: str) -> Path:
    """A path that a file in `folder` names."""
    return Path(name) if Path(name).is_absolute() else folder / name
