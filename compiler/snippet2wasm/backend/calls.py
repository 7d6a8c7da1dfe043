"""Calls: catalogue actions, functions of the program, hooks → Go.

Spellings in the catalogue: `r.X` is a method of the request, `method.X` a method of the receiver, `pkg.X` a
function of a runtime package, `special.x` is built by the function `_x` below. A function with three results
has a sister with `Values` behind its name, which gives them as a list, as many as there are in nginx.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Callable

from snippet2wasm import catalogue
from snippet2wasm.analysis import codecs
from snippet2wasm.analysis.effects import replaces_caller
from snippet2wasm.analysis.events import has_event, refuses
from snippet2wasm.analysis.lists import is_one, list_of
from snippet2wasm.analysis.representation import Repr, go_type, native_results, representation
from snippet2wasm.backend import dicts, directivecalls, filecalls, goast, timercalls
from snippet2wasm.backend.context import Emitter, FunctionContext, Rest
from snippet2wasm.backend.goast import Composite, Go, Items, Name, Spread, call, method
from snippet2wasm.backend.naming import camel
from snippet2wasm.catalogue import Parameter
from snippet2wasm.ir import types
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Call,
    Constant,
    Expr,
    Function,
    HookCall,
    Invoke,
    Load,
    Local,
    Record,
    Vararg,
    Variable,
    is_open,
    spreads,
    varies,
)

_JOINED_HEADERS = (b"host", b"cookie", b"x_forwarded_for")
"""`$http_NAME` is more than the header's first line for these."""

_INTEGER_PARAMETERS = frozenset(("r.Exit", "r.ExitFilter"))


_SPECIALS = {
    **dicts.SPECIALS,
    **filecalls.SPECIALS,
    **directivecalls.SPECIALS,
    **timercalls.SPECIALS,
}

_NIL = {"lua.OptString": "lua.None", "lua.OptNumber": "lua.NoNumber"}
"""The Go texts of nil that are not just that."""


_CHECKS_OF_PHASES = {
    "request": "InRequest",
    "request, timer": "MayWait",
    "request, header_filter, timer": "MayExit",
}
"""The methods of the request that raise nginx's error in other phases than these."""


def _with_request(go: Go, request: Go) -> Go | None:
    """A Go expression in which something else stands for the first `r`; None if there is none."""
    if isinstance(go, Name):
        if go.text == "r":
            return request
        name = go.text.removeprefix("r.")
        return goast.Select(request, name) if name != go.text else None
    for each in dataclasses.fields(go):
        value = getattr(go, each.name)
        if isinstance(value, Go):
            found = _with_request(value, request)
            if found is not None:
                return dataclasses.replace(go, **{each.name: found})
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                found = _with_request(item, request) if isinstance(item, Go) else None
                if found is not None:
                    changed = (*value[:index], found, *value[index + 1 :])
                    return dataclasses.replace(go, **{each.name: changed})
    return None


