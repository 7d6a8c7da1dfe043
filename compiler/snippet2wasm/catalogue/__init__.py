"""What the Lua library, ngx.*, resty.* and nginx directives mean: the one list of what is supported.

The data is in the YAML files beside this module; lowering, type analysis, emission, refusals and the
compatibility table in the docs (`python -m snippet2wasm.catalogue`) all read it, so they cannot disagree.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from snippet2wasm.catalogue.data import read
from snippet2wasm.ir import types
from snippet2wasm.ir.types import Type

ANY = types.of("any")
_ENTRY_FILES = ("lua", "ngx", "shared", "resty")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a library function.

    Attributes:
        type: what it takes; `shown` takes all but nil, and makes text of it as tostring; `any` takes
            everything, `blank` too, for which nil and false are "".
        required: whether it must be there.
        raises: what Lua says when the value does not fit (without position; TYPE stands for its type); "" for
            the usual text.
        secret: a literal given here is a secret and becomes configuration.
        fixed: only a constant or a configuration value can be given.
        ignored: it means nothing to a gateway; entry.differs says why.
        names: for `record` parameters, the fields and their types.
        dict: it is the name of a shared dict; the Go function gets the dict, or nil.
        integer: the Go function takes an int.
        default: the Go value of an optional parameter that is not given, or nil.
    """

    type: Type
    required: bool = True
    raises: str = ""
    secret: bool = False
    fixed: bool = False
    ignored: bool = False
    names: tuple[tuple[str, Type], ...] = ()
    default: str = ""
    dict: bool = False
    integer: bool = False

    @property
    def takes_anything(self) -> bool:
        """Whether every value fits."""
        return "any" in self.type or "blank" in self.type

    @property
    def is_checked(self) -> bool:
        """Whether the plugin itself can find out that a value does not fit, and raise the error."""
        kinds = self.type.drop("nil")
        return not self.fixed and any(
            kinds.only(kind) for kind in ("number", "text", "shown", "string", "table")
        )

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of value that fit: `text` takes strings and numbers, an optional parameter nil."""
        kinds = set(self.type.kinds)
        if "text" in kinds:
            kinds |= {"string", "number"}
        if "shown" in kinds:
            kinds |= types.ANY.kinds - {"nil"}
        if not self.required:
            kinds.add("nil")
        return frozenset(kinds)


@dataclass(frozen=True)
class Entry:
    """One thing that a snippet can use.

    Attributes:
        name: the Lua name; `ngx.var.arg_*` for a family, `redis:setex` for a method of the kind `redis`.
        parameters: the parameters; the last one repeats if `variadic`.
        results: types of the results, in order.
        exclusive: the results are `value, err`: exactly one is nil or false.
        suspends: a call may wait for the network.
        ends: control does not come back (`ngx.exit`).
        request: the Go call goes through the request.
        go: the Go spelling, see backend/calls.py.
        refused: why it can't be compiled; "" if it can.
        help: the way out of a refusal.
        differs: what is known to differ from nginx; goes to the README of every plugin that uses it.
        unused: Go spelling where no result is looked at, if that differs.
        not_for: targets that can't do it → why.
        effect: a call does more than compute, although it may be no method and neither waits nor ends.
        value: it is read without a call (`ngx.status`); a name that ends in `.*` stands for all fields.
        response: it can change the answer of an upstream.
        open: the Go call gives a list of values, whose number is not known.
        at: the Go function is told the place of the call, behind its parameters (but for repeated ones).
        raises: it may raise an error although its arguments have the right types.
        body: it needs the body of the request.
        shows_body: it shows the body, if nginx has read it.
        trims: results at the end that are nil are not there.
        counts: a first result that is a number or nil is a lua.OptNumber in Go.
        phases: where nginx allows it, if not everywhere: `request` stands for rewrite, access and content.
        surplus: arguments beyond the parameters are evaluated and dropped, as by all of Lua's library.
        checked: an argument whose type is not known is checked when it is called, with Lua's usual error.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    variadic: bool = False
    results: tuple[Type, ...] = ()
    exclusive: bool = False
    suspends: bool = False
    ends: bool = False
    request: bool = False
    go: str = ""
    refused: str = ""
    help: str = ""
    differs: str = ""
    unused: str = ""
    not_for: tuple[tuple[str, str], ...] = ()
    effect: bool = False
    value: bool = False
    response: bool = False
    open: bool = False
    at: bool = False
    raises: bool = False
    body: bool = False
    shows_body: bool = False
    checked: bool = False
    surplus: bool = False
    trims: bool = False
    counts: bool = False
    phases: str = ""


