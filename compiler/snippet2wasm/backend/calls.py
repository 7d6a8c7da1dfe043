"""Calls: catalogue actions, functions of the program, hooks → Go.

Spellings in the catalogue: `r.X` is a method of the request, `method.X` a method of the receiver, `pkg.X` a
function of a runtime package, `special.x` is built by the function `_x` below.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from snippet2wasm import catalogue
from snippet2wasm.analysis.events import has_event
from snippet2wasm.analysis.representation import go_type, native_results
from snippet2wasm.backend import goast
from snippet2wasm.backend.context import Emitter, FunctionContext
from snippet2wasm.backend.goast import Composite, Go, Name, call, method
from snippet2wasm.catalogue import Parameter
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import Action, Apply, Call, Constant, Expr, HookCall, Record, spreads, varies

_INTEGER_PARAMETERS = frozenset(("r.Exit",))


class Calls:
    """Emits the calls of one function."""

    def __init__(self, context: FunctionContext, exprs: Emitter) -> None:
        self.context = context
        self.exprs = exprs

    def call(self, expr: Call) -> Go:
        """The Go call, in its native shape."""
        match expr:
            case Action():
                return self._action(expr)
            case Apply(function=function, args=args):
                parameters = [parameter.type for parameter in function.parameters]
                args = self.expanded(args, len(parameters))
                for extra in args[len(parameters) :]:
                    if has_event(extra):
                        raise self.context.refuse(extra, f"{function.name} has no parameter for this")
                found = [self._argument_of(args, index, type_) for index, type_ in enumerate(parameters)]
                return call(self.context.file.functions[function], *self._implicit(function), *found)
            case HookCall(hook=hook, args=args):
                request: tuple[Go, ...] = (Name("r"),) if hook.takes_request else ()
                args = self.expanded(args, len(hook.parameters))
                found = [self._argument_of(args, index, type_) for index, type_ in enumerate(hook.parameters)]
                return call(f"hooks.{hook.go_name}", *request, *found)
            case _:
                raise AssertionError(f"unknown call {expr}")

    def _implicit(self, function: object) -> list[Go]:
        found: list[Go] = []
        if getattr(function, "needs_request", False):
            found.append(Name("r"))
        if getattr(function, "needs_config", False):
            found.append(Name("cfg"))
        return found

    def _argument_of(self, args: list[Expr], index: int, wanted: types.Type) -> Go:
        if index < len(args):
            return self.exprs.as_type(args[index], wanted)
        return Name("lua.None" if go_type(wanted) == "lua.OptString" else "nil")

    def expanded(self, values: list[Expr], wanted: int | None) -> list[Expr]:
        """A list of values in which a last call with several results stands for as many as are wanted."""
        last = spreads(values)
        if last is None:
            return values
        if wanted is None and varies(last):
            raise self.context.refuse(
                last, "the number of results of this call varies; in parentheses it gives just the first"
            )
        room = len(native_results(last)) if wanted is None else wanted - len(values) + 1
        count = min(room, len(native_results(last)))
        if count <= 1:
            return values
        return [*values[:-1], *self.context.spread(last, count)]

    def _action(self, expr: Action) -> Go:
        entry = expr.entry
        expr = copy.copy(expr)  # what it is called with is this emission's affair
        last = spreads(expr.args)
        counted = entry.variadic or (isinstance(last, Apply) and last.function.varies)
        expr.args = self.expanded(expr.args, None if counted else len(entry.parameters))
        spelling = entry.unused if expr.used == 0 and entry.unused else entry.go
        kind, _, name = spelling.partition(".")
        if kind == "special":
            special: Callable[[Action], Go] = getattr(self, f"_{name}")
            return special(expr)
        if kind == "r" and name == "Exit" and not self.context.handler:
            name = "ExitUnwind"
        args = self._arguments(expr, spelling)
        if kind == "r":
            return method(Name("r"), name, *args)
        if kind == "method":
            assert expr.receiver is not None
            return method(self._receiver(expr.receiver, expr), name, *args)
        return call(spelling, *args)

    def _receiver(self, receiver: Expr, expr: Action) -> Go:
        found = self.exprs.object(receiver)
        if "nil" in receiver.type:
            return call("lua.MustIndex", found, self.exprs.operand(receiver))
        return found

    def _arguments(self, expr: Action, spelling: str) -> list[Go]:
        parameters = expr.entry.parameters
        found: list[Go] = []
        for index, arg in enumerate(expr.args):
            parameter = parameters[min(index, len(parameters) - 1)]
            if parameter.ignored:
                continue
            found.append(self._argument(arg, parameter, spelling in _INTEGER_PARAMETERS))
        for parameter in parameters[len(expr.args) :]:
            if spelling == "lua.Sub" and not parameter.required:
                found.append(Name("-1"))
        return found

    def _argument(self, arg: Expr, parameter: Parameter, integer: bool) -> Go:
        if parameter.takes_anything:
            return self.exprs.value(arg)
        if not arg.type.only(*parameter.kinds):
            wanted = str(parameter.type).replace("text", "string")
            message = f"this argument must be a {wanted}, and nginx would raise an error where it is not"
            raise self.context.refuse(arg, message)
        if parameter.type.only("number"):
            return self._exit_code(arg) if integer else self.exprs.number(arg)
        if parameter.type.only("string", "text"):
            return self.exprs.text(arg)
        if parameter.type.only("string", "nil"):
            return self.exprs.optional(arg)
        return self.exprs.value(arg)

    def _exit_code(self, arg: Expr) -> Go:
        """The code of ngx.exit; some numbers make it raise an error."""
        if isinstance(arg, Constant) and arg.value not in _BAD_EXIT_CODES:
            return self.exprs.integer(arg)
        return call("ngx.ExitCode", self.exprs.number(arg), self.exprs.operand(arg))

    # Special spellings

    def _log(self, expr: Action) -> Go:
        level = expr.args[0]
        shown = self._level(level)
        parts = [self.exprs.value(arg) for arg in expr.args[1:]]
        if self.context.handler:
            line = Name(str(self.context.line_of(expr)))
            return method(Name("r"), "Log", line, shown, *parts)
        function = self.context.function
        prefix = f"{function.chunk}:{self.context.line_of(expr)}: {function.name}(): "
        return method(Name("r"), "LogIn", goast.string(prefix.encode()), shown, *parts)

    def _level(self, level: Expr) -> Go:
        if isinstance(level, Constant) and isinstance(level.value, float):
            for constant in catalogue.load().constants.values():
                name = constant.name.removeprefix("ngx.")
                if constant.value == level.value and name in _LEVELS:
                    return Name(constant.go)
        return self.exprs.integer(level)

    def _redis_new(self, _expr: Action) -> Go:
        return call("redis.New", Name("r"))

    def _redis_do(self, expr: Action) -> Go:
        assert expr.receiver is not None
        command = goast.string(expr.name.partition(":")[2].encode())
        return method(self._receiver(expr.receiver, expr), "Do", command, *map(self.exprs.value, expr.args))

    def _os_time(self, _expr: Action) -> Go:
        return call("lua.Time", Name("r"))

    def _ngx_time(self, _expr: Action) -> Go:
        return call("ngx.Time", Name("r"))

    def _ngx_now(self, _expr: Action) -> Go:
        return call("ngx.Now", Name("r"))

    def _len(self, expr: Action) -> Go:
        text = self._argument(expr.args[0], expr.entry.parameters[0], False)
        return call("float64", call("len", text))

    def _tostring(self, expr: Action) -> Go:
        arg = expr.args[0]
        return (
            self.exprs.text(arg)
            if arg.type.only("string", "number")
            else call("lua.ToString", self.exprs.value(arg))
        )

    def _aes_cipher(self, expr: Action) -> Go:
        size = expr.args[0].value if isinstance(expr.args[0], Constant) else None
        mode = expr.args[1].value if len(expr.args) > 1 and isinstance(expr.args[1], Constant) else None
        mode = b"cbc" if mode is None else mode
        if not isinstance(mode, bytes) or size not in _AES_SIZES.get(mode, ()):
            raise self.context.refuse(expr, "resty.aes has no such cipher, and nginx raises an error")
        return call("aes.Cipher", self.exprs.integer(expr.args[0]), goast.string(mode))

    def _aes_new(self, expr: Action) -> Go:
        """`aes:new(key, salt, cipher, hash)` → aes.New(key, aes.Options{…}); nil arguments are left out."""
        options: list[tuple[str, Go]] = []
        given = [None if isinstance(arg, Constant) and arg.value is None else arg for arg in expr.args]
        given += [None] * (5 - len(given))
        salt, cipher, hash_, rounds = given[1:5]
        if salt is not None:
            options.append(("Salt", self.exprs.text(salt)))
        if cipher is not None:
            options.append(("Cipher", self.exprs.native(cipher)))
        if isinstance(hash_, Record):
            options += [("UseIV", Name("true")), ("IV", self.exprs.text(hash_.fields["iv"]))]
        elif hash_ is not None:
            options.append(("Hash", self.exprs.native(hash_)))
        if rounds is not None:
            options.append(("Rounds", self.exprs.integer(rounds)))
        assert given[0] is not None
        return call("aes.New", self.exprs.text(given[0]), Composite("aes.Options", tuple(options)))


_AES_SIZES: dict[bytes, tuple[float, ...]] = dict.fromkeys(
    (b"ecb", b"cbc", b"ofb", b"cfb1", b"cfb8", b"cfb128"), (128.0, 192.0, 256.0)
)
_AES_SIZES[b"ctr"] = (128.0, 192.0)  # it does not declare the function for 256 bits
_BAD_EXIT_CODES = (-2.0, -4.0)
_LEVELS = frozenset(("STDERR", "EMERG", "ALERT", "CRIT", "ERR", "WARN", "NOTICE", "INFO", "DEBUG"))