class Calls:
    """Emits the calls of one function."""

    def __init__(self, context: FunctionContext, exprs: Emitter) -> None:
        self.context = context
        self.exprs = exprs

    def call(self, expr: Call) -> Go:
        """The Go call, in its native shape."""
        match expr:
            case Action(guarded=True):
                return self._guarded(expr, self._action(expr))
            case Action():
                return self._action(expr)
            case Apply(function=function, args=args):
                parameters = [parameter.type for parameter in function.parameters]
                args = self.expanded(args, len(parameters))
                args = self._without_surplus(args, len(parameters))
                found = [self._argument_of(args, index, type_) for index, type_ in enumerate(parameters)]
                implicit = self._implicit(function)
                if function.located:
                    implicit.append(self.caller() if expr.tail else self.place(expr))
                self.context.note_call(function)
                called = call(self.context.file.functions[function], *implicit, *found)
                return self._for_client(expr, called) if expr.guarded else called
            case Load(main=main):
                return call(
                    self.context.file.loads[main], *self._implicit(main, state=True), self.place(expr)
                )
            case HookCall(hook=hook, args=args):
                request: tuple[Go, ...] = (Name("r"),) if hook.takes_request else ()
                args = self.expanded(args, len(hook.parameters))
                found = [self._argument_of(args, index, type_) for index, type_ in enumerate(hook.parameters)]
                return call(f"hooks.{hook.go_name}", *request, *found)
            case ApplyValue(callee=callee, args=args):
                return call(
                    "lua.Apply", self.exprs.value(callee), self._called(callee, expr), *self.variadic(args)
                )
            case Invoke(receiver=receiver, method=name, args=args):
                operand = self.exprs.operand(receiver, expr)
                shown = goast.string(name.encode("utf-8", "surrogateescape"))
                if expr.own is not None:
                    own, object_ = self.exprs.value(expr.own), self.exprs.value(receiver)
                    return call("lua.ApplyMethodOr", own, object_, shown, operand, *self.variadic(args))
                return call(
                    "lua.ApplyMethod", self.exprs.value(receiver), shown, operand, *self.variadic(args)
                )
            case Rest(go=go):
                return Name(go)
            case Vararg():
                return Name(self.context.varargs)
            case _:
                raise AssertionError(f"unknown call {type(expr).__name__}")

    def _guarded(self, expr: Action, go: Go) -> Go:
        """The call, which raises nginx's error in a phase that does not allow it."""
        check = _CHECKS_OF_PHASES.get(expr.entry.phases, "ForClient")
        if expr.entry.phases == "body_filter":
            check = "ToBodyFilter" if expr.entry.effect else "InBodyFilter"
        place = self.caller() if replaces_caller(expr) else self.place(expr)
        request = method(Name("r"), check, place)
        checked = _with_request(go, request)
        if checked is None:  # it is always the same
            checked = call("ngx.Checked", request, Name("lua.Value(nil)") if go == Name("nil") else go)
        return checked

    def _for_client(self, expr: Apply, go: Go) -> Go:
        """The call, which raises nginx's error where there is no request."""
        request = method(Name("r"), "ForClient", self.place(expr))
        return _with_request(go, request) or call("ngx.Checked", request, go)

    def _called(self, callee: Expr, whole: Expr) -> Go:
        """How an error names what is called."""
        found = self.exprs.operand(callee)
        return method(found, "Tailing") if isinstance(whole, ApplyValue) and whole.tail else found

    def call_of(self, function: Function, args: list[Expr]) -> Go:
        """A call that the library makes of a function of the program."""
        found = [self._argument_of(args, index, each.type) for index, each in enumerate(function.parameters)]
        located = [Name("lua.Operand{}")] if function.located else []
        self.context.note_call(function)
        return call(self.context.file.functions[function], *self._implicit(function), *located, *found)

    def variadic(self, args: list[Expr]) -> list[Go]:
        """Arguments for repeated Go parameters of type any."""
        if not args:
            return []
        found = self.several(args)
        return list(found.items) if isinstance(found, Items) else [Spread(found)]

    def several(self, values: list[Expr]) -> Go:
        """A list of values as lua.Values: a last call with several results gives all of them."""
        if not values:
            return Name("nil")
        last = spreads(values)
        if last is None or (not is_open(last) and len(native_results(last)) == 1):
            return Items("lua.Values", tuple(map(self.exprs.value, values)))
        if not is_open(last) and not varies(last):
            return Items("lua.Values", tuple(map(self.exprs.value, self.expanded(values, None))))
        head = Items("lua.Values", tuple(map(self.exprs.value, values[:-1])))
        if is_open(last):
            tail = self.call(last)
        elif isinstance(last, Action) and last.entry.trims:
            tail = call("lua.Trim", self.call(last))
        elif isinstance(last, Action) and len(last.entry.results) == 2:
            is_object = representation(last.entry.results[0]) is Repr.OBJECT
            tail = call("lua.ObjectOutcome" if is_object else "lua.Outcome", self.call(last))
        elif isinstance(last, Action) and len(last.entry.results) == 3:
            listed = copy.copy(last)
            listed.entry = dataclasses.replace(last.entry, go=f"{last.entry.go}Values")
            tail = self._action(listed)
        else:
            self.expanded(values, None)  # refuses
            raise AssertionError("a call whose number of results varies")
        return call("lua.Append", head, tail) if head.items else tail

    def _implicit(self, function: Function, state: bool = False) -> list[Go]:
        if function.nested:
            return []  # it sees those of the function around it
        found: list[Go] = []
        if getattr(function, "needs_request", False):
            found.append(Name("r"))
        if getattr(function, "needs_config", False):
            found.append(Name("cfg"))
        if state or getattr(function, "needs_state", False):
            found.append(Name("st"))
        return found

    def _argument_of(self, args: list[Expr], index: int, wanted: types.Type) -> Go:
        if index < len(args):
            return self.exprs.as_type(args[index], wanted)
        return Name(_NIL.get(go_type(wanted), "nil"))

    def expanded(self, values: list[Expr], wanted: int | None) -> list[Expr]:
        """A list of values in which a last call with several results stands for as many as are wanted."""
        last = spreads(values)
        if last is None:
            return values
        if wanted is None and (varies(last) or is_open(last)):
            raise self.context.refuse(
                last, "the number of results of this call varies; in parentheses it gives just the first"
            )
        if not native_results(last):
            return [*values[:-1], *self.context.spread(last, 0)]
        room = len(native_results(last)) if wanted is None else wanted - len(values) + 1
        count = room if is_open(last) else min(room, len(native_results(last)))
        if count <= 1:
            return values
        return [*values[:-1], *self.context.spread(last, count)]

    def _present(self, values: Go, expr: Action) -> Expr:
        """The first of a list of values; without any an error is raised, which is not the one about nil."""
        found = Local(expr.span, Variable("value", expr.span, types.ANY))
        found.type = types.ANY
        place = self.argument_place(expr, 0)
        self.context.reuse(found.variable, goast.show(call("lua.Present", values, place)))
        return found

    def _complete(self, expr: Action) -> None:
        """Adds nil for the operands that a last call does not give."""
        least = sum(1 for parameter in expr.entry.parameters if parameter.required)
        given = len(expr.args)
        if expr.entry.name in _WANT_A_VALUE and not given:
            expr.args = [self._present(Name("nil"), expr)]
        elif given < least:
            expr.given = given
            for _ in range(least - given):
                nothing = Constant(expr.span, None)
                nothing.type = types.NIL
                expr.args.append(nothing)

    def _without_surplus(self, args: list[Expr], count: int) -> list[Expr]:
        """The arguments that a function takes; what the others do happens all the same."""
        for extra in args[count:]:
            if has_event(extra):
                self.context.lift(extra)
        return args[:count]

    def _action(self, expr: Action) -> Go:
        entry = expr.entry
        if expr.args and list_of(expr.args[0]) is not None:
            return self._of_list(expr)
        if self._inserts(expr):
            table, value = expr.args
            return method(self.exprs.native(table), "Insert", self.exprs.value(value))
        expr = copy.copy(expr)  # what it is called with is this emission's affair
        last = spreads(expr.args)
        if entry.name in _WANT_A_VALUE[:2] and len(expr.args) == 1 and last is not None and is_open(last):
            expr.args, last = [self._present(self.several([last]), expr)], None
        elif entry.name == "tonumber" and len(expr.args) == 1 and isinstance(last, Vararg):
            _, base = self.context.spread(last, 2)
            expr.args, last = [self._present(self.several([last]), expr), base], None
        elif entry.name in _WANT_A_VALUE and self.context.function.library:
            expr.args[0] = self._present(Name(self.context.arguments), expr)
        counted = entry.variadic or (isinstance(last, Apply) and last.function.varies)
        if not entry.variadic or last is None or not (is_open(last) or varies(last)):
            wanted = None if counted and not (last is not None and is_open(last)) else len(entry.parameters)
            expr.args = self.expanded(expr.args, wanted)
        elif len(expr.args) < len(entry.parameters):  # it stands for some that have places of their own, too
            count = len(entry.parameters) - len(expr.args)
            expr.args = [*expr.args[:-1], *self.context.spread_all(last, count)]
        if last is None or not is_open(last):
            self._complete(expr)
        self._check_order(expr)
        if entry.surplus and not entry.variadic:
            expr.args = self._without_surplus(expr.args, len(entry.parameters))
        spelling = entry.unused if expr.used == 0 and entry.unused else entry.go
        if expr.single:
            return call("lua.MatchOne", self.subject(expr), self.exprs.text(expr.args[1]))
        kind, _, name = spelling.partition(".")
        if kind == "special":
            if name in _SPECIALS:
                return _SPECIALS[name](self, expr)
            special: Callable[[Action], Go] = getattr(self, f"_{name}")
            return special(expr)
        if kind == "r" and name == "Exit" and not self.context.handler:
            name = "ExitUnwind"
        args = self._arguments(expr, spelling)
        if kind == "r":
            return method(Name("r"), name, *args)
        if kind == "method":
            assert expr.receiver is not None
            return method(self.receiver(expr.receiver, expr), name, *args)
        return call(spelling, *([Name("r")] if entry.request else []), *args)

    def _check_order(self, expr: Action) -> None:
        """All arguments are computed before one is judged; a last call with several results stays."""
        last = spreads(expr.args)
        stays = last is not None and (is_open(last) or varies(last))
        judged = False
        parameters = expr.entry.parameters
        for index, arg in enumerate(expr.args[:-1] if stays else expr.args):
            if judged and has_event(arg):
                raise self.context.unordered(arg, "an argument in front of this is judged too early")
            judged |= bool(parameters) and refuses(arg, parameters[min(index, len(parameters) - 1)])

    def subject(self, expr: Action) -> Go:
        """The text that a function of the string library looks at."""
        return self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))

    def _inserts(self, expr: Action) -> bool:
        """Whether a call is `table.insert(table, value)` that can't fail."""
        if expr.entry.name != "table.insert" or len(expr.args) != 2 or not is_one(expr.args):
            return False
        return isinstance(expr.args[0], Local) and self.exprs.native_repr(expr.args[0]) is Repr.TABLE

    def _of_list(self, expr: Action) -> Go:
        """`table.concat` and `table.sort` of a list of strings."""
        items = self.exprs.native(expr.args[0])
        if expr.entry.name == "table.sort":
            return call("slices.Sort", items)
        return call(
            "lua.JoinTexts", items, self.exprs.text(expr.args[1]) if expr.args[1:] else goast.string(b"")
        )

    def argument(self, expr: Action, index: int, arg: Expr) -> Go:
        """An argument as the parameter of its place wants it."""
        return self._argument(arg, expr.entry.parameters[index], False, (expr, index))

    def receiver(self, receiver: Expr, expr: Action) -> Go:
        """The object of a method call."""
        found = self.exprs.object(receiver)
        if "nil" in receiver.type:
            return call("lua.MustIndex", found, self.exprs.operand(receiver, expr))
        return found

    def _arguments(self, expr: Action, spelling: str) -> list[Go]:
        entry, parameters = expr.entry, expr.entry.parameters
        fixed = len(parameters) - 1 if entry.variadic else len(parameters)
        found: list[Go] = []
        for index, parameter in enumerate(parameters[:fixed]):
            if index < len(expr.args) and parameter.ignored:
                if has_event(expr.args[index]):
                    self.context.lift(expr.args[index])
            elif index < len(expr.args):
                integer = parameter.integer or spelling in _INTEGER_PARAMETERS
                found.append(self._argument(expr.args[index], parameter, integer, (expr, index)))
            elif parameter.default or entry.checked:
                found.append(Name(parameter.default or "nil"))
        if entry.at:
            found.append(self.argument_place(expr, 0))
        if not entry.variadic:
            return found
        repeated, rest = parameters[-1], expr.args[fixed:]
        if repeated.takes_anything and not repeated.type.only("blank"):
            return found + self.variadic(rest)
        last = spreads(rest)
        if last is not None and is_open(last):  # of repeated parameters, only numbers are checked so far
            place = self.argument_place(expr, fixed)
            return [*found, Spread(method(place, "Numbers", self.several(rest)))]
        checked = [
            self._argument(arg, repeated, repeated.integer, (expr, fixed + at)) for at, arg in enumerate(rest)
        ]
        return found + checked

    def argument_place(self, expr: Action, index: int) -> Go:
        """How an error names an argument: `lua.Arg(2, "find", 7)`. Those of a method are counted without its
        object.
        """
        function = self.context.function
        if function.library:
            return method(call("lua.CalledArg", Name(str(index + 1))), "Of", Name(self.context.arguments))
        place = self._place_of_call(expr, index)
        absent = expr.given is not None and index >= expr.given
        return method(place, "Of", Name("nil")) if absent else place

    def _place_of_call(self, expr: Action, index: int) -> Go:
        if expr.tail and self.context.function.value:
            return call("lua.CalledArg", Name(str(index + 1)))
        if expr.tail and self.context.handler:
            return call("lua.TailArg", Name(str(index + 1)))
        number = Name(str(index + (0 if expr.method else 1)))
        name = goast.string(re.split("[.:]", expr.entry.name)[-1].encode())
        return self.exprs.in_chunk(call("lua.Arg", number, name, Name(str(self.context.line_of(expr)))))

    def _argument(
        self, arg: Expr, parameter: Parameter, integer: bool, place: tuple[Action, int] | None = None
    ) -> Go:
        if parameter.type.only("blank"):
            return self._blank(arg)
        if parameter.takes_anything:
            return self.exprs.value(arg)
        if isinstance(arg, Constant) and arg.value is None and parameter.default:
            return Name(parameter.default)
        if parameter.type.only("shown"):
            known = arg.type.only("string", "number")
            return self.exprs.text(arg) if known else self._checked(arg, parameter, place)
        of_method = place is not None and place[0].method and place[1] == 0
        if of_method and "number" in arg.type and parameter.type.only("text"):
            return self._checked(arg, parameter, place)  # a number has no methods
        if not arg.type.only(*parameter.kinds) or (parameter.default and "nil" in arg.type):
            checked = self._checked(arg, parameter, place)
            return call("ngx.ExitCode", checked, self.exprs.operand(arg)) if integer else checked
        if parameter.type.only("number"):
            return self._exit_code(arg) if integer else self.exprs.number(arg)
        if parameter.type.only("string", "text"):
            return self.exprs.text(arg)
        if parameter.type.only("string", "nil"):
            return self.exprs.optional(arg)
        return self.exprs.value(arg)

    def _checked(self, arg: Expr, parameter: Parameter, place: tuple[Action, int] | None) -> Go:
        """An argument that is checked when the function is called."""
        kinds = parameter.type.drop("nil")
        if kinds.only("true", "false"):
            return self.exprs.condition(arg)
        check = next((name for kind, name in _CHECKS.items() if kinds.only(kind)), "")
        if place is None or not check:
            wanted = str(parameter.type).replace("text", "string")
            message = f"this argument must be a {wanted}, and nginx would raise an error where it is not"
            raise self.context.refuse(arg, message)
        expr, index = place
        if expr.method and index == 0:
            name = goast.string(expr.entry.name.partition(".")[2].encode())
            return call("lua.Self", self.exprs.value(arg), name, self.exprs.operand(arg, expr))
        at = self.argument_place(expr, index)
        if parameter.raises:
            at = method(at, "Saying", goast.string(parameter.raises.encode()))
        found = method(at, check + ("Or" if parameter.default else ""))
        default = [Name(parameter.default)] if parameter.default else []
        return dataclasses.replace(found, args=(self.exprs.value(arg), *default))

    def _blank(self, arg: Expr) -> Go:
        """A string made of any value; of nil and false, an empty one."""
        if arg.type.only("string", "number"):
            return self.exprs.text(arg)
        if arg.type.only("nil"):
            return goast.string(b"")
        return call("ngx.Text", self.exprs.value(arg))

    def _exit_code(self, arg: Expr) -> Go:
        """The code of ngx.exit; some numbers make it raise an error."""
        if isinstance(arg, Constant) and arg.value not in _BAD_EXIT_CODES:
            return self.exprs.integer(arg)
        return call("ngx.ExitCode", self.exprs.number(arg), self.exprs.operand(arg))

    # Special spellings

    def place(self, expr: Expr) -> Go:
        """The place of a call, for errors."""
        if self.context.function.library:
            return call("lua.Caller")
        if not self.context.function.chunk:
            return Name("lua.Operand{}")  # nginx's directives have none
        return self.exprs.in_chunk(call("lua.Temporary", Name(str(self.context.line_of(expr)))))

    def _http_header(self, expr: Action) -> Go:
        """`$http_NAME`: the header's name is made here, not with every request, where that is all there is
        to it.
        """
        match expr.args:
            case [Constant(value=bytes() as given)]:
                name = given.lower()
                if name not in _JOINED_HEADERS and re.fullmatch(rb"[a-z0-9_]+", name):
                    return method(Name("r"), "Header", goast.string(name.replace(b"_", b"-")))
        return method(Name("r"), "HTTPHeader", *self._arguments(expr, ""))

    def _pcall(self, expr: Action) -> Go:
        function, rest = self.exprs.value(expr.args[0]), self.variadic(expr.args[1:])
        return call("lua.ProtectedApply", function, self.place(expr), *rest)

    def _xpcall(self, expr: Action) -> Go:
        function, handler = self.exprs.value(expr.args[0]), self.exprs.value(expr.args[1])
        rest = self.variadic(expr.args[2:])
        return call("lua.HandledApply", function, handler, self.place(expr), *rest)

    def _error(self, expr: Action) -> Go:
        level = expr.args[1] if len(expr.args) > 1 else None
        value = self.exprs.value(expr.args[0]) if expr.args else Name("nil")
        if expr.tail and level is None:  # it takes the place of the function that calls it
            return call("lua.ThrowValue", value) if self.context.handler else self._raise(value)
        if expr.tail:
            return call("lua.ThrowValue", value)
        if level is None or (isinstance(level, Constant) and level.value in (None, 1.0)):
            return call("lua.Raise", value, self.place(expr))
        if isinstance(level, Constant) and isinstance(level.value, float):
            if level.value < 1 or self.context.handler:
                return call("lua.ThrowValue", value)
            return self._raise(value)
        return call("lua.RaiseAt", value, self.exprs.value(level), self.place(expr), self.caller())

    def _raise(self, value: Go) -> Go:
        return call("lua.Raise", value, self.caller())

    def caller(self) -> Go:
        """The place where the function was called."""
        if self.context.handler:
            return Name("lua.Operand{}")
        return call("lua.Caller") if self.context.function.value else Name("at")

    def _find(self, expr: Action) -> Go:
        plain = Name("false") if len(expr.args) < 4 else self.exprs.condition(expr.args[3])
        short = copy.copy(expr)
        short.args = expr.args[:3]
        *found, _ = self._arguments(short, "")
        return call("lua.Find", *found, plain, self.argument_place(expr, 0))

    def _rep(self, expr: Action) -> Go:
        found = self._arguments(expr, "")
        return call("lua.Rep", *found[:2]) if len(expr.args) < 3 else call("lua.RepWith", *found)

    def _byte(self, expr: Action) -> Go:
        short = copy.copy(expr)
        optional = len(expr.args) == 3 and "nil" in expr.args[2].type
        short.args = expr.args[:2] if optional else expr.args
        found = self._arguments(short, "")[: len(short.args)]
        if optional:
            place = method(self.argument_place(expr, 2), "Optional", self.exprs.value(expr.args[2]))
            found.append(Spread(place))
        elif len(expr.args) == 1:
            found.append(Name("1"))
        return call("lua.Byte", *found)

    def _tonumber(self, expr: Action) -> Go:
        if len(expr.args) < 2 or (isinstance(expr.args[1], Constant) and expr.args[1].value in (None, 10.0)):
            if expr.args[0].type.only("string"):
                return call("lua.ToNumber", self.exprs.text(expr.args[0]))
            return call("lua.NumberOf", self.exprs.value(expr.args[0]))
        base = self._argument(expr.args[1], expr.entry.parameters[1], False, (expr, 1))
        return call("lua.ToNumberIn", self.exprs.value(expr.args[0]), base, self.argument_place(expr, 0))

    def _coroutine_create(self, expr: Action) -> Go:
        return call("lua.NewCoroutine", self._function_argument(expr))

    def _coroutine_wrap(self, expr: Action) -> Go:
        return call("lua.Wrap", self._function_argument(expr))

    def _function_argument(self, expr: Action) -> Go:
        if expr.args[0].type.only("function"):
            return self.exprs.as_type(expr.args[0], types.FUNCTION)
        return method(self.argument_place(expr, 0), "Function", self.exprs.value(expr.args[0]))

    def _log(self, expr: Action) -> Go:
        shown = self._level(expr)
        parts = self.variadic(expr.args[1:])
        if self.context.handler:
            line = Name(str(self.context.line_of(expr)))
            return method(Name("r"), "Log", line, shown, *parts)
        return method(Name("r"), "LogIn", self._position(expr), shown, *parts)

    def _lua_print(self, expr: Action) -> Go:
        parts = self.variadic(expr.args)
        if self.context.handler:
            return method(Name("r"), "LogPrint", Name(str(self.context.line_of(expr))), *parts)
        return method(Name("r"), "LogPrintIn", self._position(expr), *parts)

    def _position(self, expr: Action) -> Go:
        """Where a call in a function stands, as messages say it."""
        function = self.context.function
        line = str(self.context.line_of(expr))
        named = f"{function.name}(): " if function.name else ""
        place = f":{line}: {named}".encode("utf-8", "surrogateescape")
        file = _without_folder(function.chunk)
        chunk: Go = Name(self.context.chunk())
        if function.value:
            return method(
                chunk if file is None else call("lua.Chunk", goast.string(file)), "Here", Name(line)
            )
        if file is not None:
            return goast.string(file + place)
        name = function.name.encode("utf-8", "surrogateescape")
        return method(chunk, "At", Name(line), goast.string(name))

    def _redirect(self, expr: Action) -> Go:
        first, second = expr.entry.parameters
        uri = self._argument(expr.args[0], first, False, (expr, 0))
        status: Go = Name("ngx.HTTP_MOVED_TEMPORARILY")
        if len(expr.args) > 1:
            proven = expr.args[1].type.only("number")
            status = (
                self.exprs.integer(expr.args[1])
                if proven
                else call("lua.Int", self._unless_left_out(expr, second, status))
            )
        if self.context.handler:
            return method(Name("r"), "Redirect", Name(str(self.context.line_of(expr))), uri, status)
        return method(Name("r"), "RedirectIn", self._position(expr), uri, status)

    def _unless_left_out(self, expr: Action, parameter: Parameter, default: Go) -> Go:
        """The second argument, a number, or the default where a function that is a value was not given it."""
        checked = self._checked(expr.args[1], parameter, (expr, 1))
        if not self.context.function.library:
            return checked
        at = self.argument_place(expr, 1)
        return method(at, "NumberUnless", self.exprs.value(expr.args[1]), default)

    def _finds(self, expr: Action) -> Go:
        """A regular expression of a map: `botPattern.Finds(r, text)`."""
        return self._matches(expr, "Finds")

    def _matches(self, expr: Action, how: str = "Matches") -> Go:
        """A regular expression of a directive: `botPattern.Matches(r, text)`."""
        subject, pattern, caseless = expr.args
        assert isinstance(caseless, Constant)
        if not isinstance(pattern, Constant):  # a secret is in it
            make = "rewrite.ConfiguredCaseless" if caseless.value else "rewrite.Configured"
            return method(call(make, self.exprs.text(pattern)), how, Name("r"), self.exprs.text(subject))
        assert isinstance(pattern.value, bytes)
        name = self.context.file.pattern(pattern.value, bool(caseless.value), pattern.span)
        return method(Name(name), how, Name("r"), self.exprs.text(subject))

    def _rule_match(self, expr: Action) -> Go:
        """A rule with a pattern: `r.CookiePathMatch(onePattern, "/", 2)`, where numbers are groups."""
        pattern, caseless, *rest = expr.args
        assert isinstance(pattern, Constant)
        assert isinstance(pattern.value, bytes)
        assert isinstance(caseless, Constant)
        name = self.context.file.pattern(pattern.value, bool(caseless.value), pattern.span)
        parts = [
            Name(f"{each.value:g}")
            if isinstance(each, Constant) and isinstance(each.value, float)
            else self.exprs.text(each)
            for each in rest
        ]
        go = camel(expr.entry.name.partition(".")[2], exported=True)
        return method(Name("r"), go, Name(name), *parts)

    def _enter(self, expr: Action) -> Go:
        """The request goes to a level of the configuration."""
        return method(Name("r"), "Enter", self._level_constant(expr.args[0]))

    def _at(self, expr: Action) -> Go:
        """Whether the request is at one of some levels."""
        return method(Name("r"), "At", *map(self._level_constant, expr.args))

    def _auth_request(self, expr: Action) -> Go:
        """The beginning of a subrequest, and the level that serves it."""
        uri, level = expr.args
        return method(Name("r"), "AuthRequest", self.exprs.text(uri), self._level_constant(level))

    def _go_to(self, expr: Action) -> Go:
        return method(Name("r"), "GoTo", self._level_constant(expr.args[0]))

    def _level_constant(self, number: Expr) -> Go:
        """The constant for a level of the configuration."""
        assert isinstance(number, Constant)
        assert isinstance(number.value, float)
        return Name(self.context.file.levels[int(number.value)])

    def _error_page(self, expr: Action) -> Go:
        status, uri = expr.args
        return method(Name("r"), "ErrorPage", self._page_status(status), self.exprs.text(uri))

    def _error_location(self, expr: Action) -> Go:
        status, level = expr.args
        return method(Name("r"), "ErrorLocation", self._page_status(status), self._level_constant(level))

    def _page_status(self, status: Expr) -> Go:
        """The status of an answer that error_page gives."""
        assert isinstance(status, Constant)
        known = {-1.0: "ngx.KeepStatus", 0.0: "ngx.PageStatus"}
        name = known.get(status.value) if isinstance(status.value, float) else None
        return Name(name) if name else self.exprs.integer(status)

    def _set_status(self, expr: Action) -> Go:
        status = expr.args[0]
        code = (
            self.exprs.integer(status)
            if status.type.only("number")
            else call("ngx.StatusOf", self.exprs.value(status), self.place(expr))
        )
        return method(Name("r"), "SetStatus", code)

    def _set_piece(self, expr: Action) -> Go:
        return method(Name("r"), "SetPiece", self.exprs.value(expr.args[0]), self.place(expr))

    def _response_headers(self, expr: Action) -> Go:
        return self._limited("r.ResponseHeaders", expr, 0)

    def _add_header(self, expr: Action) -> Go:
        name = self._argument(expr.args[0], expr.entry.parameters[0], False)
        return method(Name("r"), "AddResponseHeader", name, self.exprs.value(expr.args[1]), self.place(expr))

    def _flush(self, expr: Action) -> Go:
        for arg in expr.args:
            if has_event(arg):
                raise self.context.refuse(arg, "ngx.flush can be compiled with a plain argument")
        return method(Name("r"), "Flush")

    def _say(self, expr: Action) -> Go:
        return method(Name("r"), "Say", *self._printable(expr, "say"))

    def _print(self, expr: Action) -> Go:
        return method(Name("r"), "Print", *self._printable(expr, "print"))

    def _printable(self, expr: Action, function: str) -> list[Go]:
        """Arguments of ngx.say; those that it might not take are checked first."""
        name = goast.string(function.encode())
        last = spreads(expr.args)
        if last is not None and (is_open(last) or varies(last)):
            if not is_open(last) and all(map(_shows, [each.type for each in expr.args[:-1]] + last.results)):
                return [Spread(self.several(expr.args))]
            return [Spread(call("ngx.AllPrintable", self.several(expr.args), name, self.place(expr)))]
        found: list[Go] = []
        for number, arg in enumerate(expr.args, 1):
            shown = self.exprs.value(arg)
            if not _shows(arg.type):
                shown = call("ngx.Printable", shown, Name(str(number)), name, self.place(expr))
            found.append(shown)
        return found

    def _table_concat(self, expr: Action) -> Go:
        """`table.concat(list, ", ")`, nearly always of all items."""
        table, separator, first, last, place = self._arguments(expr, "")
        if len(expr.args) <= 2:
            return call("lua.JoinAll", table, separator, place)
        return call("lua.Join", table, separator, first, last, place)

    def _cjson_encode(self, expr: Action) -> Go:
        return call("cjson.Encode", self.exprs.value(expr.args[0]), self._place_unless_tail(expr))

    def _place_unless_tail(self, expr: Action) -> Go:
        """The place of a call of a C function, for errors; `return f(…)` has none."""
        return call("lua.Temporary", Name("0")) if expr.tail else self.place(expr)

    def _cjson_setting(self, expr: Action) -> Go:
        """`cjson.encode_max_depth(9)` → cjson.Of(r).EncodeMaxDepth(9, lua.Arg(…))."""
        name = camel(expr.entry.name.rpartition(".")[2], exported=True).replace("Mt", "MT")
        return method(self._codec(expr), name, *self._arguments(expr, ""))

    def _codec(self, expr: Action) -> Go:
        safe = codecs.module(expr) == "cjson.safe"
        return call("cjson.SafeOf" if safe else "cjson.Of", Name("r"))

    def _cjson_with_settings(self, expr: Action) -> Go:
        name = "Encode" if expr.entry.name.endswith(".encode") else "Decode"
        if codecs.module(expr) == "cjson.safe":
            return method(self._codec(expr), f"{name}Safe", self.exprs.value(expr.args[0]))
        text = self.exprs.value(expr.args[0])
        if name == "Decode":
            text = self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))
        return method(self._codec(expr), name, text, self._place_unless_tail(expr))

    def _cjson_decode(self, expr: Action) -> Go:
        text = self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))
        return call("cjson.Decode", text, self._place_unless_tail(expr))

    def _limited(self, name: str, expr: Action, index: int, *before: Go) -> Go:
        """A call with a limit: 100 unless given, which the runtime's -1 stands for."""
        limit = expr.args[index] if len(expr.args) > index else None
        if limit is None or _is_false(limit):
            return call(name, *before, Name("-1"))
        if limit.type.only("number"):
            return call(name, *before, self.exprs.integer(limit))
        says = f"bad argument #2 to '{_COUNTING[name]}' (cannot convert 'TYPE' to 'int')"
        at = method(self.argument_place(expr, index), "Saying", goast.string(says.encode()))
        return call(name, *before, call("ngx.LimitOf", self.exprs.value(limit), at))

    def _get_headers(self, expr: Action) -> Go:
        raw = expr.args[1] if len(expr.args) > 1 else None
        if raw is not None and not _is_false(raw):
            raise self.context.refuse(raw, "a gateway does not know how the names of headers were written")
        return self._limited("r.RequestHeaders", expr, 0)

    def _get_uri_args(self, expr: Action) -> Go:
        return self._limited("r.RequestArgs", expr, 0)

    def _header_of(self, expr: Action) -> Go:
        name = expr.args[0]
        proven = name.type.only("string")
        shown = self.exprs.text(name) if proven else call("lua.ToString", self.exprs.value(name))
        return method(Name("r"), "ResponseHeader", shown)

    def _variable_of(self, expr: Action) -> Go:
        return method(Name("r"), "VariableOf", self.exprs.value(expr.args[0]), self.place(expr))

    def _set_variable_of(self, expr: Action) -> Go:
        key, value = map(self.exprs.value, expr.args)
        return method(Name("r"), "SetVariableOf", key, value, self.place(expr))

    def _not_changeable(self, expr: Action) -> Go:
        if has_event(expr.args[1]):
            self.context.lift(expr.args[1])
        return call("ngx.ThrowNotChangeable", self.exprs.text(expr.args[0]), self.place(expr))

    def _false(self, _expr: Action) -> Go:
        return Name("false")

    def _set_method(self, expr: Action) -> Go:
        return method(Name("r"), "SetMethod", self.exprs.value(expr.args[0]), self.place(expr))

    def _add_request_header(self, expr: Action) -> Go:
        name, value = map(self.exprs.value, expr.args)
        return method(Name("r"), "AddRequestHeader", name, value, self.place(expr))

    def _get_body_file(self, _expr: Action) -> Go:
        return Name("nil")

    def _get_post_args(self, expr: Action) -> Go:
        limit: Go = Name("100")
        if expr.args and not (isinstance(expr.args[0], Constant) and expr.args[0].value is None):
            proven = expr.args[0].type.only("number")
            checked = method(self.argument_place(expr, 0), "NumberOr", self.exprs.value(expr.args[0]), limit)
            limit = self.exprs.integer(expr.args[0]) if proven else call("lua.Int", checked)
        return method(Name("r"), "PostArgs", limit, self.place(expr))

    def _decode_args(self, expr: Action) -> Go:
        text = self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))
        if len(expr.args) < 2 or expr.args[1].type.only("number"):
            return self._limited("ngx.DecodeArgs", expr, 1, text)
        limit = self._checked(expr.args[1], Parameter(types.NUMBER), (expr, 1))
        return call("ngx.DecodeArgs", text, call("lua.Int", limit))

    def _encode_args(self, expr: Action) -> Go:
        table = expr.args[0]
        known = table.type.only("table")
        fields = self.exprs.as_type(table, types.TABLE) if known else self._table_argument(expr)
        return call("ngx.EncodeArgs", fields, self.place(expr))

    def _table_argument(self, expr: Action) -> Go:
        return self._checked(expr.args[0], Parameter(types.TABLE), (expr, 0))

    def _set_uri_args(self, expr: Action) -> Go:
        if expr.args[0].type.only("string", "number"):
            return method(Name("r"), "SetRequestArgs", self.exprs.text(expr.args[0]))
        if expr.args[0].type.only("table"):
            return method(Name("r"), "SetRequestArgs", self._encode_args(expr))
        value = self.exprs.value(expr.args[0])
        return method(Name("r"), "SetRequestArgs", call("ngx.ArgsOf", value, self.argument_place(expr, 0)))

    def _set_uri(self, expr: Action) -> Go:
        jump = expr.args[1] if len(expr.args) > 1 else None
        text = self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))
        if jump is None or (isinstance(jump, Constant) and jump.value is False):
            return method(Name("r"), "SetRequestURI", text, self.place(expr))
        value, at = self.exprs.value(jump), self.argument_place(expr, 1)
        return method(Name("r"), "SetRequestURIOrJump", text, value, self.place(expr), at)

    def _capture(self, expr: Action) -> Go:
        uri, *more = map(self.exprs.value, expr.args)
        options = more[0] if more else Name("nil")
        return method(Name("r"), "CaptureLocation", uri, options, self.argument_place(expr, 2))

    def _capture_multi(self, expr: Action) -> Go:
        wanted = self._checked(expr.args[0], Parameter(types.TABLE), (expr, 0))
        if expr.args[0].type.only("table"):
            wanted = self.exprs.as_type(expr.args[0], types.TABLE)
        return method(Name("r"), "CaptureLocations", wanted, self.argument_place(expr, 0))

    def _jump_to(self, expr: Action) -> Go:
        text = self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))
        return method(Name("r"), "JumpTo", text, self.place(expr))

    def _exec(self, expr: Action) -> Go:
        uri = self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))
        return method(Name("r"), "Exec", uri, self._query(expr, 1), self.place(expr))

    def _query(self, expr: Action, index: int) -> Go:
        """The query string that an argument is: a text, a table, or nothing."""
        args = expr.args[index] if index < len(expr.args) else None
        if args is None or args.type.only("nil"):
            return goast.string(b"")
        if args.type.only("string", "number"):
            return self.exprs.text(args)
        if args.type.only("table"):
            return call("ngx.EncodeArgs", self.exprs.as_type(args, types.TABLE), self.place(expr))
        return call("ngx.ExecArgs", self.exprs.value(args), self.argument_place(expr, index))

    def _encode_base64(self, expr: Action) -> Go:
        text, bare = self._blank(expr.args[0]), expr.args[1] if len(expr.args) > 1 else None
        if bare is None or (isinstance(bare, Constant) and not bare.value and bare.value != 0.0):
            return call("ngx.EncodeBase64", text)
        if isinstance(bare, Constant) and bare.value is True:
            return call("ngx.EncodeBase64NoPadding", text)
        return call("ngx.EncodeBase64By", text, self.exprs.value(bare), self.place(expr))

    def _escape_uri(self, expr: Action) -> Go:
        kind = expr.args[1] if len(expr.args) > 1 else None
        if kind is None or (isinstance(kind, Constant) and kind.value in (None, 2.0)):
            return call("ngx.EscapeURI", self._blank(expr.args[0]))
        if isinstance(kind, Constant) and kind.value == 0.0:
            return call("ngx.EscapePath", self._blank(expr.args[0]))
        return call("ngx.EscapeURIBy", self._blank(expr.args[0]), self.exprs.value(kind), self.place(expr))

    def _ngx_today(self, _expr: Action) -> Go:
        return call("ngx.Today", Name("r"))

    def _ngx_localtime(self, _expr: Action) -> Go:
        return call("ngx.LocalTime", Name("r"))

    def _ngx_utctime(self, _expr: Action) -> Go:
        return call("ngx.UTCTime", Name("r"))

    def _level(self, expr: Action) -> Go:
        level = expr.args[0]
        if isinstance(level, Constant) and isinstance(level.value, float):
            for constant in catalogue.load().constants.values():
                name = constant.name.removeprefix("ngx.")
                if constant.value == level.value and name in _LEVELS:
                    return Name(constant.go)
        if level.type.only("number"):
            return self.exprs.integer(level)
        return call("lua.Int", self._checked(level, expr.entry.parameters[0], (expr, 0)))

    def _re_opt(self, expr: Action) -> Go:
        return call("re.Opt", self.exprs.value(expr.args[0]), self.place(expr))

    def _re_split(self, expr: Action) -> Go:
        subject, pattern, *more = map(self.exprs.value, expr.args)
        return call("re.Split", subject, pattern, self.place(expr), *more)

    def _redis_new(self, _expr: Action) -> Go:
        return call("redis.New", Name("r"))

    def _cookie_new(self, _expr: Action) -> Go:
        return call("cookie.New", Name("r"))

    def _http_new(self, _expr: Action) -> Go:
        return call("http.New", Name("r"))

    def _hmac_new(self, expr: Action) -> Go:
        algorithm = expr.args[1] if len(expr.args) > 1 else None
        if algorithm is None or (isinstance(algorithm, Constant) and algorithm.value is None):
            return call("hmac.New", self.exprs.value(expr.args[0]), Name("hash.MD5"))
        return call("hmac.New", self.exprs.value(expr.args[0]), self.exprs.native(algorithm))

    def _redis_do(self, expr: Action) -> Go:
        assert expr.receiver is not None
        command = goast.string(expr.name.partition(":")[2].encode())
        return method(self.receiver(expr.receiver, expr), "Do", command, *self.variadic(expr.args))

    def _getenv(self, expr: Action) -> Go:
        raise self.context.refuse(expr, "os.getenv can be compiled as a call only, with a constant name")

    def _os_time(self, expr: Action) -> Go:
        if expr.entry.results == (types.NUMBER,):
            return call("lua.Time", Name("r"))
        return call("date.Time", Name("r"), self.exprs.value(expr.args[0]), self.argument_place(expr, 0))

    def _os_date(self, expr: Action) -> Go:
        """os.date: what it gives is known if its format is."""
        format_, seconds = (*self._arguments(expr, ""),)
        (result,) = expr.entry.results
        if "table" in result and "string" in result:
            return call("date.Of", format_, seconds, self.argument_place(expr, 0))
        wanted = [goast.string(b"%c") if format_ == Name("nil") else format_] if "string" in result else []
        name = "date.Text" if "string" in result else "date.Table"
        if "nil" in result:
            return call(f"{name}At", *wanted, seconds)
        return call(name, Name("r"), *wanted)

    def _os_clock(self, _expr: Action) -> Go:
        return call("lua.Clocked", Name("r"))

    def _log_base(self, expr: Action) -> Go:
        found = self._arguments(expr, "")
        if any(isinstance(arg, Spread) for arg in found) or len(found) > 2:
            return call("exact.LogOf", *found)
        return call("exact.Log" if len(found) < 2 else "exact.LogBase", *found)

    def _math_random(self, expr: Action) -> Go:
        found = self._arguments(expr, "")
        if any(isinstance(arg, Spread) for arg in found) or len(found) > 2:
            return call("lua.RandomOf", *found)
        return call(("lua.Random", "lua.RandomUpTo", "lua.RandomBetween")[len(found)], *found)

    def _ngx_time(self, _expr: Action) -> Go:
        return call("ngx.Time", Name("r"))

    def _ngx_now(self, _expr: Action) -> Go:
        return call("ngx.Now", Name("r"))

    def _len(self, expr: Action) -> Go:
        text = self._argument(expr.args[0], expr.entry.parameters[0], False, (expr, 0))
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