@dataclass(frozen=True)
class ConstantEntry:
    """A named constant (`ngx.ERR`): its value and its Go name."""

    name: str
    value: float
    go: str


@dataclass(frozen=True)
class ValueEntry:
    """A value of a library that is no plain constant (`ngx.null`, `aes.hash.md5`): its type and Go name."""

    name: str
    type: Type
    go: str


@dataclass(frozen=True)
class Directive:
    """An nginx directive that snippets hold.

    Attributes:
        name: its name.
        role: `container` (its block is read), `location`, `handler`, `init`, `environment`, `package_path`,
            `shared_dict`, `compiled` (lower.directives), `ignored`, `gateway` (its configuration does it) or
            `refused`.
        phase: of a handler.
        refused, help: as in `Entry`; `refused` of one that is ignored says why.
        setting: what of the gateway's configuration does it: an annotation by its full name, or words.
        default: values that are nginx's own, so that such a directive changes nothing.
        support: `full`, `partial` or `emulated`, of what is compiled.
        differs: what is known to differ from nginx.
        family: the prefix that it is listed by, if it is.
        whole: of one that is refused, what does it instead where a whole configuration is compiled; then it
            is left out with a warning.
    """

    name: str
    role: str
    phase: str = ""
    refused: str = ""
    help: str = ""
    setting: str = ""
    default: tuple[str, ...] = ()
    support: str = ""
    differs: str = ""
    family: str = ""
    whole: str = ""

    @property
    def shown(self) -> str:
        """How a table calls it: `fastcgi_*` for all of a family."""
        return f"{self.family}*" if self.family else self.name


@dataclass(frozen=True)
class Catalogue:
    """The whole list.

    Attributes:
        entries: functions, methods and variables by name.
        constants: named constants by name.
        values: other values by name.
        modules: what `require` finds: module name → prefix of its functions' names.
        acts: what nginx's directives do, as actions, by names of our own.
        assignments: what can be assigned to, as actions whose last operand is the value, by name
            (`ngx.status`, `ngx.header.*`).
        returns: what the first value is for that a handler returns, by phase: an action on that value.
        refused_names: name of an action and a first argument, in lower case with dashes, with which it is
            refused → (reason, way out).
        ignored_names: the same, with which it does nothing.
        unsupported: names that exist in nginx but can't be compiled → (reason, way out).
        directives: nginx directives by name.
        refused_modules: names of modules that can't be compiled, nor those below them → (reason, way out).
        names: all that nginx's Lua has: what is not there is nil.
        in_lua: the functions of these that are written in Lua; light threads and timers take no others.
    """

    entries: dict[str, Entry]
    constants: dict[str, ConstantEntry]
    values: dict[str, ValueEntry]
    modules: dict[str, str]
    acts: dict[str, Entry]
    assignments: dict[str, Entry]
    returns: dict[str, Entry]
    refused_names: dict[tuple[str, str], tuple[str, str]]
    ignored_names: dict[tuple[str, str], tuple[str, str]]
    unsupported: dict[str, tuple[str, str]]
    directives: dict[str, Directive]
    refused_modules: dict[str, tuple[str, str]]
    names: frozenset[str]
    in_lua: frozenset[str]

    def variable(self, name: str) -> tuple[Entry, str] | None:
        """The entry of `ngx.var.NAME` and the variable part of its name; nginx ignores the case of variable
        names.
        """
        lower = name.lower()
        exact = self.entries.get(f"ngx.var.{lower}")
        if exact is not None:
            return exact, ""
        if f"ngx.var.{lower}" in self.unsupported:
            return None
        for prefix in ("arg_", "http_", "cookie_", "sent_http_", "upstream_http_", "upstream_cookie_"):
            family = self.entries.get(f"ngx.var.{prefix}*")
            if family is not None and lower.startswith(prefix) and len(lower) > len(prefix):
                return family, lower[len(prefix) :]
        return None

    def refused_module(self, name: str) -> tuple[str, str] | None:
        """Why a module, or what it is a part of (`resty.openssl` of `resty.openssl.digest`), is refused."""
        while name:
            if name in self.refused_modules:
                return self.refused_modules[name]
            name = name.rpartition(".")[0]
        return None

    def variable_names(self) -> str:
        """The nginx variables that are known, for a message."""
        names = [name for name in self.entries if name.startswith("ngx.var.") and not name.endswith("$")]
        return ", ".join(f"${name.removeprefix('ngx.var.')}" for name in names)

    def value(self, path: str) -> tuple[Entry, str] | None:
        """The entry of something that is read without a call, and the field of it that the path names."""
        exact = self.entries.get(path)
        if exact is not None:
            return (exact, "") if exact.value else None
        base, _, field = path.rpartition(".")
        family = self.entries.get(f"{base}.*")
        return (family, field) if family is not None and family.value else None


