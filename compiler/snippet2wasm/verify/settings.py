"""The plugin configuration of a comparison, and what nginx has to be told to have the same."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from snippet2wasm.analysis.origins import Origins
from snippet2wasm.backend.services import host_and_port, http_addresses
from snippet2wasm.compiler import Compilation
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.frontend import lua, lua_ast
from snippet2wasm.frontend import nginx as nginx_text
from snippet2wasm.ir.nodes import (
    ConfigField,
    ConfigValue,
    Constant,
    EmbeddedFile,
    Expr,
    Unit,
)
from snippet2wasm.source import Source

Value = str | float | bool
FILE = "file:"
"""What stands in front of the path of a file, in place of the name of a global."""

USERS = "users:"
"""The same of a file of `auth_basic_user_file`."""

Clock = Literal["none", "seconds", "finer"]

_SECONDS = frozenset(
    ("os.time", "ngx.time", "ngx.today", "ngx.localtime", "ngx.utctime", "redis:ttl", "redis:expiretime")
)
_DEBUG = 8.0
_FINER = frozenset(("ngx.now", "redis:pttl", "redis:pexpiretime", "redis:time"))

# A key of 32 bytes is right for AES-256 and HMAC alike.
_TEST_KEY = "0123456789abcdef0123456789abcdef"
_TEST_NUMBER = 10
_TEST_USERS = "user:{PLAIN}password\n"
# A snippet that sets no timeout of its own gets this one where Redis is slow.
SLOW_TIMEOUT_MS = 200


class SettingsError(Exception):
    """The given configuration does not fit the plugin."""


@dataclass(frozen=True)
class Settings:
    """The values of a comparison.

    Attributes:
        config: the plugin's configuration, without its block about Redis.
        lua_globals: the Lua globals that stand for parts of it in nginx, and as `env.NAME` variables of its
            environment.
        secrets: given values that must not be shown, by key.
        generated: keys whose values were made up.
        redis: addresses that the snippet connects to, "host:port".
        http: the cluster for each "host:port" of an HTTP service that the snippet calls.
        timeout_ms: the longest timeout that the snippet sets for Redis; 0 if it sets none.
        dials: the snippet looks at the result of `connect`, for which a plugin sends a PING: it learns there
            of a Redis that is slow, nginx does not.
        clock: how fine a clock the snippet looks at.
        debugs: whether it writes log lines of level debug.
    """

    config: Mapping[str, Value]
    lua_globals: Mapping[str, Value]
    secrets: Mapping[str, str]
    generated: tuple[str, ...]
    redis: tuple[str, ...]
    http: Mapping[str, str]
    timeout_ms: float
    dials: bool
    clock: Clock
    debugs: bool = False

    def plugin(self, redis_timeout_ms: int | None) -> dict[str, object]:
        """The plugin's configuration as JSON; None leaves the timeout of Redis at its default."""
        if redis_timeout_ms is None or not self.redis:
            return dict(self.config)
        return {**self.config, "redis": {address: {"timeout": redis_timeout_ms} for address in self.redis}}


def settings_of(compilation: Compilation, given: Mapping[str, object]) -> Settings:
    """The values for a snippet: the given ones, then those of its recordings, then made-up ones.

    A literal that the compiler lifted into the configuration keeps its value: nginx has it in its text.
    The given blocks `redis` and `http` are left out, since the comparison has servers of its own.

    Raises:
        SettingsError: a given key is none of the plugin's, or its value is of another type.
    """
    fields = {field.key: field for field in compilation.unit.config}
    unknown = sorted({*given} - {*fields} - {"redis", "http"})
    if unknown:
        raise SettingsError(f"{', '.join(map(repr, unknown))}: not a key of this plugin")
    bindings = compilation.bindings
    bound = {
        each.value
        for each in (*bindings.globals.values(), *bindings.variables.values())
        if each.form == "config"
    }
    bound |= {key for key, field in fields.items() if field.environment}
    texts = {each.config.key: each for each in compilation.unit.files if each.config is not None}
    users = _user_files(compilation.unit)
    bound |= texts.keys() | users.keys()
    recorded = _recorded(compilation)
    config: dict[str, Value] = {}
    generated: list[str] = []
    for key, field in fields.items():
        if key not in bound:
            config[key] = _literal(field)
        elif key in given:
            config[key] = _checked(field, given[key])
        elif key in recorded:
            config[key] = _checked(field, recorded[key])
        elif key in texts and (data := texts[key].data) is not None:
            config[key] = data.decode("utf-8", "surrogateescape")
        elif key in users:
            config[key] = _TEST_USERS
            generated.append(key)
        elif not field.environment:
            config[key] = _made_up(field, first=not generated)
            generated.append(key)
    secrets = {
        key: str(config[key])
        for key, field in fields.items()
        if field.secret and key in config and (key in given or key not in bound)
    }
    names = {
        _name_in_nginx(field, texts.get(key)): config[key]
        for key, field in fields.items()
        if key in bound and key in config and key not in users
    }
    names |= {f"{USERS}{path}": config[key] for key, path in users.items()}
    unit = compilation.unit
    addresses = tuple(sorted({*_redis_addresses(unit, config)}))
    services = {f"{each['host']}:{each['port']}": each["cluster"] for each in http_addresses(unit, "envoy")}
    dials = any(action.used for action in unit.actions("redis:connect"))
    timeout = _longest_timeout(unit, config)
    return Settings(
        config,
        names,
        secrets,
        tuple(generated),
        addresses,
        services,
        timeout,
        dials,
        _clock_of(compilation.unit),
        _debugs(compilation.unit),
    )