_COUNTING = {
    "r.RequestHeaders": "ngx_http_lua_ffi_req_get_headers_count",
    "r.RequestArgs": "ngx_http_lua_ffi_req_get_uri_args_count",
    "r.ResponseHeaders": "ngx_http_lua_ffi_req_get_headers_count",
}
"""The functions of ngx_lua that the limits are given to, which errors name."""
_CHECKS = {"number": "Number", "text": "Text", "shown": "Shown", "string": "String", "table": "Table"}
"""Methods of lua.Argument that check an argument when the call is made, by the kind that is wanted."""


def _without_folder(chunk: str) -> bytes | None:
    """What nginx's log makes of a file's path: the last part; None for all other names."""
    folder, slash, file = chunk.rpartition("/")
    return file.encode("utf-8", "surrogateescape") if slash and "(" not in folder else None


_AES_SIZES: dict[bytes, tuple[float, ...]] = dict.fromkeys(
    (b"ecb", b"cbc", b"ofb", b"cfb1", b"cfb8", b"cfb128"), (128.0, 192.0, 256.0)
)
_AES_SIZES[b"ctr"] = (128.0, 192.0)  # it does not declare the function for 256 bits
_WANT_A_VALUE = ("type", "tostring", "tonumber")  # the last one may take two
_BAD_EXIT_CODES = (-2.0, -4.0)
_LEVELS = frozenset(("STDERR", "EMERG", "ALERT", "CRIT", "ERR", "WARN", "NOTICE", "INFO", "DEBUG"))


def _shows(type_: types.Type) -> bool:
    """Whether ngx.say takes any value of a type."""
    return type_.only("nil", "false", "true", "null", "number", "string")


def _is_false(expr: Expr) -> bool:
    """Whether an expression is the constant nil or false; 0, which equals False in Python, is neither."""
    return isinstance(expr, Constant) and (expr.value is None or expr.value is False)