def _parameter(raw: Any) -> Parameter:
    if isinstance(raw, str):
        required = not raw.startswith("[")
        return Parameter(types.parse(raw.strip("[]")), required)
    fields = {name: types.parse(text) for name, text in raw.get("record", {}).items()}
    return Parameter(
        type=types.parse(raw.get("type", "record" if fields else "any")),
        required=not raw.get("optional", False),
        raises=raw.get("raises", ""),
        secret=raw.get("secret", False),
        fixed=raw.get("fixed", False),
        ignored=raw.get("ignored", False),
        names=tuple(fields.items()),
        default=str(raw.get("default", "")),
        dict=raw.get("dict", False),
        integer=raw.get("integer", False),
    )


def _result(text: str) -> Type:
    """The type of a result; `any` is a value of which nothing is known."""
    return types.ANY if text == "any" else types.parse(text)


def _entry(name: str, raw: dict[str, Any]) -> Entry:
    parameters = [_parameter(parameter) for parameter in raw.get("params", [])]
    return Entry(
        name=name,
        parameters=tuple(parameters),
        variadic=raw.get("variadic", False),
        results=tuple(_result(result) for result in raw.get("results", [])),
        exclusive=raw.get("exclusive", False),
        suspends=raw.get("suspends", False),
        ends=raw.get("ends", False),
        request=raw.get("request", raw.get("go", "").startswith("r.")),
        go=raw.get("go", ""),
        refused=raw.get("refused", ""),
        help=raw.get("help", ""),
        differs=raw.get("differs", ""),
        unused=raw.get("unused", ""),
        effect=raw.get("effect", False),
        value=raw.get("value", False),
        response=raw.get("response", False),
        open=raw.get("open", False),
        at=raw.get("at", False),
        raises=raw.get("raises", False),
        body=raw.get("body", False),
        shows_body=raw.get("shows_body", False),
        checked=raw.get("checked", False),
        surplus=raw.get("surplus", False),
        trims=raw.get("trims", False),
        counts=raw.get("counts", False),
        phases=raw.get("phases", ""),
    )


def _redis_commands(raw: dict[str, Any], entries: dict[str, Entry]) -> None:
    """Adds the methods of the Redis client: reply kinds → `Go name: lua name` lists."""
    error = types.parse("nil|string")
    garbled = set(raw["not_for"]["names"])
    failed = {"nil", "false"}
    for reply, commands in raw["commands"].items():
        value = Type(types.parse(reply).kinds | failed, "reply")
        for lua_name, go_name in commands.items():
            entries[f"redis:{lua_name}"] = Entry(
                name=f"redis:{lua_name}",
                parameters=(Parameter(ANY, required=False),),
                variadic=True,
                results=(value, error),
                exclusive=True,
                suspends=True,
                go=f"method.{go_name}",
                not_for=tuple(raw["not_for"]["targets"].items()) if lua_name in garbled else (),
            )
    anything = Type(types.parse("null|number|string|table").kinds | failed, "reply")
    entries["redis:*"] = Entry(
        name="redis:*",
        parameters=(Parameter(ANY, required=False),),
        variadic=True,
        results=(anything, error),
        exclusive=True,
        suspends=True,
        go="special.redis_do",
        not_for=tuple(raw["not_for"]["targets"].items()),
    )
    for group in raw["refused_commands"]:
        for lua_name in group["names"]:
            entries[f"redis:{lua_name}"] = Entry(
                name=f"redis:{lua_name}", refused=group["refused"], help=group["help"]
            )