def _name_in_nginx(field: ConfigField, file: EmbeddedFile | None) -> str:
    """How nginx is told of a value of the configuration."""
    if file is not None:
        return f"{FILE}{file.name}"
    return field.key if field.environment else field.lua_name


def _user_files(unit: Unit) -> dict[str, str]:
    """The files of `auth_basic_user_file`: their paths by the key of the configuration that has the text."""
    found = {}
    for action in unit.actions("nginx.auth_basic"):
        match action.args:
            case [_, Constant(value=bytes() as path), ConfigValue(config=field), *_]:
                found[field.key] = path.decode("utf-8", "surrogateescape")
    return found


def _debugs(unit: Unit) -> bool:
    """Whether a unit may write log lines of level debug."""
    levels = (action.args[0] for action in unit.actions("ngx.log") if action.args)
    return any(not isinstance(level, Constant) or level.value == _DEBUG for level in levels)


def _clock_of(unit: Unit) -> Clock:
    names = {action.entry.name for action in unit.actions()}
    return "finer" if names & _FINER else "seconds" if names & _SECONDS else "none"


def _recorded(compilation: Compilation) -> Mapping[str, object]:
    for data in compilation.recordings.values():
        found = json.loads(data).get("config", {})
        return found if isinstance(found, dict) else {}
    return {}


def _literal(field: ConfigField) -> Value:
    """The literal that a field was lifted from: a string of Lua, or a part of an nginx text."""
    if field.literal is not None:
        return field.literal
    text = field.span.source.data[field.span.start : field.span.end]
    with contextlib.suppress(Refusal):
        match lua.parse(Source("literal", b"return " + text)).body.statements:
            case [lua_ast.Return(values=[lua_ast.String(value=value)])]:
                return value.decode("utf-8", "surrogateescape")
    with contextlib.suppress(Refusal):
        (directive,) = nginx_text.parse(Source("literal", b"literal " + text + b";"))
        if len(directive.args) == 1:
            return directive.args[0].value
        return text.decode("utf-8", "surrogateescape")  # words inside of an argument
    raise SettingsError(f"{field.key!r}: its literal is no string")


def _checked(field: ConfigField, value: object) -> Value:
    kind = str(field.type)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if kind in ("string", "string?") and isinstance(value, str):
        return value
    raise SettingsError(f"{field.key!r}: expected a {kind}")


def _made_up(field: ConfigField, first: bool) -> Value:
    kind = str(field.type)
    if kind == "boolean":
        return True
    if kind == "number":
        return _TEST_NUMBER
    return _TEST_KEY if first else hashlib.sha256(field.key.encode()).hexdigest()[:32]


def _known(expr: Expr, config: Mapping[str, Value]) -> object:
    """The value of an expression that is constant or configuration; None for any other."""
    match expr:
        case Constant(value=bytes() as value):
            return value.decode("utf-8", "replace")
        case Constant(value=value):
            return value
        case ConfigValue(config=field):
            return config.get(field.key)
    return None


def _redis_addresses(unit: Unit, config: Mapping[str, Value]) -> Iterator[str]:
    origins = Origins(unit)
    for action in unit.actions("redis:connect"):
        yield from (f"{host}:{port}" for host, port in host_and_port(origins, action, config))


def _longest_timeout(unit: Unit, config: Mapping[str, Value]) -> float:
    found = [0.0]
    for name in ("redis:set_timeout", "redis:set_timeouts"):
        for action in unit.actions(name):
            known = (_known(arg, config) for arg in action.args)
            found += [float(value) for value in known if isinstance(value, int | float)]
    return max(found)