def _grouped_directives(data: dict[str, Any], known: Collection[str]) -> dict[str, Directive]:
    """The directives that are listed by groups; a prefix takes in what no other group lists."""
    roles = {"unsupported": "refused", "ignored": "ignored", "gateway": "gateway", "compiled": "compiled"}
    groups = [(role, group) for key, role in roles.items() for group in data[key]]
    found = {name: _grouped(name, role, group) for role, group in groups for name in group.get("names", ())}
    commands = json.loads(files(__package__).joinpath("commands.json").read_text("utf-8"))
    modules = read("modules")
    names = [*commands["directives"], *(name for module in modules["modules"].values() for name in module)]
    for role, group in groups:
        for prefix in group.get("prefixes", ()):
            for name in names:
                if name.startswith(prefix) and name not in found and name not in known:
                    found[name] = replace(_grouped(name, role, group), family=prefix)
    return found


def _grouped(name: str, role: str, group: dict[str, Any]) -> Directive:
    default = group.get("default", ())
    return Directive(
        name,
        role,
        refused=group.get("refused", group.get("why", "")),
        help=group.get("help", ""),
        setting=group.get("setting", ""),
        default=tuple(default.get(name, ()) if isinstance(default, dict) else default),
        support=group.get("support", ""),
        differs=group.get("differs", ""),
        whole=group.get("whole", ""),
    )


@cache
def load() -> Catalogue:
    """The catalogue, read once."""
    data: dict[str, Any] = {}
    for name in (*_ENTRY_FILES, "directives", "nginx"):
        data[name] = read(name)
    entries: dict[str, Entry] = {}
    unsupported: dict[str, tuple[str, str]] = {}
    constants: dict[str, ConstantEntry] = {}
    values: dict[str, ValueEntry] = {}
    for name in _ENTRY_FILES:
        for lua_name, raw in data[name].get("entries", {}).items():
            entries[lua_name] = _entry(lua_name, {"checked": name == "lua", "surplus": name == "lua", **raw})
        for group in data[name].get("unsupported", []):
            for lua_name in group["names"]:
                unsupported[lua_name] = (group["refused"], group["help"])
        for lua_name, raw in data[name].get("constants", {}).items():
            constants[lua_name] = ConstantEntry(lua_name, float(raw[0]), raw[1])
        for lua_name, raw in data[name].get("values", {}).items():
            values[lua_name] = ValueEntry(lua_name, types.parse(raw[0]), raw[1])
    _redis_commands(data["resty"]["redis"], entries)
    assignments = {path: _entry(f"{path} =", raw) for path, raw in data["ngx"].get("assignments", {}).items()}
    acts = {name: _entry(name, raw) for name, raw in data["nginx"]["acts"].items()}
    returns = {phase: _entry(f"return of {phase}", raw) for phase, raw in data["ngx"]["returns"].items()}
    directives = {
        name: Directive(name, raw["role"], raw.get("phase", ""), raw.get("refused", ""), raw.get("help", ""))
        for name, raw in data["directives"]["directives"].items()
    }
    directives |= _grouped_directives(data["directives"], directives)
    refused_names = {
        (action, header): (group["refused"], group["help"])
        for group in data["ngx"]["refused_names"] + data["nginx"]["refused_names"]
        for action in group["actions"]
        for header in group["names"]
    }
    ignored_names = {
        (action, header): (group["reason"], group["help"])
        for group in data["ngx"]["ignored_names"] + data["nginx"]["ignored_names"]
        for action in group["actions"]
        for header in group["names"]
    }
    refused_modules = {
        name: (group["refused"], group["help"])
        for group in data["resty"]["refused_modules"]
        for name in group["names"]
    }
    modules = data["resty"]["modules"] | data["shared"]["modules"] | data["lua"]["modules"]
    return Catalogue(
        entries,
        constants,
        values,
        modules,
        acts,
        assignments,
        returns,
        refused_names,
        ignored_names,
        unsupported,
        directives,
        refused_modules,
        frozenset(json.loads(files(__package__).joinpath("names.json").read_text("utf-8"))),
        frozenset(data["lua"]["in_lua"]),
    )
